//! The cheapest way between two places: Dijkstra from both ends at once, each drawn
//! towards the other by the straight line (A*; the average of both potentials, so that
//! one rule ends the search: Ikeda et al., 1994). Costs are whole numbers, so the sum is
//! the same in whatever order it is added.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::compact::Arc;
use super::costs::Costing;
use super::network::Network;
use super::snap::Snapped;
use super::space::between;

/// What is known of a node from one end.
#[derive(Debug, Clone, Copy)]
struct Reached {
    cost: u64,
    /// The arc that leads there; towards the target for the search from there.
    arc: Arc,
    /// In which search; what is older is not meant.
    run: u32,
}

const UNREACHED: Reached = Reached { cost: u64::MAX, arc: Arc::NONE, run: 0 };

/// Key, cost and node.
type Open = BinaryHeap<Reverse<(i64, u64, u32)>>;

/// Memory that one search after the other uses: 32 bytes a node.
#[derive(Debug, Default)]
pub struct Workspace {
    sides: [Vec<Reached>; 2],
    open: [Open; 2],
    run: u32,
}

/// A piece of an arc between two shares of its line, in the direction walked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Piece {
    pub arc: Arc,
    pub from: f64,
    pub to: f64,
}

impl Piece {
    fn whole(arc: Arc) -> Self {
        Self { arc, from: 0.0, to: 1.0 }
    }

    /// Whether nothing is walked.
    pub fn is_still(&self) -> bool {
        self.from == self.to
    }
}

/// A way found; at least one piece.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub cost: u64,
    pub pieces: Vec<Piece>,
}

/// The first or last piece of a way: the node between it and the rest, what it costs, and
/// what is walked; nothing for who stands at that node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seed {
    pub node: u32,
    pub cost: u64,
    pub piece: Option<Piece>,
}

impl Seed {
    fn arc(&self) -> Arc {
        self.piece.map_or(Arc::NONE, |piece| piece.arc)
    }
}

impl Network {
    /// The node where somebody stands, if they stand at one.
    fn stands_at(&self, at: &Snapped) -> Option<u32> {
        let ends = self.passages[at.edge as usize].ends;
        match at.share {
            0.0 if at.metres == self.node_at(ends[0]) => Some(ends[0]),
            1.0 => Some(ends[1]),
            _ => None,
        }
    }

    /// Where a way may begin. A node where somebody stands is not passed.
    pub(super) fn ways_off(&self, costing: &Costing, from: &Snapped) -> Vec<Seed> {
        if let Some(node) = self.stands_at(from) {
            return vec![Seed { node, cost: 0, piece: None }];
        }
        let off = |against: bool| {
            let arc = Arc::new(from.edge, against);
            let node = self.head(arc);
            let walked = if against { 1.0 - from.share } else { from.share };
            let cm = self.piece_cm(from.edge, 1.0 - walked, from.metres, self.node_at(node));
            let cost = costing.of_piece(self, arc, cm)? + costing.of_node(self, node)?;
            Some(Seed { node, cost, piece: Some(Piece { arc, from: walked, to: 1.0 }) })
        };
        [off(false), off(true)].into_iter().flatten().collect()
    }

    /// Where a way may end. The last node is not passed either: every arc into it is an end.
    pub(super) fn ways_onto(&self, costing: &Costing, to: &Snapped) -> Vec<Seed> {
        if let Some(node) = self.stands_at(to) {
            let onto = |out: Arc| {
                let arc = Arc::new(out.edge(), !out.against());
                let cost = costing.of_arc(self, arc)?;
                Some(Seed { node: self.tail(arc), cost, piece: Some(Piece::whole(arc)) })
            };
            return self.arcs_of(node).filter_map(onto).collect();
        }
        let onto = |against: bool| {
            let arc = Arc::new(to.edge, against);
            let node = self.tail(arc);
            let walked = if against { 1.0 - to.share } else { to.share };
            let cm = self.piece_cm(to.edge, walked, self.node_at(node), to.metres);
            Some(Seed {
                node,
                cost: costing.of_piece(self, arc, cm)?,
                piece: Some(Piece { arc, from: 0.0, to: walked }),
            })
        };
        [onto(false), onto(true)].into_iter().flatten().collect()
    }

    /// A share of an edge's length, never shorter than straight.
    pub(super) fn piece_cm(&self, edge: u32, share: f64, from: [f64; 2], to: [f64; 2]) -> f64 {
        (f64::from(self.passages[edge as usize].length_cm) * share).max(between(from, to) * 100.0)
    }

    /// A place at a node lies on every edge that ends there: on that of the other place, too.
    fn on_one_edge(&self, from: &Snapped, to: &Snapped) -> Option<(Snapped, Snapped)> {
        let moved = |place: &Snapped, edge: u32| {
            let node = self.stands_at(place)?;
            let end = self.passages[edge as usize].ends.iter().position(|end| *end == node)?;
            Some(Snapped { edge, share: end as f64, ..*place })
        };
        if from.edge == to.edge {
            return Some((*from, *to));
        }
        moved(to, from.edge).map(|to| (*from, to)).or_else(|| Some((moved(from, to.edge)?, *to)))
    }

    /// Along one edge, without passing a node.
    pub(super) fn direct(&self, costing: &Costing, from: &Snapped, to: &Snapped) -> Option<Found> {
        let (from, to) = self.on_one_edge(from, to)?;
        if self.stands_at(&from).is_some_and(|node| self.stands_at(&to) == Some(node)) {
            let piece = Piece { arc: Arc::new(from.edge, false), from: from.share, to: from.share };
            return Some(Found { cost: 0, pieces: vec![piece] });
        }
        let along = |against: bool| {
            let [start, end] = [from.share, to.share].map(|share| if against { 1.0 - share } else { share });
            let cm = self.piece_cm(from.edge, end - start, from.metres, to.metres);
            let arc = Arc::new(from.edge, against);
            let cost = match end - start {
                0.0 => Some(0),
                forward if forward > 0.0 => costing.of_piece(self, arc, cm),
                _ => None,
            };
            Some(Found { cost: cost?, pieces: vec![Piece { arc, from: start, to: end }] })
        };
        [along(false), along(true)].into_iter().flatten().min_by_key(|found| found.cost)
    }

    /// The cheapest way from one place to another; `None` where none leads.
    pub(super) fn cheapest(
        &self,
        costing: &Costing,
        from: &Snapped,
        to: &Snapped,
        workspace: &mut Workspace,
    ) -> Option<Found> {
        let direct = self.direct(costing, from, to);
        let mut search = Search::new(self, costing, from, to, workspace);
        search.best = direct.as_ref().map_or(u64::MAX, |found| found.cost);
        search.seeds = [self.ways_off(costing, from), self.ways_onto(costing, to)];
        for (side, seeds) in search.seeds.clone().into_iter().enumerate() {
            for seed in seeds {
                search.reach(side, seed.node, seed.cost, seed.arc());
            }
        }
        while search.step().is_some() {}
        match search.meeting {
            None => direct,
            Some(node) => Some(search.way_through(node)),
        }
    }
}

struct Search<'a> {
    network: &'a Network,
    costing: &'a Costing,
    workspace: &'a mut Workspace,
    ends: [[f64; 2]; 2],
    seeds: [Vec<Seed>; 2],
    least_per_cm: f64,
    best: u64,
    meeting: Option<u32>,
}

impl<'a> Search<'a> {
    fn new(
        network: &'a Network,
        costing: &'a Costing,
        from: &Snapped,
        to: &Snapped,
        workspace: &'a mut Workspace,
    ) -> Self {
        workspace.run = workspace.run.wrapping_add(1);
        for side in &mut workspace.sides {
            // Zero is the run of what was never reached.
            if workspace.run == 0 {
                side.clear();
            }
            side.resize(network.nodes.len(), UNREACHED);
        }
        workspace.run = workspace.run.max(1);
        workspace.open.iter_mut().for_each(BinaryHeap::clear);
        Self {
            network,
            costing,
            workspace,
            ends: [from.metres, to.metres],
            seeds: [Vec::new(), Vec::new()],
            least_per_cm: costing.least_per_cm(),
            best: u64::MAX,
            meeting: None,
        }
    }

    /// Twice the average potential of a node, towards the end of the side.
    fn potential(&self, side: usize, node: u32) -> i64 {
        let at = self.network.node_at(node);
        let least = |end: [f64; 2]| (between(at, end) * 100.0 * self.least_per_cm) as i64;
        least(self.ends[1 - side]) - least(self.ends[side])
    }

    fn reached(&self, side: usize, node: u32) -> Option<Reached> {
        let reached = self.workspace.sides[side][node as usize];
        (reached.run == self.workspace.run).then_some(reached)
    }

    fn reach(&mut self, side: usize, node: u32, cost: u64, arc: Arc) {
        if self.reached(side, node).is_some_and(|before| before.cost <= cost) || cost >= self.best {
            return;
        }
        self.workspace.sides[side][node as usize] = Reached { cost, arc, run: self.workspace.run };
        let key = 2 * cost as i64 + self.potential(side, node);
        self.workspace.open[side].push(Reverse((key, cost, node)));
        if let Some(other) = self.reached(1 - side, node)
            && cost + other.cost < self.best
        {
            self.best = cost + other.cost;
            self.meeting = Some(node);
        }
    }

    /// Looks at one more node; `None` when nothing better can come.
    fn step(&mut self) -> Option<()> {
        let tops = [0, 1].map(|side| self.workspace.open[side].peek().map(|Reverse((key, ..))| *key));
        let (Some(there), Some(back)) = (tops[0], tops[1]) else { return None };
        if self.best < u64::MAX && there + back >= 2 * self.best as i64 {
            return None;
        }
        let side = usize::from(self.workspace.open[1].len() < self.workspace.open[0].len());
        let Reverse((_, cost, node)) = self.workspace.open[side].pop()?;
        if self.reached(side, node).is_some_and(|reached| reached.cost < cost) {
            return Some(());
        }
        let network = self.network;
        for out in network.arcs_of(node) {
            // The search from the target walks arcs towards it.
            let (arc, next) = match side {
                0 => (out, network.head(out)),
                _ => (Arc::new(out.edge(), !out.against()), network.head(out)),
            };
            let passed = if side == 0 { next } else { node };
            if let Some(walked) = self.costing.of_arc(network, arc)
                && let Some(at) = self.costing.of_node(network, passed)
            {
                self.reach(side, next, cost + walked + at, arc);
            }
        }
        Some(())
    }

    fn way_through(&self, meeting: u32) -> Found {
        let mut pieces = Vec::new();
        for side in 0..2 {
            let mut node = meeting;
            while let Some(Reached { arc, .. }) = self.reached(side, node) {
                if let Some(seed) = self.seed(side, node, arc) {
                    pieces.extend(seed.piece);
                    break;
                }
                pieces.push(Piece::whole(arc));
                node = if side == 0 { self.network.tail(arc) } else { self.network.head(arc) };
            }
            if side == 0 {
                pieces.reverse();
            }
        }
        Found { cost: self.best, pieces }
    }

    /// The seed by which a node was reached straight from the end of its side. Nothing
    /// replaces a seed that costs as much.
    fn seed(&self, side: usize, node: u32, arc: Arc) -> Option<&Seed> {
        let cost = self.reached(side, node)?.cost;
        self.seeds[side].iter().find(|seed| (seed.arc(), seed.node, seed.cost) == (arc, node, cost))
    }
}
