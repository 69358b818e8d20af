//! GeoJSON geometry objects (RFC 7946, 3.1).

use geo_types::{Coord, Geometry, GeometryCollection, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
use serde_json::Value;

use super::super::shape::{self, MAX_DEPTH, Refused};

/// The shape; `None` for null and for shapes without positions. `flattened`
/// becomes true when positions had more than two numbers.
pub(in crate::files) fn read(value: &Value, flattened: &mut bool, depth: usize) -> Result<Option<Geometry>, Refused> {
    if depth > MAX_DEPTH {
        return Err(format!("geometry collections are nested more than {MAX_DEPTH} deep"));
    }
    if value.is_null() {
        return Ok(None);
    }
    let kind = value.get("type").and_then(Value::as_str).ok_or("this is no geometry: \"type\" is missing")?;
    if kind == "GeometryCollection" {
        let members = value.get("geometries").and_then(Value::as_array).ok_or("\"geometries\" is no array")?;
        let mut shapes = Vec::new();
        for member in members {
            shapes.extend(read(member, flattened, depth + 1)?);
        }
        return Ok(Some(Geometry::GeometryCollection(GeometryCollection(shapes))));
    }
    let mut reader = Positions { flattened };
    let coordinates = value.get("coordinates").ok_or("\"coordinates\" is missing")?;
    if coordinates.as_array().is_some_and(Vec::is_empty) {
        return Ok(None);
    }
    Ok(Some(match kind {
        "Point" => Point(reader.position(coordinates)?).into(),
        "MultiPoint" => MultiPoint(reader.line(coordinates)?.into_iter().map(Point).collect()).into(),
        "LineString" => shape::line(reader.line(coordinates)?)?.into(),
        "MultiLineString" => {
            let lines = reader.lines(coordinates)?.into_iter().map(shape::line).collect::<Result<_, _>>()?;
            MultiLineString(lines).into()
        }
        "Polygon" => shape::polygon(reader.lines(coordinates)?)?.into(),
        "MultiPolygon" => {
            let polygons: Result<Vec<Polygon>, _> =
                list(coordinates)?.iter().map(|rings| shape::polygon(reader.lines(rings)?)).collect();
            MultiPolygon(polygons?).into()
        }
        other => return Err(format!("{:?} is no GeoJSON geometry type", other.chars().take(40).collect::<String>())),
    }))
}

struct Positions<'a> {
    flattened: &'a mut bool,
}

impl Positions<'_> {
    fn position(&mut self, value: &Value) -> Result<Coord, Refused> {
        let wrong = || "a position is no pair of numbers [longitude, latitude]".to_owned();
        let numbers = list(value)?;
        let (Some(x), Some(y)) = (numbers.first().and_then(Value::as_f64), numbers.get(1).and_then(Value::as_f64))
        else {
            return Err(wrong());
        };
        if numbers.len() > 2 {
            if !numbers.iter().all(Value::is_number) {
                return Err(wrong());
            }
            *self.flattened = true;
        }
        Ok(Coord { x, y })
    }

    fn line(&mut self, value: &Value) -> Result<Vec<Coord>, Refused> {
        list(value)?.iter().map(|position| self.position(position)).collect()
    }

    fn lines(&mut self, value: &Value) -> Result<Vec<Vec<Coord>>, Refused> {
        list(value)?.iter().map(|line| self.line(line)).collect()
    }
}

fn list(value: &Value) -> Result<&Vec<Value>, Refused> {
    value.as_array().ok_or_else(|| "the coordinates are not nested as the geometry's type needs".to_owned())
}
