//! Lines, rings and polygons from positions, with the rules that every format
//! shares (OGC Simple Features 6.1; RFC 7946, 3.1). What breaks them is refused:
//! closing an open ring would invent an edge.

use geo_types::{Coord, Geometry, LineString, Polygon};

/// Why positions make no shape.
pub(super) type Refused = String;

/// Nested geometry collections are followed this deep.
pub(super) const MAX_DEPTH: usize = 16;

/// A line of at least two positions.
pub(super) fn line(positions: Vec<Coord>) -> Result<LineString, Refused> {
    match positions.len() {
        1 => Err("a line needs at least two positions and has one".to_owned()),
        _ => Ok(LineString::new(positions)),
    }
}

/// A polygon from its rings, the outer one first.
pub(super) fn polygon(rings: Vec<Vec<Coord>>) -> Result<Polygon, Refused> {
    let mut rings = rings.into_iter().map(ring);
    let exterior = rings.next().transpose()?.unwrap_or_else(|| LineString::new(Vec::new()));
    Ok(Polygon::new(exterior, rings.collect::<Result<_, _>>()?))
}

fn ring(positions: Vec<Coord>) -> Result<LineString, Refused> {
    if positions.is_empty() {
        return Ok(LineString::new(positions));
    }
    if positions.first() != positions.last() {
        return Err("a ring of a polygon does not end where it begins".to_owned());
    }
    if positions.len() < 4 {
        return Err(format!("a ring of a polygon needs at least four positions and has {}", positions.len()));
    }
    Ok(LineString::new(positions))
}

/// Whether a shape has no position at all (`POINT EMPTY`), which places nothing.
pub(super) fn is_empty(geometry: &Geometry) -> bool {
    use geo::CoordsIter;
    geometry.coords_iter().next().is_none()
}
