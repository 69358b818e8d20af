//! The operator's JSON: no trip, no bearing, local time without a zone.

use jiff::tz::TimeZone;
use serde_json::json;

use super::schedule::Schedule;
use super::tracker::{Fix, Service};
use super::trouble::Fault;
use super::{FleetMessage, payload};
use crate::register::DemoVehicle;

/// One record. A lost fix is sent as 0, 0.
pub fn record(
    vehicle: &DemoVehicle,
    fix: &Fix,
    service: &Service<'_>,
    schedule: &Schedule,
    zone: &TimeZone,
    fault: Option<Fault>,
) -> Option<FleetMessage> {
    let imei = vehicle.registration.vehicle.vehicle();
    let route = schedule.routes.get(&service.trip.route)?;
    let local = fix.at.to_zoned(zone.clone()).datetime();
    let round = |v: f64| (v * 1e6).round() / 1e6;
    let (lon, lat) = fix.place.unwrap_or((0.0, 0.0));
    let record = json!({
        "imei": imei,
        "gov_number": vehicle.registration.plate,
        "route_id": service.trip.route,
        "route_short_name": route.short_name,
        "route_long_name": route.long_name,
        "route_type": route.route_type,
        "time": local.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        "latitude": round(lat),
        "longitude": round(lon),
        "satellites": if fix.place.is_some() { 7 + (fix.at.as_second() % 6) } else { 0 },
        "speed": (fix.speed_m_s * 3.6).round() as i64,
        "spec": ["", "", "", ""],
    });
    Some(FleetMessage { topic: format!("misto/v1/raw/if-operator/{imei}"), payload: payload(&record, fault) })
}
