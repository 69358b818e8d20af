//! Where vehicles stand: how long one stands, and where many stand long.

use std::collections::{BTreeSet, HashMap};

use misto_model::Position;

use super::rules::MatchRules;

/// Since when a vehicle stands where it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Still {
    place: Position,
    since_s: f64,
    until_s: f64,
}

impl Still {
    pub(super) fn new(place: Position, at_s: f64) -> Self {
        Self { place, since_s: at_s, until_s: at_s }
    }

    /// A fix near the place is standing, any other begins anew.
    pub(super) fn observe(&mut self, place: Position, at_s: f64, rules: &MatchRules) {
        if self.place.distance_m(place) > rules.standing_m {
            *self = Self::new(place, at_s);
        }
        self.until_s = at_s;
    }

    /// Seconds up to the newest fix.
    pub(super) fn stands_s(&self) -> f64 {
        self.until_s - self.since_s
    }

    pub(super) fn place(&self) -> Position {
        self.place
    }
}

/// Side of a cell in degrees, about 110 m of latitude.
const CELL_DEG: f64 = 0.001;

/// Places where vehicles stood for hours.
#[derive(Debug, Default)]
pub(super) struct Depots {
    stood: HashMap<(i32, i32), BTreeSet<u64>>,
}

impl Depots {
    /// Remembers a vehicle that stands long.
    pub(super) fn learn(&mut self, vehicle: u64, still: &Still, rules: &MatchRules) {
        if still.stands_s() >= rules.depot_stand_s {
            self.stood.entry(cell(still.place)).or_default().insert(vehicle);
        }
    }

    /// Whether enough vehicles stood long at a place or beside it.
    pub(super) fn is_depot(&self, place: Position, rules: &MatchRules) -> bool {
        if self.stood.is_empty() {
            return false;
        }
        let (x, y) = cell(place);
        let around = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (x + dx, y + dy)));
        let vehicles: BTreeSet<u64> = around.filter_map(|cell| self.stood.get(&cell)).flatten().copied().collect();
        vehicles.len() >= rules.depot_vehicles
    }
}

fn cell(place: Position) -> (i32, i32) {
    ((place.lon.degrees() / CELL_DEG).floor() as i32, (place.lat.degrees() / CELL_DEG).floor() as i32)
}
