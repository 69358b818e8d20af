use std::time::{Duration, Instant};

use misto_model::{Edit, Error};

use super::{City, other_program, parks, url};
use crate::conformance::{named, planner};

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_of_another_program_is_told_and_passes() {
    let city = City::open().await;
    city.store.features.define(&parks()).await.unwrap();
    let edit = || vec![Edit::Create { geometry: None, properties: named("а") }];
    let other = other_program(&city.gpkg());
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let asked = Instant::now();
    match city.store.features.apply(&parks().id, edit(), &planner("")).await {
        Err(Error::Unavailable { reason, .. }) => {
            assert!(reason.contains("another program holds the lock on city.gpkg"), "{reason}")
        }
        unexpected => panic!("{unexpected:?}"),
    }
    assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
    // Reading goes on meanwhile, and so does opening.
    assert_eq!(city.store.features.page(&parks().id, None, 10).await.unwrap().features.len(), 0);
    let second = misto_store::open(&url(city.folder.path())).await.unwrap();
    assert_eq!(second.features.collections().await.unwrap().len(), 1);
    // Many at once wait no longer than one.
    let asked = Instant::now();
    let waiting: Vec<_> = (0..10)
        .map(|_| {
            let (store, edits) = (city.store.clone(), edit());
            tokio::spawn(async move { store.features.apply(&parks().id, edits, &planner("")).await })
        })
        .collect();
    for one in waiting {
        assert!(matches!(one.await.unwrap(), Err(Error::Unavailable { .. })));
    }
    assert!(asked.elapsed() < Duration::from_secs(6), "{:?}", asked.elapsed());
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(city.store.features.apply(&parks().id, edit(), &planner("")).await.unwrap().len(), 1);
}
