//! Recorded buses without a word of their trip, matched against the timetable of their day.
//! Two short recordings: they are reported, nothing is tuned to them and there is no pass line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use misto_city::transit::{MatchRules, Matcher, Network, Predicted, ServiceState, StopVisit, TravelTimes, predict};
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

/// Wilson's interval of a share at 95 %, in percent (Wilson 1927). It takes every case for
/// independent, which fixes of one bus are not: the truth is wider.
fn wilson(part: usize, of: usize) -> (f64, f64) {
    const Z: f64 = 1.959_964;
    let (n, share) = (of as f64, part as f64 / of as f64);
    let middle = share + Z * Z / (2.0 * n);
    let half = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let percent = |value: f64| (value / (1.0 + Z * Z / n) * 100.0).clamp(0.0, 100.0);
    (percent(middle - half), percent(middle + half))
}

fn told(part: usize, of: usize) -> String {
    if of == 0 {
        return "none".to_owned();
    }
    let (low, high) = wilson(part, of);
    format!("{part} of {of} = {:.1} % ({low:.1}–{high:.1})", part as f64 / of as f64 * 100.0)
}

/// An arrival as it was predicted, and what became of it.
struct Outcome {
    ahead_s: f64,
    late_s: f64,
    within: bool,
    planned_late_s: f64,
}

/// Minutes to the arrival, with the limits of the ETA accuracy benchmark: seconds early and late.
const HORIZONS: [(f64, f64, f64, f64); 4] =
    [(0.0, 3.0, 30.0, 90.0), (3.0, 6.0, 60.0, 150.0), (6.0, 10.0, 60.0, 210.0), (10.0, 15.0, 90.0, 270.0)];

fn print_arrivals(outcomes: &[Outcome]) {
    for (from, to, early_s, late_s) in HORIZONS {
        let of: Vec<&Outcome> = outcomes.iter().filter(|one| (from * 60.0..to * 60.0).contains(&one.ahead_s)).collect();
        if of.is_empty() {
            println!("  {from:.0}–{to:.0} min: none");
            continue;
        }
        let mean_s = |error: fn(&Outcome) -> f64| of.iter().map(|one| error(one).abs()).sum::<f64>() / of.len() as f64;
        println!(
            "  {from:.0}–{to:.0} min: mean error {:.0} s, of the timetable {:.0} s; ETA benchmark {}; within the range {}",
            mean_s(|one| one.late_s),
            mean_s(|one| one.planned_late_s),
            told(of.iter().filter(|one| (-early_s..=late_s).contains(&one.late_s)).count(), of.len()),
            told(of.iter().filter(|one| one.within).count(), of.len())
        );
    }
}

/// What one recording gave.
#[derive(Default)]
struct Heard {
    fixes: usize,
    serving: usize,
    right: usize,
    wrong: usize,
    visits: Vec<StopVisit>,
    predicted: Vec<(Instant, Predicted)>,
}

impl Heard {
    /// Fix by fix, without a word of the trip; what was observed so far is learnt.
    fn listen(network: &Network, recording: &Path) -> Self {
        let (mut matcher, mut times) = (Matcher::new(MatchRules::default()), TravelTimes::default());
        let mut heard = Self::default();
        for row in rows(recording) {
            let fix = fix(&row);
            let visits = matcher.observe(network, &fix, fix.fix_time);
            visits.iter().for_each(|visit| times.learn(network, visit));
            heard.visits.extend(visits);
            let found = matcher.assignment(&fix.vehicle).expect("seen");
            heard.fixes += 1;
            heard.serving += usize::from(matches!(found.state, ServiceState::InService | ServiceState::OffRoute));
            let ahead = predict(network, &times, &fix.vehicle, found, fix.fix_time);
            heard.predicted.extend(ahead.into_iter().map(|predicted| (fix.fix_time, predicted)));
            let Some(run) = found.run else { continue };
            // The recording names the block, which is all that is known of the truth.
            let is_right = network.trip(run.trip).block.as_deref() == Some(row["assignmentId"].as_str());
            if is_right { heard.right += 1 } else { heard.wrong += 1 }
        }
        heard
    }

    /// Predictions whose stop the bus was seen to come to.
    fn outcomes(&self, network: &Network) -> Vec<Outcome> {
        let outcome = |(made_at, predicted): &(Instant, Predicted)| {
            let run = predicted.run?;
            let came = |visit: &&StopVisit| (visit.run, visit.call) == (Some(run), predicted.call);
            let arrival = self.visits.iter().find(came).filter(|visit| visit.call > 0)?.arrival;
            let planned = Instant::from_timestamp(network.planned(run, predicted.call)?.arrival);
            let range = predicted.arrival.earliest.micros()..=predicted.arrival.latest.micros();
            Some(Outcome {
                ahead_s: arrival.seconds_since(*made_at),
                late_s: arrival.seconds_since(predicted.arrival.likely),
                within: range.contains(&arrival.micros()),
                planned_late_s: arrival.seconds_since(planned),
            })
        };
        self.predicted.iter().filter_map(outcome).filter(|outcome| outcome.ahead_s >= 0.0).collect()
    }
}

#[test]
fn recorded_buses_without_ids_are_matched_to_their_block() {
    let Some(data) = recorded("wmata-avl") else { return };
    let (mut right, mut given, mut outcomes) = (0, 0, Vec::new());
    for (route, recording) in [("3T", "3T_3757.csv"), ("5A", "5A_8062.csv")] {
        let network = Network::new(timetable(&data.join("gtfs").join(route))).expect("a network");
        let heard = Heard::listen(&network, &data.join("avl").join(recording));
        assert!(heard.fixes > 30, "the recording was read");
        let of_this = heard.outcomes(&network);
        println!(
            "{recording}: {} fixes, {} in service, run of the recorded block {}; {} stop visits, {} predictions with an arrival",
            heard.fixes,
            heard.serving,
            told(heard.right, heard.right + heard.wrong),
            heard.visits.len(),
            of_this.len()
        );
        print_arrivals(&of_this);
        (right, given) = (right + heard.right, given + heard.right + heard.wrong);
        outcomes.extend(of_this);
    }
    println!("both: run of the recorded block {}, {} predictions with an arrival", told(right, given), outcomes.len());
    print_arrivals(&outcomes);
}

#[test]
fn the_interval_of_a_share_is_wilsons() {
    // Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    let rounded = |(low, high): (f64, f64)| ((low * 100.0).round() / 100.0, (high * 100.0).round() / 100.0);
    assert_eq!(rounded(wilson(81, 263)), (25.53, 36.62));
    assert_eq!(rounded(wilson(15, 148)), (6.24, 16.05));
    assert_eq!(rounded(wilson(0, 20)), (0.0, 16.11));
    assert_eq!(rounded(wilson(1, 29)), (0.61, 17.18));
}
