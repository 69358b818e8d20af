//! Shapes between the seam and a table's declared geometry type.
//!
//! A table for lines is declared MULTILINESTRING and one for areas MULTIPOLYGON,
//! because QGIS and GDAL want one type a layer: a single shape is stored as a
//! multi-shape of one part and read back single.

use geo_types::{Geometry, MultiLineString, MultiPoint, MultiPolygon};
use misto_model::{Error, GeometryKind, Result};

use super::{Table, geometry_kind};
use crate::wkb::each_coordinate;

/// The geometry type that a new table of the kind is declared with.
pub(crate) fn declared_type(kind: GeometryKind) -> &'static str {
    match kind {
        GeometryKind::Point => "POINT",
        GeometryKind::Line => "MULTILINESTRING",
        GeometryKind::Polygon => "MULTIPOLYGON",
        GeometryKind::Any => "GEOMETRY",
    }
}

/// A geometry ready to be stored.
pub(crate) struct Fitted {
    pub(crate) geometry: Geometry,
    /// The table's declaration must become GEOMETRY first.
    pub(crate) widens: bool,
}

/// Fits a geometry to the table.
///
/// # Errors
/// `Invalid` when it is of another kind than the collection or a vertex is not a number.
pub(crate) fn fit(table: &Table, kind: GeometryKind, geometry: Geometry) -> Result<Fitted> {
    let mut finite = true;
    each_coordinate(&geometry, &mut |at| finite &= at.x.is_finite() && at.y.is_finite());
    if !finite {
        return Err(Error::invalid("geometry", "a coordinate is not a finite number of degrees"));
    }
    let geometry = plain(geometry);
    if kind != GeometryKind::Any && kind != geometry_kind(name(&geometry)) {
        let reason = format!("{} does not fit collection {}, which holds {}", name(&geometry), table.id, plural(kind));
        return Err(Error::invalid("geometry", reason));
    }
    let geometry = match table.declared.as_str() {
        "MULTIPOINT" | "MULTILINESTRING" | "MULTIPOLYGON" => multi(geometry),
        "GEOMETRY" | "GEOMETRYCOLLECTION" => geometry,
        _ => single(geometry),
    };
    let widens = table.declared != "GEOMETRY" && table.declared != name(&geometry);
    Ok(Fitted { geometry, widens })
}

/// A stored geometry as the seam shows it.
pub(crate) fn show(table: &Table, geometry: Geometry) -> Geometry {
    if table.declared.starts_with("MULTI") { single(geometry) } else { geometry }
}

fn multi(geometry: Geometry) -> Geometry {
    match geometry {
        Geometry::Point(part) => MultiPoint(vec![part]).into(),
        Geometry::LineString(part) => MultiLineString(vec![part]).into(),
        Geometry::Polygon(part) => MultiPolygon(vec![part]).into(),
        other => other,
    }
}

fn single(geometry: Geometry) -> Geometry {
    match geometry {
        Geometry::MultiPoint(parts) if parts.0.len() == 1 => parts.0[0].into(),
        Geometry::MultiLineString(mut parts) if parts.0.len() == 1 => parts.0.remove(0).into(),
        Geometry::MultiPolygon(mut parts) if parts.0.len() == 1 => parts.0.remove(0).into(),
        other => other,
    }
}

/// Without the shapes that well-known binary has no name for.
fn plain(geometry: Geometry) -> Geometry {
    match geometry {
        Geometry::Line(line) => geo_types::LineString::from(line).into(),
        Geometry::Rect(rect) => rect.to_polygon().into(),
        Geometry::Triangle(triangle) => triangle.to_polygon().into(),
        other => other,
    }
}

fn name(geometry: &Geometry) -> &'static str {
    match geometry {
        Geometry::Point(_) => "POINT",
        Geometry::MultiPoint(_) => "MULTIPOINT",
        Geometry::LineString(_) | Geometry::Line(_) => "LINESTRING",
        Geometry::MultiLineString(_) => "MULTILINESTRING",
        Geometry::Polygon(_) | Geometry::Rect(_) | Geometry::Triangle(_) => "POLYGON",
        Geometry::MultiPolygon(_) => "MULTIPOLYGON",
        Geometry::GeometryCollection(_) => "GEOMETRYCOLLECTION",
    }
}

fn plural(kind: GeometryKind) -> &'static str {
    match kind {
        GeometryKind::Point => "points",
        GeometryKind::Line => "lines",
        GeometryKind::Polygon => "polygons",
        GeometryKind::Any => "any shape",
    }
}
