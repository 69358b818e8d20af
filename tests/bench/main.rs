//! Whole-process benchmarks beside a peer, alternating in one run; prints
//! medians and ratios. Needs the program built with `--release`.
//!
//! * drain: N recorded messages wait in a persistent session of a local
//!   Mosquitto; a bare rumqttc receiver that acknowledges by hand, and Misto
//!   (decode, live state, durable history, acknowledge), each drain the same N.
//! * tiles: a warm and a cold tile beside an axum handler that returns the same bytes.
//! * latency: from the publishing of a fix to its byte at a listener.
//! * history: a track and a box in time over millions of positions, beside a naive table.
//! * transit: a timetable read beside gtfs-kit (`GTFS_KIT` names a python that has it), the board of a stop
//!   and the feed of 10 000 vehicles beside an axum handler that returns the same bytes.
//! * soak: memory of the process over ten minutes at 5 000 fixes a second.
//!
//! Without arguments all of them; `bench latency --rates 5000 --listeners 100` measures
//! that part only, with these numbers.

mod drain;
mod history;
mod latency;
mod load;
mod machine;
mod options;
mod ready;
mod soak;
mod tiles;
mod transit;

use options::Options;

/// Measures and prints one part.
type Measure = fn(&Options);

/// Name and measurement of each part.
const PARTS: [(&str, Measure); 6] = [
    ("drain", |_| drain::run()),
    ("tiles", |_| tiles::run()),
    ("latency", latency::run),
    ("history", history::run),
    ("transit", transit::run),
    ("soak", soak::run),
];

fn main() {
    let options = Options::read();
    if let Some(unknown) = options.names().iter().find(|name| PARTS.iter().all(|(part, _)| part != name)) {
        let parts: Vec<&str> = PARTS.iter().map(|(part, _)| *part).collect();
        println!("{unknown:?} is no part; there are {}", parts.join(", "));
        std::process::exit(2);
    }
    println!("{} rounds each, alternating; ratio = Misto / peer, above 1 is faster than the peer", ROUNDS);
    for (part, measure) in PARTS {
        if options.names().is_empty() || options.names().iter().any(|name| name == part) {
            measure(&options);
        }
    }
}

/// Rounds of each measurement.
const ROUNDS: usize = 5;

/// Smallest, middle and largest of some numbers.
fn spread(mut numbers: Vec<f64>) -> (f64, f64, f64) {
    numbers.sort_by(f64::total_cmp);
    (numbers[0], numbers[numbers.len() / 2], numbers[numbers.len() - 1])
}

/// One line: rates of both and the ratio, pair by pair.
fn report(what: &str, unit: &str, misto: &[f64], peer: &[f64]) {
    let ratios = misto.iter().zip(peer).map(|(a, b)| a / b).collect();
    let (low, middle, high) = spread(ratios);
    let (_, ours, _) = spread(misto.to_vec());
    let (_, theirs, _) = spread(peer.to_vec());
    println!("{what}: Misto {ours:.0} {unit}, peer {theirs:.0} {unit}, ratio {middle:.2} ({low:.2}–{high:.2})");
}
