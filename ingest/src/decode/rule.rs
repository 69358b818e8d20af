//! One rule of a mapping: where a field stands and how it is written.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Where one field comes from and how it is written. A text alone is a JSON Pointer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rule {
    /// JSON Pointer (RFC 6901) into the record.
    pub pointer: Option<String>,
    /// Level of the topic, counted from 1.
    pub topic_level: Option<usize>,
    /// The same value for every record.
    pub constant: Option<Value>,
    /// Unit of a number.
    pub unit: Option<Unit>,
    /// How a time is written; RFC 3339 by default.
    pub form: TimeForm,
    /// Zone of a time without one; the source's by default.
    pub zone: Option<TimeZone>,
    /// What is done to a text.
    pub transform: Option<Transform>,
    /// Codes and what they mean; a code not listed is unknown.
    pub values: BTreeMap<String, String>,
    /// Values that mean unknown.
    pub unknown: Vec<Value>,
}

/// Unit of a number in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Unit {
    /// Metres per second.
    #[serde(rename = "m/s")]
    MetresPerSecond,
    /// Kilometres per hour.
    #[serde(rename = "km/h")]
    KilometresPerHour,
    /// Nautical miles per hour.
    #[serde(rename = "knots")]
    Knots,
    /// Miles per hour.
    #[serde(rename = "mph")]
    MilesPerHour,
    /// Metres.
    #[serde(rename = "m")]
    Metres,
    /// Kilometres.
    #[serde(rename = "km")]
    Kilometres,
    /// International miles.
    #[serde(rename = "mi")]
    Miles,
    /// Seconds.
    #[serde(rename = "s")]
    Seconds,
    /// Minutes.
    #[serde(rename = "min")]
    Minutes,
}

/// What a unit measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dimension {
    Speed,
    Length,
    Duration,
}

impl Unit {
    /// Factor to m/s, m or s (exact by the international definitions).
    pub fn factor(self) -> f64 {
        match self {
            Self::MetresPerSecond | Self::Metres | Self::Seconds => 1.0,
            Self::KilometresPerHour => 1.0 / 3.6,
            Self::Knots => 1852.0 / 3600.0,
            Self::MilesPerHour => 0.44704,
            Self::Kilometres => 1000.0,
            Self::Miles => 1609.344,
            Self::Minutes => 60.0,
        }
    }

    pub(super) fn dimension(self) -> Dimension {
        match self {
            Self::MetresPerSecond | Self::KilometresPerHour | Self::Knots | Self::MilesPerHour => Dimension::Speed,
            Self::Metres | Self::Kilometres | Self::Miles => Dimension::Length,
            Self::Seconds | Self::Minutes => Dimension::Duration,
        }
    }
}

/// How a time is written: `rfc3339`, `posix_s`, `posix_ms`, `local`, or a format with `%`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum TimeForm {
    /// With a zone.
    #[default]
    Rfc3339,
    /// Seconds since 1970.
    PosixSeconds,
    /// Milliseconds since 1970.
    PosixMillis,
    /// `YYYY-MM-DD HH:MM:SS` in the zone of the rule or source.
    Local,
    /// `strptime` format.
    Format(String),
}

impl<'de> Deserialize<'de> for TimeForm {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match String::deserialize(from)?.as_str() {
            "rfc3339" => Ok(Self::Rfc3339),
            "posix_s" => Ok(Self::PosixSeconds),
            "posix_ms" => Ok(Self::PosixMillis),
            "local" => Ok(Self::Local),
            format if format.contains('%') => Ok(Self::Format(format.to_owned())),
            other => Err(de::Error::custom(format!(
                "unknown form {other:?}: use rfc3339, posix_s, posix_ms, local or a format such as %d.%m.%Y %H:%M:%S"
            ))),
        }
    }
}

/// What is done to a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    /// `977106.0` and `977106` are one name; anything that is no whole number stays as it is.
    IntegerId,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleTable {
    pointer: Option<String>,
    topic_level: Option<usize>,
    constant: Option<Value>,
    unit: Option<Unit>,
    #[serde(default)]
    form: TimeForm,
    zone: Option<String>,
    transform: Option<Transform>,
    #[serde(default)]
    values: BTreeMap<String, String>,
    #[serde(default)]
    unknown: Vec<Value>,
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct TextOrTable;
        impl<'de> Visitor<'de> for TextOrTable {
            type Value = Rule;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a JSON Pointer such as \"/lat\", or a table with pointer, topic_level or constant")
            }
            fn visit_str<E: de::Error>(self, pointer: &str) -> Result<Rule, E> {
                Ok(Rule { pointer: Some(pointer.to_owned()), ..Rule::default() })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Rule, A::Error> {
                let table = RuleTable::deserialize(de::value::MapAccessDeserializer::new(map))?;
                let zone = table
                    .zone
                    .map(|name| {
                        TimeZone::get(&name).map_err(|_| {
                            de::Error::custom(format!(
                                "unknown time zone {name:?}: use an IANA name such as Europe/Kyiv"
                            ))
                        })
                    })
                    .transpose()?;
                Ok(Rule {
                    pointer: table.pointer,
                    topic_level: table.topic_level,
                    constant: table.constant,
                    unit: table.unit,
                    form: table.form,
                    zone,
                    transform: table.transform,
                    values: table.values,
                    unknown: table.unknown,
                })
            }
        }
        from.deserialize_any(TextOrTable)
    }
}
