use std::collections::BTreeMap;

use misto_model::{
    Position, Route, RouteId, ServiceCalendar, ServiceId, Stop, StopId, StopTime, Timetable, Trajectory, Trip, TripId,
    WheelchairAccess,
};

use super::*;
use crate::transit::line::Line;
use crate::transit::{Run, TripIndex};

mod claims;
mod service;
mod waits;

const WEST: f64 = 24.70;
const SOUTH: f64 = 48.92;

/// Metres east and north of the city's corner.
fn at(east_m: f64, north_m: f64) -> Position {
    let lon_m = 111_195.08 * SOUTH.to_radians().cos();
    Position::new(WEST + east_m / lon_m, SOUTH + north_m / 111_195.08).unwrap()
}

/// A timetable in the making. Stops lie every 400 m on each way, planned speed 5 m/s.
#[derive(Default)]
struct Town {
    stops: BTreeMap<StopId, Stop>,
    routes: BTreeMap<RouteId, Route>,
    trips: Vec<Trip>,
    shapes: BTreeMap<String, Vec<Position>>,
    trajectories: Vec<Trajectory>,
}

const STOP_SPACING_M: f64 = 400.0;
const PLANNED_M_S: f64 = 5.0;

impl Town {
    /// A way of a route; its name is `<route>/<direction>` or what `way` says.
    fn way(mut self, route: &str, direction: u8, way: &str, corners: &[(f64, f64)]) -> Self {
        let shape: Vec<Position> = corners.iter().map(|(x, y)| at(*x, *y)).collect();
        let id = RouteId(route.into());
        let named = Route {
            id: id.clone(),
            short_name: route.into(),
            long_name: String::new(),
            route_type: 3,
            color: None,
            ..Route::default()
        };
        self.routes.insert(id.clone(), named);
        let line = Line::new(&shape).unwrap();
        let stops = (line.length_m() / STOP_SPACING_M).round() as usize;
        let mut ids = Vec::new();
        for n in 0..=stops {
            let id = StopId(format!("{way}-{n}"));
            let position = line.at(line.length_m() * n as f64 / stops as f64);
            let stop = Stop {
                id: id.clone(),
                name: id.0.clone(),
                code: None,
                position,
                wheelchair_boarding: WheelchairAccess::Unknown,
                details: None,
            };
            self.stops.insert(id.clone(), stop);
            ids.push(id);
        }
        self.shapes.insert(way.into(), shape);
        let trajectory =
            Trajectory { route: id, direction: Some(direction), headsign: None, shape: Some(way.into()), stops: ids };
        self.trajectories.push(trajectory);
        self
    }

    /// A trip on a way that leaves at a local time of day.
    fn trip(mut self, id: &str, way: &str, time: &str, block: Option<&str>) -> Self {
        let (hours, minutes) = time.split_once(':').unwrap();
        let start_s = hours.parse::<u32>().unwrap() * 3_600 + minutes.parse::<u32>().unwrap() * 60;
        let drawn = self.trajectories.iter().find(|t| t.shape.as_deref() == Some(way)).unwrap();
        let call = |(n, stop): (usize, &StopId)| {
            let at_s = start_s + (n as f64 * STOP_SPACING_M / PLANNED_M_S) as u32;
            StopTime {
                stop: stop.clone(),
                sequence: n as u32,
                arrival_s: Some(at_s),
                departure_s: Some(at_s),
                ..StopTime::default()
            }
        };
        self.trips.push(Trip {
            id: TripId(id.into()),
            route: drawn.route.clone(),
            service: ServiceId("daily".into()),
            headsign: None,
            direction: drawn.direction,
            shape: Some(way.into()),
            block: block.map(str::to_owned),
            wheelchair_accessible: WheelchairAccess::Unknown,
            stop_times: drawn.stops.iter().enumerate().map(call).collect(),
            ..Trip::default()
        });
        self
    }

    /// A trip every so many minutes from a time on; their ids are `<way>@<HH:MM>`.
    fn every(mut self, way: &str, minutes: u32, from: u32, until: u32) -> Self {
        for start in (from..until).step_by(minutes as usize) {
            let time = format!("{:02}:{:02}", start / 60, start % 60);
            self = self.trip(&format!("{way}@{time}"), way, &time, None);
        }
        self
    }

    fn network(mut self) -> Network {
        // Ways with trips are patterns of the timetable already.
        self.trajectories.retain(|way| !self.trips.iter().any(|trip| trip.shape == way.shape));
        let daily = ServiceCalendar {
            weekdays: [true; 7],
            period: Some(("2026-01-01".parse().unwrap(), "2026-12-31".parse().unwrap())),
            exceptions: BTreeMap::new(),
        };
        Network::new(Timetable {
            time_zone: "Europe/Kyiv".into(),
            stops: self.stops,
            routes: self.routes,
            trips: self.trips,
            services: [(ServiceId("daily".into()), daily)].into(),
            shapes: self.shapes,
            trajectories: self.trajectories,
            ..Timetable::default()
        })
        .unwrap()
    }
}

/// Route 5: a straight street of 4 km, both directions, every 20 minutes from 6 to 22 o'clock.
fn street() -> Town {
    Town::default().way("5", 0, "east", &[(0.0, 0.0), (4_000.0, 0.0)]).way(
        "5",
        1,
        "west",
        &[(4_000.0, 0.0), (0.0, 0.0)],
    )
}

fn served_street() -> Network {
    street().every("east", 20, 360, 1_320).every("west", 20, 370, 1_320).network()
}

/// A bus that is told where to go and sends a fix every ten seconds, 5 m beside the truth.
struct Bus {
    key: VehicleKey,
    place: (f64, f64),
    /// Seconds since local midnight of 2026-07-10.
    clock_s: f64,
    /// What the tracker says.
    says: fn(&mut VehiclePosition),
    fixes: u32,
    visits: Vec<StopVisit>,
    /// What was told after each fix: seconds since midnight, and the assignment.
    history: Vec<(f64, Assignment)>,
}

/// Midnight in Kyiv.
const MIDNIGHT: i64 = 1_783_630_800;
const INTERVAL_S: f64 = 10.0;

fn moment(clock_s: f64) -> Instant {
    Instant::from_millis(MIDNIGHT * 1_000 + (clock_s * 1e3) as i64).unwrap()
}

fn clock(time: &str) -> f64 {
    let (hours, minutes) = time.split_once(':').unwrap();
    f64::from(hours.parse::<u32>().unwrap() * 3_600 + minutes.parse::<u32>().unwrap() * 60)
}

impl Bus {
    fn new(name: &str, place: (f64, f64), time: &str) -> Self {
        let key = format!("test:/{name}").parse().unwrap();
        let (says, clock_s) = (|_: &mut VehiclePosition| {}, clock(time));
        Self { key, place, clock_s, says, fixes: 0, visits: Vec::new(), history: Vec::new() }
    }

    fn saying(self, says: fn(&mut VehiclePosition)) -> Self {
        Self { says, ..self }
    }

    fn fix(&self) -> VehiclePosition {
        let side = [5.0, -3.0, 4.0, -6.0][self.fixes as usize % 4];
        let at = moment(self.clock_s);
        let mut fix = VehiclePosition {
            vehicle: self.key.clone(),
            position: at_place(self.place, side),
            fix_time: at,
            received_at: at,
            event: "vp".into(),
            speed_m_s: None,
            bearing_deg: None,
            accuracy_m: None,
            odometer_m: None,
            kind: None,
            job: None,
            route: None,
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
        };
        (self.says)(&mut fix);
        fix
    }

    fn send(&mut self, matcher: &mut Matcher, network: &Network) {
        let fix = self.fix();
        self.visits.extend(matcher.observe(network, &fix, fix.fix_time));
        matcher.settle(network, fix.fix_time);
        self.fixes += 1;
        self.history.extend(matcher.assignment(&self.key).map(|found| (self.clock_s, found.clone())));
        self.clock_s += INTERVAL_S;
    }

    fn stand(&mut self, seconds: f64, matcher: &mut Matcher, network: &Network) {
        let until_s = self.clock_s + seconds;
        while self.clock_s < until_s {
            self.send(matcher, network);
        }
    }

    /// Stands until a local time.
    fn stand_until(&mut self, time: &str, matcher: &mut Matcher, network: &Network) {
        self.stand(clock(time) - self.clock_s, matcher, network);
    }

    /// Drives straight to a place at 5 m/s, the planned speed.
    fn drive(&mut self, to: (f64, f64), matcher: &mut Matcher, network: &Network) {
        if self.fixes == 0 {
            self.send(matcher, network);
        }
        loop {
            let (dx, dy) = (to.0 - self.place.0, to.1 - self.place.1);
            let (left_m, step_m) = (dx.hypot(dy), PLANNED_M_S * INTERVAL_S);
            if left_m < 1.0 {
                return;
            }
            let part = (step_m / left_m).min(1.0);
            self.place = (self.place.0 + dx * part, self.place.1 + dy * part);
            self.send(matcher, network);
        }
    }

    /// No fix, though it drives on.
    fn vanish(&mut self, to: (f64, f64), seconds: f64) {
        (self.place, self.clock_s) = (to, self.clock_s + seconds);
    }

    fn now(&self) -> &Assignment {
        &self.history.last().unwrap().1
    }
}

fn at_place(place: (f64, f64), side: f64) -> Position {
    at(place.0 + side * 0.4, place.1 + side)
}

fn trip_of(network: &Network, found: &Assignment) -> Option<String> {
    found.run.map(|run| network.trip(run.trip).id.0.clone())
}

fn way_of(network: &Network, found: &Assignment) -> Option<String> {
    let pattern = network.pattern(found.pattern?);
    Some(format!("{}/{}", pattern.route, pattern.direction.unwrap()))
}

/// State, reason and trip.
fn told(network: &Network, bus: &Bus) -> (ServiceState, MatchReason, Option<String>) {
    let now = bus.now();
    (now.state, now.reason, trip_of(network, now))
}

fn new() -> Matcher {
    Matcher::new(MatchRules::default())
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn run(network: &Network, id: &str) -> Run {
    let trip: TripIndex = network.find_trip(&TripId(id.into())).unwrap();
    Run { trip, day: "2026-07-10".parse().unwrap() }
}
