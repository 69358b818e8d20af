//! A vehicle on its way along one pattern: where it is, what it passed, whether it left the line.

use misto_model::Position;

use super::rules::MatchRules;
use super::trace::{Move, Trace, advance};
use crate::transit::assignment::MatchReason;
use crate::transit::network::{Network, Pattern, PatternIndex, Run};
use crate::transit::visits::{Passage, Passed};

/// What a fix means for a vehicle that is on a trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Went {
    /// On the line.
    On,
    /// Beside it, not yet often enough to say that it left it.
    Beside,
    /// Off the line.
    Off,
    /// Came to the last call.
    Ended,
    /// This is not its way, or no longer.
    Lost,
}

#[derive(Debug, Clone)]
pub(super) struct Drive {
    pub pattern: PatternIndex,
    pub run: Option<Run>,
    pub reason: MatchReason,
    pub cost: f64,
    pub told: bool,
    /// Where the newest fix on the line lies.
    pub along_m: f64,
    pub reached_m: f64,
    /// When it left the first call; `None` when that was not seen.
    pub left_s: Option<f64>,
    /// When it came to where the trace began.
    pub came_s: f64,
    at_s: f64,
    place: Position,
    passage: Passage,
    beside: u32,
    beside_since_s: f64,
    on_again: u32,
    back: u32,
    pub off_since_s: Option<f64>,
}

/// A last call is also reached by a vehicle that stands within this of it, metres: platforms
/// of a terminus lie apart.
const LAST_CALL_M: f64 = 150.0;

impl Drive {
    /// Begins with what the trace has seen; the calls passed so far go to `passed`.
    pub(super) fn new(
        network: &Network,
        trace: &Trace,
        at: &Move,
        rules: &MatchRules,
        passed: &mut Vec<Passed>,
    ) -> Self {
        let pattern = network.pattern(trace.pattern);
        let first = trace.waypoints.first().map_or((at.at_s, trace.along_m), |first| (first.at_s, first.along_m));
        let mut passage = Passage::new(pattern, &rules.visits, first.0, first.1);
        for waypoint in trace.waypoints.iter().skip(1) {
            passage.push(pattern, &rules.visits, (waypoint.at_s, waypoint.along_m), false, passed);
        }
        Self {
            pattern: trace.pattern,
            run: None,
            reason: MatchReason::SeveralTrips,
            cost: f64::INFINITY,
            told: false,
            along_m: trace.along_m,
            reached_m: trace.reached_m,
            left_s: trace.left_s,
            came_s: trace.came_s,
            at_s: at.at_s,
            place: at.position,
            passage,
            beside: 0,
            beside_since_s: 0.0,
            on_again: 0,
            back: 0,
            off_since_s: None,
        }
    }

    /// The call that comes next, or at which it stands.
    pub(super) fn next_call(&self, pattern: &Pattern) -> Option<usize> {
        (self.passage.next() < pattern.calls.len()).then_some(self.passage.next())
    }

    /// Moves on by one fix. `stands_s`: how long it has stood.
    pub(super) fn follow(
        &mut self,
        pattern: &Pattern,
        fix: &Move,
        (doors_open, stands_s): (bool, f64),
        rules: &MatchRules,
        passed: &mut Vec<Passed>,
    ) -> Went {
        // Since the last fix on the line, not since the last fix.
        let since = Move { moved_m: self.place.distance_m(fix.position), elapsed_s: fix.at_s - self.at_s, ..*fix };
        let last_m = pattern.calls.last().map_or(0.0, |call| call.along_m);
        let found = advance(&pattern.line, self.along_m, &since, rules).filter(|found| found.off_m <= rules.beside_m);
        let too_fast = |along_m: f64| along_m - self.along_m > rules.fastest_m_s * since.elapsed_s + 60.0;
        let Some(found) = found.filter(|found| !too_fast(found.along_m)) else { return self.miss(fix, last_m, rules) };
        self.beside = 0;
        if self.off_since_s.is_some() {
            self.on_again += 1;
            if self.on_again < rules.back_on_route_fixes {
                return Went::Off;
            }
            self.off_since_s = None;
        }
        if found.along_m < self.reached_m - rules.backwards_m {
            self.back += 1;
            // Turning round near the end is the next trip, elsewhere another way.
            let ended = self.reached_m >= last_m - 2.0 * LAST_CALL_M;
            return match (self.back >= rules.off_route_fixes, ended) {
                (true, true) => Went::Ended,
                (true, false) => Went::Lost,
                _ => Went::Beside,
            };
        }
        self.back = 0;
        (self.along_m, self.at_s, self.place) = (found.along_m, fix.at_s, fix.position);
        self.reached_m = self.reached_m.max(found.along_m);
        self.passage.push(pattern, &rules.visits, (fix.at_s, self.reached_m), doors_open, passed);
        let stood_near = stands_s >= 90.0 && self.reached_m >= last_m - LAST_CALL_M;
        if self.passage.next() >= pattern.calls.len() || stood_near { Went::Ended } else { Went::On }
    }

    fn miss(&mut self, fix: &Move, last_m: f64, rules: &MatchRules) -> Went {
        self.on_again = 0;
        if self.beside == 0 {
            self.beside_since_s = fix.at_s;
        }
        self.beside += 1;
        if let Some(since_s) = self.off_since_s {
            return if fix.at_s - since_s > rules.off_route_at_most_s { Went::Lost } else { Went::Off };
        }
        if self.beside < rules.off_route_fixes || fix.at_s - self.beside_since_s < rules.off_route_after_s {
            return Went::Beside;
        }
        if self.reached_m >= last_m - 2.0 * LAST_CALL_M {
            return Went::Ended;
        }
        self.off_since_s = Some(self.beside_since_s);
        Went::Off
    }
}
