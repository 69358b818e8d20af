//! Intervals observed on routes without a timetable: what takes the plan's place there.

use std::collections::{BTreeMap, HashMap, VecDeque};

use misto_city::transit::headway::median;
use misto_city::transit::{Network, StopVisit};
use misto_model::{Instant, RouteId, StopId};

/// Departures older than this tell nothing of the interval now, seconds.
const REMEMBERED_S: f64 = 10_800.0;
/// Departures remembered of one stop of a direction.
const REMEMBERED: usize = 64;
/// Fewer intervals than these have no median worth the name.
const LEAST: usize = 5;

type Line = (RouteId, Option<u8>);

/// The last departures by route, direction and stop. It grows with the stops of routes
/// without a timetable, not with time.
#[derive(Debug, Default)]
pub struct Intervals {
    departures: HashMap<Line, BTreeMap<StopId, VecDeque<Instant>>>,
}

impl Intervals {
    /// Takes in a visit. At the last stop nobody waits.
    pub fn take(&mut self, network: &Network, visit: &StopVisit) {
        let pattern = network.pattern(visit.pattern);
        let is_last = visit.call + 1 >= pattern.calls.len();
        let has_timetable =
            || network.patterns_of(&pattern.route).iter().any(|of| !network.pattern(*of).trips.is_empty());
        if is_last || has_timetable() {
            return;
        }
        let line = (pattern.route.clone(), pattern.direction);
        let at_stop = self.departures.entry(line).or_default().entry(pattern.calls[visit.call].stop.clone());
        let at_stop = at_stop.or_default();
        // Vehicles report one by one: what is told later may have happened a little earlier.
        let place = at_stop.partition_point(|at| at.micros() <= visit.departure.micros());
        at_stop.insert(place, visit.departure);
        if at_stop.len() > REMEMBERED {
            at_stop.pop_front();
        }
    }

    /// Forgets what is too old.
    pub fn settle(&mut self, now: Instant) {
        for stops in self.departures.values_mut() {
            for departures in stops.values_mut() {
                while departures.front().is_some_and(|at| now.seconds_since(*at) > REMEMBERED_S) {
                    departures.pop_front();
                }
            }
            stops.retain(|_, departures| !departures.is_empty());
        }
        self.departures.retain(|_, stops| !stops.is_empty());
    }

    /// Median interval of a direction over its stops, seconds; `None` when too few were observed.
    pub fn median_s(&self, route: &RouteId, direction: Option<u8>) -> Option<f64> {
        let stops = self.departures.get(&(route.clone(), direction))?;
        let of_stop = |departures: &VecDeque<Instant>| {
            let later = departures.iter().skip(1);
            departures.iter().zip(later).map(|(before, after)| after.seconds_since(*before)).collect::<Vec<_>>()
        };
        let mut intervals: Vec<f64> = stops.values().flat_map(of_stop).collect();
        if intervals.len() < LEAST {
            return None;
        }
        median(&mut intervals)
    }
}

#[cfg(test)]
mod tests;
