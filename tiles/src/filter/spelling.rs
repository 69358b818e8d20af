//! An expression as CQL2 text.

use geo_types::{Coord, Geometry, LineString, Polygon};

use super::expression::{Expression, Operator};

pub(crate) fn write(expression: &Expression) -> String {
    let mut out = String::new();
    spell(expression, &mut out);
    out
}

fn spell(expression: &Expression, out: &mut String) {
    match expression {
        Expression::Operation(operator, all) => operation(*operator, all, out),
        Expression::Call(name, all) => call(name, all, out),
        Expression::Property(name) => out.push_str(&format!("\"{}\"", name.replace('"', "\"\""))),
        Expression::Text(text) => quote(text, out),
        Expression::Number(number) => out.push_str(&number.to_string()),
        Expression::Boolean(value) => out.push_str(if *value { "TRUE" } else { "FALSE" }),
        Expression::Date(date) => out.push_str(&format!("DATE('{date}')")),
        Expression::Timestamp(at) => out.push_str(&format!("TIMESTAMP('{at}')")),
        Expression::Interval(ends) => {
            out.push_str("INTERVAL(");
            listed(ends.iter(), out, |end, out| match end {
                Expression::Date(date) => out.push_str(&format!("'{date}'")),
                Expression::Timestamp(at) => out.push_str(&format!("'{at}'")),
                other => spell(other, out),
            });
            out.push(')');
        }
        Expression::Unbounded => out.push_str("'..'"),
        Expression::Geometry(one) => geometry(one, out),
        Expression::Bbox([west, south, east, north]) => {
            out.push_str(&format!("BBOX({west},{south},{east},{north})"));
        }
        Expression::List(all) => bracketed(all, out),
    }
}

fn operation(operator: Operator, all: &[Expression], out: &mut String) {
    let word = operator.name().to_ascii_uppercase();
    match (operator, all) {
        _ if operator.is_function() => call(&word, all, out),
        (Operator::Not, [one]) => {
            out.push_str("NOT ");
            operand(one, out);
        }
        (Operator::IsNull, [one]) => {
            operand(one, out);
            out.push_str(" IS NULL");
        }
        (Operator::Between, [value, least, most]) => {
            operand(value, out);
            out.push_str(" BETWEEN ");
            operand(least, out);
            out.push_str(" AND ");
            operand(most, out);
        }
        (Operator::In, [value, Expression::List(list)]) => {
            operand(value, out);
            out.push_str(" IN ");
            bracketed(list, out);
        }
        _ => {
            for (n, one) in all.iter().enumerate() {
                if n > 0 {
                    out.push_str(&format!(" {word} "));
                }
                operand(one, out);
            }
        }
    }
}

/// An operand, in brackets where it is itself an operation.
fn operand(one: &Expression, out: &mut String) {
    let nested = matches!(one, Expression::Operation(operator, _) if !operator.is_function());
    if nested {
        out.push('(');
    }
    spell(one, out);
    if nested {
        out.push(')');
    }
}

fn call(name: &str, all: &[Expression], out: &mut String) {
    out.push_str(name);
    bracketed(all, out);
}

fn bracketed(all: &[Expression], out: &mut String) {
    out.push('(');
    listed(all.iter(), out, spell);
    out.push(')');
}

fn listed<T>(all: impl Iterator<Item = T>, out: &mut String, write: impl Fn(T, &mut String)) {
    for (n, one) in all.enumerate() {
        if n > 0 {
            out.push(',');
        }
        write(one, out);
    }
}

fn quote(text: &str, out: &mut String) {
    out.push_str(&format!("'{}'", text.replace('\'', "''")));
}

fn geometry(one: &Geometry<f64>, out: &mut String) {
    match one {
        Geometry::Point(point) => tagged("POINT", std::iter::once(&point.0), place, out),
        Geometry::LineString(line) => tagged("LINESTRING", line.0.iter(), place, out),
        Geometry::Polygon(polygon) => tagged("POLYGON", rings(polygon), ring, out),
        Geometry::MultiPoint(all) => {
            tagged("MULTIPOINT", all.iter(), |point, out| tagged("", std::iter::once(&point.0), place, out), out);
        }
        Geometry::MultiLineString(all) => tagged("MULTILINESTRING", all.iter(), ring, out),
        Geometry::MultiPolygon(all) => {
            tagged("MULTIPOLYGON", all.iter(), |polygon, out| tagged("", rings(polygon), ring, out), out);
        }
        Geometry::GeometryCollection(all) => tagged("GEOMETRYCOLLECTION", all.iter(), geometry, out),
        Geometry::Line(line) => tagged("LINESTRING", [line.start, line.end].iter(), place, out),
        Geometry::Rect(rect) => geometry(&rect.to_polygon().into(), out),
        Geometry::Triangle(triangle) => geometry(&triangle.to_polygon().into(), out),
    }
}

fn tagged<T>(kind: &str, all: impl Iterator<Item = T>, write: impl Fn(T, &mut String), out: &mut String) {
    out.push_str(kind);
    out.push('(');
    listed(all, out, write);
    out.push(')');
}

fn rings(polygon: &Polygon<f64>) -> impl Iterator<Item = &LineString<f64>> {
    std::iter::once(polygon.exterior()).chain(polygon.interiors())
}

fn ring(ring: &LineString<f64>, out: &mut String) {
    tagged("", ring.0.iter(), place, out);
}

fn place(at: &Coord<f64>, out: &mut String) {
    out.push_str(&format!("{} {}", at.x, at.y));
}
