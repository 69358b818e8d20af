//! All tiles of the city: each once from nothing, and again when they are kept.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use misto_tests::Server;
use misto_tiles::Atlas;

use crate::city::{MIDDLE, REACH, lot};
use crate::load::Caller;
use crate::peer::{Misto, Peer, martin_path, misto_path};
use crate::table;

const CONNECTIONS: usize = 4;
const WARM_DURING: Duration = Duration::from_secs(5);

/// Zoom, column, row of every tile of the city from zoom 10 to 17, in random order.
pub fn of_the_city() -> Vec<(u32, u32, u32)> {
    let mut tiles = Vec::new();
    for zoom in 10..=17u32 {
        let (west, north) = tile(zoom, MIDDLE.0 - REACH.0, MIDDLE.1 + REACH.1);
        let (east, south) = tile(zoom, MIDDLE.0 + REACH.0, MIDDLE.1 - REACH.1);
        tiles.extend((west..=east).flat_map(|x| (north..=south).map(move |y| (zoom, x, y))));
    }
    let mut state = 7;
    for last in (1..tiles.len()).rev() {
        tiles.swap(last, (lot(&mut state) * (last + 1) as f64) as usize);
    }
    tiles
}

fn tile(zoom: u32, lon: f64, lat: f64) -> (u32, u32) {
    let n = f64::from(1u32 << zoom);
    let y = (1.0 - lat.to_radians().tan().asinh() / std::f64::consts::PI) / 2.0;
    (((lon + 180.0) / 360.0 * n) as u32, (y * n) as u32)
}

/// Asks for each tile once over some connections: tiles a second and the 99th
/// percentile of one, milliseconds.
fn once(host: &str, paths: &[String]) -> (f64, f64) {
    let next = AtomicUsize::new(0);
    let begun = Instant::now();
    let mut took: Vec<f64> = std::thread::scope(|scope| {
        let ask = || {
            let mut caller = Caller::new(host);
            let mut took = Vec::new();
            while let Some(path) = paths.get(next.fetch_add(1, Relaxed)) {
                let begun = Instant::now();
                caller.ask(host, path);
                took.push(begun.elapsed().as_secs_f64() * 1e3);
            }
            took
        };
        let asking: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(ask)).collect();
        asking.into_iter().flat_map(|thread| thread.join().expect("a client")).collect()
    });
    let rate = paths.len() as f64 / begun.elapsed().as_secs_f64();
    took.sort_by(f64::total_cmp);
    (rate, took[took.len() * 99 / 100])
}

/// From nothing: each server is started anew for every round.
pub fn cold(misto: &Misto, peer: &mut Peer, tiles: &[(u32, u32, u32)], rounds: usize) {
    let ours: Vec<String> = tiles.iter().map(|&at| misto_path(at)).collect();
    let theirs: Vec<String> = tiles.iter().map(|&at| martin_path(at)).collect();
    let (mut our_rates, mut their_rates, mut our_slow, mut their_slow) = (vec![], vec![], vec![], vec![]);
    for _ in 0..rounds {
        peer.again("/health");
        let (rate, slow) = once(&peer.host, &theirs);
        their_rates.push(rate);
        their_slow.push(slow);
        let server = misto.fresh(0);
        let (rate, slow) = once(host(&server), &ours);
        our_rates.push(rate);
        our_slow.push(slow);
    }
    let what = format!("cold tiles z10–17, {} once each in random order, gzip, nothing left out", tiles.len());
    table::ratio(&format!("{what}; {}", peer.name), "tiles/s", &our_rates, &their_rates);
    // The smaller the better: the peer's over ours.
    table::inverse(&format!("  99th percentile of one; {}", peer.name), "ms", &our_slow, &their_slow);
}

/// All of them kept: the same tiles over and over, in the same order at both.
pub fn warm(misto: &Misto, peer: &Peer, tiles: &[(u32, u32, u32)], rounds: usize) {
    let ours: Vec<String> = tiles.iter().map(|&at| misto_path(at)).collect();
    let theirs: Vec<String> = tiles.iter().map(|&at| martin_path(at)).collect();
    once(host(&misto.server), &ours);
    once(&peer.host, &theirs);
    let (mut our_rates, mut their_rates) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        their_rates.push(again_and_again(&peer.host, &theirs));
        our_rates.push(again_and_again(host(&misto.server), &ours));
    }
    table::ratio(&format!("warm tiles, mixed, gzip; {}", peer.name), "tiles/s", &our_rates, &their_rates);
}

fn again_and_again(host: &str, paths: &[String]) -> f64 {
    let next = AtomicUsize::new(0);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let mut caller = Caller::new(host);
                while begun.elapsed() < WARM_DURING {
                    caller.ask(host, &paths[next.fetch_add(1, Relaxed) % paths.len()]);
                }
            });
        }
    });
    next.load(Relaxed) as f64 / begun.elapsed().as_secs_f64()
}

/// With the budget that Misto comes with.
pub fn thinned(misto: &Misto, tiles: &[(u32, u32, u32)]) {
    let paths: Vec<String> = tiles.iter().map(|&at| misto_path(at)).collect();
    let (rate, slow) = once(host(&misto.fresh(Atlas::TILE_BUDGET_BYTES as u64)), &paths);
    println!("cold tiles as Misto comes (budget below zoom 14): {rate:.0} tiles/s, 99th percentile {slow:.1} ms");
}

/// Host and port of a server.
pub fn host(server: &Server) -> &str {
    // The address is kept for the life of the process, as few as there are.
    Box::leak(server.url().trim_start_matches("http://").to_owned().into_boxed_str())
}
