//! What is known of the vehicles, laid over the timetable: which runs have other times, and
//! which are left out.

use std::collections::{BTreeSet, HashMap, HashSet};

use misto_model::{Instant, RouteId, VehicleKey, WheelchairAccess};

use super::Planner;
use super::told::{RideState, whole_seconds};
use crate::transit::arrivals::{LowFloor, LowFloorSource, Situation, unclaimed};
use crate::transit::{ArrivalState, Network, Predicted, Range, Run, StopVisit, Tracked};

/// What is known of the city's vehicles at a moment.
#[derive(Clone, Copy)]
pub struct Picture<'a> {
    /// When.
    pub now: Instant,
    /// Every vehicle of passenger transport, silent ones too.
    pub vehicles: &'a [Tracked<'a>],
    /// Visits of the last minutes.
    pub visits: &'a [StopVisit],
    /// Runs that a feed told do not take place.
    pub cancelled: &'a BTreeSet<Run>,
    /// What the register of vehicles says; `None` when it does not know.
    pub low_floor: &'a dyn Fn(&VehicleKey) -> Option<bool>,
    /// Whether a vehicle whose way is not known may be on a route.
    pub may_drive: &'a dyn Fn(&VehicleKey, &RouteId) -> bool,
    /// Seconds after its last fix at which a vehicle counts as lost.
    pub lost_after_s: f64,
}

/// A run that is told otherwise than the timetable has it.
#[derive(Debug, Clone)]
pub(super) struct LiveRun {
    pub(super) run: Run,
    /// Its lane.
    pub(super) lane: u32,
    /// The first call at which it can still be boarded; `times` begin there.
    pub(super) first: usize,
    /// Arrival and departure.
    pub(super) times: Vec<(Range, Range)>,
    pub(super) state: RideState,
    pub(super) vehicle: Option<VehicleKey>,
    pub(super) low_floor: Option<LowFloor>,
}

/// Live runs of a lane of which none overtakes another, as in the lanes of the timetable.
#[derive(Debug)]
pub(super) struct LiveLane {
    pub(super) lane: u32,
    /// Numbers of runs.
    pub(super) runs: Vec<u32>,
    /// Run by run, arrival and departure after the base: the likely ones; and arrivals as late,
    /// departures as early as they are nine times in ten. [`GONE`] at calls that are passed.
    pub(super) likely: Vec<(i32, i32)>,
    pub(super) cautious: Vec<(i32, i32)>,
}

/// Earlier than everything.
pub(super) const GONE: i32 = i32::MIN / 4;

/// The timetable's corrections at one moment. Good for the planner it was made for.
#[derive(Debug, Default)]
pub struct Live {
    pub(super) runs: Vec<LiveRun>,
    pub(super) lanes: Vec<LiveLane>,
    /// Seconds since 1970 from which the times of `lanes` count.
    pub(super) base_s: i64,
    /// Runs that are not to be searched in the timetable: told otherwise, cancelled, not driven.
    pub(super) not_planned: HashSet<Run>,
    /// Lanes of those runs.
    pub(super) touched: HashSet<u32>,
    /// Lanes of runs told otherwise by the stop at which they call, and at which call.
    pub(super) at_stop: HashMap<u32, Vec<(u32, u16)>>,
    pub(super) by_run: HashMap<Run, u32>,
}

impl Live {
    /// The corrections that a picture of the vehicles gives.
    pub fn new(network: &Network, planner: &Planner, picture: &Picture<'_>) -> Self {
        let mut live = Self { base_s: whole_seconds(picture.now), ..Self::default() };
        for run in picture.cancelled {
            live.leave_out(planner, *run);
        }
        live.claimed(network, planner, picture);
        live.without_vehicle(network, planner, picture);
        live.by_run = live.runs.iter().map(|told| told.run).zip(0..).collect();
        live.lay_out(planner);
        live
    }

    /// Lays the runs out in lanes without overtaking.
    fn lay_out(&mut self, planner: &Planner) {
        let mut order: Vec<u32> = (0..self.runs.len() as u32).collect();
        let ends = |number: &u32| self.runs[*number as usize].times.last().map(|(arrival, _)| arrival.likely.micros());
        order.sort_by_key(|number| (self.runs[*number as usize].lane, ends(number)));
        let mut lanes: Vec<LiveLane> = Vec::new();
        for number in order {
            let told = &self.runs[number as usize];
            let calls = planner.lanes.lanes[told.lane as usize].stops.len();
            let [likely, cautious] = told.seconds(calls, self.base_s);
            let fits = |lane: &&mut LiveLane| in_order(&lane.likely, &likely) && in_order(&lane.cautious, &cautious);
            let of_lane = lanes.iter_mut().rev().take_while(|lane| lane.lane == told.lane);
            match of_lane.into_iter().find(fits) {
                Some(lane) => {
                    lane.runs.push(number);
                    lane.likely.extend(likely);
                    lane.cautious.extend(cautious);
                }
                None => lanes.push(LiveLane { lane: told.lane, runs: vec![number], likely, cautious }),
            }
        }
        for (number, lane) in lanes.iter().enumerate() {
            let first = lane.runs.iter().map(|run| self.runs[*run as usize].first).min().unwrap_or(0);
            let stops = &planner.lanes.lanes[lane.lane as usize].stops;
            for (call, stop) in stops.iter().enumerate().skip(first) {
                self.at_stop.entry(*stop).or_default().push((number as u32, call as u16));
            }
        }
        self.lanes = lanes;
    }

    /// Whether nothing is known beside the timetable.
    pub fn is_empty(&self) -> bool {
        self.not_planned.is_empty()
    }

    /// Runs whose times a vehicle tells.
    pub fn followed(&self) -> usize {
        self.runs.iter().filter(|told| told.vehicle.is_some()).count()
    }

    fn leave_out(&mut self, planner: &Planner, run: Run) -> Option<u32> {
        let (lane, _) = *planner.lanes.places.get(&run.trip)?;
        self.touched.insert(lane);
        self.not_planned.insert(run).then_some(lane)
    }

    /// Runs that a vehicle drives or will drive. Of two that claim one run the one that is on it
    /// already counts, then the one that speaks latest: as on the boards.
    fn claimed(&mut self, network: &Network, planner: &Planner, picture: &Picture<'_>) {
        let mut vehicles: Vec<&Tracked<'_>> = picture.vehicles.iter().collect();
        vehicles.sort_by_key(|tracked| std::cmp::Reverse(tracked.assignment.fix_time.micros()));
        for on_it in [true, false] {
            for tracked in &vehicles {
                for ahead in tracked.predictions.chunk_by(|a, b| a.run == b.run) {
                    let Some(run) = ahead[0].run.filter(|run| (Some(*run) == tracked.assignment.run) == on_it) else {
                        continue;
                    };
                    if let Some(lane) = self.leave_out(planner, run) {
                        let told = followed(network, (run, lane), tracked, ahead, picture);
                        self.runs.extend(told);
                    }
                }
            }
        }
    }

    /// Runs that should be under way and that no vehicle claims.
    fn without_vehicle(&mut self, network: &Network, planner: &Planner, picture: &Picture<'_>) {
        let now = picture.now.timestamp();
        let days = network.service_days(now, now);
        let routes: BTreeSet<&RouteId> = network.patterns().map(|(_, pattern)| &pattern.route).collect();
        for route in routes {
            let patterns = network.patterns_of(route).iter();
            let running = |pattern| network.runs_on_days(pattern, &days, now, now);
            let runs: Vec<Run> = patterns.flat_map(|pattern| running(*pattern)).collect();
            let open: Vec<Run> = runs.into_iter().filter(|run| !self.not_planned.contains(run)).collect();
            if open.is_empty() {
                continue;
            }
            let seen = Seen::new(network, route, picture);
            for run in open {
                self.one_without_vehicle(network, planner, run, &seen.situation(picture));
            }
        }
    }

    fn one_without_vehicle(&mut self, network: &Network, planner: &Planner, run: Run, situation: &Situation<'_>) {
        let Some(pattern) = network.pattern_of(run.trip) else { return };
        let calls = network.pattern(pattern).calls.len();
        let state = |call: usize| {
            let planned = Instant::from_timestamp(network.planned(run, call)?.departure);
            unclaimed(network, pattern, call, run, situation.now.seconds_since(planned), situation)
        };
        if matches!(state(calls - 1), Some(ArrivalState::Scheduled)) {
            return;
        }
        let Some(lane) = self.leave_out(planner, run) else { return };
        // Vehicles whose trip is not known may be this one for the calls before them only.
        let tells = |call: &usize| matches!(state(*call), Some(ArrivalState::Unknown));
        let Some(first) = (0..calls).find(tells) else { return };
        let planned = (first..calls).filter_map(|call| network.planned(run, call));
        let exactly = |at| {
            let at = Instant::from_timestamp(at);
            Range { earliest: at, likely: at, latest: at }
        };
        let times = planned.map(|planned| (exactly(planned.arrival), exactly(planned.departure))).collect();
        let low_floor = by_timetable(network, run);
        self.runs.push(LiveRun { run, lane, first, times, state: RideState::Unknown, vehicle: None, low_floor });
    }
}

impl LiveRun {
    /// Likely and cautious times of all calls.
    fn seconds(&self, calls: usize, base_s: i64) -> [Vec<(i32, i32)>; 2] {
        let second = |at: Instant| (whole_seconds(at) - base_s) as i32;
        let of = |at: fn(&(Range, Range)) -> (Instant, Instant)| {
            let told = self.times.iter().map(at).map(|(arrival, departure)| (second(arrival), second(departure)));
            std::iter::repeat_n((GONE, GONE), self.first).chain(told).take(calls).collect()
        };
        [
            of(|(arrival, departure)| (arrival.likely, departure.likely)),
            of(|(arrival, departure)| (arrival.latest, departure.earliest)),
        ]
    }
}

/// Whether a run may follow the last of a lane.
fn in_order(lane: &[(i32, i32)], run: &[(i32, i32)]) -> bool {
    let last = &lane[lane.len() - run.len()..];
    last.iter().zip(run).all(|(a, b)| a.0 <= b.0 && a.1 <= b.1)
}

/// What concerns one route.
struct Seen<'a> {
    vehicles: Vec<Tracked<'a>>,
    visits: Vec<StopVisit>,
    cancelled: Box<dyn Fn(Run) -> bool + 'a>,
}

impl<'a> Seen<'a> {
    fn new(network: &Network, route: &RouteId, picture: &Picture<'a>) -> Self {
        let concerns = |tracked: &&Tracked<'_>| match tracked.assignment.pattern {
            Some(pattern) => network.pattern(pattern).route == *route,
            None => (picture.may_drive)(tracked.vehicle, route),
        };
        let of_route = |visit: &&StopVisit| network.pattern(visit.pattern).route == *route;
        let cancelled = picture.cancelled;
        Self {
            vehicles: picture.vehicles.iter().filter(concerns).copied().collect(),
            visits: picture.visits.iter().filter(of_route).cloned().collect(),
            cancelled: Box::new(move |run| cancelled.contains(&run)),
        }
    }

    fn situation<'b>(&'b self, picture: &Picture<'b>) -> Situation<'b> {
        Situation {
            now: picture.now,
            vehicles: &self.vehicles,
            visits: &self.visits,
            cancelled: &*self.cancelled,
            low_floor: picture.low_floor,
            lost_after_s: picture.lost_after_s,
            ahead_s: 0.0,
            limit: 0,
        }
    }
}

fn followed(
    network: &Network,
    (run, lane): (Run, u32),
    tracked: &Tracked<'_>,
    ahead: &[Predicted],
    picture: &Picture<'_>,
) -> Option<LiveRun> {
    let fix_age_s = picture.now.seconds_since(tracked.assignment.fix_time).max(0.0);
    let lost = fix_age_s > picture.lost_after_s;
    let state = if lost { RideState::Lost { fix_age_s } } else { RideState::Predicted { fix_age_s } };
    let last = ahead.last()?;
    let mut times: Vec<(Range, Range)> = ahead.iter().map(|one| (one.arrival, one.departure)).collect();
    let calls = network.pattern(last.pattern).calls.len();
    // Beyond what is predicted it keeps the delay, and the doubt, of the last call that is.
    let known = network.planned(run, last.call)?;
    for call in last.call + 1..calls {
        let planned = network.planned(run, call)?;
        let arrival_s = planned.arrival.duration_since(known.departure).as_secs_f64().max(0.0);
        let stays_s = planned.departure.duration_since(planned.arrival).as_secs_f64().max(0.0);
        times.push((later(last.departure, arrival_s)?, later(last.departure, arrival_s + stays_s)?));
    }
    let registered = (picture.low_floor)(tracked.vehicle);
    let by_register = registered.map(|is| LowFloor { is, source: LowFloorSource::Register });
    let low_floor = by_register.or_else(|| by_timetable(network, run));
    let (first, vehicle) = (ahead[0].call, Some(tracked.vehicle.clone()));
    Some(LiveRun { run, lane, first, times, state, vehicle, low_floor })
}

fn later(range: Range, seconds: f64) -> Option<Range> {
    let at = |at: Instant| Instant::from_micros(at.micros() + (seconds * 1e6) as i64, at.precision()).ok();
    Some(Range { earliest: at(range.earliest)?, likely: at(range.likely)?, latest: at(range.latest)? })
}

/// What the timetable says of the floor of a run.
pub(super) fn by_timetable(network: &Network, run: Run) -> Option<LowFloor> {
    let source = LowFloorSource::Timetable;
    match network.trip(run.trip).wheelchair_accessible {
        WheelchairAccess::Yes => Some(LowFloor { is: true, source }),
        WheelchairAccess::No => Some(LowFloor { is: false, source }),
        WheelchairAccess::Unknown => None,
    }
}
