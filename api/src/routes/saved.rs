//! Bodies of saves: a GeoJSON Feature, a FeatureCollection of new ones, or a
//! JSON merge patch (RFC 7396) of one that stands.

use geozero::ToGeo;
use misto_city::editing::validate;
use misto_ingest::crs::Crs;
use misto_model::{Collection, Edit, Feature, Geometry, Properties};
use serde_json::{Map, Value};

use crate::problem::{Answer, Problem};
use crate::view::feature::write_in;

/// Place and attributes of a feature, checked against its collection.
pub type Contents = (Option<Geometry>, Properties);

/// A GeoJSON Feature as an editor sends it.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; bodies are read member by member")]
pub struct FeatureBody {
    /// `Feature`; for several new ones at once `FeatureCollection` with `features`.
    r#type: String,
    /// GeoJSON geometry, or null when nobody placed it; never absent (RFC 7946, 3.2),
    /// so that nothing is wiped by leaving it out.
    #[schema(value_type = Option<Object>)]
    geometry: Value,
    /// Attributes of the collection's schema, or null; never absent.
    #[schema(value_type = Option<Object>)]
    properties: Value,
}

/// Place and attributes of a Feature.
///
/// # Errors
/// 400 naming the member that cannot be used.
pub fn feature(body: Value, crs: &Crs, collection: &Collection) -> Answer<Contents> {
    let mut members = object(body, "body")?;
    kind(&members, "Feature")?;
    let geometry = required(&mut members, "geometry")?;
    let properties = required(&mut members, "properties")?;
    contents(geometry, properties, crs, collection)
}

/// One new feature, or several that are saved together or not at all.
///
/// # Errors
/// 400 naming the member that cannot be used, with its number for one of several (`features[2].properties.name`).
pub fn created(body: Value, crs: &Crs, collection: &Collection) -> Answer<Vec<Edit>> {
    let create = |(geometry, properties)| Edit::Create { geometry, properties };
    if body["type"] != "FeatureCollection" {
        return Ok(vec![create(feature(body, crs, collection)?)]);
    }
    let mut members = object(body, "body")?;
    let Value::Array(features) = required(&mut members, "features")? else {
        return Err(Problem::invalid("features", "expected an array of features"));
    };
    if features.is_empty() {
        return Err(Problem::invalid("features", "is empty: there is nothing to save"));
    }
    let one = |(number, body): (usize, Value)| {
        feature(body, crs, collection).map(create).map_err(|wrong| wrong.within(&format!("features[{number}]")))
    };
    features.into_iter().enumerate().map(one).collect()
}

/// What a feature becomes by a merge patch: members of the patch replace, null removes,
/// the rest stays. A geometry that the patch does not name stays exactly as it is.
///
/// # Errors
/// 400 naming the member that cannot be used.
pub fn patched(stands: &Feature, patch: Value, crs: &Crs, collection: &Collection) -> Answer<Contents> {
    let mut patch = object(patch, "body")?;
    if patch.contains_key("type") {
        kind(&patch, "Feature")?;
    }
    if let Some(id) = patch.get("id").filter(|id| id.as_i64() != Some(stands.id.0)) {
        let id: String = id.to_string().chars().take(60).collect();
        return Err(Problem::invalid(
            "id",
            format!("{id} is not the feature of this address; an id cannot be changed"),
        ));
    }
    let mut properties = Value::Object(stands.properties.clone());
    match patch.remove("properties") {
        None => {}
        Some(change @ Value::Object(_)) => merge(&mut properties, change),
        Some(Value::Null) => properties = Value::Null,
        Some(_) => return Err(Problem::invalid("properties", "expected an object or null")),
    }
    let Some(change) = patch.remove("geometry") else {
        let Value::Object(properties) = or_empty(properties) else { return Err(Problem::internal()) };
        validate(collection, None, &properties)?;
        return Ok((stands.geometry.clone(), properties));
    };
    let mut written = Vec::new();
    write_in(&mut written, stands, crs, None).map_err(|nowhere| Problem::invalid("Content-Crs", nowhere))?;
    let whole: Value = serde_json::from_slice(&written).map_err(|_| Problem::internal())?;
    let mut geometry = whole["geometry"].clone();
    merge(&mut geometry, change);
    contents(geometry, properties, crs, collection)
}

fn contents(geometry: Value, properties: Value, crs: &Crs, collection: &Collection) -> Answer<Contents> {
    let geometry = if geometry.is_null() { None } else { Some(placed(&geometry, crs)?) };
    let Value::Object(properties) = or_empty(properties) else {
        return Err(Problem::invalid("properties", "expected an object or null"));
    };
    validate(collection, geometry.as_ref(), &properties)?;
    Ok((geometry, properties))
}

fn or_empty(properties: Value) -> Value {
    if properties.is_null() { Value::Object(Map::new()) } else { properties }
}

fn placed(value: &Value, crs: &Crs) -> Answer<Geometry> {
    let text = value.to_string();
    let geometry: Geometry = geozero::geojson::GeoJson(&text)
        .to_geo()
        .map_err(|wrong| Problem::invalid("geometry", format!("not a GeoJSON geometry: {wrong}")))?;
    if crs.is_crs84() {
        return Ok(geometry);
    }
    crs.to_wgs84(geometry).map_err(|nowhere| Problem::invalid("geometry.coordinates", nowhere))
}

fn object(value: Value, field: &str) -> Answer<Map<String, Value>> {
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(Problem::invalid(field, "expected a JSON object")),
    }
}

fn kind(members: &Map<String, Value>, wanted: &str) -> Answer<()> {
    let fits = members.get("type").and_then(Value::as_str) == Some(wanted);
    if fits { Ok(()) } else { Err(Problem::invalid("type", format!("expected {wanted:?}"))) }
}

fn required(members: &mut Map<String, Value>, name: &str) -> Answer<Value> {
    members.remove(name).ok_or_else(|| Problem::invalid(name, "is missing; null says that it is unknown"))
}

/// RFC 7396, 2.
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(changes) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(members) = target else { return };
    for (name, change) in changes {
        if change.is_null() {
            members.shift_remove(&name);
        } else {
            merge(members.entry(name).or_insert(Value::Null), change);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Some of the examples of RFC 7396, appendix A.
    #[test]
    fn patches_merge_as_the_standard_shows() {
        for (mut target, patch, result) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            merge(&mut target, patch);
            assert_eq!(target, result);
        }
    }
}
