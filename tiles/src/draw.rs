//! A shape on a tile: simplified for its zoom, clipped, in whole tile units.

use crate::mvt::Spot;

use crate::clip::{self, At};
use crate::grid::Frame;
use crate::shape::{Part, Shape, Vertex};
use crate::simplify::EDIT_ZOOM;

/// What is left of a shape on a tile.
#[derive(Debug, Default, Clone)]
pub(crate) struct Drawing {
    pub(crate) points: Vec<Spot>,
    pub(crate) lines: Runs,
    /// Rings, each with whether it is a shell; open, and with an area.
    pub(crate) rings: Runs,
}

/// Lines one after the other in one allocation.
#[derive(Debug, Default, Clone)]
pub(crate) struct Runs {
    coords: Vec<Spot>,
    /// Where each ends, and whether it is a shell.
    ends: Vec<(usize, bool)>,
}

impl Runs {
    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Each run, and whether it is a shell.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[Spot], bool)> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|(end, _)| *end));
        starts.zip(&self.ends).map(|(start, &(end, shell))| (&self.coords[start..end], shell))
    }

    fn clear(&mut self) {
        self.coords.clear();
        self.ends.clear();
    }

    fn truncate(&mut self, runs: usize) {
        self.ends.truncate(runs);
        self.coords.truncate(self.start());
    }

    fn start(&self) -> usize {
        self.ends.last().map_or(0, |(end, _)| *end)
    }

    /// Adds places, leaving out repeated ones.
    fn extend(&mut self, places: &[At]) {
        let start = self.start();
        for coord in places.iter().map(|&at| whole(at)) {
            if self.coords.len() == start || self.coords.last() != Some(&coord) {
                self.coords.push(coord);
            }
        }
    }

    /// Ends the run if it is good, else takes it back.
    fn end(&mut self, shell: bool, good: impl FnOnce(&[Spot]) -> bool) -> bool {
        let start = self.start();
        let good = good(&self.coords[start..]);
        if good {
            self.ends.push((self.coords.len(), shell));
        } else {
            self.coords.truncate(start);
        }
        good
    }
}

impl Drawing {
    /// Whether nothing is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.points.is_empty() && self.lines.is_empty() && self.rings.is_empty()
    }

    /// Its lowest corner; none when nothing is left.
    pub(crate) fn corner(&self) -> Option<Spot> {
        let all = || self.points.iter().chain(&self.lines.coords).chain(&self.rings.coords);
        let x = all().map(|at| at.x).min()?;
        let y = all().map(|at| at.y).min()?;
        Some(Spot { x, y })
    }

    /// Whether all there is is one area within one tile unit: no larger than the
    /// speck that stands for smaller ones.
    fn is_one_unit(&self) -> bool {
        if !self.points.is_empty() || !self.lines.is_empty() || self.rings.ends.len() != 1 {
            return false;
        }
        let Some(corner) = self.corner() else { return false };
        self.rings.coords.iter().all(|at| at.x - corner.x <= 1 && at.y - corner.y <= 1)
    }

    /// Bytes that its geometry takes in a tile at the least.
    pub(crate) fn least_bytes(&self) -> usize {
        2 * (self.points.len() + self.lines.coords.len() + self.rings.coords.len())
    }

    fn clear(&mut self) {
        self.points.clear();
        self.lines.clear();
        self.rings.clear();
    }
}

/// How a shape met a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Met {
    /// It is drawn.
    Drawn,
    /// It lies in the tile, is smaller than a tile unit, and is drawn as one.
    Speck,
    /// It does not reach the tile.
    Outside,
}

/// Draws shapes; keeps its buffers from shape to shape.
#[derive(Debug, Default)]
pub(crate) struct Pen {
    drawing: Drawing,
    places: Vec<At>,
    spare: Vec<At>,
}

impl Pen {
    /// Draws a shape; `within` says that it lies in the buffered tile as a whole.
    pub(crate) fn draw(&mut self, shape: &Shape, frame: &Frame, within: bool) -> Met {
        self.drawing.clear();
        let mut too_small = None;
        // The polygon being drawn: where it begins, and twice what is left of its area.
        let mut polygon = None;
        for (part, vertices) in shape.parts() {
            let drawn = match part {
                Part::Point => self.point(vertices, frame),
                Part::Line => self.line(vertices, frame, within),
                Part::Shell => {
                    let begin = self.drawing.rings.ends.len();
                    polygon = self.ring(vertices, frame, within, true).map(|area| (begin, area));
                    polygon.is_some()
                }
                Part::Hole => {
                    if let Some((begin, area)) = polygon {
                        let left = area - self.ring(vertices, frame, within, false).unwrap_or(0);
                        polygon = (left > 0).then_some((begin, left));
                        if left <= 0 {
                            self.drawing.rings.truncate(begin); // the tile lies in the hole
                        }
                    }
                    true
                }
            };
            if !drawn && within && too_small.is_none() {
                too_small = vertices.first().map(|first| (part, whole(frame.local(first.x, first.y))));
            }
        }
        if !self.drawing.is_empty() {
            return if self.drawing.is_one_unit() { Met::Speck } else { Met::Drawn };
        }
        match too_small {
            None => Met::Outside,
            Some((part, at)) => {
                self.speck(part, at);
                Met::Speck
            }
        }
    }

    /// What was drawn last.
    pub(crate) fn drawing(&self) -> &Drawing {
        &self.drawing
    }

    fn place(&mut self, vertices: &[Vertex], frame: &Frame, level: u8) {
        self.places.clear();
        let shown = vertices.iter().filter(|vertex| vertex.level <= level);
        self.places.extend(shown.map(|vertex| frame.local(vertex.x, vertex.y)));
    }

    fn point(&mut self, vertices: &[Vertex], frame: &Frame) -> bool {
        self.place(vertices, frame, frame.zoom());
        let inside = self.places.iter().filter(|&&at| clip::holds(at)).map(|&at| whole(at));
        let before = self.drawing.points.len();
        self.drawing.points.extend(inside);
        self.drawing.points.len() > before
    }

    fn line(&mut self, vertices: &[Vertex], frame: &Frame, within: bool) -> bool {
        self.place(vertices, frame, frame.zoom());
        let lines = &mut self.drawing.lines;
        let mut drawn = false;
        let mut keep = |piece: &[At]| {
            lines.extend(piece);
            drawn |= lines.end(false, |line| line.len() >= 2);
        };
        if within {
            keep(&self.places)
        } else {
            clip::line(&self.places, &mut self.spare, keep)
        }
        drawn
    }

    /// Twice the area of the ring; `None` when it has none and is not drawn. A house
    /// that simplifying would flatten is drawn with all its corners.
    fn ring(&mut self, vertices: &[Vertex], frame: &Frame, within: bool, shell: bool) -> Option<i64> {
        let simplified = self.ring_at(frame.zoom(), vertices, frame, within, shell);
        if simplified.is_none() && within && shell && frame.zoom() < EDIT_ZOOM {
            return self.ring_at(EDIT_ZOOM, vertices, frame, within, shell);
        }
        simplified
    }

    fn ring_at(&mut self, level: u8, vertices: &[Vertex], frame: &Frame, within: bool, shell: bool) -> Option<i64> {
        self.place(vertices, frame, level);
        if !within {
            clip::ring(&mut self.places, &mut self.spare);
        }
        let rings = &mut self.drawing.rings;
        let start = rings.start();
        rings.extend(&self.places);
        while rings.coords.len() > start + 1 && rings.coords.last() == rings.coords.get(start) {
            rings.coords.pop();
        }
        let area = doubled_area(&rings.coords[start..]).abs();
        rings.end(shell, |_| area != 0).then_some(area)
    }

    fn speck(&mut self, part: Part, at: Spot) {
        let [right, diagonal, down] = [(1, 0), (1, 1), (0, 1)].map(|(x, y)| Spot { x: at.x + x, y: at.y + y });
        match part {
            Part::Point => self.drawing.points.push(at),
            Part::Line => {
                self.drawing.lines.coords.extend([at, right]);
                self.drawing.lines.end(false, |_| true);
            }
            Part::Shell | Part::Hole => {
                self.drawing.rings.coords.extend([at, right, diagonal, down]);
                self.drawing.rings.end(true, |_| true);
            }
        }
    }
}

/// To the nearest unit, halves upwards: the same in every tile, so that neighbours meet.
fn whole(at: At) -> Spot {
    Spot { x: (at[0] + 0.5).floor() as i32, y: (at[1] + 0.5).floor() as i32 }
}

/// Twice the signed area (surveyor's formula, MVT 2.1, 4.3.4.4).
pub(crate) fn doubled_area(ring: &[Spot]) -> i64 {
    let next = ring.iter().cycle().skip(1);
    let product = |a: i32, b: i32| i64::from(a) * i64::from(b);
    ring.iter().zip(next).map(|(a, b)| product(a.x, b.y) - product(b.x, a.y)).sum()
}
