//! Retention in the database while vehicles go on sending and reports go on reading.

use std::time::{Duration, Instant};

use misto_model::VehiclePosition;
use misto_store::Store;

use crate::conformance::series::track;
use crate::postgres::{postgres, psql};

/// The day of [`track`].
const DAY: &str = "misto_private.position_20240213";

async fn open() -> (Store, String) {
    let url = postgres().database();
    (misto_store::open(&url).await.unwrap(), url)
}

/// Late fixes of the same day, received long after.
fn late(fixes: i64) -> Vec<VehiclePosition> {
    let received_at = "2026-01-01T00:00:00Z".parse().unwrap();
    track("1", fixes).into_iter().map(|fix| VehiclePosition { event: "late".to_owned(), received_at, ..fix }).collect()
}

async fn forget(store: &Store) -> u64 {
    store.series.forget_received_before("2025-01-01T00:00:00Z".parse().unwrap()).await.unwrap()
}

/// Tells the database something that takes a while.
fn meanwhile(url: &str, sql: &str) -> std::thread::JoinHandle<String> {
    let (url, sql) = (url.to_owned(), sql.to_owned());
    let told = std::thread::spawn(move || psql(&url, &sql));
    std::thread::sleep(Duration::from_millis(400));
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_is_being_written_when_its_day_goes_is_kept() {
    let (store, url) = open().await;
    store.series.append_positions(&track("1", 100)).await.unwrap();
    let writing = meanwhile(
        &url,
        "BEGIN; INSERT INTO misto_private.position(subject, fix_time, event, hash, precision, received_at, lon, lat, journey)
         SELECT subject, fix_time, 'late', hash, precision, '2026-01-01Z', lon, lat, journey FROM misto_private.position LIMIT 1;
         SELECT pg_sleep(1.2); COMMIT",
    );
    forget(&store).await;
    writing.join().unwrap();
    forget(&store).await;
    assert_eq!(psql(&url, "SELECT string_agg(event, ' ') FROM misto_private.position"), "late");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_while_days_go_and_fixes_come() {
    let (store, url) = open().await;
    let other = misto_store::open(&url).await.unwrap();
    let late = late(3_000);
    let appending = {
        let late = late.clone();
        tokio::spawn(async move {
            for (round, batch) in late.chunks(20).enumerate() {
                // Old ones too, so that there is always a day to empty.
                let old = track(&format!("old {round}"), 50);
                other.series.append_positions(&old).await.unwrap();
                other.series.append_positions(batch).await.unwrap();
            }
        })
    };
    let mut gone = 0;
    while !appending.is_finished() {
        gone += forget(&store).await;
    }
    appending.await.unwrap();
    gone += forget(&store).await;
    assert_eq!(gone, 150 * 50);
    assert_eq!(store.series.count_positions().await.unwrap(), late.len() as u64);
    assert_eq!(store.series.latest_positions().await.unwrap(), late[late.len() - 1..]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_that_reads_an_old_day_holds_nobody_up_and_the_day_goes_next_time() {
    let (store, url) = open().await;
    store.series.append_positions(&track("1", 100)).await.unwrap();
    let reading = meanwhile(&url, &format!("BEGIN; SELECT count(*) FROM {DAY}; SELECT pg_sleep(4); COMMIT"));
    let forgetting = {
        let store = store.clone();
        tokio::spawn(async move { forget(&store).await })
    };
    let begun = Instant::now();
    for fix in late(20) {
        store.series.append_positions(&[VehiclePosition { fix_time: fix.received_at, ..fix }]).await.unwrap();
    }
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!(forgetting.await.unwrap(), 0);
    reading.join().unwrap();
    assert_eq!(forget(&store).await, 100);
    assert_eq!(psql(&url, &format!("SELECT to_regclass('{DAY}')")), "");
    assert_eq!(store.series.count_positions().await.unwrap(), 1);
}
