use std::collections::BTreeMap;

use misto_model::{Route, ServiceCalendar, ServiceId, Stop, StopTime, Trajectory, WheelchairAccess};

use super::*;

fn stop(id: &str, lon: f64, lat: f64) -> (StopId, Stop) {
    let stop = Stop {
        id: StopId(id.into()),
        name: id.into(),
        code: None,
        position: Position::new(lon, lat).unwrap(),
        wheelchair_boarding: WheelchairAccess::Unknown,
        details: None,
    };
    (stop.id.clone(), stop)
}

fn trip(id: &str, stops: &[(&str, Option<u32>)]) -> Trip {
    let call = |(sequence, (stop, at)): (usize, &(&str, Option<u32>))| StopTime {
        stop: StopId((*stop).into()),
        sequence: sequence as u32,
        arrival_s: *at,
        departure_s: at.map(|at| at + 10),
        ..StopTime::default()
    };
    Trip {
        id: TripId(id.into()),
        route: RouteId("r".into()),
        service: ServiceId("daily".into()),
        headsign: None,
        direction: Some(0),
        shape: Some("there-and-back".into()),
        block: None,
        wheelchair_accessible: WheelchairAccess::Unknown,
        stop_times: stops.iter().enumerate().map(call).collect(),
        ..Trip::default()
    }
}

/// A kilometre east and the same street back; the stop `mid` is passed twice.
fn network(trips: Vec<Trip>) -> Network {
    let places = [(24.70, 48.92), (24.7137, 48.92), (24.70, 48.92)];
    let route = Route {
        id: RouteId("r".into()),
        short_name: "5".into(),
        long_name: String::new(),
        route_type: 3,
        color: None,
        ..Route::default()
    };
    let daily = ServiceCalendar {
        weekdays: [true; 7],
        period: Some(("2026-01-01".parse().unwrap(), "2026-12-31".parse().unwrap())),
        exceptions: BTreeMap::new(),
    };
    Network::new(Timetable {
        time_zone: "Europe/Kyiv".into(),
        stops: [stop("west", 24.70, 48.9201), stop("mid", 24.7068, 48.9201), stop("east", 24.7137, 48.9201)].into(),
        routes: [(route.id.clone(), route)].into(),
        trips,
        services: [(ServiceId("daily".into()), daily)].into(),
        shapes: [("there-and-back".into(), places.map(|(lon, lat)| Position::new(lon, lat).unwrap()).into())].into(),
        trajectories: vec![Trajectory {
            route: RouteId("r".into()),
            direction: Some(1),
            headsign: None,
            shape: None,
            stops: ["east", "west"].map(|id| StopId(id.into())).into(),
        }],
        ..Timetable::default()
    })
    .unwrap()
}

#[test]
fn a_stop_that_is_passed_twice_lies_where_its_order_says() {
    let network = network(vec![
        trip("out", &[("west", Some(0)), ("mid", Some(60)), ("east", Some(120))]),
        trip("back", &[("east", Some(0)), ("mid", Some(60)), ("west", Some(120))]),
    ]);
    let along = |index: u32| -> Vec<f64> {
        network.pattern(PatternIndex(index)).calls.iter().map(|call| (call.along_m / 10.0).round() * 10.0).collect()
    };
    assert_eq!(along(0), [0.0, 500.0, 1000.0]);
    assert_eq!(along(1), [1000.0, 1510.0, 2000.0]);
    assert_eq!(network.patterns_of(&RouteId("r".into())).len(), 3, "two of the timetable, one without times");
    assert!(network.pattern(PatternIndex(2)).trips.is_empty());
    assert_eq!(network.pattern(PatternIndex(0)).call_after(600.0), Some(2));
    assert_eq!(network.pattern(PatternIndex(0)).call_after(1_005.0), None);
}

#[test]
fn times_that_the_feed_leaves_out_are_interpolated_by_distance() {
    let network = network(vec![trip("t", &[("west", Some(0)), ("mid", None), ("east", Some(110))])]);
    let times = network.call_times(TripIndex(0));
    assert!((times[1].arrival_s - 60.0).abs() < 1.0, "{times:?}");
    assert_eq!(times[2].departure_s, 120.0);
}

#[test]
fn a_trip_past_midnight_is_a_run_of_the_day_before() {
    let trips = vec![trip("late", &[("west", Some(90_000)), ("east", Some(90_600))])];
    let network = network(trips);
    // 01:05 in Kyiv on the 11th
    let at = "2026-07-10T22:05:00Z".parse().unwrap();
    let runs = network.runs_between(PatternIndex(0), at, at);
    assert_eq!(runs, [Run { trip: TripIndex(0), day: "2026-07-10".parse().unwrap() }]);
    assert_eq!(network.planned(runs[0], 1).unwrap().arrival.to_string(), "2026-07-10T22:10:00Z");
    assert!(network.runs_between(PatternIndex(0), at - 1.hour(), at - 1.hour()).is_empty());
}
