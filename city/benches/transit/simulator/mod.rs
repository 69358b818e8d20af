//! A simulated city whose truth is known: what vehicles really do, and what their trackers tell.
//! Any day can be made by itself, from the seed alone.

pub mod driving;
pub mod noise;
pub mod plan;
pub mod random;
pub mod routes;
pub mod streets;
pub mod trackers;
pub mod traffic;

use std::collections::HashMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use misto_model::{Instant, Precision, Timetable, VehicleKey, VehicleKind, VehiclePosition};

use driving::{Doing, Ground, Spell, VehicleDay, drive};
use plan::{Plan, TIME_ZONE};
use random::Random;
use routes::{RoutePlan, Size};
use streets::{Streets, position};
use trackers::{Fix, Says, Tracker};
use traffic::{DayType, Traffic};

struct Vehicle {
    key: VehicleKey,
    /// Index of its route; vehicles stay with one.
    route: usize,
    tracker: Tracker,
}

/// A city; the same for the same size and seed.
pub struct City {
    seed: u64,
    streets: Streets,
    routes: Vec<RoutePlan>,
    plan: Plan,
    vehicles: Vec<Vehicle>,
    boardings: HashMap<(usize, usize, usize), f64>,
    depot: usize,
}

/// One service day of a city.
pub struct Day {
    pub date: Date,
    pub day_type: DayType,
    /// Noon minus twelve hours.
    pub start: Timestamp,
    /// By vehicle.
    pub vehicles: Vec<VehicleDay>,
    number: u64,
}

impl City {
    pub fn new(size: Size, seed: u64) -> Self {
        let mut random = Random::of(&[seed, 0]);
        let side = size.figures().0;
        let streets = Streets::new(side, &mut random);
        let routes = routes::routes(size, &streets, &mut random);
        let plan = plan::plan(&streets, &routes, &mut random);
        let boardings = boardings(&routes, &plan, &mut random);
        let vehicles = fleet(&plan, routes.len(), &mut random);
        let depot = streets.node_at(random.below(side / 3), random.below(side / 3));
        Self { seed, streets, routes, plan, vehicles, boardings, depot }
    }

    pub fn timetable(&self) -> &Timetable {
        &self.plan.timetable
    }

    /// What the timetable was made from.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    pub fn vehicles(&self) -> impl ExactSizeIterator<Item = &VehicleKey> {
        self.vehicles.iter().map(|vehicle| &vehicle.key)
    }

    /// What a vehicle's tracker says.
    pub fn says(&self, vehicle: usize) -> Says {
        self.vehicles[vehicle].tracker.says
    }

    /// The true motion of day `number`, from 0 on.
    pub fn day(&self, number: usize) -> Day {
        let date = plan::FIRST_DAY.saturating_add((number as i64).days());
        let day_type = match date.weekday().to_monday_zero_offset() {
            0..=4 => DayType::Workday,
            5 => DayType::Saturday,
            _ => DayType::Sunday,
        };
        let ground = Ground {
            streets: &self.streets,
            routes: &self.routes,
            plan: &self.plan,
            depot: self.depot,
            boardings: &self.boardings,
        };
        let number = number as u64;
        let blocks = self.blocks(day_type, number);
        let vehicles = drive(&ground, day_type, &blocks, &[self.seed, 1, number]);
        Day { date, day_type, start: service_day_start(date), vehicles, number }
    }

    /// The traffic in which a day was driven.
    pub fn traffic(&self, day: &Day) -> Traffic {
        driving::traffic(&self.streets, day.day_type, &[self.seed, 1, day.number])
    }

    /// Seconds from a call of a trip to the next in a given traffic, with a mean wait at the lights.
    pub fn foreseen_s(&self, traffic: &Traffic, trip: usize, call: usize, at_s: f64, pace: f64) -> f64 {
        let trip = &self.plan.trips[trip];
        let way = &self.routes[trip.route].ways[trip.way];
        let mut now_s = at_s;
        for (link, from_m, to_m) in plan::pieces(&self.streets, way, &way.calls[call], &way.calls[call + 1]) {
            now_s += (to_m - from_m) * traffic.seconds_per_metre(&self.streets, link, now_s) * pace;
            if to_m >= self.streets.links[link].length_m {
                now_s += self.streets.mean_wait_s(link);
            }
        }
        now_s - at_s
    }

    /// Which block each vehicle has: another one every day, of its own route.
    fn blocks(&self, day: DayType, number: u64) -> Vec<Option<usize>> {
        let mut random = Random::of(&[self.seed, 2, number]);
        let mut blocks = vec![None; self.vehicles.len()];
        for route in 0..self.routes.len() {
            let mut free: Vec<usize> = (0..self.vehicles.len()).filter(|v| self.vehicles[*v].route == route).collect();
            let of_route = self.plan.blocks.iter().enumerate();
            for (block, _) in of_route.filter(|(_, block)| block.day == day && block.route == route) {
                blocks[free.remove(random.below(free.len()))] = Some(block);
            }
        }
        blocks
    }

    /// The fixes of a day in the order of their receipt.
    pub fn fixes(&self, day: &Day) -> Vec<Fix> {
        let mut fixes = Vec::new();
        for (v, vehicle) in self.vehicles.iter().enumerate() {
            let mut random = Random::of(&[self.seed, 3, day.number, v as u64]);
            vehicle.tracker.fixes(v as u32, &day.vehicles[v], &mut random, &mut fixes);
        }
        fixes.sort_by(|a, b| a.received_s.total_cmp(&b.received_s).then(a.at_s.total_cmp(&b.at_s)));
        fixes
    }

    /// A fix as Misto receives it.
    pub fn received(&self, day: &Day, fix: &Fix) -> VehiclePosition {
        let vehicle = &self.vehicles[fix.vehicle as usize];
        let mut told = VehiclePosition {
            vehicle: vehicle.key.clone(),
            position: position(fix.place.map(f64::from)),
            fix_time: day.instant(fix.at_s.floor()),
            received_at: day.instant(fix.received_s),
            event: "location".to_owned(),
            speed_m_s: Some(f64::from(fix.speed_m_s)),
            bearing_deg: (!fix.bearing_deg.is_nan()).then(|| f64::from(fix.bearing_deg) % 360.0),
            accuracy_m: None,
            odometer_m: None,
            kind: Some(VehicleKind::Bus),
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
        self.claim(day, fix, &mut told);
        told
    }

    fn claim(&self, day: &Day, fix: &Fix, told: &mut VehiclePosition) {
        let vehicle = &self.vehicles[fix.vehicle as usize];
        let route = match vehicle.tracker.says {
            Says::Nothing => return,
            Says::WrongRoute => (vehicle.route + 1) % self.routes.len(),
            _ => vehicle.route,
        };
        told.route = Some(self.routes[route].id.clone());
        let spells = &day.vehicles[fix.vehicle as usize].spells;
        let Some(trip) = spells[fix.spell as usize].trip else { return };
        match vehicle.tracker.says {
            Says::RouteAndTrip => {
                let stale = Random::of(&[self.seed, 4, day.number, u64::from(fix.vehicle), trip as u64])
                    .chance(noise::STALE_TRIP);
                let before = |spell: &Spell| spell.trip.filter(|earlier| *earlier != trip);
                let last = spells[..fix.spell as usize].iter().rev().find_map(before);
                let said = if stale { last.unwrap_or(trip) } else { trip };
                let id = self.plan.timetable.trips[said].id.0.clone();
                told.extra.insert("trip_id".to_owned(), id.into());
            }
            Says::RouteAndStart => {
                let start_s = self.plan.trips[trip].times_s[0] as u32;
                told.direction = Some(self.plan.trips[trip].way as u8);
                told.trip_start = Some(format!("{:02}:{:02}", start_s / 3_600 % 24, start_s / 60 % 60));
                told.operating_day = Some(day.date.to_string());
            }
            _ => {}
        }
    }
}

impl Day {
    /// A second of the service day as a moment.
    pub fn instant(&self, at_s: f64) -> Instant {
        let micros = self.start.as_microsecond() + (at_s * 1e6).round() as i64;
        Instant::from_micros(micros, Precision::Milliseconds).expect("within the calendar")
    }

    /// What a vehicle truly does at a second of the service day.
    pub fn spell(&self, vehicle: usize, at_s: f64) -> &Spell {
        let spells = &self.vehicles[vehicle].spells;
        &spells[spells.partition_point(|spell| spell.to_s <= at_s).min(spells.len() - 1)]
    }

    /// Trips that were run, with the vehicle: every spell in service.
    pub fn runs(&self) -> impl Iterator<Item = (usize, &Spell)> {
        let spells = self.vehicles.iter().enumerate().flat_map(|(v, day)| day.spells.iter().map(move |s| (v, s)));
        spells.filter(|(_, spell)| spell.doing == Doing::InService)
    }
}

/// Noon minus twelve hours (GTFS Schedule, stop_times.txt).
fn service_day_start(date: Date) -> Timestamp {
    let zone = TimeZone::get(TIME_ZONE).expect("bundled");
    let noon = date.at(12, 0, 0, 0).to_zoned(zone).expect("a day").timestamp();
    noon - SignedDuration::from_hours(12)
}

/// Boardings per second at full demand; a busy stop is busy for every route.
fn boardings(routes: &[RoutePlan], plan: &Plan, random: &mut Random) -> HashMap<(usize, usize, usize), f64> {
    let mut of_stop: HashMap<&str, f64> = HashMap::new();
    let mut found = HashMap::new();
    for (number, route) in routes.iter().enumerate() {
        let of_peak = |way: usize| {
            let fits = |(trip, made): &(&plan::TripPlan, &misto_model::Trip)| {
                trip.route == number
                    && trip.way == way
                    && made.service.0 == DayType::Workday.service()
                    && (25_200.0..32_400.0).contains(&trip.times_s[0])
            };
            plan.trips.iter().zip(&plan.timetable.trips).filter(fits).count().max(1) as f64
        };
        for (way_number, way) in route.ways.iter().enumerate() {
            let interval_s = 7_200.0 / of_peak(way_number);
            for (call, at) in way.calls.iter().enumerate() {
                let weight = *of_stop.entry(&at.stop.0).or_insert_with(|| {
                    let sigma = noise::DEMAND_SIGMA;
                    random.lognormal(((-0.5 * sigma * sigma).exp(), sigma))
                });
                found.insert((number, way_number, call), weight * noise::BOARDINGS_PER_INTERVAL / interval_s);
            }
        }
    }
    found
}

/// As many vehicles as the fullest day needs, and spares, some of which claim a route all day.
fn fleet(plan: &Plan, routes: usize, random: &mut Random) -> Vec<Vehicle> {
    let mut vehicles = Vec::new();
    for route in 0..routes {
        let needed = |day| plan.blocks.iter().filter(|b| b.day == day && b.route == route).count();
        let most = DayType::ALL.into_iter().map(needed).max().unwrap_or(0);
        let spares = (most as f64 * noise::SPARES + random.uniform()).floor() as usize;
        for _ in 0..most + spares {
            let key = format!("sim:city/{:03}", vehicles.len()).parse().expect("a key");
            vehicles.push(Vehicle { key, route, tracker: Tracker::new(random) });
        }
    }
    vehicles
}
