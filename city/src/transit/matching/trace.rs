//! One possible way of a vehicle: how it moves along one pattern from fix to fix.

use misto_model::Position;

use super::rules::MatchRules;
use crate::transit::line::{Line, Projected};
use crate::transit::network::{Network, Pattern, PatternIndex};

/// How a trace began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begin {
    /// At the first call, where it waited.
    Start,
    /// At the first call, where it came from elsewhere and did not wait: it may only pass there.
    Passing,
    /// In the middle, where the vehicle was first seen or seen again after a gap.
    FirstSeen,
    /// In the middle, though it was seen elsewhere before.
    Joined,
}

/// A fix as the traces need it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move {
    /// Where.
    pub position: Position,
    /// Seconds since 1970.
    pub at_s: f64,
    /// Metres from the fix before.
    pub moved_m: f64,
    /// Seconds since the fix before.
    pub elapsed_s: f64,
    /// Direction of driving, only while it drives.
    pub bearing_deg: Option<f64>,
}

/// A place on the way at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Waypoint {
    pub at_s: f64,
    pub along_m: f64,
}

/// One possible way.
#[derive(Debug, Clone)]
pub(super) struct Trace {
    pub pattern: PatternIndex,
    pub begin: Begin,
    /// When it was first seen there.
    pub came_s: f64,
    /// Where it began.
    pub origin_m: f64,
    /// Where the newest fix lies.
    pub along_m: f64,
    /// How far it has come.
    pub reached_m: f64,
    /// Mean cost of a fix beside the line, newer fixes count more.
    pub beside_cost: f64,
    pub fixes: u32,
    /// Fixes in a row that lay too far away.
    pub misses: u32,
    /// When it left the first call behind; `None` before, and when it did not begin there.
    pub left_s: Option<f64>,
    /// The way so far, oldest first.
    pub waypoints: Vec<Waypoint>,
}

/// So many waypoints are kept while it is not decided; the oldest go first.
const WAYPOINTS: usize = 160;
/// Weight of the newest fix in the mean cost.
const NEWEST: f64 = 0.25;

impl Trace {
    pub(super) fn new(
        network: &Network,
        pattern: PatternIndex,
        found: Projected,
        begin: Begin,
        fix: &Move,
        rules: &MatchRules,
    ) -> Self {
        let first_m = network.pattern(pattern).calls.first().map_or(0.0, |call| call.along_m);
        let at_start = found.along_m <= first_m + rules.start_zone_m;
        let waits = found.along_m <= first_m + rules.waiting_m;
        let origin_m = if waits { found.along_m.min(first_m) } else { found.along_m };
        let begin = match (at_start, begin) {
            (true, Begin::Joined) => Begin::Passing,
            (true, _) => Begin::Start,
            (false, _) => begin,
        };
        Self {
            pattern,
            begin,
            came_s: fix.at_s,
            origin_m,
            along_m: found.along_m,
            reached_m: origin_m,
            beside_cost: beside_cost(&found, fix.bearing_deg, rules),
            fixes: 1,
            misses: 0,
            left_s: None,
            waypoints: vec![Waypoint { at_s: fix.at_s, along_m: origin_m }],
        }
    }

    /// The trace of a vehicle whose way is known.
    pub(super) fn on_its_way(pattern: PatternIndex, along_m: f64, left_s: Option<f64>, came_s: f64, at_s: f64) -> Self {
        let begin = if left_s.is_some() { Begin::Start } else { Begin::FirstSeen };
        let waypoints = vec![Waypoint { at_s, along_m }];
        Self {
            pattern,
            begin,
            came_s,
            origin_m: 0.0,
            along_m,
            reached_m: along_m,
            beside_cost: 0.0,
            fixes: 3,
            misses: 0,
            left_s,
            waypoints,
        }
    }

    /// Progress since it began.
    pub(super) fn progress_m(&self) -> f64 {
        self.reached_m - self.origin_m
    }

    /// Moves on; `false` when the vehicle does not drive this way.
    pub(super) fn follow(&mut self, pattern: &Pattern, fix: &Move, rules: &MatchRules) -> bool {
        let found = advance(&pattern.line, self.along_m, fix, rules);
        let Some(found) = found.filter(|found| found.off_m <= rules.beside_m) else {
            self.misses += 1;
            self.beside_cost += NEWEST * 4.0;
            return self.misses < rules.off_route_fixes;
        };
        self.misses = 0;
        self.fixes += 1;
        self.beside_cost += NEWEST * (beside_cost(&found, fix.bearing_deg, rules) - self.beside_cost);
        self.along_m = found.along_m;
        if found.along_m < self.reached_m - rules.backwards_m {
            return false;
        }
        let first_m = pattern.calls.first().map_or(0.0, |call| call.along_m);
        if self.is_from_start() && found.along_m <= first_m + rules.waiting_m {
            self.wait(found.along_m.min(first_m), fix.at_s, rules);
            return true;
        }
        if self.is_from_start() && self.left_s.is_none() {
            self.left_s = Some(self.departure_s(fix.at_s, found.along_m));
        }
        self.reached_m = self.reached_m.max(found.along_m);
        if self.waypoints.len() == WAYPOINTS {
            self.waypoints.drain(..WAYPOINTS / 2);
        }
        self.waypoints.push(Waypoint { at_s: fix.at_s, along_m: self.reached_m });
        true
    }

    fn is_from_start(&self) -> bool {
        matches!(self.begin, Begin::Start | Begin::Passing)
    }

    /// At the first call, or before it: the trip has not begun, wherever on the square it stands.
    fn wait(&mut self, along_m: f64, at_s: f64, rules: &MatchRules) {
        if at_s - self.came_s >= rules.waits_s {
            self.begin = Begin::Start;
        }
        (self.origin_m, self.reached_m, self.left_s) = (along_m, along_m, None);
        self.waypoints.clear();
        self.waypoints.push(Waypoint { at_s, along_m });
    }

    /// It stood first, then drove, at least at a town's pace.
    fn departure_s(&self, at_s: f64, along_m: f64) -> f64 {
        let Some(last) = self.waypoints.last() else { return at_s };
        let way_m = (along_m - last.along_m).max(0.0);
        let speed_m_s = (way_m / (at_s - last.at_s).max(1.0)).max(6.0);
        (at_s - way_m / speed_m_s).max(last.at_s)
    }
}

fn beside_cost(found: &Projected, bearing_deg: Option<f64>, rules: &MatchRules) -> f64 {
    let z = found.off_m / rules.gps_error_m;
    let turned = bearing_deg.map_or(0.0, |bearing| 1.0 - (bearing - found.bearing_deg).to_radians().cos());
    (0.5 * z * z).min(8.0) + 1.5 * turned
}

/// Where a fix lies after the place of the fix before. Ahead is looked at first: on a
/// street that the line drives there and back both places are equally near. `None`
/// when the line has no part there.
pub(super) fn advance(line: &Line, along_m: f64, fix: &Move, rules: &MatchRules) -> Option<Projected> {
    let noise_m = 2.0 * rules.gps_error_m;
    let ahead = line.project_between(fix.position, along_m - noise_m, along_m + 1.5 * fix.moved_m + 100.0);
    if ahead.is_some_and(|found| found.off_m <= 40.0) {
        return ahead;
    }
    let behind = line.project_between(fix.position, along_m - 1.3 * fix.moved_m - 60.0, along_m - noise_m);
    let far_m = along_m + 20.0 * fix.elapsed_s.min(600.0) + 100.0;
    let far = (fix.elapsed_s > 20.0).then(|| line.project_between(fix.position, along_m, far_m)).flatten();
    let mut best = ahead;
    for found in [far, behind].into_iter().flatten() {
        if best.is_none_or(|best| found.off_m < best.off_m - 15.0) {
            best = Some(found);
        }
    }
    best
}
