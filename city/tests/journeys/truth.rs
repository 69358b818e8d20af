//! What is driven, run by run, straight from the timetable and what was told of the vehicles:
//! for searches that share nothing with the planner.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;
use misto_city::transit::{Network, Range, Run};
use misto_model::{Boarding, Instant, StopId, WheelchairAccess};

/// Metres a second on foot, seconds of a change, metres of way between near stops: as asked in the tests.
pub const SPEED_M_S: f64 = 1.0;
pub const CHANGE_S: i64 = 60;
pub const NEAR_M: f64 = 400.0;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub stop: usize,
    pub arrival: i64,
    pub departure: i64,
    pub boards: bool,
    pub alights: bool,
}

/// A run with its calls; of a followed run those ahead only.
#[derive(Debug, Clone)]
pub struct TrueRun {
    pub calls: Vec<Call>,
}

pub struct Truth {
    pub stops: Vec<StopId>,
    pub numbers: BTreeMap<StopId, usize>,
    pub runs: Vec<TrueRun>,
    /// Ways between stops with their seconds, the change included.
    pub ways: Vec<Vec<(usize, i64)>>,
    pub usable: Vec<bool>,
}

/// What is told of a run: calls from the first on, arrival and departure.
pub struct Told {
    pub first: usize,
    pub times: Vec<(Range, Range)>,
    pub low_floor: Option<bool>,
}

pub struct Facts<'a> {
    pub told: &'a BTreeMap<Run, Told>,
    pub cancelled: &'a BTreeSet<Run>,
    pub step_free: bool,
}

pub fn seconds(at: Instant) -> i64 {
    at.micros().div_euclid(1_000_000)
}

impl Truth {
    /// Every run of the service days from two before to one after a day.
    pub fn new(network: &Network, around: Date, facts: &Facts<'_>) -> Self {
        let timetable = network.timetable();
        let stops: Vec<StopId> = timetable.stops.keys().cloned().collect();
        let numbers: BTreeMap<StopId, usize> = stops.iter().cloned().zip(0..).collect();
        let fits = |access: WheelchairAccess| !facts.step_free || access != WheelchairAccess::No;
        let usable: Vec<bool> = timetable.stops.values().map(|stop| fits(stop.wheelchair_boarding)).collect();
        let places: Vec<_> = timetable.stops.values().map(|stop| stop.position).collect();
        let served: BTreeSet<&StopId> =
            timetable.trips.iter().flat_map(|trip| &trip.stop_times).map(|c| &c.stop).collect();
        let way = |from: usize, to: usize| {
            if from == to {
                return Some((to, CHANGE_S));
            }
            let length_m = f64::from((places[from].distance_m(places[to]) * 1.3) as f32);
            let both = served.contains(&stops[from]) && served.contains(&stops[to]);
            (both && length_m <= NEAR_M).then(|| (to, (length_m / SPEED_M_S).ceil() as i64 + CHANGE_S))
        };
        let ways = (0..stops.len()).map(|from| (0..stops.len()).filter_map(|to| way(from, to)).collect()).collect();
        let mut truth = Self { numbers, runs: Vec::new(), ways, usable, stops };
        for offset in -2..=1 {
            let day = around.checked_add(offset.days()).expect("a day");
            for trip in &timetable.trips {
                let run = Run { trip: network.find_trip(&trip.id).expect("of this network"), day };
                if network.runs_on(run.trip, day) && network.pattern_of(run.trip).is_some() {
                    truth.runs.extend(truth.run(network, run, facts));
                }
            }
        }
        truth
    }

    fn run(&self, network: &Network, run: Run, facts: &Facts<'_>) -> Option<TrueRun> {
        if facts.cancelled.contains(&run) {
            return None;
        }
        let trip = network.trip(run.trip);
        let told = facts.told.get(&run);
        let planned = match trip.wheelchair_accessible {
            WheelchairAccess::Yes => Some(true),
            WheelchairAccess::No => Some(false),
            WheelchairAccess::Unknown => None,
        };
        let floor = told.and_then(|told| told.low_floor).or(planned);
        if facts.step_free && floor == Some(false) {
            return None;
        }
        let first = told.map_or(0, |told| told.first);
        let start = network.day_start(run.day)?.as_second();
        let call = |n: usize| {
            let row = &trip.stop_times[n];
            let time = network.call_times(run.trip)[n];
            let planned = (start + time.arrival_s.round() as i64, start + time.departure_s.round() as i64);
            let (arrival, departure) = told.map_or(planned, |told| {
                let (arrival, departure) = &told.times[n - told.first];
                (seconds(arrival.likely), seconds(departure.likely))
            });
            let boards = row.pickup != Boarding::None && n + 1 < trip.stop_times.len();
            let alights = row.drop_off != Boarding::None && n > 0;
            Call { stop: self.numbers[&row.stop], arrival, departure, boards, alights }
        };
        Some(TrueRun { calls: (first..trip.stop_times.len()).map(call).collect() })
    }
}
