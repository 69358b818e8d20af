//! `[[source]]` of the configuration file.

use jiff::tz::TimeZone;
use misto_model::{Bbox, SourceId, VehicleKind};
use serde::Deserialize;

use super::fix::Settings;
use super::mapping::{InvalidMapping, MappingConfig};
use super::topic::TopicFilter;

/// Wire format of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// High-frequency positioning v2.
    HfpV2,
    /// OwnTracks JSON.
    Owntracks,
    /// JSON of the transport operator of Ivano-Frankivsk.
    IfOperator,
    /// Decree 835, annex 41.
    #[serde(rename = "decree-835")]
    Decree835,
    /// Any JSON by a mapping; without a mapping Misto's canonical raw JSON.
    Mapped,
    /// The Things Stack v3 uplink.
    Tts,
    /// SensorThings Observation.
    Sensorthings,
}

/// A source as written in the configuration file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceConfig {
    /// Name; the first part of its vehicles' keys. A built-in source of this name is replaced.
    pub id: SourceId,
    /// Wire format.
    pub format: Format,
    /// Topics; by default those that the format is published on, or `misto/v1/raw/<id>/+`.
    #[serde(default)]
    pub topic: Option<TopicFilter>,
    /// false switches a built-in source off.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Where its devices can be: west, south, east, north in degrees.
    #[serde(default)]
    pub bounds: Option<Bbox>,
    /// Zone of times without one; Europe/Kyiv by default.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Larger payloads are refused unread; 65536 by default.
    #[serde(default)]
    pub max_payload_bytes: Option<usize>,
    /// How far a device's clock may run ahead, seconds; 60 by default.
    #[serde(default)]
    pub clock_tolerance_s: Option<f64>,
    /// Kind of its vehicles where the message names none.
    #[serde(default)]
    pub kind: Option<VehicleKind>,
    /// Where the fields stand (format `mapped`).
    #[serde(default)]
    pub mapping: Option<MappingConfig>,
}

fn yes() -> bool {
    true
}

/// A source that cannot be used: which one, which key, why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSource {
    /// A key of the source.
    #[error("source {id}: {key}: {reason}")]
    Key {
        /// Source.
        id: SourceId,
        /// Key.
        key: &'static str,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// A rule of its mapping.
    #[error("source {id}: {error}")]
    Mapping {
        /// Source.
        id: SourceId,
        /// The rule.
        error: InvalidMapping,
    },
    /// Two sources of one name.
    #[error("source {0} is configured twice: give each a name of its own")]
    Twice(SourceId),
}

/// 64 KiB: a hundred times the usual message.
const MAX_PAYLOAD_BYTES: usize = 64 * 1024;
const CLOCK_TOLERANCE_S: f64 = 60.0;
const TIME_ZONE: &str = "Europe/Kyiv";

impl SourceConfig {
    /// A source with every setting at its default.
    pub fn new(id: SourceId, format: Format) -> Self {
        Self {
            id,
            format,
            topic: None,
            enabled: true,
            bounds: None,
            time_zone: None,
            max_payload_bytes: None,
            clock_tolerance_s: None,
            kind: None,
            mapping: None,
        }
    }

    /// Largest payload in bytes.
    pub(super) fn payload_limit(&self) -> usize {
        self.max_payload_bytes.unwrap_or(MAX_PAYLOAD_BYTES)
    }

    /// Topics of the source.
    pub(super) fn filter(&self) -> Result<TopicFilter, InvalidSource> {
        if let Some(topic) = &self.topic {
            return Ok(topic.clone());
        }
        let text = match self.format {
            Format::HfpV2 => "/hfp/v2/#".to_owned(),
            Format::Owntracks => "owntracks/#".to_owned(),
            Format::Tts => "v3/+/devices/+/up".to_owned(),
            // A wildcard cannot stand inside a level: the decoder checks the Datastreams(…) level.
            Format::Sensorthings => "v1.1/+/Observations".to_owned(),
            Format::IfOperator | Format::Decree835 | Format::Mapped => format!("misto/v1/raw/{}/+", self.id),
        };
        text.parse().map_err(|error: super::topic::InvalidTopicFilter| self.wrong("topic", error.to_string()))
    }

    /// Checked settings.
    pub(super) fn settings(&self) -> Result<Settings, InvalidSource> {
        let name = self.time_zone.as_deref().unwrap_or(TIME_ZONE);
        let zone = TimeZone::get(name).map_err(|_| {
            self.wrong("time_zone", format!("{name:?} is unknown: use an IANA name such as Europe/Kyiv"))
        })?;
        let clock_tolerance_s = self.clock_tolerance_s.unwrap_or(CLOCK_TOLERANCE_S);
        if !(0.0..=86_400.0).contains(&clock_tolerance_s) {
            return Err(
                self.wrong("clock_tolerance_s", format!("{clock_tolerance_s} is not between 0 and 86400 seconds"))
            );
        }
        if self.mapping.is_some() && self.format != Format::Mapped {
            return Err(self.wrong("mapping", "only the format mapped has a mapping".to_owned()));
        }
        Ok(Settings { bounds: self.bounds, zone, clock_tolerance_s, kind: self.kind })
    }

    fn wrong(&self, key: &'static str, reason: String) -> InvalidSource {
        InvalidSource::Key { id: self.id.clone(), key, reason }
    }
}
