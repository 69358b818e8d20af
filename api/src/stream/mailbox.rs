//! What waits for one stream: bounded, however slow its reader is.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant as Stopwatch};

use tokio::sync::Notify;

use super::Letter;

/// More than this since the reader last took anything, and it gets a new snapshot instead.
const MOST: usize = 8_192;
/// So many wait before it is looked at whether the reader is slow.
const FEW: usize = 64;
/// A reader that takes nothing for so long is slow: only the newest of each vehicle
/// waits for it. One that keeps up is told everything.
const PATIENCE: Duration = Duration::from_secs(1);

/// What was taken out.
pub enum Taken {
    /// In the order they came.
    Letters(Vec<Arc<Letter>>),
    /// Too much was missed: the reader must begin anew.
    Lost,
}

/// The letters of one stream.
#[derive(Debug, Default)]
pub struct Mailbox {
    waiting: Mutex<Waiting>,
    bell: Notify,
}

#[derive(Debug)]
struct Waiting {
    letters: Vec<Arc<Letter>>,
    /// Letters for which a newer one stands, since something was last taken.
    missed: usize,
    is_lost: bool,
    /// When the first of them came.
    since: Stopwatch,
    /// At this length it is looked through again.
    look_at: usize,
}

impl Default for Waiting {
    fn default() -> Self {
        Self { letters: Vec::new(), missed: 0, is_lost: false, since: Stopwatch::now(), look_at: FEW }
    }
}

impl Mailbox {
    fn locked(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a letter in; gives how many others it made superfluous.
    pub fn put(&self, letter: Arc<Letter>) -> usize {
        let mut waiting = self.locked();
        if waiting.is_lost {
            return 0;
        }
        waiting.letters.push(letter);
        if waiting.letters.len() == 1 {
            // What was superfluous came earlier.
            if waiting.missed == 0 {
                waiting.since = Stopwatch::now();
            }
            self.bell.notify_one();
        }
        if waiting.letters.len() < waiting.look_at { 0 } else { waiting.look_through() }
    }

    /// Waits until there is something to take.
    pub async fn ready(&self) {
        while self.is_empty() {
            self.bell.notified().await;
        }
    }

    fn is_empty(&self) -> bool {
        let waiting = self.locked();
        waiting.letters.is_empty() && !waiting.is_lost
    }

    /// Everything that waits.
    pub fn take(&self) -> Taken {
        let taken = std::mem::take(&mut *self.locked());
        if taken.is_lost { Taken::Lost } else { Taken::Letters(taken.letters) }
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.locked().letters.len()
    }
}

impl Waiting {
    fn look_through(&mut self) -> usize {
        let before = self.letters.len();
        if self.since.elapsed() > PATIENCE {
            self.coalesce();
        }
        let superfluous = before - self.letters.len();
        self.missed += superfluous;
        if self.letters.len() + self.missed > MOST {
            self.letters = Vec::new();
            self.is_lost = true;
        }
        self.look_at = (self.letters.len() * 2).min(MOST + 1 - self.missed.min(MOST)).max(FEW);
        superfluous
    }

    /// Leaves the newest letter of each key, in the order of what is left.
    fn coalesce(&mut self) {
        let mut seen: HashSet<Arc<str>> = HashSet::new();
        let mut left: Vec<Arc<Letter>> = Vec::new();
        for letter in self.letters.drain(..).rev() {
            if letter.key.as_ref().is_none_or(|key| seen.insert(Arc::clone(key))) {
                left.push(letter);
            }
        }
        left.reverse();
        self.letters = left;
    }
}
