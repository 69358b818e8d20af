//! Rows of trips that no vehicle claims.

use std::collections::HashSet;

use jiff::SignedDuration;
use misto_model::Instant;

use super::{Arrival, ArrivalState, Situation};
use crate::transit::assignment::{MatchReason, ServiceState};
use crate::transit::network::{Network, PatternIndex, Run};

/// A trip without a vehicle is given so long after its start before it counts as missing:
/// matching needs two minutes of fixes, and a late start is usual.
const GRACE_S: f64 = 300.0;
/// So long after the planned departure a missing trip is still told.
const MISSED_S: f64 = 600.0;
/// So long after the planned departure a trip of which nobody tells is still shown.
const UNKNOWN_S: f64 = 60.0;

pub(super) fn rows(
    network: &Network,
    boarding: &[(PatternIndex, usize)],
    situation: &Situation<'_>,
    taken: &HashSet<(Run, usize)>,
) -> Vec<Arrival> {
    let now = situation.now.timestamp();
    let (from, to) =
        (now - SignedDuration::from_secs_f64(MISSED_S), now + SignedDuration::from_secs_f64(situation.ahead_s));
    let mut rows = Vec::new();
    for &(pattern, call) in boarding {
        for run in network.runs_between(pattern, from, to) {
            let Some(planned) = network.planned(run, call).filter(|planned| (from..=to).contains(&planned.departure))
            else {
                continue;
            };
            if taken.contains(&(run, call)) {
                continue;
            }
            let since_s = situation.now.seconds_since(Instant::from_timestamp(planned.departure));
            if let Some(state) = state(network, pattern, call, run, since_s, situation) {
                rows.push(Arrival::new(pattern, call, Some(run), None, state));
            }
        }
    }
    rows
}

/// What is told of a run at a call that no vehicle claims, so many seconds after it was planned
/// to leave there; `None` when it is gone, or nothing of it is to be told any more.
pub(crate) fn state(
    network: &Network,
    pattern: PatternIndex,
    call: usize,
    run: Run,
    since_s: f64,
    situation: &Situation<'_>,
) -> Option<ArrivalState> {
    if (situation.cancelled)(run) {
        return Some(ArrivalState::Cancelled);
    }
    if is_beyond(run, call, situation) {
        return None;
    }
    let start = Instant::from_timestamp(network.planned(run, 0)?.departure);
    if situation.now.seconds_since(start) < GRACE_S {
        return (since_s < GRACE_S).then_some(ArrivalState::Scheduled);
    }
    match reports(network, pattern, call, situation) {
        Reports::Known if since_s < MISSED_S => Some(ArrivalState::NotRunning),
        Reports::None | Reports::TripUnknown if since_s < UNKNOWN_S => Some(ArrivalState::Unknown),
        _ => None,
    }
}

/// Whether a vehicle is known to have driven this run past the call.
fn is_beyond(run: Run, call: usize, situation: &Situation<'_>) -> bool {
    let visited = situation.visits.iter().any(|visit| visit.run == Some(run) && visit.call >= call);
    let assigned = situation.vehicles.iter().map(|tracked| tracked.assignment).filter(|one| one.run == Some(run));
    visited || assigned.into_iter().any(|one| one.next_call.is_none_or(|next| next > call))
}

enum Reports {
    None,
    TripUnknown,
    Known,
}

/// What the vehicles of a route tell about a trip that none of them claims.
fn reports(network: &Network, pattern: PatternIndex, call: usize, situation: &Situation<'_>) -> Reports {
    let route = &network.pattern(pattern).route;
    let mut told = Reports::None;
    for one in situation.vehicles.iter().map(|tracked| tracked.assignment) {
        let heard = situation.now.seconds_since(one.fix_time) <= situation.lost_after_s;
        // One that is being sought may be just this trip; the caller leaves out those of other routes.
        let sought =
            matches!(one.reason, MatchReason::TooFewFixes | MatchReason::SeveralWays | MatchReason::SeveralTrips);
        if heard && one.pattern.is_none() && sought {
            return Reports::TripUnknown;
        }
        let Some(of) = one.pattern.filter(|of| heard && network.pattern(*of).route == *route) else { continue };
        let may_be_it = of == pattern && one.run.is_none() && one.next_call.is_some_and(|next| next <= call);
        let drives = !matches!(one.state, ServiceState::AtDepot | ServiceState::Unknown);
        if may_be_it {
            return Reports::TripUnknown;
        }
        if drives {
            told = Reports::Known;
        }
    }
    told
}
