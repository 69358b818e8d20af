//! JSON of the transport operator of Ivano-Frankivsk, relayed over MQTT: one
//! object or a list of them. Numbers may come as text and be empty; `time` has
//! no zone and is read in the zone of the source.
//!
//! There is no trip id, no bearing and no accessibility. The unit of `speed` is
//! not documented by the operator; km/h is assumed, as its trackers display it.

use misto_model::{VehicleKind, VehiclePosition};
use serde_json::Value;

use super::field::{Fields, Numbers};
use super::fix::{Context, set_speed};
use super::refusal::Refusal;
use super::time;

const KMH_PER_M_S: f64 = 3.6;

/// One record.
pub(super) fn decode(context: &Context<'_>, record: &Value) -> Result<VehiclePosition, Refusal> {
    let fields = Fields::of(record, "the record", Numbers::AlsoText)?;
    let imei = fields.name("imei")?;
    let name = imei
        .as_deref()
        .or(context.last_level())
        .ok_or_else(|| Refusal::missing("imei", "the tracker's number, 15 digits"))?;
    let vehicle = context.vehicle("imei", "", name)?;
    let text = fields.text("time")?.ok_or_else(|| Refusal::missing("time", "local time as YYYY-MM-DD HH:MM:SS"))?;
    let told = time::local("time", text, &context.settings.zone)?;
    let position = context.place(("latitude", "longitude"), fields.number("latitude")?, fields.number("longitude")?)?;
    let mut fix = context.fix(vehicle, position, "time", told, "position")?;

    set_speed(&mut fix, fields.number("speed")?.map(|kmh| kmh / KMH_PER_M_S));
    fix.kind = kind(fields.number("route_type")?).or(fix.kind);
    fix.route = fields.name("route_id")?;
    fix.route_short_name = fields.name("route_short_name")?;
    fix.plate = fields.name("gov_number")?;
    if let Some(satellites) = fields.number("satellites")? {
        fix.extra.insert("satellites".to_owned(), Value::from(satellites));
    }
    for key in ["route_long_name", "spec"] {
        if let Some(value) = fields.get(key) {
            fix.extra.insert(key.to_owned(), value.clone());
        }
    }
    Ok(fix)
}

/// GTFS `route_type` (GTFS Schedule reference, routes.txt).
fn kind(route_type: Option<f64>) -> Option<VehicleKind> {
    match route_type? as i64 {
        0 => Some(VehicleKind::Tram),
        3 => Some(VehicleKind::Bus),
        11 | 800 => Some(VehicleKind::Trolleybus),
        _ => Some(VehicleKind::OtherTransit),
    }
}
