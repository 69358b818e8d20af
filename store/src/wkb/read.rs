//! Reads well-known binary (OGC 06-103r4, clause 8; ISO type codes with Z and M).
//!
//! Written here rather than taken from a library because the bytes come from
//! other programs: every count is checked against the bytes that are left before
//! memory is taken, nesting is bounded, and nothing panics.

use geo_types::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon,
};

/// Collections in collections deeper than this are refused.
const DEEPEST: u8 = 16;

/// Why bytes are no geometry that Misto can show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unreadable(pub(crate) String);

type Read<T> = Result<T, Unreadable>;

/// A geometry in the plane: Z and M are left out. `None` for an empty point.
pub(crate) fn read(bytes: &[u8]) -> Read<Option<Geometry>> {
    Reader { rest: bytes }.geometry(0)
}

struct Reader<'a> {
    rest: &'a [u8],
}

/// Byte order and number of ordinates of one geometry.
#[derive(Clone, Copy)]
struct Form {
    little: bool,
    ordinates: usize,
}

impl Reader<'_> {
    fn geometry(&mut self, depth: u8) -> Read<Option<Geometry>> {
        if depth > DEEPEST {
            return Err(Unreadable(format!("collections nested deeper than {DEEPEST}")));
        }
        let (kind, form) = self.head()?;
        Ok(Some(match kind {
            1 => return Ok(self.coordinate(form)?.map(|at| Point(at).into())),
            2 => LineString(self.coordinates(form)?).into(),
            3 => self.polygon(form)?.into(),
            4 => MultiPoint(self.parts(form, depth, point)?).into(),
            5 => MultiLineString(self.parts(form, depth, line)?).into(),
            6 => MultiPolygon(self.parts(form, depth, area)?).into(),
            7 => Geometry::GeometryCollection(GeometryCollection(self.parts(form, depth, Ok)?)),
            8..=14 => return Err(Unreadable("curves are not supported".to_owned())),
            other => return Err(Unreadable(format!("geometry type {other} is not supported"))),
        }))
    }

    /// Byte order, type code without dimensions, dimensions.
    fn head(&mut self) -> Read<(u32, Form)> {
        let [order] = self.take()?;
        let little = match order {
            0 => false,
            1 => true,
            other => return Err(Unreadable(format!("byte order {other}"))),
        };
        let code = self.number(little)?;
        // ISO adds 1000 for Z, 2000 for M, 3000 for both; older writers set high bits instead.
        let (dimensions, old_z, old_m) = ((code & 0xffff) / 1000, code & 0x8000_0000 != 0, code & 0x4000_0000 != 0);
        let z = old_z || matches!(dimensions, 1 | 3);
        let m = old_m || matches!(dimensions, 2 | 3);
        Ok(((code & 0xffff) % 1000, Form { little, ordinates: 2 + usize::from(z) + usize::from(m) }))
    }

    fn polygon(&mut self, form: Form) -> Read<Polygon> {
        let rings = self.count(form.little, 4)?;
        let mut read = (0..rings).map(|_| Ok(LineString(self.coordinates(form)?)));
        let exterior = read.next().transpose()?.unwrap_or_else(|| LineString(Vec::new()));
        Ok(Polygon::new(exterior, read.collect::<Read<_>>()?))
    }

    /// The parts of a collection, each `unpack`ed; empty points among them are left out.
    fn parts<T>(&mut self, form: Form, depth: u8, unpack: fn(Geometry) -> Read<T>) -> Read<Vec<T>> {
        let parts = self.count(form.little, 9)?;
        (0..parts).filter_map(|_| self.geometry(depth + 1).transpose()).map(|part| unpack(part?)).collect()
    }

    fn coordinates(&mut self, form: Form) -> Read<Vec<Coord>> {
        let points = self.count(form.little, form.ordinates * 8)?;
        (0..points)
            .map(|_| self.coordinate(form)?.ok_or_else(|| Unreadable("a vertex is not a number".to_owned())))
            .collect()
    }

    /// `None` when both are NaN: that is how an empty point is written.
    fn coordinate(&mut self, form: Form) -> Read<Option<Coord>> {
        let (x, y) = (self.ordinate(form.little)?, self.ordinate(form.little)?);
        for _ in 2..form.ordinates {
            self.ordinate(form.little)?;
        }
        match (x.is_finite(), y.is_finite()) {
            (true, true) => Ok(Some(Coord { x, y })),
            _ if x.is_nan() && y.is_nan() => Ok(None),
            _ => Err(Unreadable(format!("coordinate {x} {y}"))),
        }
    }

    /// A count of things of at least `least` bytes each.
    fn count(&mut self, little: bool, least: usize) -> Read<usize> {
        let count = self.number(little)? as usize;
        if count > self.rest.len() / least {
            return Err(Unreadable(format!("{count} parts promised, {} bytes left", self.rest.len())));
        }
        Ok(count)
    }

    fn number(&mut self, little: bool) -> Read<u32> {
        let bytes = self.take()?;
        Ok(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn ordinate(&mut self, little: bool) -> Read<f64> {
        let bytes = self.take()?;
        Ok(if little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) })
    }

    fn take<const N: usize>(&mut self) -> Read<[u8; N]> {
        let (head, rest) = self.rest.split_first_chunk().ok_or_else(|| Unreadable("cut off".to_owned()))?;
        self.rest = rest;
        Ok(*head)
    }
}

fn point(part: Geometry) -> Read<Point> {
    part.try_into().map_err(|_| misplaced())
}

fn line(part: Geometry) -> Read<LineString> {
    part.try_into().map_err(|_| misplaced())
}

fn area(part: Geometry) -> Read<Polygon> {
    part.try_into().map_err(|_| misplaced())
}

fn misplaced() -> Unreadable {
    Unreadable("a part of a multi-geometry is of another type".to_owned())
}
