use std::os::unix::fs::PermissionsExt;

use misto_model::Error;
use serde_json::json;

use super::{City, other_program, parks, url};

#[tokio::test(flavor = "multi_thread")]
async fn the_private_files_are_readable_by_their_owner_only() {
    let city = City::open().await;
    city.store.documents.put("account", "a", None, &json!(1)).await.unwrap();
    for name in ["misto.sqlite", "misto.sqlite-wal", "tracks.sqlite"] {
        let mode = std::fs::metadata(city.folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_sees_documents_at_once() {
    let city = City::open().await;
    let second = misto_store::open(&url(city.folder.path())).await.unwrap();
    second.documents.put("token", "t", None, &json!({"role": "admin"})).await.unwrap();
    assert!(city.store.documents.get("token", "t").await.unwrap().is_some());
    city.store.features.define(&parks()).await.unwrap();
    assert_eq!(second.features.collections().await.unwrap(), [parks()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_may_open_a_new_store_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let opening: Vec<_> = (0..8)
        .map(|_| {
            let url = url(folder.path());
            tokio::spawn(async move { misto_store::open(&url).await })
        })
        .collect();
    for one in opening {
        one.await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_a_newer_misto_is_refused() {
    let city = City::open().await;
    for file in ["city.gpkg", "misto.sqlite", "tracks.sqlite"] {
        let other = other_program(&city.folder.path().join(file));
        other.execute_batch("UPDATE misto_schema SET version = version + 99").unwrap();
        let refused = misto_store::open(&url(city.folder.path())).await.err().unwrap();
        assert!(matches!(refused, Error::Unavailable { .. }));
        let text = refused.to_string();
        assert!(text.contains(file) && text.contains("newer Misto"), "{text}");
        let looked = misto_store::look(&url(city.folder.path())).await.unwrap_err().to_string();
        assert!(looked.contains(file) && looked.contains("newer Misto"), "{looked}");
        other.execute_batch("UPDATE misto_schema SET version = version - 99").unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_store_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let refused = async |url: String| misto_store::open(&url).await.err().unwrap();
    assert!(matches!(refused("sqlite:x".to_owned()).await, Error::Invalid { field, .. } if field == "store.url"));
    assert!(matches!(refused("geopackage:".to_owned()).await, Error::Invalid { .. }));
    assert!(matches!(
        refused(format!("geopackage:{}", folder.path().join("misto.sqlite").display())).await,
        Error::Invalid { .. }
    ));

    std::fs::write(folder.path().join("text.gpkg"), "not a database, not even close to one, just a text".repeat(30))
        .unwrap();
    let error = refused(format!("geopackage:{}", folder.path().join("text.gpkg").display())).await;
    assert!(error.to_string().contains("not a SQLite database"), "{error}");

    let foreign = folder.path().join("foreign.gpkg");
    other_program(&foreign).execute_batch("CREATE TABLE theirs (a)").unwrap();
    let error = refused(format!("geopackage:{}", foreign.display())).await;
    assert!(error.to_string().contains("no GeoPackage"), "{error}");
    let tables: i64 =
        other_program(&foreign).query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0)).unwrap();
    assert_eq!(tables, 1);

    std::fs::write(folder.path().join("file"), "").unwrap();
    let error = refused(format!("geopackage:{}", folder.path().join("file/city.gpkg").display())).await;
    assert!(matches!(error, Error::Unavailable { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_is_there_after_opening_again() {
    let city = City::open().await;
    city.store.features.define(&parks()).await.unwrap();
    let City { store, folder } = city;
    drop(store);
    let store = misto_store::open(&url(folder.path())).await.unwrap();
    let before = store.features.newest_change().await.unwrap();
    assert_eq!(store.features.collections().await.unwrap(), [parks()]);
    assert!(before > 0);
    assert_eq!(store.features.changes(before, 10).await.unwrap().upto, before, "opening again is no change");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_processes_one_gets_a_unique_value() {
    let city = City::open().await;
    let second = misto_store::open(&url(city.folder.path())).await.unwrap();
    crate::conformance::fields::compete(&[city.store, second]).await;
}
