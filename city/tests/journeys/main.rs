//! Journeys against every journey there is on small networks, and against a time-dependent
//! Dijkstra on these and on recorded timetables.

mod answers;
mod dijkstra;
mod exhaustive;
mod feed;
mod random;
mod recorded;
mod truth;

use std::collections::{BTreeMap, BTreeSet};

use misto_city::journey::{Live, Picture, Planner, Query, StopWalk, Walk, WalkBasis, When};
use misto_city::transit::{Assignment, MatchReason, Network, Predicted, Range, Run, ServiceState, Tracked};
use misto_model::{Instant, Precision, StopId, VehicleKey};

/// A way on foot of so many seconds.
pub(crate) fn walk(stop: &StopId, walk_s: u32) -> StopWalk {
    let (length_m, basis) = (f64::from(walk_s), WalkBasis::Network);
    let walk = Walk { walk_s, length_m, basis, barriers: Vec::new(), unmeasured: Vec::new() };
    StopWalk { stop: stop.clone(), walk }
}

pub(crate) fn query<'a>(when: When, access: &'a [StopWalk], egress: &'a [StopWalk], step_free: bool) -> Query<'a> {
    let speed_m_s = truth::SPEED_M_S;
    Query { when, access, egress, direct: None, step_free, speed_m_s, rides: 3, journeys: 1_000 }
}

pub(crate) fn at(seconds: i64) -> Instant {
    Instant::from_seconds(seconds).expect("a moment")
}

pub(crate) fn range(seconds: i64, before_s: i64, after_s: i64) -> Range {
    let at = |seconds: i64| Instant::from_micros(seconds * 1_000_000, Precision::Milliseconds).expect("a moment");
    Range { earliest: at(seconds - before_s), likely: at(seconds), latest: at(seconds + after_s) }
}

/// What vehicles tell of some runs, as it lies over the timetable.
pub(crate) fn live(
    network: &Network,
    planner: &Planner,
    now: Instant,
    told: &BTreeMap<Run, truth::Told>,
    known: impl Fn(&Run) -> usize,
    cancelled: &BTreeSet<Run>,
) -> Live {
    let mut vehicles: Vec<(VehicleKey, Assignment, Vec<Predicted>)> = Vec::new();
    for (run, told) in told {
        let pattern = network.pattern_of(run.trip).expect("a line");
        let predicted = |(n, times): (usize, &(Range, Range))| Predicted {
            pattern,
            run: Some(*run),
            call: told.first + n,
            arrival: times.0,
            departure: times.1,
        };
        let assignment = Assignment {
            stands_since: None,
            state: ServiceState::InService,
            reason: MatchReason::Matched,
            pattern: Some(pattern),
            run: Some(*run),
            along_m: Some(0.0),
            next_call: Some(told.first),
            since: now,
            fix_time: now,
        };
        let key = format!("test:city/{:06}", vehicles.len()).parse().expect("a key");
        vehicles.push((key, assignment, told.times.iter().enumerate().take(known(run)).map(predicted).collect()));
    }
    let floors: BTreeMap<&VehicleKey, Option<bool>> =
        vehicles.iter().map(|(key, ..)| key).zip(told.values().map(|told| told.low_floor)).collect();
    let tracked: Vec<Tracked<'_>> = vehicles
        .iter()
        .map(|(vehicle, assignment, predictions)| Tracked { vehicle, assignment, predictions })
        .collect();
    let picture = Picture {
        now,
        vehicles: &tracked,
        visits: &[],
        cancelled,
        low_floor: &|vehicle| floors.get(vehicle).copied().flatten(),
        may_drive: &|_, _| true,
        lost_after_s: 120.0,
    };
    Live::new(network, planner, &picture)
}
