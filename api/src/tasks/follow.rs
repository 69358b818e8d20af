//! The index follows the change feed: from the store's commit, whoever made it,
//! to the tiles of every browser.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use misto_model::{CollectionId, FeatureId, Result};
use misto_store::FeedPage;
use misto_tiles::{Touched, TouchedArea};
use serde_json::json;

use crate::app::{App, Shared};
use crate::stream::{Event, Subject};

/// Changes read at once.
const PAGE: usize = 1_000;
/// Features read at once while loading.
const LOAD_PAGE: usize = 5_000;
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

async fn follow(app: &App) {
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
            Ok(reached) if reached > upto => upto = reached,
            Ok(_) => app.store.features.wait_for_change(upto).await,
            Err(error) => {
                tracing::warn!(%error, "the change feed cannot be read; it will be tried again");
                tokio::time::sleep(RETRY).await;
            }
        }
    }
}

/// Loads every collection; gives the sequence from which to follow.
async fn load(app: &App) -> Result<i64> {
    // Read first: a change during the load is then followed once more, which is harmless.
    let upto = app.store.features.newest_change().await?;
    let collections = app.store.features.collections().await?;
    let gone: Vec<CollectionId> = app
        .atlas
        .collections()
        .iter()
        .map(|known| known.id.clone())
        .filter(|id| !collections.iter().any(|collection| collection.id == *id))
        .collect();
    for id in gone {
        app.atlas.remove(&id);
    }
    for collection in collections {
        let mut features = Vec::new();
        let mut after = None;
        loop {
            let page = app.store.features.page(&collection.id, after, LOAD_PAGE).await?;
            features.extend(page.features);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        tracing::debug!(collection = %collection.id, features = features.len(), "loaded");
        app.atlas.load(collection, features);
    }
    Ok(upto)
}

/// One page of the feed; gives the sequence reached.
async fn step(app: &App, after: i64) -> Result<i64> {
    let FeedPage { changes, collections_changed, upto } = app.store.features.changes(after, PAGE).await?;
    if collections_changed {
        let reached = load(app).await?;
        app.hub.announce(Event {
            subject: Subject::Reset,
            audience: None,
            id: String::new(),
            data: json!({"reason": "collections"}).to_string(),
        });
        return Ok(reached.max(upto));
    }
    let mut by_collection: BTreeMap<CollectionId, Vec<FeatureId>> = BTreeMap::new();
    for change in changes {
        by_collection.entry(change.collection).or_default().push(change.id);
    }
    for (collection, mut ids) in by_collection {
        ids.sort_unstable();
        ids.dedup();
        let standing = app.store.features.get(&collection, &ids).await?;
        let mut standing: BTreeMap<FeatureId, _> = standing.into_iter().map(|feature| (feature.id, feature)).collect();
        let changed = ids.into_iter().map(|id| (id, standing.remove(&id))).collect();
        let touched = app.atlas.apply(&collection, changed)?;
        announce(app, &collection, &touched);
    }
    Ok(upto)
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
