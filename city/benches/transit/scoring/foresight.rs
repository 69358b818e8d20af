//! How much could be known at all: somebody who foresees the traffic of the whole day, incidents
//! included, and knows each vehicle's pace. What is left is chance: lights, passengers, the single leg.
//! It is no baseline; it says how far the errors can come down.

use std::collections::HashMap;

use misto_city::transit::{Network, PatternIndex, StopVisit, TripIndex};
use misto_model::{Instant, Precision, VehicleKey};

use super::{Estimate, Predictor, Seen};
use crate::simulator::traffic::Traffic;
use crate::simulator::{City, Day};

/// Dwells at one call in one hour: how many, and their sum in seconds.
type Dwells = HashMap<(PatternIndex, usize, i64), (f64, f64)>;

pub struct Foresight<'a> {
    city: &'a City,
    network: &'a Network,
    trips: HashMap<TripIndex, usize>,
    vehicles: HashMap<VehicleKey, usize>,
    dwells: Dwells,
    today: Option<(Traffic, i64, Vec<f64>)>,
}

impl<'a> Foresight<'a> {
    pub fn new(city: &'a City, network: &'a Network) -> Self {
        let trips = city.timetable().trips.iter().enumerate();
        let trips = trips.filter_map(|(number, trip)| Some((network.find_trip(&trip.id)?, number))).collect();
        let vehicles = city.vehicles().cloned().enumerate().map(|(number, key)| (key, number)).collect();
        Self { city, network, trips, vehicles, dwells: Dwells::new(), today: None }
    }

    fn dwell_s(&self, seen: &Seen, call: usize, at_s: f64) -> f64 {
        let key = (seen.pattern, call, (at_s / 3_600.0) as i64);
        self.dwells.get(&key).map_or(8.0, |(count, sum_s)| sum_s / count)
    }
}

impl Predictor for Foresight<'_> {
    fn name(&self) -> &'static str {
        "(traffic of the day foreseen)"
    }

    fn begin(&mut self, day: &Day) {
        let paces = day.vehicles.iter().map(|vehicle| vehicle.pace).collect();
        self.today = Some((self.city.traffic(day), day.start.as_microsecond(), paces));
    }

    fn learn(&mut self, visit: &StopVisit) {
        let zone_day = visit.run.and_then(|run| self.network.planned(run, 0).zip(Some(run)));
        let Some((planned, run)) = zone_day else { return };
        let begin_s = self.network.call_times(run.trip)[0].departure_s;
        let since_s = visit.arrival.seconds_since(Instant::from_timestamp(planned.departure));
        let key = (visit.pattern, visit.call, ((begin_s + since_s) / 3_600.0) as i64);
        let (count, sum_s) = self.dwells.entry(key).or_default();
        *count += 1.0;
        *sum_s += visit.departure.seconds_since(visit.arrival);
    }

    fn predict(&mut self, seen: &Seen, now: Instant) -> Vec<Estimate> {
        let Some((traffic, start, paces)) = &self.today else { return Vec::new() };
        let trip = self.trips[&seen.run.trip];
        let pace = paces[self.vehicles[seen.vehicle]];
        let calls = &self.network.pattern(seen.pattern).calls;
        let mut at_s = (seen.fix_time.micros() - start) as f64 / 1e6;
        if let Some(before) = seen.next_call.checked_sub(1) {
            let (from_m, to_m) = (calls[before].along_m, calls[seen.next_call].along_m);
            let left = 1.0 - ((seen.along_m - from_m) / (to_m - from_m)).clamp(0.0, 1.0);
            at_s += left * self.city.foreseen_s(traffic, trip, before, at_s, pace);
        }
        let mut found = Vec::with_capacity(calls.len() - seen.next_call);
        for call in seen.next_call..calls.len() {
            let micros = (start + (at_s * 1e6) as i64).max(now.micros());
            let likely = Instant::from_micros(micros, Precision::Milliseconds).expect("within the calendar");
            found.push(Estimate { call, likely, range: None });
            if call + 1 < calls.len() {
                at_s += self.dwell_s(seen, call, at_s);
                at_s += self.city.foreseen_s(traffic, trip, call, at_s, pace);
            }
        }
        found
    }
}
