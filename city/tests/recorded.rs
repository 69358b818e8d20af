//! Recorded buses without a word of their trip, matched against the timetable of their day.
//! Two short recordings: they are reported, nothing is tuned to them and there is no pass line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use misto_city::transit::{MatchRules, Matcher, Network, ServiceState};
use misto_model::{
    Instant, Position, Route, RouteId, ServiceCalendar, ServiceId, Stop, StopId, StopTime, Timetable, Trip, TripId,
    VehiclePosition, WheelchairAccess,
};

const ZONE: &str = "America/New_York";

fn recorded(path: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("MISTO_TEST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let found = folder.join(path);
    if !found.exists() {
        println!("SKIPPED: {} is not there", found.display());
        return None;
    }
    Some(found)
}

/// Rows by column name; these files have no commas in quotes where it matters.
fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(path).expect("a text");
    let cells = |line: &str| -> Vec<String> { line.split(',').map(|cell| cell.trim_matches('"').to_owned()).collect() };
    let mut lines = text.lines().map(cells);
    let Some(header) = lines.next() else { return Vec::new() };
    lines.filter(|cells| cells.len() == header.len()).map(|cells| header.iter().cloned().zip(cells).collect()).collect()
}

fn seconds(time: &str) -> Option<u32> {
    let mut parts = time.split(':').map(|part| part.parse::<u32>());
    Some(parts.next()?.ok()? * 3_600 + parts.next()?.ok()? * 60 + parts.next()?.ok()?)
}

fn position(row: &BTreeMap<String, String>, lon: &str, lat: &str) -> Position {
    Position::new(row[lon].parse().expect("a number"), row[lat].parse().expect("a number")).expect("a place")
}

fn timetable(folder: &Path) -> Timetable {
    let file = |name: &str| rows(&folder.join(name));
    let stop = |row: &BTreeMap<String, String>| Stop {
        id: StopId(row["stop_id"].clone()),
        name: row["stop_name"].clone(),
        code: None,
        position: position(row, "stop_lon", "stop_lat"),
        wheelchair_boarding: WheelchairAccess::Unknown,
        details: None,
    };
    let mut shapes: BTreeMap<String, Vec<(u32, Position)>> = BTreeMap::new();
    for row in file("shapes.txt") {
        let place =
            (row["shape_pt_sequence"].parse().expect("a number"), position(&row, "shape_pt_lon", "shape_pt_lat"));
        shapes.entry(row["shape_id"].clone()).or_default().push(place);
    }
    shapes.values_mut().for_each(|shape| shape.sort_by_key(|(sequence, _)| *sequence));
    let mut calls: BTreeMap<String, Vec<StopTime>> = BTreeMap::new();
    for row in file("stop_times.txt") {
        calls.entry(row["trip_id"].clone()).or_default().push(StopTime {
            stop: StopId(row["stop_id"].clone()),
            sequence: row["stop_sequence"].parse().expect("a number"),
            arrival_s: seconds(&row["arrival_time"]),
            departure_s: seconds(&row["departure_time"]),
            ..StopTime::default()
        });
    }
    calls.values_mut().for_each(|calls| calls.sort_by_key(|call| call.sequence));
    let mut services: BTreeMap<ServiceId, ServiceCalendar> = BTreeMap::new();
    for row in file("calendar_dates.txt") {
        let service = services.entry(ServiceId(row["service_id"].clone())).or_insert_with(|| ServiceCalendar {
            weekdays: [false; 7],
            period: None,
            exceptions: BTreeMap::new(),
        });
        let day: Date = Date::strptime("%Y%m%d", &row["date"]).expect("a date");
        service.exceptions.insert(day, row["exception_type"] == "1");
    }
    let trip = |row: &BTreeMap<String, String>| Trip {
        id: TripId(row["trip_id"].clone()),
        route: RouteId(row["route_id"].clone()),
        service: ServiceId(row["service_id"].clone()),
        headsign: None,
        direction: row["direction_id"].parse().ok(),
        shape: Some(row["shape_id"].clone()),
        block: Some(row["block_id"].clone()),
        wheelchair_accessible: WheelchairAccess::Unknown,
        stop_times: calls.get(&row["trip_id"]).cloned().unwrap_or_default(),
        ..Trip::default()
    };
    let route = |row: &BTreeMap<String, String>| Route {
        id: RouteId(row["route_id"].clone()),
        short_name: row["route_short_name"].clone(),
        long_name: String::new(),
        route_type: 3,
        color: None,
        ..Route::default()
    };
    Timetable {
        time_zone: ZONE.into(),
        stops: file("stops.txt").iter().map(stop).map(|stop| (stop.id.clone(), stop)).collect(),
        routes: file("routes.txt").iter().map(route).map(|route| (route.id.clone(), route)).collect(),
        trips: file("trips.txt").iter().map(trip).collect(),
        services,
        shapes: shapes.into_iter().map(|(id, shape)| (id, shape.into_iter().map(|(_, at)| at).collect())).collect(),
        ..Timetable::default()
    }
}

fn fix(row: &BTreeMap<String, String>) -> VehiclePosition {
    let zone = TimeZone::get(ZONE).expect("bundled");
    let local: DateTime = row["time"].replace(' ', "T").parse().expect("a local time");
    let at = Instant::from_timestamp(local.to_zoned(zone).expect("a moment").timestamp());
    let mut told = serde_json::json!({
        "vehicle": format!("wmata:/{}", row["vehicleId"]), "position": {
            "lon": row["longitude"].parse::<f64>().expect("a number"), "lat": row["latitude"].parse::<f64>().expect("a number")
        },
        "fix_time": at, "received_at": at, "event": "avl", "extra": {}, "flags": [],
        "bearing_deg": row["heading"].parse::<f64>().ok()
    });
    for unknown in ["speed_m_s", "accuracy_m", "odometer_m", "kind", "job", "route", "route_short_name", "direction"] {
        told[unknown] = serde_json::Value::Null;
    }
    serde_json::from_value(told).expect("a fix")
}

#[test]
fn recorded_buses_without_ids_are_matched_to_their_block() {
    let Some(data) = recorded("wmata-avl") else { return };
    for (route, recording) in [("3T", "3T_3757.csv"), ("5A", "5A_8062.csv")] {
        let network = Network::new(timetable(&data.join("gtfs").join(route))).expect("a network");
        let mut matcher = Matcher::new(MatchRules::default());
        let (mut fixes, mut serving, mut right, mut wrong, mut visits) = (0, 0, 0, 0, 0);
        let mut trips: BTreeMap<String, usize> = BTreeMap::new();
        for row in rows(&data.join("avl").join(recording)) {
            let fix = fix(&row);
            visits += matcher.observe(&network, &fix, fix.fix_time).len();
            let found = matcher.assignment(&fix.vehicle).expect("seen");
            fixes += 1;
            serving += usize::from(matches!(found.state, ServiceState::InService | ServiceState::OffRoute));
            let Some(run) = found.run else { continue };
            let trip = network.trip(run.trip);
            *trips.entry(format!("{} of {:?}", trip.id, trip.block)).or_default() += 1;
            // The recording names the block, which is all that is known of the truth.
            if trip.block.as_deref() == Some(row["assignmentId"].as_str()) { right += 1 } else { wrong += 1 }
        }
        println!(
            "{recording}: {fixes} fixes, {serving} in service, run of the recorded block {right}, of another {wrong}; {visits} stop visits"
        );
        println!("  {trips:?}");
        assert!(fixes > 30, "the recording was read");
    }
}
