//! Delimited text (RFC 4180), UTF-8, a header line.

use std::io::Write;

use geo_types::Geometry;
use misto_model::{Feature, GeometryKind, Property};
use serde_json::Value;

use super::super::wkt;
use super::{Outgoing, WriteError};

/// Writes the attributes, and the place as well-known text in `wkt`;
/// collections of points also have `lon` and `lat` (empty for a multipoint).
/// Gives how many features went out.
///
/// # Errors
/// When the target or the source of features fails.
pub fn csv(
    out: impl Write,
    schema: &[Property],
    kind: GeometryKind,
    features: impl IntoIterator<Item = Outgoing>,
) -> Result<u64, WriteError> {
    let degrees = kind == GeometryKind::Point;
    let mut writer = ::csv::Writer::from_writer(out);
    let places: &[&str] = if degrees { &["lon", "lat", "wkt"] } else { &["wkt"] };
    let header = std::iter::once("fid").chain(schema.iter().map(|p| p.name.as_str())).chain(places.iter().copied());
    writer.write_record(header).map_err(failed)?;
    let mut count = 0;
    for feature in features {
        let feature = feature.map_err(WriteError::Source)?;
        writer.write_record(record(&feature, schema, degrees)).map_err(failed)?;
        count += 1;
    }
    writer.flush()?;
    Ok(count)
}

fn record(feature: &Feature, schema: &[Property], degrees: bool) -> Vec<String> {
    let mut fields = Vec::with_capacity(schema.len() + 4);
    fields.push(feature.id.to_string());
    fields.extend(schema.iter().map(|p| match feature.properties.get(&p.name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }));
    if degrees {
        match &feature.geometry {
            Some(Geometry::Point(point)) => fields.extend([point.x().to_string(), point.y().to_string()]),
            _ => fields.extend([String::new(), String::new()]),
        }
    }
    fields.push(feature.geometry.as_ref().map(wkt::write).unwrap_or_default());
    fields
}

pub(super) fn failed(error: ::csv::Error) -> WriteError {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => WriteError::Io(error),
        other => WriteError::Format(format!("{other:?}")),
    }
}
