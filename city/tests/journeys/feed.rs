//! The columns of a recorded GTFS feed that a journey is reckoned from. The real reader is in
//! another crate, which the rules must not know.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use misto_model::{
    Boarding, Position, Route, RouteId, ServiceCalendar, ServiceId, Stop, StopId, StopTime, Timetable, Trip, TripId,
    WheelchairAccess,
};

pub type Row = BTreeMap<String, String>;

/// A file of the recorded data; says so when it is not there.
pub fn recorded(path: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("MISTO_TEST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let found = folder.join(path);
    if !found.exists() {
        println!("SKIPPED: {} is not there", found.display());
        return None;
    }
    Some(found)
}

fn rows(zip: &mut zip::ZipArchive<std::fs::File>, name: &str) -> Vec<Row> {
    let Ok(mut file) = zip.by_name(name) else { return Vec::new() };
    let mut text = String::new();
    file.read_to_string(&mut text).expect("text");
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

fn seconds(time: &str) -> Option<u32> {
    let mut parts = time.trim().split(':').map(|part| part.parse::<u32>());
    Some(parts.next()?.ok()? * 3_600 + parts.next()?.ok()? * 60 + parts.next()?.ok()?)
}

fn access(row: &Row, column: &str) -> WheelchairAccess {
    match row.get(column).map(String::as_str) {
        Some("1") => WheelchairAccess::Yes,
        Some("2") => WheelchairAccess::No,
        _ => WheelchairAccess::Unknown,
    }
}

fn boarding(row: &Row, column: &str) -> Boarding {
    if row.get(column).is_some_and(|value| value == "1") { Boarding::None } else { Boarding::Regular }
}

/// Reads a zipped feed.
pub fn timetable(path: &Path) -> Timetable {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(path).expect("a file")).expect("a zip");
    let mut file = |name: &str| rows(&mut zip, name);
    let mut calls = calls(file("stop_times.txt"));
    let trip = |row: &Row| Trip {
        id: TripId(row["trip_id"].clone()),
        route: RouteId(row["route_id"].clone()),
        service: ServiceId(row["service_id"].clone()),
        direction: row["direction_id"].parse().ok(),
        wheelchair_accessible: access(row, "wheelchair_accessible"),
        stop_times: calls.remove(&row["trip_id"]).unwrap_or_default(),
        ..Trip::default()
    };
    let trips = file("trips.txt").iter().map(trip).collect();
    let id = |row: &Row| RouteId(row["route_id"].clone());
    let route = |row: &Row| Route { id: id(row), short_name: row["route_short_name"].clone(), ..Route::default() };
    let routes: Vec<Route> = file("routes.txt").iter().map(route).collect();
    let platform = |row: &&Row| row.get("location_type").is_none_or(|kind| kind.is_empty() || kind == "0");
    Timetable {
        time_zone: file("agency.txt")[0]["agency_timezone"].clone(),
        stops: file("stops.txt").iter().filter(platform).map(stop).map(|stop| (stop.id.clone(), stop)).collect(),
        routes: routes.into_iter().map(|route| (route.id.clone(), route)).collect(),
        trips,
        services: services(&file("calendar.txt"), &file("calendar_dates.txt")),
        ..Timetable::default()
    }
}

fn stop(row: &Row) -> Stop {
    let degrees = |column: &str| row[column].trim().parse().expect("degrees");
    Stop {
        id: StopId(row["stop_id"].clone()),
        name: row["stop_name"].clone(),
        code: None,
        position: Position::new(degrees("stop_lon"), degrees("stop_lat")).expect("a place"),
        wheelchair_boarding: access(row, "wheelchair_boarding"),
        details: None,
    }
}

fn calls(rows: Vec<Row>) -> BTreeMap<String, Vec<StopTime>> {
    let mut calls: BTreeMap<String, Vec<StopTime>> = BTreeMap::new();
    for row in rows {
        calls.entry(row["trip_id"].clone()).or_default().push(StopTime {
            stop: StopId(row["stop_id"].clone()),
            sequence: row["stop_sequence"].parse().expect("a number"),
            arrival_s: seconds(&row["arrival_time"]),
            departure_s: seconds(&row["departure_time"]),
            pickup: boarding(&row, "pickup_type"),
            drop_off: boarding(&row, "drop_off_type"),
            ..StopTime::default()
        });
    }
    calls.values_mut().for_each(|calls| calls.sort_by_key(|call| call.sequence));
    calls
}

fn services(calendar: &[Row], dates: &[Row]) -> BTreeMap<ServiceId, ServiceCalendar> {
    let date = |text: &str| -> Date { Date::strptime("%Y%m%d", text).expect("a date") };
    let names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let mut services: BTreeMap<ServiceId, ServiceCalendar> = BTreeMap::new();
    for row in calendar {
        let weekly = ServiceCalendar {
            weekdays: names.map(|name| row[name] == "1"),
            period: Some((date(&row["start_date"]), date(&row["end_date"]))),
            exceptions: BTreeMap::new(),
        };
        services.insert(ServiceId(row["service_id"].clone()), weekly);
    }
    for row in dates {
        let service = services.entry(ServiceId(row["service_id"].clone())).or_default();
        service.exceptions.insert(date(&row["date"]), row["exception_type"] == "1");
    }
    services
}
