//! Questions of place in the database: the index of a day that is over, and that it is read.

use std::time::{Duration, Instant};

use misto_model::Bbox;
use misto_store::PositionQuery;

use crate::conformance::at;
use crate::conformance::series::track;
use crate::postgres::{postgres, psql};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_that_is_over_is_indexed_once_and_a_box_is_looked_up_there() {
    let url = postgres().database();
    let store = misto_store::open(&url).await.unwrap();
    store.series.append_positions(&track("1", 1)).await.unwrap();
    psql(
        &url,
        "INSERT INTO misto_private.position(subject, fix_time, event, hash, precision, received_at, lon, lat, journey)
         SELECT subject, '2024-02-13 01:00Z'::timestamptz + n * interval '1 s', 'vp', n, 2, '2024-02-14Z',
           24.6 + (n % 500) * 0.001, 48.8 + (n % 301) * 0.001, journey
         FROM misto_private.position CROSS JOIN generate_series(1, 50000) AS n",
    );
    let shared_only = store.series.settle(at("2024-02-14T00:30:00Z")).await.unwrap();
    assert_eq!(shared_only, 1, "late fixes of yesterday are still expected");
    assert_eq!(store.series.settle(at("2024-02-14T01:30:00Z")).await.unwrap(), 1);
    assert_eq!(store.series.settle(at("2024-02-14T01:30:00Z")).await.unwrap(), 0);

    let query = PositionQuery {
        bbox: Some(Bbox::new(24.700_5, 48.9, 24.702_5, 48.91).unwrap()),
        from: Some(at("2024-02-13T00:00:00Z")),
        to: Some(at("2024-02-13T23:59:59Z")),
        limit: 1_000,
        ..PositionQuery::default()
    };
    let found = store.series.positions(&query).await.unwrap().rows.len();
    assert!((1..100).contains(&found), "{found}");
    let scans = "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'position_20240213_place'";
    let begun = Instant::now();
    while psql(&url, scans) == "0" {
        // The server counts with a delay.
        assert!(begun.elapsed() < Duration::from_secs(15), "the box was looked for in all of the day");
        tokio::time::sleep(Duration::from_millis(200)).await;
        store.series.positions(&query).await.unwrap();
    }

    // As a build that was interrupted leaves it.
    psql(
        &url,
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'misto_private.position_20240213_place'::regclass",
    );
    assert_eq!(store.series.settle(at("2024-02-14T01:30:00Z")).await.unwrap(), 1);
    let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'misto_private.position_20240213_place'::regclass";
    assert_eq!(psql(&url, valid), "t");
    assert_eq!(store.series.positions(&query).await.unwrap().rows.len(), found);
}
