//! Misto's own matching and prediction, as the scores want to ask them. All that the benchmark needs of
//! their interfaces stands here.

use misto_city::transit::{
    Assignment, MatchReason, MatchRules, Matcher, Network, PatternIndex, Predicted, ServiceState, StopVisit,
    TravelTimes, predict,
};
use misto_model::{Instant, VehicleKey, VehiclePosition};

use crate::scoring::matching::Matching;
use crate::scoring::replay::Listener;
use crate::scoring::truth::Truth;
use crate::scoring::{Estimate, Predictor, Seen};
use crate::simulator::Day;
use crate::simulator::trackers::{Fix, Says};

fn estimate(predicted: &Predicted) -> Estimate {
    let range = Some((predicted.arrival.earliest, predicted.arrival.latest));
    Estimate { call: predicted.call, likely: predicted.arrival.likely, range }
}

/// Told the true trips, like the baselines.
pub struct Told<'a> {
    network: &'a Network,
    times: TravelTimes,
}

impl<'a> Told<'a> {
    pub fn new(network: &'a Network) -> Self {
        Self { network, times: TravelTimes::default() }
    }
}

impl Predictor for Told<'_> {
    fn name(&self) -> &'static str {
        "Misto, true trips"
    }

    fn learn(&mut self, visit: &StopVisit) {
        self.times.learn(self.network, visit);
    }

    fn predict(&mut self, seen: &Seen, now: Instant) -> Vec<Estimate> {
        let assignment = Assignment {
            state: ServiceState::InService,
            reason: MatchReason::Told,
            pattern: Some(seen.pattern),
            run: Some(seen.run),
            along_m: Some(seen.along_m),
            next_call: Some(seen.next_call),
            since: seen.fix_time,
            fix_time: seen.fix_time,
            stands_since: None,
        };
        let found = predict(self.network, &self.times, seen.vehicle, &assignment, now);
        found.iter().filter(|predicted| predicted.run == Some(seen.run)).map(estimate).collect()
    }
}

/// What trackers say, for the table.
pub const SAYS: [(Says, &str); 5] = [
    (Says::Route, "route"),
    (Says::RouteAndTrip, "route and trip id"),
    (Says::RouteAndStart, "route, direction, start"),
    (Says::Nothing, "nothing"),
    (Says::WrongRoute, "a wrong route"),
];

/// Told nothing but the fixes.
pub struct Heard<'a> {
    network: &'a Network,
    matcher: Matcher,
    times: TravelTimes,
    /// In the order of [`SAYS`].
    pub matching: [Matching; 5],
    pub fixes: u64,
    pub seconds: f64,
}

impl<'a> Heard<'a> {
    pub fn new(network: &'a Network) -> Self {
        Self {
            network,
            matcher: Matcher::new(MatchRules::default()),
            times: TravelTimes::default(),
            matching: Default::default(),
            fixes: 0,
            seconds: 0.0,
        }
    }

    /// Over all trackers.
    pub fn matched(&self) -> Matching {
        let mut all = Matching::default();
        self.matching.iter().for_each(|matching| all.add(matching));
        all
    }
}

impl Listener for Heard<'_> {
    fn hear(&mut self, fix: &VehiclePosition, now: Instant) {
        let begun = std::time::Instant::now();
        let visits = self.matcher.observe(self.network, fix, now);
        self.seconds += begun.elapsed().as_secs_f64();
        self.fixes += 1;
        visits.iter().for_each(|visit| self.times.learn(self.network, visit));
    }

    fn tick(&mut self, now: Instant) {
        self.matcher.settle(self.network, now);
    }

    fn judge(&mut self, truth: &Truth, day: &Day, fix: &Fix) {
        let says = truth.city.says(fix.vehicle as usize);
        let said = self.matcher.assignment(&truth.vehicles[fix.vehicle as usize]);
        if let Some(row) = SAYS.iter().position(|(of_row, _)| *of_row == says) {
            self.matching[row].take(truth, day, fix, said);
        }
    }

    fn predict(&mut self, vehicle: &VehicleKey, now: Instant) -> Vec<(PatternIndex, Estimate)> {
        let Some(assignment) = self.matcher.assignment(vehicle) else { return Vec::new() };
        let found = predict(self.network, &self.times, vehicle, assignment, now);
        let own = found.iter().filter(|predicted| Some(predicted.pattern) == assignment.pattern);
        own.filter(|predicted| predicted.run == assignment.run).map(|p| (p.pattern, estimate(p))).collect()
    }
}
