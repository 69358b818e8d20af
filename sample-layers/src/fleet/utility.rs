//! Utility vehicles on their circuits, with jobs that change.

use jiff::Timestamp;
use misto_model::{Job, VehicleKind};

use super::polyline::{Place, Polyline};
use crate::chance::Chance;

/// A closed way on the streets and the round of jobs done on it.
pub struct Circuit {
    line: Polyline,
    /// Jobs with their seconds and metres a second, over and over.
    round: &'static [(Job, f64, f64)],
    /// Seconds by which this vehicle is ahead of others of its kind.
    ahead_s: f64,
}

const PLOUGH: &[(Job, f64, f64)] = &[
    (Job::Driving, 240.0, 9.0),
    (Job::Ploughing, 1500.0, 5.5),
    (Job::Driving, 180.0, 8.0),
    (Job::Ploughing, 1200.0, 5.0),
    (Job::Idle, 420.0, 0.0),
];
const SPREADER: &[(Job, f64, f64)] =
    &[(Job::Driving, 300.0, 10.0), (Job::Spreading, 1800.0, 7.0), (Job::Idle, 300.0, 0.0)];
const WASTE: &[(Job, f64, f64)] = &[
    (Job::Driving, 240.0, 8.0),
    (Job::Collecting, 70.0, 2.0),
    (Job::Collecting, 50.0, 0.0),
    (Job::Collecting, 60.0, 2.5),
    (Job::Collecting, 45.0, 0.0),
    (Job::Collecting, 80.0, 2.0),
    (Job::Driving, 90.0, 6.0),
    (Job::Collecting, 60.0, 0.0),
    (Job::Collecting, 90.0, 2.2),
    (Job::Idle, 150.0, 0.0),
];
const SWEEPER: &[(Job, f64, f64)] =
    &[(Job::Sweeping, 1500.0, 2.4), (Job::Driving, 200.0, 7.0), (Job::Washing, 900.0, 2.8), (Job::Off, 600.0, 0.0)];
const REPAIR: &[(Job, f64, f64)] =
    &[(Job::Driving, 420.0, 9.0), (Job::Repairing, 1500.0, 0.0), (Job::Driving, 300.0, 8.0), (Job::Idle, 480.0, 0.0)];
const OTHER: &[(Job, f64, f64)] = &[(Job::Driving, 600.0, 8.0), (Job::Idle, 300.0, 0.0)];

impl Circuit {
    pub fn new(places: &[[f64; 2]], kind: Option<VehicleKind>, chance: &Chance) -> Self {
        let round = match kind {
            Some(VehicleKind::Plough) => PLOUGH,
            Some(VehicleKind::Spreader) => SPREADER,
            Some(VehicleKind::WasteTruck) => WASTE,
            Some(VehicleKind::Sweeper) => SWEEPER,
            Some(VehicleKind::RepairCrew) => REPAIR,
            _ => OTHER,
        };
        let line = Polyline::new(places.iter().map(|p| (p[0], p[1])).collect());
        Self { line, round, ahead_s: chance.clone().between(0.0, 7200.0) }
    }

    /// Place, metres a second, bearing and job.
    pub fn at(&self, now: Timestamp) -> (Place, f64, f64, Job) {
        let (time, metres) = self.round.iter().fold((0.0, 0.0), |(t, m), (_, s, v)| (t + s, m + s * v));
        let elapsed = now.as_millisecond() as f64 / 1000.0 + self.ahead_s;
        let rounds = (elapsed / time).floor();
        let (mut left_s, mut distance) = (elapsed - rounds * time, (rounds * metres) % self.line.length_m().max(1.0));
        let (mut job, mut speed) = (Job::Idle, 0.0);
        for &(doing, seconds, v) in self.round {
            (job, speed) = (doing, v);
            distance += left_s.min(seconds) * v;
            if left_s < seconds {
                break;
            }
            left_s -= seconds;
        }
        let (place, bearing_deg) = self.line.at(distance % self.line.length_m().max(1.0)).unwrap_or(((0.0, 0.0), 0.0));
        (place, speed, bearing_deg, job)
    }
}
