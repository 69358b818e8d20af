//! Every journey with at most so many rides, one by one.

use std::collections::{BTreeMap, BTreeSet};

use super::truth::Truth;

/// Leaving the door, arriving at the door, rides.
pub type Way = (i64, i64, usize);

pub struct Exhaustive<'a> {
    pub truth: &'a Truth,
    pub egress: &'a BTreeMap<usize, i64>,
    pub rides: usize,
    found: BTreeSet<Way>,
}

impl<'a> Exhaustive<'a> {
    /// All journeys that leave the door within a period.
    pub fn all(
        truth: &'a Truth,
        access: &BTreeMap<usize, i64>,
        egress: &'a BTreeMap<usize, i64>,
        rides: usize,
        (from, to): (i64, i64),
    ) -> BTreeSet<Way> {
        let mut search = Self { truth, egress, rides, found: BTreeSet::new() };
        for (&stop, &walk_s) in access.iter().filter(|(stop, _)| truth.usable[**stop]) {
            for (number, run) in truth.runs.iter().enumerate() {
                for (call, at) in run.calls.iter().enumerate() {
                    let leave = at.departure - walk_s;
                    if at.stop == stop && at.boards && (from..to).contains(&leave) {
                        search.ride(leave, number, call, 1);
                    }
                }
            }
        }
        search.found
    }

    fn ride(&mut self, leave: i64, run: usize, board: usize, rides: usize) {
        for call in board + 1..self.truth.runs[run].calls.len() {
            let here = self.truth.runs[run].calls[call].clone();
            if !here.alights || !self.truth.usable[here.stop] {
                continue;
            }
            if let Some(walk_s) = self.egress.get(&here.stop) {
                self.found.insert((leave, here.arrival + walk_s, rides));
            }
            if rides < self.rides {
                self.change(leave, (here.stop, here.arrival), rides);
            }
        }
    }

    fn change(&mut self, leave: i64, (stop, at): (usize, i64), rides: usize) {
        let truth = self.truth;
        for &(to, takes_s) in truth.ways[stop].iter().filter(|(to, _)| truth.usable[*to]) {
            for (number, run) in truth.runs.iter().enumerate() {
                for (call, there) in run.calls.iter().enumerate() {
                    if there.stop == to && there.boards && there.departure >= at + takes_s {
                        self.ride(leave, number, call, rides + 1);
                    }
                }
            }
        }
    }
}

/// Those that no other beats by leaving later, arriving earlier and riding less.
pub fn unbeaten(ways: &BTreeSet<Way>) -> BTreeSet<Way> {
    let beats = |a: &Way, b: &Way| a != b && a.0 >= b.0 && a.1 <= b.1 && a.2 <= b.2;
    ways.iter().filter(|way| !ways.iter().any(|other| beats(other, way))).copied().collect()
}
