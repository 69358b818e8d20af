//! Well-known binary (OGC 06-103r4), as both backends keep geometries.

mod read;
mod write;

use geo_types::{Coord, Geometry};

pub(crate) use read::{Unreadable, read};
pub(crate) use write::write;

/// Calls `visit` for every vertex.
pub(crate) fn each_coordinate(geometry: &Geometry, visit: &mut impl FnMut(Coord)) {
    match geometry {
        Geometry::Point(point) => visit(point.0),
        Geometry::Line(line) => [line.start, line.end].into_iter().for_each(visit),
        Geometry::LineString(line) => line.coords().copied().for_each(visit),
        Geometry::Polygon(area) => {
            area.exterior().coords().copied().for_each(&mut *visit);
            area.interiors().iter().flat_map(|ring| ring.coords()).copied().for_each(visit);
        }
        Geometry::MultiPoint(points) => points.iter().for_each(|point| visit(point.0)),
        Geometry::MultiLineString(lines) => lines.iter().flat_map(|line| line.coords()).copied().for_each(visit),
        Geometry::MultiPolygon(areas) => {
            areas.iter().for_each(|area| each_coordinate(&Geometry::Polygon(area.clone()), visit));
        }
        Geometry::GeometryCollection(mixed) => mixed.iter().for_each(|part| each_coordinate(part, visit)),
        Geometry::Rect(rect) => [rect.min(), rect.max()].into_iter().for_each(visit),
        Geometry::Triangle(triangle) => [triangle.v1(), triangle.v2(), triangle.v3()].into_iter().for_each(visit),
    }
}
