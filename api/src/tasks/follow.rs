//! The index follows the change feed: from the store's commit, whoever made it,
//! to the tiles of every browser.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use misto_model::{Collection, CollectionId, Error, FeatureId, Result};
use misto_store::{FeaturePage, FeedPage};
use misto_tiles::{Atlas, Loading, Touched, TouchedArea};
use serde_json::json;

use crate::app::{App, Shared};
use crate::stream::{Event, Subject};

/// Changes read at once.
const PAGE: usize = 1_000;
/// Features read at once while loading.
const LOAD_PAGE: usize = 5_000;
/// Longest time without a look at the feed.
const LOOK: Duration = Duration::from_secs(5);
/// Pause after a failure of the store.
const RETRY: Duration = Duration::from_secs(1);

/// Loads everything, then follows until the server stops.
pub async fn run(app: Shared) {
    let mut stopping = app.stopping.clone();
    tokio::select! {
        () = follow(&app) => {}
        _ = stopping.wait_for(|stop| *stop) => {}
    }
}

async fn follow(app: &Shared) {
    let mut upto = loop {
        match load(app).await {
            Ok(upto) => break upto,
            Err(error) => {
                tracing::error!(%error, "the layers cannot be loaded; it will be tried again");
                tokio::time::sleep(RETRY).await;
            }
        }
    };
    app.loaded.store(true, Ordering::Release);
    loop {
        app.followed.send_replace(upto);
        match step(app, upto).await {
            Ok(reached) => {
                if app.feed_failing.swap(None).is_some() {
                    tracing::info!("changes of the layers are read again");
                }
                if reached > upto {
                    upto = reached;
                } else {
                    // Over means that a look is due: a store that is gone tells of no change.
                    let _ = tokio::time::timeout(LOOK, app.store.features.wait_for_change(upto)).await;
                }
            }
            Err(error) => {
                if app.feed_failing.swap(Some(Arc::new(error.to_string()))).is_none() {
                    tracing::warn!(%error, "the change feed cannot be read; it will be tried again");
                }
                tokio::time::sleep(RETRY).await;
            }
        }
    }
}

/// Loads every collection; gives the sequence from which to follow.
async fn load(app: &Shared) -> Result<i64> {
    // Read first: a change during the load is then followed once more, which is harmless.
    let upto = app.store.features.newest_change().await?;
    let mut ids: BTreeSet<CollectionId> = app.atlas.collections().iter().map(|known| known.id.clone()).collect();
    let collections = app.store.features.collections().await?;
    ids.extend(collections.iter().map(|collection| collection.id.clone()));
    take_over(app, &ids, collections).await?;
    Ok(upto)
}

/// Reads these collections anew; those that stand no longer go.
async fn take_over(app: &Shared, ids: &BTreeSet<CollectionId>, standing: Vec<Collection>) -> Result<()> {
    for id in ids.iter().filter(|id| !standing.iter().any(|collection| collection.id == **id)) {
        app.atlas.remove(id);
    }
    for collection in standing.into_iter().filter(|collection| ids.contains(&collection.id)) {
        let loading = read(app, collection).await?;
        tracing::debug!(collection = %loading.id(), features = loading.len(), "loaded");
        apart(app, move |atlas| atlas.put(loading)).await?;
    }
    Ok(())
}

/// Reads a collection; a page is packed while the next one is read.
async fn read(app: &Shared, collection: Collection) -> Result<Loading> {
    let id = collection.id.clone();
    let mut loading = Loading::of(collection);
    let FeaturePage { mut features, mut next } = app.store.features.page(&id, None, LOAD_PAGE).await?;
    loop {
        let packed = apart(app, move |_| {
            loading.add(features);
            loading
        });
        if next.is_none() {
            return packed.await;
        }
        (loading, FeaturePage { features, next }) =
            tokio::try_join!(packed, app.store.features.page(&id, next, LOAD_PAGE))?;
    }
}

/// One page of the feed; gives the sequence reached.
async fn step(app: &Shared, after: i64) -> Result<i64> {
    let FeedPage { changes, mut redefined, upto } = app.store.features.changes(after, PAGE).await?;
    let mut by_collection: BTreeMap<CollectionId, Vec<FeatureId>> = BTreeMap::new();
    for change in changes {
        by_collection.entry(change.collection).or_default().push(change.id);
    }
    for (collection, mut ids) in by_collection {
        if redefined.contains(&collection) {
            continue;
        }
        ids.sort_unstable();
        ids.dedup();
        match replace(app, &collection, ids).await {
            Ok(touched) => announce(app, &collection, &touched),
            // Made or dropped meanwhile; the feed says so further on.
            Err(Error::NotFound { .. }) => {
                redefined.insert(collection);
            }
            Err(error) => return Err(error),
        }
    }
    if !redefined.is_empty() {
        take_over(app, &redefined, app.store.features.collections().await?).await?;
        app.hub.announce(Event {
            subject: Subject::Reset,
            audience: None,
            id: String::new(),
            data: json!({"reason": "collections"}).to_string(),
        });
    }
    Ok(upto)
}

/// Reads these features anew and puts them into the atlas.
async fn replace(app: &Shared, collection: &CollectionId, ids: Vec<FeatureId>) -> Result<Touched> {
    let standing = app.store.features.get(collection, &ids).await?;
    let mut standing: BTreeMap<FeatureId, _> = standing.into_iter().map(|feature| (feature.id, feature)).collect();
    let changes = ids.into_iter().map(|id| (id, standing.remove(&id))).collect();
    let collection = collection.clone();
    apart(app, move |atlas| atlas.apply(&collection, changes)).await?
}

/// Works on the atlas where it holds up no request: a city takes a second to index.
async fn apart<T: Send + 'static>(app: &Shared, work: impl FnOnce(&Atlas) -> T + Send + 'static) -> Result<T> {
    let app = app.clone();
    let done = tokio::task::spawn_blocking(move || work(&app.atlas)).await;
    done.map_err(|cause| Error::unavailable("the features could not be indexed", cause))
}

fn announce(app: &App, collection: &CollectionId, touched: &Touched) {
    let data = match &touched.area {
        TouchedArea::None => return,
        TouchedArea::Tiles(tiles) => {
            let tiles: Vec<String> = tiles.iter().map(ToString::to_string).collect();
            json!({"collection": collection, "version": touched.version, "tiles": tiles})
        }
        TouchedArea::Bbox(bbox) => json!({"collection": collection, "version": touched.version, "bbox": bbox}),
    };
    app.hub.announce(Event {
        subject: Subject::Tiles { collection: collection.clone() },
        audience: None,
        id: String::new(),
        data: data.to_string(),
    });
}
