//! Routes of the simulated city: lines across it and loops, along shared main streets.

use misto_model::StopId;

use super::random::Random;
use super::streets::Streets;

/// How large a simulated city is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Size {
    /// About 10 vehicles on 3 routes.
    Small,
    /// About 60 vehicles on 9 routes.
    Middle,
    /// About 250 vehicles on 24 routes.
    Large,
}

impl Size {
    /// Crossings of a side, routes, vehicles of a route at the peak (least and most).
    pub fn figures(self) -> (usize, usize, (usize, usize)) {
        match self {
            Self::Small => (9, 3, (3, 3)),
            Self::Middle => (13, 9, (4, 8)),
            Self::Large => (19, 24, (6, 12)),
        }
    }
}

/// A stop on a way.
pub struct WayCall {
    pub stop: StopId,
    /// Which link of the way.
    pub link: usize,
    /// Metres from the start of that link.
    pub at_m: f64,
}

/// One direction of a route.
pub struct Way {
    pub links: Vec<usize>,
    /// The terminus, a stop on every link but the first and the last, the terminus.
    pub calls: Vec<WayCall>,
}

pub struct RoutePlan {
    pub id: String,
    /// There and back; a loop goes round one way and the other.
    pub ways: [Way; 2],
    pub is_loop: bool,
    /// Vehicles at the peak.
    pub vehicles: usize,
}

impl Way {
    fn new(streets: &Streets, links: Vec<usize>) -> Self {
        let last = links.len() - 1;
        let terminus = |node: usize| StopId(format!("t{node}"));
        let begin = WayCall { stop: terminus(streets.links[links[0]].from), link: 0, at_m: 0.0 };
        let end_link = &streets.links[links[last]];
        let end = WayCall { stop: terminus(end_link.to), link: last, at_m: end_link.length_m };
        let between = (1..last).map(|i| WayCall {
            stop: StopId(format!("s{}", links[i])),
            link: i,
            at_m: streets.links[links[i]].stop_m,
        });
        let calls = std::iter::once(begin).chain(between).chain([end]).collect();
        Self { links, calls }
    }

    /// Where a call is.
    pub fn place(&self, streets: &Streets, call: usize) -> [f64; 2] {
        let call = &self.calls[call];
        streets.place(self.links[call.link], call.at_m)
    }
}

/// Every fifth route is a loop.
pub fn routes(size: Size, streets: &Streets, random: &mut Random) -> Vec<RoutePlan> {
    let (_, count, vehicles) = size.figures();
    (0..count)
        .map(|number| {
            let is_loop = number % 5 == 2;
            let waypoints = if is_loop { round(streets, random) } else { across(streets, number, random) };
            let there = streets.path(&waypoints);
            let back: Vec<usize> = there.iter().rev().map(|link| streets.opposite(*link)).collect();
            let vehicles = vehicles.0 + random.below(vehicles.1 - vehicles.0 + 1);
            let ways = [Way::new(streets, there), Way::new(streets, back)];
            RoutePlan { id: format!("{}", number + 1), ways, is_loop, vehicles }
        })
        .collect()
}

/// From one side to the other, most of it on one of the two middle main streets.
fn across(streets: &Streets, number: usize, random: &mut Random) -> Vec<usize> {
    let side = streets.side;
    let edge = (side / 5).max(1);
    let (near, far) = (random.below(edge), side - 1 - random.below(edge));
    let (from, to) = (random.below(side), random.below(side));
    let middle = streets.main_near(if random.chance(0.5) { 0.4 } else { 0.65 });
    if number.is_multiple_of(2) {
        [(near, from), (near, middle), (far, middle), (far, to)].map(|(c, r)| streets.node_at(c, r)).into()
    } else {
        [(from, near), (middle, near), (middle, far), (to, far)].map(|(c, r)| streets.node_at(c, r)).into()
    }
}

/// Around the middle.
fn round(streets: &Streets, random: &mut Random) -> Vec<usize> {
    let side = streets.side;
    let (left, right) = (random.below(side / 4 + 1), side - 1 - random.below(side / 4 + 1));
    let (low, high) = (streets.main_near(random.between((0.1, 0.4))), streets.main_near(random.between((0.6, 0.9))));
    let high = high.max(low + 2).min(side - 1);
    let corners = [(left, low), (right, low), (right, high), (left, high), (left, low)];
    corners.map(|(c, r)| streets.node_at(c, r)).into()
}
