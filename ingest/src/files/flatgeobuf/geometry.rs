//! Shapes of FlatGeobuf: flat coordinate pairs, and the index after the last
//! pair of each part (`ends`).

use ::flatgeobuf::{Geometry as Flat, GeometryType};
use geo_types::{Coord, Geometry, GeometryCollection, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};

use super::super::shape::{self, MAX_DEPTH, Refused};

/// The shape; `None` when it has no position.
pub(super) fn read(flat: &Flat<'_>, of_file: GeometryType, depth: usize) -> Result<Option<Geometry>, Refused> {
    if depth > MAX_DEPTH {
        return Err(format!("geometry collections are nested more than {MAX_DEPTH} deep"));
    }
    let kind = if of_file == GeometryType::Unknown { flat.type_() } else { of_file };
    let parts = flat.parts().map_or(0, |parts| parts.len());
    if parts == 0 && flat.xy().is_none_or(|xy| xy.is_empty()) {
        return Ok(None);
    }
    Ok(Some(match kind {
        GeometryType::Point => match positions(flat)?.as_slice() {
            [one] => Point(*one).into(),
            several => return Err(format!("a point has one position, not {}", several.len())),
        },
        GeometryType::MultiPoint => MultiPoint(positions(flat)?.into_iter().map(Point).collect()).into(),
        GeometryType::LineString => shape::line(positions(flat)?)?.into(),
        GeometryType::MultiLineString => {
            MultiLineString(split(flat)?.into_iter().map(shape::line).collect::<Result<_, _>>()?).into()
        }
        GeometryType::Polygon => polygon(flat)?.into(),
        GeometryType::MultiPolygon if parts == 0 => MultiPolygon(vec![polygon(flat)?]).into(),
        GeometryType::MultiPolygon => {
            MultiPolygon(flat.parts().iter().flatten().map(|part| polygon(&part)).collect::<Result<_, _>>()?).into()
        }
        GeometryType::GeometryCollection => {
            let mut members = Vec::new();
            for part in flat.parts().iter().flatten() {
                members.extend(read(&part, GeometryType::Unknown, depth + 1)?);
            }
            Geometry::GeometryCollection(GeometryCollection(members))
        }
        other => {
            let name = other.variant_name().unwrap_or("unknown");
            return Err(format!("shapes of type {name} are not supported; convert them to straight lines or polygons"));
        }
    }))
}

fn positions(flat: &Flat<'_>) -> Result<Vec<Coord>, Refused> {
    let Some(xy) = flat.xy() else { return Ok(Vec::new()) };
    if xy.len() % 2 != 0 {
        return Err("the coordinates do not come in pairs".to_owned());
    }
    Ok((0..xy.len() / 2).map(|i| Coord { x: xy.get(2 * i), y: xy.get(2 * i + 1) }).collect())
}

/// The positions part by part; one part where no ends are given.
fn split(flat: &Flat<'_>) -> Result<Vec<Vec<Coord>>, Refused> {
    let positions = positions(flat)?;
    let Some(ends) = flat.ends().filter(|ends| !ends.is_empty()) else { return Ok(vec![positions]) };
    let mut parts = Vec::with_capacity(ends.len().min(positions.len()));
    let mut start = 0;
    for end in ends {
        let part = positions.get(start..end as usize).filter(|part| !part.is_empty());
        parts.push(part.ok_or("the ends of its parts do not fit its coordinates")?.to_vec());
        start = end as usize;
    }
    if start != positions.len() {
        return Err("the ends of its parts do not fit its coordinates".to_owned());
    }
    Ok(parts)
}

fn polygon(flat: &Flat<'_>) -> Result<Polygon, Refused> {
    shape::polygon(split(flat)?)
}
