//! The vehicles of one direction of a route in order, with the time between them.

use jiff::SignedDuration;
use misto_model::{Instant, RouteId, VehicleKey};
use serde::{Deserialize, Serialize};

use super::{Regularity, median};
use crate::transit::arrivals::Tracked;
use crate::transit::assignment::ServiceState;
use crate::transit::network::{Network, PatternIndex, Run};
use crate::transit::travel_times::TravelTimes;

/// One direction of a route just now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LineHeadways {
    /// Which route.
    pub route: RouteId,
    /// GTFS direction.
    pub direction: Option<u8>,
    /// The way along which the vehicles are put in order: the one most of them drive.
    pub pattern: PatternIndex,
    /// Vehicles, the first in front.
    pub vehicles: Vec<Follower>,
}

/// A vehicle and the one in front of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Follower {
    /// Who.
    pub vehicle: VehicleKey,
    /// Which trip.
    pub run: Option<Run>,
    /// Metres from the start of the pattern.
    pub along_m: f64,
    /// The call it comes to next.
    pub next_call: usize,
    /// Seconds it needs to where the one in front is; `None` for the first.
    pub headway_s: Option<f64>,
    /// What the interval should be; `None` when neither timetable nor history tell.
    pub planned: Option<PlannedHeadway>,
    /// Interval against plan; `None` for the first, and without a plan.
    pub state: Option<Regularity>,
}

/// What an interval is measured by.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum PlannedHeadway {
    /// Of the timetable at the next stop, seconds.
    Timetable(f64),
    /// Median observed there, seconds: the route has no timetable.
    ObservedMedian(f64),
}

impl PlannedHeadway {
    /// Seconds, whoever says so.
    pub fn seconds(self) -> f64 {
        match self {
            Self::Timetable(seconds) | Self::ObservedMedian(seconds) => seconds,
        }
    }
}

/// Planned departures so far around now give the plan of a vehicle without a trip.
const AROUND: SignedDuration = SignedDuration::from_mins(45);

/// Vehicles in service on one direction of a route. `observed_median_s` is that of the
/// route's [`report`](super::report) and takes the plan's place when it has no timetable.
/// `None` when no vehicle is on it. Silent vehicles are the caller's to leave out.
pub fn live(
    network: &Network,
    times: &TravelTimes,
    vehicles: &[Tracked<'_>],
    (route, direction): (&RouteId, Option<u8>),
    observed_median_s: Option<f64>,
    now: Instant,
) -> Option<LineHeadways> {
    let ways: Vec<PatternIndex> = network.patterns_of(route).to_vec();
    let ours = |pattern: &PatternIndex| ways.contains(pattern) && network.pattern(*pattern).direction == direction;
    let on_it: Vec<(&Tracked<'_>, PatternIndex)> = vehicles
        .iter()
        .filter(|tracked| matches!(tracked.assignment.state, ServiceState::InService | ServiceState::OffRoute))
        .filter_map(|tracked| Some((tracked, tracked.assignment.pattern.filter(ours)?)))
        .collect();
    let driven = |pattern: PatternIndex| on_it.iter().filter(|(_, of)| *of == pattern).count();
    let main = on_it.iter().map(|(_, of)| *of).max_by_key(|of| (driven(*of), std::cmp::Reverse(*of)))?;
    let mut followers: Vec<Follower> = on_it.iter().filter_map(|(one, of)| place(network, main, *of, one)).collect();
    followers.sort_by(|a, b| b.along_m.total_cmp(&a.along_m).then_with(|| a.vehicle.cmp(&b.vehicle)));
    for place in 0..followers.len() {
        let ahead_m = place.checked_sub(1).map(|ahead| followers[ahead].along_m);
        let one = &mut followers[place];
        one.headway_s = ahead_m.map(|to_m| times.usual_between(network, main, (one.along_m, to_m), now));
        one.planned = planned(network, (route, direction), main, one, now)
            .map(PlannedHeadway::Timetable)
            .or(observed_median_s.map(PlannedHeadway::ObservedMedian));
        one.state = one.headway_s.zip(one.planned).and_then(|(h, planned)| Regularity::of(h, planned.seconds()));
    }
    Some(LineHeadways { route: route.clone(), direction, pattern: main, vehicles: followers })
}

/// Where a vehicle is on the main way: on another way, by the stop it comes to next.
/// `None` when that stop is not on the main way.
fn place(network: &Network, main: PatternIndex, of: PatternIndex, tracked: &Tracked<'_>) -> Option<Follower> {
    let (along_m, next) = (tracked.assignment.along_m?, tracked.assignment.next_call?);
    let (along_m, next_call) = if of == main {
        (along_m, next)
    } else {
        let call = &network.pattern(of).calls[next];
        let calls = &network.pattern(main).calls;
        let on_main = calls.iter().position(|other| other.stop == call.stop)?;
        ((calls[on_main].along_m - (call.along_m - along_m)).max(0.0), on_main)
    };
    let (vehicle, run) = (tracked.vehicle.clone(), tracked.assignment.run);
    Some(Follower { vehicle, run, along_m, next_call, headway_s: None, planned: None, state: None })
}

/// Interval of the timetable before this vehicle's trip at its next stop; without a
/// trip the median of the intervals around now.
fn planned(
    network: &Network,
    (route, direction): (&RouteId, Option<u8>),
    main: PatternIndex,
    one: &Follower,
    now: Instant,
) -> Option<f64> {
    let stop = &network.pattern(main).calls[one.next_call].stop;
    let own = one.run.and_then(|run| {
        let pattern = network.pattern(network.pattern_of(run.trip)?);
        let call = pattern.calls.iter().position(|call| call.stop == *stop)?;
        Some(network.planned(run, call)?.departure)
    });
    let middle = own.unwrap_or(now.timestamp());
    let mut departures = Vec::new();
    for &(pattern, call) in network.calls_at(stop) {
        let way = network.pattern(pattern);
        if way.route == *route && way.direction == direction {
            let runs = network.runs_between(pattern, middle - AROUND, middle + AROUND);
            departures.extend(runs.into_iter().filter_map(|run| Some(network.planned(run, call)?.departure)));
        }
    }
    departures.sort_unstable();
    if let Some(own) = own {
        let before = departures.iter().rev().find(|at| **at < own)?;
        return Some(own.duration_since(*before).as_secs_f64());
    }
    let near = departures.iter().filter(|at| at.duration_since(middle).abs() <= AROUND).copied().collect::<Vec<_>>();
    median(&mut near.windows(2).map(|pair| pair[1].duration_since(pair[0]).as_secs_f64()).collect::<Vec<_>>())
}
