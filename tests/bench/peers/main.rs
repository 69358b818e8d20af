//! Misto beside other servers over one generated city, alternating in one run; prints
//! ratios with their spread. Needs the program built with `--release`.
//!
//! The city is imported into PostGIS once. Misto starts from those tables, and Martin,
//! tipg and pygeoapi read the same ones; Martin also serves the same features from
//! GeoJSON files in its memory. First the answers are compared, then they are timed.
//!
//! A peer is a program named by a variable; without it its rows are left out, said
//! plainly: `MARTIN` (the martin 1.14 executable), `TIPG` and `PYGEOAPI` (the Python
//! of an environment that has them). `BUILDINGS` is the size of the city, 150 000
//! when absent; `ROUNDS` how often each measurement is repeated, 3 when absent.

mod city;
mod compare;
mod edits;
mod items;
#[path = "../load.rs"]
mod load;
mod nearest;
mod peer;
mod pyramid;
mod table;

use misto_tests::{Server, free_port, postgres, run_ok};
use tempfile::TempDir;

use crate::peer::{Misto, Peer};

fn main() {
    let buildings = number("BUILDINGS", 150_000);
    let rounds = number("ROUNDS", 3);
    let folder = TempDir::new().expect("a folder");
    let files = city::write(folder.path(), buildings);
    let database = postgres().database();
    for (collection, file) in &files {
        let file = file.display().to_string();
        run_ok(&["import", &file, "--collection", collection, "--public", "--store", &database]);
    }
    for (collection, _) in &files {
        misto_tests::psql(&database, &format!("VACUUM ANALYZE {collection}"));
    }
    println!("{}", table::machine());
    println!(
        "city of {buildings} buildings, {} lines, {} points, ten attributes each; {rounds} rounds, alternating; \
         ratio = Misto / peer, above 1 is better than the peer",
        city::lines(buildings),
        city::points(buildings)
    );
    let misto = Misto::start(&database);
    let pyramid = pyramid::of_the_city();
    let mut from_database = Peer::martin_postgis(&database, folder.path());
    let mut from_files = Peer::martin_geojson(&files, folder.path());
    for peer in [&mut from_database, &mut from_files].into_iter().flatten() {
        compare::answers(&misto, peer, &pyramid);
        pyramid::cold(&misto, peer, &pyramid, rounds);
        pyramid::warm(&misto, peer, &pyramid, rounds);
    }
    drop((from_database, from_files));
    pyramid::thinned(&misto, &pyramid);
    items::pages(&misto, &database, folder.path(), rounds);
    nearest::ten(&database, &files, rounds);
    edits::until_seen(&misto);
    table::memory(&misto.server, buildings);
}

fn number(variable: &str, otherwise: usize) -> usize {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// A server on the tables that may keep every tile of the city.
fn server(database: &str, budget_bytes: u64) -> Server {
    let listen = format!("embedded_listen = \"127.0.0.1:{}\"\n", free_port());
    let mut server = Server::not_started(database, "embedded", &listen);
    server.say("MISTO_STORE_TILE_CACHE_BYTES", &(1u64 << 30).to_string());
    server.say("MISTO_STORE_TILE_BUDGET_BYTES", &budget_bytes.to_string());
    server.up();
    server.ready();
    server
}
