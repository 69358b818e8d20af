//! The embedded store alone: there is no table beside it that one would make first.

use std::time::Instant as Stopwatch;

use super::buses::{VEHICLES, fix};
use super::{QUESTIONS, ask, kinds, summary};

/// Fixes of one batch.
const BATCH: usize = 20_000;

pub async fn run(positions: usize) {
    let folder = tempfile::TempDir::new().expect("a folder");
    let url = format!("geopackage:{}", folder.path().join("city.gpkg").display());
    let store = misto_store::open(&url).await.expect("a store");
    let steps = positions / VEHICLES;
    let begun = Stopwatch::now();
    let mut batch = Vec::with_capacity(BATCH);
    for step in 0..steps {
        batch.extend((0..VEHICLES).map(|vehicle| fix(vehicle, step)));
        if batch.len() >= BATCH || step + 1 == steps {
            store.series.append_positions(&batch).await.expect("appended");
            batch.clear();
        }
    }
    let rows = store.series.count_positions().await.expect("a count");
    let bytes = std::fs::metadata(folder.path().join("tracks.sqlite")).map_or(0, |file| file.len());
    println!(
        "  embedded store: {rows} positions, {:.0} bytes each, appended in {:.0} s by Misto, page cache as it comes",
        bytes as f64 / rows as f64,
        begun.elapsed().as_secs_f64()
    );
    for (what, question) in kinds() {
        let (mut times, mut rows) = (Vec::new(), 0);
        for number in 0..QUESTIONS {
            let (found, time) = ask(&store, &question(number, steps)).await;
            times.push(time);
            rows += found;
        }
        println!("    {what}: {} for {} rows on average", summary(&times), rows / QUESTIONS);
    }
}
