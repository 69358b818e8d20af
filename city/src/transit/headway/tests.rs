use misto_model::{RouteId, StopId};

use super::*;
use crate::transit::arrivals::Tracked;
use crate::transit::example::{STOPS, after_start, drive, later, network, on_the_way, pattern, run, vehicle};
use crate::transit::{StopVisit, TravelTimes};

const DAY: &str = "2026-06-15";

#[test]
fn excess_wait_is_actual_less_scheduled_average_wait() {
    // Every ten minutes: five minutes of wait. 5 and 15 in turn: (25 + 225) / (2 · 20) = 6.25.
    assert_eq!(average_wait(&[10.0, 10.0]), Some(5.0));
    assert_eq!(average_wait(&[5.0, 15.0]), Some(6.25));
    assert_eq!(excess_wait(&[5.0, 15.0], &[10.0, 10.0]), Some(1.25));
    assert_eq!(excess_wait(&[], &[10.0]), None);
}

#[test]
fn bunched_is_under_a_quarter_of_the_plan_and_a_gap_over_one_and_a_half() {
    assert_eq!(Regularity::of(149.0, 600.0), Some(Regularity::Bunched));
    assert_eq!(Regularity::of(150.0, 600.0), Some(Regularity::Regular));
    assert_eq!(Regularity::of(900.0, 600.0), Some(Regularity::Regular));
    assert_eq!(Regularity::of(901.0, 600.0), Some(Regularity::Gap));
    assert_eq!(Regularity::of(100.0, 0.0), None);
}

#[test]
fn vehicles_follow_each_other_with_the_time_between_them() {
    let network = network();
    let now = after_start(&network, run(&network, "t12", DAY), 350.0);
    // t10 ahead by seven links; t11 close behind it, t12 far behind.
    let assignments = [("t10", 9, 0.5), ("t11", 9, 0.4), ("t12", 1, 0.5)]
        .map(|(trip, next, part)| on_the_way(&network, run(&network, trip, DAY), next, part, now));
    let keys = [1, 2, 3].map(vehicle);
    let mut tracked: Vec<Tracked<'_>> = keys
        .iter()
        .zip(&assignments)
        .map(|(vehicle, assignment)| Tracked { vehicle, assignment, predictions: &[] })
        .collect();
    tracked.reverse();
    let line = (&RouteId("r".into()), Some(0));
    let found = live(&network, &TravelTimes::default(), &tracked, line, None, now).unwrap();
    assert_eq!(found.vehicles.iter().map(|one| one.vehicle.clone()).collect::<Vec<_>>(), keys);
    let [first, second, third] = found.vehicles.as_slice() else { panic!("{found:?}") };
    assert_eq!((first.headway_s, first.state), (None, None));
    assert_eq!(second.planned, Some(PlannedHeadway::Timetable(600.0)));
    assert_eq!(second.state, Some(Regularity::Bunched), "{second:?}");
    assert!((700.0..900.0).contains(&third.headway_s.unwrap()), "{third:?}");
    assert_eq!(third.state, Some(Regularity::Regular));
    assert_eq!(live(&network, &TravelTimes::default(), &[], line, None, now), None);
}

#[test]
fn without_timetable_the_observed_median_takes_the_place_of_the_plan_and_is_named_so() {
    let network = network();
    let now = after_start(&network, run(&network, "t12", DAY), 350.0);
    let free = |next| {
        let mut one = on_the_way(&network, run(&network, "t12", DAY), next, 0.5, now);
        (one.pattern, one.run) = (Some(pattern(&network, "free")), None);
        one
    };
    let (assignments, keys) = ([free(9), free(2)], [1, 2].map(vehicle));
    let pairs = keys.iter().zip(&assignments);
    let tracked: Vec<Tracked<'_>> =
        pairs.map(|(vehicle, assignment)| Tracked { vehicle, assignment, predictions: &[] }).collect();
    let line = (&RouteId("free".into()), Some(0));
    let found = live(&network, &TravelTimes::default(), &tracked, line, Some(300.0), now).unwrap();
    assert_eq!(found.vehicles[1].planned, Some(PlannedHeadway::ObservedMedian(300.0)));
    assert_eq!(found.vehicles[1].state, Some(Regularity::Gap));
    let found = live(&network, &TravelTimes::default(), &tracked, line, None, now).unwrap();
    assert_eq!((found.vehicles[1].planned, found.vehicles[1].state), (None, None), "unknown stays unknown");
}

/// t0 and t2 on time, t1 eight minutes late: close before t2.
fn three_trips() -> (crate::transit::Network, Vec<StopVisit>) {
    let network = network();
    let late = [("t0", 0.0), ("t1", 480.0), ("t2", 0.0)];
    let visits = late
        .iter()
        .enumerate()
        .flat_map(|(who, (trip, late_s))| drive(&network, who, run(&network, trip, DAY), (*late_s, 100.0, 15.0)));
    let visits = visits.collect();
    (network, visits)
}

#[test]
fn a_day_is_reported_by_stop() {
    let (network, visits) = three_trips();
    let report = report(&network, DAY.parse().unwrap(), &visits, |_| None);
    let stop = report.stops.iter().find(|stop| stop.stop == StopId("s4".into()) && stop.route.0 == "r").unwrap();
    assert_eq!((stop.observations, stop.planned, stop.timed, stop.on_time), (3, 80, 3, 2));
    // 600 + 480 and 600 − 480 seconds.
    assert_eq!(stop.mean_headway_s, Some(600.0));
    assert_eq!((stop.compared, stop.bunched, stop.gaps), (2, 1, 1));
    let wait_s = (1_080.0_f64.powi(2) + 120.0_f64.powi(2)) / (2.0 * 1_200.0);
    assert!((stop.average_wait_s.unwrap() - wait_s).abs() < 1e-6);
    assert!(report.stops.iter().all(|stop| stop.stop != StopId("s11".into())), "nobody boards there");
}

#[test]
fn a_day_is_reported_by_line_with_what_the_city_pays_for() {
    let (network, mut visits) = three_trips();
    // Of a fourth trip only four calls were visited.
    visits.extend(drive(&network, 3, run(&network, "t3", DAY), (0.0, 100.0, 15.0)).into_iter().take(4));
    let low_floor = |key: &misto_model::VehicleKey| (*key != vehicle(2)).then_some(*key == vehicle(0));
    let report = report(&network, DAY.parse().unwrap(), &visits, low_floor);
    let line = report.lines.iter().find(|line| line.route.0 == "r").unwrap();
    assert_eq!((line.trips_planned, line.trips_run, line.trips_without_plan), (80, 3, 0));
    assert_eq!((line.floor_known, line.low_floor), (2, 1));
    assert!((line.kilometres - 0.5 * (3.0 * 11.0 + 3.0)).abs() < 0.05, "{}", line.kilometres);
}

#[test]
fn rows_of_tides_tell_trips_and_their_stop_visits() {
    let (network, visits) = three_trips();
    let report = report(&network, DAY.parse().unwrap(), &visits, |_| None);
    assert_eq!(report.trips_performed.len(), 3);
    assert_eq!(report.stop_visits.len(), 3 * STOPS);
    let late = report.trips_performed.iter().find(|trip| trip.trip_id_scheduled.as_ref().unwrap().0 == "t1").unwrap();
    let planned = late.schedule_trip_start.unwrap();
    assert_eq!(late.actual_trip_start.timestamp().duration_since(planned).as_secs(), 480);
    assert_eq!((late.calls, late.schedule_relationship), ((STOPS, STOPS), "Scheduled"));
    let rows: Vec<_> =
        report.stop_visits.iter().filter(|row| row.trip_id_performed == late.trip_id_performed).collect();
    assert_eq!(rows.iter().map(|row| row.trip_stop_sequence).collect::<Vec<_>>(), (1..=STOPS).collect::<Vec<_>>());
    assert!((rows[1].distance_m.unwrap() - 500.0).abs() < 5.0);
    assert_eq!((rows[0].distance_m, rows[1].dwell_s), (None, 15.0));
}

#[test]
fn a_stop_that_was_not_visited_leaves_no_gap_in_the_order_of_visits() {
    let (network, mut visits) = three_trips();
    visits.retain(|visit| visit.call != 0 && visit.call != 4);
    let report = report(&network, DAY.parse().unwrap(), &visits, |_| None);
    let of = |trip: &TripPerformed| trip.trip_id_scheduled.as_ref().is_some_and(|id| id.0 == "t1");
    let trip = report.trips_performed.iter().find(|trip| of(trip)).unwrap();
    let rows = report.stop_visits.iter().filter(|row| row.trip_id_performed == trip.trip_id_performed);
    let order: Vec<_> = rows.map(|row| (row.trip_stop_sequence, row.scheduled_stop_sequence.unwrap())).collect();
    assert_eq!(order[..5], [(1, 1), (2, 2), (3, 3), (4, 5), (5, 6)]);
    assert_eq!((trip.trip_type, trip.block_id.is_some()), ("In service", true));
}

#[test]
fn visits_without_a_trip_count_as_trips_without_plan() {
    let network = network();
    let mut visits = drive(&network, 1, run(&network, "t0", DAY), (0.0, 100.0, 15.0));
    let free = pattern(&network, "free");
    for visit in &mut visits {
        (visit.pattern, visit.run) = (free, None);
    }
    let again: Vec<StopVisit> = visits
        .iter()
        .map(|visit| StopVisit {
            arrival: later(visit.arrival, 3_000.0),
            departure: later(visit.departure, 3_000.0),
            ..visit.clone()
        })
        .collect();
    visits.extend(again);
    let report = report(&network, DAY.parse().unwrap(), &visits, |_| None);
    let line = report.lines.iter().find(|line| line.route.0 == "free").unwrap();
    assert_eq!((line.trips_planned, line.trips_run, line.trips_without_plan), (0, 0, 2));
    let stop = report.stops.iter().find(|stop| stop.route.0 == "free").unwrap();
    assert_eq!(stop.planned_headway, Some(PlannedHeadway::ObservedMedian(3_000.0)));
    assert_eq!((stop.excess_wait_s, stop.timed), (None, 0));
    assert!(report.trips_performed.iter().all(|trip| trip.schedule_relationship == "Unscheduled"));
    let planned = |row: &StopVisitRow| row.scheduled_stop_sequence.is_some() || row.schedule_relationship.is_some();
    assert!(!report.stop_visits.iter().any(planned), "nobody knows what was planned");
}
