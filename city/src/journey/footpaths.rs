//! Ways from stop to stop for changing: what the feed says (GTFS transfers.txt, pathways.txt),
//! and straight distances between near stops, named as such.

use std::collections::{BTreeMap, HashMap, HashSet};

use misto_model::{Position, StopId, Timetable, Transfer, TransferKind};

use super::lanes::Lanes;
use super::walking::DETOUR;

mod pathways;

/// How a way between two stops is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeBasis {
    /// The same stop.
    SameStop,
    /// GTFS transfers.txt tells the time.
    Timetable,
    /// GTFS pathways.txt tells the way.
    Pathways,
    /// Straight distance times [`DETOUR`].
    Straight,
}

/// Numbers for changing. Ours: the feed's own numbers go before them.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeRules {
    /// Seconds between getting off and boarding, beside the way: the doors, finding the place.
    pub change_s: u32,
    /// Stops within so many metres of way are changed between though the feed does not say so.
    pub near_m: f64,
}

impl Default for ChangeRules {
    fn default() -> Self {
        Self { change_s: 60, near_m: 400.0 }
    }
}

/// A way from one stop to another.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Footpath {
    /// The other stop.
    pub(super) stop: u32,
    /// Metres.
    pub(super) length_m: f32,
    /// It takes at least so long, the change itself included where the feed tells it.
    pub(super) least_s: u32,
    pub(super) basis: ChangeBasis,
    /// Whether it is known to have no steps (true) or to have some (false).
    pub(super) step_free: Option<bool>,
}

impl Footpath {
    /// Seconds from getting off to being able to board.
    pub(super) fn takes_s(&self, speed_m_s: f64, change_s: u32) -> i32 {
        match self.basis {
            ChangeBasis::Timetable | ChangeBasis::SameStop => {
                (self.least_s as i32).max((f64::from(self.length_m) / speed_m_s).ceil() as i32)
            }
            ChangeBasis::Pathways | ChangeBasis::Straight => {
                let walk_s = (f64::from(self.length_m) / speed_m_s).ceil() as u32;
                (walk_s.max(self.least_s) + change_s) as i32
            }
        }
    }
}

/// Ways between stops, from each and into each; the way from a stop to itself is first, absent
/// where the feed forbids changing there.
#[derive(Debug)]
pub(crate) struct Footpaths {
    pub(super) change_s: u32,
    pub(super) from: Vec<Vec<Footpath>>,
    pub(super) into: Vec<Vec<Footpath>>,
}

impl Footpaths {
    pub(super) fn new(timetable: &Timetable, lanes: &Lanes, rules: &ChangeRules) -> Self {
        let mut ways: HashMap<(u32, u32), Footpath> = HashMap::new();
        for stop in 0..lanes.stops.len() as u32 {
            let (basis, least_s) = (ChangeBasis::SameStop, rules.change_s);
            ways.insert((stop, stop), Footpath { stop, length_m: 0.0, least_s, basis, step_free: Some(true) });
        }
        near(timetable, lanes, rules, &mut ways);
        for (from, way) in pathways::ways(timetable, lanes) {
            ways.insert((from, way.stop), way);
        }
        told(timetable, lanes, &mut ways);
        let mut made = Self {
            change_s: rules.change_s,
            from: vec![Vec::new(); lanes.stops.len()],
            into: vec![Vec::new(); lanes.stops.len()],
        };
        let ordered: BTreeMap<(u32, u32), Footpath> = ways.into_iter().collect();
        for ((from, to), way) in ordered {
            made.into[to as usize].push(Footpath { stop: from, ..way.clone() });
            made.from[from as usize].push(way);
        }
        made
    }

    /// The way from one stop to another.
    pub(super) fn between(&self, from: u32, to: u32) -> Option<&Footpath> {
        self.from[from as usize].iter().find(|way| way.stop == to)
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let of = |ways: &Vec<Footpath>| ways.capacity() * size_of::<Footpath>() + 24;
        self.from.iter().chain(&self.into).map(of).sum()
    }
}

/// What transfers.txt says of stops. Rows for single routes or trips say nothing of others and
/// are not read.
fn told(timetable: &Timetable, lanes: &Lanes, ways: &mut HashMap<(u32, u32), Footpath>) {
    let children = children(timetable);
    let plain = |row: &&Transfer| {
        row.from_route.is_none() && row.to_route.is_none() && row.from_trip.is_none() && row.to_trip.is_none()
    };
    let numbers = |id: &StopId| -> Vec<u32> {
        let platforms = children.get(id).into_iter().flatten().filter_map(|child| lanes.numbers.get(*child));
        lanes.numbers.get(id).into_iter().chain(platforms).copied().collect()
    };
    for row in timetable.transfers.iter().filter(plain) {
        let (Some(from), Some(to)) = (&row.from_stop, &row.to_stop) else { continue };
        for from in numbers(from) {
            for to in numbers(to) {
                one_row(timetable, lanes, row, (from, to), ways);
            }
        }
    }
}

fn one_row(
    timetable: &Timetable,
    lanes: &Lanes,
    row: &Transfer,
    (from, to): (u32, u32),
    ways: &mut HashMap<(u32, u32), Footpath>,
) {
    let known = ways.get(&(from, to));
    let step_free = known.and_then(|way| way.step_free);
    let length_m = known.map_or_else(|| straight_m(timetable, lanes, from, to) as f32, |way| way.length_m);
    let (basis, least_s) = match (row.kind, row.min_transfer_s) {
        (TransferKind::Impossible, _) => {
            ways.remove(&(from, to));
            return;
        }
        (TransferKind::MinimumTime, Some(least_s)) => (ChangeBasis::Timetable, least_s),
        // The second vehicle waits.
        (TransferKind::Timed, _) => (ChangeBasis::Timetable, 0),
        (TransferKind::Recommended, _) if known.is_none() => (ChangeBasis::Straight, 0),
        _ => return,
    };
    ways.insert((from, to), Footpath { stop: to, length_m, least_s, basis, step_free });
}

fn children(timetable: &Timetable) -> HashMap<&StopId, Vec<&StopId>> {
    let mut children: HashMap<&StopId, Vec<&StopId>> = HashMap::new();
    for stop in timetable.stops.values() {
        if let Some(parent) = stop.details.as_ref().and_then(|details| details.parent.as_ref()) {
            children.entry(parent).or_default().push(&stop.id);
        }
    }
    children
}

fn position(timetable: &Timetable, lanes: &Lanes, stop: u32) -> Option<Position> {
    Some(timetable.stops.get(&lanes.stops[stop as usize])?.position)
}

fn straight_m(timetable: &Timetable, lanes: &Lanes, from: u32, to: u32) -> f64 {
    let ends = position(timetable, lanes, from).zip(position(timetable, lanes, to));
    ends.map_or(f64::INFINITY, |(from, to)| from.distance_m(to) * DETOUR)
}

/// Straight ways between stops that lie near each other and that something calls at.
fn near(timetable: &Timetable, lanes: &Lanes, rules: &ChangeRules, ways: &mut HashMap<(u32, u32), Footpath>) {
    let served = |stop: &usize| !lanes.at_stop[*stop].is_empty();
    let served: Vec<(u32, Position)> = (0..lanes.stops.len())
        .filter(served)
        .filter_map(|stop| Some((stop as u32, position(timetable, lanes, stop as u32)?)))
        .collect();
    let straight_m = rules.near_m / DETOUR;
    // Cells at least as high and wide as the distance, so that what is near lies in one of nine.
    let high_deg = straight_m / 110_574.0 + 1e-6;
    let polewards = served.iter().map(|(_, at)| at.lat.degrees().abs()).fold(0.0, f64::max).min(89.0);
    let wide_deg = high_deg / polewards.to_radians().cos();
    let cell =
        |at: Position| ((at.lon.degrees() / wide_deg).floor() as i64, (at.lat.degrees() / high_deg).floor() as i64);
    let mut cells: HashMap<(i64, i64), Vec<(u32, Position)>> = HashMap::new();
    for &(stop, at) in &served {
        cells.entry(cell(at)).or_default().push((stop, at));
    }
    let around: HashSet<(i64, i64)> = (-1..=1).flat_map(|x| (-1..=1).map(move |y| (x, y))).collect();
    for &(from, at) in &served {
        let (x, y) = cell(at);
        let others = around.iter().filter_map(|(dx, dy)| cells.get(&(x + dx, y + dy))).flatten();
        for &(stop, other) in others.filter(|(stop, _)| *stop != from) {
            let length_m = at.distance_m(other) * DETOUR;
            if length_m <= rules.near_m {
                let (length_m, basis) = (length_m as f32, ChangeBasis::Straight);
                ways.insert((from, stop), Footpath { stop, length_m, least_s: 0, basis, step_free: None });
            }
        }
    }
}
