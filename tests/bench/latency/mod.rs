//! From the publishing of a fix to its byte at a listener.
//!
//! One publisher sends fixes in HFP form, QoS 1, each with the moment of its sending as
//! fix time, through Mosquitto to Misto. One thread reads all listeners and compares
//! the fix time with its own clock, which is the same. Vehicles come in groups of 50,
//! each with a route and a place of its own; a listener asks for one group, every other
//! one by its box and the rest by its route. Two more ask for everything.

pub mod fleet;
mod listeners;
mod spread;

use std::sync::Arc;
use std::time::Duration;

use misto_tests::{Mosquitto, Server};

use crate::machine;
use crate::options::Options;
use fleet::{Fleet, Window};

/// Before the measurement, so that everybody is known.
const WARM_UP: Duration = Duration::from_secs(4);
/// After it, so that what is late still counts.
const AFTERWARDS: Duration = Duration::from_secs(3);

/// Measures and prints.
pub fn run(options: &Options) {
    let during = Duration::from_secs(options.value("seconds", 15));
    println!("latency, publish to listener: QoS 1 behind Mosquitto, embedded store; {}", machine::busy());
    println!(
        "  fixes/s  listeners   filtered: median    p99   most   unfiltered: median    p99   most  coalesced  server CPU"
    );
    for rate in options.values("rates", &[1_000, 5_000]) {
        for listeners in options.values("listeners", &[1, 100, 1_000]) {
            measure(rate, listeners, during);
        }
    }
}

fn measure(rate: usize, listeners: usize, during: Duration) {
    let broker = Mosquitto::start();
    let server = Server::start(&broker.url(), "");
    server.ready();
    let fleet = Arc::new(Fleet::new(rate));
    let window = Window::beginning_after(WARM_UP, during);
    let publishing = {
        let (fleet, port) = (Arc::clone(&fleet), broker.port());
        std::thread::spawn(move || fleet.publish(port, rate, window))
    };
    let pid = server.pid().expect("a process");
    let reading = {
        let (fleet, url) = (Arc::clone(&fleet), server.url());
        std::thread::spawn(move || listeners::read(&url, &fleet, listeners, window, AFTERWARDS))
    };
    std::thread::sleep(window.until_begin());
    let before = machine::cpu(pid);
    std::thread::sleep(window.until_end());
    let busy = (machine::cpu(pid) - before).as_secs_f64() / during.as_secs_f64();
    let sent = publishing.join().expect("the publisher ends");
    let heard = reading.join().expect("the listeners end");
    let expected = listeners::expected(&sent, &fleet, listeners);
    let total = heard.filtered.count() + heard.unfiltered.count();
    let missing = 100.0 * (1.0 - total as f64 / expected as f64);
    let (few, all) = (&heard.filtered, &heard.unfiltered);
    println!(
        "  {rate:7}  {listeners:9}   {:13.1} ms {:6.1} {:6.1}   {:15.1} ms {:6.1} {:6.1}  {missing:7.2} %  {:8.0} %",
        few.part(0.5),
        few.part(0.99),
        few.part(1.0),
        all.part(0.5),
        all.part(0.99),
        all.part(1.0),
        busy * 100.0
    );
}
