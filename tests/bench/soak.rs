//! Memory of the whole process while 5 000 fixes a second come in from vehicles that do
//! not change: `soak --minutes 10`. Each is committed to the embedded store.

use std::time::{Duration, Instant as Stopwatch};

use misto_tests::{Mosquitto, Server};

use crate::latency::fleet::{Fleet, Window};
use crate::machine;
use crate::options::Options;

/// Memory is looked at so often.
const EVERY: Duration = Duration::from_secs(5);

/// Measures and prints.
pub fn run(options: &Options) {
    let (minutes, rate) = (options.value("minutes", 10.0), options.value("rate", 5_000));
    println!(
        "memory over {minutes} minutes at {rate} fixes/s from {rate} vehicles, embedded store; {}",
        machine::busy()
    );
    let broker = Mosquitto::start();
    let server = Server::start(&broker.url(), "");
    server.ready();
    let pid = server.pid().expect("a process");
    let window = Window::beginning_after(Duration::ZERO, Duration::from_secs_f64(minutes * 60.0));
    let port = broker.port();
    let publishing = std::thread::spawn(move || Fleet::new(rate).publish(port, rate, window));
    let (begun, mut seen) = (Stopwatch::now(), Vec::new());
    while !publishing.is_finished() {
        std::thread::sleep(EVERY);
        seen.push((begun.elapsed(), machine::resident(pid) as f64 / f64::from(1 << 20)));
    }
    let sent: u64 = publishing.join().expect("the publisher ends").iter().sum();
    for tenth in 1..=10 {
        let (at, megabytes) = seen[(seen.len() * tenth / 10).saturating_sub(1)];
        println!("  after {:5.0} s {megabytes:7.1} MB", at.as_secs_f64());
    }
    // The first part fills caches: of the store up to its size, of the allocator up to the largest batch.
    let steady = &seen[seen.len() / 3..];
    let most = |part: &[(Duration, f64)]| part.iter().map(|(_, megabytes)| *megabytes).fold(0.0, f64::max);
    let (earlier, later) = steady.split_at(steady.len() / 2);
    println!(
        "  most in the second third {:.1} MB, in the last {:.1} MB; {sent} fixes sent, {} in the history, {} delivered again",
        most(earlier),
        most(later),
        server.metric("misto_positions_added_total"),
        server.metric("misto_positions_redelivered_total")
    );
}
