//! Copies from store to store, and backups of a store that is being written.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use misto_model::{Actor, Edit, Error, FeatureId, Geometry, ReadingValue, Version};
use misto_store::{Context, DocumentWrite, KeyedEntry, LogWrite, Store};
use serde_json::json;

use crate::conformance::{at, events, named, planner, properties, series, streets};
use crate::postgres::postgres;

fn embedded(folder: &tempfile::TempDir) -> String {
    format!("geopackage:{}", folder.path().join("city.gpkg").display())
}

fn point(lon: f64) -> Option<Geometry> {
    Some(geo_types::Point::new(lon, 48.9).into())
}

/// Something of everything that a store may hold.
async fn fill(store: &Store) {
    store.features.define(&streets()).await.unwrap();
    let id = streets().id;
    let many = (0..5_000).map(|n| (point(24.0 + f64::from(n) * 1e-5), named(&format!("вул. №{n}")))).collect();
    store.features.append(&id, many, &planner("завантажено")).await.unwrap();
    let attributes = json!({"name": "Незалежності", "lanes": 4, "width_m": 12.0, "oneway": false, "opened": "1939-09-17",
        "measured_at": "2026-03-01T10:00:00Z", "охорона": null});
    let replace =
        Edit::Replace { id: FeatureId(7), expected: Version(1), geometry: None, properties: properties(attributes) };
    store.features.apply(&id, vec![replace], &planner("виміряно")).await.unwrap();
    let gone = [8, 9].map(|fid| Edit::Delete { id: FeatureId(fid), expected: Version(1) }).to_vec();
    store.features.apply(&id, gone, &Context { actor: Actor("Іван".to_owned()), reason: None }).await.unwrap();
    let mut fixes = series::track("1", 12_000);
    fixes.push(series::full());
    store.series.append_positions(&fixes).await.unwrap();
    let readings = [ReadingValue::Number(0.1), ReadingValue::Truth(true), ReadingValue::Text("так".to_owned())];
    let readings: Vec<_> =
        readings.into_iter().zip(0..).map(|(result, second)| series::reading("pm2.5", second, result)).collect();
    store.series.append_readings(&readings).await.unwrap();
    store.series.append_events(&[events::silent()]).await.unwrap();
    let put = |key: &str, expected| DocumentWrite::Put {
        kind: "vehicle".to_owned(),
        key: key.to_owned(),
        expected,
        body: json!({"label": "Автобус", "low_floor": null}),
    };
    store.documents.write(&[put("a", None), put("b", None)], &[]).await.unwrap();
    store.documents.write(&[put("a", Some(Version(1)))], &[]).await.unwrap();
    store.blobs.put("timetable", "city", &[0, 1, 255]).await.unwrap();
    for (second, entries) in [(0, 3), (1, 6_000), (2, 1)] {
        let entries = (0..entries).map(|n| json!({"reason": "invalid_json", "n": n})).collect();
        let write = LogWrite {
            kind: "rejected".to_owned(),
            entries,
            at: at(&format!("2026-01-01T00:00:0{second}Z")),
            keep: None,
        };
        store.documents.write(&[], &[write]).await.unwrap();
    }
    let keyed = |n: u64| KeyedEntry { key: n.to_string(), body: json!({ "n": n }), told: n };
    store.log.append_once("rejected", &[keyed(1), keyed(4)], at("2026-01-01T00:00:02Z"), None).await.unwrap();
}

fn quiet() -> impl FnMut(&'static str, u64) + Send {
    |_, _| {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_comes_from_one_store_to_the_other_and_back() {
    let (here, back) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (first, database, second) = (embedded(&here), postgres().database(), embedded(&back));
    fill(&misto_store::open(&first).await.unwrap()).await;
    let there = misto_store::copy(&first, &database, &mut quiet()).await.unwrap();
    let again = misto_store::copy(&database, &second, &mut quiet()).await.unwrap();
    assert_eq!(there, again);
    for (name, count) in [
        ("collections", 1),
        ("features of streets", 4_998),
        ("history of streets", 5_003),
        ("positions", 12_001),
        ("readings", 3),
        ("events", 1),
        ("documents", 2),
        ("files", 1),
        ("log rejected", 6_006),
    ] {
        assert_eq!(there.sums[name].count, count, "{name}");
    }

    let [a, b, c] = [&first, &database, &second].map(|url| misto_store::open(url));
    let (a, b, c) = (a.await.unwrap(), b.await.unwrap(), c.await.unwrap());
    let id = streets().id;
    for store in [&b, &c] {
        let told = store.features.history(&id, FeatureId(7)).await.unwrap();
        let origin = a.features.history(&id, FeatureId(7)).await.unwrap();
        for (told, origin) in told.iter().zip(&origin) {
            assert_eq!(
                (&told.actor, &told.reason, told.at.micros()),
                (&origin.actor, &origin.reason, origin.at.micros())
            );
            assert_eq!((told.kind, told.feature.version), (origin.kind, origin.feature.version));
        }
        assert_eq!(told.len(), 2);
        let collections = store.features.collections().await.unwrap();
        let mut streets = streets();
        streets.extent = collections[0].extent;
        assert_eq!(collections, [streets]);
        assert!(store.log.verify("rejected").await.unwrap().broken.is_none());
        let new = Edit::Create { geometry: point(24.7), properties: named("нова") };
        let new = store.features.apply(&id, vec![new], &planner("далі")).await.unwrap();
        assert_eq!(new[0].id, FeatureId(5_001), "numbers go on where the source was");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_was_interrupted_goes_on() {
    let here = tempfile::tempdir().unwrap();
    let (first, database) = (embedded(&here), postgres().database());
    fill(&misto_store::open(&first).await.unwrap()).await;
    for stop_at in ["states of features", "positions", "log entries"] {
        let stopped = Arc::new(tokio::sync::Notify::new());
        let bell = Arc::clone(&stopped);
        let mut told = move |step: &'static str, _| {
            if step == stop_at {
                bell.notify_one();
            }
        };
        tokio::select! {
            biased;
            () = stopped.notified() => {}
            copied = misto_store::copy(&first, &database, &mut told) => panic!("{stop_at}: {copied:?}"),
        }
    }
    let elsewhere = tempfile::tempdir().unwrap();
    fill(&misto_store::open(&embedded(&elsewhere)).await.unwrap()).await;
    let other = misto_store::copy(&embedded(&elsewhere), &database, &mut quiet()).await.unwrap_err();
    assert!(matches!(&other, Error::Invalid { field, .. } if field == "to"), "{other}");
    let copied = misto_store::copy(&first, &database, &mut quiet()).await.unwrap();
    assert_eq!(copied.sums["positions"].count, 12_001);
    let full = misto_store::copy(&first, &database, &mut quiet()).await.unwrap_err();
    assert!(full.to_string().contains("empty"), "{full}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_makes_no_sense_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let absent = misto_store::copy(&embedded(&folder), &postgres().database(), &mut quiet()).await.unwrap_err();
    assert!(matches!(&absent, Error::Invalid { field, .. } if field == "from"), "{absent}");
    let database = postgres().database();
    let same = misto_store::copy(&database, &database, &mut quiet()).await.unwrap_err();
    assert!(matches!(&same, Error::Invalid { field, .. } if field == "to"), "{same}");
    assert!(!folder.path().join("city.gpkg").exists(), "asking made nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_a_store_that_is_being_written_is_one_state_of_it() {
    let (here, kept, there) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (url, to) = (embedded(&here), kept.path().join("monday"));
    let store = misto_store::open(&url).await.unwrap();
    fill(&store).await;
    let (stop, written) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let writing = tokio::spawn({
        let (store, stop, written) = (store.clone(), Arc::clone(&stop), Arc::clone(&written));
        async move {
            for number in 0.. {
                if stop.load(Ordering::Acquire) {
                    return;
                }
                // A batch is whole or absent: a hundred fixes each.
                store.series.append_positions(&series::track(&format!("new-{number}"), 100)).await.unwrap();
                written.fetch_add(100, Ordering::AcqRel);
            }
        }
    });
    while written.load(Ordering::Acquire) < 1_000 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let (address, folder) = (url.clone(), to.clone());
    let before = written.load(Ordering::Acquire);
    let bytes =
        tokio::task::spawn_blocking(move || misto_store::back_up(&address, &folder, &mut quiet())).await.unwrap();
    assert!(bytes.unwrap() > 100_000);
    stop.store(true, Ordering::Release);
    writing.await.unwrap();

    let copy = embedded(&there);
    misto_store::restore(&to, &copy, &mut quiet()).unwrap();
    let restored = misto_store::open(&copy).await.unwrap();
    let count = restored.series.count_positions().await.unwrap() - 12_001;
    assert!(count % 100 == 0 && count >= before && count <= written.load(Ordering::Acquire), "{count} {before}");
    assert_eq!(restored.log.count("rejected").await.unwrap(), 6_006);
    assert_eq!(restored.features.get(&streets().id, &[FeatureId(7)]).await.unwrap()[0].version, Version(2));

    let again = misto_store::back_up(&url, &to, &mut quiet()).unwrap_err();
    assert!(matches!(&again, Error::Invalid { field, .. } if field == "to"), "{again}");
    let standing = misto_store::restore(&to, &copy, &mut quiet()).unwrap_err();
    assert!(standing.to_string().contains("stands already"), "{standing}");
    for file in ["city.gpkg", "misto.sqlite", "tracks.sqlite"] {
        std::fs::rename(there.path().join(file), kept.path().join(file)).unwrap();
    }
    // The logs of the files that were moved away are still there.
    let beside = misto_store::restore(&to, &copy, &mut quiet()).unwrap_err();
    assert!(beside.to_string().contains("city.gpkg-wal stands already"), "{beside}");
    for file in ["city.gpkg", "misto.sqlite", "tracks.sqlite"] {
        std::fs::remove_file(kept.path().join(file)).unwrap();
    }
    let nothing = misto_store::restore(kept.path(), &embedded(&kept), &mut quiet()).unwrap_err();
    assert!(nothing.to_string().contains("no finished backup"), "{nothing}");
    let tracks = to.join("tracks.sqlite");
    let mut bytes = std::fs::read(&tracks).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&tracks, bytes).unwrap();
    let damaged = misto_store::restore(&to, &embedded(&kept), &mut quiet()).unwrap_err();
    assert!(damaged.to_string().contains("tracks.sqlite") && !kept.path().join("city.gpkg").exists(), "{damaged}");
    let database = misto_store::back_up("postgres://misto@db/city", &to, &mut quiet()).unwrap_err();
    assert!(database.to_string().contains("pg_dump"), "{database}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_from_the_source_between_two_runs_goes_from_the_copy_too() {
    let here = tempfile::tempdir().unwrap();
    let (first, database) = (embedded(&here), postgres().database());
    let source = misto_store::open(&first).await.unwrap();
    fill(&source).await;
    let mut written = false;
    // While the copy reads, somebody signs in: the link goes and the copy says that the two differ.
    let meanwhile = source.clone();
    let mut told = move |step: &'static str, _| {
        if step == "log entries" && !std::mem::replace(&mut written, true) {
            let documents = Arc::clone(&meanwhile.documents);
            tokio::spawn(async move { documents.take("vehicle", "b").await.unwrap() });
            std::thread::sleep(Duration::from_millis(300));
        }
    };
    let differs = misto_store::copy(&first, &database, &mut told).await.unwrap_err().to_string();
    assert!(differs.contains("documents: 1 and 2"), "{differs}");
    let digest = misto_store::copy(&first, &database, &mut quiet()).await.unwrap();
    assert_eq!(digest.sums["documents"].count, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_was_tampered_with_is_not_copied_as_whole() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fill(&misto_store::open(&embedded(&here)).await.unwrap()).await;
    let registry = rusqlite::Connection::open(here.path().join("misto.sqlite")).unwrap();
    registry.execute("UPDATE log SET body = '{}' WHERE sequence = 5", []).unwrap();
    let refused = misto_store::copy(&embedded(&here), &embedded(&there), &mut quiet()).await.unwrap_err().to_string();
    assert!(refused.contains("log rejected was changed by another program"), "{refused}");
}
