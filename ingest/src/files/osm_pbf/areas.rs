//! Shapes of ways and multipolygon relations
//! (wiki.openstreetmap.org/wiki/Relation:multipolygon).

use geo::Contains;
use geo_types::{Coord, Geometry, LineString, MultiLineString, MultiPolygon, Point, Polygon};

use super::super::shape::{self, Refused};

/// A closed way is an area unless it is a road or a fence that ends where it begins.
pub(super) fn way(positions: Vec<Coord>, tags: &[(String, String)]) -> Result<Geometry, Refused> {
    let closed = positions.len() >= 4 && positions.first() == positions.last();
    let tag = |key: &str| tags.iter().find(|(k, _)| k == key).map(|(_, value)| value.as_str());
    let linear = ["highway", "barrier", "railway", "waterway"].iter().any(|key| tag(key).is_some());
    let area = match tag("area") {
        Some("yes") => true,
        Some("no") => false,
        _ => !linear,
    };
    if positions.is_empty() {
        return Err("the way has no nodes".to_owned());
    }
    Ok(if closed && area { shape::polygon(vec![positions])?.into() } else { shape::line(positions)?.into() })
}

/// An area from the member ways of a relation.
pub(super) fn multipolygon(outer: Vec<Vec<Coord>>, inner: Vec<Vec<Coord>>) -> Result<Geometry, Refused> {
    let mut polygons: Vec<Polygon> = rings(outer)?.into_iter().map(|ring| Polygon::new(ring, Vec::new())).collect();
    for hole in rings(inner)? {
        // The smallest ring around the hole is not looked for: rings of one relation do not overlap.
        let around = hole.0.first().and_then(|first| {
            polygons
                .iter()
                .position(|p| p.contains(&Point(*first)))
                .or_else(|| polygons.iter().position(|p| p.exterior().0.contains(first)))
        });
        match around {
            Some(index) => polygons[index].interiors_push(hole),
            None => return Err("an inner ring lies outside every outer ring".to_owned()),
        }
    }
    match polygons.len() {
        0 => Err("the relation has no outer ring".to_owned()),
        1 => Ok(Geometry::Polygon(polygons.remove(0))),
        _ => Ok(MultiPolygon(polygons).into()),
    }
}

/// The lines of a route.
pub(super) fn lines(ways: Vec<Vec<Coord>>) -> Result<Geometry, Refused> {
    if ways.is_empty() {
        return Err("none of its ways is in the extract".to_owned());
    }
    Ok(MultiLineString(ways.into_iter().map(shape::line).collect::<Result<_, _>>()?).into())
}

/// Joins ways end to end until every ring is closed.
fn rings(ways: Vec<Vec<Coord>>) -> Result<Vec<LineString>, Refused> {
    let mut open: Vec<Vec<Coord>> = ways.into_iter().filter(|way| way.len() > 1).collect();
    let mut rings = Vec::new();
    while let Some(mut ring) = open.pop() {
        while ring.first() != ring.last() {
            let end = ring[ring.len() - 1];
            let next = open.iter().position(|way| way[0] == end || way[way.len() - 1] == end);
            let Some(next) = next else {
                return Err("a ring is not closed by the ways that the extract holds".to_owned());
            };
            let mut way = open.swap_remove(next);
            if way[0] != end {
                way.reverse();
            }
            ring.extend(way.into_iter().skip(1));
        }
        if ring.len() < 4 {
            return Err("a ring has fewer than three corners".to_owned());
        }
        rings.push(LineString::new(ring));
    }
    Ok(rings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::Area;

    fn way_of(positions: &[(f64, f64)]) -> Vec<Coord> {
        positions.iter().map(|p| (*p).into()).collect()
    }

    #[test]
    fn rings_are_joined_from_ways_in_any_direction() {
        let outer = vec![way_of(&[(0.0, 0.0), (4.0, 0.0), (4.0, 4.0)]), way_of(&[(0.0, 0.0), (0.0, 4.0), (4.0, 4.0)])];
        let inner = vec![way_of(&[(1.0, 1.0), (2.0, 1.0), (2.0, 2.0), (1.0, 1.0)])];
        let Geometry::Polygon(area) = multipolygon(outer, inner).unwrap() else { panic!() };
        assert_eq!(area.unsigned_area(), 15.5);
    }

    #[test]
    fn a_ring_that_the_extract_cuts_is_refused() {
        let outer = vec![way_of(&[(0.0, 0.0), (4.0, 0.0), (4.0, 4.0)])];
        assert!(multipolygon(outer, Vec::new()).unwrap_err().contains("not closed"));
    }

    #[test]
    fn a_roundabout_is_a_line_and_a_square_is_an_area() {
        let ring = way_of(&[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0)]);
        let tags = |key: &str, value: &str| vec![(key.to_owned(), value.to_owned())];
        assert!(matches!(way(ring.clone(), &tags("highway", "primary")).unwrap(), Geometry::LineString(_)));
        assert!(matches!(way(ring, &tags("building", "yes")).unwrap(), Geometry::Polygon(_)));
    }
}
