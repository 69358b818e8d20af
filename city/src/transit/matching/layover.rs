//! Vehicles between trips: at a terminus, at a depot, on an empty way.

use misto_model::{Instant, Position};

use super::choice::{Period, day_start_s, delay_cost, runs_near};
use super::holders::{Availability, Hold, Stage};
use super::rules::MatchRules;
use super::vehicle::{Shared, Tracked, Waiting};
use crate::transit::assignment::{Assignment, MatchReason, ServiceState};
use crate::transit::network::{Network, PatternIndex, Run};

/// A departure that is past by less is not missed.
const LATE_S: f64 = 60.0;

/// Gives back the run that a vehicle waits for.
pub(super) fn give_back(vehicle: &mut Tracked, shared: &mut Shared) {
    if let Some(run) = vehicle.waiting.take().and_then(|waiting| waiting.run) {
        shared.holders.give_back(run, vehicle.number);
    }
}

/// Looks for the next departure of a vehicle that has none, and gives up one that it
/// cannot drive any more.
pub(super) fn wait(vehicle: &mut Tracked, network: &Network, now_s: f64, shared: &mut Shared) {
    let place = vehicle.last.map(|(place, _)| place);
    let Some(place) = place.filter(|place| is_waiting(vehicle, network, *place, shared)) else {
        let reason = vehicle.waiting.map_or(MatchReason::TooFewFixes, |waiting| waiting.reason);
        give_back(vehicle, shared);
        vehicle.waiting = Some(Waiting { pattern: None, run: None, reason });
        return;
    };
    let kept = vehicle.waiting.and_then(|waiting| waiting.run);
    let kept =
        kept.filter(|run| shared.holders.holds(*run, vehicle.number) && !is_over(network, *run, now_s, &shared.rules));
    let late_s = kept.and_then(|run| leaves_s(network, run)).map(|at_s| now_s - at_s);
    let named = vehicle.told().run.filter(|named| Some(*named) != kept);
    if named.is_none() && late_s.is_some_and(|late_s| late_s < LATE_S) {
        return;
    }
    let next = next_run(vehicle, network, place, now_s, shared);
    // A late vehicle waits on, until the departure after it is nearer.
    let nearer =
        |run: Run| leaves_s(network, run).is_some_and(|at_s| late_s.is_none_or(|late_s| at_s - now_s < late_s));
    if kept.is_some() && !next.is_some_and(|(_, run, told)| told || nearer(run)) {
        return;
    }
    give_back(vehicle, shared);
    vehicle.waiting = Some(match next {
        Some((pattern, run, told)) => {
            let hold = Hold { vehicle: vehicle.number, cost: 0.0, told, stage: Stage::Waits };
            shared.holders.take(run, hold);
            let reason = if told { MatchReason::Told } else { MatchReason::Matched };
            Waiting { pattern: Some(pattern), run: Some(run), reason }
        }
        None => Waiting { pattern: None, run: None, reason: MatchReason::NoTrip },
    });
}

/// At the end of a trip, or standing where one begins that it could drive.
fn is_waiting(vehicle: &Tracked, network: &Network, place: Position, shared: &Shared) -> bool {
    let rules = &shared.rules;
    let here = vehicle.ended.as_ref().is_some_and(|ended| ended.place.distance_m(place) <= 2.0 * rules.terminus_m);
    if here {
        return true;
    }
    // Parked at a terminus with its tracker on it would be a ghost at every stop of the line.
    if !vehicle.has_driven {
        return false;
    }
    let stands = vehicle.still.is_some_and(|still| still.stands_s() >= 60.0);
    stands && !shared.depots.is_depot(place) && starts_here(vehicle, network, place, rules).next().is_some()
}

/// Patterns that begin here and are of a route that the vehicle drives, by its word or by its last trip.
fn starts_here<'a>(
    vehicle: &'a Tracked,
    network: &'a Network,
    place: Position,
    rules: &'a MatchRules,
) -> impl Iterator<Item = PatternIndex> + 'a {
    let told = vehicle.told();
    let believed = !told.routes.is_empty() && !vehicle.distrusted;
    let last = vehicle.ended.as_ref().map(|ended| &ended.route).filter(|_| !believed);
    let routes = told.routes.iter().filter(move |_| believed).chain(last);
    let patterns = routes.flat_map(|route| network.patterns_of(route)).copied();
    patterns.filter(move |index| begins_at(network, *index, place) <= rules.terminus_m)
}

fn begins_at(network: &Network, index: PatternIndex, place: Position) -> f64 {
    let pattern = network.pattern(index);
    pattern.calls.first().map_or(f64::INFINITY, |call| pattern.line.at(call.along_m).distance_m(place))
}

/// The run that the tracker names, else the block's next, else the next that nobody has.
fn next_run(
    vehicle: &Tracked,
    network: &Network,
    place: Position,
    now_s: f64,
    shared: &Shared,
) -> Option<(PatternIndex, Run, bool)> {
    let rules = &shared.rules;
    let is_free = |run: Run, told: bool| {
        let wanted = Hold { vehicle: vehicle.number, cost: 0.0, told, stage: Stage::Waits };
        shared.holders.availability(run, wanted, rules.margin) != Availability::Taken
    };
    let fits = |run: Run| -> Option<PatternIndex> {
        let pattern = network.pattern_of(run.trip)?;
        let near = begins_at(network, pattern, place) <= 2.0 * rules.terminus_m;
        (near && !is_over(network, run, now_s, rules) && leaves_s(network, run)? < now_s + rules.layover_at_most_s)
            .then_some(pattern)
    };
    if let Some((run, pattern)) = vehicle.told().run.and_then(|run| Some((run, fits(run)?)))
        && is_free(run, true)
    {
        return Some((pattern, run, true));
    }
    let last = vehicle.ended.as_ref().and_then(|ended| ended.run);
    if let Some(last) = last
        && network.trip(last.trip).block.is_some()
    {
        let next = network.later_in_block(last).next()?;
        return fits(next).filter(|_| is_free(next, false)).map(|pattern| (pattern, next, false));
    }
    let period = Period::around(network, now_s, rules.layover_at_most_s)?;
    let mut found: Option<(f64, PatternIndex, Run)> = None;
    for pattern in starts_here(vehicle, network, place, rules) {
        for (run, _) in runs_near(network, pattern, &period) {
            let Some(at_s) = leaves_s(network, run) else { continue };
            let earlier = found.is_none_or(|(best_s, ..)| at_s < best_s);
            if earlier && at_s >= now_s - LATE_S && fits(run).is_some() && is_free(run, false) {
                found = Some((at_s, pattern, run));
            }
        }
    }
    found.map(|(_, pattern, run)| (pattern, run, false))
}

fn leaves_s(network: &Network, run: Run) -> Option<f64> {
    Some(day_start_s(network, run)? + network.call_times(run.trip).first()?.departure_s)
}

/// Nobody leaves so late.
fn is_over(network: &Network, run: Run, now_s: f64, rules: &MatchRules) -> bool {
    leaves_s(network, run).is_none_or(|at_s| {
        now_s > at_s && delay_cost(now_s - at_s, rules.early_s, rules.late_s, rules) > rules.cost_at_most
    })
}

/// What a vehicle without a trip does.
pub(super) fn assignment(vehicle: &Tracked, depot: bool, rules: &MatchRules, fix_time: Instant) -> Assignment {
    let waiting = vehicle.waiting.unwrap_or(Waiting { pattern: None, run: None, reason: MatchReason::TooFewFixes });
    let stands_s = vehicle.still.map_or(0.0, |still| still.stands_s());
    let at_terminus = match (vehicle.ended.as_ref(), vehicle.last) {
        (Some(ended), Some((place, _))) => ended.place.distance_m(place) <= 2.0 * rules.terminus_m,
        _ => false,
    };
    let (state, reason) = if waiting.run.is_some() {
        (ServiceState::Layover, waiting.reason)
    } else if depot && stands_s >= 120.0
        || stands_s >= rules.depot_after_s && !(at_terminus && stands_s < rules.layover_at_most_s)
    {
        (ServiceState::AtDepot, MatchReason::Standing)
    } else if at_terminus {
        (ServiceState::Layover, waiting.reason)
    } else if stands_s >= 120.0 {
        (ServiceState::Unknown, MatchReason::Standing)
    } else {
        moving(vehicle, waiting.reason, rules)
    };
    let (pattern, run) = if state == ServiceState::Layover { (waiting.pattern, waiting.run) } else { (None, None) };
    Assignment {
        state,
        reason,
        pattern,
        run,
        along_m: pattern.map(|_| 0.0),
        next_call: pattern.map(|_| 0),
        since: fix_time,
        fix_time,
        stands_since: None,
    }
}

fn moving(vehicle: &Tracked, reason: MatchReason, rules: &MatchRules) -> (ServiceState, MatchReason) {
    if vehicle.searched_m < rules.progress_first_seen_m {
        return (
            ServiceState::Unknown,
            if reason == MatchReason::UnknownRoute { reason } else { MatchReason::TooFewFixes },
        );
    }
    match reason {
        MatchReason::SeveralWays | MatchReason::UnknownRoute => (ServiceState::Unknown, reason),
        _ if vehicle.follows_a_way() && vehicle.ended.is_none() => (ServiceState::Unknown, reason),
        _ => (ServiceState::Deadhead, reason),
    }
}
