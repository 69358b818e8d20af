//! Decree 835, annex 32: `buildings` and `norms` as comma-separated text, their columns in the
//! annex's order and whatever else the buildings brought along behind them.

use std::io::Write;

use misto_model::{Feature, Property};
use serde_json::{Map, Value};

use super::super::annex_32::{BUILDINGS, NORM_FINDINGS, NORMS, PLACED_BY, STATUS_AS_GIVEN};
use super::super::osm_venues::{ID, KIND};
use super::super::venues::{A11Y_REST, OSM_REST, attributes, objects};
use super::csv::failed;
use super::{Outgoing, WriteError};

/// Writes `buildings`; gives how many.
///
/// # Errors
/// When the target or the source of features fails.
pub fn annex_32_buildings(
    out: impl Write,
    schema: &[Property],
    features: impl IntoIterator<Item = Outgoing>,
) -> Result<u64, WriteError> {
    let ours = |name: &str| {
        attributes().any(|(known, _)| known == name)
            || [NORM_FINDINGS, PLACED_BY, A11Y_REST, OSM_REST, KIND, ID].contains(&name)
            || BUILDINGS.contains(&name)
    };
    let others = schema.iter().map(|property| property.name.as_str()).filter(|name| !ours(name));
    let columns: Vec<&str> = BUILDINGS.into_iter().chain(others).collect();
    let mut writer = ::csv::Writer::from_writer(out);
    writer.write_record(&columns).map_err(failed)?;
    let mut count = 0;
    for feature in features {
        let feature = feature.map_err(WriteError::Source)?;
        writer.write_record(columns.iter().map(|name| text(feature.properties.get(*name)))).map_err(failed)?;
        count += 1;
    }
    writer.flush()?;
    Ok(count)
}

/// Writes `norms`; gives how many findings.
///
/// # Errors
/// When the target or the source of features fails.
pub fn annex_32_norms(out: impl Write, features: impl IntoIterator<Item = Outgoing>) -> Result<u64, WriteError> {
    let mut writer = ::csv::Writer::from_writer(out);
    writer.write_record(NORMS).map_err(failed)?;
    let mut count = 0;
    for feature in features {
        let feature = feature.map_err(WriteError::Source)?;
        for finding in objects(&feature.properties, NORM_FINDINGS) {
            writer.write_record(NORMS.map(|name| of_finding(name, &finding, &feature))).map_err(failed)?;
            count += 1;
        }
    }
    writer.flush()?;
    Ok(count)
}

fn of_finding(name: &str, finding: &Map<String, Value>, building: &Feature) -> String {
    match name {
        "buildingUid" => text(building.properties.get("uid")),
        "status" => text(finding.get(STATUS_AS_GIVEN).or(finding.get("status"))),
        name => text(finding.get(name)),
    }
}

fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
