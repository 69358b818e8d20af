//! What one search moves in: lanes on service days and live runs, forwards or backwards.
//!
//! Backwards is the same search in a mirror: time is negated, calls and trips stand in the
//! opposite order, getting off is boarding. So one search finds the earliest arrival and the
//! latest departure.

use misto_model::WheelchairAccess;

use super::days::Days;
use super::footpaths::Footpath;
use super::live::Live;
use super::{Planner, told};
use crate::transit::{Range, Run};

/// Later than everything.
pub(super) const NEVER: i32 = i32::MAX / 2;

/// Which moment of a range is counted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Times {
    /// The likely one.
    Likely,
    /// Arrivals as late, departures as early as they are nine times in ten.
    Cautious,
}

/// What a person needs of what is searched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Demands {
    /// Boards without a step: no high floor, no stop without boarding for wheelchairs.
    pub(super) step_free: bool,
    /// And nothing of which this is not known.
    pub(super) known_only: bool,
    pub(super) times: Times,
    pub(super) speed_m_s: f64,
}

/// A line to be ridden: a lane on one service day, or a live run.
pub(super) type LineNumber = u32;

/// A ride between two calls, both as the lane counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hop {
    pub(super) line: LineNumber,
    /// Place of the trip in its lane.
    pub(super) trip: u32,
    pub(super) board: u16,
    pub(super) alight: u16,
}

pub(super) struct World<'a> {
    pub(super) planner: &'a Planner,
    pub(super) live: &'a Live,
    pub(super) days: &'a Days,
    pub(super) demands: Demands,
    usable: Vec<bool>,
    touched: Vec<bool>,
}

impl<'a> World<'a> {
    pub(super) fn new(planner: &'a Planner, live: &'a Live, days: &'a Days, demands: Demands) -> Self {
        let usable = |boarding: &WheelchairAccess| allows(demands, as_known(*boarding));
        let touched = (0..planner.lanes.lanes.len() as u32).map(|lane| live.touched.contains(&lane)).collect();
        Self { planner, live, days, demands, usable: planner.lanes.boarding.iter().map(usable).collect(), touched }
    }

    pub(super) fn stops(&self) -> usize {
        self.usable.len()
    }

    pub(super) fn lines(&self) -> usize {
        self.planned_lines() + self.live.runs.len()
    }

    fn planned_lines(&self) -> usize {
        self.planner.lanes.lanes.len() * self.days.days.len()
    }

    pub(super) fn is_usable(&self, stop: u32) -> bool {
        self.usable[stop as usize]
    }

    /// Lane and day, or the live run.
    fn line(&self, line: LineNumber) -> Line {
        let days = self.days.days.len();
        match (line as usize).checked_sub(self.planned_lines()) {
            None => Line::Planned { lane: line as usize / days, day: line as usize % days },
            Some(live) => Line::Live(live),
        }
    }

    pub(super) fn lane_of(&self, line: LineNumber) -> usize {
        match self.line(line) {
            Line::Planned { lane, .. } => lane,
            Line::Live(live) => self.live.runs[live].lane as usize,
        }
    }

    pub(super) fn run(&self, hop: Hop) -> Run {
        match self.line(hop.line) {
            Line::Planned { lane, day } => {
                let trip = self.planner.lanes.lanes[lane].trips[hop.trip as usize].index;
                Run { trip, day: self.days.days[day].date }
            }
            Line::Live(live) => self.live.runs[live].run,
        }
    }

    /// Every line that calls at a stop, with the call.
    pub(super) fn lines_at(&self, stop: u32) -> impl Iterator<Item = (LineNumber, u16)> + '_ {
        let days = self.days.days.len() as u32;
        let planned = self.planner.lanes.at_stop[stop as usize].iter();
        let planned = planned.flat_map(move |(lane, call)| (0..days).map(move |day| (lane * days + day, *call)));
        let first = self.planned_lines() as u32;
        let live = self.live.at_stop.get(&stop).into_iter().flatten();
        planned.chain(live.map(move |(number, call)| (first + number, *call)))
    }

    /// Arrival and departure, seconds after the base.
    pub(super) fn time(&self, line: LineNumber, trip: u32, call: usize) -> (i32, i32) {
        match self.line(line) {
            Line::Planned { lane, day } => {
                let time = self.planner.lanes.lanes[lane].time(trip as usize, call);
                let offset_s = self.days.days[day].offset_s;
                (time.arrival + offset_s, time.departure + offset_s)
            }
            Line::Live(live) => {
                let told = &self.live.runs[live];
                let (arrival, departure) = &told.times[call - told.first];
                (self.moment(arrival, Range::late), self.moment(departure, Range::early))
            }
        }
    }

    fn moment(&self, range: &Range, cautious: fn(&Range) -> misto_model::Instant) -> i32 {
        let at = if self.demands.times == Times::Cautious { cautious(range) } else { range.likely };
        (told::whole_seconds(at) - self.days.base_s) as i32
    }

    fn trip_runs(&self, line: LineNumber, trip: u32) -> bool {
        match self.line(line) {
            Line::Planned { lane: number, day } => {
                let trip = &self.planner.lanes.lanes[number].trips[trip as usize];
                let day = &self.days.days[day];
                day.runs[trip.service as usize]
                    && allows(self.demands, as_known(trip.floor))
                    && !(self.touched[number]
                        && self.live.not_planned.contains(&Run { trip: trip.index, day: day.date }))
            }
            Line::Live(live) => allows(self.demands, self.live.runs[live].low_floor.map(|low_floor| low_floor.is)),
        }
    }

    fn first_call(&self, line: LineNumber) -> usize {
        match self.line(line) {
            Line::Planned { .. } => 0,
            Line::Live(live) => self.live.runs[live].first,
        }
    }

    fn trips(&self, line: LineNumber) -> u32 {
        match self.line(line) {
            Line::Planned { lane, .. } => self.planner.lanes.lanes[lane].trips.len() as u32,
            Line::Live(_) => 1,
        }
    }

    /// The first trip that leaves a call at a moment or later, before a trip that is ridden
    /// already.
    pub(super) fn first_trip<const BACK: bool>(
        &self,
        line: LineNumber,
        call: usize,
        ready: i32,
        before: Option<u32>,
    ) -> Option<u32> {
        let trips = self.trips(line);
        let mirrored = |place: u32| if BACK { trips - 1 - place } else { place };
        let end = before.map_or(trips, mirrored);
        let (mut low, mut high) = (0, end);
        while low < high {
            let middle = (low + high) / 2;
            if self.leaves::<BACK>(line, mirrored(middle), call) < ready { low = middle + 1 } else { high = middle }
        }
        (low..end).map(mirrored).find(|trip| self.trip_runs(line, *trip))
    }

    /// Trips that leave a call within a period (its end excluded), with the moment.
    pub(super) fn departures(
        &self,
        line: LineNumber,
        call: usize,
        from: i32,
        to: i32,
    ) -> impl Iterator<Item = i32> + '_ {
        let mut trip = 0;
        let (mut low, mut high) = (0, self.trips(line));
        while low < high {
            let middle = (low + high) / 2;
            if self.leaves::<false>(line, middle, call) < from { low = middle + 1 } else { high = middle }
        }
        trip += low;
        (trip..self.trips(line))
            .map(move |trip| (trip, self.leaves::<false>(line, trip, call)))
            .take_while(move |(_, at)| *at < to)
            .filter(move |(trip, _)| self.trip_runs(line, *trip))
            .map(|(_, at)| at)
    }

    /// When a trip leaves a call, in the direction of the search.
    pub(super) fn leaves<const BACK: bool>(&self, line: LineNumber, trip: u32, call: usize) -> i32 {
        let (arrival, departure) = self.time(line, trip, call);
        if BACK { -arrival } else { departure }
    }

    /// When a trip comes to a call, in the direction of the search.
    pub(super) fn comes<const BACK: bool>(&self, line: LineNumber, trip: u32, call: usize) -> i32 {
        let (arrival, departure) = self.time(line, trip, call);
        if BACK { -departure } else { arrival }
    }

    /// Whether one may get on (in the direction of the search) at a call.
    pub(super) fn takes_on<const BACK: bool>(&self, line: LineNumber, call: usize) -> bool {
        let lane = &self.planner.lanes.lanes[self.lane_of(line)];
        call >= self.first_call(line) && if BACK { lane.alights[call] } else { lane.boards[call] }
    }

    /// Whether one may get off (in the direction of the search) at a call.
    pub(super) fn sets_down<const BACK: bool>(&self, line: LineNumber, call: usize) -> bool {
        let lane = &self.planner.lanes.lanes[self.lane_of(line)];
        call >= self.first_call(line) && if BACK { lane.boards[call] } else { lane.alights[call] }
    }

    /// Ways for changing from a stop, with their seconds.
    pub(super) fn ways<const BACK: bool>(&self, stop: u32) -> impl Iterator<Item = (u32, i32)> + '_ {
        let footpaths = &self.planner.footpaths;
        let ways = if BACK { &footpaths.into[stop as usize] } else { &footpaths.from[stop as usize] };
        let walkable = ways.iter().filter(|way| self.is_walkable(way) && self.is_usable(way.stop));
        walkable.map(|way| (way.stop, way.takes_s(self.demands.speed_m_s, footpaths.change_s)))
    }

    fn is_walkable(&self, way: &Footpath) -> bool {
        !self.demands.step_free || way.step_free != Some(false)
    }
}

enum Line {
    Planned { lane: usize, day: usize },
    Live(usize),
}

/// Unknown is allowed, and said, unless only what is known is wanted.
fn allows(demands: Demands, known: Option<bool>) -> bool {
    !demands.step_free || known.unwrap_or(!demands.known_only)
}

fn as_known(access: WheelchairAccess) -> Option<bool> {
    match access {
        WheelchairAccess::Yes => Some(true),
        WheelchairAccess::No => Some(false),
        WheelchairAccess::Unknown => None,
    }
}

impl Range {
    fn late(&self) -> misto_model::Instant {
        self.latest
    }

    fn early(&self) -> misto_model::Instant {
        self.earliest
    }
}
