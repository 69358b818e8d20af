//! Venues for other programs of places: A11yJSON and OpenStreetMap's tags, a line a feature.

use std::io::Write;

use misto_model::{Feature, FeatureId, Properties, Property};
use serde_json::Value;

use super::super::a11yjson::{Parts, place_info};
use super::super::osm_venues::elements;
use super::{Outgoing, WriteError};

/// Writes a FeatureCollection of `PlaceInfo`s (A11yJSON 31); gives how many. Only attributes of the
/// schema go out; `parts` knows the entrances and lifts that are features of their own.
///
/// # Errors
/// When the target or the source of features fails.
pub fn a11yjson(
    out: impl Write,
    schema: &[Property],
    features: impl IntoIterator<Item = Outgoing>,
    parts: impl Fn(FeatureId) -> Parts,
) -> Result<u64, WriteError> {
    collection(out, features, |feature| {
        vec![place_info(feature.geometry.as_ref(), &seen(&feature, schema), &parts(feature.id))]
    })
}

/// Writes a FeatureCollection whose properties are OpenStreetMap's tags; gives how many venues it
/// has. The entrances of a venue are features beside it. What has no tag stays at home.
///
/// # Errors
/// When the target or the source of features fails.
pub fn osm_geojson(
    out: impl Write,
    schema: &[Property],
    features: impl IntoIterator<Item = Outgoing>,
) -> Result<u64, WriteError> {
    collection(out, features, |feature| elements(feature.geometry.as_ref(), &seen(&feature, schema)))
}

fn seen(feature: &Feature, schema: &[Property]) -> Properties {
    let known = |property: &Property| Some((property.name.clone(), feature.properties.get(&property.name)?.clone()));
    schema.iter().filter_map(known).filter(|(_, value)| !value.is_null()).collect()
}

fn collection(
    mut out: impl Write,
    features: impl IntoIterator<Item = Outgoing>,
    written: impl Fn(Feature) -> Vec<Value>,
) -> Result<u64, WriteError> {
    out.write_all(b"{\"type\":\"FeatureCollection\",\"features\":[")?;
    let (mut count, mut lines) = (0, 0_u64);
    for feature in features {
        for line in written(feature.map_err(WriteError::Source)?) {
            out.write_all(if lines == 0 { b"\n" } else { b",\n" })?;
            out.write_all(line.to_string().as_bytes())?;
            lines += 1;
        }
        count += 1;
    }
    out.write_all(b"\n]}\n")?;
    out.flush()?;
    Ok(count)
}
