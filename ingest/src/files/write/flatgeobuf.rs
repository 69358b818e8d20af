//! FlatGeobuf 3 with its spatial index.

use std::io::Write;

use ::flatgeobuf::{ColumnType, FgbCrs, FgbWriter, FgbWriterOptions, GeometryType};
use geo_types::{Geometry, GeometryCollection};
use geozero::{ColumnValue, GeomProcessor, GeozeroGeometry, PropertyProcessor};
use misto_model::{Feature, Property, PropertyType};
use serde_json::Value;

use super::{Outgoing, WriteError};

/// Writes a file with index, features in the order of a Hilbert curve; gives
/// how many. Features wait in a temporary file, their boxes in memory (48 bytes
/// each), since the index stands before them. When all features are of one
/// shape type, the header says so. A multiple line of one part goes out as a line.
///
/// # Errors
/// When the target, the temporary file or the source of features fails, or a
/// value is not of its schema's type.
pub fn flatgeobuf(
    mut out: impl Write,
    name: &str,
    schema: &[Property],
    features: impl IntoIterator<Item = Outgoing>,
) -> Result<u64, WriteError> {
    let mut features = features.into_iter().peekable();
    // Whether all are of one type is known at the end only, and the header is
    // fixed at the beginning: both files are prepared until they differ.
    let mut any = writer(name, schema, GeometryType::Unknown)?;
    let mut typed = match features.peek() {
        Some(Ok(Feature { geometry: Some(geometry), .. })) => {
            let kind = kind(geometry);
            Some((kind, writer(name, schema, kind)?))
        }
        _ => None,
    };
    let mut count = 0;
    for feature in features {
        let feature = feature.map_err(WriteError::Source)?;
        let own = feature.geometry.as_ref().map_or(GeometryType::Polygon, kind);
        typed = typed.filter(|(kind, _)| own == *kind);
        for writer in typed.iter_mut().map(|(_, writer)| writer).chain([&mut any]) {
            add(writer, &feature, schema)?;
        }
        count += 1;
    }
    let writer = typed.map_or(any, |(_, writer)| writer);
    writer.write(&mut out).map_err(|e| failed(&e))?;
    out.flush()?;
    Ok(count)
}

fn failed(error: &dyn std::fmt::Display) -> WriteError {
    WriteError::Format(format!("FlatGeobuf: {error}"))
}

fn writer<'a>(name: &str, schema: &[Property], kind: GeometryType) -> Result<FgbWriter<'a>, WriteError> {
    let options = FgbWriterOptions {
        write_index: true,
        detect_type: false,
        promote_to_multi: false,
        crs: FgbCrs { org: Some("EPSG"), code: 4326, name: Some("WGS 84"), ..FgbCrs::default() },
        ..FgbWriterOptions::default()
    };
    let mut writer = FgbWriter::create_with_options(name, kind, options).map_err(|e| failed(&e))?;
    for property in schema {
        let kind = match property.kind {
            PropertyType::Text => ColumnType::String,
            PropertyType::Integer => ColumnType::Long,
            PropertyType::Real => ColumnType::Double,
            PropertyType::Boolean => ColumnType::Bool,
            PropertyType::Date | PropertyType::DateTime => ColumnType::DateTime,
        };
        writer.add_column(&property.name, kind, |_, _| {});
    }
    Ok(writer)
}

fn kind(geometry: &Geometry) -> GeometryType {
    match geometry {
        Geometry::Point(_) => GeometryType::Point,
        Geometry::Line(_) | Geometry::LineString(_) => GeometryType::LineString,
        Geometry::Polygon(_) | Geometry::Rect(_) | Geometry::Triangle(_) => GeometryType::Polygon,
        Geometry::MultiPoint(_) => GeometryType::MultiPoint,
        Geometry::MultiLineString(lines) if lines.0.len() == 1 => GeometryType::LineString,
        Geometry::MultiLineString(_) => GeometryType::MultiLineString,
        Geometry::MultiPolygon(_) => GeometryType::MultiPolygon,
        Geometry::GeometryCollection(_) => GeometryType::GeometryCollection,
    }
}

fn add(writer: &mut FgbWriter<'_>, feature: &Feature, schema: &[Property]) -> Result<(), WriteError> {
    let mut values = Vec::with_capacity(schema.len());
    for (index, property) in schema.iter().enumerate() {
        match feature.properties.get(&property.name) {
            None | Some(Value::Null) => {}
            Some(value) => values.push((index, property, column_value(value, property, feature)?)),
        }
    }
    let mut wrong = None;
    let attributes = |target: &mut dyn PropertyProcessor| {
        for (index, property, value) in &values {
            if let Err(error) = target.property(*index, &property.name, value) {
                wrong = Some(failed(&error));
            }
        }
    };
    let mut attributes = attributes;
    let added = match &feature.geometry {
        Some(Geometry::GeometryCollection(collection)) => {
            let mut members = Vec::new();
            single(collection, &mut members);
            writer.add_feature_geom(Collection(members), |target| attributes(target))
        }
        // The writer leaves out where a single part ends, and GDAL then refuses a multiple line.
        Some(Geometry::MultiLineString(lines)) if lines.0.len() == 1 => {
            writer.add_feature_geom(Geometry::LineString(lines.0[0].clone()), |target| attributes(target))
        }
        Some(geometry) => writer.add_feature_geom(geometry.clone(), |target| attributes(target)),
        None => writer.add_feature_geom(Nowhere, |target| attributes(target)),
    };
    added.map_err(|e| failed(&e))?;
    wrong.map_or(Ok(()), Err)
}

fn column_value<'a>(value: &'a Value, property: &Property, feature: &Feature) -> Result<ColumnValue<'a>, WriteError> {
    let converted = match property.kind {
        PropertyType::Text => value.as_str().map(ColumnValue::String),
        PropertyType::Integer => value.as_i64().map(ColumnValue::Long),
        PropertyType::Real => value.as_f64().map(ColumnValue::Double),
        PropertyType::Boolean => value.as_bool().map(ColumnValue::Bool),
        PropertyType::Date | PropertyType::DateTime => value.as_str().map(ColumnValue::DateTime),
    };
    converted.ok_or_else(|| WriteError::Value {
        feature: feature.id,
        property: property.name.clone(),
        kind: property.kind,
    })
}

/// The members of a collection, nested and multiple ones taken apart: the
/// writer knows no parts of parts.
fn single(collection: &GeometryCollection, members: &mut Vec<Geometry>) {
    for member in collection {
        match member {
            Geometry::GeometryCollection(inner) => single(inner, members),
            Geometry::MultiPoint(points) => members.extend(points.iter().copied().map(Geometry::Point)),
            Geometry::MultiLineString(lines) => members.extend(lines.iter().cloned().map(Geometry::LineString)),
            Geometry::MultiPolygon(polygons) => members.extend(polygons.iter().cloned().map(Geometry::Polygon)),
            one => members.push(one.clone()),
        }
    }
}

/// A collection of single shapes.
struct Collection(Vec<Geometry>);

impl GeozeroGeometry for Collection {
    fn process_geom<P: GeomProcessor>(&self, target: &mut P) -> geozero::error::Result<()> {
        target.geometrycollection_begin(self.0.len(), 0)?;
        for member in &self.0 {
            member.process_geom(target)?;
        }
        // In a file of mixed types the writer takes the last member's type for
        // the whole; beginning anew, still inside, sets it right and no more.
        target.geometrycollection_begin(self.0.len(), 0)?;
        target.geometrycollection_end(0)
    }
}

/// A feature that nobody placed yet: a polygon without a ring, which places
/// nothing. This writer cannot leave the shape out, and of the empty shapes it
/// can write GDAL takes this one.
struct Nowhere;

impl GeozeroGeometry for Nowhere {
    fn process_geom<P: GeomProcessor>(&self, target: &mut P) -> geozero::error::Result<()> {
        target.polygon_begin(true, 0, 0)?;
        target.polygon_end(true, 0)
    }
}
