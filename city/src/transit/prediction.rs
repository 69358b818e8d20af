//! When a vehicle will be at the stops that lie before it.

use misto_model::{Instant, Precision, VehicleKey};
use serde::{Deserialize, Serialize};

use super::assignment::{Assignment, ServiceState};
use super::network::{Network, PatternIndex, Run};
use super::travel_times::TravelTimes;
use super::travel_times::ahead::Ahead;

/// When something will happen: eight times in ten between the outer moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// One in ten happens earlier.
    pub earliest: Instant,
    /// 45 in 100 happen earlier: near the middle, and rather too early than too late.
    pub likely: Instant,
    /// One in ten happens later.
    pub latest: Instant,
}

/// A call that lies before a vehicle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Predicted {
    /// On which way.
    pub pattern: PatternIndex,
    /// On which trip; `None` when only the way is known.
    pub run: Option<Run>,
    /// Which call of the pattern.
    pub call: usize,
    /// When it comes.
    pub arrival: Range,
    /// When it leaves; that of the last call is its arrival.
    pub departure: Range,
}

/// A vehicle nearer to a call than this stands at it: error of a receiver in a street,
/// and the length of a bus.
const AT_STOP_M: f64 = 30.0;
/// Standard error of a place along the line, metres.
const PLACE_ERROR_M: f64 = 15.0;
/// Between two trips of a block a driver needs at least so long: seconds, variance.
const TURN: (f64, f64) = (90.0, 3_600.0);
/// A vehicle that waits past its planned departure leaves soon, nobody knows when:
/// seconds, variance.
const OVERDUE: (f64, f64) = (20.0, 400.0);
/// Calls of the next trip of the block.
const NEXT_RUN_CALLS: usize = 12;
/// A vehicle away from its way loses time that nobody knows: seconds, variance.
const OFF_ROUTE: (f64, f64) = (60.0, 32_400.0);
/// Between two stops a vehicle stands for longer than a red light (HCM 2010, ch. 18: cycles of up to
/// 120 s) only when something holds it, …
const LIGHT_S: f64 = 120.0;
/// … and of a wait about whose length nothing is known as much is to be expected as has passed;
/// the spread is as long (our assumption).
const HELD_PART: f64 = 1.0;

/// Seconds of standard error for each second of a fix's age: who does not report may stand
/// or be led another way.
const SILENCE_DOUBT: f64 = 0.25;

/// Every call that lies before a vehicle in service, in order; those of its block's next
/// trip follow. Empty when it is not on its way, its way is not known, or it is
/// [held](Assignment::held).
///
/// The ranges count from the fix on which the assignment rests: an old one makes them
/// wider. Nothing lies before `now`; along the calls no part of a range goes back.
pub fn predict(
    network: &Network,
    times: &TravelTimes,
    vehicle: &VehicleKey,
    assignment: &Assignment,
    now: Instant,
) -> Vec<Predicted> {
    let (Some(pattern), Some(along_m)) = (assignment.pattern, assignment.along_m) else { return Vec::new() };
    let Some(next) = assignment.next_call.filter(|_| assignment.held().is_none()) else { return Vec::new() };
    let way = (pattern, assignment.run);
    let (own, drive) = times.own(vehicle, now);
    let mut round = Round { network, now, begun: assignment.fix_time, found: Vec::new() };
    let mut ahead = Ahead::new(times, network, assignment.fix_time, way, own);
    let age_s = now.seconds_since(assignment.fix_time).max(0.0);
    ahead.wait(0.0, (SILENCE_DOUBT * age_s).powi(2));
    match assignment.state {
        ServiceState::InService => {}
        ServiceState::OffRoute => ahead.wait(OFF_ROUTE.0, OFF_ROUTE.1),
        ServiceState::Layover => {
            round.start(&mut ahead, way, age_s, None);
            round.go_on(&mut ahead, way, 0, usize::MAX);
            return round.with_next_run(ahead, way);
        }
        ServiceState::Unknown | ServiceState::AtDepot | ServiceState::Deadhead => return Vec::new(),
    }
    let calls = &network.pattern(pattern).calls;
    let left_m = calls[next].along_m - along_m;
    if left_m <= AT_STOP_M {
        if next == 0 && assignment.run.is_some() {
            round.start(&mut ahead, way, age_s, None);
        } else {
            let here = round.range([0.0; 3]);
            if next + 1 < calls.len() {
                ahead.dwell_rest(next);
            }
            round.push(way, next, here, ahead.quantiles_s());
        }
        round.go_on(&mut ahead, way, next, usize::MAX);
    } else if next == 0 {
        let pace = 1.0 / super::travel_times::DEFAULT_SPEED_M_S;
        ahead.wait(left_m * pace, (left_m * pace / 2.0).powi(2));
        round.start(&mut ahead, way, age_s, None);
        round.go_on(&mut ahead, way, 0, usize::MAX);
    } else {
        let stood_s = assignment.stood_s();
        if stood_s > LIGHT_S {
            ahead.wait(HELD_PART * stood_s, stood_s.powi(2));
        }
        let link_m = (calls[next].along_m - calls[next - 1].along_m).max(AT_STOP_M);
        let part = (left_m / link_m).clamp(0.02, 1.0);
        if let Some(left) = drive.filter(|drive| drive.is_at(way, next - 1)) {
            let took_s = assignment.fix_time.seconds_since(left.left_at());
            if part < 0.8 && took_s > 0.0 {
                ahead.driven(next - 1, 1.0 - part, took_s);
            }
        }
        ahead.drive(next - 1, part);
        let (mean_s, _) = ahead.moments();
        ahead.wait(0.0, (PLACE_ERROR_M * mean_s / left_m).powi(2));
        round.arrive(&mut ahead, way, next);
        round.go_on(&mut ahead, way, next, usize::MAX);
    }
    round.with_next_run(ahead, way)
}

struct Round<'a> {
    network: &'a Network,
    now: Instant,
    begun: Instant,
    found: Vec<Predicted>,
}

impl Round<'_> {
    /// Leaves the first call as planned and as is usual there, not before it may.
    fn start(&mut self, ahead: &mut Ahead<'_>, way: (PatternIndex, Option<Run>), age_s: f64, turn: Option<(f64, f64)>) {
        let arrival = match turn {
            Some(_) => self.range(ahead.quantiles_s()),
            None => self.range([ahead.moments().0; 3]),
        };
        let (here_s, here_variance) = ahead.moments();
        let ready = match turn {
            Some((s, variance)) => (here_s + s, here_variance + variance),
            None => (here_s.max(age_s) + OVERDUE.0, here_variance + OVERDUE.1),
        };
        let (late_s, late_variance) = ahead.late_start();
        let planned = way.1.and_then(|run| self.network.planned(run, 0));
        let (leaves_s, variance) = match planned {
            Some(planned) => {
                let due_s = Instant::from_timestamp(planned.departure).seconds_since(self.begun);
                latest_of((due_s + late_s, late_variance), ready)
            }
            // Without a plan a layover ends when it ends.
            None => (ready.0 + 240.0, ready.1 + 57_600.0),
        };
        ahead.wait(leaves_s - here_s, variance - here_variance);
        self.push(way, 0, arrival, ahead.quantiles_s());
    }

    /// Every call after one that was handled.
    fn go_on(&mut self, ahead: &mut Ahead<'_>, way: (PatternIndex, Option<Run>), after: usize, limit: usize) {
        let last = self.network.pattern(way.0).calls.len() - 1;
        for call in (after..last).take(limit) {
            ahead.drive(call, 1.0);
            self.arrive(ahead, way, call + 1);
        }
    }

    fn arrive(&mut self, ahead: &mut Ahead<'_>, way: (PatternIndex, Option<Run>), call: usize) {
        let arrival_s = ahead.quantiles_s();
        let arrival = self.range(arrival_s);
        if call + 1 < self.network.pattern(way.0).calls.len() {
            ahead.dwell(call);
            self.push(way, call, arrival, ahead.quantiles_s());
        } else {
            self.push(way, call, arrival, arrival_s);
        }
    }

    fn with_next_run(mut self, ahead: Ahead<'_>, way: (PatternIndex, Option<Run>)) -> Vec<Predicted> {
        let next = way.1.and_then(|run| self.network.next_in_block(run));
        let Some((run, pattern)) = next.and_then(|run| Some((run, self.network.pattern_of(run.trip)?))) else {
            return self.found;
        };
        let mut ahead = ahead.onward((pattern, Some(run)));
        self.start(&mut ahead, (pattern, Some(run)), 0.0, Some(TURN));
        self.go_on(&mut ahead, (pattern, Some(run)), 0, NEXT_RUN_CALLS);
        self.found
    }

    fn push(&mut self, way: (PatternIndex, Option<Run>), call: usize, arrival: Range, departure_s: [f64; 3]) {
        let before = self.found.last().map(|before| before.departure);
        let arrival = before.map_or(arrival, |before| arrival.not_before(before));
        let departure = self.range(departure_s).not_before(arrival);
        self.found.push(Predicted { pattern: way.0, run: way.1, call, arrival, departure });
    }

    fn range(&self, after_s: [f64; 3]) -> Range {
        let at = |after_s: f64| {
            let micros = self.begun.micros() + (after_s * 1e6) as i64;
            // Whole milliseconds, none before now.
            let millis = (micros.max(self.now.micros()) + 999).div_euclid(1_000);
            Instant::from_micros(millis * 1_000, Precision::Milliseconds).unwrap_or(self.now)
        };
        let [earliest, likely, latest] = after_s.map(at);
        Range { earliest, likely, latest }
    }
}

impl Range {
    fn not_before(self, before: Self) -> Self {
        let later = |a: Instant, b: Instant| if a.micros() < b.micros() { b } else { a };
        Self {
            earliest: later(self.earliest, before.earliest),
            likely: later(self.likely, before.likely),
            latest: later(self.latest, before.latest),
        }
    }
}

/// Mean and variance of the later of two independent normal moments (Clark 1961).
fn latest_of(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    let spread = (a.1 + b.1).sqrt().max(1e-6);
    let x = (a.0 - b.0) / spread;
    let density = (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let below = normal_below(x);
    let mean = a.0 * below + b.0 * (1.0 - below) + spread * density;
    let square = (a.0 * a.0 + a.1) * below + (b.0 * b.0 + b.1) * (1.0 - below) + (a.0 + b.0) * spread * density;
    (mean, (square - mean * mean).max(0.0))
}

/// Distribution function of the standard normal (Abramowitz and Stegun 26.2.17, error
/// below 7.5e-8).
pub(crate) fn normal_below(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * x.abs());
    let series =
        t * (0.319_381_530 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    let above = series * (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    if x >= 0.0 { 1.0 - above } else { above }
}

#[cfg(test)]
mod tests;
