//! Ways within stations: the quickest over pathways.txt from platform to platform, without
//! steps where there is one.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use misto_model::{Pathway, PathwayMode, StopId, Timetable};

use super::super::lanes::Lanes;
use super::{ChangeBasis, Footpath};

/// Walking where only the length is known, m/s, and steps a second where only they are. Ours:
/// 1 m/s is 3.6 km/h, half a step a second is a slow climb.
const SPEED_M_S: f64 = 1.0;
const STEPS_S: f64 = 0.5;
/// A pathway of which neither length nor time nor steps are told.
const UNTOLD_S: u32 = 60;

type Onward<'a> = HashMap<&'a StopId, Vec<(&'a StopId, u32, bool)>>;

/// Each way from a stop to another of the same station.
pub(super) fn ways(timetable: &Timetable, lanes: &Lanes) -> Vec<(u32, Footpath)> {
    let mut onward: Onward<'_> = HashMap::new();
    for pathway in &timetable.pathways {
        let (takes_s, steps) = (takes_s(pathway), has_steps(pathway));
        onward.entry(&pathway.from).or_default().push((&pathway.to, takes_s, steps));
        if pathway.bidirectional {
            onward.entry(&pathway.to).or_default().push((&pathway.from, takes_s, steps));
        }
    }
    let mut found = Vec::new();
    let starts: Vec<&StopId> = onward.keys().copied().filter(|id| lanes.numbers.contains_key(*id)).collect();
    for start in starts {
        let (without, with) = (quickest(&onward, start, false), quickest(&onward, start, true));
        for (stop, least_s) in with {
            let Some(&number) = lanes.numbers.get(stop).filter(|_| stop != start) else { continue };
            let step_free_s = without.get(stop).copied();
            let (least_s, step_free) = (step_free_s.unwrap_or(least_s), Some(step_free_s.is_some()));
            let basis = ChangeBasis::Pathways;
            found.push((lanes.numbers[start], Footpath { stop: number, length_m: 0.0, least_s, basis, step_free }));
        }
    }
    found
}

fn takes_s(pathway: &Pathway) -> u32 {
    let by_length = pathway.length_m.map(|length_m| (length_m / SPEED_M_S).ceil() as u32);
    let by_steps = pathway.stairs.map(|steps| (f64::from(steps.unsigned_abs()) / STEPS_S).ceil() as u32);
    pathway.traversal_s.or(by_length.max(by_steps)).unwrap_or(UNTOLD_S)
}

fn has_steps(pathway: &Pathway) -> bool {
    matches!(pathway.mode, PathwayMode::Stairs | PathwayMode::Escalator) || pathway.stairs.is_some_and(|n| n != 0)
}

fn quickest<'a>(onward: &Onward<'a>, start: &'a StopId, steps: bool) -> HashMap<&'a StopId, u32> {
    let mut best: HashMap<&StopId, u32> = HashMap::new();
    let mut open = BinaryHeap::from([Reverse((0, start))]);
    while let Some(Reverse((at_s, place))) = open.pop() {
        if best.contains_key(place) {
            continue;
        }
        best.insert(place, at_s);
        for (next, takes_s, has_steps) in onward.get(place).into_iter().flatten() {
            if steps || !has_steps {
                open.push(Reverse((at_s + takes_s, *next)));
            }
        }
    }
    best
}
