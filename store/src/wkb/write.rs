//! Writes well-known binary (OGC 06-103r4, clause 8), little-endian, in the plane.

use geo_types::{Coord, Geometry, LineString, Point, Polygon};

/// Appends the geometry to `out`.
pub(crate) fn write(out: &mut Vec<u8>, geometry: &Geometry) {
    match geometry {
        Geometry::Point(at) => point(out, at),
        Geometry::LineString(way) => line(out, way),
        Geometry::Polygon(area) => polygon(out, area),
        Geometry::MultiPoint(points) => parts(out, 4, &points.0, point),
        Geometry::MultiLineString(lines) => parts(out, 5, &lines.0, line),
        Geometry::MultiPolygon(areas) => parts(out, 6, &areas.0, polygon),
        Geometry::GeometryCollection(mixed) => parts(out, 7, &mixed.0, write),
        Geometry::Line(two) => line(out, &LineString::from(two)),
        Geometry::Rect(rect) => polygon(out, &rect.to_polygon()),
        Geometry::Triangle(triangle) => polygon(out, &triangle.to_polygon()),
    }
}

fn head(out: &mut Vec<u8>, kind: u32) {
    out.push(1);
    out.extend(kind.to_le_bytes());
}

fn point(out: &mut Vec<u8>, at: &Point) {
    head(out, 1);
    coordinate(out, &at.0);
}

fn line(out: &mut Vec<u8>, line: &LineString) {
    head(out, 2);
    coordinates(out, &line.0);
}

fn polygon(out: &mut Vec<u8>, area: &Polygon) {
    head(out, 3);
    // geo-types keeps an exterior ring always; an empty one means an empty polygon.
    if area.exterior().0.is_empty() {
        return count(out, 0);
    }
    count(out, 1 + area.interiors().len());
    coordinates(out, &area.exterior().0);
    for hole in area.interiors() {
        coordinates(out, &hole.0);
    }
}

fn parts<T>(out: &mut Vec<u8>, kind: u32, parts: &[T], write: fn(&mut Vec<u8>, &T)) {
    head(out, kind);
    count(out, parts.len());
    for part in parts {
        write(out, part);
    }
}

fn coordinates(out: &mut Vec<u8>, coordinates: &[Coord]) {
    count(out, coordinates.len());
    for at in coordinates {
        coordinate(out, at);
    }
}

fn coordinate(out: &mut Vec<u8>, at: &Coord) {
    out.extend(at.x.to_le_bytes());
    out.extend(at.y.to_le_bytes());
}

fn count(out: &mut Vec<u8>, count: usize) {
    // A geometry of four billion parts does not fit into a SQLite value (1 GB).
    out.extend(u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
}
