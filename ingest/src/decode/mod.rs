//! Wire formats to values: one file per format, pure functions.
//!
//! A message that cannot be used becomes a [`Rejection`] that names the field,
//! what was found and what would be right; nothing is dropped without one. No
//! decoder reads a clock: `received_at` travels with the message.
//!
//! Converted here, once: speeds to m/s, bearings to degrees clockwise from
//! north, places to WGS 84 longitude and latitude, times to UTC.

mod borrowed;
mod canonical;
mod config;
mod decree835;
mod field;
mod fix;
pub mod gtfs_realtime;
mod hfp;
mod if_operator;
mod json;
mod mapped;
mod mapping;
mod owntracks;
mod refusal;
mod rule;
mod sensorthings;
mod sources;
mod time;
mod topic;
mod tts;

pub use canonical::{canonical_json, canonical_readings_json};
pub use config::{Format, InvalidSource, SourceConfig};
pub use mapping::{InvalidMapping, Mapping, MappingConfig, ReadingRule};
pub use refusal::Refusal;
pub use rule::{Rule, TimeForm, Transform, Unit};
pub use sources::Sources;
pub use topic::TopicFilter;

use std::sync::Arc;

use misto_model::{Instant, Reading, Rejection, VehicleKey, VehiclePosition};

/// One MQTT message as it arrived.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// Topic name.
    pub topic: &'a str,
    /// Bytes.
    pub payload: &'a [u8],
    /// Whether the broker kept it from earlier (MQTT 3.1.1, 3.3.1.3). It is
    /// decoded like any other: its fix time tells its age.
    pub retained: bool,
    /// When Misto received it.
    pub received_at: Instant,
}

/// A device that said good-bye (OwnTracks `lwt`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// Whose device.
    pub vehicle: VehicleKey,
    /// When it was last there, as the message says; receipt when it says nothing.
    pub at: Instant,
}

/// Everything that was decoded. After each message at least one of the four is longer:
/// a message with several records may give fixes and rejections at once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decoded {
    /// Fixes, in the order of the message; the live state and the batch for the
    /// history hold the same one.
    pub positions: Vec<Arc<VehiclePosition>>,
    /// Readings, in the order of the message.
    pub readings: Vec<Reading>,
    /// Devices that left.
    pub gone: Vec<Gone>,
    /// What could not be used.
    pub rejections: Vec<Rejection>,
}

#[cfg(test)]
mod tests;
