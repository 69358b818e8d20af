//! Which way a vehicle drives, and which run on it: the traces of its fixes, and the choice
//! among them.

use super::super::choice::{self, Choice, EARLY_AT_MOST_S, Fit, Known, Period};
use super::super::drive::Drive;
use super::super::holders::{Hold, Stage};
use super::super::layover;
use super::super::places::Still;
use super::super::rules::MatchRules;
use super::super::trace::{Begin, Move, Trace};
use super::{Shared, TRACES, TRAIL_STEP_M, Tracked, Waiting};
use crate::transit::assignment::MatchReason;
use crate::transit::network::Network;
use crate::transit::visits::Passed;

impl Tracked {
    /// Possible ways from here, beside those that are followed already.
    pub(super) fn seek(&mut self, network: &Network, step: &Move, rules: &MatchRules) {
        let begin = if self.gap { Begin::FirstSeen } else { Begin::Joined };
        self.sought = Some(step.position);
        for part in network.near(step.position) {
            let pattern = network.pattern(part.pattern);
            let told = self.told.routes.is_empty() || self.told.routes.contains(&pattern.route);
            if self.traces.len() >= TRACES || !(told || self.doubts_claim(rules)) {
                continue;
            }
            let found = pattern.line.project_between(step.position, part.from_m, part.to_m);
            let Some(found) = found.filter(|found| found.off_m <= 0.8 * rules.beside_m) else { continue };
            let last_m = pattern.calls.last().map_or(0.0, |call| call.along_m);
            let against = step.bearing_deg.is_some_and(|b| (b - found.bearing_deg).to_radians().cos() < -0.3);
            let known =
                self.traces.iter().any(|t| t.pattern == part.pattern && (t.along_m - found.along_m).abs() < 150.0);
            if known || against || found.along_m > last_m - 100.0 {
                continue;
            }
            self.traces.push(Trace::new(network, part.pattern, found, begin, step, rules));
        }
    }

    /// A told route that it does not drive for so long may be the wrong one.
    fn doubts_claim(&self, rules: &MatchRules) -> bool {
        self.distrusted || self.searched_m > 1.5 * rules.progress_joined_m
    }

    fn follow_traces(&mut self, network: &Network, step: &Move, rules: &MatchRules) {
        self.traces.retain_mut(|trace| trace.follow(network.pattern(trace.pattern), step, rules));
        let far = self.sought.is_none_or(|place| place.distance_m(step.position) > TRAIL_STEP_M);
        if far || self.traces.is_empty() {
            self.seek(network, step, rules);
        }
    }

    /// Judges other ways by the fixes so far.
    pub(super) fn retrace(&mut self, network: &Network, now_s: f64, shared: &Shared) {
        self.traces.clear();
        self.searched_m = 0.0;
        let trail = std::mem::take(&mut self.trail);
        let recent = trail.iter().filter(|step| now_s - step.at_s < 2_400.0);
        let mut before: Option<Move> = None;
        for step in recent {
            let step = Move {
                moved_m: before.map_or(0.0, |before| before.position.distance_m(step.position)),
                elapsed_s: before.map_or(f64::INFINITY, |before| step.at_s - before.at_s),
                ..*step
            };
            self.gap = step.elapsed_s > shared.rules.gap_s;
            self.follow_traces(network, &step, &shared.rules);
            self.searched_m += step.moved_m;
            before = Some(step);
        }
        self.trail = trail;
    }

    pub(super) fn search(&mut self, network: &Network, step: &Move, shared: &mut Shared, passed: &mut Vec<Passed>) {
        let moved = step.moved_m > 0.5 * shared.rules.standing_m;
        if moved {
            self.searched_m += step.moved_m;
        }
        self.follow_traces(network, step, &shared.rules);
        if !self.may_ask(step.at_s, shared.rules.ask_every_s) {
            return;
        }
        match self.choose(network, step.at_s, shared) {
            Choice::Run(fit) => self.begin(network, fit, step, shared, passed, MatchReason::Matched),
            Choice::Way(fit, reason) if self.believes(network, &fit, reason) => {
                self.begin(network, fit, step, shared, passed, reason);
            }
            Choice::Way(_, reason) | Choice::Nothing(reason) => self.waiting_reason(reason),
        }
    }

    /// Comparing all runs costs more than following a line, so it is not done at every fix of
    /// a tracker that sends one each second.
    pub(super) fn may_ask(&mut self, now_s: f64, every_s: f64) -> bool {
        let may = now_s - self.asked_s >= every_s;
        if may {
            self.asked_s = now_s;
        }
        may
    }

    /// A way on which no trip is planned is driven by those that say so; others drive to the depot.
    fn believes(&self, network: &Network, fit: &Fit, reason: MatchReason) -> bool {
        reason != MatchReason::NoTrip || self.told.routes.contains(&network.pattern(fit.pattern).route)
    }

    fn choose(&self, network: &Network, now_s: f64, shared: &Shared) -> Choice {
        if self.told.unknown_route {
            return Choice::Nothing(MatchReason::UnknownRoute);
        }
        let driven = self.traces.iter().any(|trace| trace.progress_m() > 0.0);
        let known = Known {
            vehicle: self.number,
            told: &self.told,
            last_run: self.ended.as_ref().and_then(|ended| ended.run),
            last_route: self.ended.as_ref().map(|ended| &ended.route),
            awaited: self.waiting.and_then(|waiting| waiting.run),
            now_s,
            // Without progress no trace is ready, and a vehicle that waits costs less.
            period: driven.then(|| Period::around(network, now_s, EARLY_AT_MOST_S)).flatten(),
        };
        choice::choose(network, &self.traces, &known, &shared.holders, &shared.rules)
    }

    fn begin(
        &mut self,
        network: &Network,
        fit: Fit,
        step: &Move,
        shared: &mut Shared,
        passed: &mut Vec<Passed>,
        reason: MatchReason,
    ) {
        layover::give_back(self, shared);
        let mut drive = Drive::new(network, &self.traces[fit.trace], step, &shared.rules, passed);
        drive.reason = reason;
        self.drive = Some(drive);
        // What it stood before the departure is no standing on the way.
        self.still = Some(Still::new(step.position, step.at_s));
        self.take(fit, shared);
        self.traces.clear();
        self.sought = None;
    }

    fn take(&mut self, fit: Fit, shared: &mut Shared) {
        let (Some(run), Some(drive)) = (fit.run, &mut self.drive) else { return };
        let reason = if fit.told { MatchReason::Told } else { MatchReason::Matched };
        (drive.run, drive.reason, drive.cost, drive.told) = (Some(run), reason, fit.cost, fit.told);
        shared
            .holders
            .take(run, Hold { vehicle: self.number, cost: fit.time_cost, told: fit.told, stage: Stage::Drives });
    }

    /// The tracker says something new in the middle of a trip.
    pub(super) fn reconsider(&mut self, network: &Network, now_s: f64, shared: &mut Shared) {
        let Some(drive) = &self.drive else { return };
        let named = self.told.run.filter(|run| network.pattern_of(run.trip) == Some(drive.pattern));
        if named.is_none() || named == drive.run {
            if let (Some(run), Some(drive)) = (named, &mut self.drive) {
                (drive.reason, drive.told) = (MatchReason::Told, true);
                let hold = Hold { vehicle: self.number, cost: drive.cost, told: true, stage: Stage::Drives };
                shared.holders.take(run, hold);
            }
            return;
        }
        if let Some(run) = drive.run {
            shared.holders.give_back(run, self.number);
        }
        let before = (drive.run, drive.reason, drive.told, drive.cost);
        self.lose_run();
        self.find_run(network, now_s, shared);
        // The word alone does not decide, so what stood before goes on.
        if let (Some(drive), Some(run)) = (&mut self.drive, before.0)
            && drive.run.is_none()
        {
            (drive.run, drive.reason, drive.told, drive.cost) = before;
            let hold = Hold { vehicle: self.number, cost: before.3, told: before.2, stage: Stage::Drives };
            shared.holders.take(run, hold);
        }
    }

    /// The way is known; which of its runs is it?
    pub(super) fn find_run(&mut self, network: &Network, now_s: f64, shared: &mut Shared) {
        let Some(drive) = &self.drive else { return };
        let trace = Trace::on_its_way(drive.pattern, drive.reached_m, drive.left_s, drive.came_s, now_s);
        let known = Known {
            vehicle: self.number,
            told: &self.told,
            last_run: self.ended.as_ref().and_then(|ended| ended.run),
            last_route: None,
            awaited: None,
            now_s,
            period: Period::around(network, now_s, EARLY_AT_MOST_S),
        };
        match choice::choose_run(network, &trace, &known, &shared.holders, &shared.rules) {
            Choice::Run(fit) => self.take(fit, shared),
            Choice::Way(_, reason) => {
                if let Some(drive) = &mut self.drive {
                    drive.reason = reason;
                }
            }
            Choice::Nothing(_) => {}
        }
    }

    /// Off the line: a detour, unless another way explains it from its beginning.
    pub(super) fn seek_other_way(
        &mut self,
        network: &Network,
        step: &Move,
        shared: &mut Shared,
        passed: &mut Vec<Passed>,
    ) {
        if self.sought.is_none() {
            self.retrace(network, step.at_s, shared);
        } else {
            self.follow_traces(network, step, &shared.rules);
        }
        let Some(own) = self.drive.as_ref().map(|drive| (drive.pattern, drive.run)) else { return };
        if let Choice::Run(fit) = self.choose(network, step.at_s, shared)
            && fit.pattern != own.0
            && self.traces[fit.trace].misses == 0
            && self.traces[fit.trace].progress_m() > shared.rules.progress_first_seen_m
        {
            if let Some(run) = own.1 {
                shared.holders.give_back(run, self.number);
            }
            self.begin(network, fit, step, shared, passed, MatchReason::Matched);
        }
    }

    fn waiting_reason(&mut self, reason: MatchReason) {
        match &mut self.waiting {
            Some(waiting) if waiting.run.is_some() => {}
            Some(waiting) => waiting.reason = reason,
            None => self.waiting = Some(Waiting { pattern: None, run: None, reason }),
        }
    }
}
