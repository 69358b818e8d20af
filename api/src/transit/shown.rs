//! What was found out about the vehicles of passenger transport at one look at the
//! fleet; never changed, replaced by the next.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use misto_city::journey::{Live, Picture, Planner};
use misto_city::transit::headway::LineHeadways;
use misto_city::transit::{Assignment, Network, PatternIndex, Predicted, Run, ServiceState, StopVisit, Tracked};
use misto_model::{Audience, Instant, Position, RouteId, Stop, StopId, VehicleKey, VehiclePosition};

use serde::{Deserialize, Serialize};

use super::alerts::StandingAlert;
use super::feeds::Feeds;

/// A vehicle with what was found out about it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OnDuty {
    /// Its newest fix.
    #[serde(with = "shared")]
    pub fix: Arc<VehiclePosition>,
    /// Id that the public sees.
    pub public_id: String,
    /// Number painted on it.
    pub label: Option<String>,
    /// Whether one boards without a step, by the register.
    pub low_floor: Option<bool>,
    /// Trip and state.
    pub assignment: Assignment,
    /// When it reaches the stops ahead, of this run and the next.
    pub predicted: Vec<Predicted>,
}

impl OnDuty {
    /// The id an audience knows it by.
    pub fn id(&self, audience: Audience) -> String {
        match audience {
            Audience::Staff => self.fix.vehicle.to_string(),
            Audience::Public => self.public_id.clone(),
        }
    }

    /// As the rules take it.
    pub fn tracked(&self) -> Tracked<'_> {
        Tracked { vehicle: &self.fix.vehicle, assignment: &self.assignment, predictions: &self.predicted }
    }

    /// Whether it may be on one of these routes: its tracker names one of them, or none.
    pub fn may_drive(&self, network: &Network, routes: &[&RouteId]) -> bool {
        let names = [self.fix.route.as_deref(), self.fix.route_short_name.as_deref()];
        let number = |id: &RouteId| network.timetable().routes.get(id).map(|route| route.short_name.as_str());
        let is_named = |name: &str| routes.iter().any(|id| id.0 == name || number(id) == Some(name));
        names.iter().all(Option::is_none) || names.into_iter().flatten().any(is_named)
    }

    /// Age of its newest fix, tenths of a second; 0 when its clock runs a little ahead.
    pub fn fix_age_s(&self, now: Instant) -> f64 {
        (now.seconds_since(self.fix.fix_time).max(0.0) * 10.0).round() / 10.0
    }

    /// The run that passengers may be told it drives now.
    pub fn run_told(&self) -> Option<Run> {
        self.assignment.run.filter(|_| self.assignment.state == ServiceState::InService)
    }

    /// Whether it stands at the stop that is its next.
    pub fn stands_at_stop(&self, network: &Network) -> bool {
        let pattern = self.assignment.pattern.map(|pattern| network.pattern(pattern));
        let call = pattern.zip(self.assignment.next_call).and_then(|(pattern, call)| pattern.calls.get(call));
        let gap_m = call.zip(self.assignment.along_m).map(|(call, along_m)| (call.along_m - along_m).abs());
        gap_m.is_some_and(|gap_m| gap_m < AT_STOP_M)
            && (self.fix.doors_open == Some(true) || self.fix.speed_m_s.is_some_and(|speed| speed < STANDS_M_S))
    }

    /// Seconds against the timetable, positive = late: at the next stop of its run.
    pub fn delay_s(&self, network: &Network) -> Option<i64> {
        let run = self.run_told()?;
        let next = self.predicted.iter().find(|predicted| predicted.run == Some(run))?;
        let planned = network.planned(run, next.call)?;
        Some(next.arrival.likely.timestamp().duration_since(planned.arrival).as_secs())
    }
}

/// One fix stays one value in memory; between processes it is written out.
mod shared {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<T: Serialize, S: Serializer>(value: &Arc<T>, to: S) -> Result<S::Ok, S::Error> {
        value.as_ref().serialize(to)
    }

    pub fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Arc<T>, D::Error> {
        T::deserialize(from).map(Arc::new)
    }
}

/// Nearer to a stop than this a vehicle that stands stands at it.
const AT_STOP_M: f64 = 40.0;
/// Slower than this a vehicle stands, as receivers err.
const STANDS_M_S: f64 = 1.0;

/// Everything of one look.
pub struct Shown {
    /// When.
    pub made_at: Instant,
    /// The timetable that the indices below belong to.
    pub network: Arc<Network>,
    /// Vehicles in the order of their keys.
    pub vehicles: Vec<OnDuty>,
    /// Visits of the last minutes, oldest first.
    pub visits: Vec<StopVisit>,
    /// Directions of routes with the intervals between their vehicles.
    pub lines: Vec<LineHeadways>,
    /// What others' programs read.
    pub feeds: Feeds,
    by_pattern: HashMap<PatternIndex, Vec<usize>>,
    by_stop: HashMap<StopId, Vec<usize>>,
    visits_by_pattern: HashMap<PatternIndex, Vec<usize>>,
    unplaced: Vec<usize>,
    journeys: OnceLock<Live>,
}

impl Shown {
    /// What was found at `made_at`, later by at least a second than the look before.
    pub fn new(
        made_at: Instant,
        network: Arc<Network>,
        vehicles: Vec<OnDuty>,
        visits: Vec<StopVisit>,
        lines: Vec<LineHeadways>,
        alerts: &[StandingAlert],
        cancelled: &BTreeSet<Run>,
    ) -> Self {
        let made_at_s = u64::try_from(made_at.micros().div_euclid(1_000_000)).unwrap_or_default();
        let feeds = Feeds::new(made_at_s, &network, &vehicles, alerts, cancelled);
        let mut by_pattern: HashMap<PatternIndex, Vec<usize>> = HashMap::new();
        let mut unplaced = Vec::new();
        let mut by_stop: HashMap<StopId, Vec<usize>> = HashMap::new();
        for (number, one) in vehicles.iter().enumerate() {
            match one.assignment.pattern {
                Some(pattern) => by_pattern.entry(pattern).or_default().push(number),
                None => unplaced.push(number),
            }
            for predicted in &one.predicted {
                let Some(call) = network.pattern(predicted.pattern).calls.get(predicted.call) else { continue };
                let seen = by_stop.entry(call.stop.clone()).or_default();
                if seen.last() != Some(&number) {
                    seen.push(number);
                }
            }
        }
        let mut visits_by_pattern: HashMap<PatternIndex, Vec<usize>> = HashMap::new();
        for (number, visit) in visits.iter().enumerate() {
            visits_by_pattern.entry(visit.pattern).or_default().push(number);
        }
        let journeys = OnceLock::new();
        Self {
            made_at,
            network,
            vehicles,
            visits,
            lines,
            feeds,
            by_pattern,
            by_stop,
            visits_by_pattern,
            unplaced,
            journeys,
        }
    }

    /// Stops whose boards a passenger would see changed: another vehicle is coming, or
    /// one of them at another minute.
    pub fn boards_changed_since(&self, former: Option<&Self>) -> Vec<(Position, &str)> {
        let stops = &self.network.timetable().stops;
        let differs = |stop: &&Stop| former.is_none_or(|former| self.minutes(&stop.id) != former.minutes(&stop.id));
        stops.values().filter(differs).map(|stop| (stop.position, stop.id.0.as_str())).collect()
    }

    fn minutes(&self, stop: &StopId) -> Vec<(&VehicleKey, i64)> {
        let of_one = |one: &OnDuty| {
            let here = |ahead: &&Predicted| {
                self.network.pattern(ahead.pattern).calls.get(ahead.call).is_some_and(|call| call.stop == *stop)
            };
            one.predicted.iter().find(here).map(|ahead| ahead.arrival.likely.micros().div_euclid(60_000_000))
        };
        self.toward(stop).filter_map(|one| Some((&one.fix.vehicle, of_one(one)?))).collect()
    }

    /// The timetable's corrections for journeys, made when somebody first asks after this look.
    pub fn live(&self, planner: &Planner, lost_after_s: f64, cancelled: impl FnOnce() -> BTreeSet<Run>) -> &Live {
        self.journeys.get_or_init(|| {
            let vehicles: Vec<Tracked<'_>> = self.vehicles.iter().map(OnDuty::tracked).collect();
            let may_drive = |vehicle: &VehicleKey, route: &RouteId| {
                self.vehicle(vehicle).is_some_and(|one| one.may_drive(&self.network, &[route]))
            };
            let picture = Picture {
                now: self.made_at,
                vehicles: &vehicles,
                visits: &self.visits,
                cancelled: &cancelled(),
                low_floor: &|vehicle| self.vehicle(vehicle).and_then(|one| one.low_floor),
                may_drive: &may_drive,
                lost_after_s,
            };
            Live::new(&self.network, planner, &picture)
        })
    }

    /// Visits of the last minutes on the patterns that call at a stop, oldest first.
    pub fn visits_of<'a>(&'a self, stop: &'a StopId) -> impl Iterator<Item = &'a StopVisit> {
        let calls = self.network.calls_at(stop);
        let of_pattern = |(pattern, _): &(PatternIndex, usize)| self.visits_by_pattern.get(pattern);
        let mut patterns: Vec<_> = calls.iter().filter_map(of_pattern).collect();
        patterns.dedup_by(|a, b| std::ptr::eq(*a, *b));
        patterns.into_iter().flatten().map(|number| &self.visits[*number])
    }

    /// Vehicles on a pattern.
    pub fn on(&self, pattern: PatternIndex) -> impl Iterator<Item = &OnDuty> {
        self.by_pattern.get(&pattern).into_iter().flatten().map(|number| &self.vehicles[*number])
    }

    /// The vehicle of that key.
    pub fn vehicle(&self, key: &VehicleKey) -> Option<&OnDuty> {
        let place = self.vehicles.binary_search_by(|one| one.fix.vehicle.cmp(key)).ok()?;
        self.vehicles.get(place)
    }

    /// Vehicles whose way is not known.
    pub fn unplaced(&self) -> impl Iterator<Item = &OnDuty> {
        self.unplaced.iter().map(|number| &self.vehicles[*number])
    }

    /// Vehicles that are predicted to call at a stop.
    pub fn toward(&self, stop: &StopId) -> impl Iterator<Item = &OnDuty> {
        self.by_stop.get(stop).into_iter().flatten().map(|number| &self.vehicles[*number])
    }
}
