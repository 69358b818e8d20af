//! What is written comes back the same.

use std::path::Path;

use geo_types::{Geometry, GeometryCollection, MultiPoint, line_string, point, polygon};
use misto_model::{Audience, Feature, FeatureId, GeometryKind, Properties, Property, PropertyType, Version};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{all, data};
use crate::files::{Imported, Options, write};

fn schema() -> Vec<Property> {
    let kinds = [
        ("назва", PropertyType::Text),
        ("levels", PropertyType::Integer),
        ("width_m", PropertyType::Real),
        ("lit", PropertyType::Boolean),
        ("built", PropertyType::Date),
        ("seen", PropertyType::DateTime),
    ];
    kinds.map(|(name, kind)| Property { name: name.to_owned(), kind, audience: Audience::Public }).to_vec()
}

fn feature(id: i64, geometry: Option<Geometry>, values: Value) -> Feature {
    let Value::Object(properties) = values else { panic!() };
    Feature { id: FeatureId(id), version: Version(1), geometry, properties }
}

fn full(schema: &[Property], properties: &Properties) -> Properties {
    schema.iter().map(|p| (p.name.clone(), properties.get(&p.name).cloned().unwrap_or(Value::Null))).collect()
}

fn features() -> Vec<Feature> {
    let square = polygon!(exterior: [(x: 24.0, y: 48.0), (x: 25.0, y: 48.0), (x: 25.0, y: 49.0), (x: 24.0, y: 48.0)], interiors: [[(x: 24.5, y: 48.1), (x: 24.6, y: 48.1), (x: 24.6, y: 48.2), (x: 24.5, y: 48.1)]]);
    let line = line_string![(x: 24.123_456_789_012, y: 48.0), (x: 24.7, y: 48.922_6)];
    let collection = GeometryCollection(vec![point! { x: 24.1, y: 48.1 }.into(), line.clone().into()]);
    let everything = json!({"назва": "вул. \"Січових, Стрільців\"\n1", "levels": -3, "width_m": 0.1, "lit": true, "built": "1932-04-01", "seen": "2024-05-01T10:00:00Z"});
    vec![
        feature(1, Some(point! { x: 24.7, y: 48.9 }.into()), everything),
        feature(2, None, json!({"levels": null})),
        feature(3, Some(square.clone().into()), json!({"назва": "а", "lit": false})),
        feature(4, Some(line.into()), json!({"width_m": 3.0})),
        feature(5, Some(geo_types::MultiPolygon(vec![square]).into()), json!({})),
        feature(6, Some(MultiPoint(vec![point! { x: 24.1, y: 48.1 }, point! { x: 24.2, y: 48.2 }]).into()), json!({})),
        feature(7, Some(Geometry::GeometryCollection(collection)), json!({})),
    ]
}

fn outgoing(features: &[Feature]) -> impl Iterator<Item = write::Outgoing> + '_ {
    features.iter().cloned().map(Ok)
}

fn written(folder: &Path, format: &str, features: &[Feature], kind: GeometryKind) -> Vec<Imported> {
    let path = folder.join(format!("a.{format}"));
    let out = std::fs::File::create(&path).unwrap();
    let count = match format {
        "fgb" => write::flatgeobuf(out, "a", &schema(), outgoing(features)),
        "geojson" => write::geojson(out, &schema(), outgoing(features)),
        _ => write::csv(out, &schema(), kind, outgoing(features)),
    };
    assert_eq!(count.unwrap(), features.len() as u64);
    let (report, mut rows) = all(&path, &Options::default()).unwrap();
    assert_eq!(report.refused.total, 0, "{format}: {:?}", report.refused.first);
    for row in &mut rows {
        for extra in ["source_id", "source_fid", "lon", "lat"] {
            row.properties.shift_remove(extra);
        }
    }
    rows
}

fn same(mut rows: Vec<Imported>, features: &[Feature], what: &str) {
    let schema = schema();
    let mut expected: Vec<Imported> = features
        .iter()
        .map(|f| Imported { geometry: f.geometry.clone(), properties: full(&schema, &f.properties) })
        .collect();
    // FlatGeobuf sorts features along a curve.
    let key = |row: &Imported| format!("{:?}{:?}", row.geometry, row.properties);
    rows.sort_by_key(key);
    expected.sort_by_key(key);
    assert_eq!(rows, expected, "{what}");
}

#[test]
fn every_shape_and_type_survives_every_format() {
    let folder = tempfile::tempdir().unwrap();
    for format in ["fgb", "geojson", "csv"] {
        let features = features();
        same(written(folder.path(), format, &features, GeometryKind::Any), &features, format);
        let points: Vec<Feature> = features
            .into_iter()
            .filter(|f| matches!(f.geometry, None | Some(Geometry::Point(_) | Geometry::MultiPoint(_))))
            .collect();
        same(written(folder.path(), format, &points, GeometryKind::Point), &points, format);
    }
}

#[test]
fn multiple_lines_survive_and_one_of_a_single_part_becomes_a_line() {
    let line = line_string![(x: 24.1, y: 48.0), (x: 24.7, y: 48.9)];
    let other = line_string![(x: 25.1, y: 48.0), (x: 25.7, y: 48.9)];
    let one = geo_types::MultiLineString(vec![line.clone()]);
    let two = geo_types::MultiLineString(vec![line.clone(), other]);
    let folder = tempfile::tempdir().unwrap();
    let features =
        [feature(1, Some(one.into()), json!({"levels": 1})), feature(2, Some(two.into()), json!({"levels": 2}))];
    let mut rows = written(folder.path(), "fgb", &features, GeometryKind::Line);
    rows.sort_by_key(|row| row.properties["levels"].as_i64());
    assert_eq!(rows[0].geometry, Some(line.into()));
    assert_eq!(rows[1].geometry, features[1].geometry);
}

#[test]
fn nothing_is_written_as_a_whole_file() {
    let folder = tempfile::tempdir().unwrap();
    for format in ["fgb", "geojson", "csv"] {
        assert!(written(folder.path(), format, &[], GeometryKind::Any).is_empty());
        let nowhere = [feature(
            1,
            None,
            json!({"levels": 1, "назва": "x", "width_m": 0.5, "lit": true, "built": "2024-01-01", "seen": "2024-01-01T00:00:00Z"}),
        )];
        same(written(folder.path(), format, &nowhere, GeometryKind::Any), &nowhere, format);
    }
}

#[test]
fn a_failing_source_and_a_wrong_value_end_the_export() {
    let failing = || [Ok(features().remove(0)), Err("the store went away".into())].into_iter();
    assert!(write::geojson(Vec::new(), &schema(), failing()).unwrap_err().to_string().contains("went away"));
    assert!(write::flatgeobuf(Vec::new(), "a", &schema(), failing()).is_err());
    let wrong = feature(9, None, json!({"levels": "three"}));
    let message = write::flatgeobuf(Vec::new(), "a", &schema(), [Ok(wrong)]).unwrap_err().to_string();
    assert!(message.contains('9') && message.contains("levels"), "{message}");
}

#[test]
fn the_countries_come_back_from_a_file_of_ours() {
    let Some(path) = data("flatgeobuf/countries.fgb") else { return };
    let (report, rows) = all(&path, &Options::default()).unwrap();
    let features: Vec<Feature> = (1..)
        .zip(&rows)
        .map(|(id, row)| Feature {
            id: FeatureId(id),
            version: Version(1),
            geometry: row.geometry.clone(),
            properties: row.properties.clone(),
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("countries.fgb");
    write::flatgeobuf(std::fs::File::create(&path).unwrap(), "countries", &report.schema, outgoing(&features)).unwrap();
    let (again, mut second) = all(&path, &Options::default()).unwrap();
    assert_eq!(again.schema, report.schema);
    let mut first = rows;
    let by_name = |row: &Imported| row.properties["name"].to_string();
    first.sort_by_key(by_name);
    second.sort_by_key(by_name);
    assert_eq!(first, second);
}

fn positions() -> impl Strategy<Value = (f64, f64)> {
    ((-180.0..=180.0_f64), (-90.0..=90.0_f64)).prop_filter("not at 0,0", |(x, y)| *x != 0.0 && *y != 0.0)
}

proptest! {
    #![proptest_config(crate::cases(32))]
    #[test]
    fn any_points_with_any_text_survive(points in proptest::collection::vec((positions(), "[^\\p{Cc}]{1,12}", any::<i32>()), 1..20)) {
        let features: Vec<Feature> = (1..).zip(points).map(|(id, ((x, y), text, number))| {
            // Blanks at the ends of a CSV field are not kept, and a text that looks like a number is one there.
            feature(id, Some(point! { x: x, y: y }.into()), json!({"назва": format!("ї{}ї", text), "levels": number, "width_m": 0.5, "lit": true, "built": "2024-01-01", "seen": "2024-01-01T00:00:00Z"}))
        }).collect();
        let folder = tempfile::tempdir().unwrap();
        for format in ["fgb", "geojson", "csv"] {
            same(written(folder.path(), format, &features, GeometryKind::Point), &features, format);
        }
    }
}
