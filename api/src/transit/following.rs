//! The rules of passenger transport at work: fixes go in one by one, and now and then
//! somebody looks at what was found.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use misto_city::fleet::{Fleet, FleetRules, Observed};
use misto_city::transit::headway::{LineHeadways, live};
use misto_city::transit::{MatchRules, Matcher, Network, Predicted, StopVisit, Tracked, TravelTimes, predict};
use misto_model::{Instant, RouteId, VehicleKey, VehiclePosition};

use super::intervals::Intervals;
use super::shown::OnDuty;

/// How long stop visits are kept in the picture, seconds: longer than a board tells that a
/// trip is missing, so that one that has passed, early too, is not told to be.
pub const VISITS_FOR_S: f64 = 1_200.0;
/// A vehicle that was silent for so long is forgotten, seconds.
const FORGET_AFTER_S: i64 = 86_400;

/// What is told of a vehicle.
#[derive(Debug)]
pub enum Heard {
    /// It was somewhere.
    Fix(Arc<VehiclePosition>),
    /// Its device said good-bye.
    Gone(VehicleKey),
}

/// What the rules remember.
pub struct Following {
    /// Newest fixes of all vehicles of passenger transport, whoever follows the rest of them.
    pub fleet: Fleet,
    /// The timetable followed.
    pub network: Arc<Network>,
    /// Which trip each vehicle drives.
    pub matcher: Matcher,
    /// How long things take.
    pub times: TravelTimes,
    visits: VecDeque<StopVisit>,
    intervals: Intervals,
    forgot_at_minute: i64,
}

impl Following {
    /// With what was learnt before.
    pub fn new(network: Arc<Network>, times: TravelTimes, fleet: Fleet) -> Self {
        let (visits, intervals) = (VecDeque::new(), Intervals::default());
        Self {
            fleet,
            network,
            matcher: Matcher::new(MatchRules::default()),
            times,
            visits,
            intervals,
            forgot_at_minute: 0,
        }
    }

    /// Takes over another timetable: vehicles are matched anew, what was learnt stays.
    pub fn change(&mut self, network: Arc<Network>) {
        self.matcher.rebase();
        self.times.rebase();
        self.visits.clear();
        self.network = network;
    }

    /// Takes in one fix; gives the stop visits that it completed.
    pub fn observe(&mut self, fix: &Arc<VehiclePosition>, rules: &FleetRules, now: Instant) -> Vec<StopVisit> {
        if self.fleet.observe(Arc::clone(fix), rules) != Observed::Newest {
            return Vec::new();
        }
        let visits = self.matcher.observe(&self.network, fix, now);
        for visit in &visits {
            self.times.learn(&self.network, visit);
            self.intervals.take(&self.network, visit);
            self.visits.push_back(visit.clone());
        }
        visits
    }

    /// What time alone changes: silence, layovers that end.
    pub fn settle(&mut self, now: Instant) {
        self.matcher.settle(&self.network, now);
        self.intervals.settle(now);
        let minute = now.micros().div_euclid(60_000_000);
        if self.forgot_at_minute != minute {
            self.forgot_at_minute = minute;
            self.forget(now);
        }
        while self.visits.front().is_some_and(|visit| now.seconds_since(visit.arrival) > VISITS_FOR_S) {
            self.visits.pop_front();
        }
    }

    /// Forgets vehicles that were silent for a day: ids of trackers come and go.
    fn forget(&mut self, now: Instant) {
        let Ok(before) = Instant::from_micros(now.micros() - FORGET_AFTER_S * 1_000_000, now.precision()) else {
            return;
        };
        self.matcher.forget(before);
        let matcher = &self.matcher;
        self.fleet.retain(|vehicle| matcher.knows(vehicle));
    }

    /// Visits of the last minutes, oldest first.
    pub fn visits(&self) -> Vec<StopVisit> {
        self.visits.iter().cloned().collect()
    }

    /// Every direction of a route that vehicles are on, with the intervals between them.
    pub fn headways(&self, vehicles: &[OnDuty], lost_after_s: f64, now: Instant) -> Vec<LineHeadways> {
        let mut by_line: BTreeMap<(&RouteId, Option<u8>), Vec<Tracked<'_>>> = BTreeMap::new();
        for one in vehicles.iter().filter(|one| one.fix_age_s(now) <= lost_after_s) {
            let Some(pattern) = one.assignment.pattern.map(|pattern| self.network.pattern(pattern)) else { continue };
            by_line.entry((&pattern.route, pattern.direction)).or_default().push(one.tracked());
        }
        let line = |(line, tracked): ((&RouteId, Option<u8>), Vec<Tracked<'_>>)| {
            let observed_s = self.intervals.median_s(line.0, line.1);
            live(&self.network, &self.times, &tracked, line, observed_s, now)
        };
        by_line.into_iter().filter_map(line).collect()
    }

    /// When a vehicle reaches the stops ahead.
    pub fn predicted(&self, vehicle: &VehicleKey, now: Instant) -> Vec<Predicted> {
        let Some(assignment) = self.matcher.assignment(vehicle) else { return Vec::new() };
        predict(&self.network, &self.times, vehicle, assignment, now)
    }
}
