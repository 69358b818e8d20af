//! A fleet that publishes like real trackers do: a third of the buses speak HFP
//! v2, the others the operator's JSON without a trip, utility vehicles OwnTracks,
//! sensors The Things Stack and SensorThings. With jitter, lost fixes, late and
//! repeated messages and a few broken ones.
//!
//! Pure: the clock is an argument, and the same seed and the same moments give the
//! same messages.

mod hfp;
mod operator;
mod owntracks;
mod polyline;
mod readings;
mod schedule;
mod tracker;
mod trouble;
mod utility;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::chance::Chance;
use crate::register::{DemoVehicle, demo_fleet};
use readings::Readings;
use schedule::Schedule;
use tracker::{Speaks, Tracker};
use trouble::{Fault, Trouble};
use utility::Circuit;

/// A message to publish as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetMessage {
    /// MQTT topic.
    pub topic: String,
    /// Payload; JSON, except where the demo breaks it on purpose.
    pub payload: Vec<u8>,
}

/// The demo fleet and its sensors.
pub struct Fleet {
    zone: TimeZone,
    schedule: Schedule,
    trackers: Vec<Tracker>,
    readings: Readings,
    trouble: Trouble,
}

impl Fleet {
    /// A fleet whose chances come from `seed`.
    pub fn new(seed: u64) -> Self {
        let chance = Chance::new("demo fleet").apart(seed);
        let fleet = demo_fleet();
        let tracker = |(number, vehicle): (usize, DemoVehicle)| tracker(vehicle, chance.apart(number as u64 + 1));
        Self {
            // The database is part of the program (feature tzdb-bundle-always).
            zone: TimeZone::get("Europe/Kyiv").unwrap_or(TimeZone::UTC),
            schedule: Schedule::read(),
            trackers: fleet.vehicles.into_iter().enumerate().map(tracker).collect(),
            readings: Readings::new(fleet.sensors),
            trouble: Trouble::new(chance.apart(0)),
        }
    }

    /// What is sent at `now`. Call it about once a second; a longer pause only
    /// leaves messages out.
    pub fn messages(&mut self, now: Timestamp) -> Vec<FleetMessage> {
        let mut out = self.trouble.released(now);
        let fault = self.trouble.fault_due(now);
        let unlucky = fault.map(|_| self.trouble.one_below(self.trackers.len()));
        for (number, tracker) in self.trackers.iter_mut().enumerate() {
            let fault = fault.filter(|_| unlucky == Some(number));
            for message in tracker.report(now, &self.zone, &self.schedule, fault) {
                self.trouble.pass(message, now, &mut out);
            }
        }
        out.extend(self.readings.due(now));
        out
    }
}

/// How a vehicle of the register reports, by the source of its key.
fn tracker(vehicle: DemoVehicle, chance: Chance) -> Tracker {
    let key = &vehicle.registration.vehicle;
    let speaks = match key.source().as_str() {
        "hfp" => Speaks::Hfp,
        "owntracks" => Speaks::OwnTracks(Circuit::new(&vehicle.circuit, vehicle.registration.kind, &chance)),
        _ => Speaks::Operator,
    };
    Tracker::new(vehicle, speaks, chance)
}

/// Text that a fault of the payload leaves.
fn payload(value: &serde_json::Value, fault: Option<Fault>) -> Vec<u8> {
    let mut bytes = value.to_string().into_bytes();
    if fault == Some(Fault::BrokenJson) {
        bytes.truncate(bytes.len() * 2 / 3);
    }
    bytes
}

#[cfg(test)]
mod tests;
