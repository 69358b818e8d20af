//! Whether an edit makes sense for its collection: attributes against the
//! schema, geometry against the collection's kind and the earth.

use geo_types::{Coord, Geometry, LineString, Polygon};
use misto_model::{Collection, Error, GeometryKind, Position, Properties, PropertyType, Result};
use serde_json::Value;

use crate::plausible::plausible;

/// Most vertices of one edited feature; imports may hold more.
pub const MAX_VERTICES: usize = 200_000;

/// Checks the attributes and geometry of a feature that somebody wants to save.
///
/// # Errors
/// `Invalid` with the first attribute or part of the geometry that cannot be
/// saved, and what would be right.
pub fn validate(collection: &Collection, geometry: Option<&Geometry<f64>>, properties: &Properties) -> Result<()> {
    for (name, value) in properties {
        let Some(property) = collection.properties.iter().find(|p| p.name == *name) else {
            let known: Vec<&str> = collection.properties.iter().map(|p| p.name.as_str()).collect();
            return Err(Error::invalid(
                format!("properties.{name}"),
                format!("{} has no such attribute; it has {}", collection.id, known.join(", ")),
            ));
        };
        check_value(name, property.kind, value)?;
        check_plausible(name, value)?;
    }
    geometry.map_or(Ok(()), |geometry| check_geometry(collection.geometry, geometry))
}

fn check_value(name: &str, kind: PropertyType, value: &Value) -> Result<()> {
    let (fits, right) = match kind {
        PropertyType::Text => (value.is_string(), "a text"),
        PropertyType::Integer => (value.is_i64(), "a whole number"),
        PropertyType::Real => (value.is_number(), "a number"),
        PropertyType::Boolean => (value.is_boolean(), "true or false"),
        PropertyType::Date => {
            (value.as_str().is_some_and(|t| t.parse::<jiff::civil::Date>().is_ok()), "a date such as 2026-11-22")
        }
        PropertyType::DateTime => (
            value.as_str().is_some_and(|t| t.parse::<jiff::Timestamp>().is_ok()),
            "a date and time with zone such as 2026-11-22T08:00:00Z",
        ),
    };
    if fits || value.is_null() {
        Ok(())
    } else {
        let found: String = value.to_string().chars().take(60).collect();
        Err(Error::invalid(format!("properties.{name}"), format!("{found} is not {right} (null means unknown)")))
    }
}

/// Longest text of one attribute, characters.
pub const MAX_TEXT: usize = 10_000;
/// What fits the type and still cannot be meant.
fn check_plausible(name: &str, value: &Value) -> Result<()> {
    let wrong = |reason: String| Err(Error::invalid(format!("properties.{name}"), reason));
    if let Some(text) = value.as_str() {
        if text.chars().count() > MAX_TEXT {
            return wrong(format!("longer than {MAX_TEXT} characters"));
        }
        if text.contains('\0') {
            return wrong("holds the character NUL".to_owned());
        }
    }
    match (value.as_f64(), plausible(name)) {
        (Some(number), Some((least, most))) if !(least..=most).contains(&number) => {
            wrong(format!("{number} cannot be measured here: expected {least} to {most}"))
        }
        _ => Ok(()),
    }
}

fn check_geometry(kind: GeometryKind, geometry: &Geometry<f64>) -> Result<()> {
    use Geometry::{LineString as Line, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon as Area};
    let fits = match kind {
        GeometryKind::Any => true,
        GeometryKind::Point => matches!(geometry, Point(_) | MultiPoint(_)),
        GeometryKind::Line => matches!(geometry, Line(_) | MultiLineString(_)),
        GeometryKind::Polygon => matches!(geometry, Area(_) | MultiPolygon(_)),
    };
    if !fits {
        let wanted = match kind {
            GeometryKind::Point => "Point or MultiPoint",
            GeometryKind::Line => "LineString or MultiLineString",
            GeometryKind::Polygon => "Polygon or MultiPolygon",
            GeometryKind::Any => "any geometry",
        };
        return Err(Error::invalid("geometry.type", format!("this collection holds {wanted}")));
    }
    let mut vertices = 0;
    check_parts(geometry, &mut vertices)?;
    if vertices == 0 {
        return Err(Error::invalid("geometry.coordinates", "is empty; null means that nobody placed it"));
    }
    Ok(())
}

fn check_parts(geometry: &Geometry<f64>, vertices: &mut usize) -> Result<()> {
    match geometry {
        Geometry::Point(point) => check_coords(std::iter::once(&point.0), vertices),
        Geometry::MultiPoint(points) => check_coords(points.0.iter().map(|p| &p.0), vertices),
        Geometry::LineString(line) => check_line(line, vertices),
        Geometry::MultiLineString(lines) => lines.0.iter().try_for_each(|line| check_line(line, vertices)),
        Geometry::Polygon(area) => check_polygon(area, vertices),
        Geometry::MultiPolygon(areas) => areas.0.iter().try_for_each(|area| check_polygon(area, vertices)),
        Geometry::GeometryCollection(parts) => parts.0.iter().try_for_each(|part| check_parts(part, vertices)),
        Geometry::Line(_) | Geometry::Rect(_) | Geometry::Triangle(_) => {
            Err(Error::invalid("geometry.type", "not a GeoJSON geometry"))
        }
    }
}

fn check_line(line: &LineString<f64>, vertices: &mut usize) -> Result<()> {
    if line.0.len() < 2 {
        return Err(Error::invalid("geometry.coordinates", "a line needs at least two positions"));
    }
    check_coords(line.0.iter(), vertices)
}

fn check_polygon(area: &Polygon<f64>, vertices: &mut usize) -> Result<()> {
    for ring in std::iter::once(area.exterior()).chain(area.interiors()) {
        // RFC 7946, 3.1.6: four or more positions, first and last identical.
        if ring.0.len() < 4 || ring.0.first() != ring.0.last() {
            return Err(Error::invalid(
                "geometry.coordinates",
                "a ring needs at least four positions, the last equal to the first",
            ));
        }
        check_coords(ring.0.iter(), vertices)?;
    }
    Ok(())
}

fn check_coords<'a>(coords: impl Iterator<Item = &'a Coord<f64>>, vertices: &mut usize) -> Result<()> {
    for coord in coords {
        *vertices += 1;
        if *vertices > MAX_VERTICES {
            return Err(Error::invalid("geometry.coordinates", format!("more than {MAX_VERTICES} positions")));
        }
        let place = Position::new(coord.x, coord.y)
            .map_err(|wrong| Error::invalid("geometry.coordinates", wrong.to_string()))?;
        if place.is_null_island() {
            return Err(Error::invalid("geometry.coordinates", "0,0 is where programs put what they could not place"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use misto_model::{Audience, Property};
    use serde_json::json;

    fn pipes() -> Collection {
        let property = |name: &str, kind| Property { name: name.into(), kind, audience: Audience::Staff };
        Collection {
            id: "water_network".parse().unwrap(),
            title_uk: String::new(),
            title_en: String::new(),
            description: String::new(),
            audience: Audience::Staff,
            geometry: GeometryKind::Line,
            properties: vec![property("diameter_mm", PropertyType::Integer), property("laid", PropertyType::Date)],
            sample: false,
            extent: None,
        }
    }

    fn check(properties: Value) -> std::result::Result<(), String> {
        let Value::Object(properties) = properties else { panic!("an object") };
        validate(&pipes(), None, &properties).map_err(|e| e.to_string())
    }

    #[test]
    fn attributes_are_held_against_the_schema() {
        assert_eq!(check(json!({"diameter_mm": 300, "laid": "1987-05-01"})), Ok(()));
        assert_eq!(check(json!({"diameter_mm": null})), Ok(()));
        assert!(check(json!({"diameter_mm": "300"})).unwrap_err().contains("whole number"));
        assert!(check(json!({"laid": "May"})).unwrap_err().contains("2026-11-22"));
        assert!(check(json!({"colour": "blue"})).unwrap_err().contains("no such attribute; it has diameter_mm, laid"));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        assert!(check(json!({"diameter_mm": -5})).unwrap_err().contains("0 to 100000"));
        assert!(check_plausible("door_width_cm", &json!(1e300)).is_err());
        assert!(check_plausible("name", &json!("a\u{0}b")).is_err());
        let empty = Geometry::MultiPoint(geo_types::MultiPoint::new(vec![]));
        assert!(check_parts(&empty, &mut 0).is_ok() && check_geometry(GeometryKind::Any, &empty).is_err());
        assert!(check_geometry(GeometryKind::Any, &Geometry::Point(geo_types::Point::new(0.0, 0.0))).is_err());
    }

    #[test]
    fn geometry_is_held_against_the_earth_and_the_collection() {
        let none = Properties::new();
        let line = |coords: &[(f64, f64)]| Geometry::LineString(LineString::from(coords.to_vec()));
        assert!(validate(&pipes(), Some(&line(&[(24.7, 48.9), (24.8, 48.9)])), &none).is_ok());
        assert!(validate(&pipes(), Some(&line(&[(24.7, 48.9)])), &none).is_err());
        assert!(validate(&pipes(), Some(&line(&[(24.7, 98.9), (24.8, 48.9)])), &none).is_err());
        assert!(validate(&pipes(), Some(&line(&[(f64::NAN, 48.9), (24.8, 48.9)])), &none).is_err());
        let point = Geometry::Point(geo_types::Point::new(24.7, 48.9));
        assert!(validate(&pipes(), Some(&point), &none).unwrap_err().to_string().contains("LineString"));
    }
}
