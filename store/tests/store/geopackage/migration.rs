use rusqlite::Connection;

use super::url;
use crate::conformance::migration::{OLD_REGISTRY, what_version_1_held_stands};

const VERSION_1: &str = "CREATE TABLE misto_schema (version INTEGER NOT NULL); INSERT INTO misto_schema VALUES (1);";

#[tokio::test(flavor = "multi_thread")]
async fn files_of_version_1_are_migrated_with_their_rows() {
    let folder = tempfile::tempdir().unwrap();
    let registry = Connection::open(folder.path().join("misto.sqlite")).unwrap();
    registry.execute_batch(include_str!("../../../src/geopackage/registry.sql")).unwrap();
    registry.execute_batch(VERSION_1).unwrap();
    registry.execute_batch(OLD_REGISTRY).unwrap();
    registry
        .execute_batch("INSERT INTO log(kind, at, body) VALUES ('audit', '2026-01-01T00:00:00Z', '1'), ('audit', '2026-01-01T00:00:00Z', '2')")
        .unwrap();
    let tracks = Connection::open(folder.path().join("tracks.sqlite")).unwrap();
    tracks.execute_batch(include_str!("../../../src/geopackage/tracks/tracks.sql")).unwrap();
    tracks.execute_batch(VERSION_1).unwrap();
    tracks
        .execute_batch(
            "INSERT INTO subject VALUES (1, 'position', 'hfp', '0018', '00423');
             INSERT INTO journey(id, hash, route) VALUES (1, 77, '2550');
             INSERT INTO position(subject, time, event, hash, precision, received_after, lon, lat, journey)
               VALUES (1, 1707841979000000, 'vp', 5, 2, 1500000, 24.7, 48.9, 1);
             UPDATE total SET rows = 1 WHERE series = 'position'",
        )
        .unwrap();
    what_version_1_held_stands(misto_store::open(&url(folder.path())).await.unwrap()).await;
}
