//! Whether a shape can be where the file says.

use geo::{BoundingRect, CoordsIter, MapCoords};
use geo_types::{Coord, Geometry};
use misto_model::{Bbox, GeometryKind, Position};

use super::angle::{self, Axis};
use super::schema::Cell;
use super::shape::Refused;

/// Degrees by which arithmetic may have carried a position over the edge of the
/// world: a tenth of a millimetre.
const ROUNDING: f64 = 1e-9;

/// Puts positions that rounding carried over the edge of the world (180.00000000000014)
/// back on it; `None` when there are none.
pub(super) fn settled(geometry: &Geometry) -> Option<Geometry> {
    let over = |value: f64, limit: f64| value.abs() > limit && value.abs() <= limit + ROUNDING;
    let onto = |value: f64, limit: f64| if over(value, limit) { limit.copysign(value) } else { value };
    geometry
        .coords_iter()
        .any(|c| over(c.x, 180.0) || over(c.y, 90.0))
        .then(|| geometry.map_coords(|c| Coord { x: onto(c.x, 180.0), y: onto(c.y, 90.0) }))
}

/// Checks a shape in WGS 84 degrees: every position in range, not all at 0,0,
/// touching the bounds where some were given.
pub(super) fn check(geometry: &Geometry, bounds: Option<&Bbox>) -> Result<(), Refused> {
    for c in geometry.coords_iter() {
        Position::new(c.x, c.y).map_err(|e| match Position::new(c.y, c.x) {
            Ok(_) => format!("{e}; are the axes swapped? Longitude comes first"),
            Err(_) => e.to_string(),
        })?;
    }
    if geometry.coords_iter().all(|c| c.x == 0.0 && c.y == 0.0) {
        return Err("lies at 0,0, where programs put what they could not place".to_owned());
    }
    match bounds {
        Some(bounds) => check_bounds(geometry, bounds),
        None => Ok(()),
    }
}

fn check_bounds(geometry: &Geometry, bounds: &Bbox) -> Result<(), Refused> {
    let Some(rect) = geometry.bounding_rect() else { return Ok(()) };
    let (min, max) = (rect.min(), rect.max());
    let touches = |west, south, east, north| Bbox::new(west, south, east, north).is_ok_and(|b| b.intersects(bounds));
    if touches(min.x, min.y, max.x, max.y) {
        return Ok(());
    }
    if touches(min.y, min.x, max.y, max.x) {
        return Err(format!("lies outside the bounds at {},{}, and inside them with the axes swapped", min.x, min.y));
    }
    Err(format!("lies outside the bounds at {},{} (longitude, latitude)", min.x, min.y))
}

/// Checks a point against degree-minute-second texts in the same row, in
/// columns whose names say latitude or longitude.
pub(super) fn check_against_text(geometry: &Geometry, cells: &[(String, Cell)]) -> Result<(), (String, Refused)> {
    let Geometry::Point(point) = geometry else { return Ok(()) };
    for (name, cell) in cells {
        let (Some(axis), Some(text)) = (Axis::of_name(name), cell.text()) else { continue };
        if !angle::is_sexagesimal(text) {
            continue;
        }
        let Ok(written) = angle::parse(text, axis) else { continue };
        let (own, other) = match axis {
            Axis::Longitude => (point.x(), point.y()),
            Axis::Latitude => (point.y(), point.x()),
        };
        if (own - written.degrees).abs() > written.tolerance {
            let swapped = (other - written.degrees).abs() <= written.tolerance;
            let hint = if swapped { "; the axes of the point are swapped" } else { "" };
            return Err((name.clone(), format!("{text:?} contradicts the point at {},{}{hint}", point.x(), point.y())));
        }
    }
    Ok(())
}

/// The kind of one shape.
pub(super) fn kind(geometry: &Geometry) -> GeometryKind {
    match geometry {
        Geometry::Point(_) | Geometry::MultiPoint(_) => GeometryKind::Point,
        Geometry::Line(_) | Geometry::LineString(_) | Geometry::MultiLineString(_) => GeometryKind::Line,
        Geometry::Polygon(_) | Geometry::MultiPolygon(_) | Geometry::Rect(_) | Geometry::Triangle(_) => {
            GeometryKind::Polygon
        }
        Geometry::GeometryCollection(_) => GeometryKind::Any,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::{line_string, point};

    #[test]
    fn impossible_places_are_refused_with_their_reason() {
        let city = Bbox::new(24.5, 48.8, 24.9, 49.0).unwrap();
        let refused = |x: f64, y: f64| check(&point! { x: x, y: y }.into(), Some(&city)).unwrap_err();
        assert!(refused(f64::NAN, 48.9).contains("longitude NaN"));
        assert!(refused(24.7, 148.9).contains("swapped"));
        assert!(refused(0.0, 0.0).contains("0,0"));
        assert!(refused(48.9, 24.7).contains("swapped"));
        assert!(refused(30.5, 50.4).contains("outside"));
        assert!(check(&point! { x: 24.7, y: 48.9 }.into(), Some(&city)).is_ok());
        let through = line_string![(x: 24.0, y: 48.9), (x: 25.0, y: 48.9)];
        assert!(check(&through.into(), Some(&city)).is_ok());
    }

    #[test]
    fn a_point_that_contradicts_its_own_text_is_refused() {
        let cells = vec![("Широта".to_owned(), Cell::Text("N 48° 32’ 26\"".to_owned()))];
        assert!(check_against_text(&point! { x: 24.59, y: 48.540_6 }.into(), &cells).is_ok());
        let (field, reason) = check_against_text(&point! { x: 48.540_6, y: 24.59 }.into(), &cells).unwrap_err();
        assert_eq!(field, "Широта");
        assert!(reason.contains("swapped"), "{reason}");
    }
}
