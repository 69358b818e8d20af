//! Well-known binary (OGC Simple Features 8.2, ISO 13249-3): the shapes in a GeoPackage.
//!
//! Read here and not by a library, because counts in a damaged file must not
//! become allocations.

use geo_types::{Coord, Geometry, GeometryCollection, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};

use super::shape::{self, MAX_DEPTH, Refused};

/// The shape; `None` when it has no position. `flattened` becomes true when
/// positions had heights or measures.
pub(super) fn read(bytes: &[u8], flattened: &mut bool) -> Result<Option<Geometry>, Refused> {
    let mut reader = Wkb { rest: bytes, big_endian: false, flattened };
    let shape = reader.geometry(0)?;
    if reader.rest.is_empty() { Ok(shape) } else { Err(format!("{} bytes follow the shape", reader.rest.len())) }
}

struct Wkb<'a> {
    rest: &'a [u8],
    big_endian: bool,
    flattened: &'a mut bool,
}

impl Wkb<'_> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Refused> {
        let (head, rest) = self.rest.split_first_chunk::<N>().ok_or("the shape's bytes end too early")?;
        self.rest = rest;
        Ok(*head)
    }

    fn u32(&mut self) -> Result<u32, Refused> {
        let bytes = self.array()?;
        Ok(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    fn f64(&mut self) -> Result<f64, Refused> {
        let bytes = self.array()?;
        Ok(if self.big_endian { f64::from_be_bytes(bytes) } else { f64::from_le_bytes(bytes) })
    }

    /// A number of items of at least `size` bytes each, which must all be there.
    fn count(&mut self, size: usize) -> Result<usize, Refused> {
        let count = self.u32()? as usize;
        if count > self.rest.len() / size {
            return Err(format!("{count} parts are announced, more than the bytes can hold"));
        }
        Ok(count)
    }

    fn geometry(&mut self, depth: usize) -> Result<Option<Geometry>, Refused> {
        let (kind, dimensions) = self.header(depth)?;
        Ok(Some(match kind {
            1 => {
                let at = self.position(dimensions)?;
                // An empty point is written as NaN, NaN.
                if at.x.is_nan() && at.y.is_nan() {
                    return Ok(None);
                }
                Point(at).into()
            }
            2 => shape::line(self.positions(dimensions)?)?.into(),
            3 => self.polygon(dimensions)?.into(),
            4 => MultiPoint(self.members(depth, 1, |s, d| Ok(Point(s.position(d)?)))?).into(),
            5 => MultiLineString(self.members(depth, 2, |s, d| shape::line(s.positions(d)?))?).into(),
            6 => MultiPolygon(self.members(depth, 3, Self::polygon)?).into(),
            7 => {
                let mut members = Vec::new();
                for _ in 0..self.count(5)? {
                    members.extend(self.geometry(depth + 1)?);
                }
                Geometry::GeometryCollection(GeometryCollection(members))
            }
            8..=14 => return Err("curves are not supported; convert them to straight lines, for example with ogr2ogr -nlt CONVERT_TO_LINEAR".to_owned()),
            other => return Err(format!("{other} is no shape type that is supported")),
        }))
    }

    /// Byte order and type: the shape's kind and how many numbers a position has.
    fn header(&mut self, depth: usize) -> Result<(u32, usize), Refused> {
        if depth > MAX_DEPTH {
            return Err(format!("geometry collections are nested more than {MAX_DEPTH} deep"));
        }
        self.big_endian = match self.array::<1>()? {
            [0] => true,
            [1] => false,
            [other] => return Err(format!("{other} is no byte order")),
        };
        let kind = self.u32()?;
        let extra = match kind / 1000 {
            0 => 0,
            1 | 2 => 1,
            3 => 2,
            _ => return Err(format!("{kind} is no shape type that is supported")),
        };
        *self.flattened |= extra > 0;
        Ok((kind % 1000, 2 + extra))
    }

    fn members<T>(
        &mut self,
        depth: usize,
        kind: u32,
        mut read: impl FnMut(&mut Self, usize) -> Result<T, Refused>,
    ) -> Result<Vec<T>, Refused> {
        let count = self.count(9)?;
        let mut members = Vec::with_capacity(count);
        for _ in 0..count {
            let (found, dimensions) = self.header(depth + 1)?;
            if found != kind {
                return Err(format!("a part has the shape type {found} where only {kind} may stand"));
            }
            members.push(read(self, dimensions)?);
        }
        Ok(members)
    }

    fn position(&mut self, dimensions: usize) -> Result<Coord, Refused> {
        let at = Coord { x: self.f64()?, y: self.f64()? };
        for _ in 2..dimensions {
            self.f64()?;
        }
        Ok(at)
    }

    fn positions(&mut self, dimensions: usize) -> Result<Vec<Coord>, Refused> {
        let count = self.count(8 * dimensions)?;
        (0..count).map(|_| self.position(dimensions)).collect()
    }

    fn polygon(&mut self, dimensions: usize) -> Result<Polygon, Refused> {
        let rings = self.count(4)?;
        shape::polygon((0..rings).map(|_| self.positions(dimensions)).collect::<Result<_, _>>()?)
    }
}
