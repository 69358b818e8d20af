//! Well-known text (OGC Simple Features 7.2), the place of a row in a CSV.

use geo_types::{Coord, Geometry, GeometryCollection, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};

use super::shape::{self, MAX_DEPTH, Refused};

/// The shape; `None` for an empty text and for `EMPTY`. `flattened` becomes
/// true when positions had more than two numbers.
pub(super) fn read(text: &str, flattened: &mut bool) -> Result<Option<Geometry>, Refused> {
    let mut text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("SRID=")) {
        let (srid, rest) = text.split_once(';').ok_or("SRID is not followed by a shape")?;
        if srid.get(5..) != Some("4326") {
            return Err(format!("{srid} is not WGS 84 (SRID=4326)"));
        }
        text = rest;
    }
    let mut parser = Parser { rest: text, flattened };
    let shape = parser.geometry(0)?;
    if parser.rest.trim().is_empty() { Ok(shape) } else { Err(parser.wrong("the end")) }
}

struct Parser<'a> {
    rest: &'a str,
    flattened: &'a mut bool,
}

impl Parser<'_> {
    fn wrong(&self, expected: &str) -> Refused {
        let found: String = self.rest.trim_start().chars().take(20).collect();
        format!("this is no well-known text: {expected} was expected at {found:?}")
    }

    fn word(&mut self) -> String {
        let rest = self.rest.trim_start();
        let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        self.rest = &rest[end..];
        rest[..end].to_ascii_uppercase()
    }

    fn take(&mut self, mark: char) -> bool {
        match self.rest.trim_start().strip_prefix(mark) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn geometry(&mut self, depth: usize) -> Result<Option<Geometry>, Refused> {
        if depth > MAX_DEPTH {
            return Err(format!("geometry collections are nested more than {MAX_DEPTH} deep"));
        }
        let kind = self.word();
        let kind = kind.strip_suffix("ZM").or(kind.strip_suffix('Z')).or(kind.strip_suffix('M')).unwrap_or(&kind);
        let before = self.rest;
        if !matches!(self.word().as_str(), "Z" | "M" | "ZM") {
            self.rest = before;
        }
        if self.empty() {
            return Ok(None);
        }
        Ok(Some(match kind {
            "POINT" => match self.positions()?.as_slice() {
                [one] => Point(*one).into(),
                _ => return Err(self.wrong("a single position")),
            },
            "LINESTRING" => shape::line(self.positions()?)?.into(),
            "POLYGON" => self.polygon()?.into(),
            "MULTIPOINT" => MultiPoint(self.multipoint()?.into_iter().map(Point).collect()).into(),
            "MULTILINESTRING" => MultiLineString(self.list(|p| shape::line(p.positions()?))?).into(),
            "MULTIPOLYGON" => MultiPolygon(self.list(Self::polygon)?).into(),
            "GEOMETRYCOLLECTION" => {
                let members: Vec<Option<Geometry>> = self.list(|p| p.geometry(depth + 1))?;
                Geometry::GeometryCollection(GeometryCollection(members.into_iter().flatten().collect()))
            }
            other => {
                return Err(format!("{:?} is no shape that is supported", other.chars().take(40).collect::<String>()));
            }
        }))
    }

    fn empty(&mut self) -> bool {
        let before = self.rest;
        let empty = self.word() == "EMPTY";
        if !empty {
            self.rest = before;
        }
        empty
    }

    fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Result<T, Refused>) -> Result<Vec<T>, Refused> {
        if !self.take('(') {
            return Err(self.wrong("an opening bracket"));
        }
        let mut items = vec![one(self)?];
        while self.take(',') {
            items.push(one(self)?);
        }
        if self.take(')') { Ok(items) } else { Err(self.wrong("a comma or a closing bracket")) }
    }

    fn positions(&mut self) -> Result<Vec<Coord>, Refused> {
        self.list(Self::position)
    }

    /// Both `MULTIPOINT (1 2, 3 4)` and `MULTIPOINT ((1 2), (3 4))` are written.
    fn multipoint(&mut self) -> Result<Vec<Coord>, Refused> {
        self.list(|parser| {
            let bracket = parser.take('(');
            let position = parser.position()?;
            if bracket && !parser.take(')') {
                return Err(parser.wrong("a closing bracket"));
            }
            Ok(position)
        })
    }

    fn polygon(&mut self) -> Result<Polygon, Refused> {
        shape::polygon(self.list(Self::positions)?)
    }

    fn position(&mut self) -> Result<Coord, Refused> {
        let (x, y) = (self.number()?, self.number()?);
        for _ in 0..2 {
            if self.rest.trim_start().starts_with([',', ')']) {
                break;
            }
            self.number()?;
            *self.flattened = true;
        }
        Ok(Coord { x, y })
    }

    fn number(&mut self) -> Result<f64, Refused> {
        let rest = self.rest.trim_start();
        let end = rest.find([' ', ',', ')', '(', '\t', '\n', '\r']).unwrap_or(rest.len());
        let number = rest[..end].parse::<f64>().map_err(|_| self.wrong("a number"))?;
        self.rest = &rest[end..];
        Ok(number)
    }
}

/// The shape as text, two numbers a position.
pub(super) fn write(geometry: &Geometry) -> String {
    match geometry {
        Geometry::Point(p) => format!("POINT {}", positions(&[p.0])),
        Geometry::Line(l) => format!("LINESTRING {}", positions(&[l.start, l.end])),
        Geometry::LineString(l) => format!("LINESTRING {}", positions(&l.0)),
        Geometry::Polygon(p) => format!("POLYGON {}", rings(p)),
        Geometry::Rect(r) => format!("POLYGON {}", rings(&r.to_polygon())),
        Geometry::Triangle(t) => format!("POLYGON {}", rings(&t.to_polygon())),
        Geometry::MultiPoint(m) => format!("MULTIPOINT {}", bracketed(m.0.iter().map(|p| positions(&[p.0])))),
        Geometry::MultiLineString(m) => format!("MULTILINESTRING {}", bracketed(m.0.iter().map(|l| positions(&l.0)))),
        Geometry::MultiPolygon(m) => format!("MULTIPOLYGON {}", bracketed(m.0.iter().map(rings))),
        Geometry::GeometryCollection(c) => format!("GEOMETRYCOLLECTION {}", bracketed(c.0.iter().map(write))),
    }
}

fn rings(polygon: &Polygon) -> String {
    let all = std::iter::once(polygon.exterior()).chain(polygon.interiors());
    bracketed(all.filter(|ring| !ring.0.is_empty()).map(|ring| positions(&ring.0)))
}

fn positions(positions: &[Coord]) -> String {
    bracketed(positions.iter().map(|c| format!("{} {}", c.x, c.y)))
}

fn bracketed(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    if items.is_empty() { "EMPTY".to_owned() } else { format!("({})", items.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> Result<Option<Geometry>, Refused> {
        read(text, &mut false)
    }

    #[test]
    fn shapes_are_read_with_their_parts() {
        assert_eq!(shape("POINT (24.7 48.9)").unwrap(), Some(Point::new(24.7, 48.9).into()));
        assert_eq!(shape(" point z(24.7 48.9 250)").unwrap(), Some(Point::new(24.7, 48.9).into()));
        assert_eq!(shape("SRID=4326;POINTZ (24.7 48.9 250)").unwrap(), Some(Point::new(24.7, 48.9).into()));
        assert_eq!(shape("LINESTRING EMPTY").unwrap(), None);
        assert_eq!(
            shape("MULTIPOINT (1 2, (3 4))").unwrap(),
            Some(MultiPoint(vec![Point::new(1.0, 2.0), Point::new(3.0, 4.0)]).into())
        );
        let Some(Geometry::Polygon(ring)) =
            shape("POLYGON ((0 0, 1 0, 1 1, 0 0), (.1 .1, .2 .1, .2 .2, .1 .1))").unwrap()
        else {
            panic!()
        };
        assert_eq!(ring.interiors().len(), 1);
        assert!(
            matches!(shape("GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (0 0, 1 1))").unwrap(), Some(Geometry::GeometryCollection(c)) if c.0.len() == 2)
        );
    }

    #[test]
    fn what_is_no_shape_is_refused() {
        for text in [
            "POINT",
            "POINT (1)",
            "POINT (1 2",
            "POINT (1 2) x",
            "CIRCLE (1 2)",
            "POLYGON ((0 0, 1 0, 1 1))",
            "SRID=3857;POINT (1 2)",
            "ПУНКТ (1 2)",
            "LINESTRING (1 1)",
        ] {
            assert!(shape(text).is_err(), "{text}");
        }
        assert!(shape(&"GEOMETRYCOLLECTION (".repeat(100_000)).unwrap_err().contains("deep"));
    }
}
