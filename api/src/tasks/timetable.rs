//! The timetable in memory follows the one in the store, so that
//! `misto gtfs load` works beside a running server.

use std::sync::Arc;
use std::time::Duration;

use misto_city::transit::Network;
use misto_model::{Timetable, Version};

use crate::app::{App, Shared};
use crate::transit::Loaded;

/// Kind and key of the blob that holds the city's timetable, as JSON.
pub const BLOB: (&str, &str) = ("timetable", "city");

/// Looks every few seconds until the server stops.
pub async fn run(app: Shared) {
    let mut stopping = app.stopping.clone();
    let mut ticks = tokio::time::interval(Duration::from_secs(3));
    let mut loaded = None;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        match refresh(&app, loaded).await {
            Ok(version) => loaded = version,
            Err(cause) => tracing::warn!(%cause, "the timetable cannot be read; the one in memory stays"),
        }
    }
}

/// Reads the timetable when the store holds another than `loaded`.
///
/// # Errors
/// When the store cannot be read or what it holds is no timetable.
pub async fn refresh(app: &App, loaded: Option<Version>) -> Result<Option<Version>, String> {
    let (kind, key) = BLOB;
    let standing = app.store.blobs.version(kind, key).await.map_err(|e| e.to_string())?;
    if standing.is_none() || standing == loaded {
        return Ok(loaded);
    }
    let Some(blob) = app.store.blobs.get(kind, key).await.map_err(|e| e.to_string())? else { return Ok(loaded) };
    let blob_version = blob.version;
    let network = tokio::task::spawn_blocking(move || {
        let timetable: Timetable = serde_json::from_slice(&blob.bytes).map_err(|e| e.to_string())?;
        Network::new(timetable)
    })
    .await
    .map_err(|e| e.to_string())??;
    tracing::info!(trips = network.timetable().trips.len(), "timetable loaded");
    let version = format!("{}", blob_version.0);
    app.transit.loaded.store(Some(Arc::new(Loaded::new(network, version))));
    Ok(Some(blob_version))
}
