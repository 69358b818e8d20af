//! The timetable of the simulated city, and the blocks that its vehicles drive.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use misto_model::{
    Agency, Route, RouteId, ServiceCalendar, ServiceId, Stop, StopId, StopTime, Timetable, Trip, TripId,
    WheelchairAccess,
};

use super::noise;
use super::random::Random;
use super::routes::{RoutePlan, Way};
use super::streets::{Streets, position};
use super::traffic::{DayType, demand, mean_factor};

/// First day, a Monday; the clock changes on the 28th.
pub const FIRST_DAY: Date = jiff::civil::date(2026, 3, 2);
/// Days that a city is simulated.
pub const DAYS: usize = 60;
pub const TIME_ZONE: &str = "Europe/Kyiv";
/// First departures, and how long they go on.
const SERVICE_S: (f64, f64) = (20_400.0, 84_600.0);
/// Planned stay at a terminus, at least.
const LAYOVER_S: f64 = 300.0;
/// A vehicle that has nothing to do for so long goes to the depot.
const IDLE_S: f64 = 2_700.0;

/// What a vehicle does on a day.
pub struct Block {
    pub day: DayType,
    pub route: usize,
    /// Trips of the timetable in order.
    pub trips: Vec<usize>,
}

/// What a trip is made of; in the order of [`Timetable::trips`].
pub struct TripPlan {
    pub route: usize,
    pub way: usize,
    /// Planned departure at each call, seconds of the service day.
    pub times_s: Vec<f64>,
}

pub struct Plan {
    pub timetable: Timetable,
    pub trips: Vec<TripPlan>,
    pub blocks: Vec<Block>,
}

pub fn plan(streets: &Streets, routes: &[RoutePlan], random: &mut Random) -> Plan {
    let mut plan = Plan { timetable: empty(streets, routes), trips: Vec::new(), blocks: Vec::new() };
    for (number, route) in routes.iter().enumerate() {
        let bias = (noise::PLAN_SIGMA * random.normal()).exp();
        for day in DayType::ALL {
            plan.schedule(streets, number, route, day, bias);
        }
    }
    plan
}

/// Expected seconds from the begin of a way to each call.
fn running_s(streets: &Streets, way: &Way, day: DayType, start_s: f64) -> Vec<f64> {
    let mut at_s = start_s;
    let mut times = vec![0.0];
    for pair in way.calls.windows(2) {
        for (link, from_m, to_m) in pieces(streets, way, &pair[0], &pair[1]) {
            let found = &streets.links[link];
            at_s += (to_m - from_m) / found.free_m_s * mean_factor(streets, link, day, at_s);
            if to_m >= found.length_m {
                at_s += streets.mean_wait_s(link);
            }
        }
        times.push(at_s - start_s);
        // The longer the interval, the more wait.
        let served = 2.0 * noise::BOARDINGS_PER_INTERVAL * demand(day, at_s) * interval_factor(day, at_s);
        let stops = 1.0 - (-served).exp();
        at_s += stops * noise::DWELL_DOORS_S + noise::DWELL_PASSENGER_S * served;
    }
    times
}

/// The parts of links between two calls of a way: link, from and to in metres of it.
pub fn pieces<'a>(
    streets: &'a Streets,
    way: &'a Way,
    from: &'a super::routes::WayCall,
    to: &'a super::routes::WayCall,
) -> impl Iterator<Item = (usize, f64, f64)> + 'a {
    (from.link..=to.link).map(move |i| {
        let link = way.links[i];
        let begin_m = if i == from.link { from.at_m } else { 0.0 };
        let end_m = if i == to.link { to.at_m } else { streets.links[link].length_m };
        (link, begin_m, end_m)
    })
}

/// Interval against that of the peak: by day type and hour.
fn interval_factor(day: DayType, at_s: f64) -> f64 {
    let whole = match day {
        DayType::Workday => 1.0,
        DayType::Saturday => 1.4,
        DayType::Sunday => 1.7,
    };
    let hour = at_s / 3_600.0;
    let of_hour = if (6.5..9.5).contains(&hour) || (15.5..19.0).contains(&hour) {
        1.0
    } else if (9.5..15.5).contains(&hour) {
        1.3
    } else {
        1.8
    };
    whole * of_hour
}

impl Plan {
    /// Even departures at both ends; each is driven by the vehicle that waits there longest, or by a new one.
    fn schedule(&mut self, streets: &Streets, number: usize, route: &RoutePlan, day: DayType, bias: f64) {
        let minutes = |seconds: f64| (seconds / 60.0).round() * 60.0;
        let peak_s: f64 =
            (0..2).map(|way| running_s(streets, &route.ways[way], day, 28_800.0).last().copied().unwrap_or(0.0)).sum();
        let interval_s = minutes((peak_s * bias + 2.0 * (LAYOVER_S + 120.0)) / route.vehicles as f64).max(240.0);
        let mut departures: Vec<(f64, usize)> = Vec::new();
        for way in 0..2 {
            let mut at_s = minutes(SERVICE_S.0 + way as f64 * interval_s / 2.0);
            while at_s < SERVICE_S.1 {
                departures.push((at_s, way));
                at_s = minutes(at_s + interval_s * interval_factor(day, at_s));
            }
        }
        departures.sort_by(|a, b| a.0.total_cmp(&b.0));
        // Blocks by the place where they wait: when they came and which they are.
        let mut waiting: [Vec<(f64, usize)>; 2] = [Vec::new(), Vec::new()];
        for (departs_s, way) in departures {
            waiting[way].retain(|(came_s, _)| departs_s - came_s < IDLE_S);
            let ready = waiting[way].iter().position(|(came_s, _)| came_s + LAYOVER_S <= departs_s);
            let block = match ready {
                Some(first) => waiting[way].remove(first).1,
                None => {
                    self.blocks.push(Block { day, route: number, trips: Vec::new() });
                    self.blocks.len() - 1
                }
            };
            let running = running_s(streets, &route.ways[way], day, departs_s);
            let times_s: Vec<f64> = running.iter().map(|s| minutes(departs_s + s * bias)).collect();
            // A loop ends where it began, so its vehicles can take either way round; a line's take the way back.
            let end = 1 - way;
            waiting[end].push((times_s.last().copied().unwrap_or(departs_s), block));
            waiting[end].sort_by(|a, b| a.0.total_cmp(&b.0));
            self.blocks[block].trips.push(self.trips.len());
            self.add_trip(number, route, way, day, block, &times_s);
            self.trips.push(TripPlan { route: number, way, times_s });
        }
    }

    fn add_trip(&mut self, number: usize, route: &RoutePlan, way: usize, day: DayType, block: usize, times_s: &[f64]) {
        let calls = route.ways[way].calls.iter().zip(times_s).enumerate();
        let stop_times = calls.map(|(i, (call, at_s))| StopTime {
            stop: call.stop.clone(),
            sequence: i as u32 + 1,
            arrival_s: Some(*at_s as u32),
            departure_s: Some(*at_s as u32),
            ..StopTime::default()
        });
        self.timetable.trips.push(Trip {
            id: TripId(format!("{}-{way}-{}-{}", route.id, day.service(), self.trips.len())),
            route: RouteId(route.id.clone()),
            service: ServiceId(day.service().to_owned()),
            headsign: None,
            direction: Some(way as u8),
            shape: Some(format!("{number}-{way}")),
            block: Some(format!("b{block}")),
            wheelchair_accessible: WheelchairAccess::Unknown,
            stop_times: stop_times.collect(),
            ..Trip::default()
        });
    }
}

fn empty(streets: &Streets, routes: &[RoutePlan]) -> Timetable {
    let mut timetable = Timetable {
        time_zone: TIME_ZONE.to_owned(),
        agencies: vec![Agency { name: "Simulated".to_owned(), ..Agency::default() }],
        stops: BTreeMap::new(),
        routes: BTreeMap::new(),
        trips: Vec::new(),
        services: BTreeMap::new(),
        shapes: BTreeMap::new(),
        ..Timetable::default()
    };
    for day in DayType::ALL {
        let weekdays = std::array::from_fn(|weekday| match day {
            DayType::Workday => weekday < 5,
            DayType::Saturday => weekday == 5,
            DayType::Sunday => weekday == 6,
        });
        let period = Some((FIRST_DAY, FIRST_DAY.saturating_add((DAYS as i64).days())));
        let calendar = ServiceCalendar { weekdays, period, exceptions: BTreeMap::new() };
        timetable.services.insert(ServiceId(day.service().to_owned()), calendar);
    }
    for (number, route) in routes.iter().enumerate() {
        let id = RouteId(route.id.clone());
        let short_name = route.id.clone();
        timetable.routes.insert(id.clone(), Route { id, short_name, route_type: 3, ..Route::default() });
        for (way_number, way) in route.ways.iter().enumerate() {
            let shape = shape(streets, way);
            timetable.shapes.insert(format!("{number}-{way_number}"), shape);
            for (call, found) in way.calls.iter().enumerate() {
                let place = position(way.place(streets, call));
                timetable.stops.entry(found.stop.clone()).or_insert_with(|| stop(&found.stop, place));
            }
        }
    }
    timetable
}

fn shape(streets: &Streets, way: &Way) -> Vec<misto_model::Position> {
    let begin = way.links.first().map(|link| streets.nodes[streets.links[*link].from]);
    let ends = way.links.iter().map(|link| streets.nodes[streets.links[*link].to]);
    begin.into_iter().chain(ends).map(position).collect()
}

fn stop(id: &StopId, position: misto_model::Position) -> Stop {
    let (id, name, wheelchair_boarding) = (id.clone(), id.0.clone(), WheelchairAccess::Unknown);
    Stop { id, name, code: None, position, wheelchair_boarding, details: None }
}
