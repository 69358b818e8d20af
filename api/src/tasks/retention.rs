//! Positions and readings are kept for a set time, counted from receipt, and days that
//! are over are prepared for questions of place. Of several processes one does so.

use std::time::Duration;

use misto_city::fleet::seconds_before;

use crate::app::Shared;

/// Once an hour until the server stops.
pub async fn run(app: Shared) {
    let mut stopping = app.stopping.clone();
    let mut ticks = tokio::time::interval(Duration::from_secs(3_600));
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        if !app.leads().await {
            continue;
        }
        let before = seconds_before(app.now(), f64::from(app.settings.store.keep_days) * 86_400.0);
        match app.store.series.forget_received_before(before).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, %before, "old positions and readings were removed"),
            Err(error) => tracing::warn!(%error, "old positions and readings could not be removed"),
        }
        match app.store.series.settle(app.now()).await {
            Ok(0) => {}
            Ok(days) => tracing::info!(days, "days that are over were indexed by place"),
            Err(error) => tracing::warn!(%error, "a day that is over could not be indexed by place"),
        }
    }
}
