//! What a person is told where there is no journey, and what one rests on where there is.

use std::collections::{BTreeMap, BTreeSet};

use misto_city::journey::{
    Catch, ChangeRules, Leg, Live, NoJourney, Planner, Query, RestsOn, RideState, StopWalk, When, last_departure, plan,
    straight_walk, straight_walks,
};
use misto_city::transit::{Network, Run};
use misto_model::{
    Position, Route, RouteId, ServiceCalendar, ServiceId, Stop, StopId, StopTime, Timetable, Transfer, TransferKind,
    Trip, TripId, WheelchairAccess,
};

use super::truth::{Told, seconds};
use super::{at, live, query, range, walk};

const DAY: &str = "2026-06-10";

fn place(x: f64) -> Position {
    Position::new(24.7 + 0.01 * x, 48.9).expect("a place")
}

/// Stops a, b, c, d in a row, 730 m apart; line 1 drives a–b–c each half hour from 6:00 to 22:00,
/// line 2 c–d each hour and ten minutes after; stop e is an island.
fn timetable() -> Timetable {
    let stop = |(id, x): (&str, f64)| Stop {
        id: StopId(id.into()),
        name: id.into(),
        code: None,
        position: place(x),
        wheelchair_boarding: if id == "b" { WheelchairAccess::No } else { WheelchairAccess::Yes },
        details: None,
    };
    let trip = |line: &str, n: u32, start_s: u32, stops: &[&str], floor| Trip {
        id: TripId(format!("{line}-{n}")),
        route: RouteId(line.into()),
        service: ServiceId("weekdays".into()),
        wheelchair_accessible: floor,
        stop_times: (0..)
            .zip(stops)
            .map(|(n, stop)| StopTime {
                stop: StopId((*stop).into()),
                sequence: n,
                arrival_s: Some(start_s + 300 * n),
                departure_s: Some(start_s + 300 * n),
                ..StopTime::default()
            })
            .collect(),
        ..Trip::default()
    };
    let floors = [WheelchairAccess::Yes, WheelchairAccess::No, WheelchairAccess::Unknown];
    let first = (0..33).map(|n| trip("1", n, 21_600 + 1_800 * n, &["a", "b", "c"], floors[n as usize % 3]));
    let second = (0..17).map(|n| trip("2", n, 22_800 + 3_600 * n, &["c", "d"], WheelchairAccess::Yes));
    let route = |id: &str| (RouteId(id.into()), Route { id: RouteId(id.into()), ..Route::default() });
    let weekdays = ServiceCalendar {
        weekdays: [true, true, true, true, true, false, false],
        period: Some(("2026-06-01".parse().expect("a day"), "2026-06-30".parse().expect("a day"))),
        exceptions: BTreeMap::new(),
    };
    let stops = [("a", 0.0), ("b", 1.0), ("c", 2.0), ("d", 3.0), ("e", 20.0)];
    Timetable {
        time_zone: "Europe/Kyiv".into(),
        stops: stops.into_iter().map(stop).map(|stop| (stop.id.clone(), stop)).collect(),
        routes: [route("1"), route("2")].into(),
        trips: first.chain(second).collect(),
        services: [(ServiceId("weekdays".into()), weekdays)].into(),
        ..Timetable::default()
    }
}

fn city() -> (Network, Planner) {
    let network = Network::new(timetable()).expect("a network");
    let planner = Planner::new(&network, &ChangeRules::default());
    (network, planner)
}

fn moment(network: &Network, day: &str, seconds: i64) -> misto_model::Instant {
    at(network.day_start(day.parse().expect("a day")).expect("a day").as_second() + seconds)
}

fn ways(stop: &str) -> Vec<StopWalk> {
    vec![walk(&StopId(stop.into()), 60)]
}

fn asked<'a>(when: When, access: &'a [StopWalk], egress: &'a [StopWalk], step_free: bool) -> Query<'a> {
    Query { journeys: 3, ..query(when, access, egress, step_free) }
}

#[test]
fn who_is_there_already_is_told_so() {
    let (network, planner) = city();
    let near = straight_walks(network.timetable(), place(0.0), 500.0, 1.0);
    let here = straight_walk(place(0.0), place(0.000_01), 1.0);
    let when = When::LeaveAt(moment(&network, DAY, 30_000));
    let same = Query { direct: Some(&here), ..asked(when, &near, &near, false) };
    assert_eq!(plan(&network, &planner, &Live::default(), &same), Err(NoJourney::AlreadyThere));
}

#[test]
fn no_stop_near_is_told_for_each_end() {
    let (network, planner) = city();
    let (near, nowhere) = (ways("a"), Vec::new());
    let when = When::LeaveAt(moment(&network, DAY, 30_000));
    let from_nowhere = plan(&network, &planner, &Live::default(), &asked(when, &nowhere, &near, false));
    assert_eq!(from_nowhere, Err(NoJourney::NoStopNearStart { unfit: 0 }));
    let into_nowhere = plan(&network, &planner, &Live::default(), &asked(when, &near, &nowhere, false));
    assert_eq!(into_nowhere, Err(NoJourney::NoStopNearEnd { unfit: 0 }));
    let stop_with_steps = ways("b");
    let not_for_a_chair = plan(&network, &planner, &Live::default(), &asked(when, &near, &stop_with_steps, true));
    assert_eq!(not_for_a_chair, Err(NoJourney::NoStopNearEnd { unfit: 1 }));
}

#[test]
fn an_island_and_a_day_outside_the_feed_have_no_journey() {
    let (network, planner) = city();
    let (near, island) = (ways("a"), ways("e"));
    let when = When::LeaveAt(moment(&network, DAY, 30_000));
    let to_island = plan(&network, &planner, &Live::default(), &asked(when, &near, &island, false));
    assert_eq!(to_island, Err(NoJourney::NoConnection));
    let far = ways("c");
    let later = When::LeaveAt(moment(&network, "2027-01-05", 30_000));
    let outside = plan(&network, &planner, &Live::default(), &asked(later, &near, &far, false));
    let days = Some(("2026-06-01".parse().expect("a day"), "2026-06-30".parse().expect("a day")));
    assert_eq!(outside, Err(NoJourney::OutsideTimetable { days }));
    // A Saturday inside the feed, the next bus on Monday.
    let saturday = When::LeaveAt(moment(&network, "2026-06-13", 30_000));
    let weekend = plan(&network, &planner, &Live::default(), &asked(saturday, &near, &far, false));
    assert_eq!(weekend, Err(NoJourney::NoConnection));
}

#[test]
fn a_chair_waits_for_the_low_floor_and_is_told_what_is_not_known() {
    let (network, planner) = city();
    let (near, far) = (ways("a"), ways("c"));
    // 6:30 is a high floor, 7:00 unknown, 7:30 low.
    let when = When::LeaveAt(moment(&network, DAY, 22_500));
    let journeys = plan(&network, &planner, &Live::default(), &asked(when, &near, &far, true)).expect("journeys");
    let floors: Vec<Option<bool>> =
        journeys.iter().map(|one| one.rides().next().expect("a ride").low_floor.map(|floor| floor.is)).collect();
    assert_eq!(floors, [None, Some(true), None], "{journeys:#?}");
    assert!(journeys[0].rests_on.contains(&RestsOn::UnknownFloor { leg: 1 }));
    assert!(!journeys[1].rests_on.contains(&RestsOn::UnknownFloor { leg: 1 }));
    assert!(journeys.iter().all(|one| one.rests_on.contains(&RestsOn::TimetableOnly { leg: 1 })));
    let anybody = plan(&network, &planner, &Live::default(), &asked(when, &near, &far, false)).expect("journeys");
    assert_eq!(seconds(anybody[0].leave), seconds(moment(&network, DAY, 23_400 - 60)), "the high floor at 6:30");
    assert!(!anybody[0].rests_on.iter().any(|on| matches!(on, RestsOn::UnknownFloor { .. })));
}

#[test]
fn a_late_bus_makes_the_change_tight_and_a_later_one_is_told_beside_it() {
    let (network, planner) = city();
    let (near, far) = (ways("a"), ways("d"));
    let run = |trip: &str| Run {
        trip: network.find_trip(&TripId(trip.into())).expect("a trip"),
        day: DAY.parse().expect("a day"),
    };
    let start = seconds(moment(&network, DAY, 21_600));
    let of = |late_s: i64, calls: &[i64]| Told {
        first: 0,
        times: calls
            .iter()
            .map(|at| (range(start + at + late_s, 60, 180), range(start + at + late_s, 60, 180)))
            .collect(),
        low_floor: None,
    };
    let punctual: BTreeMap<Run, Told> =
        [(run("1-0"), of(0, &[0, 300, 600])), (run("2-0"), of(0, &[1_200, 1_500]))].into();
    let late: BTreeMap<Run, Told> =
        [(run("1-0"), of(480, &[0, 300, 600])), (run("2-0"), of(0, &[1_200, 1_500]))].into();
    let none = BTreeSet::new();
    let when = When::LeaveAt(moment(&network, DAY, 21_000));
    let planned = |told| {
        let live = live(&network, &planner, moment(&network, DAY, 21_000), told, |_| usize::MAX, &none);
        plan(&network, &planner, &live, &asked(when, &near, &far, false)).expect("journeys")
    };
    let sure = &planned(&punctual)[0];
    let rides: Vec<_> = sure.rides().collect();
    assert_eq!(rides[0].state, RideState::Predicted { fix_age_s: 0.0 });
    assert!(matches!(rides[1].catch, Catch::Likely { .. }), "{:?}", rides[1].catch);
    assert!(sure.arrives_within.is_some() && sure.rests_on.is_empty(), "{:?}", sure.rests_on);
    // One leaves so early that the first bus is caught though it comes early.
    assert_eq!(seconds(sure.leave), start - 60 - 60);
    let tight = planned(&late);
    let second = |one: &misto_city::journey::Journey| one.rides().nth(1).map(|ride| ride.catch);
    assert!(matches!(second(&tight[0]), Some(Catch::Tight { probability }) if probability < 0.9), "{tight:#?}");
    let cancelled: BTreeSet<Run> = [run("2-0")].into();
    let live = live(&network, &planner, moment(&network, DAY, 21_000), &BTreeMap::new(), |_| 0, &cancelled);
    let without = plan(&network, &planner, &live, &asked(when, &near, &far, false)).expect("journeys");
    assert!(without[0].rides().all(|ride| ride.run != run("2-0")));
}

#[test]
fn a_run_that_nobody_drives_is_left_out_where_others_of_its_line_report() {
    let (network, planner) = city();
    let (near, far) = (ways("b"), ways("c"));
    let run = |trip: &str| Run {
        trip: network.find_trip(&TripId(trip.into())).expect("a trip"),
        day: DAY.parse().expect("a day"),
    };
    // 7:04:50: the run of 7:00 (1-2) should be under way, and another bus is on the run of 7:30.
    let now = moment(&network, DAY, 25_200 + 301);
    let start = seconds(moment(&network, DAY, 27_000));
    let times = [0, 300, 600].map(|at| (range(start + at, 30, 60), range(start + at, 30, 60))).to_vec();
    let told: BTreeMap<Run, Told> = [(run("1-3"), Told { first: 0, times, low_floor: None })].into();
    let none = BTreeSet::new();
    let when = When::LeaveAt(moment(&network, DAY, 25_200 + 200));
    let live = live(&network, &planner, now, &told, |_| usize::MAX, &none);
    let journeys = plan(&network, &planner, &live, &asked(when, &near, &far, false)).expect("journeys");
    assert_eq!(journeys[0].rides().next().map(|ride| ride.run), Some(run("1-3")), "{journeys:#?}");
    let by_plan = plan(&network, &planner, &Live::default(), &asked(when, &near, &far, false)).expect("journeys");
    assert_eq!(by_plan[0].rides().next().map(|ride| ride.run), Some(run("1-2")));
}

#[test]
fn the_last_way_back_is_the_last_of_the_day() {
    let (network, planner) = city();
    let (near, far) = (ways("a"), ways("d"));
    let when = When::LeaveAt(moment(&network, DAY, 60_000));
    let last = last_departure(&network, &planner, &Live::default(), &asked(when, &near, &far, false)).expect("one");
    let rides: Vec<_> = last.rides().map(|ride| network.trip(ride.run.trip).id.0.as_str()).collect();
    // Line 2 leaves c the last time at 22:20, line 1 is there at 22:10.
    assert_eq!(rides, ["1-32", "2-16"]);
    let too_late = When::LeaveAt(moment(&network, DAY, 83_000));
    let missed = last_departure(&network, &planner, &Live::default(), &asked(too_late, &near, &far, false));
    assert_eq!(missed, Err(NoJourney::NoConnection));
}

#[test]
fn what_the_feed_says_of_changing_holds() {
    let when = |network: &Network| When::LeaveAt(moment(network, DAY, 21_000));
    let arrival = |transfer: Option<Transfer>| {
        let network =
            Network::new(Timetable { transfers: transfer.into_iter().collect(), ..timetable() }).expect("one");
        let planner = Planner::new(&network, &ChangeRules::default());
        let (near, far) = (ways("a"), ways("d"));
        let found = plan(&network, &planner, &Live::default(), &asked(when(&network), &near, &far, false));
        found.map(|journeys| {
            let change = journeys[0].legs.iter().find_map(|leg| match leg {
                Leg::Change { takes_s, .. } => Some(*takes_s),
                _ => None,
            });
            (seconds(journeys[0].arrive) - seconds(moment(&network, DAY, 0)), change)
        })
    };
    let at_c = |kind, min_transfer_s| {
        let c = Some(StopId("c".into()));
        Some(Transfer { from_stop: c.clone(), to_stop: c, kind, min_transfer_s, ..Transfer::default() })
    };
    // There at 6:10, on at 6:20.
    assert_eq!(arrival(None), Ok((23_100 + 60, Some(60.0))));
    assert_eq!(arrival(at_c(TransferKind::MinimumTime, Some(600))), Ok((23_100 + 60, Some(600.0))));
    assert_eq!(arrival(at_c(TransferKind::MinimumTime, Some(601))), Ok((26_700 + 60, Some(601.0))));
    assert_eq!(arrival(at_c(TransferKind::Impossible, None)), Err(NoJourney::NoConnection));
}

#[test]
fn who_comes_with_the_likely_moment_has_little_more_than_half_a_chance() {
    let (network, planner) = city();
    let (near, far) = (ways("a"), ways("c"));
    let day = DAY.parse().expect("a day");
    let run = Run { trip: network.find_trip(&TripId("1-0".into())).expect("a trip"), day };
    let start = seconds(moment(&network, DAY, 21_600));
    let times = [0, 300, 600].map(|at| (range(start + at, 60, 180), range(start + at, 60, 180))).to_vec();
    let told: BTreeMap<Run, Told> = [(run, Told { first: 0, times, low_floor: None })].into();
    let none = BTreeSet::new();
    let live = live(&network, &planner, at(start - 600), &told, |_| usize::MAX, &none);
    // 45 in 100 leave before the likely moment, 10 before the earliest, 90 before the latest.
    for (leave_s, expected) in [(-60, 0.55), (-120, 0.90), (-600, 0.90)] {
        let when = When::LeaveAt(at(start + leave_s));
        let journeys = plan(&network, &planner, &live, &asked(when, &near, &far, false)).expect("journeys");
        let first = journeys[0].rides().next().expect("a ride");
        let (Catch::Likely { probability } | Catch::Tight { probability }) = first.catch else {
            panic!("{first:?} has no probability")
        };
        assert_eq!(first.run, run);
        assert!((probability - expected).abs() < 0.005, "{leave_s}: {probability}");
        assert_eq!(matches!(first.catch, Catch::Likely { .. }), expected >= misto_city::journey::LIKELY);
    }
}
