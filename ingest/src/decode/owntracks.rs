//! OwnTracks JSON (owntracks.org, "JSON"): `owntracks/<user>/<device>`.
//!
//! Speed comes in km/h, the odometer in km. A value of zero is left out by the
//! app, so an absent one is unknown, not zero. Two keys are Misto's own:
//! `kind` and `job`, for utility vehicles that run the app.

use misto_model::{Job, VehicleKind, VehiclePosition};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::field::{Fields, Numbers};
use super::fix::{Context, bearing, length, set_speed};
use super::refusal::Refusal;
use super::{Gone, json, time};

const KMH_PER_M_S: f64 = 3.6;
/// Further fields kept for staff, as the app names them.
const KEPT: [&str; 10] = ["alt", "batt", "t", "tid", "created_at", "inregions", "ign", "fuel", "rpm", "vin"];

/// What a message of a device says.
pub(super) enum Heard {
    /// It was there.
    Location(Box<VehiclePosition>),
    /// The broker's last will: it is gone.
    LastWill(Gone),
}

/// A location or a last will.
pub(super) fn decode(context: &Context<'_>) -> Result<Heard, Refusal> {
    let (user, device) = user_and_device(context.message.topic)?;
    let payload = json::parse(context.message.payload)?;
    let fields = Fields::of(&payload, "the payload", Numbers::Strict)?;
    let vehicle = context.vehicle("topic", user, device)?;
    match fields.text("_type")? {
        Some("location") => {}
        Some("lwt") => {
            let at = match fields.number("tst")? {
                Some(tst) => time::posix_seconds("tst", tst)?.at,
                None => context.message.received_at,
            };
            return Ok(Heard::LastWill(Gone { vehicle, at }));
        }
        Some("encrypted") => {
            return Err(Refusal::unsupported(
                "_type encrypted: switch the app's payload encryption off, use TLS instead",
            ));
        }
        Some(other) => return Err(Refusal::unsupported(format!("_type {other:?}: only location and lwt are used"))),
        None => return Err(Refusal::missing("_type", "location or lwt")),
    }
    let tst = fields.needed_number("tst", "seconds since 1970")?;
    let told = time::posix_seconds("tst", tst)?;
    let position = context.place(("lat", "lon"), fields.number("lat")?, fields.number("lon")?)?;
    let mut fix = context.fix(vehicle, position, "tst", told, "location")?;
    set_speed(&mut fix, fields.number("vel")?.map(|kmh| kmh / KMH_PER_M_S));
    fix.bearing_deg = bearing("cog", fields.number("cog")?)?;
    fix.accuracy_m = length("acc", fields.number("acc")?)?;
    fix.odometer_m = length("odometer", fields.number("odometer")?.map(|km| km * 1000.0))?;
    fix.kind = word::<VehicleKind>(&fields, "kind", "a vehicle kind such as plough or waste_truck")?.or(fix.kind);
    fix.job = word::<Job>(&fields, "job", "a job such as ploughing or idle")?;
    for key in KEPT {
        if let Some(value) = fields.get(key) {
            fix.extra.insert(key.to_owned(), value.clone());
        }
    }
    Ok(Heard::Location(Box::new(fix)))
}

/// A word of the model's vocabulary.
pub(super) fn word<T: DeserializeOwned>(fields: &Fields<'_>, key: &str, right: &str) -> Result<Option<T>, Refusal> {
    let Some(text) = fields.text(key)? else { return Ok(None) };
    serde_json::from_value(Value::from(text))
        .map(Some)
        .map_err(|_| Refusal::field(key, &format_args!("{text:?}"), right))
}

fn user_and_device(topic: &str) -> Result<(&str, &str), Refusal> {
    let levels: Vec<&str> = topic.split('/').collect();
    match levels.as_slice() {
        [_, user, device] if !user.is_empty() && !device.is_empty() => Ok((user, device)),
        [_, _, _, kind, ..] => {
            Err(Refusal::unsupported(format!("subtopic {kind:?}: only owntracks/<user>/<device> is used")))
        }
        _ => Err(Refusal::topic("owntracks/<user>/<device> is expected")),
    }
}
