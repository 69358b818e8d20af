//! A warm and a cold tile beside an axum handler that returns the same bytes.

use std::time::{Duration, Instant};

use misto_tests::Server;

use crate::load::{Caller, rate};
use crate::ready::serve_static;
use crate::{ROUNDS, report, spread};

const LAYERS: &str = "water_bodies,green,railway,roads,buildings,places";
const WARM: &str = "14/9316/5632";
const DURING: Duration = Duration::from_secs(3);

/// Measures and prints.
pub fn run() {
    let (server, _) = Server::demo();
    server.ready();
    let host = server.url().trim_start_matches("http://").to_owned();
    let path = format!("/tiles/{LAYERS}/{WARM}");
    let bytes = Caller::new(&host).ask(&host, &path);
    let peer = serve_static(&bytes, "application/vnd.mapbox-vector-tile");
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        theirs.push(rate(&peer, "/", DURING));
        ours.push(rate(&host, &path, DURING));
    }
    report(&format!("warm tile {WARM}, {} bytes gzip", bytes.len()), "tiles/s", &ours, &theirs);
    cold(&host, &peer);
}

/// Every z15 tile of the city once; the demo fleet goes on meanwhile.
fn cold(host: &str, peer: &str) {
    let mut caller = Caller::new(host);
    let mut milliseconds = Vec::new();
    for x in 18_625..18_645 {
        for y in 11_255..11_275 {
            let begun = Instant::now();
            caller.ask(host, &format!("/tiles/{LAYERS}/15/{x}/{y}"));
            milliseconds.push(begun.elapsed().as_secs_f64() * 1e3);
        }
    }
    let mut caller = Caller::new(peer);
    let mut bytes_again = Vec::new();
    for _ in 0..milliseconds.len() {
        let begun = Instant::now();
        caller.ask(peer, "/");
        bytes_again.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    let count = milliseconds.len();
    let ((_, ours, worst), (_, theirs, _)) = (spread(milliseconds), spread(bytes_again));
    println!(
        "cold tiles z15, {count} once each: median {ours:.2} ms (slowest {worst:.1}), the same bytes ready {theirs:.2} ms, ratio {:.2}",
        theirs / ours
    );
}
