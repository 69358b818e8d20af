//! Utility networks on invented alignments. Each follows the streets, moved a
//! little aside, so that pipes share the streets' nodes; each is a tree from its
//! source, thicker where more hangs on it.

pub mod heat;
pub mod power;
pub mod sewer;
pub mod water;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::city::City;
use crate::network::{Edge, Grid, Streets};
use crate::plane::{self, Point};
use crate::sketch::LonLat;
use crate::sketch::streets::Class;
use misto_sample_layers::Chance;

/// Where a block is connected: a place on a street edge and one at a building.
#[derive(Clone)]
pub struct Tap {
    pub block: usize,
    pub edge: usize,
    /// Metres along the edge.
    pub metres: f64,
    /// On the street.
    pub street: Point,
    /// At the building's wall.
    pub wall: Point,
    /// Houses in the block.
    pub houses: f64,
}

/// One tap a block, at the building nearest to a street.
pub fn taps(city: &City) -> Vec<Tap> {
    let edges = &city.streets.edges;
    let grid = Grid::of(edges.iter().map(|e| e.points.as_slice()));
    let mut best: BTreeMap<usize, (f64, Tap)> = BTreeMap::new();
    let mut houses: BTreeMap<usize, f64> = BTreeMap::new();
    for b in &city.buildings {
        let Some(block) = b.block else { continue };
        *houses.entry(block).or_default() += b.levels as f64;
        let centre = b.centre();
        let around = Point { x: 120.0, y: 120.0 };
        for (edge, segment) in grid.near(centre - around, centre + around) {
            if city.streets.class(&edges[edge]) == Class::Footway {
                continue;
            }
            let w = &edges[edge].points[segment..=segment + 1];
            let (_, d) = plane::nearest_on(centre, w[0], w[1]);
            if best.get(&block).is_some_and(|(known, _)| *known <= d) {
                continue;
            }
            let metres = plane::locate(&edges[edge].points, centre).0;
            let (street, _) = plane::at(&edges[edge].points, metres);
            let tap = Tap { block, edge, metres, street, wall: wall(&b.corners, street), houses: 0.0 };
            best.insert(block, (d, tap));
        }
    }
    best.into_values().map(|(_, tap)| Tap { houses: houses[&tap.block], ..tap }).collect()
}

/// The place on an outline nearest to `p`.
pub fn wall(corners: &[Point], p: Point) -> Point {
    let mut best = (f64::INFINITY, corners[0]);
    for i in 0..corners.len() {
        let (a, b) = (corners[i], corners[(i + 1) % corners.len()]);
        let (share, d) = plane::nearest_on(p, a, b);
        if d < best.0 {
            best = (d, plane::along(a, b, share));
        }
    }
    best.1
}

/// A tree over the streets that serves taps from sources.
pub struct Tree<'a> {
    pub streets: &'a Streets,
    /// Load that flows through each edge; 0 where the tree does not run.
    pub load: Vec<f64>,
    /// For an edge that ends at its last tap, the node where it begins.
    stub_from: BTreeMap<usize, usize>,
    /// Taps it reaches, by edge, in order along it.
    pub taps: BTreeMap<usize, Vec<Tap>>,
    /// Nodes where it begins.
    pub sources: Vec<usize>,
}

impl<'a> Tree<'a> {
    /// Grows from the nodes nearest to `sources` over edges that `may` be used, at most `reach_m` far.
    pub fn grow(
        streets: &'a Streets,
        sources: &[LonLat],
        taps: &[Tap],
        reach_m: f64,
        may: impl Fn(&Edge) -> bool,
    ) -> Self {
        let sources: Vec<usize> =
            sources.iter().map(|&(lon, lat)| streets.nearest_node(plane::board(lon, lat), &may)).collect();
        let cost = |e: &Edge| match streets.class(e) {
            _ if !may(e) => f64::INFINITY,
            Class::Primary | Class::Secondary => e.length_m() * 0.6,
            Class::Tertiary => e.length_m() * 0.8,
            _ => e.length_m(),
        };
        let reached = streets.spread(&sources, cost);
        let mut tree = Self {
            streets,
            load: vec![0.0; streets.edges.len()],
            stub_from: BTreeMap::new(),
            taps: BTreeMap::new(),
            sources,
        };
        let mut passed = vec![false; streets.edges.len()];
        for tap in taps {
            let edge = &streets.edges[tap.edge];
            let near = if reached[edge.from].cost <= reached[edge.to].cost { edge.from } else { edge.to };
            // An unreached node costs infinitely much.
            if !reached[near].cost.is_finite() || reached[near].cost > reach_m || !may(edge) {
                continue;
            }
            tree.taps.entry(tap.edge).or_default().push(tap.clone());
            tree.load[tap.edge] += tap.houses;
            tree.stub_from.insert(tap.edge, near);
            let mut here = near;
            while let Some((via, before)) = reached[here].via {
                passed[via] = true;
                if via != tap.edge {
                    tree.load[via] += tap.houses;
                }
                here = before;
            }
        }
        tree.stub_from.retain(|&edge, _| !passed[edge]);
        for list in tree.taps.values_mut() {
            list.sort_by(|a, b| a.metres.total_cmp(&b.metres));
        }
        tree
    }

    /// Pieces of pipe with their load: each edge in use, divided at its taps, moved by `aside`.
    pub fn pieces(&self, aside: Point) -> Vec<(Vec<Point>, f64)> {
        let mut out = Vec::new();
        for (index, edge) in self.streets.edges.iter().enumerate() {
            if self.load[index] == 0.0 {
                continue;
            }
            let cuts: Vec<f64> =
                self.taps.get(&index).map(|t| t.iter().map(|t| t.metres).collect()).unwrap_or_default();
            let mut pieces = divide(&edge.points, &cuts);
            // Beyond its last tap a pipe that serves nothing else ends.
            match self.stub_from.get(&index) {
                Some(&near) if near == edge.from && cuts.last().is_some_and(|&m| m < edge.length_m() - 0.01) => {
                    drop(pieces.pop())
                }
                Some(&near) if near == edge.to && near != edge.from && cuts.first().is_some_and(|&m| m > 0.01) => {
                    drop(pieces.remove(0))
                }
                _ => {}
            }
            for piece in pieces {
                out.push((piece.into_iter().map(|p| plane::snap(p + aside)).collect(), self.load[index]));
            }
        }
        out
    }

    /// Nodes where the network runs, with the number of its edges that meet there.
    pub fn nodes(&self) -> BTreeMap<usize, usize> {
        let mut nodes = BTreeMap::new();
        for (index, edge) in self.streets.edges.iter().enumerate() {
            if self.load[index] > 0.0 {
                match self.stub_from.get(&index) {
                    Some(&near) => *nodes.entry(near).or_default() += 1,
                    None => [edge.from, edge.to].into_iter().for_each(|n| *nodes.entry(n).or_default() += 1),
                }
            }
        }
        nodes
    }

    /// The connection of a tap: from the pipe to the wall.
    pub fn connection(tap: &Tap, aside: Point) -> Vec<Point> {
        vec![plane::snap(tap.street + aside), plane::snap(tap.wall)]
    }

    pub fn all_taps(&self) -> impl Iterator<Item = &Tap> {
        self.taps.values().flatten()
    }
}

/// Divides a line at the given metres.
fn divide(line: &[Point], cuts: &[f64]) -> Vec<Vec<Point>> {
    let mut out = Vec::new();
    let (mut piece, mut walked) = (vec![line[0]], 0.0);
    let mut cuts = cuts.iter().copied().filter(|&m| m > 0.0 && m < plane::line_length(line)).peekable();
    for w in line.windows(2) {
        let l = plane::distance(w[0], w[1]);
        while let Some(m) = cuts.next_if(|&m| m <= walked + l) {
            let p = plane::at(line, m).0;
            if plane::key(p) != plane::key(piece[0]) {
                piece.push(p);
                out.push(std::mem::replace(&mut piece, vec![p]));
            }
        }
        walked += l;
        if plane::key(w[1]) != plane::key(piece[piece.len() - 1]) {
            piece.push(w[1]);
        }
    }
    if piece.len() > 1 {
        out.push(piece);
    }
    out
}

/// `year` and `status`, the same for all networks.
pub fn age(chance: &mut Chance, from: i64, to: i64) -> Vec<(&'static str, Value)> {
    let year = if chance.happens(0.12) { Value::Null } else { json!(chance.whole(from, to)) };
    let status = *chance.one_of(&[
        "in_service",
        "in_service",
        "in_service",
        "in_service",
        "in_service",
        "in_service",
        "worn",
        "under_repair",
    ]);
    vec![("year", year), ("status", json!(status))]
}

/// The smallest of the `sizes` whose limit the load stays below.
pub fn size(load: f64, sizes: &[(f64, i64)]) -> i64 {
    sizes.iter().find(|(limit, _)| load < *limit).or(sizes.last()).map_or(0, |s| s.1)
}
