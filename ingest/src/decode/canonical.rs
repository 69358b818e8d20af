//! Misto's own raw JSON on `misto/v1/raw/<source>/<vehicle>`: what a source
//! without a mapping is read as, and what `misto replay` writes for a table.
//!
//! A fix: `{"time","lat","lon"}` and any of the fields of [`mapping`]. Readings of
//! a device: `{"time","lat"?,"lon"?,"readings":[{"observed_property","value","unit"?,"ceiling"?}]}`.

use misto_model::{Reading, ReadingFlag, ReadingValue, VehiclePosition};
use serde_json::{Map, Value, json};

use super::field::{Fields, Numbers, kind_of};
use super::fix::{Context, key_text};
use super::mapping::{Mapping, MappingConfig};
use super::refusal::Refusal;
use super::rule::Rule;
use super::time;

/// The level of `misto/v1/raw/<source>/<vehicle>` that names the vehicle.
const VEHICLE_LEVEL: usize = 5;

/// The rules of the canonical form.
pub(super) fn mapping() -> Mapping {
    let at = |name: &str| Some(Rule { pointer: Some(format!("/{name}")), ..Rule::default() });
    let config = MappingConfig {
        records: None,
        vehicle: Some(Rule { topic_level: Some(VEHICLE_LEVEL), ..Rule::default() }),
        thing: None,
        operator: at("operator"),
        event: at("event"),
        time: at("time"),
        lat: at("lat"),
        lon: at("lon"),
        speed: at("speed_m_s"),
        bearing: at("bearing_deg"),
        accuracy: at("accuracy_m"),
        odometer: at("odometer_m"),
        kind: at("kind"),
        job: at("job"),
        route: at("route"),
        route_short_name: at("route_short_name"),
        direction: at("direction"),
        headsign: at("headsign"),
        trip_start: at("trip_start"),
        operating_day: at("operating_day"),
        next_stop: at("next_stop"),
        delay: at("delay_s"),
        doors_open: at("doors_open"),
        occupancy: at("occupancy"),
        plate: at("plate"),
        extra: std::collections::BTreeMap::new(),
        readings: Vec::new(),
    };
    Mapping::new(config).expect("its rules are written above and tested below")
}

/// Readings of a device in the canonical form; `None` when the record is a fix.
pub(super) fn readings(context: &Context<'_>, record: &Value) -> Option<Result<Vec<Reading>, Refusal>> {
    let list = record.get("readings")?;
    Some(match list.as_array() {
        Some(list) => list_of_readings(context, record, list),
        None => Err(Refusal::field("readings", &kind_of(list), "a list of {observed_property, value}")),
    })
}

fn list_of_readings(context: &Context<'_>, record: &Value, list: &[Value]) -> Result<Vec<Reading>, Refusal> {
    let fields = Fields::of(record, "the record", Numbers::AlsoText)?;
    let thing =
        context.level(VEHICLE_LEVEL).ok_or_else(|| Refusal::topic("misto/v1/raw/<source>/<device> is expected"))?;
    let text = fields.text("time")?.ok_or_else(|| Refusal::missing("time", "RFC 3339 with a zone"))?;
    let measured = time::rfc3339("time", text)?.at;
    let wrong_clock = context.clock("time", measured)?;
    let position = match (fields.number("lat")?, fields.number("lon")?) {
        (None, _) | (_, None) => None,
        (lat, lon) => Some(context.place(("lat", "lon"), lat, lon)?),
    };
    let event = fields.name("event")?.unwrap_or_default();
    key_text("event", &event)?;
    if list.is_empty() {
        return Err(Refusal::missing("readings", "at least one {observed_property, value}"));
    }
    list.iter()
        .map(|item| {
            let item = Fields::of(item, "readings", Numbers::Strict)?;
            let property = item.text("observed_property")?;
            let property =
                property.ok_or_else(|| Refusal::missing("readings.observed_property", "for example pm10"))?;
            let mut flags = Vec::new();
            if item.get("ceiling") == Some(&Value::Bool(true)) {
                flags.push(ReadingFlag::Ceiling);
            }
            if wrong_clock {
                flags.push(ReadingFlag::ClockWrong);
            }
            Ok(Reading {
                datastream: context.datastream(thing, property)?,
                phenomenon_time: measured,
                received_at: context.message.received_at,
                result: value(&item)?,
                unit: item.text("unit")?.map(str::to_owned),
                position,
                flags,
                event: event.clone(),
            })
        })
        .collect()
}

fn value(item: &Fields<'_>) -> Result<ReadingValue, Refusal> {
    match item.get("value") {
        Some(Value::Bool(truth)) => Ok(ReadingValue::Truth(*truth)),
        Some(Value::String(text)) => Ok(ReadingValue::Text(text.clone())),
        Some(Value::Number(_)) => Ok(ReadingValue::Number(item.needed_number("value", "a number")?)),
        Some(other) => Err(Refusal::field("readings.value", &kind_of(other), "a number, a text or a truth value")),
        None => Err(Refusal::missing("readings.value", "a number, a text or a truth value")),
    }
}

/// A fix in the canonical form. `extra` and the flags stay behind.
pub fn canonical_json(fix: &VehiclePosition) -> Value {
    let Ok(Value::Object(mut object)) = serde_json::to_value(fix) else { return Value::Null };
    for key in ["vehicle", "position", "fix_time", "received_at", "extra", "flags"] {
        object.remove(key);
    }
    object.retain(|_, value| !value.is_null());
    object.insert("time".to_owned(), json!(fix.fix_time));
    object.insert("lat".to_owned(), json!(fix.position.lat));
    object.insert("lon".to_owned(), json!(fix.position.lon));
    if !fix.vehicle.operator().is_empty() {
        object.insert("operator".to_owned(), json!(fix.vehicle.operator()));
    }
    Value::Object(object)
}

/// Readings of one device and one moment in the canonical form.
pub fn canonical_readings_json(readings: &[Reading]) -> Value {
    let Some(first) = readings.first() else { return Value::Null };
    let items: Vec<Value> = readings
        .iter()
        .map(|reading| {
            let mut item = Map::new();
            item.insert("observed_property".to_owned(), json!(reading.datastream.observed_property));
            item.insert("value".to_owned(), json!(reading.result));
            if let Some(unit) = &reading.unit {
                item.insert("unit".to_owned(), json!(unit));
            }
            if reading.flags.contains(&ReadingFlag::Ceiling) {
                item.insert("ceiling".to_owned(), Value::Bool(true));
            }
            Value::Object(item)
        })
        .collect();
    let mut object = Map::new();
    object.insert("time".to_owned(), json!(first.phenomenon_time));
    if let Some(place) = first.position {
        object.insert("lat".to_owned(), json!(place.lat));
        object.insert("lon".to_owned(), json!(place.lon));
    }
    if !first.event.is_empty() {
        object.insert("event".to_owned(), json!(first.event));
    }
    object.insert("readings".to_owned(), Value::Array(items));
    Value::Object(object)
}
