//! A timetable of 4 500 trips read beside gtfs-kit, the board of a stop and the feed of a
//! fleet of 10 000 beside the same bytes from a handler that does nothing else.

mod fleet;
mod kit;
mod timetable;

use std::time::{Duration, Instant};

use misto_ingest::files::gtfs;
use misto_ingest::gtfs_realtime::FeedMessage;
use misto_tests::{Mosquitto, Server, eventually, run_ok};
use prost::Message;
use tempfile::TempDir;

use crate::load::{Caller, rate};
use crate::machine::busy;
use crate::options::Options;
use crate::ready::serve_static;
use crate::{ROUNDS, report, spread};

const DURING: Duration = Duration::from_secs(3);
/// A fleet is matched and predicted after two minutes of fixes.
const WARM: Duration = Duration::from_secs(240);

/// Measures and prints.
pub fn run(options: &Options) {
    println!("transit: {}", busy());
    let folder = TempDir::new().expect("a folder");
    timetable::write(folder.path(), options.value("trips", 4_500));
    load(folder.path());
    board();
    feed(folder.path(), options.value("fleet", 10_000));
}

fn seconds(of: impl FnOnce()) -> f64 {
    let begun = Instant::now();
    of();
    begun.elapsed().as_secs_f64()
}

/// Reads the feed as `misto gtfs load` does before it writes; gtfs-kit reads the same tables.
fn load(folder: &std::path::Path) {
    let counts = gtfs::read(folder).expect("a feed").counts;
    let ours = || seconds(|| drop(gtfs::read(folder).expect("a feed")));
    let name = format!("timetable of {} trips, {} stop times", counts.trips, counts.stop_times);
    let Some(mut kit) = kit::Kit::start(folder) else {
        let (low, middle, high) = spread((0..ROUNDS).map(|_| ours()).collect());
        println!(
            "{name}: Misto {middle:.3} s ({low:.3}–{high:.3}); gtfs-kit is not measured: set GTFS_KIT to a python that has it"
        );
        return;
    };
    let (mut misto, mut peer) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (trips, stop_times, took_s) = kit.read();
        assert_eq!((trips, stop_times), (counts.trips, counts.stop_times), "both read the same");
        peer.push(1.0 / took_s);
        misto.push(1.0 / ours());
    }
    let [(_, ours, _), (_, theirs, _)] = [&misto, &peer].map(|rates| spread(rates.clone()));
    println!("{name}: Misto {:.3} s with every check, gtfs-kit {:.3} s", 1.0 / ours, 1.0 / theirs);
    report(&name, "feeds/s", &misto, &peer);
}

/// The demo city's board of the stop with the most predictions.
fn board() {
    let (server, _) = Server::demo();
    server.ready();
    let client = server.client();
    let predicted = |id: &str| {
        let board = client.get(&format!("/transit/stops/{id}/arrivals")).json();
        let rows = board["departures"].as_array().cloned().unwrap_or_default();
        rows.iter().filter(|row| row["state"] == "predicted").count()
    };
    let (stop, count) = eventually("a board has three predictions", WARM, || {
        let stops = client.get("/transit/stops").json();
        let ids = stops["features"].as_array()?.iter().filter_map(|stop| stop["id"].as_str());
        let counted = ids.step_by(5).map(|id| (id.to_owned(), predicted(id)));
        counted.max_by_key(|(_, count)| *count).filter(|(_, count)| *count >= 3)
    });
    let path = format!("/transit/stops/{stop}/arrivals");
    beside_static(&server, &path, &format!("board of a stop, {count} predictions"), "boards/s");
}

/// The feed of a fleet, asked as often as it is answered, and how often it was encoded meanwhile.
fn feed(folder: &std::path::Path, vehicles: usize) {
    let broker = Mosquitto::start();
    let server = Server::start(&broker.url(), "");
    run_ok(&["gtfs", "load", &folder.display().to_string(), "--store", &server.store()]);
    server.ready();
    let fleet = fleet::Driving::start(&broker.url(), vehicles);
    let path = "/gtfs-rt/vehicle-positions.pb";
    eventually("every vehicle is in the feed", WARM, || {
        let answer = server.client().get(path);
        let feed = (answer.status == 200).then(|| FeedMessage::decode(answer.bytes.as_slice()).expect("a feed"))?;
        (feed.entity.len() >= vehicles).then_some(())
    });
    let encoded = || server.metric("misto_gtfs_realtime_encoded_total");
    let (before, begun) = (encoded(), Instant::now());
    let answers = beside_static(&server, path, &format!("feed of {vehicles} vehicles"), "feeds/s");
    let encodings = encoded() - before;
    println!(
        "  encoded {encodings:.0} times in {:.0} s for {answers:.0} answers: once for each look at the fleet",
        begun.elapsed().as_secs_f64()
    );
    drop(fleet);
}

/// Gives how many answers Misto gave, about.
fn beside_static(server: &Server, path: &str, what: &str, unit: &str) -> f64 {
    let host = server.url().trim_start_matches("http://").to_owned();
    let bytes = Caller::new(&host).ask(&host, path);
    let peer = serve_static(&bytes, "application/octet-stream");
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        theirs.push(rate(&peer, "/", DURING));
        ours.push(rate(&host, path, DURING));
    }
    report(&format!("{what}, {} bytes gzip", bytes.len()), unit, &ours, &theirs);
    ours.iter().sum::<f64>() * DURING.as_secs_f64()
}
