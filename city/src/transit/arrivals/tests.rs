use super::*;
use crate::transit::example::{after_start, drive, later, network, on_the_way, pattern, run, vehicle};
use crate::transit::{ServiceState, TravelTimes, predict};

const DAY: &str = "2026-06-15";

/// One vehicle on `trip`, half way to `next_call`.
struct Seen {
    key: VehicleKey,
    assignment: Assignment,
    predictions: Vec<Predicted>,
}

fn seen(network: &Network, who: usize, trip: &str, next_call: usize, fix_time: Instant) -> Seen {
    let assignment = on_the_way(network, run(network, trip, DAY), next_call, 0.5, fix_time);
    with(network, who, assignment)
}

fn with(network: &Network, who: usize, assignment: Assignment) -> Seen {
    let key = vehicle(who);
    let predictions = predict(network, &TravelTimes::default(), &key, &assignment, assignment.fix_time);
    Seen { key, assignment, predictions }
}

struct Given<'a> {
    vehicles: &'a [Seen],
    visits: &'a [StopVisit],
    cancelled: Option<Run>,
    low_floor: Option<bool>,
}

fn at_stop(network: &Network, stop: &str, now: Instant, given: &Given<'_>) -> Vec<Arrival> {
    let vehicles: Vec<Tracked<'_>> = given
        .vehicles
        .iter()
        .map(|Seen { key, assignment, predictions }| Tracked { vehicle: key, assignment, predictions })
        .collect();
    let situation = Situation {
        now,
        vehicles: &vehicles,
        visits: given.visits,
        cancelled: &|run| given.cancelled == Some(run),
        low_floor: &|_| given.low_floor,
        lost_after_s: 300.0,
        ahead_s: 3_600.0,
        limit: 20,
    };
    board(network, &StopId(stop.into()), &situation)
}

const NOBODY: Given<'static> = Given { vehicles: &[], visits: &[], cancelled: None, low_floor: None };

fn row<'a>(network: &Network, rows: &'a [Arrival], trip: &str) -> Option<&'a Arrival> {
    rows.iter().find(|row| row.run == Some(run(network, trip, DAY)))
}

#[test]
fn a_vehicle_on_its_way_is_told_with_its_distance_and_the_age_of_its_fix() {
    let network = network();
    let fix_time = after_start(&network, run(&network, "t20", DAY), 150.0);
    let now = later(fix_time, 12.0);
    let vehicles = [seen(&network, 1, "t20", 2, fix_time)];
    let rows = at_stop(&network, "s5", now, &Given { vehicles: &vehicles, ..NOBODY });
    let own = row(&network, &rows, "t20").unwrap();
    let ArrivalState::Predicted { stops_away, metres_away, fix_age_s, arrival, .. } = own.state else {
        panic!("{own:?}");
    };
    assert_eq!((stops_away, fix_age_s), (Some(3), 12.0));
    assert!((metres_away.unwrap() - 1_750.0).abs() < 10.0, "{metres_away:?}");
    assert!(arrival.likely.micros() > now.micros());
    assert!(own.planned.is_some());
}

#[test]
fn a_trip_that_begins_later_is_scheduled() {
    let network = network();
    let now = after_start(&network, run(&network, "t20", DAY), -400.0);
    let rows = at_stop(&network, "s5", now, &NOBODY);
    assert_eq!(row(&network, &rows, "t20").unwrap().state, ArrivalState::Scheduled);
}

#[test]
fn a_trip_without_vehicle_is_unknown_while_no_vehicle_of_the_route_reports() {
    let network = network();
    let now = after_start(&network, run(&network, "t20", DAY), 400.0);
    let rows = at_stop(&network, "s5", now, &NOBODY);
    assert_eq!(row(&network, &rows, "t20").unwrap().state, ArrivalState::Unknown);
}

#[test]
fn a_trip_without_vehicle_is_not_running_when_others_of_the_route_report() {
    let network = network();
    let now = after_start(&network, run(&network, "t20", DAY), 400.0);
    let vehicles = [seen(&network, 1, "t19", 10, now)];
    let rows = at_stop(&network, "s5", now, &Given { vehicles: &vehicles, ..NOBODY });
    assert_eq!(row(&network, &rows, "t20").unwrap().state, ArrivalState::NotRunning);
    assert!(row(&network, &rows, "t19").is_none(), "it is beyond the stop");
    // Long after its plan nobody waits for it any more.
    let later = later(now, 1_000.0);
    let vehicles = [seen(&network, 1, "t19", 11, later)];
    let rows = at_stop(&network, "s5", later, &Given { vehicles: &vehicles, ..NOBODY });
    assert!(row(&network, &rows, "t20").is_none());
}

#[test]
fn a_vehicle_whose_trip_is_not_known_may_be_the_missing_one() {
    let network = network();
    let now = after_start(&network, run(&network, "t20", DAY), 400.0);
    let mut assignment = on_the_way(&network, run(&network, "t20", DAY), 3, 0.5, now);
    assignment.run = None;
    let vehicles = [with(&network, 1, assignment), seen(&network, 2, "t19", 10, now)];
    let rows = at_stop(&network, "s5", now, &Given { vehicles: &vehicles, ..NOBODY });
    assert_eq!(row(&network, &rows, "t20").unwrap().state, ArrivalState::Unknown);
    let without_trip: Vec<_> = rows.iter().filter(|row| row.run.is_none()).collect();
    assert_eq!(without_trip.len(), 1);
    assert!(matches!(without_trip[0].state, ArrivalState::Predicted { .. }));
    assert_eq!(without_trip[0].planned, None);
}

#[test]
fn a_vehicle_that_left_is_told_for_three_minutes() {
    let network = network();
    let run = run(&network, "t20", DAY);
    let visits = drive(&network, 1, run, (0.0, 100.0, 15.0));
    let left = visits[5].departure;
    let vehicles = [seen(&network, 1, "t20", 7, later(left, 120.0))];
    let given = Given { vehicles: &vehicles, visits: &visits[..6], ..NOBODY };
    let rows = at_stop(&network, "s5", later(left, 120.0), &given);
    assert_eq!(rows[0].state, ArrivalState::Passed { at: left });
    assert_eq!(rows.iter().filter(|row| row.run == Some(run)).count(), 1);
    let rows = at_stop(&network, "s5", later(left, 190.0), &given);
    assert!(rows.iter().all(|row| row.run != Some(run)), "neither passed nor missing");
}

#[test]
fn a_vehicle_that_fell_silent_is_lost_and_not_coming() {
    let network = network();
    let fix_time = after_start(&network, run(&network, "t20", DAY), 150.0);
    let vehicles = [seen(&network, 1, "t20", 2, fix_time)];
    let rows = at_stop(&network, "s5", later(fix_time, 301.0), &Given { vehicles: &vehicles, ..NOBODY });
    assert_eq!(row(&network, &rows, "t20").unwrap().state, ArrivalState::Lost { last_fix: fix_time, fix_age_s: 301.0 });
}

#[test]
fn a_vehicle_that_does_not_come_on_is_told_so_and_never_as_coming_or_missing() {
    let network = network();
    let fix_time = after_start(&network, run(&network, "t20", DAY), 750.0);
    let on_it = on_the_way(&network, run(&network, "t20", DAY), 2, 0.5, fix_time);
    let since = later(fix_time, -400.0);
    let stands = Assignment { stands_since: Some(since), ..on_it.clone() };
    let astray = Assignment { state: ServiceState::OffRoute, since, ..on_it };
    for (assignment, why) in [(stands, Held::Standing), (astray, Held::OffRoute)] {
        let vehicles = [with(&network, 1, assignment), seen(&network, 2, "t19", 10, fix_time)];
        let rows_at = |stop: &str, now| at_stop(&network, stop, now, &Given { vehicles: &vehicles, ..NOBODY });
        let rows = rows_at("s5", fix_time);
        let own = row(&network, &rows, "t20").unwrap();
        assert_eq!((own.state, own.vehicle.clone()), (ArrivalState::Held { why, since }, Some(vehicle(1))));
        assert!(row(&network, &rows_at("s1", fix_time), "t20").is_none(), "it was there");
        let rows = rows_at("s5", later(fix_time, 301.0));
        assert!(matches!(row(&network, &rows, "t20").unwrap().state, ArrivalState::Lost { .. }));
    }
}

#[test]
fn a_cancelled_trip_is_cancelled_even_if_a_vehicle_claims_it() {
    let network = network();
    let fix_time = after_start(&network, run(&network, "t20", DAY), 150.0);
    let vehicles = [seen(&network, 1, "t20", 2, fix_time)];
    let given = Given { vehicles: &vehicles, cancelled: Some(run(&network, "t20", DAY)), ..NOBODY };
    let rows = at_stop(&network, "s5", fix_time, &given);
    assert_eq!(row(&network, &rows, "t20").unwrap().state, ArrivalState::Cancelled);
}

#[test]
fn the_register_knows_the_floor_better_than_the_timetable() {
    let network = network();
    let fix_time = after_start(&network, run(&network, "t20", DAY), 150.0);
    let floor = |low_floor: Option<bool>, trip: &str| {
        let vehicles = [seen(&network, 1, "t20", 2, fix_time)];
        let rows = at_stop(&network, "s5", fix_time, &Given { vehicles: &vehicles, low_floor, ..NOBODY });
        row(&network, &rows, trip).unwrap().low_floor
    };
    let of = |is, source| Some(LowFloor { is, source });
    assert_eq!(floor(Some(false), "t20"), of(false, LowFloorSource::Register));
    assert_eq!(floor(None, "t20"), of(true, LowFloorSource::Timetable));
    assert_eq!(floor(Some(false), "t21"), of(true, LowFloorSource::Timetable), "no vehicle has it yet");
}

#[test]
fn two_vehicles_that_claim_one_trip_are_one_row() {
    let network = network();
    let fix_time = after_start(&network, run(&network, "t20", DAY), 150.0);
    let mut waiting = on_the_way(&network, run(&network, "t20", DAY), 1, 0.0, later(fix_time, -20.0));
    (waiting.state, waiting.along_m, waiting.next_call) = (ServiceState::Layover, Some(0.0), Some(0));
    let vehicles = [with(&network, 2, waiting), seen(&network, 1, "t20", 2, fix_time)];
    let rows = at_stop(&network, "s5", fix_time, &Given { vehicles: &vehicles, ..NOBODY });
    let claimed: Vec<_> = rows.iter().filter(|row| row.run == Some(run(&network, "t20", DAY))).collect();
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].vehicle, Some(vehicle(1)), "the newer fix");
}

#[test]
fn nobody_boards_at_the_last_stop() {
    let network = network();
    let now = after_start(&network, run(&network, "t20", DAY), 0.0);
    assert!(at_stop(&network, "s11", now, &NOBODY).is_empty());
    assert!(at_stop(&network, "no such stop", now, &NOBODY).is_empty());
    assert_eq!(network.calls_at(&StopId("s5".into())).len(), 2);
    let _ = pattern(&network, "free");
}

#[test]
fn rows_stand_in_the_order_of_departure_and_no_more_than_were_asked_for() {
    let network = network();
    let now = after_start(&network, run(&network, "t20", DAY), 150.0);
    let vehicles = [seen(&network, 1, "t20", 2, now)];
    let rows = at_stop(&network, "s5", now, &Given { vehicles: &vehicles, ..NOBODY });
    let moments: Vec<i64> = rows.iter().filter_map(|row| row.expected().map(Instant::micros)).collect();
    assert!(moments.is_sorted(), "{rows:?}");
    assert!(moments.iter().all(|at| *at <= later(now, 3_600.0).micros()));
}
