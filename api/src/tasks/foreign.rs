//! Reads a feed of somebody else again and again: its vehicles go the way of every other fix.

use std::sync::Arc;
use std::time::Duration;

use misto_ingest::decode::Decoded;
use misto_ingest::decode::gtfs_realtime::{RealtimeFeed, RealtimeSource, decode};
use misto_model::Instant;
use tokio::sync::mpsc;

use super::ingest::{Batch, Outlet};
use crate::app::{App, Shared};
use crate::config::ForeignFeed;
use crate::metrics::SourceLabel;
use crate::transit::foreign::Foreign;
use crate::transit::foreign::fetch::{Client, Fetched};

/// Seconds by which its times may lie ahead of ours.
const CLOCK_TOLERANCE_S: f64 = 60.0;

/// Follows one feed until the server stops or nobody commits any more. `key` names the feed
/// among those of the configuration.
pub async fn follow(app: Shared, key: usize, feed: ForeignFeed, outlet: Arc<Outlet>, batches: mpsc::Sender<Batch>) {
    let mut stopping = app.stopping.clone();
    let mut ticks = tokio::time::interval(Duration::from_secs(feed.every_s));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let label = SourceLabel { source: feed.source.to_string() };
    let mut reader = Some(Reader::new(&feed));
    let (mut said, mut failing) = (Foreign::default(), None);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        let Some(taken) = reader.take() else { return };
        let now = app.now();
        let read = tokio::task::spawn_blocking(move || {
            let mut reader = taken;
            let read = reader.read(now);
            (reader, read)
        });
        let read = match read.await {
            Ok((back, read)) => {
                reader = Some(back);
                read
            }
            Err(cause) => return tracing::error!(source = %feed.source, %cause, "the reading of a feed ended"),
        };
        match read {
            Ok(found) => {
                if failing.take().is_some() {
                    tracing::info!(source = %feed.source, "the feed can be read again");
                }
                match found {
                    None => said.read_at = Some(now),
                    Some(found) => {
                        app.metrics.foreign_problems.get_or_create(&label).inc_by(found.problems_total);
                        said.take(&feed.source, &found, now);
                        if hand_on(&app, found, &outlet, &batches).await.is_err() {
                            return;
                        }
                    }
                }
                outlet.say(&app, key, &said).await;
            }
            Err(reason) => {
                app.metrics.foreign_failures.get_or_create(&label).inc();
                if failing.as_ref() != Some(&reason) {
                    tracing::warn!(source = %feed.source, host = %feed.url, reason, "a feed cannot be read; what it said last holds for ten minutes");
                }
                failing = Some(reason);
            }
        }
    }
}

async fn hand_on(app: &App, found: RealtimeFeed, outlet: &Outlet, batches: &mpsc::Sender<Batch>) -> Result<(), ()> {
    if found.positions.is_empty() {
        return Ok(());
    }
    let decoded = Decoded { positions: found.positions.into_iter().map(Arc::new).collect(), ..Decoded::default() };
    outlet.hand_on(app, &decoded).await;
    app.metrics.newest_fix.heard(&decoded.positions);
    batches.send(Batch::of(decoded.positions)).await.map_err(|_| ())
}

/// Asks and decodes; blocks.
pub struct Reader {
    client: Client,
    source: RealtimeSource,
}

impl Reader {
    /// Of one configured feed.
    pub fn new(feed: &ForeignFeed) -> Self {
        let source = RealtimeSource {
            source: feed.source.clone(),
            feed: feed.feed.clone(),
            bounds: None,
            clock_tolerance_s: CLOCK_TOLERANCE_S,
        };
        Self { client: Client::new(feed.url.as_str()), source }
    }

    /// The feed; `None` when it is as it was.
    ///
    /// # Errors
    /// In words: what is wrong with the answer or its bytes.
    pub fn read(&mut self, now: Instant) -> Result<Option<RealtimeFeed>, String> {
        match self.client.ask()? {
            Fetched::Unchanged => Ok(None),
            Fetched::Body(bytes, validators) => {
                let found = decode(&bytes, &self.source, now).map_err(|refusal| refusal.detail)?;
                // Only what could be used is known again: broken bytes are read anew.
                self.client.keep(validators);
                Ok(Some(found))
            }
        }
    }
}

#[cfg(test)]
mod tests;
