//! The picture as the process that follows the rules tells it to those that serve it:
//! one message, so that all of them show the same and encode the same feeds. What feeds of
//! others say goes from the process that reads them to the one that makes the picture, and
//! on with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use misto_city::transit::StopVisit;
use misto_city::transit::headway::LineHeadways;
use misto_model::Instant;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::alerts::StandingAlert;
use super::foreign::Foreign;
use super::shown::{OnDuty, Shown};
use crate::app::App;

/// Where it is told. No tracker may write or read it (docs/brokers.md).
pub const TOPIC: &str = "misto/v1/transit";

/// Before the place of a feed in the configuration: where is told what that feed says. No
/// tracker may write or read it.
const FOREIGN: &str = "misto/v1/foreign/";
/// Filter for all of them.
pub const EVERY_FOREIGN: &str = "misto/v1/foreign/+";

/// A picture may be so long when unpacked; 10 000 vehicles take a tenth of it.
const MAX_BYTES: u64 = 512 << 20;
/// A clock that was put back by more than this is followed.
const CLOCK_STEP_S: f64 = 60.0;

/// What a picture is made of.
#[derive(Debug, Serialize, Deserialize)]
pub struct Told {
    /// The timetable that numbers of trips and patterns belong to.
    pub timetable: String,
    /// When everybody was looked at.
    pub made_at: Instant,
    /// Vehicles in the order of their keys.
    pub vehicles: Vec<OnDuty>,
    /// Visits of the last minutes, oldest first.
    pub visits: Vec<StopVisit>,
    /// Directions of routes with the intervals between their vehicles.
    pub lines: Vec<LineHeadways>,
    /// Every notice of the city's own that stands.
    pub alerts: Vec<StandingAlert>,
    /// What feeds of others say, by their place in the configuration.
    pub foreign: BTreeMap<usize, Foreign>,
}

/// As it travels.
///
/// # Errors
/// When it cannot be written.
pub fn packed(value: &impl Serialize) -> Result<Vec<u8>, String> {
    let mut packer = zstd::stream::write::Encoder::new(Vec::new(), 3).map_err(|e| e.to_string())?;
    serde_json::to_writer(&mut packer, value).map_err(|e| e.to_string())?;
    packer.finish().map_err(|e| e.to_string())
}

fn unpacked<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    use std::io::Read;
    let unpacker = zstd::stream::read::Decoder::new(bytes).map_err(|e| e.to_string())?;
    serde_json::from_reader(std::io::BufReader::new(unpacker.take(MAX_BYTES))).map_err(|e| e.to_string())
}

/// Where is told what the feed at this place of the configuration says.
pub fn foreign_topic(key: usize) -> String {
    format!("{FOREIGN}{key}")
}

/// Takes over what a feed says, if the topic is of that kind; gives whether it is.
pub fn take_foreign(app: &App, topic: &str, payload: &[u8]) -> bool {
    let Some(key) = topic.strip_prefix(FOREIGN) else { return false };
    match (key.parse(), unpacked(payload)) {
        (Ok(key), Ok(said)) => app.transit.say(key, said, &app.hub),
        (Err(_), _) => tracing::warn!(topic, "what a feed says is left out: its topic ends in no number"),
        (_, Err(cause)) => tracing::warn!(topic, %cause, "what a feed says is left out"),
    }
    true
}

/// Shows a picture that another process tells. One of another timetable waits for this
/// process to load the same; an older one than is shown is left out.
pub fn take(app: &App, payload: &[u8]) {
    let told: Told = match unpacked(payload) {
        Ok(told) => told,
        Err(cause) => return tracing::warn!(%cause, "a picture of the vehicles between processes is left out"),
    };
    let Some(loaded) = app.transit.loaded.load_full().filter(|loaded| loaded.version == told.timetable) else { return };
    let newest = app.transit.shown.load().as_ref().map(|shown| shown.made_at);
    let is_older = newest.is_some_and(|newest| {
        let behind_s = newest.seconds_since(told.made_at);
        (0.0..CLOCK_STEP_S).contains(&behind_s)
    });
    if is_older {
        return;
    }
    app.transit.stand(told.alerts, &app.hub);
    app.transit.say_all(told.foreign, &app.hub);
    let alerts = app.transit.alerts_at(told.made_at);
    let network = Arc::clone(&loaded.network);
    let cancelled = app.transit.cancelled(&network, told.made_at);
    app.metrics.feeds_encoded.inc();
    let shown = Shown::new(told.made_at, network, told.vehicles, told.visits, told.lines, &alerts, &cancelled);
    app.transit.show(shown, &app.hub);
}

#[cfg(test)]
mod tests;
