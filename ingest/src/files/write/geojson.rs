//! GeoJSON (RFC 7946), a line a feature.

use std::io::Write;

use geozero::ToJson;
use misto_model::{Feature, Property};
use serde_json::{Map, Value};

use super::{Outgoing, WriteError};

/// Writes a FeatureCollection; gives how many features it has. Every attribute
/// of the schema is there, null where unknown.
///
/// # Errors
/// When the target or the source of features fails.
pub fn geojson(
    mut out: impl Write,
    schema: &[Property],
    features: impl IntoIterator<Item = Outgoing>,
) -> Result<u64, WriteError> {
    out.write_all(b"{\"type\":\"FeatureCollection\",\"features\":[")?;
    let mut count = 0;
    for feature in features {
        let feature = feature.map_err(WriteError::Source)?;
        out.write_all(if count == 0 { b"\n" } else { b",\n" })?;
        out.write_all(text(&feature, schema)?.as_bytes())?;
        count += 1;
    }
    out.write_all(b"\n]}\n")?;
    out.flush()?;
    Ok(count)
}

/// Writes a feature a line (GeoJSON Text Sequences without the separators, as GDAL's
/// GeoJSONSeq reads them); gives how many.
///
/// # Errors
/// When the target or the source of features fails.
pub fn geojson_lines(
    mut out: impl Write,
    schema: &[Property],
    features: impl IntoIterator<Item = Outgoing>,
) -> Result<u64, WriteError> {
    let mut count = 0;
    for feature in features {
        let feature = feature.map_err(WriteError::Source)?;
        out.write_all(text(&feature, schema)?.as_bytes())?;
        out.write_all(b"\n")?;
        count += 1;
    }
    out.flush()?;
    Ok(count)
}

fn text(feature: &Feature, schema: &[Property]) -> Result<String, WriteError> {
    let geometry = match &feature.geometry {
        Some(geometry) => geometry.to_json().map_err(|e| WriteError::Format(e.to_string()))?,
        None => "null".to_owned(),
    };
    let properties: Map<String, Value> = schema
        .iter()
        .map(|p| (p.name.clone(), feature.properties.get(&p.name).cloned().unwrap_or(Value::Null)))
        .collect();
    let properties = Value::Object(properties);
    Ok(format!("{{\"type\":\"Feature\",\"id\":{},\"geometry\":{geometry},\"properties\":{properties}}}", feature.id))
}
