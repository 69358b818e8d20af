//! Ways on foot between doors and stops, as whoever knows the walking network tells them.

use misto_model::{Position, StopId, Timetable};

/// How a way on foot is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WalkBasis {
    /// Along the walking network.
    Network,
    /// The straight distance times [`DETOUR`]: nobody looked at the way.
    Straight,
}

/// A way on foot.
#[derive(Debug, Clone, PartialEq)]
pub struct Walk {
    /// How long it takes this person, seconds.
    pub walk_s: u32,
    /// Metres.
    pub length_m: f64,
    /// How it is known.
    pub basis: WalkBasis,
    /// What stands in this person's way, in the words of whoever looked; not read here.
    pub barriers: Vec<String>,
    /// Pieces of the way that nobody measured, in the words of whoever looked; not read here.
    pub unmeasured: Vec<String>,
}

/// A way on foot between a door and a stop.
#[derive(Debug, Clone, PartialEq)]
pub struct StopWalk {
    /// Which stop.
    pub stop: StopId,
    /// The way.
    pub walk: Walk,
}

/// By how much ways on foot are longer than straight lines. Ours: on a grid of streets the mean
/// over all directions is 4/π = 1.27. Used only where the walking network is not asked.
pub const DETOUR: f64 = 1.3;

/// A way that nobody looked at: the straight distance with [`DETOUR`], at so many metres a second.
pub fn straight_walk(from: Position, to: Position, speed_m_s: f64) -> Walk {
    let length_m = from.distance_m(to) * DETOUR;
    Walk {
        walk_s: (length_m / speed_m_s).ceil() as u32,
        length_m,
        basis: WalkBasis::Straight,
        barriers: Vec::new(),
        unmeasured: Vec::new(),
    }
}

/// Straight ways from a place to each stop that lies within so many metres of way, the nearest first.
pub fn straight_walks(timetable: &Timetable, place: Position, most_m: f64, speed_m_s: f64) -> Vec<StopWalk> {
    let walk = |position| straight_walk(place, position, speed_m_s);
    let ways = timetable.stops.values().map(|stop| StopWalk { stop: stop.id.clone(), walk: walk(stop.position) });
    let mut near: Vec<StopWalk> = ways.filter(|way| way.walk.length_m <= most_m).collect();
    near.sort_by(|a, b| a.walk.length_m.total_cmp(&b.walk.length_m).then_with(|| a.stop.cmp(&b.stop)));
    near
}
