//! OwnTracks JSON with the two keys of Misto's own, `kind` and `job`.

use misto_model::Job;
use serde_json::json;

use super::tracker::Fix;
use super::trouble::Fault;
use super::{FleetMessage, payload};
use crate::register::DemoVehicle;

/// A location; nothing without a fix. What is zero is left out, as the app does.
pub fn location(vehicle: &DemoVehicle, fix: &Fix, job: Job, fault: Option<Fault>) -> Option<FleetMessage> {
    let key = &vehicle.registration.vehicle;
    let (lon, lat) = fix.place?;
    let round = |v: f64| (v * 1e6).round() / 1e6;
    let tst = fix.at.as_second();
    let device = key.vehicle();
    let mut body = json!({
        "_type": "location",
        "lat": round(lat),
        "lon": round(lon),
        "tst": tst,
        "created_at": tst + 1,
        "acc": fix.accuracy_m.round() as i64,
        "batt": 60 + (tst / 3600) % 40,
        "t": "t",
        "tid": &device[device.len().saturating_sub(2)..],
        "kind": vehicle.registration.kind,
        "job": job,
    });
    let (vel, cog) = ((fix.speed_m_s * 3.6).round() as i64, fix.bearing_deg as i64);
    if let Some(object) = body.as_object_mut() {
        if vel > 0 {
            object.insert("vel".to_owned(), json!(vel));
        }
        if vel > 0 && cog > 0 {
            object.insert("cog".to_owned(), json!(cog));
        }
    }
    Some(FleetMessage { topic: format!("owntracks/{}/{device}", key.operator()), payload: payload(&body, fault) })
}
