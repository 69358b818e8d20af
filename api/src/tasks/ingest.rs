//! The way of one fix: decoded and shown at once, written with its batch, and
//! acknowledged to the broker only when the batch is committed.
//!
//! Two tasks with a queue of two batches between them: one decodes and hands on
//! what is live, the other commits. When the store is slow the queue fills, nothing
//! more is taken from the session, and the broker keeps what follows.

use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};

use misto_ingest::decode::{Decoded, Message, Sources};
use misto_ingest::mqtt::{Ack, Delivery, Publisher};
use misto_ingest::normalised;
use misto_model::{Reading, VehiclePosition};
use misto_store::KeyedEntry;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::app::{App, Shared};
use crate::tasks::ledger::{self, LEDGER};
use crate::transit::foreign::Foreign;
use crate::transit::told;

/// Most messages of one batch.
const BATCH_MESSAGES: usize = 2_000;
/// Batches between decoding and committing.
const QUEUED_BATCHES: usize = 2;
/// Longest pause between attempts to commit.
const LONGEST_RETRY: Duration = Duration::from_secs(5);

/// Everything of one round, to be committed together.
#[derive(Default)]
pub struct Batch {
    positions: Vec<Arc<VehiclePosition>>,
    readings: Vec<Reading>,
    rejections: Vec<KeyedEntry>,
    acks: Vec<Ack>,
    /// When its first message was taken from the session.
    begun: Option<Stopwatch>,
}

impl Batch {
    /// Of fixes that nobody waits to see acknowledged.
    pub fn of(positions: Vec<Arc<VehiclePosition>>) -> Self {
        Self { positions, begun: Some(Stopwatch::now()), ..Self::default() }
    }
}

/// Where decoded values go at once, before they are committed.
pub enum Outlet {
    /// Into the live state of this process.
    Live,
    /// To the processes of the other roles.
    Broker(Publisher),
}

impl Outlet {
    /// Hands on what was decoded.
    pub async fn hand_on(&self, app: &App, decoded: &Decoded) {
        match self {
            Self::Live => app.observe(decoded),
            Self::Broker(publisher) => {
                for (topic, payload) in normalised::messages(decoded) {
                    if let Err(cause) = publisher.publish(&topic, payload).await {
                        tracing::error!(%cause, "a value cannot be told to the other processes");
                    }
                }
            }
        }
    }

    /// Hands on what a feed of somebody else says; `key` is its place in the configuration.
    pub async fn say(&self, app: &App, key: usize, said: &Foreign) {
        let publisher = match self {
            Self::Live => return app.transit.say(key, said.clone(), &app.hub),
            Self::Broker(publisher) => publisher,
        };
        let packed = match told::packed(said) {
            Ok(packed) => packed,
            Err(cause) => return tracing::error!(%cause, "what a feed says cannot be written"),
        };
        if let Err(cause) = publisher.publish(&told::foreign_topic(key), packed.into()).await {
            tracing::error!(%cause, "what a feed says cannot be told to the other processes");
        }
    }
}

/// Runs until the sessions end.
pub async fn run(app: Shared, sources: Sources, deliveries: mpsc::Receiver<Delivery>, outlet: Outlet) {
    let (batches, queue) = mpsc::channel(QUEUED_BATCHES);
    let committing = tokio::spawn(commit(app.clone(), queue));
    let outlet = Arc::new(outlet);
    let mut foreign = JoinSet::new();
    for (key, feed) in app.settings.gtfs_realtime.iter().cloned().enumerate() {
        foreign.spawn(super::foreign::follow(app.clone(), key, feed, Arc::clone(&outlet), batches.clone()));
    }
    decode(&app, sources, deliveries, batches, &outlet).await;
    foreign.shutdown().await;
    if let Err(cause) = committing.await {
        tracing::error!(%cause, "the committing task ended");
    }
}

async fn decode(
    app: &App,
    sources: Sources,
    mut deliveries: mpsc::Receiver<Delivery>,
    batches: mpsc::Sender<Batch>,
    outlet: &Outlet,
) {
    let mut waiting = Vec::with_capacity(BATCH_MESSAGES);
    // Empty between messages; used again so that none needs room of its own.
    let mut decoded = Decoded::default();
    // Takes what is there: alone when it is quiet, thousands when the store was busy.
    while deliveries.recv_many(&mut waiting, BATCH_MESSAGES).await > 0 {
        app.metrics.waiting.inc_by(waiting.len() as i64);
        app.metrics.received.inc_by(waiting.len() as u64);
        app.metrics.batch_messages.0.observe(waiting.len() as f64);
        let mut batch = Batch { begun: Some(Stopwatch::now()), ..Batch::default() };
        batch.positions.reserve(waiting.len());
        batch.acks.reserve(waiting.len());
        for delivery in waiting.drain(..) {
            let message = Message {
                topic: &delivery.topic,
                payload: &delivery.payload,
                retained: delivery.retained,
                received_at: delivery.received_at,
            };
            sources.decode_into(&message, &mut decoded);
            decoded.rejections.iter().for_each(|rejection| app.metrics.count_rejection(rejection.reason));
            outlet.hand_on(app, &decoded).await;
            batch.positions.append(&mut decoded.positions);
            batch.readings.append(&mut decoded.readings);
            batch.rejections.append(&mut ledger::entries(&delivery.topic, &delivery.payload, &decoded.rejections));
            decoded.rejections.clear();
            decoded.gone.clear();
            batch.acks.push(delivery.ack);
        }
        app.metrics.newest_fix.heard(&batch.positions);
        if batches.send(batch).await.is_err() {
            return;
        }
    }
}

async fn commit(app: Shared, mut queue: mpsc::Receiver<Batch>) {
    while let Some(batch) = queue.recv().await {
        let begun = Stopwatch::now();
        let mut pause = Duration::from_millis(100);
        while let Err(error) = write(&app, &batch).await {
            let reason = Some(Arc::new(error.to_string()));
            if app.commit_failing.swap(reason).is_none() {
                tracing::error!(%error, detail = ?error, "a batch could not be committed; it will be tried again");
            }
            app.metrics.commit_retries.inc();
            if *app.stopping.borrow() {
                // Unacknowledged: the broker delivers it again.
                return;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_RETRY);
        }
        if app.commit_failing.swap(None).is_some() {
            tracing::info!("batches are committed again");
        }
        app.metrics.commit_seconds.0.observe(begun.elapsed().as_secs_f64());
        app.metrics.waiting.dec_by(batch.acks.len() as i64);
        Ack::confirm_all(batch.acks);
        if let Some(begun) = batch.begun {
            app.metrics.lag_seconds.0.observe(begun.elapsed().as_secs_f64());
        }
    }
}

/// Idempotent, so a batch may be tried again after any part of it was written.
async fn write(app: &App, batch: &Batch) -> misto_model::Result<()> {
    if !batch.positions.is_empty() {
        let appended = app.store.series.append_shared_positions(&batch.positions).await?;
        app.metrics.positions_added.inc_by(appended.added);
        app.metrics.positions_redelivered.inc_by(appended.redelivered);
        app.metrics.positions_differing.inc_by(appended.differing);
    }
    if !batch.readings.is_empty() {
        let appended = app.store.series.append_readings(&batch.readings).await?;
        app.metrics.readings_added.inc_by(appended.added);
    }
    if !batch.rejections.is_empty() {
        let keep = Some(app.settings.store.keep_rejected);
        app.store.log.append_once(LEDGER, &batch.rejections, app.now(), keep).await?;
    }
    Ok(())
}
