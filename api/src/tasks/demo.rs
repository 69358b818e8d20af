//! The demo fleet: publishes over MQTT as real trackers do.

use std::time::Duration;

use jiff::Timestamp;
use misto_ingest::mqtt::{MqttError, Publisher};
use misto_sample_layers::Fleet;
use tokio::sync::watch;

/// Chances of the demo fleet are the same at every start.
const SEED: u64 = 1_662;

/// Publishes once a second until told to stop.
///
/// # Errors
/// When the publisher was stopped from elsewhere.
pub async fn run(publisher: Publisher, mut stopping: watch::Receiver<bool>) -> Result<(), MqttError> {
    let mut fleet = Fleet::new(SEED);
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stopping.wait_for(|stop| *stop) => return Ok(()),
        }
        for message in fleet.messages(Timestamp::now()) {
            publisher.publish(&message.topic, message.payload.into()).await?;
        }
    }
}
