//! One vehicle: what is remembered of it, and what a fix changes.

use std::collections::VecDeque;

use misto_model::{Instant, Position, Precision, RouteId, VehicleKey, VehiclePosition};

use super::claim::Told;
use super::drive::{Drive, Went};
use super::holders::Holders;
use super::layover;
use super::places::{Depots, Still};
use super::rules::MatchRules;
use super::trace::{Move, Trace};
use crate::transit::assignment::{Assignment, MatchReason, ServiceState, StopVisit};
use crate::transit::network::{Network, PatternIndex, Run};
use crate::transit::visits::Passed;

mod search;

/// What is shared by all vehicles.
pub(super) struct Shared {
    pub rules: MatchRules,
    pub holders: Holders,
    pub depots: Depots,
}

/// The trip before.
#[derive(Debug, Clone)]
pub(super) struct Ended {
    pub run: Option<Run>,
    pub route: RouteId,
    pub place: Position,
}

/// A vehicle that waits for a departure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Waiting {
    pub pattern: Option<PatternIndex>,
    pub run: Option<Run>,
    pub reason: MatchReason,
}

pub(super) struct Tracked {
    pub key: VehicleKey,
    pub number: u64,
    pub last: Option<(Position, Instant)>,
    /// A fix that cannot be, unless the next one confirms it.
    suspect: Option<(Position, f64)>,
    pub still: Option<Still>,
    told: Told,
    /// It drove another route than it tells, and tells the same still.
    pub distrusted: bool,
    traces: Vec<Trace>,
    sought: Option<Position>,
    /// When runs were compared last.
    asked_s: f64,
    pub drive: Option<Drive>,
    pub ended: Option<Ended>,
    pub waiting: Option<Waiting>,
    /// Fixes where it was, with some distance between them: when a choice proves wrong, other
    /// ways are judged by the same evidence.
    trail: VecDeque<Move>,
    /// Metres driven since it last stood long, ended a trip or was first seen.
    pub searched_m: f64,
    gap: bool,
    /// Nothing is known of where it was before.
    new: bool,
    /// Where it was first seen.
    first: Option<Position>,
    /// Whether it was seen elsewhere since: what never drove waits for no departure.
    pub has_driven: bool,
    pub assignment: Option<Assignment>,
}

/// Farther from where it was first seen than a receiver errs between houses, metres.
const HAS_DRIVEN_M: f64 = 150.0;
/// So much of the trail is kept.
const TRAIL_FIXES: usize = 80;
/// A fix joins the trail at this distance from the one before, metres.
const TRAIL_STEP_M: f64 = 40.0;
/// More possible ways at once are not followed: no street has so many lines.
const TRACES: usize = 128;

impl Tracked {
    pub(super) fn new(key: VehicleKey, number: u64) -> Self {
        Self {
            key,
            number,
            last: None,
            suspect: None,
            still: None,
            told: Told::default(),
            distrusted: false,
            traces: Vec::new(),
            sought: None,
            asked_s: f64::NEG_INFINITY,
            drive: None,
            ended: None,
            waiting: None,
            trail: VecDeque::new(),
            searched_m: 0.0,
            gap: true,
            new: true,
            first: None,
            has_driven: false,
            assignment: None,
        }
    }

    /// All that depends on a timetable is dropped.
    pub(super) fn rebase(&mut self) {
        let (last, still, first, has_driven) = (self.last, self.still, self.first, self.has_driven);
        let trail = std::mem::take(&mut self.trail);
        *self = Self { last, still, first, has_driven, trail, ..Self::new(self.key.clone(), self.number) };
    }

    pub(super) fn observe(&mut self, network: &Network, fix: &VehiclePosition, shared: &mut Shared) -> Vec<StopVisit> {
        let Some(step) = self.step(fix, &shared.rules) else { return Vec::new() };
        let first = *self.first.get_or_insert(fix.position);
        self.has_driven |= first.distance_m(fix.position) > HAS_DRIVEN_M;
        let mut passed = Vec::new();
        let news = !self.told.is_repeated_by(fix);
        if news {
            let routes = std::mem::take(&mut self.told.routes);
            self.told = Told::of(fix, network);
            self.distrusted &= self.told.routes == routes;
        }
        let doors_open = fix.doors_open == Some(true);
        if let Some(drive) = &self.drive
            && drive.run.is_some_and(|run| !shared.holders.holds(run, self.number))
        {
            self.lose_run();
        }
        let visited = match self.drive.take() {
            Some(drive) => self.go_on(network, drive, &step, doors_open, news, shared, &mut passed),
            None => None,
        };
        let visited = visited.or_else(|| {
            if self.drive.is_none() {
                self.search(network, &step, shared, &mut passed);
            }
            self.drive.as_ref().map(|drive| (drive.pattern, drive.run))
        });
        if self.drive.is_none() {
            self.rest(network, step.at_s, shared);
        }
        self.settle_assignment(network, fix.fix_time, shared);
        let Some((pattern, run)) = visited else { return Vec::new() };
        passed.iter().filter_map(|passed| self.visit(pattern, run, passed)).collect()
    }

    /// The fix as a step from the one before; `None` when it must not move anything.
    fn step(&mut self, fix: &VehiclePosition, rules: &MatchRules) -> Option<Move> {
        let at_s = seconds(fix.fix_time);
        let (moved_m, elapsed_s) = match self.last {
            Some((place, at)) => {
                if fix.fix_time.micros() <= at.micros() {
                    return None;
                }
                (place.distance_m(fix.position), fix.fix_time.seconds_since(at))
            }
            None => (0.0, f64::INFINITY),
        };
        if moved_m > rules.fastest_m_s * 1.3 * elapsed_s + 150.0 && !self.is_confirmed(fix.position, at_s, rules) {
            self.suspect = Some((fix.position, at_s));
            return None;
        }
        self.suspect = None;
        self.gap = elapsed_s > rules.gap_s || std::mem::take(&mut self.new);
        self.last = Some((fix.position, fix.fix_time));
        match &mut self.still {
            Some(still) => still.observe(fix.position, at_s, rules),
            None => self.still = Some(Still::new(fix.position, at_s)),
        }
        let drives = moved_m > 15.0 && fix.speed_m_s.is_none_or(|speed| speed > 3.0);
        let bearing_deg = fix.bearing_deg.filter(|_| drives);
        let step = Move { position: fix.position, at_s, moved_m, elapsed_s, bearing_deg };
        self.remember(step);
        Some(step)
    }

    /// Two fixes at one far place are no error: the vehicle was silent on its way there.
    fn is_confirmed(&self, place: Position, at_s: f64, rules: &MatchRules) -> bool {
        self.suspect.is_some_and(|(suspect, then_s)| {
            at_s > then_s && suspect.distance_m(place) <= rules.fastest_m_s * (at_s - then_s) + 50.0
        })
    }

    fn remember(&mut self, step: Move) {
        if self.trail.back().is_some_and(|last| last.position.distance_m(step.position) < TRAIL_STEP_M) {
            return;
        }
        if self.trail.len() == TRAIL_FIXES {
            self.trail.pop_front();
        }
        self.trail.push_back(step);
    }

    /// A fix of a vehicle on a trip. Where its visits belong when the trip is over with it.
    #[expect(clippy::too_many_arguments, reason = "one fix and what it may change")]
    fn go_on(
        &mut self,
        network: &Network,
        mut drive: Drive,
        step: &Move,
        doors_open: bool,
        news: bool,
        shared: &mut Shared,
        passed: &mut Vec<Passed>,
    ) -> Option<(PatternIndex, Option<Run>)> {
        let pattern = network.pattern(drive.pattern);
        let stands_s = self.still.map_or(0.0, |still| still.stands_s());
        let stands_now_s = self.still.map_or(0.0, |still| still.stands_now_s());
        let went = drive.follow(pattern, step, (doors_open, stands_now_s), &shared.rules, passed);
        let way = (drive.pattern, drive.run);
        match went {
            Went::On | Went::Beside if stands_s > shared.rules.standing_in_service_s => {
                self.give_back(&drive, shared);
                Some(way)
            }
            Went::On | Went::Beside => {
                self.drive = Some(drive);
                self.stop_searching();
                if news {
                    self.reconsider(network, step.at_s, shared);
                } else if way.1.is_none() && went == Went::On && self.may_ask(step.at_s, 3.0 * shared.rules.ask_every_s)
                {
                    self.find_run(network, step.at_s, shared);
                }
                None
            }
            Went::Off => {
                self.drive = Some(drive);
                self.seek_other_way(network, step, shared, passed);
                None
            }
            Went::Ended => {
                self.end(network, &drive, step, shared);
                Some(way)
            }
            Went::Lost => {
                self.give_back(&drive, shared);
                self.trail.clear();
                Some(way)
            }
        }
    }

    fn give_back(&mut self, drive: &Drive, shared: &mut Shared) {
        if let Some(run) = drive.run {
            shared.holders.give_back(run, self.number);
        }
        self.drive = None;
        self.searched_m = 0.0;
        self.traces.clear();
    }

    /// Neither drives nor waits any more.
    pub(super) fn give_all_back(&mut self, shared: &mut Shared) {
        if let Some(drive) = self.drive.take() {
            self.give_back(&drive, shared);
        }
        layover::give_back(self, shared);
    }

    fn stop_searching(&mut self) {
        if self.sought.take().is_some() {
            self.traces.clear();
        }
    }

    /// Another vehicle proved to drive the run.
    fn lose_run(&mut self) {
        if let Some(drive) = &mut self.drive {
            (drive.run, drive.reason, drive.told, drive.cost) = (None, MatchReason::SeveralTrips, false, f64::INFINITY);
        }
    }

    fn end(&mut self, network: &Network, drive: &Drive, step: &Move, shared: &mut Shared) {
        if let Some(run) = drive.run {
            shared.holders.finish(run, self.number);
        }
        self.give_back(drive, shared);
        let route = network.pattern(drive.pattern).route.clone();
        self.distrusted = !self.told.routes.is_empty() && !self.told.routes.contains(&route);
        let run = drive.run.or_else(|| self.ended.as_ref().and_then(|ended| ended.run));
        self.ended = Some(Ended { run, route, place: step.position });
        self.trail.clear();
        self.trail.push_back(*step);
        self.seek(network, step, &shared.rules);
    }

    /// What a vehicle without a trip does.
    pub(super) fn rest(&mut self, network: &Network, now_s: f64, shared: &mut Shared) {
        let Some(still) = self.still else { return };
        shared.depots.learn(self.number, &still, &shared.rules);
        if still.stands_s() > shared.rules.depot_after_s {
            self.searched_m = 0.0;
        }
        layover::wait(self, network, now_s, shared);
    }

    pub(super) fn told(&self) -> &Told {
        &self.told
    }

    /// Whether some way is still followed.
    pub(super) fn follows_a_way(&self) -> bool {
        !self.traces.is_empty()
    }

    pub(super) fn settle_assignment(&mut self, network: &Network, fix_time: Instant, shared: &Shared) {
        let next = match &self.drive {
            Some(drive) => Assignment {
                state: if drive.off_since_s.is_some() { ServiceState::OffRoute } else { ServiceState::InService },
                reason: drive.reason,
                pattern: Some(drive.pattern),
                run: drive.run,
                along_m: Some(drive.reached_m),
                next_call: drive.next_call(network.pattern(drive.pattern)),
                since: fix_time,
                fix_time,
                stands_since: self.still.and_then(|still| instant(still.stands_now_since_s()?)),
            },
            None => {
                let depot = self.still.is_some_and(|still| shared.depots.is_depot(still.place()));
                layover::assignment(self, depot, &shared.rules, fix_time)
            }
        };
        self.set(next, fix_time);
    }

    /// `since` moves only when state, way or run change.
    pub(super) fn set(&mut self, mut next: Assignment, now: Instant) {
        next.since = now;
        if let Some(before) = &self.assignment
            && (before.state, before.pattern, before.run) == (next.state, next.pattern, next.run)
        {
            next.since = before.since;
        }
        self.assignment = Some(next);
    }

    fn visit(&self, pattern: PatternIndex, run: Option<Run>, passed: &Passed) -> Option<StopVisit> {
        Some(StopVisit {
            vehicle: self.key.clone(),
            pattern,
            run,
            call: passed.call,
            arrival: instant(passed.arrival_s)?,
            departure: instant(passed.departure_s)?,
        })
    }
}

pub(super) fn seconds(at: Instant) -> f64 {
    at.micros() as f64 / 1e6
}

fn instant(at_s: f64) -> Option<Instant> {
    Instant::from_micros((at_s * 1e3).round() as i64 * 1_000, Precision::Milliseconds).ok()
}
