//! A line for tests: stops 500 m apart, trips every ten minutes.

use std::collections::BTreeMap;

use misto_model::{
    Instant, Position, Precision, Route, RouteId, ServiceCalendar, ServiceId, Stop, StopId, StopTime, Timetable,
    Trajectory, Trip, TripId, VehicleKey, WheelchairAccess,
};

use super::{Assignment, MatchReason, Network, PatternIndex, Run, ServiceState, StopVisit};

/// Stops of the line.
pub(super) const STOPS: usize = 12;
/// Planned seconds from stop to stop, 20 of them at the stop.
pub(super) const LINK_S: u32 = 100;

/// Route `r`, trips `t0`, `t1` … of weekdays from 6:00 on; two trips of one block follow each
/// other, `n` and `n + 100`. Route `free` drives the same way without a timetable.
pub(super) fn network() -> Network {
    let mut trips: Vec<Trip> = (0..60).map(|n| trip(&format!("t{n}"), 21_600 + 600 * n, Some(n))).collect();
    trips.extend((0..20).map(|n| trip(&format!("t{}", n + 100), 21_600 + 600 * n + 1_800, Some(n))));
    let stops = (0..STOPS).map(|n| stop(n, 24.70 + 0.00684 * n as f64));
    let ids: Vec<StopId> = (0..STOPS).map(|n| StopId(format!("s{n}"))).collect();
    let route = |id: &str| Route {
        id: RouteId(id.into()),
        short_name: id.into(),
        long_name: String::new(),
        route_type: 3,
        color: None,
        ..Route::default()
    };
    let weekdays = ServiceCalendar {
        weekdays: [true, true, true, true, true, false, false],
        period: Some(("2026-01-01".parse().unwrap(), "2026-12-31".parse().unwrap())),
        exceptions: BTreeMap::new(),
    };
    Network::new(Timetable {
        time_zone: "Europe/Kyiv".into(),
        stops: stops.collect(),
        routes: ["r", "free"].map(|id| (RouteId(id.into()), route(id))).into(),
        trips,
        services: [(ServiceId("weekdays".into()), weekdays)].into(),
        shapes: BTreeMap::new(),
        trajectories: vec![Trajectory {
            route: RouteId("free".into()),
            direction: Some(0),
            headsign: None,
            shape: None,
            stops: ids,
        }],
        ..Timetable::default()
    })
    .unwrap()
}

fn stop(number: usize, lon: f64) -> (StopId, Stop) {
    let id = StopId(format!("s{number}"));
    let position = Position::new(lon, 48.92).unwrap();
    let wheelchair_boarding = WheelchairAccess::Unknown;
    (id.clone(), Stop { id, name: format!("Stop {number}"), code: None, position, wheelchair_boarding, details: None })
}

fn trip(id: &str, start_s: u32, block: Option<u32>) -> Trip {
    let call = |n: u32| StopTime {
        stop: StopId(format!("s{n}")),
        sequence: n,
        arrival_s: Some(start_s + LINK_S * n - if n == 0 { 0 } else { 20 }),
        departure_s: Some(start_s + LINK_S * n),
        ..StopTime::default()
    };
    Trip {
        id: TripId(id.into()),
        route: RouteId("r".into()),
        service: ServiceId("weekdays".into()),
        headsign: None,
        direction: Some(0),
        shape: None,
        block: block.map(|block| format!("b{block}")),
        wheelchair_accessible: WheelchairAccess::Yes,
        stop_times: (0..STOPS as u32).map(call).collect(),
        ..Trip::default()
    }
}

pub(super) fn pattern(network: &Network, route: &str) -> PatternIndex {
    network.patterns_of(&RouteId(route.into()))[0]
}

pub(super) fn run(network: &Network, trip: &str, day: &str) -> Run {
    Run { trip: network.find_trip(&TripId(trip.into())).unwrap(), day: day.parse().unwrap() }
}

pub(super) fn vehicle(number: usize) -> VehicleKey {
    format!("test:city/{number:03}").parse().unwrap()
}

/// So many seconds after the planned start of a run.
pub(super) fn after_start(network: &Network, run: Run, seconds: f64) -> Instant {
    later(Instant::from_timestamp(network.planned(run, 0).unwrap().departure), seconds)
}

pub(super) fn later(at: Instant, seconds: f64) -> Instant {
    Instant::from_micros(at.micros() + (seconds * 1e6) as i64, Precision::Microseconds).unwrap()
}

/// A vehicle that leaves `late_s` after plan and needs `link_s` from stop to stop, of
/// which it stands `dwell_s`.
pub(super) fn drive(
    network: &Network,
    who: usize,
    run: Run,
    (late_s, link_s, dwell_s): (f64, f64, f64),
) -> Vec<StopVisit> {
    let left = |n: usize| after_start(network, run, late_s + link_s * n as f64);
    let visit = |call: usize| StopVisit {
        vehicle: vehicle(who),
        pattern: network.pattern_of(run.trip).unwrap(),
        run: Some(run),
        call,
        arrival: later(left(call), -dwell_s),
        departure: if call + 1 == STOPS { later(left(call), -dwell_s) } else { left(call) },
    };
    (0..STOPS).map(visit).collect()
}

/// In service between two calls, `part` of the way to `next_call` driven.
pub(super) fn on_the_way(network: &Network, run: Run, next_call: usize, part: f64, fix_time: Instant) -> Assignment {
    let pattern = network.pattern_of(run.trip).unwrap();
    let calls = &network.pattern(pattern).calls;
    let from_m = calls[next_call - 1].along_m;
    Assignment {
        state: ServiceState::InService,
        reason: MatchReason::Matched,
        pattern: Some(pattern),
        run: Some(run),
        along_m: Some(from_m + (calls[next_call].along_m - from_m) * part),
        next_call: Some(next_call),
        since: fix_time,
        fix_time,
        stands_since: None,
    }
}
