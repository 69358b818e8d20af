//! The truth of a day in the words of the city's rules.

use misto_city::transit::{Network, PatternIndex, Run, StopVisit, TripIndex};
use misto_model::VehicleKey;

use super::Seen;
use crate::simulator::driving::{Doing, Spell};
use crate::simulator::streets::position;
use crate::simulator::trackers::Fix;
use crate::simulator::{City, Day};

/// A city with its network.
pub struct Truth<'a> {
    pub city: &'a City,
    pub network: &'a Network,
    pub vehicles: Vec<VehicleKey>,
    /// By trip of the timetable.
    trips: Vec<(TripIndex, PatternIndex)>,
}

impl<'a> Truth<'a> {
    pub fn new(city: &'a City, network: &'a Network) -> Self {
        let index = |trip: &misto_model::Trip| {
            let index = network.find_trip(&trip.id).expect("the network was made from this timetable");
            (index, network.pattern_of(index).expect("every simulated trip has a line"))
        };
        let trips = city.timetable().trips.iter().map(index).collect();
        Self { city, network, vehicles: city.vehicles().cloned().collect(), trips }
    }

    /// The run and the way of a simulated trip.
    pub fn run(&self, day: &Day, trip: usize) -> (Run, PatternIndex) {
        let (index, pattern) = self.trips[trip];
        (Run { trip: index, day: day.date }, pattern)
    }

    /// Every true stop visit of a day, by departure.
    pub fn visits(&self, day: &Day) -> Vec<StopVisit> {
        let mut visits = Vec::new();
        for (vehicle, spell) in day.runs() {
            let (run, pattern) = self.run(day, spell.trip.expect("in service means on a trip"));
            visits.extend(spell.visits.iter().map(|visit| StopVisit {
                vehicle: self.vehicles[vehicle].clone(),
                pattern,
                run: Some(run),
                call: visit.call,
                arrival: day.instant(visit.arrival_s),
                departure: day.instant(visit.departure_s),
            }));
        }
        visits.sort_by_key(|visit| visit.departure.micros());
        visits
    }

    /// What the newest fix tells of a vehicle whose trip is known; `None` when it is from before the trip.
    pub fn seen(&self, day: &Day, fix: &Fix, spell: &Spell) -> Option<Seen<'_>> {
        if fix.at_s < spell.from_s || spell.doing != Doing::InService {
            return None;
        }
        let (run, pattern) = self.run(day, spell.trip?);
        let passed = spell.visits.partition_point(|visit| visit.arrival_s <= fix.at_s);
        let visit = &spell.visits[passed.checked_sub(1)?];
        let way = self.network.pattern(pattern);
        let along = |call: usize| way.calls[call].along_m;
        let stands = fix.at_s < visit.departure_s || visit.call + 1 == way.calls.len();
        let (next_call, along_m) = if stands {
            (visit.call, along(visit.call))
        } else {
            let place = position(fix.place.map(f64::from));
            let projected = way.line.project_between(place, along(visit.call), along(visit.call + 1));
            (visit.call + 1, projected.map_or(along(visit.call), |projected| projected.along_m))
        };
        let vehicle = &self.vehicles[fix.vehicle as usize];
        Some(Seen { vehicle, pattern, run, along_m, next_call, fix_time: day.instant(fix.at_s.floor()) })
    }
}
