//! A small network for tests: one street, a route with a timetable and one without.

use misto_city::transit::Network;
use serde_json::{Value, json};

/// Route `r` with those of the trips `early` (06:00) and `late` (25:05) that are named, every
/// day of 2026; route `untimed` along the same stops without times.
pub fn network(trips: &[&str]) -> Network {
    let stop = |(id, lon): (&str, f64)| {
        (
            id.to_owned(),
            json!({"id": id, "name": id, "code": null, "position": [lon, 48.92], "wheelchair_boarding": "unknown"}),
        )
    };
    let stops: serde_json::Map<String, Value> =
        [("west", 24.70), ("mid", 24.7068), ("east", 24.7137)].into_iter().map(stop).collect();
    let route = |id: &str| {
        (id.to_owned(), json!({"id": id, "short_name": id, "long_name": "", "route_type": 3, "color": null}))
    };
    let routes: serde_json::Map<String, Value> = ["r", "untimed"].into_iter().map(route).collect();
    let all = [("early", 21_600), ("late", 90_300)].into_iter().filter(|(id, _)| trips.contains(id));
    let trip = |(id, start): (&str, u32)| {
        let call = |(n, stop): (usize, &str)| {
            let at = start + 60 * n as u32;
            json!({"stop": stop, "sequence": n, "arrival_s": at, "departure_s": at})
        };
        let calls: Vec<Value> = ["west", "mid", "east"].into_iter().enumerate().map(call).collect();
        json!({"id": id, "route": "r", "service": "daily", "headsign": null, "direction": 0, "shape": null,
            "block": null, "wheelchair_accessible": "unknown", "stop_times": calls})
    };
    let timetable = json!({
        "time_zone": "Europe/Kyiv", "agencies": [], "stops": stops, "routes": routes, "shapes": {},
        "trips": all.map(trip).collect::<Vec<_>>(),
        "services": {"daily": {"weekdays": [true, true, true, true, true, true, true],
            "period": ["2026-01-01", "2026-12-31"], "exceptions": {}}},
        "trajectories": [{"route": "untimed", "direction": 0, "headsign": null, "shape": null,
            "stops": ["west", "mid", "east"]}],
    });
    Network::new(serde_json::from_value(timetable).expect("a timetable")).expect("a network")
}
