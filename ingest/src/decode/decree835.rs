//! Position of a special vehicle by resolution 835 of the Cabinet of Ministers
//! of Ukraine (open data), annex 41 `vehiclePosition`: speed in m/s, odometer
//! in metres, `timestamp` in POSIX seconds.
//!
//! Keys are trimmed before they are compared: the published structure spells
//! `identifier` with a leading blank and tab.

use misto_model::VehiclePosition;
use serde_json::{Map, Value};

use super::field::{Fields, Numbers};
use super::fix::{Context, bearing, length, set_speed};
use super::refusal::Refusal;
use super::time;

/// What names the vehicle, most lasting first: `uid` may change with each publication.
const NAMES: [&str; 4] = ["identifier", "vin", "number", "uid"];
const KEPT: [&str; 4] = ["uid", "vin", "bodyType", "identifier"];

/// One record, alone or under the key `vehiclePosition`.
pub(super) fn decode(context: &Context<'_>, record: &Value) -> Result<VehiclePosition, Refusal> {
    let record = trimmed_keys(record);
    let fields = Fields::of(record.get("vehiclePosition").unwrap_or(&record), "the record", Numbers::AlsoText)?;
    let mut name = None;
    for key in NAMES {
        name = name.or(fields.name(key)?);
    }
    let name = name
        .as_deref()
        .or(context.last_level())
        .ok_or_else(|| Refusal::missing("identifier", "or vin, number or uid, to tell vehicles apart"))?;
    let vehicle = context.vehicle("identifier", "", name)?;
    let told = time::posix_seconds("timestamp", fields.needed_number("timestamp", "seconds since 1970")?)?;
    let position = context.place(("lat", "lon"), fields.number("lat")?, fields.number("lon")?)?;
    let mut fix = context.fix(vehicle, position, "timestamp", told, "position")?;

    set_speed(&mut fix, fields.number("speed")?);
    fix.bearing_deg = bearing("bearing", fields.number("bearing")?)?;
    fix.odometer_m = length("odometer", fields.number("odometer")?)?;
    fix.plate = fields.name("number")?;
    for key in KEPT {
        if let Some(value) = fields.get(key) {
            fix.extra.insert(key.to_owned(), value.clone());
        }
    }
    Ok(fix)
}

/// The same value with blanks and tabs around the keys removed, two levels deep.
fn trimmed_keys(value: &Value) -> Value {
    let trim = |object: &Map<String, Value>, inner: fn(&Value) -> Value| {
        Value::Object(object.iter().map(|(key, value)| (key.trim().to_owned(), inner(value))).collect())
    };
    match value {
        Value::Object(object) => trim(object, |value| match value {
            Value::Object(object) => {
                Value::Object(object.iter().map(|(key, value)| (key.trim().to_owned(), value.clone())).collect())
            }
            other => other.clone(),
        }),
        other => other.clone(),
    }
}
