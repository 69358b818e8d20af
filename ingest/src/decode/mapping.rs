//! The mapping of anybody's JSON in the configuration file: which field of a
//! record is what, in which unit.
//!
//! ```toml
//! [source.mapping]
//! vehicle = { pointer = "/truck_name", transform = "integer_id" }
//! time = { pointer = "/messageTime" }
//! lat = "/latitude"
//! lon = "/longitude"
//! speed = { pointer = "/speed", unit = "km/h", unknown = [-1] }
//! job = { pointer = "/events/0", values = { au = "ploughing", su = "spreading" } }
//! ```

use std::collections::BTreeMap;

use serde::Deserialize;

use super::rule::{Dimension, Rule};

/// A mapping as written in the configuration file. Every rule is optional but
/// those that say who (or `thing`), where and when.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MappingConfig {
    /// JSON Pointer (RFC 6901) to the list of records; without it the payload is one record or a list of them.
    pub records: Option<String>,
    /// Name of the vehicle; by default the last level of the topic.
    pub vehicle: Option<Rule>,
    /// Name of the device that gives readings; by default the last level of the topic.
    pub thing: Option<Rule>,
    /// Operator, a part of the vehicle's key.
    pub operator: Option<Rule>,
    /// What the record reports; tells two records of one instant apart.
    pub event: Option<Rule>,
    /// Time of the fix or of the measurement.
    pub time: Option<Rule>,
    /// Latitude, degrees.
    pub lat: Option<Rule>,
    /// Longitude, degrees.
    pub lon: Option<Rule>,
    /// Speed: m/s (default), km/h, knots or mph.
    pub speed: Option<Rule>,
    /// Degrees clockwise from north.
    pub bearing: Option<Rule>,
    /// Radius of uncertainty: m (default), km or mi.
    pub accuracy: Option<Rule>,
    /// Odometer: m (default), km or mi.
    pub odometer: Option<Rule>,
    /// Kind of vehicle, as the model names it.
    pub kind: Option<Rule>,
    /// Job, as the model names it.
    pub job: Option<Rule>,
    /// Route id.
    pub route: Option<Rule>,
    /// Route as passengers know it.
    pub route_short_name: Option<Rule>,
    /// 0 or 1 (GTFS).
    pub direction: Option<Rule>,
    /// Text on the front.
    pub headsign: Option<Rule>,
    /// Local start of the trip, `HH:MM`.
    pub trip_start: Option<Rule>,
    /// Operating day, `YYYY-MM-DD`.
    pub operating_day: Option<Rule>,
    /// Next stop.
    pub next_stop: Option<Rule>,
    /// Delay, positive = late: s (default) or min.
    pub delay: Option<Rule>,
    /// true, false, 1 or 0.
    pub doors_open: Option<Rule>,
    /// GTFS-Realtime OccupancyStatus.
    pub occupancy: Option<Rule>,
    /// Licence plate.
    pub plate: Option<Rule>,
    /// Further fields to keep, by the name to keep them under.
    pub extra: BTreeMap<String, Rule>,
    /// Measured quantities; with at least one the records are readings, not fixes.
    pub readings: Vec<ReadingRule>,
}

/// One measured quantity of a record.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadingRule {
    /// JSON Pointer to the value.
    pub pointer: String,
    /// Name of the quantity, for example `pm10`.
    pub observed_property: String,
    /// Unit symbol (UCUM).
    #[serde(default)]
    pub unit: Option<String>,
    /// The sensor's ceiling: a value at or above it is flagged.
    #[serde(default)]
    pub ceiling: Option<f64>,
}

/// A mapping that cannot be followed: which key, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("mapping.{key}: {reason}")]
pub struct InvalidMapping {
    /// Key below `mapping`.
    pub key: String,
    /// What is wrong and what would be right.
    pub reason: String,
}

/// A mapping that was checked.
#[derive(Debug, Clone)]
pub struct Mapping(MappingConfig);

impl Mapping {
    /// # Errors
    /// When a rule names no source of its value, a pointer is none, a unit does
    /// not measure the field, or who, where and when are not all told.
    pub fn new(config: MappingConfig) -> Result<Self, InvalidMapping> {
        let wrong = |key: &str, reason: String| Err(InvalidMapping { key: key.to_owned(), reason });
        if let Some(pointer) = &config.records {
            check_pointer("records", pointer)?;
        }
        for (key, rule, dimension) in rules(&config) {
            check_rule(key, rule, dimension)?;
        }
        for (name, rule) in &config.extra {
            check_rule(&format!("extra.{name}"), rule, None)?;
        }
        for (at, reading) in config.readings.iter().enumerate() {
            check_pointer(&format!("readings[{at}].pointer"), &reading.pointer)?;
            if reading.observed_property.is_empty() {
                return wrong(
                    &format!("readings[{at}].observed_property"),
                    "is empty: name the quantity, for example pm10".to_owned(),
                );
            }
        }
        let needed: &[(&str, &Option<Rule>)] = if config.readings.is_empty() {
            &[("time", &config.time), ("lat", &config.lat), ("lon", &config.lon)]
        } else {
            &[("time", &config.time)]
        };
        for (key, rule) in needed {
            if rule.is_none() {
                return wrong(key, "is missing: say where it stands in a record".to_owned());
            }
        }
        Ok(Self(config))
    }

    /// The checked rules.
    pub(super) fn rules(&self) -> &MappingConfig {
        &self.0
    }
}

fn rules(c: &MappingConfig) -> impl Iterator<Item = (&'static str, &Rule, Option<Dimension>)> {
    [
        ("vehicle", &c.vehicle, None),
        ("thing", &c.thing, None),
        ("operator", &c.operator, None),
        ("event", &c.event, None),
        ("time", &c.time, None),
        ("lat", &c.lat, None),
        ("lon", &c.lon, None),
        ("speed", &c.speed, Some(Dimension::Speed)),
        ("bearing", &c.bearing, None),
        ("accuracy", &c.accuracy, Some(Dimension::Length)),
        ("odometer", &c.odometer, Some(Dimension::Length)),
        ("kind", &c.kind, None),
        ("job", &c.job, None),
        ("route", &c.route, None),
        ("route_short_name", &c.route_short_name, None),
        ("direction", &c.direction, None),
        ("headsign", &c.headsign, None),
        ("trip_start", &c.trip_start, None),
        ("operating_day", &c.operating_day, None),
        ("next_stop", &c.next_stop, None),
        ("delay", &c.delay, Some(Dimension::Duration)),
        ("doors_open", &c.doors_open, None),
        ("occupancy", &c.occupancy, None),
        ("plate", &c.plate, None),
    ]
    .into_iter()
    .filter_map(|(key, rule, dimension)| rule.as_ref().map(|rule| (key, rule, dimension)))
}

fn check_rule(key: &str, rule: &Rule, dimension: Option<Dimension>) -> Result<(), InvalidMapping> {
    let wrong = |reason: &str| Err(InvalidMapping { key: key.to_owned(), reason: reason.to_owned() });
    if [rule.pointer.is_some(), rule.topic_level.is_some(), rule.constant.is_some()]
        .iter()
        .filter(|given| **given)
        .count()
        != 1
    {
        return wrong("give exactly one of pointer, topic_level and constant");
    }
    if rule.topic_level == Some(0) {
        return wrong("topic_level counts from 1");
    }
    if let Some(pointer) = &rule.pointer {
        check_pointer(key, pointer)?;
    }
    match (rule.unit, dimension) {
        (Some(unit), Some(dimension)) if unit.dimension() != dimension => wrong("the unit does not measure this field"),
        (Some(_), None) => wrong("this field has no unit"),
        _ => Ok(()),
    }
}

/// RFC 6901, clause 3: empty, or each part after a slash.
fn check_pointer(key: &str, pointer: &str) -> Result<(), InvalidMapping> {
    if pointer.is_empty() || pointer.starts_with('/') {
        return Ok(());
    }
    Err(InvalidMapping { key: key.to_owned(), reason: format!("{pointer:?} is no JSON Pointer: write \"/{pointer}\"") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<(), &str>) {
        let outcome = toml::from_str::<MappingConfig>(text)
            .map_err(|error| error.to_string())
            .and_then(|config| Mapping::new(config).map_err(|error| error.to_string()));
        match (outcome, expected) {
            (Ok(_), Ok(())) => {}
            (Err(message), Err(part)) => assert!(message.contains(part), "{message}"),
            (outcome, _) => panic!("{text}: {outcome:?}"),
        }
    }

    #[test]
    fn a_mapping_says_what_is_wrong_with_it() {
        const PLACE: &str = "time = \"/t\"\nlat = \"/lat\"\nlon = \"/lon\"\n";
        check(PLACE, Ok(()));
        check(&format!("{PLACE}speed = {{ pointer = \"/v\", unit = \"knots\" }}"), Ok(()));
        check(
            &format!("{PLACE}speed = {{ pointer = \"/v\", unit = \"km\" }}"),
            Err("mapping.speed: the unit does not measure"),
        );
        check(&format!("{PLACE}speed = {{ pointer = \"/v\", unit = \"furlongs\" }}"), Err("furlongs"));
        check(&format!("{PLACE}speed = \"v\""), Err("write \"/v\""));
        check(&format!("{PLACE}sped = \"/v\""), Err("sped"));
        check(&format!("{PLACE}kind = {{ values = {{}} }}"), Err("exactly one of pointer"));
        check(&format!("{PLACE}plate = {{ pointr = \"/p\" }}"), Err("pointr"));
        check("lat = \"/lat\"\nlon = \"/lon\"", Err("mapping.time: is missing"));
        check("time = { pointer = \"/t\", form = \"epoch\" }", Err("posix_ms"));
        check("time = { pointer = \"/t\", zone = \"Europe/Stanislav\" }", Err("IANA"));
    }
}
