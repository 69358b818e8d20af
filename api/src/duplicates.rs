//! A venue as `city::duplicates` compares it.

use geo_types::Point;
use misto_city::duplicates::Place;
use misto_model::{Feature, Properties};
use serde_json::Value;

/// Metres within which spellings of one name are taken for one place, unless somebody says otherwise.
pub const WITHIN_M: f64 = 50.0;

/// Attributes that hold names.
const NAMES: [&str; 4] = ["name", "name_en", "name:uk", "buildingName"];

/// The names of a venue, where it stands, and by which ids others know it.
pub fn place(feature: &Feature) -> Place {
    let properties = &feature.properties;
    let names = NAMES.iter().filter_map(|name| text(properties, name)).map(str::to_owned).collect();
    Place { position: feature.geometry.as_ref().and_then(point), names, ids: ids(properties) }
}

/// A point inside the shape.
pub fn point(geometry: &geo_types::Geometry) -> Option<Point> {
    use geo::InteriorPoint;
    geometry.interior_point()
}

fn text<'a>(properties: &'a Properties, name: &str) -> Option<&'a str> {
    properties.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn ids(properties: &Properties) -> Vec<String> {
    let parsed = |name: &str| text(properties, name).and_then(|text| serde_json::from_str::<Value>(text).ok());
    let mut ids = Vec::new();
    for address in parsed("same_as").as_ref().and_then(Value::as_array).into_iter().flatten() {
        ids.extend(address.as_str().map(|address| format!("same as {address}")));
    }
    for (whose, id) in parsed("ids").as_ref().and_then(Value::as_object).into_iter().flatten() {
        ids.extend(id.as_str().map(|id| format!("{whose}:{id}")));
    }
    if let (Some(kind), Some(id)) = (text(properties, "osm_type"), properties.get("osm_id").and_then(Value::as_i64)) {
        ids.push(format!("osm:{kind}/{id}"));
    }
    if let (Some(source), Some(id)) = (text(properties, "source"), text(properties, "original_id")) {
        ids.push(format!("{source}:{id}"));
    }
    ids.extend(text(properties, "wikidata").map(|id| format!("wikidata:{id}")));
    ids.extend(text(properties, "uid").map(|id| format!("annex 32:{id}")));
    ids
}
