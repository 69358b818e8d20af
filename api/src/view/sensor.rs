//! Sensors as GeoJSON features: one feature a device with its newest readings.

use misto_city::fleet::{FleetRules, Freshness};
use misto_city::sensors::{Thing, ThingKey};
use misto_model::{Instant, Position, Reading, ReadingFlag, ReadingValue};
use serde::{Deserialize, Serialize};

use super::vehicle::PointGeometry;

/// What the city calls a device and its quantities; a document of kind `thing`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ThingRegistration {
    /// Name in Ukrainian.
    pub name_uk: String,
    /// Name in English.
    pub name_en: String,
    /// Where it stands, longitude and latitude.
    pub position: Option<Position>,
    /// Its quantities.
    pub datastreams: Vec<DatastreamRegistration>,
    /// A reading older than this many seconds is stale.
    #[serde(default)]
    pub expected_every_s: Option<f64>,
    /// Whether it is invented sample data.
    #[serde(default)]
    pub sample: bool,
}

/// What the city calls one quantity of a device.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DatastreamRegistration {
    /// The quantity as the source names it.
    pub observed_property: String,
    /// Name in Ukrainian.
    pub name_uk: String,
    /// Name in English.
    pub name_en: String,
    /// Unit symbol, where the message tells none.
    pub unit: Option<String>,
}

/// A device, one GeoJSON Feature.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SensorFeature {
    /// `Feature`
    #[serde(rename = "type")]
    kind: &'static str,
    /// `<source>:<thing>`
    pub id: String,
    /// Where it stands; `null` when nobody told.
    geometry: Option<PointGeometry>,
    properties: SensorProperties,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct SensorProperties {
    #[serde(skip_serializing_if = "Option::is_none")]
    name_uk: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_en: Option<String>,
    /// `live`, `stale` or `lost`, by the age of the newest reading.
    #[schema(value_type = String)]
    state: Freshness,
    /// Age of the newest reading, seconds.
    age_s: f64,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sample: bool,
    observations: Vec<ObservationView>,
}

/// The newest reading of one quantity.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ObservationView {
    observed_property: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_uk: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_en: Option<String>,
    #[schema(value_type = Object)]
    value: ReadingValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    phenomenon_time: String,
    age_s: f64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    flags: Vec<ReadingFlag>,
}

/// A sensor that said nothing for this many seconds is stale unless the register says otherwise.
const STALE_AFTER_S: f64 = 900.0;
/// Beyond this many times the stale age it is lost.
const LOST_FACTOR: f64 = 4.0;

/// Where a device stands: by its own word, else by the register.
pub fn place(thing: &Thing, register: Option<&ThingRegistration>) -> Option<Position> {
    thing.position.or_else(|| register.and_then(|r| r.position))
}

/// A device with its newest readings; `None` when it never gave one.
pub fn feature(
    key: &ThingKey,
    thing: &Thing,
    register: Option<&ThingRegistration>,
    now: Instant,
) -> Option<SensorFeature> {
    let newest = thing.newest()?;
    let stale_after_s = register.and_then(|r| r.expected_every_s).map_or(STALE_AFTER_S, |every| every * 3.0);
    let rules = FleetRules { stale_after_s, lost_after_s: stale_after_s * LOST_FACTOR, city: None, remember_s: 0.0 };
    Some(SensorFeature {
        kind: "Feature",
        id: key.to_string(),
        geometry: place(thing, register)
            .map(|at| PointGeometry { kind: "Point", coordinates: [at.lon.degrees(), at.lat.degrees()] }),
        properties: SensorProperties {
            name_uk: register.map(|r| r.name_uk.clone()),
            name_en: register.map(|r| r.name_en.clone()),
            state: rules.freshness(newest, now),
            age_s: age(newest, now),
            sample: register.is_some_and(|r| r.sample),
            observations: thing.latest.values().map(|reading| observation(reading, register, now)).collect(),
        },
    })
}

fn observation(reading: &Reading, register: Option<&ThingRegistration>, now: Instant) -> ObservationView {
    let property = &reading.datastream.observed_property;
    let registered = register.and_then(|r| r.datastreams.iter().find(|stream| stream.observed_property == *property));
    ObservationView {
        observed_property: property.clone(),
        name_uk: registered.map(|r| r.name_uk.clone()),
        name_en: registered.map(|r| r.name_en.clone()),
        value: reading.result.clone(),
        unit: reading.unit.clone().or_else(|| registered.and_then(|r| r.unit.clone())),
        phenomenon_time: reading.phenomenon_time.to_string(),
        age_s: age(reading.phenomenon_time, now),
        flags: reading.flags.clone(),
    }
}

fn age(at: Instant, now: Instant) -> f64 {
    (now.seconds_since(at) * 10.0).round() / 10.0
}
