//! Where vehicles stand: how long one stands, and where many stand long.

use std::collections::{BTreeSet, HashMap, HashSet};

use misto_model::Position;

use super::rules::MatchRules;

/// Since when a vehicle stands where it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Still {
    place: Position,
    since_s: f64,
    until_s: f64,
    /// Where and since when it is elsewhere: gone, or led astray by its receiver for a moment.
    away: Option<(Position, f64)>,
}

/// Farther away than this it has gone, metres.
const GONE_M: f64 = 200.0;
/// Away for longer it has gone, seconds.
const GONE_S: f64 = 60.0;
/// Weight of a fix in the mean place where it stands.
const NEWEST: f64 = 0.1;

impl Still {
    pub(super) fn new(place: Position, at_s: f64) -> Self {
        Self { place, since_s: at_s, until_s: at_s, away: None }
    }

    /// A fix near the place is standing; elsewhere for a minute, or far away, is not.
    pub(super) fn observe(&mut self, place: Position, at_s: f64, rules: &MatchRules) {
        let off_m = self.place.distance_m(place);
        if off_m <= rules.standing_m {
            self.place = toward(self.place, place);
            (self.until_s, self.away) = (at_s, None);
            return;
        }
        let (first, since_s) = *self.away.get_or_insert((place, at_s));
        if off_m > GONE_M || self.stands_s() < GONE_S || at_s - since_s >= GONE_S {
            // It may have stood in the new place all that time.
            let there = first.distance_m(place) <= rules.standing_m;
            *self = Self::new(place, if there { since_s } else { at_s });
            self.until_s = at_s;
        }
    }

    /// Seconds that it stood up to the newest fix near the place.
    pub(super) fn stands_s(&self) -> f64 {
        self.until_s - self.since_s
    }

    /// The same; 0 when the newest fix lies elsewhere.
    pub(super) fn stands_now_s(&self) -> f64 {
        if self.away.is_some() { 0.0 } else { self.stands_s() }
    }

    /// Since when; `None` when the newest fix lies elsewhere, or is the first here.
    pub(super) fn stands_now_since_s(&self) -> Option<f64> {
        (self.stands_now_s() > 0.0).then_some(self.since_s)
    }

    pub(super) fn place(&self) -> Position {
        self.place
    }
}

fn toward(from: Position, to: Position) -> Position {
    let part = |from: f64, to: f64| from + (to - from) * NEWEST;
    Position::new(part(from.lon.degrees(), to.lon.degrees()), part(from.lat.degrees(), to.lat.degrees()))
        .unwrap_or(from)
}

/// Side of a cell in degrees, about 110 m of latitude.
const CELL_DEG: f64 = 0.001;

/// Places where vehicles stood for hours.
#[derive(Debug, Default)]
pub(super) struct Depots {
    stood: HashMap<(i32, i32), BTreeSet<u64>>,
    depots: HashSet<(i32, i32)>,
}

impl Depots {
    /// Remembers a vehicle that stands long.
    pub(super) fn learn(&mut self, vehicle: u64, still: &Still, rules: &MatchRules) {
        let here = cell(still.place);
        let news = still.stands_s() >= rules.depot_stand_s && self.stood.entry(here).or_default().insert(vehicle);
        if !news {
            return;
        }
        for place in around(here) {
            let nearby = around(place).filter_map(|cell| self.stood.get(&cell)).flatten();
            if nearby.collect::<BTreeSet<_>>().len() >= rules.depot_vehicles {
                self.depots.insert(place);
            }
        }
    }

    /// Whether enough vehicles stood long at a place or beside it.
    pub(super) fn is_depot(&self, place: Position) -> bool {
        self.depots.contains(&cell(place))
    }
}

fn around((x, y): (i32, i32)) -> impl Iterator<Item = (i32, i32)> {
    (-1..=1).flat_map(move |dx| (-1..=1).map(move |dy| (x + dx, y + dy)))
}

fn cell(place: Position) -> (i32, i32) {
    ((place.lon.degrees() / CELL_DEG).floor() as i32, (place.lat.degrees() / CELL_DEG).floor() as i32)
}
