//! What one fix costs the trip matching: on a trip, between trips, and undecided where many lines
//! share a street. Stopwatch, middle of several rounds.

use std::collections::BTreeMap;
use std::time::Instant as Stopwatch;

use misto_city::transit::{MatchRules, Matcher, Network, ServiceState};
use misto_model::{
    Instant, Position, Route, RouteId, ServiceCalendar, ServiceId, Stop, StopId, StopTime, Timetable, Trip, TripId,
    VehiclePosition, WheelchairAccess,
};

/// 2026-06-01T05:00:00Z, 8 o'clock in Kyiv.
const EIGHT: i64 = 1_780_290_000;
/// Lines that share the first five kilometres.
const LINES: usize = 40;
const VEHICLES: usize = 1_000;
const ROUNDS: usize = 9;
const PACE_M_S: f64 = 6.0;
const INTERVAL_S: i64 = 10;

fn at(east_m: f64, north_m: f64) -> Position {
    Position::new(24.7 + east_m / 73_000.0, 48.92 + north_m / 111_195.0).expect("a place")
}

/// Lines that part after five kilometres and go on for five more, bent every hundred metres as shapes are.
fn timetable() -> Timetable {
    let mut made = Timetable {
        time_zone: "Europe/Kyiv".into(),
        agencies: vec!["bench".into()],
        stops: BTreeMap::new(),
        routes: BTreeMap::new(),
        trips: Vec::new(),
        services: BTreeMap::new(),
        shapes: BTreeMap::new(),
        trajectories: Vec::new(),
    };
    let daily = ServiceCalendar {
        weekdays: [true; 7],
        period: Some(("2026-01-01".parse().expect("a day"), "2026-12-31".parse().expect("a day"))),
        exceptions: BTreeMap::new(),
    };
    made.services.insert(ServiceId("daily".into()), daily);
    for line in 0..LINES {
        let place = |n: usize| {
            let east_m = n as f64 * 100.0;
            let off_m = if n > 50 { (n - 50) as f64 * (line as f64 - 20.0) * 10.0 } else { 0.0 };
            at(east_m, off_m)
        };
        made.shapes.insert(format!("{line}"), (0..=100).map(place).collect());
        let route = RouteId(format!("{line}"));
        let named = Route {
            id: route.clone(),
            short_name: route.0.clone(),
            long_name: String::new(),
            route_type: 3,
            color: None,
        };
        made.routes.insert(route.clone(), named);
        let stops: Vec<StopId> = (0..=100).step_by(4).map(|n| StopId(format!("{line}-{n}"))).collect();
        for (n, id) in (0..=100).step_by(4).zip(&stops) {
            let stop = Stop {
                id: id.clone(),
                name: id.0.clone(),
                code: None,
                position: place(n),
                wheelchair_boarding: WheelchairAccess::Unknown,
            };
            made.stops.insert(id.clone(), stop);
        }
        for trip in 0..100 {
            let start_s = 5 * 3_600 + trip * 600;
            let call = |(n, stop): (usize, &StopId)| {
                let at_s = Some(start_s + (n as f64 * 400.0 / PACE_M_S) as u32);
                StopTime { stop: stop.clone(), sequence: n as u32, arrival_s: at_s, departure_s: at_s }
            };
            made.trips.push(Trip {
                id: TripId(format!("{line}-{trip}")),
                route: route.clone(),
                service: ServiceId("daily".into()),
                headsign: None,
                direction: Some(0),
                shape: Some(format!("{line}")),
                block: None,
                wheelchair_accessible: WheelchairAccess::Unknown,
                stop_times: stops.iter().enumerate().map(call).collect(),
            });
        }
    }
    made
}

fn fix(vehicle: usize, seconds: i64, position: Position, route: Option<usize>) -> VehiclePosition {
    let at = Instant::from_seconds(EIGHT + seconds).expect("a moment");
    VehiclePosition {
        vehicle: format!("bench:/{vehicle}").parse().expect("a key"),
        position,
        fix_time: at,
        received_at: at,
        event: "location".into(),
        speed_m_s: None,
        bearing_deg: None,
        accuracy_m: None,
        odometer_m: None,
        kind: None,
        job: None,
        route: route.map(|route| route.to_string()),
        route_short_name: None,
        direction: None,
        headsign: None,
        trip_start: None,
        operating_day: None,
        next_stop: None,
        delay_s: None,
        doors_open: None,
        occupancy: None,
        plate: None,
        extra: serde_json::Map::new(),
        flags: Vec::new(),
    }
}

/// Nanoseconds of a fix when all vehicles have driven for a while, and the share in service then.
fn measure(network: &Network, moves: bool, tells_route: bool) -> (Vec<f64>, f64) {
    let mut matcher = Matcher::new(MatchRules::default());
    let mut at_s = 0;
    let mut rounds = Vec::new();
    for round in 0..ROUNDS + 20 {
        let made = |vehicle: usize| {
            let east_m = if moves { at_s as f64 * PACE_M_S } else { 5.0 };
            let route = tells_route.then_some(vehicle % LINES);
            fix(vehicle, at_s, at(east_m, 3.0), route)
        };
        let fixes: Vec<_> = (0..VEHICLES).map(made).collect();
        let begun = Stopwatch::now();
        for fix in &fixes {
            matcher.observe(network, fix, fix.fix_time);
        }
        if round >= 20 {
            rounds.push(begun.elapsed().as_nanos() as f64 / VEHICLES as f64);
        }
        at_s += INTERVAL_S;
    }
    rounds.sort_by(f64::total_cmp);
    let serving = matcher.assignments().filter(|(_, found)| found.state == ServiceState::InService).count();
    (rounds, serving as f64 / VEHICLES as f64)
}

fn main() {
    let begun = Stopwatch::now();
    let network = Network::new(timetable()).expect("a network");
    println!("{} trips laid out in {:.0} ms", LINES * 100, begun.elapsed().as_secs_f64() * 1e3);
    println!("one fix of trip matching, nanoseconds (middle of {ROUNDS} rounds, fastest–slowest), share in service");
    for (what, moves, tells) in [
        ("on a way, route told", true, true),
        ("waiting, route told", false, true),
        ("40 lines on one street, nothing told", true, false),
    ] {
        let (rounds, serving) = measure(&network, moves, tells);
        println!("{what:38} {:8.0} ({:.0}–{:.0}) {serving:.2}", rounds[ROUNDS / 2], rounds[0], rounds[ROUNDS - 1]);
    }
}
