//! A geometry on the world grid.

use geo_types::{Geometry, LineString, Polygon};

use crate::grid::{self, GridBox, MAX_LATITUDE};
use crate::simplify::{levels_of_line, levels_of_ring};

/// What a part of a shape is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Point,
    Line,
    /// The outer ring of a polygon; its holes follow it.
    Shell,
    Hole,
}

/// A vertex, the first zoom it is drawn at, and whether a new part begins with it.
/// Twelve bytes, one allocation a shape: most features of a city have four to ten.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Vertex {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) level: u8,
    begins: Option<Part>,
}

/// Points, lines and rings of one feature; rings do not repeat their first vertex.
#[derive(Debug, Default)]
pub(crate) struct Shape(Box<[Vertex]>);

impl Shape {
    /// Projects a geometry. Vertices that are no finite numbers, points beyond the
    /// square world and lines of one place are left out; other latitudes beyond 85.05°
    /// move to the edge, which is where a clip would end.
    pub(crate) fn of(geometry: &Geometry<f64>) -> Self {
        let mut vertices = Vec::new();
        add(geometry, &mut vertices);
        Self(vertices.into_boxed_slice())
    }

    /// The parts, each with its vertices.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (Part, &[Vertex])> {
        // The first vertex of a shape begins a part, and so does the first of every chunk.
        self.0.chunk_by(|_, next| next.begins.is_none()).filter_map(|part| Some((part.first()?.begins?, part)))
    }

    /// The box around all vertices; `None` when there are none.
    pub(crate) fn bounds(&self) -> Option<[i32; 4]> {
        let first = self.0.first()?;
        Some(self.0.iter().fold([first.x, first.y, first.x, first.y], |[w, n, e, s], v| {
            [w.min(v.x), n.min(v.y), e.max(v.x), s.max(v.y)]
        }))
    }

    /// How much of the map it takes, in cells: the side of a square of the same area,
    /// or the length; 0 for points.
    pub(crate) fn size(&self) -> f32 {
        let (mut area, mut length) = (0.0, 0.0);
        for (part, vertices) in self.parts() {
            match part {
                Part::Point => {}
                Part::Line => length += vertices.windows(2).map(|pair| distance(pair[0], pair[1])).sum::<f64>(),
                Part::Shell => area += ring_area(vertices),
                Part::Hole => area -= ring_area(vertices),
            }
        }
        (area.max(0.0).sqrt() + length) as f32
    }

    pub(crate) fn vertex_count(&self) -> usize {
        self.0.len()
    }
}

fn add(geometry: &Geometry<f64>, vertices: &mut Vec<Vertex>) {
    match geometry {
        Geometry::Point(point) => add_point(point.0, vertices),
        Geometry::MultiPoint(points) => points.iter().for_each(|point| add_point(point.0, vertices)),
        Geometry::Line(line) => add_line(&LineString(vec![line.start, line.end]), vertices),
        Geometry::LineString(line) => add_line(line, vertices),
        Geometry::MultiLineString(lines) => lines.iter().for_each(|line| add_line(line, vertices)),
        Geometry::Polygon(polygon) => add_polygon(polygon, vertices),
        Geometry::MultiPolygon(polygons) => polygons.iter().for_each(|polygon| add_polygon(polygon, vertices)),
        Geometry::Rect(rect) => add_polygon(&rect.to_polygon(), vertices),
        Geometry::Triangle(triangle) => add_polygon(&triangle.to_polygon(), vertices),
        Geometry::GeometryCollection(all) => all.iter().for_each(|one| add(one, vertices)),
    }
}

fn add_point(at: geo_types::Coord<f64>, vertices: &mut Vec<Vertex>) {
    if at.x.abs() <= 180.0 && at.y.abs() <= MAX_LATITUDE {
        vertices.push(Vertex { x: grid::column(at.x), y: grid::row(at.y), level: 0, begins: Some(Part::Point) });
    }
}

fn add_line(line: &LineString<f64>, vertices: &mut Vec<Vertex>) {
    let cells = cells_of(line);
    if line.0.len() >= 2 && !cells.is_empty() {
        add_part(Part::Line, &cells, &levels_of_line(&cells), vertices);
    }
}

fn add_polygon(polygon: &Polygon<f64>, vertices: &mut Vec<Vertex>) {
    if add_ring(Part::Shell, polygon.exterior(), vertices) {
        for hole in polygon.interiors() {
            add_ring(Part::Hole, hole, vertices);
        }
    }
}

fn add_ring(part: Part, ring: &LineString<f64>, vertices: &mut Vec<Vertex>) -> bool {
    let mut cells = cells_of(ring);
    while cells.len() > 1 && cells.first() == cells.last() {
        cells.pop();
    }
    add_part(part, &cells, &levels_of_ring(&cells), vertices);
    !cells.is_empty()
}

/// The places of a line; one after the other they differ.
fn cells_of(line: &LineString<f64>) -> Vec<[i32; 2]> {
    let finite = line.0.iter().filter(|at| at.x.is_finite() && at.y.is_finite());
    let mut cells: Vec<_> = finite.map(|at| [grid::column(at.x), grid::row(at.y)]).collect();
    cells.dedup(); // one is left of what is smaller than a cell, and it is still there
    cells
}

fn add_part(part: Part, cells: &[[i32; 2]], levels: &[u8], vertices: &mut Vec<Vertex>) {
    let first = vertices.len();
    vertices.extend(cells.iter().zip(levels).map(|(&[x, y], &level)| Vertex { x, y, level, begins: None }));
    if let Some(vertex) = vertices.get_mut(first) {
        vertex.begins = Some(part);
    }
}

fn distance(a: Vertex, b: Vertex) -> f64 {
    (f64::from(a.x) - f64::from(b.x)).hypot(f64::from(a.y) - f64::from(b.y))
}

fn ring_area(ring: &[Vertex]) -> f64 {
    let Some(origin) = ring.first() else { return 0.0 };
    let from_origin = |v: &Vertex| (f64::from(v.x) - f64::from(origin.x), f64::from(v.y) - f64::from(origin.y));
    let doubled: f64 = ring
        .windows(2)
        .map(|pair| {
            let ((ax, ay), (bx, by)) = (from_origin(&pair[0]), from_origin(&pair[1]));
            ax * by - bx * ay
        })
        .sum();
    doubled.abs() / 2.0
}

/// The box of a geometry that may have nothing to draw (a point near a pole).
pub(crate) fn bounds_of(geometry: &Geometry<f64>, shape: &Shape) -> Option<[i32; 4]> {
    use geo::CoordsIter;
    shape.bounds().or_else(|| {
        let at = geometry.coords_iter().find(|at| at.x.is_finite() && at.y.is_finite())?;
        let (x, y) = (grid::column(at.x), grid::row(at.y));
        Some([x, y, x, y])
    })
}

impl From<[i32; 4]> for GridBox {
    fn from(edges: [i32; 4]) -> Self {
        let [west, north, east, south] = edges.map(i64::from);
        Self { west, north, east, south }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::{Coord, GeometryCollection, MultiPoint, Point, polygon};

    #[test]
    fn a_vertex_takes_twelve_bytes() {
        assert_eq!(size_of::<Vertex>(), 12);
    }

    #[test]
    fn a_mixed_collection_keeps_its_parts_apart() {
        let shell = polygon!(exterior: [(x: 0.0, y: 0.0), (x: 3.0, y: 0.0), (x: 3.0, y: 3.0)],
            interiors: [[(x: 1.0, y: 0.5), (x: 2.0, y: 0.5), (x: 2.0, y: 1.0)]]);
        let mixed = Geometry::GeometryCollection(GeometryCollection(vec![
            Geometry::MultiPoint(MultiPoint(vec![Point::new(1.0, 1.0), Point::new(2.0, 2.0)])),
            Geometry::Polygon(shell),
            Geometry::LineString(LineString::from(vec![(0.0, 0.0), (1.0, 1.0)])),
        ]));
        let shape = Shape::of(&mixed);
        let parts: Vec<_> = shape.parts().map(|(part, vertices)| (part, vertices.len())).collect();
        let expected = [(Part::Point, 1), (Part::Point, 1), (Part::Shell, 3), (Part::Hole, 3), (Part::Line, 2)];
        assert_eq!(parts, expected);
    }

    #[test]
    fn nonsense_is_left_out_and_nothing_panics() {
        let nan = f64::NAN;
        for geometry in [
            Geometry::GeometryCollection(GeometryCollection(vec![])),
            Geometry::Point(Point::new(nan, 1.0)),
            Geometry::Point(Point::new(1.0, 89.0)),
            Geometry::LineString(LineString(vec![])),
            Geometry::LineString(LineString(vec![Coord { x: nan, y: nan }, Coord { x: 1.0, y: f64::INFINITY }])),
            Geometry::LineString(LineString(vec![Coord { x: 1.0, y: 1.0 }])),
            Geometry::Polygon(Polygon::new(LineString(vec![]), vec![LineString(vec![])])),
        ] {
            assert_eq!(Shape::of(&geometry).vertex_count(), 0, "{geometry:?}");
        }
    }
}
