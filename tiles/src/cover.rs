//! Which tiles a shape reaches: a walk down the tile pyramid.

use misto_model::TileCoord;

use crate::clip;
use crate::grid::{BUFFER, Frame, GridBox};
use crate::shape::{Part, Shape};
use crate::simplify::TOLERANCE;

/// A shape reaches a tile when it comes within the buffer. A simplified line may come
/// closer than the true one by the tolerance, and rounding by one unit more.
const REACH: i32 = BUFFER + TOLERANCE + 1;

/// The edges of a shape.
pub(crate) struct Outline {
    edges: Vec<Edge>,
}

#[derive(Clone, Copy)]
struct Edge {
    a: [i32; 2],
    b: [i32; 2],
    /// The ring it belongs to; `None` for points and lines.
    ring: Option<Ring>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Ring {
    number: u32,
    polygon: u32,
    hole: bool,
}

impl Outline {
    pub(crate) fn of(shape: &Shape) -> Self {
        let mut edges = Vec::with_capacity(shape.vertex_count());
        let mut polygon = 0;
        for (number, (part, vertices)) in shape.parts().enumerate() {
            polygon += u32::from(part == Part::Shell);
            let hole = part == Part::Hole;
            let closed = hole || part == Part::Shell;
            let ring = closed.then_some(Ring { number: number as u32, polygon, hole });
            let place = |i: usize| [vertices[i].x, vertices[i].y];
            edges.extend((1..vertices.len()).map(|i| Edge { a: place(i - 1), b: place(i), ring }));
            if closed || vertices.len() == 1 {
                edges.push(Edge { a: place(vertices.len() - 1), b: place(0), ring });
            }
        }
        Self { edges }
    }

    /// Goes down from the whole world to `deepest`, into every tile that is `wanted`
    /// (asked first, since it may be cheaper) and reached; tells of those reached.
    pub(crate) fn walk(
        &self,
        deepest: u8,
        wanted: &mut impl FnMut(TileCoord) -> bool,
        reached: &mut impl FnMut(TileCoord),
    ) {
        if let Ok(world) = TileCoord::new(0, 0, 0) {
            descend(world, deepest, Some(&self.edges), wanted, reached);
        }
    }
}

/// `edges` are those that may matter to the tile; `None` when it lies inside the shape.
fn descend(
    at: TileCoord,
    deepest: u8,
    edges: Option<&[Edge]>,
    wanted: &mut impl FnMut(TileCoord) -> bool,
    reached: &mut impl FnMut(TileCoord),
) {
    if !wanted(at) {
        return;
    }
    let square = Frame::of(at).padded(REACH);
    let near: Option<Vec<Edge>> =
        edges.map(|edges| edges.iter().filter(|edge| edge.matters_to(&square)).copied().collect());
    let inside = match &near {
        None => true,
        Some(near) if near.iter().any(|edge| edge.crosses(&square)) => false,
        Some(near) if encloses(near, &square) => true,
        Some(_) => return,
    };
    reached(at);
    if at.z() < deepest {
        let edges = if inside { None } else { near.as_deref() };
        for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            if let Ok(child) = TileCoord::new(u32::from(at.z()) + 1, at.x() * 2 + dx, at.y() * 2 + dy) {
                descend(child, deepest, edges, wanted, reached);
            }
        }
    }
}

impl Edge {
    /// Whether it may touch the square; of a ring also whether it lies to the east of it,
    /// where a ray would meet it.
    fn matters_to(&self, square: &GridBox) -> bool {
        let (low, high) = (self.a[1].min(self.b[1]), self.a[1].max(self.b[1]));
        i64::from(high) >= square.north
            && i64::from(low) <= square.south
            && i64::from(self.a[0].max(self.b[0])) >= square.west
            && (self.ring.is_some() || i64::from(self.a[0].min(self.b[0])) <= square.east)
    }

    fn crosses(&self, square: &GridBox) -> bool {
        let low = [square.west as f64, square.north as f64];
        let high = [square.east as f64, square.south as f64];
        clip::cut(self.a.map(f64::from), self.b.map(f64::from), low, high).is_some()
    }

    /// How the ray from a place to the east meets it: 1 downwards, -1 upwards, 0 not.
    fn winding(&self, [x, y]: [f64; 2]) -> i32 {
        let [a, b] = [self.a.map(f64::from), self.b.map(f64::from)];
        if (a[1] > y) == (b[1] > y) || a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]) <= x {
            return 0;
        }
        if b[1] > a[1] { 1 } else { -1 }
    }
}

/// Whether a square that no edge crosses lies in a polygon and in none of its holes.
/// Edges of a ring stand together, rings of a polygon too, its shell first.
fn encloses(edges: &[Edge], square: &GridBox) -> bool {
    let centre = [(square.west + square.east) as f64 / 2.0, (square.north + square.south) as f64 / 2.0];
    let mut rings = edges
        .chunk_by(|a, b| a.ring == b.ring)
        .filter_map(|run| Some((run.first()?.ring?, run.iter().map(|edge| edge.winding(centre)).sum::<i32>() != 0)))
        .peekable();
    while let Some((ring, around)) = rings.next() {
        let mut inside = around && !ring.hole;
        while let Some((_, around)) = rings.next_if(|(next, _)| next.polygon == ring.polygon) {
            inside &= !around;
        }
        if inside {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::{Geometry, line_string, polygon};

    fn reached(geometry: Geometry<f64>, deepest: u8) -> Vec<TileCoord> {
        let mut tiles = Vec::new();
        Outline::of(&Shape::of(&geometry)).walk(deepest, &mut |_| true, &mut |at| tiles.push(at));
        tiles
    }

    #[test]
    fn a_point_reaches_one_tile_a_zoom_or_its_neighbours_too() {
        let middle = TileCoord::new(16, 37_000, 22_000).unwrap().bbox();
        let point =
            geo_types::Point::new((middle.west() + middle.east()) / 2.0, (middle.south() + middle.north()) / 2.0);
        let tiles = reached(point.into(), 16);
        assert!((17..40).contains(&tiles.len()), "{}", tiles.len());
        assert!(tiles.contains(&TileCoord::new(16, 37_000, 22_000).unwrap()));
        let corner = geo_types::Point::new(middle.west(), middle.north());
        assert_eq!(reached(corner.into(), 16).iter().filter(|at| at.z() == 16).count(), 4);
    }

    #[test]
    fn a_frame_does_not_reach_what_lies_in_its_hole() {
        let frame = polygon!(exterior: [(x: -80.0, y: -80.0), (x: 80.0, y: -80.0), (x: 80.0, y: 80.0), (x: -80.0, y: 80.0)],
            interiors: [[(x: -60.0, y: -60.0), (x: 60.0, y: -60.0), (x: 60.0, y: 60.0), (x: -60.0, y: 60.0)]]);
        let tiles = reached(frame.into(), 5);
        let inner = TileCoord::new(5, 16, 16).unwrap();
        let rim = TileCoord::new(5, 22, 16).unwrap();
        assert!(!tiles.contains(&inner));
        assert!(tiles.contains(&rim));
    }

    #[test]
    fn a_diagonal_does_not_reach_the_tiles_beside_it() {
        let line = line_string![(x: -170.0, y: -84.0), (x: 170.0, y: 84.0)];
        let deepest = reached(line.into(), 8).into_iter().filter(|at| at.z() == 8).count();
        assert!((256..900).contains(&deepest), "{deepest}");
    }
}
