//! What a message said, in the form that both backends keep, and its hash, which
//! tells a redelivery from another message with the same key. Order and form of the
//! hashed fields are part of the stores' format: changing them makes redeliveries
//! look new.

use misto_model::{
    Error, Event, FixFlag, Job, OccupancyStatus, Position, Reading, ReadingFlag, ReadingValue, Result, VehicleKind,
    VehiclePosition,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// What few messages tell, as one JSON text. Names of members are part of the stores' format.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Rest {
    pub(crate) job: Option<Job>,
    pub(crate) occupancy: Option<OccupancyStatus>,
    pub(crate) flags: Vec<FixFlag>,
    pub(crate) extra: serde_json::Map<String, serde_json::Value>,
}

impl Rest {
    /// From the stored text; `None` tells nothing.
    pub(crate) fn parse(text: Option<&str>) -> Result<Self> {
        text.map_or_else(|| Ok(Self::default()), |text| serde_json::from_str(text).map_err(damaged))
    }
}

/// [`Rest`] as it is written, of a fix that somebody else holds.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<Job>,
    #[serde(skip_serializing_if = "Option::is_none")]
    occupancy: Option<OccupancyStatus>,
    #[serde(skip_serializing_if = "<[FixFlag]>::is_empty")]
    flags: &'a [FixFlag],
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    extra: &'a serde_json::Map<String, serde_json::Value>,
}

impl<'a> Told<'a> {
    /// What the message said: without what Misto noted.
    fn of(fix: &'a VehiclePosition) -> Self {
        Self { job: fix.job, occupancy: fix.occupancy, flags: &[], extra: &fix.extra }
    }

    /// `None` when there is nothing to tell.
    fn encode(&self) -> Result<Option<String>> {
        if self.job.is_none() && self.occupancy.is_none() && self.flags.is_empty() && self.extra.is_empty() {
            return Ok(None);
        }
        serde_json::to_string(self).map(Some).map_err(|cause| Error::invalid("extra", cause.to_string()))
    }
}

/// What is computed of a position before it is stored.
pub(crate) struct PositionContent {
    /// The kind's word.
    pub(crate) kind: Option<&'static str>,
    /// [`Rest`] as JSON.
    pub(crate) rest: Option<String>,
    /// Hash of what stays the same over a journey.
    pub(crate) journey: i64,
    /// Hash of what the message said: without the receipt and without what Misto noted.
    pub(crate) hash: i64,
}

impl PositionContent {
    /// Hashes and encodes.
    pub(crate) fn of(fix: &VehiclePosition) -> Result<Self> {
        let kind = fix.kind.map(VehicleKind::as_str);
        let journey = Content::new()
            .text(kind)
            .text(fix.route.as_deref())
            .text(fix.route_short_name.as_deref())
            .number(fix.direction.map(f64::from))
            .text(fix.headsign.as_deref())
            .text(fix.trip_start.as_deref())
            .text(fix.operating_day.as_deref())
            .text(fix.plate.as_deref())
            .hash();
        let said = Told::of(fix).encode()?;
        let hash = Content::new()
            .number(Some(fix.position.lon.degrees()))
            .number(Some(fix.position.lat.degrees()))
            .number(Some(f64::from_bits(journey as u64)))
            .number(fix.speed_m_s)
            .number(fix.bearing_deg)
            .number(fix.accuracy_m)
            .number(fix.odometer_m)
            .number(fix.delay_s.map(f64::from))
            .number(fix.doors_open.map(|open| f64::from(u8::from(open))))
            .text(fix.next_stop.as_deref())
            .text(said.as_deref())
            .hash();
        let rest = if fix.flags.is_empty() { said } else { Told { flags: &fix.flags, ..Told::of(fix) }.encode()? };
        Ok(Self { kind, rest, journey, hash })
    }
}

/// What is computed of a reading before it is stored. Exactly one of truth, number and word is told.
pub(crate) struct ReadingContent {
    pub(crate) truth: Option<bool>,
    pub(crate) number: Option<f64>,
    pub(crate) word: Option<String>,
    /// JSON array; `None` when empty.
    pub(crate) flags: Option<String>,
    /// Hash of what the message said: without the receipt and without what Misto noted.
    pub(crate) hash: i64,
}

impl ReadingContent {
    /// # Errors
    /// `Invalid` (field `result`) for a number that is not finite.
    pub(crate) fn of(reading: &Reading) -> Result<Self> {
        let (truth, number, word) = match &reading.result {
            ReadingValue::Truth(truth) => (Some(*truth), None, None),
            ReadingValue::Number(number) if number.is_finite() => (None, Some(*number), None),
            ReadingValue::Number(number) => {
                return Err(Error::invalid("result", format!("{number} is no finite number")));
            }
            ReadingValue::Text(word) => (None, None, Some(word.clone())),
        };
        let hash = Content::new()
            .number(truth.map(|truth| f64::from(u8::from(truth))))
            .number(number)
            .text(word.as_deref())
            .text(reading.unit.as_deref())
            .number(reading.position.map(|at| at.lon.degrees()))
            .number(reading.position.map(|at| at.lat.degrees()))
            .hash();
        let flags = match reading.flags.as_slice() {
            [] => None,
            flags => Some(serde_json::to_string(flags).map_err(|cause| Error::invalid("flags", cause.to_string()))?),
        };
        Ok(Self { truth, number, word, flags, hash })
    }

    /// The stored flags.
    pub(crate) fn parse_flags(text: Option<&str>) -> Result<Vec<ReadingFlag>> {
        text.map_or_else(|| Ok(Vec::new()), |text| serde_json::from_str(text).map_err(damaged))
    }

    /// The stored result.
    pub(crate) fn result(truth: Option<bool>, number: Option<f64>, word: Option<String>) -> Result<ReadingValue> {
        match (truth, number, word) {
            (Some(truth), ..) => Ok(ReadingValue::Truth(truth)),
            (_, Some(number), _) => Ok(ReadingValue::Number(number)),
            (.., Some(word)) => Ok(ReadingValue::Text(word)),
            (None, None, None) => Err(damaged("a reading without a result")),
        }
    }
}

/// What is computed of an event before it is stored.
pub(crate) struct EventContent {
    /// JSON object.
    pub(crate) body: String,
    /// Hash of position and body.
    pub(crate) hash: i64,
}

impl EventContent {
    pub(crate) fn of(event: &Event) -> Result<Self> {
        let body = serde_json::to_string(&event.body).map_err(|cause| Error::invalid("body", cause.to_string()))?;
        let hash = Content::new()
            .number(event.position.map(|at| at.lon.degrees()))
            .number(event.position.map(|at| at.lat.degrees()))
            .text(Some(&body))
            .hash();
        Ok(Self { body, hash })
    }

    /// The stored body.
    pub(crate) fn parse(text: &str) -> Result<serde_json::Map<String, serde_json::Value>> {
        serde_json::from_str(text).map_err(damaged)
    }
}

/// A stored position; both columns are empty where it is unknown.
pub(crate) fn place(lon: Option<f64>, lat: Option<f64>) -> Result<Option<Position>> {
    lon.zip(lat).map(|(lon, lat)| Position::new(lon, lat).map_err(damaged)).transpose()
}

/// A row that Misto did not write like this.
pub(crate) fn damaged(cause: impl std::fmt::Display) -> Error {
    Error::unavailable("a row of the history cannot be read", cause)
}

/// The value that is written as this word.
pub(crate) fn known_word<T: DeserializeOwned>(word: &str) -> Result<T> {
    serde_json::from_value(word.into()).map_err(damaged)
}

/// Collects the fields of one message in a fixed order.
struct Content(Vec<u8>);

impl Content {
    fn new() -> Self {
        Self(Vec::with_capacity(256))
    }

    /// A text; unknown and empty differ.
    fn text(mut self, value: Option<&str>) -> Self {
        match value {
            None => self.0.extend(u32::MAX.to_le_bytes()),
            Some(text) => {
                self.0.extend((text.len() as u32).to_le_bytes());
                self.0.extend(text.as_bytes());
            }
        }
        self
    }

    /// A number; unknown and zero differ.
    fn number(mut self, value: Option<f64>) -> Self {
        self.0.push(u8::from(value.is_some()));
        self.0.extend(value.unwrap_or(0.0).to_bits().to_le_bytes());
        self
    }

    /// The first 8 bytes of BLAKE3. Two contents of one key collide once in 2^64.
    fn hash(&self) -> i64 {
        let hash = blake3::hash(&self.0);
        hash.as_bytes().first_chunk().map_or(0, |head| i64::from_le_bytes(*head))
    }
}
