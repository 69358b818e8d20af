//! What a predictor must beat. All of them are told the true trip and learn from true stop visits.

use std::collections::HashMap;

use misto_city::transit::{Network, PatternIndex, Run, StopVisit, TripIndex};
use misto_model::{Instant, Precision, StopId};

use super::{Estimate, Predictor, Seen};

fn after(moment: Instant, seconds: f64) -> Instant {
    let micros = moment.micros() + (seconds * 1e6) as i64;
    Instant::from_micros(micros, Precision::Milliseconds).expect("within the calendar")
}

/// Nobody predicts what has passed.
fn not_past(moment: Instant, now: Instant) -> Instant {
    if moment.micros() < now.micros() { now } else { moment }
}

fn planned_arrival(network: &Network, run: Run, call: usize) -> Option<Instant> {
    Some(Instant::from_timestamp(network.planned(run, call)?.arrival))
}

/// The timetable.
pub struct Schedule<'a>(pub &'a Network);

/// The timetable, later by as much as the vehicle is late at its newest fix.
pub struct Delay<'a>(pub &'a Network);

impl Predictor for Schedule<'_> {
    fn name(&self) -> &'static str {
        "schedule"
    }

    fn learn(&mut self, _: &StopVisit) {}

    fn predict(&mut self, seen: &Seen, now: Instant) -> Vec<Estimate> {
        shifted(self.0, seen, 0.0, now)
    }
}

impl Predictor for Delay<'_> {
    fn name(&self) -> &'static str {
        "schedule + delay"
    }

    fn learn(&mut self, _: &StopVisit) {}

    fn predict(&mut self, seen: &Seen, now: Instant) -> Vec<Estimate> {
        let late_s = delay_s(self.0, seen).unwrap_or(0.0);
        shifted(self.0, seen, late_s, now)
    }
}

fn shifted(network: &Network, seen: &Seen, late_s: f64, now: Instant) -> Vec<Estimate> {
    let calls = seen.next_call..network.pattern(seen.pattern).calls.len();
    let at = |call: usize| {
        let likely = not_past(after(planned_arrival(network, seen.run, call)?, late_s), now);
        Some(Estimate { call, likely, range: None })
    };
    calls.filter_map(at).collect()
}

/// Seconds behind the timetable where the newest fix lies; between stops the plan is taken as even.
fn delay_s(network: &Network, seen: &Seen) -> Option<f64> {
    let arrival = planned_arrival(network, seen.run, seen.next_call)?;
    let Some(before) = seen.next_call.checked_sub(1) else { return Some(seen.fix_time.seconds_since(arrival)) };
    let departure = Instant::from_timestamp(network.planned(seen.run, before)?.departure);
    let left_s = arrival.seconds_since(departure) * (1.0 - part_driven(network, seen));
    Some(seen.fix_time.seconds_since(arrival) + left_s)
}

/// How much of the way from the call before to the next one is behind the vehicle, 0 to 1.
fn part_driven(network: &Network, seen: &Seen) -> f64 {
    let calls = &network.pattern(seen.pattern).calls;
    let Some(before) = seen.next_call.checked_sub(1) else { return 1.0 };
    let (from_m, to_m) = (calls[before].along_m, calls[seen.next_call].along_m);
    if to_m > from_m { ((seen.along_m - from_m) / (to_m - from_m)).clamp(0.0, 1.0) } else { 1.0 }
}

/// Days of history of the TransitClock filter.
const HISTORY_DAYS: usize = 3;
/// Its error before the first prediction.
const FIRST_ERROR: f64 = 100.0;

/// The filter of TransitClock for one path: the prediction and the error after it. `history` are the
/// travel times of the last days, `last` that of the vehicle before, seconds.
pub fn filter(history: &[f64], last: f64, error: f64) -> (f64, f64) {
    let mean = history.iter().sum::<f64>() / history.len() as f64;
    let variance = history.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / history.len() as f64;
    if error + 2.0 * variance <= 0.0 {
        return (mean, 0.0);
    }
    let gain = (error + variance) / (error + 2.0 * variance);
    ((1.0 - gain) * last + gain * mean, variance * gain)
}

/// What a trip took on its last days at one call, newest last: seconds from the call before, and standing.
#[derive(Default, Clone)]
struct History {
    path_s: Vec<f64>,
    dwell_s: Vec<f64>,
}

type Path = (StopId, StopId);

/// TransitClock: its filter on each stop-to-stop path, with the same trip of the last three days that it ran
/// as history and the vehicle that passed before, of whatever route, as the last one. The error belongs to
/// a trip's path and moves on with each vehicle. Dwells are the mean of those days. Where there is no
/// history the timetable stands in, where no vehicle passed that day the mean of the history.
pub struct TransitClock<'a> {
    network: &'a Network,
    history: HashMap<(TripIndex, usize), History>,
    errors: HashMap<(TripIndex, usize), f64>,
    last: HashMap<Path, (jiff::civil::Date, f64)>,
    before: HashMap<misto_model::VehicleKey, StopVisit>,
}

impl<'a> TransitClock<'a> {
    pub fn new(network: &'a Network) -> Self {
        Self { network, history: HashMap::new(), errors: HashMap::new(), last: HashMap::new(), before: HashMap::new() }
    }

    fn path(&self, pattern: PatternIndex, call: usize) -> Path {
        let calls = &self.network.pattern(pattern).calls;
        (calls[call - 1].stop.clone(), calls[call].stop.clone())
    }

    /// Seconds from the call before to this one, and the error after.
    fn path_s(&self, seen: &Seen, call: usize) -> (f64, f64) {
        let key = (seen.run.trip, call);
        let error = self.errors.get(&key).copied().unwrap_or(FIRST_ERROR);
        let last = self.last.get(&self.path(seen.pattern, call)).filter(|(day, _)| *day == seen.run.day);
        let history = self.history.get(&key).map(|history| history.path_s.as_slice()).unwrap_or_default();
        match (history, last) {
            ([], _) => {
                let times = self.network.call_times(seen.run.trip);
                (times[call].arrival_s - times[call - 1].departure_s, error)
            }
            (history, None) => (history.iter().sum::<f64>() / history.len() as f64, error),
            (history, Some((_, last_s))) => filter(history, *last_s, error),
        }
    }

    fn dwell_s(&self, run: Run, call: usize) -> f64 {
        let history = self.history.get(&(run.trip, call)).map(|history| history.dwell_s.as_slice()).unwrap_or_default();
        let planned = &self.network.call_times(run.trip)[call];
        if history.is_empty() {
            planned.departure_s - planned.arrival_s
        } else {
            history.iter().sum::<f64>() / history.len() as f64
        }
    }
}

fn remember(values: &mut Vec<f64>, value: f64) {
    values.push(value);
    if values.len() > HISTORY_DAYS {
        values.remove(0);
    }
}

impl Predictor for TransitClock<'_> {
    fn name(&self) -> &'static str {
        "TransitClock filter"
    }

    fn learn(&mut self, visit: &StopVisit) {
        let before = self.before.insert(visit.vehicle.clone(), visit.clone());
        let Some(run) = visit.run else { return };
        let key = (run.trip, visit.call);
        if visit.call > 0 {
            remember(&mut self.history.entry(key).or_default().dwell_s, visit.departure.seconds_since(visit.arrival));
        }
        let Some(before) = before.filter(|b| b.run == visit.run && b.call + 1 == visit.call) else { return };
        let took_s = visit.arrival.seconds_since(before.departure);
        let seen = Seen {
            vehicle: &visit.vehicle,
            pattern: visit.pattern,
            run,
            along_m: 0.0,
            next_call: visit.call,
            fix_time: visit.arrival,
        };
        let (_, error) = self.path_s(&seen, visit.call);
        self.errors.insert(key, error);
        remember(&mut self.history.entry(key).or_default().path_s, took_s);
        self.last.insert(self.path(visit.pattern, visit.call), (run.day, took_s));
    }

    fn predict(&mut self, seen: &Seen, now: Instant) -> Vec<Estimate> {
        let calls = self.network.pattern(seen.pattern).calls.len();
        let mut at_s = match seen.next_call {
            0 => 0.0,
            next => self.path_s(seen, next).0 * (1.0 - part_driven(self.network, seen)),
        };
        let mut found = Vec::with_capacity(calls - seen.next_call);
        for call in seen.next_call..calls {
            let likely = not_past(after(seen.fix_time, at_s), now);
            found.push(Estimate { call, likely, range: None });
            if call + 1 < calls {
                at_s += self.dwell_s(seen.run, call) + self.path_s(seen, call + 1).0;
            }
        }
        found
    }
}
