//! Geometry in well-known text, inside CQL2 text (Annex B) and alone.

use geo_types::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon,
};
use misto_model::Result;

use super::expression::Expression;
use super::invalid;
use super::lexer::Token;
use super::text::Parser;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Point,
    LineString,
    Polygon,
    MultiPoint,
    MultiLineString,
    MultiPolygon,
    GeometryCollection,
}

const KINDS: [(&str, Kind); 7] = [
    ("POINT", Kind::Point),
    ("LINESTRING", Kind::LineString),
    ("POLYGON", Kind::Polygon),
    ("MULTIPOINT", Kind::MultiPoint),
    ("MULTILINESTRING", Kind::MultiLineString),
    ("MULTIPOLYGON", Kind::MultiPolygon),
    ("GEOMETRYCOLLECTION", Kind::GeometryCollection),
];

impl Kind {
    pub(crate) fn of(name: &str) -> Option<Self> {
        KINDS.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, kind)| kind)
    }
}

/// The geometry after its name.
pub(crate) fn read(parser: &mut Parser, kind: Kind) -> Result<Geometry<f64>> {
    parser.takes_word("Z");
    Ok(match kind {
        Kind::Point => Point(single(parser)?).into(),
        Kind::LineString => line(parser)?.into(),
        Kind::Polygon => polygon(parser)?.into(),
        Kind::MultiPoint => MultiPoint(within(parser, |p| Ok(Point(multi_point_member(p)?)))?).into(),
        Kind::MultiLineString => MultiLineString(within(parser, line)?).into(),
        Kind::MultiPolygon => MultiPolygon(within(parser, polygon)?).into(),
        Kind::GeometryCollection => {
            let members = within(parser, |parser| parser.deeper(member_of_collection))?;
            Geometry::GeometryCollection(GeometryCollection(members))
        }
    })
}

fn member_of_collection(parser: &mut Parser) -> Result<Geometry<f64>> {
    let kind = match parser.peek() {
        Some(Token::Name(name)) => Kind::of(name),
        _ => None,
    };
    let kind = kind.ok_or_else(|| parser.expected("a geometry"))?;
    parser.next();
    read(parser, kind)
}

/// `( … , … )`
fn within<T>(parser: &mut Parser, read: impl FnMut(&mut Parser) -> Result<T>) -> Result<Vec<T>> {
    parser.wants("(")?;
    let all = parser.list(read)?;
    parser.wants(")")?;
    Ok(all)
}

fn single(parser: &mut Parser) -> Result<Coord<f64>> {
    parser.wants("(")?;
    let at = place(parser)?;
    parser.wants(")")?;
    Ok(at)
}

/// `(1 2)` by the standard, `1 2` by habit.
fn multi_point_member(parser: &mut Parser) -> Result<Coord<f64>> {
    if matches!(parser.peek(), Some(Token::Symbol("("))) { single(parser) } else { place(parser) }
}

fn line(parser: &mut Parser) -> Result<LineString<f64>> {
    let places = within(parser, place)?;
    if places.len() < 2 { Err(parser.expected("two places or more")) } else { Ok(LineString(places)) }
}

fn polygon(parser: &mut Parser) -> Result<Polygon<f64>> {
    let mut rings = within(parser, |parser| {
        let ring = within(parser, place)?;
        let closed = ring.len() >= 4 && ring.first() == ring.last();
        if closed {
            Ok(LineString(ring))
        } else {
            Err(parser.expected("a ring of four places that ends where it began"))
        }
    })?;
    let shell = rings.remove(0);
    Ok(Polygon::new(shell, rings))
}

/// Longitude and latitude; a height is read and left out.
fn place(parser: &mut Parser) -> Result<Coord<f64>> {
    let (x, y) = (number(parser)?, number(parser)?);
    if matches!(parser.peek(), Some(Token::Number(_) | Token::Symbol("-" | "+"))) {
        number(parser)?;
    }
    Ok(Coord { x, y })
}

pub(crate) fn number(parser: &mut Parser) -> Result<f64> {
    let negative = parser.takes("-");
    if !negative {
        parser.takes("+");
    }
    match parser.peek() {
        Some(Token::Number(number)) => {
            let value = number.as_f64();
            parser.next();
            Ok(if negative { -value } else { value })
        }
        _ => Err(parser.expected("a number")),
    }
}

/// Four numbers, or six with heights in the third and sixth place.
pub(crate) fn bbox(numbers: &[f64]) -> Result<Expression> {
    match *numbers {
        [west, south, east, north] | [west, south, _, east, north, _] => {
            Ok(Expression::Bbox([west, south, east, north]))
        }
        _ => Err(invalid("BBOX takes west,south,east,north, or six numbers with heights")),
    }
}
