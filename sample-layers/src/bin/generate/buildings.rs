//! Buildings in blocks, each aligned to its street.

use geo_types::Polygon;

use crate::blocks::{Block, Frame};
use crate::plane::{self, Point};
use crate::sketch::zones::Built;
use misto_sample_layers::Chance;

/// A building: corners of its outline, not closed.
pub struct Building {
    pub corners: Vec<Point>,
    pub kind: &'static str,
    pub levels: i64,
    pub year: i64,
    /// The block it stands in; landmarks stand in none.
    pub block: Option<usize>,
}

impl Building {
    pub fn centre(&self) -> Point {
        let sum = self.corners.iter().fold(Point::default(), |sum, &p| sum + p);
        sum / self.corners.len() as f64
    }
}

/// Fills every block.
pub fn fill(blocks: &[Block]) -> Vec<Building> {
    let mut out = Vec::new();
    for (number, block) in blocks.iter().enumerate() {
        let mut yard = Yard::new(number, block);
        match block.built {
            Built::Perimeter => yard.along_the_street(&PERIMETER),
            Built::Villas => yard.along_the_street(&VILLAS),
            Built::Houses => yard.along_the_street(&HOUSES),
            Built::Village => yard.along_the_street(&VILLAGE),
            Built::Slabs => yard.rows_of_slabs(),
            Built::Industry => yard.halls(),
        }
        out.append(&mut yard.buildings);
    }
    out
}

/// How houses stand along a street, metres.
struct Row {
    lot: (f64, f64),
    /// Share of the lot's width that is built; 1 is wall to wall.
    front: (f64, f64),
    depth: (f64, f64),
    setback: (f64, f64),
    empty: f64,
    levels: (i64, i64),
    years: (i64, i64),
    /// Share of shops and offices, and of public buildings.
    other: (f64, f64),
}

const PERIMETER: Row = Row {
    lot: (22.0, 42.0),
    front: (1.0, 1.0),
    depth: (11.0, 14.0),
    setback: (0.5, 0.5),
    empty: 0.09,
    levels: (2, 4),
    years: (1880, 1939),
    other: (0.16, 0.07),
};
const VILLAS: Row = Row {
    lot: (32.0, 44.0),
    front: (0.45, 0.6),
    depth: (11.0, 15.0),
    setback: (3.0, 5.0),
    empty: 0.18,
    levels: (2, 3),
    years: (1905, 1985),
    other: (0.07, 0.03),
};
const HOUSES: Row = Row {
    lot: (36.0, 48.0),
    front: (0.28, 0.38),
    depth: (10.0, 15.0),
    setback: (5.0, 8.0),
    empty: 0.3,
    levels: (1, 2),
    years: (1948, 2019),
    other: (0.02, 0.01),
};
const VILLAGE: Row = Row {
    lot: (54.0, 78.0),
    front: (0.18, 0.25),
    depth: (9.0, 14.0),
    setback: (7.0, 13.0),
    empty: 0.33,
    levels: (1, 2),
    years: (1952, 2020),
    other: (0.02, 0.02),
};

struct Yard<'a> {
    number: usize,
    ring: &'a [Point],
    shape: &'a Polygon<f64>,
    chance: Chance,
    buildings: Vec<Building>,
}

impl<'a> Yard<'a> {
    fn new(number: usize, block: &'a Block) -> Self {
        let chance = Chance::new(&format!("buildings of block {number}"));
        Self { number, ring: &block.shape.exterior().0, shape: &block.shape, chance, buildings: Vec::new() }
    }

    fn along_the_street(&mut self, row: &Row) {
        let mut ring = plane::thin_ring(self.ring, 1.0);
        if ring.windows(2).map(|w| plane::cross(w[0], w[1])).sum::<f64>() < 0.0 {
            ring.reverse();
        }
        for w in ring.windows(2) {
            let (along, long) = (plane::unit(w[1] - w[0]), plane::distance(w[0], w[1]));
            let inward = plane::left(along);
            let depth_of_row = self.chance.between(row.depth.0, row.depth.1);
            let mut s = 0.0;
            while long - s > row.lot.0 * 0.6 {
                let lot = self.chance.between(row.lot.0, row.lot.1).min(long - s);
                let front = (lot * self.chance.between(row.front.0, row.front.1)).max(8.0);
                let depth =
                    if row.front.0 == 1.0 { depth_of_row } else { self.chance.between(row.depth.0, row.depth.1) };
                let setback = self.chance.between(row.setback.0, row.setback.1);
                let a = w[0] + along * (s + (lot - front) / 2.0) + inward * setback;
                let corners = vec![a, a + along * front, a + along * front + inward * depth, a + inward * depth];
                let margin = if row.front.0 == 1.0 { 0.0 } else { 2.5 };
                if !self.has_room(&corners, margin) {
                    s += 2.0;
                    continue;
                }
                s += lot;
                if !self.chance.happens(row.empty) {
                    let kind = self.kind(row.other);
                    self.build(corners, kind, row.levels, row.years);
                }
            }
        }
    }

    fn rows_of_slabs(&mut self) {
        let frame = Frame::around(self.shape);
        let (u, v) = (frame.axis, plane::left(frame.axis));
        if frame.length > 190.0 && frame.width > 130.0 && self.chance.happens(0.25) {
            self.school(frame.centre, u);
        }
        let crosswise = self.chance.happens(0.35);
        let (u, v, length, width) =
            if crosswise { (v, u, frame.width, frame.length) } else { (u, v, frame.length, frame.width) };
        let mut y = -width / 2.0 + 14.0;
        while y < width / 2.0 - 12.0 {
            let mut x = -length / 2.0 + self.chance.between(8.0, 22.0);
            let tall = self.chance.happens(0.4);
            while x < length / 2.0 - 12.0 {
                let tower = self.chance.happens(0.14);
                let (l, d) = if tower { (24.0, 22.0) } else { (*self.chance.one_of(&[46.0, 62.0, 78.0, 92.0]), 12.5) };
                let centre = frame.centre + u * (x + l / 2.0) + v * y;
                let corners = box_around(centre, u, l, d);
                if self.has_room(&corners, 8.0) && self.stands_clear(&corners, 4.0) {
                    let levels = if tower {
                        (9, 12)
                    } else if tall {
                        (9, 9)
                    } else {
                        (5, 5)
                    };
                    let kind = if self.chance.happens(0.04) { "commercial" } else { "residential" };
                    self.build(corners, kind, levels, (1964, 2012));
                    x += l + self.chance.between(16.0, 26.0);
                } else {
                    x += 7.0;
                }
            }
            y += self.chance.between(46.0, 60.0);
        }
        self.shops();
    }

    /// A school or kindergarten: a block with two wings.
    fn school(&mut self, centre: Point, u: Point) {
        let v = plane::left(u);
        let at = |x: f64, y: f64| centre + u * x + v * y;
        let corners = vec![
            at(-34.0, -20.0),
            at(-20.0, -20.0),
            at(-20.0, 6.0),
            at(20.0, 6.0),
            at(20.0, -20.0),
            at(34.0, -20.0),
            at(34.0, 20.0),
            at(-34.0, 20.0),
        ];
        if self.has_room(&box_around(centre, u, 68.0, 40.0), 10.0) {
            self.build(corners, "public", (2, 3), (1962, 1994));
        }
    }

    /// Low shops at the kerb.
    fn shops(&mut self) {
        let ring = plane::thin_ring(self.ring, 3.0);
        let inward = if ring.windows(2).map(|w| plane::cross(w[0], w[1])).sum::<f64>() < 0.0 { -1.0 } else { 1.0 };
        for w in ring.windows(2) {
            let long = plane::distance(w[0], w[1]);
            if long > 80.0 && self.chance.happens(0.4) {
                let u = plane::unit(w[1] - w[0]);
                let centre =
                    plane::along(w[0], w[1], self.chance.between(0.25, 0.75)) + plane::left(u) * (inward * 12.0);
                let corners = box_around(centre, u, self.chance.between(22.0, 40.0), 14.0);
                if self.has_room(&corners, 8.0) && self.stands_clear(&corners, 2.0) {
                    self.build(corners, "commercial", (1, 2), (1975, 2018));
                }
            }
        }
    }

    fn halls(&mut self) {
        let frame = Frame::around(self.shape);
        let (u, v) = (frame.axis, plane::left(frame.axis));
        let mut y = -frame.width / 2.0 + 6.0;
        while y < frame.width / 2.0 {
            let depth = self.chance.between(22.0, 42.0);
            let mut x = -frame.length / 2.0 + 6.0;
            while x < frame.length / 2.0 {
                let long = self.chance.between(34.0, 90.0);
                let corners = box_around(frame.centre + u * (x + long / 2.0) + v * (y + depth / 2.0), u, long, depth);
                if self.has_room(&corners, 6.0) && self.stands_clear(&corners, 4.0) {
                    if !self.chance.happens(0.22) {
                        self.build(corners, "industrial", (1, 3), (1950, 2005));
                    }
                    x += long + self.chance.between(12.0, 24.0);
                } else {
                    x += 9.0;
                }
            }
            y += depth + self.chance.between(14.0, 26.0);
        }
    }

    fn kind(&mut self, (shops, public): (f64, f64)) -> &'static str {
        let x = self.chance.unit();
        if x < shops {
            "commercial"
        } else if x < shops + public {
            "public"
        } else {
            "residential"
        }
    }

    fn build(&mut self, corners: Vec<Point>, kind: &'static str, levels: (i64, i64), years: (i64, i64)) {
        let levels = self.chance.whole(levels.0, levels.1);
        let year = self.chance.whole(years.0, years.1);
        self.buildings.push(Building { corners, kind, levels, year, block: Some(self.number) });
    }

    /// Inside the block and clear of other buildings by `margin` metres (0: walls may touch).
    fn has_room(&self, corners: &[Point], margin: f64) -> bool {
        inside(self.ring, corners)
            && self
                .shape
                .interiors()
                .iter()
                .all(|hole| !overlap(&hole.0[..hole.0.len() - 1], corners, 0.0) && !holds(&hole.0, corners[0]))
            && self.buildings.iter().all(|b| !near(b, corners) || !apart_fails(&b.corners, corners, margin))
    }

    /// Clear of the block's edge by `margin` metres.
    fn stands_clear(&self, corners: &[Point], margin: f64) -> bool {
        corners.iter().all(|&p| self.ring.windows(2).all(|w| plane::nearest_on(p, w[0], w[1]).1 >= margin))
    }
}

pub fn box_around(centre: Point, u: Point, length: f64, depth: f64) -> Vec<Point> {
    let (u, v) = (u * (length / 2.0), plane::left(u) * (depth / 2.0));
    vec![centre - u - v, centre + u - v, centre + u + v, centre - u + v]
}

fn near(building: &Building, corners: &[Point]) -> bool {
    plane::distance(building.corners[0], corners[0]) < 260.0
}

/// Whether a place lies inside a closed ring (ray to the east).
pub fn holds(ring: &[Point], p: Point) -> bool {
    ring.windows(2)
        .filter(|w| {
            (w[0].y > p.y) != (w[1].y > p.y) && p.x < w[0].x + (p.y - w[0].y) / (w[1].y - w[0].y) * (w[1].x - w[0].x)
        })
        .count()
        % 2
        == 1
}

/// All corners inside the closed ring and no edges crossing.
fn inside(ring: &[Point], corners: &[Point]) -> bool {
    corners.iter().all(|&p| holds(ring, p)) && !edges_cross(ring, corners)
}

fn edges_cross(ring: &[Point], corners: &[Point]) -> bool {
    (0..corners.len()).any(|i| {
        let side = (corners[i], corners[(i + 1) % corners.len()]);
        ring.windows(2).any(|w| plane::crossing(side, (w[0], w[1])).is_some())
    })
}

fn apart_fails(a: &[Point], b: &[Point], margin: f64) -> bool {
    overlap(a, b, margin)
}

/// Whether two outlines come closer than `margin` (separating axes over their hulls; 5 cm of touch are let pass).
pub fn overlap(a: &[Point], b: &[Point], margin: f64) -> bool {
    let separated = |p: &[Point], q: &[Point]| {
        (0..p.len()).any(|i| {
            let axis = plane::left(plane::unit(p[(i + 1) % p.len()] - p[i]));
            let span = |r: &[Point]| {
                r.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &c| {
                    (low.min(plane::dot(c, axis)), high.max(plane::dot(c, axis)))
                })
            };
            let (pa, qa) = (span(p), span(q));
            let gap = (qa.0 - pa.1).max(pa.0 - qa.1);
            gap >= margin - 0.05
        })
    };
    !separated(a, b) && !separated(b, a)
}
