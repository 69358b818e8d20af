//! From the save of one client to the new tile at a second one that listens.

use std::time::{Duration, Instant};

use misto_tests::Stream;
use serde_json::json;

use crate::load::Caller;
use crate::peer::{Misto, misto_path};
use crate::pyramid::host;

const EDITS: usize = 300;

/// Each edit moves nothing but an attribute of another building; the second client
/// hears of it on its live stream and fetches the tile.
pub fn until_seen(misto: &Misto) {
    let staff = misto.server.staff("planner");
    let url = misto.server.url();
    let stream = Stream::open(&url, "/live", None);
    let mut second = Caller::new(host(&misto.server));
    let mut took = Vec::with_capacity(EDITS);
    for n in 1..=EDITS {
        let path = format!("/ogc/collections/buildings/items/{n}");
        let found = staff.get(&path);
        let etag = found.header("etag").expect("a version").to_owned();
        let mut feature = found.json();
        feature["properties"]["levels"] = json!(1_000 + n);
        let body = json!({"type": "Feature", "geometry": feature["geometry"], "properties": feature["properties"]});
        let saver = staff.with("if-match", &etag);
        let body = body.to_string();
        let begun = Instant::now();
        let saved = std::thread::spawn(move || saver.send("PUT", &path, Some(body.as_bytes())).status);
        let told = stream.next("the tiles", Duration::from_secs(10), |name, data| {
            name == "tiles" && data["collection"] == "buildings"
        });
        let deepest = told["tiles"].as_array().and_then(|tiles| tiles.last()).and_then(|tile| tile.as_str());
        let at: Vec<u32> = deepest.expect("tiles").split('/').filter_map(|part| part.parse().ok()).collect();
        let tile = second.ask(host(&misto.server), &misto_path((at[0], at[1], at[2])));
        took.push(begun.elapsed().as_secs_f64() * 1e3);
        assert!(!tile.is_empty() && [200, 204].contains(&saved.join().expect("the editor")));
    }
    took.sort_by(f64::total_cmp);
    println!(
        "edit to refreshed tile at a second client, {EDITS} edits over PostGIS: median {:.1} ms, 99th percentile {:.1} ms, slowest {:.1} ms",
        took[EDITS / 2],
        took[EDITS * 99 / 100],
        took[EDITS - 1]
    );
}
