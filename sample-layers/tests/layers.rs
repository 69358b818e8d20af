//! The committed layers, read back as anybody would.

use flatgeobuf::{FallibleStreamingIterator, FgbReader};
use geozero::{ColumnValue, FeatureProperties, PropertyProcessor, ToJson};
use misto_model::{GeometryKind, PropertyType};
use misto_sample_layers::{SampleLayer, layers};
use serde_json::Value;

/// Passes each attribute on.
struct Take<'a>(&'a mut dyn FnMut(&str, &ColumnValue<'_>));

impl PropertyProcessor for Take<'_> {
    fn property(&mut self, _: usize, name: &str, value: &ColumnValue<'_>) -> geozero::error::Result<bool> {
        (self.0)(name, value);
        Ok(false)
    }
}

/// The features of a layer as GeoJSON.
fn features(layer: &SampleLayer) -> Vec<Value> {
    let mut bytes = std::io::Cursor::new(layer.flatgeobuf);
    let mut all = FgbReader::open(&mut bytes).expect("a header").select_all().expect("features");
    let mut out = Vec::new();
    while let Some(feature) = all.next().expect("a feature") {
        let geometry: Value = serde_json::from_str(&feature.to_json().expect("a geometry")).expect("JSON");
        let mut properties = serde_json::Map::new();
        let mut take = |name: &str, value: &ColumnValue<'_>| {
            let value = match value {
                ColumnValue::String(text) => Value::from(*text),
                ColumnValue::Int(n) => Value::from(*n),
                ColumnValue::Double(n) => Value::from(*n),
                ColumnValue::Bool(truth) => Value::from(*truth),
                other => panic!("{name}: {other:?}"),
            };
            properties.insert(name.to_owned(), value);
        };
        feature.process_properties(&mut Take(&mut take)).expect("attributes");
        out.push(serde_json::json!({ "geometry": geometry, "properties": properties }));
    }
    out
}

fn layer(id: &str) -> SampleLayer {
    layers().into_iter().find(|l| l.collection.id.as_str() == id).expect("a layer of that id")
}

fn every_place(value: &Value, check: &mut impl FnMut(f64, f64)) {
    match value.as_array().map(Vec::as_slice) {
        Some([Value::Number(lon), Value::Number(lat)]) => {
            check(lon.as_f64().unwrap_or(f64::NAN), lat.as_f64().unwrap_or(f64::NAN))
        }
        Some(parts) => parts.iter().for_each(|part| every_place(part, check)),
        None => panic!("{value} is no coordinate"),
    }
}

#[test]
fn every_feature_lies_in_the_city_and_fits_its_schema() {
    for layer in layers() {
        let id = layer.collection.id.to_string();
        let features = features(&layer);
        assert!(!features.is_empty(), "{id}");
        for f in &features {
            every_place(&f["geometry"]["coordinates"], &mut |lon, lat| {
                assert!((24.62..24.83).contains(&lon) && (48.84..49.0).contains(&lat), "{id}: {lon} {lat}");
                let off = |v: f64| (v * 1e6 - (v * 1e6).round()).abs();
                assert!(off(lon) < 1e-3 && off(lat) < 1e-3, "{id}: {lon} {lat} is finer than a millionth");
            });
            let kind = f["geometry"]["type"].as_str().unwrap();
            let fits = match layer.collection.geometry {
                GeometryKind::Point => kind == "Point",
                GeometryKind::Line => kind == "LineString",
                GeometryKind::Polygon => kind == "Polygon",
                GeometryKind::Any => true,
            };
            assert!(fits, "{id}: {kind}");
            for (name, value) in f["properties"].as_object().unwrap() {
                let property = layer.collection.properties.iter().find(|p| p.name == *name).unwrap();
                let fits = match property.kind {
                    PropertyType::Text | PropertyType::Date | PropertyType::DateTime => value.is_string(),
                    PropertyType::Integer => value.is_i64() || value.is_u64(),
                    PropertyType::Real => value.is_number(),
                    PropertyType::Boolean => value.is_boolean(),
                };
                assert!(fits, "{id}.{name} = {value}");
            }
        }
    }
}

#[test]
fn kinds_are_those_the_map_knows() {
    for (id, attribute, known) in [
        ("roads", "class", &["primary", "secondary", "tertiary", "residential", "service", "footway"][..]),
        ("railway", "kind", &["rail", "station"]),
        ("buildings", "kind", &["residential", "public", "commercial", "industrial"]),
        ("green", "kind", &["park", "square", "forest", "grass", "cemetery"]),
        ("water_bodies", "kind", &["river", "lake", "stream"]),
        ("places", "kind", &["city", "district", "suburb", "square", "station", "landmark"]),
        ("water_network", "kind", &["main", "service", "hydrant", "valve", "pumping_station", "reservoir"]),
        ("sewer_network", "kind", &["collector", "branch", "manhole", "pumping_station", "treatment"]),
        ("heat_network", "kind", &["supply", "return", "chamber", "boiler_house"]),
        ("power_network", "kind", &["line_110kv", "cable_10kv", "cable_04kv", "substation", "transformer", "pole"]),
        ("transit_routes", "kind", &["bus", "trolleybus"]),
    ] {
        let features = features(&layer(id));
        let seen: std::collections::BTreeSet<&str> =
            features.iter().map(|f| f["properties"][attribute].as_str().unwrap()).collect();
        assert_eq!(seen, known.iter().copied().collect(), "{id}");
    }
}

#[test]
fn venues_hold_sensible_measurements_and_many_gaps() {
    let venues = features(&layer("venues"));
    assert!((38..=45).contains(&venues.len()), "{}", venues.len());
    let of = |name: &str| {
        venues.iter().filter_map(|v| v["properties"].get(name).and_then(Value::as_f64)).collect::<Vec<_>>()
    };
    for (name, low, high) in [
        ("door_width_cm", 60.0, 120.0),
        ("threshold_height_cm", 0.0, 8.0),
        ("entrance_steps", 0.0, 5.0),
        ("step_height_cm", 5.0, 20.0),
        ("ramp_slope_percent", 5.0, 18.0),
        ("ramp_width_cm", 70.0, 140.0),
        ("accessible_parking_spaces", 0.0, 6.0),
    ] {
        let values = of(name);
        assert!(values.iter().all(|v| (low..=high).contains(v)), "{name}: {values:?}");
        assert!(!values.is_empty() && values.len() < venues.len(), "{name} is measured {} times", values.len());
    }
    for width in [62.0, 68.0, 70.0, 75.0, 82.0, 90.0, 110.0] {
        assert!(of("door_width_cm").contains(&width), "no door of {width} cm");
    }
    let measured = |v: &&Value| v["properties"].get("measured_on").is_some();
    let untouched = venues.iter().filter(|v| !measured(v)).count();
    assert!(untouched >= 6, "{untouched}");
    for v in &venues {
        let p = v["properties"].as_object().unwrap();
        assert_eq!(p.contains_key("measured_on"), p.contains_key("measured_by"));
        let any = p.keys().any(|k| k.starts_with("door") || k.starts_with("entrance") || k.starts_with("has_ramp"));
        assert!(!any || p.contains_key("measured_on"), "{p:?}");
        // A slope belongs to a ramp, a step height to steps.
        assert!(!p.contains_key("ramp_slope_percent") || p["has_ramp"] == true, "{p:?}");
        assert!(!p.contains_key("step_height_cm") || p["entrance_steps"].as_i64() > Some(0), "{p:?}");
    }
}

#[test]
fn the_index_finds_the_market_square() {
    let roads = layer("roads");
    let mut bytes = std::io::Cursor::new(roads.flatgeobuf);
    let mut found = FgbReader::open(&mut bytes).unwrap().select_bbox(24.709, 48.922, 24.712, 48.9235).unwrap();
    let json = geozero::ProcessToJson::to_json(&mut found).unwrap();
    assert!(json.contains("площа Ринок"), "{json}");
}
