//! Small networks drawn at random.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use misto_city::journey::{ChangeRules, Journey, Live, NoJourney, Planner, When, plan, reach};
use misto_city::transit::{Network, Run};
use misto_model::{
    Boarding, Position, Route, RouteId, ServiceCalendar, ServiceId, Stop, StopId, StopTime, Timetable, Trip, TripId,
    WheelchairAccess,
};
use proptest::collection::vec;
use proptest::prelude::*;

use super::dijkstra::Dijkstra;
use super::exhaustive::{Exhaustive, Way, unbeaten};
use super::truth::{CHANGE_S, Facts, NEAR_M, Told, Truth, seconds};
use super::{at, live, query, range, walk};

const STOPS: usize = 7;
const DAY: &str = "2026-06-10";

#[derive(Debug, Clone)]
struct DrawnTrip {
    start_min: u32,
    pace_min: u32,
    floor: u8,
    silent: u8,
}

#[derive(Debug, Clone)]
struct Drawn {
    places: Vec<(i32, i32, u8)>,
    lines: Vec<(Vec<usize>, Vec<DrawnTrip>)>,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let trip = (0..300_u32, 1..12_u32, 0..3_u8, any::<u8>())
        .prop_map(|(start_min, pace_min, floor, silent)| DrawnTrip { start_min, pace_min, floor, silent });
    let line = (vec(0..STOPS, 3..6), vec(trip, 1..4));
    (vec((0..9, 0..9, 0..3_u8), STOPS), vec(line, 2..5)).prop_map(|(places, lines)| Drawn { places, lines })
}

fn access(number: u8) -> WheelchairAccess {
    [WheelchairAccess::Unknown, WheelchairAccess::Yes, WheelchairAccess::No][usize::from(number)]
}

fn network(drawn: &Drawn) -> Network {
    let stop = |(n, (x, y, boarding)): (usize, &(i32, i32, u8))| Stop {
        id: StopId(format!("s{n}")),
        name: String::new(),
        code: None,
        position: Position::new(24.7 + 0.002 * f64::from(*x), 48.9 + 0.002 * f64::from(*y)).expect("a place"),
        wheelchair_boarding: access(*boarding),
        details: None,
    };
    let mut trips = Vec::new();
    for (line, (stops, of_line)) in drawn.lines.iter().enumerate() {
        for (n, one) in of_line.iter().enumerate() {
            let mut stops = stops.clone();
            stops.dedup();
            // From 22:00 on, so that most of a night's trips end on the next day.
            let start_s = 79_200 + 60 * one.start_min;
            let no = |bit: usize| if one.silent >> bit & 3 == 3 { Boarding::None } else { Boarding::Regular };
            let call = |(n, stop): (usize, &usize)| StopTime {
                stop: StopId(format!("s{stop}")),
                sequence: n as u32,
                arrival_s: Some(start_s + 60 * one.pace_min * n as u32),
                departure_s: Some(start_s + 60 * one.pace_min * n as u32 + 20 * (n as u32 % 2)),
                pickup: no(n),
                drop_off: no(n + 2),
                ..StopTime::default()
            };
            trips.push(Trip {
                id: TripId(format!("{line}-{n}")),
                route: RouteId(format!("{line}")),
                service: ServiceId("daily".into()),
                wheelchair_accessible: access(one.floor),
                stop_times: stops.iter().enumerate().map(call).collect(),
                ..Trip::default()
            });
        }
    }
    let daily = ServiceCalendar {
        weekdays: [true; 7],
        period: Some(("2026-01-01".parse().expect("a day"), "2026-12-31".parse().expect("a day"))),
        exceptions: BTreeMap::from([("2026-06-11".parse().expect("a day"), false)]),
    };
    let route = |line: usize| {
        let id = RouteId(format!("{line}"));
        (id.clone(), Route { id, short_name: format!("{line}"), route_type: 3, ..Route::default() })
    };
    Network::new(Timetable {
        time_zone: "Europe/Kyiv".into(),
        stops: drawn.places.iter().enumerate().map(stop).map(|stop| (stop.id.clone(), stop)).collect(),
        routes: (0..drawn.lines.len()).map(route).collect(),
        trips,
        services: [(ServiceId("daily".into()), daily)].into(),
        ..Timetable::default()
    })
    .expect("a network")
}

fn rules() -> ChangeRules {
    ChangeRules { change_s: CHANGE_S as u32, near_m: NEAR_M }
}

fn day() -> Date {
    DAY.parse().expect("a day")
}

/// The first two stops are near the first door, the next two near the other.
fn doors(truth: &Truth) -> [BTreeMap<usize, i64>; 2] {
    let of = |near: [(&str, i64); 2]| {
        near.into_iter().map(|(stop, walk_s)| (truth.numbers[&StopId(stop.into())], walk_s)).collect()
    };
    [of([("s0", 30), ("s1", 250)]), of([("s2", 0), ("s3", 170)])]
}

fn walks(truth: &Truth, ways: &BTreeMap<usize, i64>) -> Vec<misto_city::journey::StopWalk> {
    ways.iter().map(|(stop, walk_s)| walk(&truth.stops[*stop], *walk_s as u32)).collect()
}

fn told_as_way(journey: &Journey) -> Way {
    let first = journey.rides().next().expect("a ride");
    let walk_s = match &journey.legs[0] {
        misto_city::journey::Leg::Walk(walk) => i64::from(walk.walk.walk_s),
        other => panic!("{other:?} is no beginning"),
    };
    (seconds(first.board.likely()) - walk_s, seconds(journey.arrive), journey.changes() + 1)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn by_timetable_all_departures_are_found(drawn in drawn(), minute in 0..1_500_i64, step_free: bool) {
        let network = network(&drawn);
        let planner = Planner::new(&network, &rules());
        let (told, cancelled) = (BTreeMap::new(), BTreeSet::new());
        let truth = Truth::new(&network, day(), &Facts { told: &told, cancelled: &cancelled, step_free });
        let [near, far] = doors(&truth);
        let from = network.day_start(day()).expect("a day").as_second() + 60 * minute;
        let all = Exhaustive::all(&truth, &near, &far, 3, (from, from + 86_400));
        let in_a_day: BTreeSet<Way> = all.into_iter().filter(|way| way.1 <= from + 86_400).collect();
        let expected = unbeaten(&in_a_day);
        let (access, egress) = (walks(&truth, &near), walks(&truth, &far));
        // What is known better is told too, though it be worse: for who needs it.
        let asked = query(When::LeaveAt(at(from)), &access, &egress, step_free);
        let found = match plan(&network, &planner, &Live::default(), &asked) {
            Ok(journeys) => journeys.iter().map(told_as_way).collect(),
            Err(NoJourney::NoConnection | NoJourney::NoStopNearStart { .. } | NoJourney::NoStopNearEnd { .. }) => BTreeSet::new(),
            Err(other) => panic!("{other:?}"),
        };
        prop_assert_eq!(&unbeaten(&found), &expected);
        prop_assert!(found.is_subset(&in_a_day));
        prop_assert!(step_free || found == expected);

        let deadline = from + 86_400;
        let asked = query(When::ArriveBy(at(deadline)), &access, &egress, step_free);
        let last = plan(&network, &planner, &Live::default(), &asked).ok();
        let last = last.and_then(|journeys| journeys.iter().map(told_as_way).max());
        prop_assert_eq!(last.map(|way| way.0), expected.iter().map(|way| way.0).max());
    }

    #[test]
    fn with_delays_the_earliest_arrival_is_found(
        drawn in drawn(),
        minute in 720..1_500_i64,
        delays in vec((0..12_usize, -180..1_500_i64, 0..3_usize, -20..120_i64, any::<Option<bool>>(), 2..7_usize), 0..8),
        dropped in vec(0..12_usize, 0..3),
        step_free: bool,
    ) {
        let network = network(&drawn);
        let planner = Planner::new(&network, &rules());
        let trips = &network.timetable().trips;
        let run = |n: usize| Run { trip: network.find_trip(&trips[n % trips.len()].id).expect("a trip"), day: day() };
        let cancelled: BTreeSet<Run> = dropped.into_iter().map(run).collect();
        let mut told: BTreeMap<Run, Told> = BTreeMap::new();
        let mut known: BTreeMap<Run, usize> = BTreeMap::new();
        for (n, late_s, first, drift_s, low_floor, calls) in delays {
            let run = run(n);
            let calls_ahead = network.call_times(run.trip).len() > first;
            if network.pattern_of(run.trip).is_some() && calls_ahead && !cancelled.contains(&run) {
                known.insert(run, calls);
                told.insert(run, told_of(&network, run, (late_s, drift_s), first, calls, low_floor));
            }
        }
        // Before the first run, so that nothing is missed yet.
        let now = network.day_start(day()).expect("a day").as_second() + 43_200;
        let live = live(&network, &planner, at(now), &told, |run| known[run], &cancelled);
        let truth = Truth::new(&network, day(), &Facts { told: &told, cancelled: &cancelled, step_free });
        let [near, far] = doors(&truth);
        let from = network.day_start(day()).expect("a day").as_second() + 60 * minute;
        let all = Exhaustive::all(&truth, &near, &far, 3, (from, from + 86_400));
        let expected = all.iter().map(|way| way.1).min().filter(|end| *end <= from + 86_400);
        let (access, egress) = (walks(&truth, &near), walks(&truth, &far));
        let asked = query(When::LeaveAt(at(from)), &access, &egress, step_free);
        let journeys = plan(&network, &planner, &live, &asked).unwrap_or_default();
        let found = journeys.iter().map(|journey| seconds(journey.arrive)).min();
        prop_assert_eq!(found, expected);
        for journey in &journeys {
            prop_assert!(all.contains(&told_as_way(journey)), "{:?} is no way there is", journey);
        }

        let deadline = from + 86_400;
        let backwards = query(When::ArriveBy(at(deadline)), &access, &egress, step_free);
        let last = plan(&network, &planner, &live, &backwards).unwrap_or_default();
        let last = last.iter().map(|journey| told_as_way(journey).0).max();
        prop_assert_eq!(last, all.iter().filter(|way| way.1 <= deadline).map(|way| way.0).max());

        let starts: Vec<(usize, i64)> = near.iter().map(|(stop, walk_s)| (*stop, from + walk_s)).collect();
        let (by_dijkstra, _) = Dijkstra::new(&truth).arrivals(&starts, None, from + 86_400);
        let asked = misto_city::journey::Query { rides: 12, ..asked };
        let reached = reach(&network, &planner, &live, &asked).unwrap_or_default();
        for (number, stop) in truth.stops.iter().enumerate() {
            let expected = Some(by_dijkstra[number]).filter(|at| *at < i64::MAX);
            prop_assert_eq!(reached.get(stop).map(|at| seconds(*at)), expected, "{}", stop);
        }
    }
}

/// Late from the first call that is told on, and later by every call; never backwards.
fn told_of(
    network: &Network,
    run: Run,
    (late_s, drift_s): (i64, i64),
    first: usize,
    known: usize,
    low_floor: Option<bool>,
) -> Told {
    let start = network.day_start(run.day).expect("a day").as_second();
    let calls = network.call_times(run.trip);
    let mut times = Vec::new();
    let mut before = i64::MIN;
    for (n, call) in calls.iter().enumerate().skip(first) {
        let late_s = late_s + drift_s * (n - first).min(known - 1) as i64;
        let planned = |seconds: f64| start + seconds as i64 + late_s;
        let arrival = planned(call.arrival_s).max(before);
        let departure = planned(call.departure_s).max(arrival);
        before = departure;
        times.push((range(arrival, 40, 90), range(departure, 40, 120)));
    }
    Told { first, times, low_floor }
}
