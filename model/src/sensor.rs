//! Sensor readings, in the terms of OGC SensorThings 1.1 (18-088).

use serde::{Deserialize, Serialize};

use crate::geometry::Position;
use crate::instant::Instant;
use crate::vehicle::SourceId;

/// One measured quantity of one device.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DatastreamKey {
    /// Configured source.
    pub source: SourceId,
    /// The device (Thing) as the source names it.
    pub thing: String,
    /// The quantity as the source names it, for example `pm2_5`.
    pub observed_property: String,
}

impl std::fmt::Display for DatastreamKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}/{}", self.source, self.thing, self.observed_property)
    }
}

/// What a sensor said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ReadingValue {
    /// True or false.
    Truth(bool),
    /// A finite number.
    Number(f64),
    /// A word.
    Text(String),
}

/// Something known about a reading that a reader must see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadingFlag {
    /// The value is the sensor's ceiling: the truth may be higher.
    Ceiling,
    /// The device's clock cannot be right.
    ClockWrong,
}

/// One observation (phenomenonTime, result, resultTime).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// Which quantity of which device.
    pub datastream: DatastreamKey,
    /// When it was measured.
    pub phenomenon_time: Instant,
    /// When Misto received it.
    pub received_at: Instant,
    /// What was measured.
    pub result: ReadingValue,
    /// Unit symbol (UCUM where the source tells it); `None` when nobody told.
    pub unit: Option<String>,
    /// Where the device stands; `None` when nobody told.
    pub position: Option<Position>,
    /// What a reader must know.
    pub flags: Vec<ReadingFlag>,
    /// Tells two readings of one instant apart (frame counter); empty when the instant is enough.
    pub event: String,
}
