//! The timetable as vehicles drive it: patterns (a route's ways with their stops),
//! and runs (a trip on one service day).

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use misto_model::{Boarding, Position, RouteId, StopId, Timetable, Trip, TripId};
use serde::{Deserialize, Serialize};

use super::departures::{Departures, service_day_start};
use super::line::{Line, Projected};

mod near;

pub use near::Part;

/// A pattern of a [`Network`]; good for that network only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PatternIndex(u32);

/// A trip of a [`Network`]; good for that network only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TripIndex(u32);

/// One trip on one service day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Run {
    /// Which trip.
    pub trip: TripIndex,
    /// Its service day (GTFS; after midnight it is still the day before).
    pub day: Date,
}

/// A stop of a pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Which stop.
    pub stop: StopId,
    /// Metres from the start of the pattern's line; never less than those of the call before.
    pub along_m: f64,
}

/// One way of a route: a line with its stops in order.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// Whose.
    pub route: RouteId,
    /// GTFS direction, 0 or 1.
    pub direction: Option<u8>,
    /// Text on the front.
    pub headsign: Option<String>,
    /// Where vehicles drive.
    pub line: Line,
    /// Its stops, at least two.
    pub calls: Vec<Call>,
    /// Trips that take it, by start; none when the route has no timetable.
    pub trips: Vec<TripIndex>,
}

/// Planned times at one call, seconds after noon minus 12 h of the service day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CallTime {
    /// Arrival.
    pub arrival_s: f64,
    /// Departure.
    pub departure_s: f64,
}

/// Planned moments at one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// Arrival.
    pub arrival: Timestamp,
    /// Departure.
    pub departure: Timestamp,
}

/// A timetable with its patterns.
#[derive(Debug)]
pub struct Network {
    departures: Departures,
    patterns: Vec<Pattern>,
    by_route: BTreeMap<RouteId, Vec<PatternIndex>>,
    by_trip: Vec<Option<PatternIndex>>,
    times: Vec<Vec<CallTime>>,
    trips_by_id: HashMap<TripId, TripIndex>,
    blocks: HashMap<String, Vec<TripIndex>>,
    longest_s: Vec<f64>,
    grid: near::Grid,
    by_stop: HashMap<StopId, Vec<(PatternIndex, usize)>>,
}

/// A stop farther than this from its line is taken where the line comes nearest.
const STOP_BESIDE_M: f64 = 150.0;

impl Network {
    /// Lays the trips of a timetable on the ground. Trips with fewer than two stops,
    /// or all in one place, have no pattern.
    ///
    /// # Errors
    /// When the time zone of the feed is not known.
    pub fn new(timetable: Timetable) -> Result<Self, String> {
        let departures = Departures::new(timetable)?;
        let mut network = Self {
            departures,
            patterns: Vec::new(),
            by_route: BTreeMap::new(),
            by_trip: Vec::new(),
            times: Vec::new(),
            trips_by_id: HashMap::new(),
            blocks: HashMap::new(),
            longest_s: Vec::new(),
            grid: near::Grid::default(),
            by_stop: HashMap::new(),
        };
        network.lay_out();
        Ok(network)
    }

    fn lay_out(&mut self) {
        type Way<'a> = (&'a RouteId, Option<u8>, Option<&'a str>, Vec<&'a StopId>);
        let timetable = self.departures.timetable();
        let mut found: HashMap<Way<'_>, Option<PatternIndex>> = HashMap::new();
        let mut patterns: Vec<Pattern> = Vec::new();
        for (number, trip) in timetable.trips.iter().enumerate() {
            let index = TripIndex(number as u32);
            let stops: Vec<&StopId> = trip.stop_times.iter().map(|call| &call.stop).collect();
            let way = (&trip.route, trip.direction, trip.shape.as_deref(), stops);
            let pattern = *found.entry(way).or_insert_with(|| {
                let made = pattern(timetable, trip)?;
                patterns.push(made);
                Some(PatternIndex(patterns.len() as u32 - 1))
            });
            if let Some(PatternIndex(of)) = pattern {
                patterns[of as usize].trips.push(index);
            }
            let calls = pattern.map(|PatternIndex(of)| patterns[of as usize].calls.as_slice()).unwrap_or_default();
            self.times.push(call_times(trip, calls));
            self.by_trip.push(pattern);
            self.trips_by_id.insert(trip.id.clone(), index);
            if let Some(block) = trip.block.as_ref().filter(|_| pattern.is_some()) {
                self.blocks.entry(block.clone()).or_default().push(index);
            }
        }
        for trajectory in &timetable.trajectories {
            let line = line(timetable, trajectory.shape.as_deref(), &trajectory.stops);
            let made = line.and_then(|line| {
                let calls = calls(timetable, &line, &trajectory.stops)?;
                Some(Pattern {
                    route: trajectory.route.clone(),
                    direction: trajectory.direction,
                    headsign: trajectory.headsign.clone(),
                    line,
                    calls,
                    trips: Vec::new(),
                })
            });
            patterns.extend(made);
        }
        let times = &self.times;
        let start = |trip: &TripIndex| times[trip.0 as usize].first().map_or(0.0, |time| time.departure_s);
        for (number, pattern) in patterns.iter_mut().enumerate() {
            pattern.trips.sort_by(|a, b| start(a).total_cmp(&start(b)).then(a.cmp(b)));
            self.by_route.entry(pattern.route.clone()).or_default().push(PatternIndex(number as u32));
            let lasts =
                |trip: &TripIndex| times[trip.0 as usize].last().map_or(0.0, |time| time.arrival_s) - start(trip);
            self.longest_s.push(pattern.trips.iter().map(lasts).fold(0.0, f64::max));
        }
        for (number, pattern) in patterns.iter().enumerate() {
            for (call, at) in pattern.calls.iter().enumerate() {
                self.by_stop.entry(at.stop.clone()).or_default().push((PatternIndex(number as u32), call));
            }
        }
        self.blocks.values_mut().for_each(|trips| trips.sort_by(|a, b| start(a).total_cmp(&start(b)).then(a.cmp(b))));
        self.grid = near::Grid::new(&patterns);
        self.patterns = patterns;
    }

    /// The feed as it was read.
    pub fn timetable(&self) -> &Timetable {
        self.departures.timetable()
    }

    /// Departures stop by stop.
    pub fn departures(&self) -> &Departures {
        &self.departures
    }

    /// Every pattern.
    pub fn patterns(&self) -> impl Iterator<Item = (PatternIndex, &Pattern)> {
        self.patterns.iter().enumerate().map(|(number, pattern)| (PatternIndex(number as u32), pattern))
    }

    /// One pattern.
    pub fn pattern(&self, index: PatternIndex) -> &Pattern {
        &self.patterns[index.0 as usize]
    }

    /// Patterns of a route; empty when there is no such route.
    pub fn patterns_of(&self, route: &RouteId) -> &[PatternIndex] {
        self.by_route.get(route).map(Vec::as_slice).unwrap_or_default()
    }

    /// Patterns that call at a stop, and which of their calls that is.
    pub fn calls_at(&self, stop: &StopId) -> &[(PatternIndex, usize)] {
        self.by_stop.get(stop).map(Vec::as_slice).unwrap_or_default()
    }

    /// One trip.
    pub fn trip(&self, index: TripIndex) -> &Trip {
        &self.timetable().trips[index.0 as usize]
    }

    /// The trip of that id.
    pub fn find_trip(&self, id: &TripId) -> Option<TripIndex> {
        self.trips_by_id.get(id).copied()
    }

    /// Whether one may board a trip at a call: the feed may say that it only sets down
    /// (GTFS stop_times.txt, `pickup_type` 1).
    pub fn may_board(&self, trip: TripIndex, call: usize) -> bool {
        self.trip(trip).stop_times.get(call).is_none_or(|call| call.pickup != Boarding::None)
    }

    /// The way a trip takes; `None` when its stops give no line.
    pub fn pattern_of(&self, trip: TripIndex) -> Option<PatternIndex> {
        self.by_trip[trip.0 as usize]
    }

    /// Planned times at every call of a trip; times that the feed leaves out are
    /// interpolated by distance (GTFS Schedule, stop_times.txt, `timepoint`).
    pub fn call_times(&self, trip: TripIndex) -> &[CallTime] {
        &self.times[trip.0 as usize]
    }

    /// Planned moments of a run at one call.
    pub fn planned(&self, run: Run, call: usize) -> Option<Planned> {
        let start = service_day_start(run.day, self.departures.time_zone())?;
        let time = self.call_times(run.trip).get(call)?;
        let at = |seconds: f64| start + SignedDuration::from_millis((seconds * 1e3).round() as i64);
        Some(Planned { arrival: at(time.arrival_s), departure: at(time.departure_s) })
    }

    /// Runs of a pattern that are planned to be under way at some moment of a period,
    /// by start.
    pub fn runs_between(&self, pattern: PatternIndex, from: Timestamp, to: Timestamp) -> Vec<Run> {
        self.runs_on_days(pattern, &self.service_days(from, to), from, to)
    }

    /// Service days of which trips may be under way at some moment of a period, with the moment
    /// that their times count from.
    pub fn service_days(&self, from: Timestamp, to: Timestamp) -> Vec<(Date, Timestamp)> {
        let zone = self.departures.time_zone();
        let today = from.to_zoned(zone.clone()).date();
        let last = to.to_zoned(zone.clone()).date();
        let days_back = i64::from(self.departures.longest_day_s() / 86_400 + 1);
        let mut days = Vec::new();
        let mut day = today.checked_sub(days_back.days()).unwrap_or(today);
        while day <= last {
            days.extend(service_day_start(day, zone).map(|start| (day, start)));
            let Ok(next) = day.checked_add(1.day()) else { break };
            day = next;
        }
        days
    }

    /// As [`Network::runs_between`], for those who ask of many patterns: the service days
    /// are found once.
    pub fn runs_on_days(
        &self,
        pattern: PatternIndex,
        days: &[(Date, Timestamp)],
        from: Timestamp,
        to: Timestamp,
    ) -> Vec<Run> {
        let trips = &self.pattern(pattern).trips;
        let start_s = |trip: &TripIndex| self.call_times(*trip).first().map_or(0.0, |time| time.departure_s);
        let end_s = |trip: &TripIndex| self.call_times(*trip).last().map_or(0.0, |time| time.arrival_s);
        let mut runs = Vec::new();
        for (day, start) in days {
            let (from_s, to_s) = (from.duration_since(*start).as_secs_f64(), to.duration_since(*start).as_secs_f64());
            // Trips stand by start: whoever started earlier than the longest one lasts has ended.
            let first = trips.partition_point(|trip| start_s(trip) < from_s - self.longest_s[pattern.0 as usize]);
            let begun = trips[first..].iter().take_while(|trip| start_s(trip) <= to_s);
            let on_the_way = begun.filter(|trip| end_s(trip) >= from_s && self.runs_on(**trip, *day));
            runs.extend(on_the_way.map(|trip| Run { trip: *trip, day: *day }));
        }
        runs
    }

    /// Parts of lines that pass within about 100 m of a place; some lie up to 300 m away.
    pub fn near(&self, position: Position) -> &[Part] {
        self.grid.near(position)
    }

    /// The runs that the block of a run drives after it on the same service day, by start;
    /// none when the feed tells no block.
    pub fn later_in_block(&self, run: Run) -> impl Iterator<Item = Run> + '_ {
        let trips = self.trip(run.trip).block.as_ref().and_then(|block| self.blocks.get(block));
        let start_s = |trip: TripIndex| self.call_times(trip).first().map_or(0.0, |time| time.departure_s);
        let ended_s = self.call_times(run.trip).last().map_or(0.0, |time| time.arrival_s);
        let later =
            trips.into_iter().flatten().copied().filter(move |trip| {
                *trip != run.trip && start_s(*trip) >= ended_s - 60.0 && self.runs_on(*trip, run.day)
            });
        later.map(move |trip| Run { trip, day: run.day })
    }

    /// Where the times of a service day count from: noon minus 12 h.
    pub fn day_start(&self, day: Date) -> Option<Timestamp> {
        service_day_start(day, self.departures.time_zone())
    }

    /// The run that the same vehicle drives after this one on the same service day (GTFS
    /// trips.txt, `block_id`); `None` when the feed does not say or it was the last.
    pub fn next_in_block(&self, run: Run) -> Option<Run> {
        let block = self.blocks.get(self.trip(run.trip).block.as_ref()?)?;
        let place = block.iter().position(|trip| *trip == run.trip)?;
        let later = block[place + 1..].iter().copied();
        later.map(|trip| Run { trip, day: run.day }).find(|next| self.runs_on(next.trip, next.day))
    }

    /// Whether a trip runs on a service day.
    pub fn runs_on(&self, trip: TripIndex, day: Date) -> bool {
        self.timetable().services.get(&self.trip(trip).service).is_some_and(|calendar| calendar.runs_on(day))
    }
}

impl Pattern {
    /// The call that follows a distance from the start; `None` beyond the last.
    pub fn call_after(&self, along_m: f64) -> Option<usize> {
        let next = self.calls.partition_point(|call| call.along_m <= along_m);
        (next < self.calls.len()).then_some(next)
    }
}

fn pattern(timetable: &Timetable, trip: &Trip) -> Option<Pattern> {
    let stops: Vec<StopId> = trip.stop_times.iter().map(|call| call.stop.clone()).collect();
    let line = line(timetable, trip.shape.as_deref(), &stops)?;
    let calls = calls(timetable, &line, &stops)?;
    let (route, direction, headsign) = (trip.route.clone(), trip.direction, trip.headsign.clone());
    Some(Pattern { route, direction, headsign, line, calls, trips: Vec::new() })
}

/// The shape, or straight lines from stop to stop where the feed has none.
fn line(timetable: &Timetable, shape: Option<&str>, stops: &[StopId]) -> Option<Line> {
    let drawn = shape.and_then(|id| timetable.shapes.get(id)).and_then(|shape| Line::new(shape));
    drawn.or_else(|| {
        let places: Vec<Position> = stops.iter().filter_map(|id| Some(timetable.stops.get(id)?.position)).collect();
        Line::new(&places)
    })
}

/// Where the stops lie along the line, in their order: of all places where the line
/// passes a stop, those that together are nearest to the stops. A loop passes a
/// stop twice, so the nearest place alone may be the wrong one.
fn calls(timetable: &Timetable, line: &Line, stops: &[StopId]) -> Option<Vec<Call>> {
    if stops.len() < 2 {
        return None;
    }
    let mut choices: Vec<Vec<Projected>> = Vec::new();
    for stop in stops {
        let position = timetable.stops.get(stop)?.position;
        let mut passes = line.passes(position, STOP_BESIDE_M);
        if passes.is_empty() {
            passes.push(line.project(position));
        }
        choices.push(passes);
    }
    let along = in_order(&choices).unwrap_or_else(|| evenly(line.length_m(), stops.len()));
    Some(stops.iter().cloned().zip(along).map(|(stop, along_m)| Call { stop, along_m }).collect())
}

/// The choice of one place a stop, never backwards, with the least sum of squared
/// distances; `None` when no choice goes forwards.
fn in_order(choices: &[Vec<Projected>]) -> Option<Vec<f64>> {
    // cost[i][j]: the best way to the j-th place of stop i, and the place before it.
    let mut costs: Vec<Vec<(f64, usize)>> = Vec::with_capacity(choices.len());
    for (i, places) in choices.iter().enumerate() {
        let row = places.iter().map(|place| {
            let own = place.off_m * place.off_m;
            if i == 0 {
                return (own, 0);
            }
            let before = choices[i - 1].iter().zip(&costs[i - 1]).enumerate();
            let reachable = before.filter(|(_, (earlier, _))| earlier.along_m <= place.along_m);
            let best = reachable.map(|(j, (_, (cost, _)))| (cost + own, j)).min_by(|a, b| a.0.total_cmp(&b.0));
            best.unwrap_or((f64::INFINITY, 0))
        });
        let row = row.collect();
        costs.push(row);
    }
    let last = costs.last()?;
    let (mut j, (cost, _)) = last.iter().enumerate().min_by(|a, b| a.1.0.total_cmp(&b.1.0))?;
    if !cost.is_finite() {
        return None;
    }
    let mut along = vec![0.0; choices.len()];
    for i in (0..choices.len()).rev() {
        along[i] = choices[i][j].along_m;
        j = costs[i][j].1;
    }
    Some(along)
}

/// Stops that lie along their line in no order: the line belongs to another way.
fn evenly(length_m: f64, stops: usize) -> Vec<f64> {
    (0..stops).map(|i| length_m * i as f64 / (stops - 1) as f64).collect()
}

/// The times of the feed, those it leaves out interpolated by distance.
fn call_times(trip: &Trip, calls: &[Call]) -> Vec<CallTime> {
    let known: Vec<Option<CallTime>> = trip
        .stop_times
        .iter()
        .map(|call| {
            let (arrival, departure) = (call.arrival_s.or(call.departure_s)?, call.departure_s.or(call.arrival_s)?);
            Some(CallTime { arrival_s: f64::from(arrival), departure_s: f64::from(departure) })
        })
        .collect();
    let along = |i: usize| calls.get(i).map_or(i as f64, |call| call.along_m);
    let interpolated = |i: usize| {
        let before = (0..i).rev().find_map(|j| Some((j, known[j]?.departure_s)));
        let after = (i + 1..known.len()).find_map(|j| Some((j, known[j]?.arrival_s)));
        let at_s = match (before, after) {
            (Some((a, from_s)), Some((b, to_s))) => {
                let way = along(b) - along(a);
                let part = if way > 0.0 { (along(i) - along(a)) / way } else { 0.5 };
                from_s + (to_s - from_s) * part
            }
            (Some((_, only)), None) | (None, Some((_, only))) => only,
            (None, None) => 0.0,
        };
        CallTime { arrival_s: at_s, departure_s: at_s }
    };
    (0..known.len()).map(|i| known[i].unwrap_or_else(|| interpolated(i))).collect()
}

#[cfg(test)]
mod tests;
