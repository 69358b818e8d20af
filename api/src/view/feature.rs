//! GeoJSON (RFC 7946) of features and pages of features.

use geozero::ToJson;
use misto_ingest::crs::Crs;
use misto_model::{Feature, FeatureId, Geometry, Version};
use misto_tiles::Item;
use serde::Serialize;
use serde_json::Value;

/// What is written as a GeoJSON feature.
pub trait Written {
    /// Its number.
    fn id(&self) -> FeatureId;
    /// How often it was saved.
    fn version(&self) -> Version;
    /// WGS 84 degrees.
    fn geometry(&self) -> Option<&Geometry>;
    /// Appends the members of `properties`.
    fn write_members(&self, out: &mut Vec<u8>);
}

impl Written for Feature {
    fn id(&self) -> FeatureId {
        self.id
    }
    fn version(&self) -> Version {
        self.version
    }
    fn geometry(&self) -> Option<&Geometry> {
        self.geometry.as_ref()
    }
    fn write_members(&self, out: &mut Vec<u8>) {
        write_all(out, self.properties.iter().map(|(name, value)| (name.as_str(), value)));
    }
}

impl Written for Item {
    fn id(&self) -> FeatureId {
        self.id
    }
    fn version(&self) -> Version {
        self.version
    }
    fn geometry(&self) -> Option<&Geometry> {
        Self::geometry(self)
    }
    fn write_members(&self, out: &mut Vec<u8>) {
        write_all(out, self.attributes());
    }
}

/// Appends one feature as GeoJSON, with `version` as a foreign member (RFC 7946, 6.1).
pub fn write(out: &mut Vec<u8>, feature: &impl Written) {
    write_parts(out, feature, feature.geometry(), None);
}

/// Appends one feature as GeoJSON with coordinates in another system (OGC 18-058r1),
/// and with links where there are some.
///
/// # Errors
/// When it has no place in that system, in words; nothing was appended.
pub fn write_in(out: &mut Vec<u8>, feature: &impl Written, crs: &Crs, links: Option<&Value>) -> Result<(), String> {
    if crs.is_crs84() {
        write_parts(out, feature, feature.geometry(), links);
        return Ok(());
    }
    let there = feature.geometry().map(|geometry| crs.from_wgs84(geometry)).transpose();
    let there =
        there.map_err(|nowhere| format!("feature {} cannot be shown in {}: {nowhere}", feature.id(), crs.uri()))?;
    write_parts(out, feature, there.as_ref(), links);
    Ok(())
}

fn write_parts(out: &mut Vec<u8>, feature: &impl Written, geometry: Option<&Geometry>, links: Option<&Value>) {
    out.extend_from_slice(
        format!("{{\"type\":\"Feature\",\"id\":{},\"version\":{},\"geometry\":", feature.id(), feature.version())
            .as_bytes(),
    );
    write_geometry(out, geometry);
    out.extend_from_slice(b",\"properties\":{");
    feature.write_members(out);
    out.push(b'}');
    if let Some(links) = links {
        out.extend_from_slice(b",\"links\":");
        out.extend_from_slice(links.to_string().as_bytes());
    }
    out.push(b'}');
}

/// Appends a geometry as GeoJSON, `null` when there is none.
pub fn write_geometry(out: &mut Vec<u8>, geometry: Option<&Geometry>) {
    match geometry.map(|geometry| geometry.to_json()) {
        Some(Ok(text)) => out.extend_from_slice(text.as_bytes()),
        Some(Err(cause)) => {
            tracing::error!(%cause, "a stored geometry cannot be written as GeoJSON");
            out.extend_from_slice(b"null");
        }
        None => out.extend_from_slice(b"null"),
    }
}

fn write_all<'a>(out: &mut Vec<u8>, members: impl Iterator<Item = (&'a str, impl Serialize)>) {
    let mut first = true;
    for (name, value) in members {
        if !std::mem::replace(&mut first, false) {
            out.push(b',');
        }
        let written = serde_json::to_writer(&mut *out, name)
            .map(|()| out.push(b':'))
            .and_then(|()| serde_json::to_writer(&mut *out, &value));
        debug_assert!(written.is_ok(), "text and scalars always serialise");
    }
}

/// One feature as a JSON value.
pub fn geojson(feature: &Feature) -> Value {
    let mut out = Vec::new();
    write(&mut out, feature);
    serde_json::from_slice(&out).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use misto_model::{FeatureId, Version};
    use serde_json::json;

    #[test]
    fn a_feature_is_valid_geojson() {
        let feature = Feature {
            id: FeatureId(7),
            version: Version(2),
            geometry: Some(Geometry::Point(geo_types::Point::new(24.71, 48.92))),
            properties: [("name".to_owned(), json!("Площа \"Ринок\""))].into_iter().collect(),
        };
        let mut out = Vec::new();
        write(&mut out, &feature);
        let value: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(
            value,
            json!({"type": "Feature", "id": 7, "version": 2,
                "geometry": {"type": "Point", "coordinates": [24.71, 48.92]},
                "properties": {"name": "Площа \"Ринок\""}})
        );
    }
}
