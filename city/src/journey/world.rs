//! What one search moves in: lanes on service days and live runs, forwards or backwards.
//!
//! Backwards is the same search in a mirror: time is negated, calls and trips stand in the
//! opposite order, getting off is boarding. So one search finds the earliest arrival and the
//! latest departure.

use std::collections::HashSet;

use misto_model::WheelchairAccess;

use super::Planner;
use super::days::{Day, Days};
use super::footpaths::Footpath;
use super::lanes::Lane;
use super::live::{Live, LiveLane, LiveRun};
use crate::transit::Run;

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

/// A line to be ridden: a lane on one service day, or a lane of live runs.
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
    /// By line: whether anything runs there in the time that is looked through.
    served: Vec<bool>,
}

impl<'a> World<'a> {
    /// `ahead_s`: seconds after the base that are looked through.
    pub(super) fn new(planner: &'a Planner, live: &'a Live, days: &'a Days, demands: Demands, ahead_s: i32) -> Self {
        let usable = |boarding: &WheelchairAccess| allows(demands, as_known(*boarding));
        let lanes = &planner.lanes.lanes;
        let touched = (0..lanes.len() as u32).map(|lane| live.touched.contains(&lane)).collect();
        let in_time = |lane: &Lane, day: &Day| {
            let (first, last) = lane.spans();
            first + day.offset_s <= ahead_s && last + day.offset_s >= 0
        };
        let runs = |lane: &Lane, day: &Day| lane.services.iter().any(|service| day.runs[*service as usize]);
        let of_lane = |lane: &'a Lane| days.days.iter().map(move |day| in_time(lane, day) && runs(lane, day));
        let served = lanes.iter().flat_map(of_lane).collect();
        let usable = planner.lanes.boarding.iter().map(usable).collect();
        Self { planner, live, days, demands, usable, touched, served }
    }

    pub(super) fn stops(&self) -> usize {
        self.usable.len()
    }

    pub(super) fn lines(&self) -> usize {
        self.served.len() + self.live.lanes.len()
    }

    pub(super) fn is_usable(&self, stop: u32) -> bool {
        self.usable[stop as usize]
    }

    /// A line with everything that riding it asks.
    pub(super) fn line(&self, line: LineNumber) -> Line<'_> {
        let days = self.days.days.len();
        let lanes = &self.planner.lanes.lanes;
        match (line as usize).checked_sub(self.served.len()) {
            None => {
                let lane = line as usize / days;
                let day = &self.days.days[line as usize % days];
                let not_planned = self.touched[lane].then_some(&self.live.not_planned);
                let kind = Kind::Planned { day, not_planned };
                Line { lane: &lanes[lane], kind, demands: self.demands }
            }
            Some(live) => {
                let of = &self.live.lanes[live];
                let times = if self.demands.times == Times::Cautious { &of.cautious } else { &of.likely };
                let offset_s = (self.live.base_s - self.days.base_s) as i32;
                let kind = Kind::Live { of, runs: &self.live.runs, times, offset_s };
                Line { lane: &lanes[of.lane as usize], kind, demands: self.demands }
            }
        }
    }

    /// Every line that calls at a stop, with the call.
    pub(super) fn lines_at(&self, stop: u32) -> impl Iterator<Item = (LineNumber, u16)> + '_ {
        let days = self.days.days.len() as u32;
        let planned = self.planner.lanes.at_stop[stop as usize].iter();
        let planned = planned.flat_map(move |(lane, call)| (0..days).map(move |day| (lane * days + day, *call)));
        let planned = planned.filter(|(line, _)| self.served[*line as usize]);
        let first = self.served.len() as u32;
        let live = self.live.at_stop.get(&stop).into_iter().flatten();
        planned.chain(live.map(move |(number, call)| (first + number, *call)))
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

/// A line as it is ridden.
pub(super) struct Line<'a> {
    pub(super) lane: &'a Lane,
    kind: Kind<'a>,
    demands: Demands,
}

enum Kind<'a> {
    Planned { day: &'a Day, not_planned: Option<&'a HashSet<Run>> },
    Live { of: &'a LiveLane, runs: &'a [LiveRun], times: &'a [(i32, i32)], offset_s: i32 },
}

impl Line<'_> {
    pub(super) fn run(&self, trip: u32) -> Run {
        match &self.kind {
            Kind::Planned { day, .. } => Run { trip: self.lane.trips[trip as usize].index, day: day.date },
            Kind::Live { of, runs, .. } => runs[of.runs[trip as usize] as usize].run,
        }
    }

    /// Arrival and departure, seconds after the base.
    fn time(&self, trip: u32, call: usize) -> (i32, i32) {
        match &self.kind {
            Kind::Planned { day, .. } => {
                let time = self.lane.time(trip as usize, call);
                (time.arrival + day.offset_s, time.departure + day.offset_s)
            }
            Kind::Live { times, offset_s, .. } => {
                let (arrival, departure) = times[trip as usize * self.lane.stops.len() + call];
                (arrival + offset_s, departure + offset_s)
            }
        }
    }

    fn trip_runs(&self, trip: u32) -> bool {
        match &self.kind {
            Kind::Planned { day, not_planned } => {
                let trip = &self.lane.trips[trip as usize];
                let left_out =
                    || not_planned.is_some_and(|runs| runs.contains(&Run { trip: trip.index, day: day.date }));
                day.runs[trip.service as usize] && allows(self.demands, as_known(trip.floor)) && !left_out()
            }
            Kind::Live { of, runs, .. } => {
                let told = &runs[of.runs[trip as usize] as usize];
                allows(self.demands, told.low_floor.map(|low_floor| low_floor.is))
            }
        }
    }

    fn trips(&self) -> u32 {
        match &self.kind {
            Kind::Planned { .. } => self.lane.trips.len() as u32,
            Kind::Live { of, .. } => of.runs.len() as u32,
        }
    }

    /// The first trip that leaves a call at a moment or later, before a trip that is ridden
    /// already.
    pub(super) fn first_trip<const BACK: bool>(&self, call: usize, ready: i32, before: Option<u32>) -> Option<u32> {
        let trips = self.trips();
        let mirrored = |place: u32| if BACK { trips - 1 - place } else { place };
        let end = before.map_or(trips, mirrored);
        let (mut low, mut high) = (0, end);
        while low < high {
            let middle = (low + high) / 2;
            if self.leaves::<BACK>(mirrored(middle), call) < ready { low = middle + 1 } else { high = middle }
        }
        (low..end).map(mirrored).find(|trip| self.trip_runs(*trip))
    }

    /// When trips leave a call within a period (its end excluded), in order.
    pub(super) fn departures(&self, call: usize, from: i32, to: i32) -> impl Iterator<Item = i32> + '_ {
        let (mut low, mut high) = (0, self.trips());
        while low < high {
            let middle = (low + high) / 2;
            if self.leaves::<false>(middle, call) < from { low = middle + 1 } else { high = middle }
        }
        (low..self.trips())
            .map(move |trip| (trip, self.leaves::<false>(trip, call)))
            .take_while(move |(_, at)| *at < to)
            .filter(|(trip, _)| self.trip_runs(*trip))
            .map(|(_, at)| at)
    }

    /// When a trip leaves a call, in the direction of the search.
    pub(super) fn leaves<const BACK: bool>(&self, trip: u32, call: usize) -> i32 {
        let (arrival, departure) = self.time(trip, call);
        if BACK { -arrival } else { departure }
    }

    /// When a trip comes to a call, in the direction of the search.
    pub(super) fn comes<const BACK: bool>(&self, trip: u32, call: usize) -> i32 {
        let (arrival, departure) = self.time(trip, call);
        if BACK { -departure } else { arrival }
    }

    /// Whether one may get on (in the direction of the search) at a call.
    pub(super) fn takes_on<const BACK: bool>(&self, call: usize) -> bool {
        if BACK { self.lane.alights[call] } else { self.lane.boards[call] }
    }

    /// Whether one may get off (in the direction of the search) at a call.
    pub(super) fn sets_down<const BACK: bool>(&self, call: usize) -> bool {
        if BACK { self.lane.boards[call] } else { self.lane.alights[call] }
    }
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
