//! CQL2 JSON (OGC 21-065r2, Annex C).

use geo_types::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon,
};
use misto_model::Result;
use serde_json::{Map, Value, json};

use super::expression::{Expression, Operator};
use super::number::Number;
use super::{Filter, invalid, time, too_deep, wkt};

pub(crate) fn read(value: &Value) -> Result<Expression> {
    expression(value, 0)
}

fn expression(value: &Value, depth: usize) -> Result<Expression> {
    if depth > Filter::MAX_DEPTH {
        return Err(too_deep());
    }
    match value {
        Value::Null => Err(invalid("null is no value; ask with isNull")),
        Value::Bool(value) => Ok(Expression::Boolean(*value)),
        Value::Number(_) => {
            Number::of(value).map(Expression::Number).ok_or_else(|| invalid("no number that can be reckoned with"))
        }
        Value::String(text) => Ok(Expression::Text(text.clone())),
        Value::Array(all) => Ok(Expression::List(every(all, depth)?)),
        Value::Object(object) => of_object(object, depth),
    }
}

fn every(all: &[Value], depth: usize) -> Result<Vec<Expression>> {
    all.iter().map(|value| expression(value, depth + 1)).collect()
}

fn of_object(object: &Map<String, Value>, depth: usize) -> Result<Expression> {
    let text = |name: &str| match object.get(name) {
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(invalid(format!("{name:?} must be a text"))),
        None => Ok(None),
    };
    if let Some(name) = text("op")? {
        let arguments = object.get("args").and_then(Value::as_array);
        let arguments = arguments.ok_or_else(|| invalid(format!("{name:.60} needs its \"args\", an array")))?;
        return operation(name, every(arguments, depth)?);
    }
    if let Some(name) = text("property")? {
        return Ok(Expression::Property(name.to_owned()));
    }
    if let Some(date) = text("date")? {
        return time::date(date).map(Expression::Date);
    }
    if let Some(timestamp) = text("timestamp")? {
        return time::timestamp(timestamp).map(Expression::Timestamp);
    }
    if let Some(ends) = object.get("interval") {
        return interval(ends, depth);
    }
    if let Some(numbers) = object.get("bbox").filter(|_| !object.contains_key("type")) {
        return wkt::bbox(&numbers_of(numbers)?);
    }
    if text("type")?.is_some() {
        return geometry(object, depth).map(Expression::Geometry);
    }
    Err(invalid("an object is none of: op with args, property, date, timestamp, interval, bbox, a GeoJSON geometry"))
}

fn operation(name: &str, arguments: Vec<Expression>) -> Result<Expression> {
    let Some(operator) = Operator::in_json(name) else { return Ok(Expression::Call(name.to_owned(), arguments)) };
    if !operator.operands().contains(&arguments.len()) {
        let least = operator.operands().start().to_string();
        return Err(invalid(format!("{} takes {least} arguments, got {}", operator.name(), arguments.len())));
    }
    if operator == Operator::In && !matches!(arguments[1], Expression::List(_)) {
        return Err(invalid("in takes a value and an array"));
    }
    if matches!(operator, Operator::And | Operator::Or) {
        return Ok(Expression::joined(operator, arguments));
    }
    Ok(Expression::Operation(operator, arguments))
}

fn interval(ends: &Value, depth: usize) -> Result<Expression> {
    let end = |value: &Value| match value {
        Value::String(text) => time::interval_end(text),
        other => expression(other, depth + 1),
    };
    match ends.as_array().map(Vec::as_slice) {
        Some([start, finish]) => Ok(Expression::Interval(Box::new([end(start)?, end(finish)?]))),
        _ => Err(invalid("an interval has two ends")),
    }
}

fn numbers_of(value: &Value) -> Result<Vec<f64>> {
    let numbers = value.as_array().and_then(|all| all.iter().map(Value::as_f64).collect::<Option<Vec<_>>>());
    numbers.ok_or_else(|| invalid("expected an array of numbers"))
}

fn geometry(object: &Map<String, Value>, depth: usize) -> Result<Geometry<f64>> {
    if depth > Filter::MAX_DEPTH {
        return Err(too_deep());
    }
    let kind = object.get("type").and_then(Value::as_str).unwrap_or_default();
    if kind == "GeometryCollection" {
        let members = object.get("geometries").and_then(Value::as_array);
        let members = members.ok_or_else(|| invalid("a GeometryCollection needs its geometries"))?;
        let member = |value: &Value| match value {
            Value::Object(object) => geometry(object, depth + 1),
            _ => Err(invalid("a geometry is an object")),
        };
        let members = members.iter().map(member).collect::<Result<_>>()?;
        return Ok(Geometry::GeometryCollection(GeometryCollection(members)));
    }
    let at = object.get("coordinates").ok_or_else(|| invalid(format!("{kind:.60} needs its coordinates")))?;
    Ok(match kind {
        "Point" => Point(place(at)?).into(),
        "LineString" => line(at)?.into(),
        "Polygon" => polygon(at)?.into(),
        "MultiPoint" => MultiPoint(each(at, |at| place(at).map(Point))?).into(),
        "MultiLineString" => MultiLineString(each(at, line)?).into(),
        "MultiPolygon" => MultiPolygon(each(at, polygon)?).into(),
        _ => return Err(invalid(format!("{:.60} is no type of a GeoJSON geometry", format!("{kind:?}")))),
    })
}

fn each<T>(value: &Value, read: impl Fn(&Value) -> Result<T>) -> Result<Vec<T>> {
    let all = value.as_array().ok_or_else(|| invalid("expected an array of coordinates"))?;
    all.iter().map(read).collect()
}

fn place(value: &Value) -> Result<Coord<f64>> {
    match numbers_of(value)?.as_slice() {
        [x, y] | [x, y, _] => Ok(Coord { x: *x, y: *y }),
        _ => Err(invalid("a place is longitude, latitude and perhaps a height")),
    }
}

fn line(value: &Value) -> Result<LineString<f64>> {
    let places = each(value, place)?;
    if places.len() < 2 { Err(invalid("a line has two places or more")) } else { Ok(LineString(places)) }
}

fn polygon(value: &Value) -> Result<Polygon<f64>> {
    let mut rings = each(value, |ring| {
        let ring = each(ring, place)?;
        let closed = ring.len() >= 4 && ring.first() == ring.last();
        if closed { Ok(LineString(ring)) } else { Err(invalid("a ring has four places and ends where it began")) }
    })?;
    if rings.is_empty() {
        return Err(invalid("a polygon has a ring"));
    }
    let shell = rings.remove(0);
    Ok(Polygon::new(shell, rings))
}

pub(crate) fn write(expression: &Expression) -> Value {
    let every = |all: &[Expression]| all.iter().map(write).collect::<Vec<_>>();
    match expression {
        Expression::Operation(operator, all) => json!({"op": operator.name(), "args": every(all)}),
        Expression::Call(name, all) => json!({"op": name, "args": every(all)}),
        Expression::Property(name) => json!({"property": name}),
        Expression::Text(text) => json!(text),
        Expression::Number(number) => number.to_json(),
        Expression::Boolean(value) => json!(value),
        Expression::Date(date) => json!({"date": date.to_string()}),
        Expression::Timestamp(at) => json!({"timestamp": at.to_string()}),
        Expression::Interval(ends) => json!({"interval": ends.iter().map(write_end).collect::<Vec<_>>()}),
        Expression::Unbounded => json!(".."),
        Expression::Geometry(geometry) => write_geometry(geometry),
        Expression::Bbox(edges) => json!({"bbox": edges}),
        Expression::List(all) => json!(every(all)),
    }
}

fn write_end(end: &Expression) -> Value {
    match end {
        Expression::Date(date) => json!(date.to_string()),
        Expression::Timestamp(at) => json!(at.to_string()),
        other => write(other),
    }
}

fn write_geometry(geometry: &Geometry<f64>) -> Value {
    let place = |at: &Coord<f64>| json!([at.x, at.y]);
    let line = |line: &LineString<f64>| line.0.iter().map(place).collect::<Value>();
    let polygon = |polygon: &Polygon<f64>| {
        std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(line).collect::<Value>()
    };
    let (kind, at): (_, Value) = match geometry {
        Geometry::Point(point) => ("Point", place(&point.0)),
        Geometry::LineString(one) => ("LineString", line(one)),
        Geometry::Polygon(one) => ("Polygon", polygon(one)),
        Geometry::MultiPoint(all) => ("MultiPoint", all.iter().map(|point| place(&point.0)).collect()),
        Geometry::MultiLineString(all) => ("MultiLineString", all.iter().map(line).collect()),
        Geometry::MultiPolygon(all) => ("MultiPolygon", all.iter().map(polygon).collect()),
        Geometry::GeometryCollection(all) => {
            return json!({"type": "GeometryCollection", "geometries": all.iter().map(write_geometry).collect::<Value>()});
        }
        Geometry::Line(one) => ("LineString", json!([place(&one.start), place(&one.end)])),
        Geometry::Rect(one) => ("Polygon", polygon(&one.to_polygon())),
        Geometry::Triangle(one) => ("Polygon", polygon(&one.to_polygon())),
    };
    json!({"type": kind, "coordinates": at})
}
