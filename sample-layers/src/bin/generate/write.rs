//! Features to FlatGeobuf.

use flatgeobuf::{ColumnType, FallibleStreamingIterator, FgbCrs, FgbReader, FgbWriter, FgbWriterOptions, GeometryType};
use geo_types::{Geometry, LineString, Polygon};
use geozero::{ColumnValue, FeatureProperties, PropertyProcessor};
use misto_model::{Collection, GeometryKind, PropertyType};
use serde_json::Value;

use crate::plane::{self, Point};

/// A feature on the drawing board with its attributes; what is not named is unknown.
pub struct Drawn {
    pub geometry: Geometry<f64>,
    pub attributes: Vec<(&'static str, Value)>,
}

impl Drawn {
    pub fn point(p: Point, attributes: Vec<(&'static str, Value)>) -> Self {
        Self { geometry: geo_types::Point(p).into(), attributes }
    }

    pub fn line(points: &[Point], attributes: Vec<(&'static str, Value)>) -> Self {
        Self { geometry: LineString(points.to_vec()).into(), attributes }
    }

    pub fn polygon(shape: Polygon<f64>, attributes: Vec<(&'static str, Value)>) -> Self {
        Self { geometry: shape.into(), attributes }
    }
}

/// Text, or unknown when it is empty.
pub fn named(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { Value::from(text) }
}

/// FlatGeobuf with a spatial index, columns in the order of the collection's schema.
///
/// # Errors
/// When a feature has an attribute that the schema does not name or of another type, or the writer fails.
pub fn flatgeobuf(collection: &Collection, features: &[Drawn]) -> Result<Vec<u8>, String> {
    let kind = match collection.geometry {
        GeometryKind::Point => GeometryType::Point,
        GeometryKind::Line => GeometryType::LineString,
        GeometryKind::Polygon => GeometryType::Polygon,
        GeometryKind::Any => GeometryType::Unknown,
    };
    let options = FgbWriterOptions {
        detect_type: false,
        promote_to_multi: false,
        crs: FgbCrs { org: Some("EPSG"), code: 4326, ..FgbCrs::default() },
        title: Some(&collection.title_en),
        description: Some(&collection.description),
        ..FgbWriterOptions::default()
    };
    let told = |e: &dyn std::fmt::Display| format!("{}: {e}", collection.id);
    let mut writer = FgbWriter::create_with_options(collection.id.as_str(), kind, options).map_err(|e| told(&e))?;
    for property in &collection.properties {
        let column = match property.kind {
            PropertyType::Text | PropertyType::Date | PropertyType::DateTime => ColumnType::String,
            PropertyType::Integer => ColumnType::Int,
            PropertyType::Real => ColumnType::Double,
            PropertyType::Boolean => ColumnType::Bool,
        };
        writer.add_column(&property.name, column, |_, _| {});
    }
    for feature in features {
        let values = columns(collection, feature)?;
        let mut failed = None;
        writer
            .add_feature_geom(degrees(&feature.geometry), |row| {
                for (index, name, value) in &values {
                    if let Err(e) = row.property(*index, name, value) {
                        failed = Some(e);
                    }
                }
            })
            .map_err(|e| told(&e))?;
        if let Some(e) = failed {
            return Err(told(&e));
        }
    }
    let mut bytes = Vec::new();
    writer.write(&mut bytes).map_err(|e| told(&e))?;
    Ok(bytes)
}

/// In which order the file of a collection holds its features, as indices into what was
/// drawn: the spatial index sorts them. A loaded feature's id is its place there, from 1.
/// Features are told apart by the attribute `name`.
///
/// # Errors
/// As [`flatgeobuf`], or when the file cannot be read again.
pub fn order(collection: &Collection, features: &[Drawn]) -> Result<Vec<usize>, String> {
    let told = |e: &dyn std::fmt::Display| format!("{}: {e}", collection.id);
    let bytes = flatgeobuf(collection, features)?;
    let mut bytes = std::io::Cursor::new(bytes);
    let mut rows = FgbReader::open(&mut bytes).and_then(FgbReader::select_all).map_err(|e| told(&e))?;
    let mut order = Vec::new();
    while let Some(row) = rows.next().map_err(|e| told(&e))? {
        let name: String = row.property("name").map_err(|e| told(&e))?;
        let named = |drawn: &Drawn| drawn.attributes.iter().any(|(key, value)| *key == "name" && *value == name);
        order.push(features.iter().position(named).ok_or_else(|| told(&name))?);
    }
    Ok(order)
}

fn columns<'a>(
    collection: &Collection,
    feature: &'a Drawn,
) -> Result<Vec<(usize, &'static str, ColumnValue<'a>)>, String> {
    let mut out = Vec::new();
    for (name, value) in &feature.attributes {
        let wrong = || format!("{}: attribute {name} = {value} does not fit the schema", collection.id);
        let index = collection.properties.iter().position(|p| p.name == *name).ok_or_else(wrong)?;
        let value = match (collection.properties[index].kind, value) {
            (_, Value::Null) => continue,
            (PropertyType::Text | PropertyType::Date | PropertyType::DateTime, Value::String(text)) => {
                ColumnValue::String(text)
            }
            (PropertyType::Boolean, Value::Bool(truth)) => ColumnValue::Bool(*truth),
            (PropertyType::Real, Value::Number(n)) => ColumnValue::Double(n.as_f64().ok_or_else(wrong)?),
            (PropertyType::Integer, Value::Number(n)) => {
                ColumnValue::Int(n.as_i64().and_then(|n| i32::try_from(n).ok()).ok_or_else(wrong)?)
            }
            _ => return Err(wrong()),
        };
        out.push((index, *name, value));
    }
    out.sort_by_key(|(index, ..)| *index);
    Ok(out)
}

fn degrees(geometry: &Geometry<f64>) -> Geometry<f64> {
    use geo::MapCoords;
    geometry.map_coords(plane::degrees)
}
