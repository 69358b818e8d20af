//! Which trips a matcher gives to vehicles, against those that they drive.

use misto_city::transit::{Assignment, ServiceState};

use super::truth::Truth;
use crate::simulator::Day;
use crate::simulator::driving::Doing;
use crate::simulator::trackers::Fix;

/// A matcher may take so long to find a trip, seconds.
const FIRST_S: f64 = 120.0;

/// Fixes by what the vehicle did and what was said of it.
#[derive(Clone, Copy, Default)]
pub struct Matching {
    /// In service since two minutes: all, with the right trip and day, with the right way.
    serving: u64,
    found: u64,
    found_way: u64,
    /// Said to be in service: with the right trip and day …
    right: u64,
    /// … another trip …
    wrong: u64,
    /// … any, while the vehicle was at the depot, empty or broken …
    ghosts: u64,
    /// … the trip that it had just ended or was to begin, waiting for it.
    waiting_right: u64,
    /// The same for the way instead of the trip.
    right_way: u64,
    wrong_way: u64,
    /// At the depot, empty or broken.
    idle: u64,
}

impl Matching {
    /// Takes one fix with what was said after it.
    pub fn take(&mut self, truth: &Truth, day: &Day, fix: &Fix, said: Option<&Assignment>) {
        let spells = &day.vehicles[fix.vehicle as usize].spells;
        let spell = &spells[fix.spell as usize];
        let real = spell.trip.map(|trip| truth.run(day, trip));
        let said = said.filter(|said| matches!(said.state, ServiceState::InService | ServiceState::OffRoute));
        let (run, way) = (said.and_then(|said| said.run), said.and_then(|said| said.pattern));
        match spell.doing {
            Doing::InService => {
                let (trip_fits, way_fits) = (run == real.map(|r| r.0), way == real.map(|r| r.1));
                if fix.at_s - spell.from_s > FIRST_S {
                    self.serving += 1;
                    self.found += u64::from(trip_fits);
                    self.found_way += u64::from(way_fits);
                }
                self.right += u64::from(run.is_some() && trip_fits);
                self.wrong += u64::from(run.is_some() && !trip_fits);
                self.right_way += u64::from(way.is_some() && way_fits);
                self.wrong_way += u64::from(way.is_some() && !way_fits);
            }
            Doing::Layover => {
                let before = spells[..fix.spell as usize].iter().rev().find(|s| s.doing == Doing::InService);
                let ended = before.and_then(|spell| spell.trip).map(|trip| truth.run(day, trip));
                let trip_fits = run == real.map(|r| r.0) || run == ended.map(|r| r.0);
                let way_fits = way == real.map(|r| r.1) || way == ended.map(|r| r.1);
                self.waiting_right += u64::from(run.is_some() && trip_fits);
                self.wrong += u64::from(run.is_some() && !trip_fits);
                self.wrong_way += u64::from(way.is_some() && !way_fits);
            }
            Doing::AtDepot | Doing::Deadhead | Doing::Broken => {
                self.idle += 1;
                self.ghosts += u64::from(run.is_some());
                self.wrong_way += u64::from(way.is_some());
            }
        }
    }

    pub fn add(&mut self, other: &Self) {
        self.serving += other.serving;
        self.found += other.found;
        self.found_way += other.found_way;
        self.right += other.right;
        self.wrong += other.wrong;
        self.ghosts += other.ghosts;
        self.waiting_right += other.waiting_right;
        self.right_way += other.right_way;
        self.wrong_way += other.wrong_way;
        self.idle += other.idle;
    }

    /// Fixes in service since two minutes.
    pub fn serving(&self) -> u64 {
        self.serving
    }

    /// Of the fixes said to be on a trip, those whose trip and day are right; the trip that a waiting
    /// vehicle has just ended or is to begin counts as right.
    pub fn precision(&self) -> f64 {
        share(self.right + self.waiting_right, self.right + self.waiting_right + self.wrong + self.ghosts)
    }

    /// The same, but whatever is said of a waiting vehicle counts as wrong.
    pub fn strict_precision(&self) -> f64 {
        share(self.right, self.right + self.waiting_right + self.wrong + self.ghosts)
    }

    /// Of the fixes in service since two minutes, those that were given the right trip and day.
    pub fn recall(&self) -> f64 {
        share(self.found, self.serving)
    }

    /// Of the fixes said to be on a trip, those in service or waiting with another trip than that.
    pub fn wrong_trip(&self) -> f64 {
        share(self.wrong, self.right + self.waiting_right + self.wrong + self.ghosts)
    }

    /// Of the fixes at the depot, empty or broken, those said to be on a trip.
    pub fn ghosts(&self) -> f64 {
        share(self.ghosts, self.idle)
    }

    pub fn way_precision(&self) -> f64 {
        share(self.right_way, self.right_way + self.wrong_way)
    }

    pub fn way_recall(&self) -> f64 {
        share(self.found_way, self.serving)
    }
}

fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}
