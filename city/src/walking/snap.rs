//! From a place to the nearest way.

use misto_model::Position;
use rstar::{AABB, RTreeObject};
use serde::Serialize;

use super::network::Network;
use super::space::{Place, between, nearest_on};

/// The box around an edge, metres. Single precision: it only chooses what is looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    edge: u32,
    low: [f32; 2],
    high: [f32; 2],
}

impl Span {
    /// Rounded outward.
    pub(super) fn around(edge: u32, line: &[[f64; 2]]) -> Self {
        let (mut low, mut high) = ([f64::MAX; 2], [f64::MIN; 2]);
        for place in line {
            for axis in 0..2 {
                low[axis] = low[axis].min(place[axis]);
                high[axis] = high[axis].max(place[axis]);
            }
        }
        let slack = |value: f64| 0.01 + value.abs() * 1e-6;
        Self { edge, low: low.map(|v| (v - slack(v)) as f32), high: high.map(|v| (v + slack(v)) as f32) }
    }
}

impl RTreeObject for Span {
    type Envelope = AABB<[f32; 2]>;
    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.low, self.high)
    }
}

/// A place on a way, and how far it is from where somebody stands.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Snapped {
    /// Longitude and latitude on the way.
    pub at: Place,
    /// Straight to it, metres. Nothing is known of these metres.
    pub distance_m: f64,
    #[serde(skip)]
    pub(super) edge: u32,
    /// Share of the drawn line that lies before it.
    #[serde(skip)]
    pub(super) share: f64,
    #[serde(skip)]
    pub(super) metres: [f64; 2],
}

/// Ways that are looked at when the nearest ones of both ends are not joined.
const CANDIDATES: usize = 24;
/// Nearer to the end of a line is at the node there.
const AT_NODE_M: f64 = 0.01;

impl Network {
    /// The ways within so many metres of a place, nearest first, 24 at most.
    pub(super) fn near(&self, place: Position, within_m: f64) -> Vec<Snapped> {
        let Some(frame) = self.frame() else { return Vec::new() };
        let at = frame.metres([place.lon.degrees(), place.lat.degrees()]);
        let mut found: Vec<Snapped> = Vec::new();
        // Most people stand on a way or beside it: only who does not pays for a wide look.
        let mut radius = within_m.min(30.0);
        loop {
            found.clear();
            let corner = |sign: f64| [(at[0] + sign * radius) as f32, (at[1] + sign * radius) as f32];
            let square = AABB::from_corners(corner(-1.0), corner(1.0));
            for span in self.tree.locate_in_envelope_intersecting(square) {
                let snapped = self.nearest_on_edge(span.edge, at);
                if snapped.distance_m <= radius {
                    found.push(snapped);
                }
            }
            if found.len() >= CANDIDATES || radius >= within_m {
                break;
            }
            radius = (radius * 3.0).min(within_m);
        }
        found.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m).then(a.edge.cmp(&b.edge)));
        found.truncate(CANDIDATES);
        found
    }

    /// Metres to the nearest way within so many metres.
    pub(super) fn nearest_m(&self, place: Position, within_m: f64) -> Option<f64> {
        self.near(place, within_m).first().map(|snapped| snapped.distance_m)
    }

    pub(super) fn nearest_on_edge(&self, edge: u32, at: [f64; 2]) -> Snapped {
        let line = self.drawn(edge);
        let total: f64 = line.windows(2).map(|pair| between(pair[0], pair[1])).sum();
        let (mut best, mut before) = ((line[0], 0.0, f64::INFINITY), 0.0);
        for pair in line.windows(2) {
            let long = between(pair[0], pair[1]);
            let (place, share, distance) = nearest_on(pair[0], pair[1], at);
            if distance < best.2 {
                best = (place, before + share * long, distance);
            }
            before += long;
        }
        let mut share = if total > 0.0 { (best.1 / total).clamp(0.0, 1.0) } else { 0.0 };
        // Who stands at a node walks nothing of the edge.
        if best.1 < AT_NODE_M {
            (share, best.0) = (0.0, line[0]);
        } else if total - best.1 < AT_NODE_M {
            (share, best.0) = (1.0, line[line.len() - 1]);
        }
        let degrees = self.frame().map_or([0.0; 2], |frame| frame.place(best.0));
        Snapped { at: degrees, distance_m: best.2, edge, share, metres: best.0 }
    }
}
