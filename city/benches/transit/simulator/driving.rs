//! The true motion of one day: vehicles drive their blocks in the order of time, so that a late one
//! finds more people at the stops and the one behind it fewer.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::noise;
use super::plan::{Plan, pieces};
use super::random::Random;
use super::routes::RoutePlan;
use super::streets::Streets;
use super::traffic::{DAY_BEGIN_S, DAY_END_S, DayType, Traffic, demand};

/// Metres between the depot and its crossing, and between a terminus and where vehicles wait there.
const DEPOT_OFF_M: f64 = 140.0;
const WAIT_OFF_M: f64 = 20.0;

/// What a vehicle truly does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Doing {
    AtDepot,
    Deadhead,
    Layover,
    /// With passengers, on a trip.
    InService,
    /// Out of order at the roadside.
    Broken,
}

/// A true stop visit.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    pub call: usize,
    pub arrival_s: f64,
    pub departure_s: f64,
}

/// A time in which a vehicle does one thing. Seconds of the service day.
pub struct Spell {
    pub from_s: f64,
    pub to_s: f64,
    pub doing: Doing,
    /// The trip it drives; during a layover the one that it will drive next, if any.
    pub trip: Option<usize>,
    /// Calls it came to, in order; on a trip only.
    pub visits: Vec<Visit>,
}

/// A place at a moment; between two of them a vehicle drives straight and evenly.
#[derive(Clone, Copy)]
pub struct Knot {
    pub at_s: f64,
    pub place: [f32; 2],
}

/// All of one vehicle's day.
pub struct VehicleDay {
    /// Without gaps, from the begin of the day to its end.
    pub spells: Vec<Spell>,
    pub knots: Vec<Knot>,
    /// Its driver's pace: how much longer it takes than others.
    pub pace: f64,
    /// Its block, if it has one today.
    pub block: Option<usize>,
}

/// What stays the same all days.
pub struct Ground<'a> {
    pub streets: &'a Streets,
    pub routes: &'a [RoutePlan],
    pub plan: &'a Plan,
    pub depot: usize,
    /// Boardings per second by route, way and call at full demand.
    pub boardings: &'a HashMap<(usize, usize, usize), f64>,
}

impl Ground<'_> {
    pub fn depot_place(&self) -> [f64; 2] {
        let [x, y] = self.streets.nodes[self.depot];
        [x - DEPOT_OFF_M * 0.7, y - DEPOT_OFF_M * 0.7]
    }
}

#[derive(Clone, Copy)]
enum Step {
    PullOut,
    /// At the place where trip `n` of the block begins, from call `from` on.
    Turn {
        n: usize,
        from: usize,
    },
    /// At a call of trip `n`.
    Call {
        n: usize,
        call: usize,
    },
}

struct Driver {
    day: VehicleDay,
    trips: Vec<usize>,
    step: Step,
    /// Spread of the vehicle for the day, and of the leg that it drove last.
    pace: f64,
    leg: f64,
    load: f64,
    breaks_at: Option<usize>,
    random: Random,
}

/// The day of every vehicle; `blocks[v]` is the block that vehicle `v` drives.
pub fn drive(ground: &Ground, day: DayType, blocks: &[Option<usize>], parts: &[u64]) -> Vec<VehicleDay> {
    let seeded = |tail: u64| Random::of(&[parts, &[tail]].concat());
    let traffic = traffic(ground.streets, day, parts);
    let mut run = DayRun { ground, traffic, day, last: HashMap::new() };
    let mut drivers: Vec<Driver> =
        blocks.iter().enumerate().map(|(v, block)| run.driver(*block, seeded(1_000 + v as u64))).collect();
    let mut queue: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
    let millis = |at_s: f64| (at_s * 1e3) as u64;
    for (v, driver) in drivers.iter_mut().enumerate().filter(|(_, driver)| !driver.trips.is_empty()) {
        queue.push(Reverse((millis(run.pull_out_s(driver)), v)));
    }
    while let Some(Reverse((_, v))) = queue.pop() {
        if let Some(next_s) = run.advance(&mut drivers[v]) {
            queue.push(Reverse((millis(next_s), v)));
        }
    }
    drivers.into_iter().map(Driver::finish).collect()
}

/// The traffic of the day that is driven with the same `parts`.
pub fn traffic(streets: &Streets, day: DayType, parts: &[u64]) -> Traffic {
    Traffic::new(streets, day, &mut Random::of(&[parts, &[1]].concat()))
}

struct DayRun<'a> {
    ground: &'a Ground<'a>,
    traffic: Traffic,
    day: DayType,
    /// When a way's call was last served.
    last: HashMap<(usize, usize, usize), f64>,
}

impl Driver {
    fn now_s(&self) -> f64 {
        self.day.knots.last().map_or(DAY_BEGIN_S, |knot| knot.at_s)
    }

    /// Stays or goes to a place until a moment.
    fn knot(&mut self, at_s: f64, [x, y]: [f64; 2]) {
        self.day.knots.push(Knot { at_s: at_s.max(self.now_s()), place: [x as f32, y as f32] });
    }

    fn stay_until(&mut self, at_s: f64) {
        if let Some(last) = self.day.knots.last().copied() {
            self.day.knots.push(Knot { at_s: at_s.max(last.at_s), place: last.place });
        }
    }

    /// Ends what it did now, and begins something else.
    fn begin(&mut self, doing: Doing, trip: Option<usize>) {
        let now_s = self.now_s();
        if let Some(last) = self.day.spells.last_mut() {
            last.to_s = now_s;
        }
        self.day.spells.push(Spell { from_s: now_s, to_s: now_s, doing, trip, visits: Vec::new() });
    }

    fn finish(mut self) -> VehicleDay {
        self.stay_until(DAY_END_S);
        if let Some(last) = self.day.spells.last_mut() {
            last.to_s = last.from_s.max(DAY_END_S);
        }
        self.day.spells.retain(|spell| spell.to_s > spell.from_s);
        self.day
    }
}

impl DayRun<'_> {
    fn driver(&self, block: Option<usize>, mut random: Random) -> Driver {
        let trips = block.map(|b| self.ground.plan.blocks[b].trips.clone()).unwrap_or_default();
        let pace = (noise::DRIVER_SIGMA * random.normal()).exp();
        let day = VehicleDay { spells: Vec::new(), knots: Vec::new(), pace, block };
        let mut driver = Driver { day, trips, step: Step::PullOut, pace, leg: 0.0, load: 0.0, breaks_at: None, random };
        driver.knot(DAY_BEGIN_S, self.ground.depot_place());
        driver.begin(Doing::AtDepot, None);
        driver
    }

    /// When a vehicle leaves the depot: early enough for its first trip, as a rule.
    fn pull_out_s(&self, driver: &mut Driver) -> f64 {
        let trip = &self.ground.plan.trips[driver.trips[0]];
        let way = &self.ground.routes[trip.route].ways[trip.way];
        let start = self.ground.streets.links[way.links[0]].from;
        let path = self.ground.streets.path(&[self.ground.depot, start]);
        let links = path.iter().map(|link| &self.ground.streets.links[*link]);
        let way_s: f64 = links.map(|link| link.length_m / link.free_m_s * 1.3 + 8.0).sum();
        let late = driver.random.chance(noise::LATE_PULL_OUTS);
        let late_s = if late { driver.random.lognormal(noise::LATE_PULL_OUT_S) } else { 0.0 };
        let at_s = (trip.times_s[0] - way_s - 480.0 + late_s).max(DAY_BEGIN_S + 60.0);
        driver.stay_until(at_s);
        at_s
    }

    /// What a vehicle does next, and when it is to be asked again; `None` when its day is done.
    fn advance(&mut self, driver: &mut Driver) -> Option<f64> {
        match driver.step {
            Step::PullOut => {
                driver.begin(Doing::Deadhead, None);
                let start = self.start_node(driver.trips[0]);
                self.drive_empty(driver, self.ground.depot, start);
                driver.step = Step::Turn { n: 0, from: 0 };
                Some(driver.now_s())
            }
            Step::Turn { n, from } => self.turn(driver, n, from),
            Step::Call { n, call } => self.call(driver, n, call),
        }
    }

    fn start_node(&self, trip: usize) -> usize {
        let trip = &self.ground.plan.trips[trip];
        self.ground.streets.links[self.ground.routes[trip.route].ways[trip.way].links[0]].from
    }

    fn turn(&mut self, driver: &mut Driver, n: usize, from: usize) -> Option<f64> {
        let Some(&trip) = driver.trips.get(n) else {
            let last = driver.trips[n - 1];
            self.pull_in(driver, self.end_node(last));
            return None;
        };
        let times_s = &self.ground.plan.trips[trip].times_s;
        let early = driver.random.chance(noise::START_EARLY);
        let off_s =
            if early { -60.0 * driver.random.uniform() } else { driver.random.exponential(noise::START_LATE_S) };
        let least_s = driver.now_s() + noise::LEAST_TURN_S;
        let departs_s = (times_s[from] + off_s).max(least_s);
        let given_up = departs_s - times_s[from] > noise::GIVEN_UP_LATE_S || driver.random.chance(noise::MISSED_TRIPS);
        if from == 0 && given_up {
            // With the trip goes the way back, and the vehicle waits for the one after.
            let next = (n + 2).min(driver.trips.len());
            driver.step = Step::Turn { n: next, from: 0 };
            if next == driver.trips.len() {
                self.pull_in(driver, self.start_node(trip));
                return None;
            }
            return Some(driver.now_s());
        }
        driver.begin(Doing::Layover, Some(trip));
        let [x, y] = self.place(trip, from);
        if from == 0 && departs_s - driver.now_s() > 90.0 {
            let now_s = driver.now_s();
            driver.knot(now_s + 15.0, [x + WAIT_OFF_M, y + WAIT_OFF_M]);
            driver.stay_until(departs_s - 15.0);
        }
        driver.knot(departs_s, [x, y]);
        driver.load = 0.0;
        let calls = times_s.len();
        driver.breaks_at = driver.random.chance(noise::BREAKDOWNS).then(|| 1 + driver.random.below(calls - 2));
        driver.begin(Doing::InService, Some(trip));
        driver.step = Step::Call { n, call: from };
        Some(departs_s)
    }

    fn place(&self, trip: usize, call: usize) -> [f64; 2] {
        let trip = &self.ground.plan.trips[trip];
        self.ground.routes[trip.route].ways[trip.way].place(self.ground.streets, call)
    }

    fn end_node(&self, trip: usize) -> usize {
        let trip = &self.ground.plan.trips[trip];
        let links = &self.ground.routes[trip.route].ways[trip.way].links;
        self.ground.streets.links[links[links.len() - 1]].to
    }

    fn call(&mut self, driver: &mut Driver, n: usize, call: usize) -> Option<f64> {
        let trip = driver.trips[n];
        let planned = &self.ground.plan.trips[trip];
        let last = planned.times_s.len() - 1;
        let arrival_s = driver.now_s();
        let first = driver.day.spells.last().is_none_or(|spell| spell.visits.is_empty());
        let dwell_s =
            if first || call == last { 0.0 } else { self.dwell_s(driver, (planned.route, planned.way, call)) };
        self.last.insert((planned.route, planned.way, call), arrival_s + dwell_s);
        driver.stay_until(arrival_s + dwell_s);
        let visit = Visit { call, arrival_s, departure_s: arrival_s + dwell_s };
        if let Some(spell) = driver.day.spells.last_mut() {
            spell.visits.push(visit);
        }
        if call == last {
            driver.step = Step::Turn { n: n + 1, from: 0 };
            return Some(driver.now_s());
        }
        if driver.breaks_at == Some(call) {
            self.break_down(driver, trip, call);
            return None;
        }
        if self.turns_here(driver, n, call, arrival_s - planned.times_s[call]) {
            return Some(self.turn_short(driver, n, last - call));
        }
        self.drive_leg(driver, trip, call);
        driver.step = Step::Call { n, call: call + 1 };
        Some(driver.now_s())
    }

    fn dwell_s(&mut self, driver: &mut Driver, key: (usize, usize, usize)) -> f64 {
        let now_s = driver.now_s();
        let gap_s = self.last.get(&key).map_or(noise::LONGEST_WAIT_S * 0.3, |last| now_s - last);
        let gap_s = gap_s.clamp(0.0, noise::LONGEST_WAIT_S);
        let boardings = self.ground.boardings.get(&key).copied().unwrap_or(0.0) * demand(self.day, now_s);
        let on = driver.random.poisson(boardings * gap_s);
        let off = driver.random.poisson(driver.load * noise::ALIGHT_SHARE).min(driver.load);
        driver.load += on - off;
        if on + off == 0.0 {
            return 0.0;
        }
        let explained_s = noise::DWELL_DOORS_S + noise::DWELL_PASSENGER_S * (on + off);
        explained_s * driver.random.lognormal((1.0, noise::DWELL_SIGMA))
    }

    fn drive_leg(&mut self, driver: &mut Driver, trip: usize, call: usize) {
        let ground = self.ground;
        let planned = &ground.plan.trips[trip];
        let way = &ground.routes[planned.route].ways[planned.way];
        let fresh = (1.0 - noise::LEG_CORRELATION.powi(2)).sqrt();
        driver.leg = noise::LEG_CORRELATION * driver.leg + fresh * driver.random.normal();
        let own = driver.pace * (noise::LEG_SIGMA * driver.leg).exp();
        for (link, from_m, to_m) in pieces(ground.streets, way, &way.calls[call], &way.calls[call + 1]) {
            self.drive_piece(driver, link, (from_m, to_m), own);
        }
    }

    fn drive_piece(&self, driver: &mut Driver, link: usize, (from_m, to_m): (f64, f64), own: f64) {
        let streets = self.ground.streets;
        let pace = self.traffic.seconds_per_metre(streets, link, driver.now_s()) * own;
        driver.knot(driver.now_s() + (to_m - from_m) * pace, streets.place(link, to_m));
        if to_m >= streets.links[link].length_m {
            let wait_s = streets.wait_s(link, driver.now_s());
            if wait_s > 0.0 {
                driver.stay_until(driver.now_s() + wait_s);
            }
        }
    }

    fn drive_empty(&self, driver: &mut Driver, from: usize, to: usize) {
        let streets = self.ground.streets;
        driver.knot(driver.now_s() + DEPOT_OFF_M / 5.0, streets.nodes[from]);
        for link in streets.path(&[from, to]) {
            self.drive_piece(driver, link, (0.0, streets.links[link].length_m), driver.pace);
        }
    }

    fn pull_in(&self, driver: &mut Driver, from: usize) {
        driver.begin(Doing::Deadhead, None);
        self.drive_empty(driver, from, self.ground.depot);
        driver.knot(driver.now_s() + DEPOT_OFF_M / 4.0, self.ground.depot_place());
        driver.begin(Doing::AtDepot, None);
    }

    /// Stands, is mended or towed, and goes home; the rest of the block is not run.
    fn break_down(&self, driver: &mut Driver, trip: usize, call: usize) {
        let planned = &self.ground.plan.trips[trip];
        let way = &self.ground.routes[planned.route].ways[planned.way];
        driver.begin(Doing::Broken, None);
        let stands_s = driver.random.lognormal(noise::INCIDENT_S);
        driver.stay_until(driver.now_s() + stands_s);
        let node = self.ground.streets.links[way.links[way.calls[call].link]].to;
        self.pull_in(driver, node);
    }

    fn turns_here(&self, driver: &mut Driver, n: usize, call: usize, late_s: f64) -> bool {
        let trip = &self.ground.plan.trips[driver.trips[n]];
        let calls = trip.times_s.len();
        // Three fifths of the way: far enough to be of use, early enough to gain time.
        let place = call == calls * 3 / 5 && n + 1 < driver.trips.len();
        place
            && !self.ground.routes[trip.route].is_loop
            && late_s > noise::SHORT_TURN_LATE_S
            && driver.random.chance(noise::SHORT_TURNS)
    }

    /// Goes round the block to the stop across the street.
    fn turn_short(&self, driver: &mut Driver, n: usize, call: usize) -> f64 {
        driver.begin(Doing::Deadhead, None);
        let across = self.place(driver.trips[n + 1], call);
        let seconds = driver.random.between((60.0, 180.0));
        driver.knot(driver.now_s() + seconds, across);
        driver.step = Step::Turn { n: n + 1, from: call };
        driver.now_s()
    }
}
