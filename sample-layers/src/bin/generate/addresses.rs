//! Invented house numbers along the named streets.

use std::collections::BTreeSet;

use crate::buildings::Building;
use crate::network::{Grid, Streets};
use crate::plane::{self, Point};

/// Finds the street a place belongs to and counts numbers along it.
pub struct Addresses<'a> {
    streets: &'a Streets,
    grid: Grid,
    /// Metres of the same street before each line.
    before_m: Vec<f64>,
    given: BTreeSet<String>,
}

/// One number for each 14 m, even on the left.
const METRES_PER_NUMBER: f64 = 14.0;

impl<'a> Addresses<'a> {
    pub fn new(streets: &'a Streets) -> Self {
        let grid = Grid::of(streets.edges.iter().map(|e| e.points.as_slice()));
        let lines = &streets.lines;
        let before_m = (0..lines.len())
            .map(|i| {
                (0..i).filter(|&j| lines[j].name == lines[i].name).map(|j| plane::line_length(&lines[j].points)).sum()
            })
            .collect();
        Self { streets, grid, before_m, given: BTreeSet::new() }
    }

    /// Street and number of a place on its left or right, when a named street runs within `reach` metres.
    pub fn street_of(&self, p: Point, reach: f64) -> Option<(&'static str, i64)> {
        let around = Point { x: reach, y: reach };
        let mut best: Option<(f64, usize)> = None;
        for (edge, segment) in self.grid.near(p - around, p + around) {
            let points = &self.streets.edges[edge].points;
            let (_, d) = plane::nearest_on(p, points[segment], points[segment + 1]);
            if d <= reach && !self.streets.name(&self.streets.edges[edge]).is_empty() && best.is_none_or(|b| d < b.0) {
                best = Some((d, edge));
            }
        }
        let edge = &self.streets.edges[best?.1];
        let metres = self.before_m[edge.line] + edge.start_m + plane::locate(&edge.points, p).0;
        let (foot, direction) = plane::at(&edge.points, plane::locate(&edge.points, p).0);
        let even = plane::cross(direction, p - foot) > 0.0;
        let number = (metres / METRES_PER_NUMBER) as i64 * 2 + if even { 2 } else { 1 };
        Some((self.streets.name(edge), number))
    }

    /// A number of its own for a building; `None` on a nameless street.
    pub fn of(&mut self, building: &Building) -> Option<String> {
        let (street, number) = self.street_of(building.centre(), 48.0)?;
        let plain = format!("{street}, {number}");
        let candidates = std::iter::once(plain.clone())
            .chain(["а", "б", "в", "г", "д"].iter().map(|letter| format!("{plain}{letter}")));
        let free = candidates.into_iter().find(|c| !self.given.contains(c))?;
        self.given.insert(free.clone());
        Some(free)
    }
}
