//! Progress of long work: a bar on a terminal, plain lines otherwise.

use std::io::IsTerminal;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over `total` units; hidden where nobody watches a terminal.
pub fn bar(total: u64, what: &'static str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len} {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(total).with_style(style).with_message(what)
}

/// Between two lines where nobody watches a terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Work in steps of which nobody knows how long they are: a counter on a terminal,
/// a line now and then otherwise.
#[derive(Clone)]
pub struct Steps {
    bar: ProgressBar,
    said: Arc<Mutex<(&'static str, Instant)>>,
}

impl Default for Steps {
    fn default() -> Self {
        let bar = if std::io::stderr().is_terminal() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        Self { bar, said: Arc::new(Mutex::new(("", Instant::now()))) }
    }
}

impl Steps {
    /// What the work calls with the name of a step and how many are done.
    pub fn teller(&self) -> impl FnMut(&'static str, u64) + Send + use<> {
        let steps = self.clone();
        move |step, done| steps.tell(step, done)
    }

    #[expect(clippy::print_stderr, reason = "the person at the terminal, or the log of a timer, reads it")]
    fn tell(&self, step: &'static str, done: u64) {
        self.bar.set_message(format!("{step}: {done}"));
        self.bar.tick();
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if self.bar.is_hidden() && (said.0 != step || said.1.elapsed() > LINE_EVERY) {
            eprintln!("{step}: {done}");
            *said = (step, Instant::now());
        }
    }

    /// The work is done.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
