//! The report of a day: what the city pays the carrier by.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use jiff::civil::Date;
use misto_model::{RouteId, StopId, VehicleKey};

use super::tides::{self, StopVisitRow, TripPerformed};
use super::{ON_TIME_S, PlannedHeadway, Regularity, average_wait, excess_wait, median};
use crate::transit::assignment::StopVisit;
use crate::transit::network::{Network, Run};

/// A service day.
#[derive(Debug, Clone, PartialEq)]
pub struct DayReport {
    /// Which.
    pub day: Date,
    /// By route, direction, stop.
    pub stops: Vec<StopReport>,
    /// By route and direction.
    pub lines: Vec<LineReport>,
    /// Rows of TIDES `trips_performed`.
    pub trips_performed: Vec<TripPerformed>,
    /// Rows of TIDES `stop_visits`.
    pub stop_visits: Vec<StopVisitRow>,
}

/// One direction of a route at one stop.
#[derive(Debug, Clone, PartialEq)]
pub struct StopReport {
    /// Which route.
    pub route: RouteId,
    /// GTFS direction.
    pub direction: Option<u8>,
    /// Which stop.
    pub stop: StopId,
    /// Departures that were observed.
    pub observations: usize,
    /// Departures that were planned; 0 for a route without timetable.
    pub planned: usize,
    /// Mean observed interval, seconds; `None` for fewer than two departures.
    pub mean_headway_s: Option<f64>,
    /// Mean interval of the timetable, or the observed median where there is none, seconds.
    pub planned_headway: Option<PlannedHeadway>,
    /// Actual less scheduled average wait, seconds; `None` without a timetable.
    pub excess_wait_s: Option<f64>,
    /// Actual average wait, seconds.
    pub average_wait_s: Option<f64>,
    /// Intervals that could be compared with a plan.
    pub compared: usize,
    /// Of them under a quarter of the plan.
    pub bunched: usize,
    /// Of them over one and a half times the plan.
    pub gaps: usize,
    /// Departures whose trip is known.
    pub timed: usize,
    /// Of them one minute early to five minutes late.
    pub on_time: usize,
}

/// One direction of a route.
#[derive(Debug, Clone, PartialEq)]
pub struct LineReport {
    /// Which route.
    pub route: RouteId,
    /// GTFS direction.
    pub direction: Option<u8>,
    /// Visits that were observed; 0 = nobody knows what was run.
    pub visits: usize,
    /// Trips of the timetable.
    pub trips_planned: usize,
    /// Of them those that were run: at least half of the calls were visited.
    pub trips_run: usize,
    /// Trips of vehicles of which only the way is known, by the same rule.
    pub trips_without_plan: usize,
    /// Kilometres along the way between the first and the last visited call.
    pub kilometres: f64,
    /// Trips whose vehicle the register knows.
    pub floor_known: usize,
    /// Of them those with a low floor.
    pub low_floor: usize,
}

type Line = (RouteId, Option<u8>);

/// Reports a service day. `visits` are those of its runs, and of vehicles without a trip
/// those of its hours; the order does not matter. `low_floor` is the register of vehicles.
pub fn report(
    network: &Network,
    day: Date,
    visits: &[StopVisit],
    low_floor: impl Fn(&VehicleKey) -> Option<bool>,
) -> DayReport {
    let of_day = DayVisits::new(network, day, visits);
    DayReport {
        day,
        stops: of_day.stops(),
        lines: of_day.lines(low_floor),
        trips_performed: of_day.trips_performed().collect(),
        stop_visits: of_day.stop_visits().collect(),
    }
}

/// The visits of a service day in the order of vehicle and time, for who wants one table
/// of the report, or its rows one after the other.
#[derive(Debug)]
pub struct DayVisits<'a> {
    network: &'a Network,
    day: Date,
    visits: Vec<&'a StopVisit>,
}

impl<'a> DayVisits<'a> {
    /// Of `visits` those of the day's runs and those without a run, each once.
    pub fn new(network: &'a Network, day: Date, visits: &'a [StopVisit]) -> Self {
        let mut visits: Vec<&StopVisit> =
            visits.iter().filter(|visit| visit.run.is_none_or(|run| run.day == day)).collect();
        visits.sort_by(|a, b| {
            let key = |visit: &StopVisit| (visit.arrival.micros(), visit.call, visit.pattern, visit.run);
            a.vehicle.cmp(&b.vehicle).then_with(|| key(a).cmp(&key(b)))
        });
        visits.dedup_by(|b, a| {
            (&a.vehicle, a.arrival, a.pattern, a.run, a.call) == (&b.vehicle, b.arrival, b.pattern, b.run, b.call)
        });
        Self { network, day, visits }
    }

    /// How many visits there are.
    pub fn count(&self) -> usize {
        self.visits.len()
    }

    /// Figures by route, direction, stop.
    pub fn stops(&self) -> Vec<StopReport> {
        stops(self.network, &self.visits, &planned_runs(self.network, self.day))
    }

    /// Figures by route and direction; `low_floor` is the register of vehicles.
    pub fn lines(&self, low_floor: impl Fn(&VehicleKey) -> Option<bool>) -> Vec<LineReport> {
        let drives: Vec<&[&StopVisit]> = tides::drives(&self.visits).collect();
        lines(self.network, &drives, &planned_runs(self.network, self.day), low_floor)
    }

    /// Rows of TIDES `trips_performed`.
    pub fn trips_performed(&self) -> impl Iterator<Item = TripPerformed> {
        tides::drives(&self.visits).filter_map(|drive| TripPerformed::of(self.network, self.day, drive))
    }

    /// Rows of TIDES `stop_visits`.
    pub fn stop_visits(&self) -> impl Iterator<Item = StopVisitRow> {
        tides::drives(&self.visits).flat_map(|drive| tides::stop_visits(self.network, self.day, drive))
    }
}

fn planned_runs(network: &Network, day: Date) -> Vec<Run> {
    let trips = network.patterns().flat_map(|(_, pattern)| pattern.trips.iter().copied());
    trips.filter(|trip| network.runs_on(*trip, day)).map(|trip| Run { trip, day }).collect()
}

fn line_of(network: &Network, visit: &StopVisit) -> Line {
    let pattern = network.pattern(visit.pattern);
    (pattern.route.clone(), pattern.direction)
}

fn lines(
    network: &Network,
    drives: &[&[&StopVisit]],
    planned: &[Run],
    low_floor: impl Fn(&VehicleKey) -> Option<bool>,
) -> Vec<LineReport> {
    let mut lines: BTreeMap<Line, LineReport> = BTreeMap::new();
    let empty = |(route, direction): &Line| LineReport {
        route: route.clone(),
        direction: *direction,
        visits: 0,
        trips_planned: 0,
        trips_run: 0,
        trips_without_plan: 0,
        kilometres: 0.0,
        floor_known: 0,
        low_floor: 0,
    };
    for run in planned {
        let Some(pattern) = network.pattern_of(run.trip).map(|of| network.pattern(of)) else { continue };
        let line = (pattern.route.clone(), pattern.direction);
        lines.entry(line.clone()).or_insert_with(|| empty(&line)).trips_planned += 1;
    }
    // One run is one trip, however many vehicles shared it.
    let mut visited: HashMap<Run, usize> = HashMap::new();
    for drive in drives {
        let Some((first, last)) = drive.first().zip(drive.last()) else { continue };
        let key = line_of(network, first);
        let line = lines.entry(key.clone()).or_insert_with(|| empty(&key));
        line.visits += drive.len();
        let calls = &network.pattern(first.pattern).calls;
        line.kilometres += (calls[last.call].along_m - calls[first.call].along_m) / 1_000.0;
        let enough = |visits: usize| visits * 2 >= calls.len();
        let counts = match first.run {
            Some(run) => {
                let so_far = visited.entry(run).or_default();
                let before = enough(*so_far);
                *so_far += drive.len();
                let counts = !before && enough(*so_far);
                line.trips_run += usize::from(counts);
                counts
            }
            None => {
                line.trips_without_plan += usize::from(enough(drive.len()));
                enough(drive.len())
            }
        };
        if let Some(is_low) = low_floor(&first.vehicle).filter(|_| counts) {
            line.floor_known += 1;
            line.low_floor += usize::from(is_low);
        }
    }
    lines.into_values().collect()
}

fn stops(network: &Network, visits: &[&StopVisit], planned: &[Run]) -> Vec<StopReport> {
    let mut observed: BTreeMap<(Line, &StopId), Vec<&StopVisit>> = BTreeMap::new();
    for &visit in visits {
        let calls = &network.pattern(visit.pattern).calls;
        if visit.call + 1 < calls.len() {
            observed.entry((line_of(network, visit), &calls[visit.call].stop)).or_default().push(visit);
        }
    }
    let mut plan: BTreeMap<(Line, &StopId), Vec<Timestamp>> = BTreeMap::new();
    for run in planned {
        let Some(pattern) = network.pattern_of(run.trip).map(|of| network.pattern(of)) else { continue };
        for (number, call) in pattern.calls.iter().enumerate().take(pattern.calls.len() - 1) {
            let key = ((pattern.route.clone(), pattern.direction), &call.stop);
            plan.entry(key).or_default().extend(network.planned(*run, number).map(|planned| planned.departure));
        }
    }
    let none = Vec::new();
    let mut keys: Vec<_> = observed.keys().chain(plan.keys()).cloned().collect();
    keys.sort_unstable();
    keys.dedup();
    keys.iter()
        .map(|key| {
            let mut planned = plan.get(key).cloned().unwrap_or_default();
            planned.sort_unstable();
            let mut visits = observed.get(key).unwrap_or(&none).clone();
            visits.sort_by_key(|visit| visit.departure.micros());
            stop_report(network, key, &visits, &planned)
        })
        .collect()
}

fn stop_report(network: &Network, key: &(Line, &StopId), visits: &[&StopVisit], planned: &[Timestamp]) -> StopReport {
    let departures: Vec<Timestamp> = visits.iter().map(|visit| visit.departure.timestamp()).collect();
    let (headways, plan) = (intervals(&departures), intervals(planned));
    let planned_headway = match mean(&plan) {
        Some(seconds) => Some(PlannedHeadway::Timetable(seconds)),
        None => median(&mut headways.clone()).map(PlannedHeadway::ObservedMedian),
    };
    let states: Vec<Regularity> = visits
        .windows(2)
        .zip(&headways)
        .filter_map(|(pair, headway_s)| {
            let planned_s = match planned_headway? {
                PlannedHeadway::Timetable(_) => planned_before(network, pair[1], planned)?,
                PlannedHeadway::ObservedMedian(median_s) => median_s,
            };
            Regularity::of(*headway_s, planned_s)
        })
        .collect();
    let count = |wanted: Regularity| states.iter().filter(|state| **state == wanted).count();
    let late_s: Vec<f64> = visits.iter().filter_map(|visit| late_s(network, visit)).collect();
    StopReport {
        route: key.0.0.clone(),
        direction: key.0.1,
        stop: key.1.clone(),
        observations: visits.len(),
        planned: planned.len(),
        mean_headway_s: mean(&headways),
        planned_headway,
        excess_wait_s: excess_wait(&headways, &plan),
        average_wait_s: average_wait(&headways),
        compared: states.len(),
        bunched: count(Regularity::Bunched),
        gaps: count(Regularity::Gap),
        timed: late_s.len(),
        on_time: late_s.iter().filter(|late_s| ON_TIME_S.contains(late_s)).count(),
    }
}

fn late_s(network: &Network, visit: &StopVisit) -> Option<f64> {
    let planned = network.planned(visit.run?, visit.call)?;
    Some(visit.departure.timestamp().duration_since(planned.departure).as_secs_f64())
}

/// The interval that was planned before this departure: before its own trip, or when
/// that is not known before the planned departure nearest to it.
fn planned_before(network: &Network, visit: &StopVisit, planned: &[Timestamp]) -> Option<f64> {
    let own = visit.run.and_then(|run| network.planned(run, visit.call)).map(|planned| planned.departure);
    let at = visit.departure.timestamp();
    let this = own.or_else(|| planned.iter().copied().min_by_key(|planned| planned.duration_since(at).abs()))?;
    let before = planned.partition_point(|planned| *planned < this).checked_sub(1)?;
    Some(this.duration_since(planned[before]).as_secs_f64())
}

fn intervals(departures: &[Timestamp]) -> Vec<f64> {
    departures.windows(2).map(|pair| pair[1].duration_since(pair[0]).as_secs_f64()).collect()
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}
