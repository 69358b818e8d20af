//! Fix → trip: which trip each vehicle drives, and when it was at its stops.
//!
//! A vehicle without a trip is followed along every line that passes near it. Lines that
//! it does not follow, or drives against, fall away. What is left is compared by distance,
//! progress, planned time, the vehicle's trip before and the tracker's own words; only what
//! is clearly better than the rest is taken. A vehicle with a trip is followed along
//! that line alone.

use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::Date;
use misto_model::{FixFlag, Instant, VehicleKey, VehiclePosition};

use super::assignment::{Assignment, MatchReason, ServiceState, StopVisit};
use super::network::Network;

mod choice;
mod claim;
mod drive;
mod holders;
mod layover;
mod places;
mod rules;
mod trace;
mod vehicle;

pub use rules::MatchRules;

use vehicle::{Shared, Tracked};

/// The trips of a fleet.
pub struct Matcher {
    shared: Shared,
    vehicles: Vec<Tracked>,
    by_key: HashMap<VehicleKey, usize>,
    seen: u64,
    today: Option<Date>,
}

impl Matcher {
    /// Knows no vehicle yet.
    pub fn new(rules: MatchRules) -> Self {
        let shared = Shared { rules, holders: Default::default(), depots: Default::default() };
        Self { shared, vehicles: Vec::new(), by_key: HashMap::new(), seen: 0, today: None }
    }

    /// Takes one fix and tells the stop visits that it completes, in the order of the way.
    /// A fix that is not newer than the newest of its vehicle, whose clock is wrong, or that lies
    /// ahead of `now` by more than a minute, changes nothing.
    pub fn observe(&mut self, network: &Network, fix: &VehiclePosition, now: Instant) -> Vec<StopVisit> {
        if fix.flags.contains(&FixFlag::ClockWrong) || fix.fix_time.seconds_since(now) > 60.0 {
            return Vec::new();
        }
        let slot = match self.by_key.get(&fix.vehicle) {
            Some(slot) => *slot,
            None => self.add(fix.vehicle.clone()),
        };
        self.vehicles[slot].observe(network, fix, &mut self.shared)
    }

    fn add(&mut self, key: VehicleKey) -> usize {
        self.by_key.insert(key.clone(), self.vehicles.len());
        self.vehicles.push(Tracked::new(key, self.seen));
        self.seen += 1;
        self.vehicles.len() - 1
    }

    /// What a vehicle does; `None` when it was never seen.
    pub fn assignment(&self, vehicle: &VehicleKey) -> Option<&Assignment> {
        self.vehicles[*self.by_key.get(vehicle)?].assignment.as_ref()
    }

    /// Whether a vehicle is remembered.
    pub fn knows(&self, vehicle: &VehicleKey) -> bool {
        self.by_key.contains_key(vehicle)
    }

    /// What all vehicles do, in the order in which they were first seen.
    pub fn assignments(&self) -> impl Iterator<Item = (&VehicleKey, &Assignment)> {
        self.vehicles.iter().filter_map(|vehicle| Some((&vehicle.key, vehicle.assignment.as_ref()?)))
    }

    /// What time alone changes: silence, departures that a waiting vehicle has missed. Meant
    /// to be called about once a second.
    pub fn settle(&mut self, network: &Network, now: Instant) {
        for vehicle in &mut self.vehicles {
            vehicle.settle(network, now, &mut self.shared);
        }
        // Runs of yesterday may still be on their way.
        let today = now.timestamp().to_zoned(network.departures().time_zone().clone()).date();
        if self.today != Some(today)
            && let Ok(before) = today.checked_sub(2.days())
        {
            self.today = Some(today);
            self.shared.holders.forget_before(before);
        }
    }

    /// Forgets vehicles whose newest fix is older.
    pub fn forget(&mut self, older_than: Instant) {
        let shared = &mut self.shared;
        self.vehicles.retain_mut(|vehicle| {
            let kept = vehicle.last.is_some_and(|(_, at)| at.micros() >= older_than.micros());
            if !kept {
                vehicle.give_all_back(shared);
            }
            kept
        });
        let keys = self.vehicles.iter().enumerate().map(|(slot, vehicle)| (vehicle.key.clone(), slot));
        self.by_key = keys.collect();
    }

    /// A new timetable: patterns and trips have other numbers, so trips are found anew. Vehicles,
    /// their newest fixes and the learnt depots stay.
    pub fn rebase(&mut self) {
        self.shared.holders = Default::default();
        self.vehicles.iter_mut().for_each(Tracked::rebase);
    }
}

impl std::fmt::Debug for Matcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Matcher").field("vehicles", &self.vehicles.len()).finish_non_exhaustive()
    }
}

impl Tracked {
    fn settle(&mut self, network: &Network, now: Instant, shared: &mut Shared) {
        let Some((_, at)) = self.last else { return };
        let silent_s = now.seconds_since(at);
        if silent_s > shared.rules.give_back_after_s {
            self.give_all_back(shared);
        }
        if silent_s <= shared.rules.silent_after_s {
            // A waiting vehicle often says nothing, so its departure is looked at here too.
            if self.waiting.is_some_and(|waiting| waiting.run.is_some()) {
                self.rest(network, vehicle::seconds(now), shared);
                self.settle_assignment(network, at, shared);
            }
            return;
        }
        let Some(before) = self.assignment.clone() else { return };
        let parked = matches!(before.state, ServiceState::AtDepot | ServiceState::Layover);
        if silent_s > shared.rules.give_back_after_s || !parked {
            let run = before.run.filter(|run| shared.holders.holds(*run, self.number));
            let pattern = before.pattern.filter(|_| silent_s <= shared.rules.give_back_after_s);
            let (state, reason) = if before.state == ServiceState::AtDepot {
                (ServiceState::AtDepot, MatchReason::Standing)
            } else {
                (ServiceState::Unknown, MatchReason::Silent)
            };
            self.set(Assignment { state, reason, pattern, run, since: now, stands_since: None, ..before }, now);
        }
    }
}

#[cfg(test)]
mod tests;
