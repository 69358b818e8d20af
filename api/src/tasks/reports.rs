//! Reports that stand follow the store, what is over by itself ends, and photos that no
//! report named go.

use std::time::Duration;

use crate::app::Shared;
use crate::reports::{refresh, remove_loose};
use crate::role::ProcessRole;

/// How often a process looks what others took in.
const AMONG_SEVERAL: Duration = Duration::from_secs(5);
/// How often the only process looks whether something is over.
const ALONE: Duration = Duration::from_secs(60);
/// How often loose photos are looked for.
const PHOTOS_EVERY: Duration = Duration::from_secs(3_600);

/// Looks again and again until the server stops.
pub async fn run(app: Shared) {
    let mut stopping = app.stopping.clone();
    let every = if app.role == ProcessRole::All { ALONE } else { AMONG_SEVERAL };
    let mut ticks = tokio::time::interval(every);
    let mut photos = tokio::time::interval(PHOTOS_EVERY);
    loop {
        let is_for_reports = tokio::select! {
            _ = ticks.tick() => true,
            _ = photos.tick() => false,
            _ = stopping.wait_for(|stop| *stop) => return,
        };
        if is_for_reports {
            if let Err(cause) = refresh(&app).await {
                tracing::warn!(%cause, "reports of residents cannot be read; those in memory stay");
            }
            continue;
        }
        match remove_loose(&app).await {
            Ok(0) => {}
            Ok(photos) => tracing::info!(photos, "photos that no report named were removed"),
            Err(cause) => tracing::warn!(%cause, "photos that no report named could not be removed"),
        }
    }
}
