//! High-frequency positioning v2, topic and payload.

use serde_json::{Value, json};

use super::polyline::Place;
use super::schedule::Schedule;
use super::tracker::{Fix, Service};
use super::trouble::Fault;
use super::{FleetMessage, payload};
use crate::register::DemoVehicle;

/// One event of a vehicle on a journey.
pub fn message(
    event: &str,
    vehicle: &DemoVehicle,
    fix: &Fix,
    service: &Service<'_>,
    schedule: &Schedule,
    fault: Option<Fault>,
) -> Option<FleetMessage> {
    let key = &vehicle.registration.vehicle;
    let trip = service.trip;
    let route = schedule.routes.get(&trip.route)?;
    let start = clock(trip.start_s());
    let direction = trip.direction + 1;
    let mode = if route.route_type == 11 { "trolleybus" } else { "bus" };
    let next_stop = service.next_stop.unwrap_or("EOL");
    let topic = format!(
        "/hfp/v2/journey/ongoing/{event}/{mode}/{}/{}/{}/{direction}/{}/{start}/{next_stop}/{}",
        key.operator(),
        key.vehicle(),
        trip.route,
        trip.headsign,
        location(event, fix.place),
    );
    let round = |v: f64, unit: f64| (v * unit).round() / unit;
    let body = json!({
        "desi": route.short_name,
        "dir": direction.to_string(),
        "oper": key.operator().parse::<u32>().ok(),
        "veh": key.vehicle().parse::<u32>().ok(),
        "tst": format!("{:.3}", fix.at),
        "tsi": fix.at.as_second(),
        "spd": fix.place.map(|_| round(fix.speed_m_s, 100.0)),
        "hdg": fix.place.map(|_| fix.bearing_deg as i64),
        "lat": fix.place.map(|p| round(p.1, 1e6)),
        "long": fix.place.map(|p| round(p.0, 1e6)),
        "acc": 0,
        // Negative = late.
        "dl": -service.delay_s,
        "odo": service.distance_m.round() as i64,
        "drst": i32::from(service.stop.is_some()),
        "oday": service.day.to_string(),
        "jrn": (trip.start_s() / 60.0) as i64,
        "line": route.short_name.parse::<u32>().ok(),
        "start": start,
        "loc": if fix.place.is_some() { "GPS" } else { "N/A" },
        "stop": service.stop.and_then(|s| s.parse::<u32>().ok()),
        "route": trip.route,
        "occu": 0,
    });
    let mut message = serde_json::Map::new();
    message.insert(event.to_uppercase(), body);
    Some(FleetMessage { topic, payload: payload(&Value::Object(message), fault) })
}

/// Level and digits of the place; empty levels without a fix. Level 0 tells a change of
/// status, 5 that the third digit changed last.
fn location(event: &str, place: Option<Place>) -> String {
    let Some((lon, lat)) = place else { return "0////".to_owned() };
    let digit = |v: f64, place: i32| ((v.abs() * 10f64.powi(place)) as i64 % 10).to_string();
    let pair = |n: i32| format!("{}{}", digit(lat, n), digit(lon, n));
    let level = if event == "vp" { 5 } else { 0 };
    format!("{level}/{};{}/{}/{}/{}", lat as i64, lon as i64, pair(1), pair(2), pair(3))
}

/// Seconds of the service day as 24-hour local clock.
fn clock(seconds: f64) -> String {
    let minutes = (seconds as u32 / 60) % (24 * 60);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}
