//! The way of one fix: decoded and shown at once, written with its batch, and
//! acknowledged to the broker only when the batch is committed.
//!
//! Two tasks with a queue of two batches between them: one decodes and keeps the
//! live state, the other commits. When the store is slow the queue fills, nothing
//! more is taken from the session, and the broker keeps what follows.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant as Stopwatch};

use misto_city::fleet::Observed;
use misto_ingest::decode::{Decoded, Message, Sources};
use misto_ingest::mqtt::{Ack, Delivery};
use misto_model::{Audience, Position, Reading, Rejection, VehicleKey, VehiclePosition};
use serde_json::json;
use tokio::sync::mpsc;

use crate::app::{App, Shared};
use crate::stream::{Event, Subject};
use crate::view::sensor;

/// Kind of log entries that holds rejected messages.
pub const LEDGER: &str = "rejected";

/// Most messages of one batch.
const BATCH_MESSAGES: usize = 2_000;
/// Batches between decoding and committing.
const QUEUED_BATCHES: usize = 2;
/// Longest pause between attempts to commit.
const LONGEST_RETRY: Duration = Duration::from_secs(5);

/// Everything of one round, to be committed together.
#[derive(Default)]
struct Batch {
    positions: Vec<VehiclePosition>,
    readings: Vec<Reading>,
    rejections: Vec<Rejection>,
    acks: Vec<Ack>,
}

/// Runs until the session ends.
pub async fn run(app: Shared, sources: Sources, deliveries: mpsc::Receiver<Delivery>) {
    let (batches, queue) = mpsc::channel(QUEUED_BATCHES);
    let committing = tokio::spawn(commit(app.clone(), queue));
    decode(app, sources, deliveries, batches).await;
    if let Err(cause) = committing.await {
        tracing::error!(%cause, "the committing task ended");
    }
}

async fn decode(app: Shared, sources: Sources, mut deliveries: mpsc::Receiver<Delivery>, batches: mpsc::Sender<Batch>) {
    let mut waiting = Vec::with_capacity(BATCH_MESSAGES);
    // Takes what is there: alone when it is quiet, thousands when the store was busy.
    while deliveries.recv_many(&mut waiting, BATCH_MESSAGES).await > 0 {
        app.metrics.waiting.inc_by(waiting.len() as i64);
        app.metrics.received.inc_by(waiting.len() as u64);
        let mut batch = Batch::default();
        for delivery in waiting.drain(..) {
            let message = Message {
                topic: &delivery.topic,
                payload: &delivery.payload,
                retained: delivery.retained,
                received_at: delivery.received_at,
            };
            let decoded = sources.decode(&message);
            app.observe(&decoded);
            batch.positions.extend(decoded.positions);
            batch.readings.extend(decoded.readings);
            batch.rejections.extend(decoded.rejections);
            batch.acks.push(delivery.ack);
        }
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
            if !app.commit_failing.swap(true, Ordering::AcqRel) {
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
        if app.commit_failing.swap(false, Ordering::AcqRel) {
            tracing::info!("batches are committed again");
        }
        app.metrics.commit_seconds.0.observe(begun.elapsed().as_secs_f64());
        app.metrics.waiting.dec_by(batch.acks.len() as i64);
        batch.acks.into_iter().for_each(Ack::confirm);
    }
}

/// Idempotent, so a batch may be tried again after any part of it was written;
/// rejections come last because the ledger has no key.
async fn write(app: &App, batch: &Batch) -> misto_model::Result<()> {
    if !batch.positions.is_empty() {
        let appended = app.store.series.append_positions(&batch.positions).await?;
        app.metrics.positions_added.inc_by(appended.added);
        app.metrics.positions_redelivered.inc_by(appended.redelivered);
        app.metrics.positions_differing.inc_by(appended.differing);
    }
    if !batch.readings.is_empty() {
        let appended = app.store.series.append_readings(&batch.readings).await?;
        app.metrics.readings_added.inc_by(appended.added);
    }
    if !batch.rejections.is_empty() {
        let entries: Vec<serde_json::Value> = batch.rejections.iter().map(|rejection| json!(rejection)).collect();
        app.store.log.append(LEDGER, &entries, app.now(), Some(app.settings.store.keep_rejected)).await?;
    }
    Ok(())
}

impl App {
    /// Takes a message's contents into the live state and tells those who listen.
    fn observe(&self, decoded: &Decoded) {
        for rejection in &decoded.rejections {
            self.metrics.count_rejection(rejection.reason);
        }
        for fix in &decoded.positions {
            self.observe_fix(fix);
        }
        for gone in &decoded.gone {
            let mut fleet = self.fleet.write().unwrap_or_else(std::sync::PoisonError::into_inner);
            fleet.leave(&gone.vehicle);
            drop(fleet);
            // The public hears of it from the publishing task.
            self.announce_vehicle(&gone.vehicle, Audience::Staff);
        }
        for reading in &decoded.readings {
            self.observe_reading(reading);
        }
    }

    fn observe_fix(&self, fix: &VehiclePosition) {
        let mut fleet = self.fleet.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let observed = fleet.observe(fix.clone(), &self.fleet_rules);
        drop(fleet);
        if observed == Observed::Newest && self.hub.listeners() > 0 {
            self.announce_vehicle(&fix.vehicle, Audience::Staff);
            self.announce_vehicle(&fix.vehicle, Audience::Public);
        }
    }

    /// Writes the vehicle as an audience may see it now and sends it out. For a
    /// delayed kind the public hears of it from the publishing task instead.
    fn announce_vehicle(&self, key: &VehicleKey, audience: Audience) {
        let fleet = self.fleet.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(known) = fleet.get(key) else { return };
        if audience == Audience::Public && !known.kind.is_some_and(misto_model::VehicleKind::is_transit) {
            return;
        }
        let Some(feature) = self.viewing().feature(key, known, fleet.registration(key), audience) else { return };
        drop(fleet);
        self.announce_feature(&feature, audience);
    }

    /// Sends out a vehicle that an audience may see.
    pub fn announce_feature(&self, feature: &crate::view::vehicle::VehicleFeature, audience: Audience) {
        let [lon, lat] = feature.geometry.coordinates;
        let Ok(position) = Position::new(lon, lat) else { return };
        match serde_json::to_string(feature) {
            Ok(data) => self.hub.announce(Event {
                subject: Subject::Vehicle { position, route: feature.properties.route.clone() },
                audience: Some(audience),
                id: feature.id.clone(),
                data,
            }),
            Err(cause) => tracing::error!(%cause, "a vehicle cannot be written as JSON"),
        }
    }

    /// Tells the public that a vehicle is no longer shown.
    pub fn announce_gone(&self, key: &VehicleKey) {
        let fleet = self.fleet.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let id = self.viewing().id(key, fleet.registration(key), Audience::Public);
        let audience = Some(Audience::Public);
        self.hub.announce(Event { subject: Subject::VehicleGone, audience, id, data: String::new() });
    }

    fn observe_reading(&self, reading: &Reading) {
        let mut sensors = self.sensors.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(key) = sensors.observe(reading.clone()) else { return };
        if self.hub.listeners() == 0 {
            return;
        }
        let things = self.things.load();
        let id = key.to_string();
        let Some(thing) = sensors.get(&key) else { return };
        let register = things.get(&id);
        let position = sensor::place(thing, register);
        let Some(feature) = sensor::feature(&key, thing, register, self.now()) else { return };
        drop(sensors);
        match serde_json::to_string(&feature) {
            Ok(data) => {
                self.hub.announce(Event { subject: Subject::Reading { position }, audience: None, id, data });
            }
            Err(cause) => tracing::error!(%cause, "a sensor cannot be written as JSON"),
        }
    }
}
