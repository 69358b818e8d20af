//! The timetable in memory follows the feeds in the store, so that
//! `misto gtfs load` works beside a running server.

use std::sync::Arc;
use std::time::Duration;

use misto_city::transit::Network;
use misto_model::{FeedName, Timetable, Version};
use misto_store::Store;

use crate::app::{App, Shared};
use crate::transit::Loaded;

/// Kind of the blobs that hold one feed each as JSON, by its name; an empty one is a feed
/// that was dropped (its version goes on, so that loading it again is a change).
const FEEDS: &str = "timetable";
/// Kind and key of the blob whose version tells that any feed changed.
const CHANGED: (&str, &str) = ("timetable_changed", "feeds");

/// What was loaded last: the versions of the mark and of the city's feed, which was written
/// without the mark while there was one feed.
pub type Versions = (Option<Version>, Option<Version>);

/// Looks every few seconds until the server stops.
pub async fn run(app: Shared) {
    let mut stopping = app.stopping.clone();
    let mut ticks = tokio::time::interval(Duration::from_secs(3));
    let mut loaded = (None, None);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        match refresh(&app, loaded).await {
            Ok(now) => loaded = now,
            Err(cause) => tracing::warn!(%cause, "the timetable cannot be read; the one in memory stays"),
        }
    }
}

/// Reads the timetable when the store holds another than `loaded`.
///
/// # Errors
/// When the store cannot be read or what it holds is no timetable.
pub async fn refresh(app: &App, loaded: Versions) -> Result<Versions, String> {
    let blobs = &app.store.blobs;
    let changed = blobs.version(CHANGED.0, CHANGED.1).await.map_err(|e| e.to_string())?;
    let city = blobs.version(FEEDS, FeedName::city().as_str()).await.map_err(|e| e.to_string())?;
    if (changed, city) == loaded {
        return Ok(loaded);
    }
    let read = versioned_feeds(&app.store).await?;
    // Of the bytes that were read: processes that name one version hold one timetable.
    let version = read.iter().map(|(name, version, _)| format!("{name}@{}", version.0)).collect::<Vec<_>>().join(",");
    let feeds: Vec<_> = read.into_iter().map(|(name, _, timetable)| (name, timetable)).collect();
    if feeds.is_empty() {
        app.transit.loaded.store(None);
        app.transit.shown.store(None);
        return Ok((changed, city));
    }
    let network =
        tokio::task::spawn_blocking(move || Network::new(merged(feeds)?)).await.map_err(|e| e.to_string())??;
    tracing::info!(trips = network.timetable().trips.len(), "timetable loaded");
    app.transit.loaded.store(Some(Arc::new(Loaded::new(network, version))));
    Ok((changed, city))
}

fn merged(feeds: Vec<(FeedName, Timetable)>) -> Result<Timetable, String> {
    Timetable::merged(feeds).map_err(|e| e.to_string())
}

/// The feeds in the store.
///
/// # Errors
/// When the store cannot be read or what it holds is no timetable.
pub async fn feeds(store: &Store) -> Result<Vec<(FeedName, Timetable)>, String> {
    let read = versioned_feeds(store).await?;
    Ok(read.into_iter().map(|(name, _, timetable)| (name, timetable)).collect())
}

async fn versioned_feeds(store: &Store) -> Result<Vec<(FeedName, Version, Timetable)>, String> {
    let mut feeds = Vec::new();
    for (kind, key) in store.blobs.names().await.map_err(|e| e.to_string())? {
        let Some(name) = (kind == FEEDS).then(|| key.parse::<FeedName>().ok()).flatten() else { continue };
        let Some(blob) = store.blobs.get(FEEDS, &key).await.map_err(|e| e.to_string())? else { continue };
        if blob.bytes.is_empty() {
            continue;
        }
        let version = blob.version;
        let timetable = tokio::task::spawn_blocking(move || serde_json::from_slice(&blob.bytes))
            .await
            .map_err(|e| e.to_string())?
            .map_err(|e| format!("feed {name}: {e}"))?;
        feeds.push((name, version, timetable));
    }
    Ok(feeds)
}

/// Makes a timetable the one of that feed; `None` drops the feed.
///
/// # Errors
/// When the store cannot be written.
pub async fn put(store: &Store, feed: &FeedName, timetable: Option<&Timetable>) -> Result<(), String> {
    let bytes = timetable.map(serde_json::to_vec).transpose().map_err(|e| e.to_string())?.unwrap_or_default();
    store.blobs.put(FEEDS, feed.as_str(), &bytes).await.map_err(|e| e.to_string())?;
    store.blobs.put(CHANGED.0, CHANGED.1, feed.as_str().as_bytes()).await.map_err(|e| e.to_string())?;
    Ok(())
}
