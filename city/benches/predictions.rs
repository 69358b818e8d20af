//! One round of predictions for a thousand vehicles, and what learning a visit costs:
//! `cargo bench -p misto-city --bench predictions`. A round is for 1 000 vehicles on 25 lines of 40
//! calls, each in the middle of its trip; its items are the calls that are predicted.

use std::collections::BTreeMap;

use divan::counter::ItemsCount;
use misto_city::transit::{
    Assignment, MatchReason, Network, Predicted, Run, ServiceState, StopVisit, TravelTimes, predict,
};
use misto_model::{
    Instant, Position, Precision, Route, RouteId, ServiceCalendar, ServiceId, Stop, StopId, StopTime, Timetable, Trip,
    TripId, VehicleKey, WheelchairAccess,
};

const LINES: usize = 25;
const CALLS: usize = 40;
const VEHICLES: usize = 1_000;
/// Seconds from stop to stop, and between two trips of a line.
const LINK_S: u32 = 90;
const INTERVAL_S: u32 = 90;

fn main() {
    divan::main();
}

struct City {
    network: Network,
    times: TravelTimes,
    vehicles: Vec<(VehicleKey, Assignment)>,
    now: Instant,
    visits: Vec<StopVisit>,
}

fn network() -> Network {
    let stop_id = |line: usize, call: usize| StopId(format!("stop-{line}-{call}"));
    let stop = |line: usize, call: usize| Stop {
        id: stop_id(line, call),
        name: "stop".to_owned(),
        code: None,
        position: Position::new(24.6 + 0.005 * call as f64, 48.8 + 0.005 * line as f64).expect("a place"),
        wheelchair_boarding: WheelchairAccess::Unknown,
        details: None,
    };
    let trip = |line: usize, number: u32| {
        let start_s = 21_600 + INTERVAL_S * number;
        let call = |call: u32| StopTime {
            stop: stop_id(line, call as usize),
            sequence: call,
            arrival_s: Some(start_s + LINK_S * call),
            departure_s: Some(start_s + LINK_S * call),
            ..StopTime::default()
        };
        Trip {
            id: TripId(format!("{line}-{number}")),
            route: RouteId(format!("{line}")),
            service: ServiceId("daily".to_owned()),
            headsign: None,
            direction: Some(0),
            shape: None,
            block: None,
            wheelchair_accessible: WheelchairAccess::Unknown,
            stop_times: (0..CALLS as u32).map(call).collect(),
            ..Trip::default()
        }
    };
    let route = |line: usize| Route {
        id: RouteId(format!("{line}")),
        short_name: format!("{line}"),
        long_name: String::new(),
        route_type: 3,
        color: None,
        ..Route::default()
    };
    let daily = ServiceCalendar {
        weekdays: [true; 7],
        period: Some(("2026-01-01".parse().expect("a day"), "2026-12-31".parse().expect("a day"))),
        exceptions: BTreeMap::new(),
    };
    let stops = (0..LINES).flat_map(|line| (0..CALLS).map(move |call| stop(line, call)));
    Network::new(Timetable {
        time_zone: "Europe/Kyiv".to_owned(),
        stops: stops.map(|stop| (stop.id.clone(), stop)).collect(),
        routes: (0..LINES).map(route).map(|route| (route.id.clone(), route)).collect(),
        trips: (0..LINES).flat_map(|line| (0..VEHICLES as u32 / LINES as u32).map(move |n| trip(line, n))).collect(),
        services: [(ServiceId("daily".to_owned()), daily)].into(),
        ..Timetable::default()
    })
    .expect("a known time zone")
}

fn after(at: Instant, seconds: f64) -> Instant {
    Instant::from_micros(at.micros() + (seconds * 1e6) as i64, Precision::Microseconds).expect("a moment")
}

/// Ten days are learnt, and half of the eleventh: every vehicle is in the middle of its trip.
fn city() -> City {
    let network = network();
    let mut times = TravelTimes::default();
    let mut vehicles = Vec::new();
    let mut visits: Vec<StopVisit> = Vec::new();
    for date in 1..=11 {
        let day = format!("2026-06-{date:02}").parse().expect("a day");
        for (number, trip) in network.timetable().trips.iter().enumerate() {
            let run = Run { trip: network.find_trip(&trip.id).expect("of this network"), day };
            let pattern = network.pattern_of(run.trip).expect("it has a line");
            let vehicle: VehicleKey = format!("bench:city/{number:04}").parse().expect("a key");
            let start = Instant::from_timestamp(network.planned(run, 0).expect("a day").departure);
            // Slower and faster in turn, so that there is something to learn.
            let link_s = f64::from(LINK_S) * [0.9, 1.0, 1.15][(number + date) % 3];
            let at = |call: usize| after(start, link_s * call as f64);
            let visit = |call: usize| StopVisit {
                vehicle: vehicle.clone(),
                pattern,
                run: Some(run),
                call,
                arrival: after(at(call), if call == 0 { 0.0 } else { -15.0 }),
                departure: at(call),
            };
            let half = CALLS / 2;
            visits.extend((0..if date == 11 { half } else { CALLS }).map(visit));
            if date == 11 {
                let calls = &network.pattern(pattern).calls;
                let along_m = (calls[half - 1].along_m + calls[half].along_m) / 2.0;
                let fix_time = after(at(half - 1), 30.0);
                let assignment = Assignment {
                    state: ServiceState::InService,
                    reason: MatchReason::Matched,
                    pattern: Some(pattern),
                    run: Some(run),
                    along_m: Some(along_m),
                    next_call: Some(half),
                    since: start,
                    fix_time,
                    stands_since: None,
                };
                vehicles.push((vehicle, assignment));
            }
        }
    }
    visits.sort_by_key(|visit| visit.departure.micros());
    visits.iter().for_each(|visit| times.learn(&network, visit));
    let now =
        vehicles.iter().map(|(_, assignment)| assignment.fix_time).max_by_key(|at| at.micros()).expect("vehicles");
    City { network, times, vehicles, now, visits }
}

fn one_round(city: &City) -> Vec<Vec<Predicted>> {
    let of = |(vehicle, assignment): &(VehicleKey, Assignment)| {
        predict(&city.network, &city.times, vehicle, assignment, city.now)
    };
    city.vehicles.iter().map(of).collect()
}

#[divan::bench]
fn predictions_of_a_thousand_vehicles(bencher: divan::Bencher) {
    let city = city();
    let calls: usize = one_round(&city).iter().map(Vec::len).sum();
    assert_eq!(calls, VEHICLES * CALLS / 2, "every call that lies ahead");
    bencher.counter(ItemsCount::new(calls)).bench_local(|| one_round(&city));
}

#[divan::bench]
fn visits_of_a_day_learnt(bencher: divan::Bencher) {
    let city = city();
    let of_a_day = VEHICLES * CALLS;
    let visits = &city.visits[..of_a_day];
    bencher
        .counter(ItemsCount::new(of_a_day))
        .with_inputs(TravelTimes::default)
        .bench_local_refs(|times| visits.iter().for_each(|visit| times.learn(&city.network, visit)));
}
