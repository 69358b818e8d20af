//! Which of the possible ways, and which run on it, a vehicle drives: costs are
//! compared, and nothing is chosen that is not clearly better than the rest.

use jiff::civil::Date;
use misto_model::{Instant, RouteId};

use super::claim::Told;
use super::holders::{Availability, Hold, Holders, Stage};
use super::rules::MatchRules;
use super::trace::{Begin, Trace};
use crate::transit::assignment::MatchReason;
use crate::transit::network::{CallTime, Network, Pattern, PatternIndex, Run};

/// What is known of a vehicle beside its traces.
pub(super) struct Known<'a> {
    pub vehicle: u64,
    pub told: &'a Told,
    /// The run that it drove last.
    pub last_run: Option<Run>,
    /// The route that it drove last.
    pub last_route: Option<&'a RouteId>,
    /// The run that it waits for.
    pub awaited: Option<Run>,
    pub now_s: f64,
    /// Where its run is looked for.
    pub period: Option<Period>,
}

/// A run on a way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fit {
    /// Number of the trace.
    pub trace: usize,
    pub pattern: PatternIndex,
    /// `None`: the way without a run.
    pub run: Option<Run>,
    pub cost: f64,
    /// The part of the cost that is time, by which vehicles are compared that want one run.
    pub time_cost: f64,
    pub told: bool,
    availability: Availability,
}

/// What is taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Choice {
    /// Not yet, or nothing fits.
    Nothing(MatchReason),
    /// The way, and why no run.
    Way(Fit, MatchReason),
    /// Way and run.
    Run(Fit),
}

/// Runs that begin later are not compared: nobody is so early.
pub(super) const EARLY_AT_MOST_S: f64 = 900.0;
/// Cost of driving a way of the timetable without any run of it: an extra trip, or no trip.
const NO_RUN_COST: f64 = 9.0;

pub(super) fn choose(
    network: &Network,
    traces: &[Trace],
    known: &Known<'_>,
    holders: &Holders,
    rules: &MatchRules,
) -> Choice {
    let ready: Vec<(usize, &Trace)> =
        traces.iter().enumerate().filter(|(_, t)| is_ready(network, t, known, rules)).collect();
    if ready.is_empty() {
        return Choice::Nothing(if traces.is_empty() { MatchReason::FarFromRoute } else { MatchReason::TooFewFixes });
    }
    let longest_m = ready.iter().map(|(_, trace)| trace.progress_m()).fold(1.0, f64::max);
    let mut fits = Vec::new();
    for (number, trace) in &ready {
        let way_cost = way_cost(network, trace, longest_m, known, rules);
        fits_of(network, *number, trace, way_cost, known, holders, rules, &mut fits);
    }
    decide(network, fits, rules)
}

/// Which run, when the way is known.
pub(super) fn choose_run(
    network: &Network,
    trace: &Trace,
    known: &Known<'_>,
    holders: &Holders,
    rules: &MatchRules,
) -> Choice {
    let mut fits = Vec::new();
    fits_of(network, 0, trace, 0.0, known, holders, rules, &mut fits);
    decide(network, fits, rules)
}

/// Whether a trace has shown enough to be believed.
fn is_ready(network: &Network, trace: &Trace, known: &Known<'_>, rules: &MatchRules) -> bool {
    let needed_m = match trace.begin {
        Begin::Start => rules.progress_from_start_m,
        Begin::Passing => rules.progress_passing_m,
        Begin::FirstSeen => rules.progress_first_seen_m,
        Begin::Joined => rules.progress_joined_m,
    };
    let told = known.told.routes.contains(&network.pattern(trace.pattern).route);
    // Trackers tell a route on the way to the depot too, so a word makes nobody's joining true.
    let needed_m = if told && trace.begin == Begin::FirstSeen { needed_m / 2.0 } else { needed_m };
    trace.fixes >= 3 && trace.misses == 0 && trace.progress_m() >= needed_m
}

fn way_cost(network: &Network, trace: &Trace, longest_m: f64, known: &Known<'_>, rules: &MatchRules) -> f64 {
    let pattern = network.pattern(trace.pattern);
    let begin = match trace.begin {
        Begin::Start => 0.0,
        Begin::Passing => rules.passing_cost,
        Begin::FirstSeen => 1.0,
        Begin::Joined => rules.joined_cost,
    };
    // Four fixes' worth: errors of neighbouring fixes are alike, so more would count twice.
    let mut cost = 4.0 * trace.beside_cost + begin + (longest_m / trace.progress_m().max(1.0)).ln().min(3.0);
    if known.told.routes.contains(&pattern.route) {
        cost -= rules.told_bonus;
        let wrong_way =
            known.told.direction.is_some() && pattern.direction.is_some() && known.told.direction != pattern.direction;
        cost += if wrong_way { 1.0 } else { 0.0 };
    }
    if known.last_route == Some(&pattern.route) {
        cost -= rules.same_route_bonus;
    }
    cost
}

#[expect(clippy::too_many_arguments, reason = "the evidence of one comparison")]
fn fits_of(
    network: &Network,
    number: usize,
    trace: &Trace,
    way_cost: f64,
    known: &Known<'_>,
    holders: &Holders,
    rules: &MatchRules,
    fits: &mut Vec<Fit>,
) {
    let pattern = network.pattern(trace.pattern);
    let without = |cost| Fit {
        trace: number,
        pattern: trace.pattern,
        run: None,
        cost: way_cost + cost,
        time_cost: cost,
        told: false,
        availability: Availability::Free,
    };
    if pattern.trips.is_empty() {
        fits.push(without(2.0));
        return;
    }
    for (run, start_s) in known.period.iter().flat_map(|period| runs_near(network, trace.pattern, period)) {
        let Some(time_cost) = time_cost(network, trace, (run, start_s), known.now_s, rules) else { continue };
        if time_cost > rules.cost_at_most {
            continue;
        }
        let told = known.told.run == Some(run);
        let mut cost = time_cost;
        if told {
            cost -= rules.told_bonus;
        }
        cost -= memory_bonus(network, run, known, rules);
        let wanted = Hold { vehicle: known.vehicle, cost, told, stage: Stage::Drives };
        let availability = holders.availability(run, wanted, rules.margin);
        fits.push(Fit { run: Some(run), told, availability, ..without(cost) });
    }
    fits.push(without(NO_RUN_COST));
}

/// What the vehicle did before speaks for its block's next trip; also for a later one, since a
/// vehicle that is very late leaves out a trip and the way back.
fn memory_bonus(network: &Network, run: Run, known: &Known<'_>, rules: &MatchRules) -> f64 {
    let later = known.last_run.and_then(|last| network.later_in_block(last).position(|later| later == run));
    match later {
        Some(0) => rules.block_bonus,
        Some(_) => rules.block_bonus / 2.0,
        None if known.awaited == Some(run) => rules.awaited_bonus,
        None => 0.0,
    }
}

fn decide(network: &Network, mut fits: Vec<Fit>, rules: &MatchRules) -> Choice {
    fits.sort_by(|a, b| a.cost.total_cmp(&b.cost).then_with(|| (a.pattern, a.run).cmp(&(b.pattern, b.run))));
    // What another drives is out, however well it fits; but it must not make a bad second good.
    let Some(best) = fits.iter().find(|fit| fit.availability != Availability::Taken).copied() else {
        return Choice::Nothing(MatchReason::TooFewFixes);
    };
    let close = |fit: &&Fit| fit.cost < best.cost + rules.margin;
    let free = fits.iter().filter(|fit| fit.availability != Availability::Taken);
    let rivals: Vec<&Fit> =
        free.filter(|fit| (fit.pattern, fit.run) != (best.pattern, best.run)).filter(close).collect();
    if rivals.iter().any(|fit| fit.pattern != best.pattern) {
        return Choice::Nothing(MatchReason::SeveralWays);
    }
    if network.pattern(best.pattern).trips.is_empty() {
        return Choice::Way(best, MatchReason::NoTimetable);
    }
    if best.run.is_none() {
        return Choice::Way(best, MatchReason::NoTrip);
    }
    if !rivals.is_empty() {
        return Choice::Way(Fit { run: None, ..best }, MatchReason::SeveralTrips);
    }
    Choice::Run(best)
}

/// Runs that could be under way, late or early ones included, each with the moment that its
/// times count from, seconds since 1970.
pub(super) fn runs_near(network: &Network, pattern: PatternIndex, period: &Period) -> Vec<(Run, f64)> {
    let runs = network.runs_on_days(pattern, &period.days, period.from, period.to);
    let start_s = |run: &Run| period.days.iter().find(|(day, _)| *day == run.day).map(|(_, start)| *start);
    runs.into_iter().filter_map(|run| Some((run, start_s(&run)?.as_millisecond() as f64 / 1e3))).collect()
}

/// The time around a moment in which runs are looked for.
pub(super) struct Period {
    from: jiff::Timestamp,
    to: jiff::Timestamp,
    days: Vec<(Date, jiff::Timestamp)>,
}

impl Period {
    /// From an hour before, since vehicles are late, up to some seconds ahead. `None` at the
    /// ends of the calendar.
    pub(super) fn around(network: &Network, now_s: f64, ahead_s: f64) -> Option<Self> {
        let (from, to) = (timestamp(now_s - 3_600.0)?, timestamp(now_s + ahead_s)?);
        Some(Self { from, to, days: network.service_days(from, to) })
    }
}

fn timestamp(at_s: f64) -> Option<jiff::Timestamp> {
    Some(Instant::from_millis((at_s * 1e3).round() as i64).ok()?.timestamp())
}

/// What it costs to explain a trace by a run: by its departure where that was seen, and by
/// how late it is now.
fn time_cost(
    network: &Network,
    trace: &Trace,
    (run, start_s): (Run, f64),
    now_s: f64,
    rules: &MatchRules,
) -> Option<f64> {
    let pattern = network.pattern(trace.pattern);
    let times = network.call_times(run.trip);
    let seen_s = trace.waypoints.last().map_or(now_s, |waypoint| waypoint.at_s);
    let delay_s = seen_s - start_s - planned_s(pattern, times, trace.reached_m);
    let Some(left_s) = trace.left_s else { return Some(delay_cost(delay_s, 1.5 * rules.early_s, rules.late_s, rules)) };
    let planned_s = start_s + times.first()?.departure_s;
    Some(departure_cost(left_s, planned_s, trace.came_s + rules.turn_s, rules))
}

/// Who was ready in time leaves on time; who came late leaves when it can.
fn departure_cost(left_s: f64, planned_s: f64, ready_s: f64, rules: &MatchRules) -> f64 {
    let after = |since_s: f64, late_s| delay_cost(left_s - since_s, rules.early_s, late_s, rules);
    if ready_s <= planned_s || left_s < planned_s {
        return after(planned_s, rules.late_waiting_s);
    }
    delay_cost(ready_s - planned_s, rules.early_s, rules.late_s, rules) + after(ready_s, rules.late_waiting_s)
}

/// ½ z², beyond two deviations growing evenly: great delays happen more often than a
/// normal distribution says.
pub(super) fn delay_cost(delay_s: f64, early_s: f64, late_s: f64, rules: &MatchRules) -> f64 {
    let off_s = delay_s - rules.usual_delay_s;
    let z = if off_s < 0.0 { -off_s / early_s } else { off_s / late_s };
    if z > 2.0 && off_s > 0.0 { 2.0 * z - 2.0 } else { 0.5 * z * z }
}

pub(super) fn day_start_s(network: &Network, run: Run) -> Option<f64> {
    Some(network.day_start(run.day)?.as_millisecond() as f64 / 1e3)
}

/// Planned seconds of the service day at a distance from the start.
pub(super) fn planned_s(pattern: &Pattern, times: &[CallTime], along_m: f64) -> f64 {
    let next = pattern.calls.partition_point(|call| call.along_m <= along_m).min(times.len());
    let Some(after) = times.get(next) else { return times.last().map_or(0.0, |time| time.arrival_s) };
    let Some(before) = next.checked_sub(1) else { return after.departure_s };
    let (from, to) = (pattern.calls[before].along_m, pattern.calls[next].along_m);
    let part = if to > from { (along_m - from) / (to - from) } else { 0.0 };
    times[before].departure_s + part * (after.arrival_s - times[before].departure_s)
}
