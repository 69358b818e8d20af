//! FlatGeobuf and GeoJSON.

use geo::CoordsIter;
use geo_types::Geometry;
use misto_model::{GeometryKind, PropertyType};

use super::{all, data, refused, written};
use crate::files::Options;

#[test]
fn flatgeobuf_fixtures_give_the_features_that_gdal_counts() {
    let expected = [
        ("flatgeobuf/countries.fgb", 179, GeometryKind::Polygon),
        ("format-shp-gpkg/geozero/countries.fgb", 179, GeometryKind::Polygon),
        ("flatgeobuf/empty.fgb", 0, GeometryKind::Any),
        ("flatgeobuf/no_properties.fgb", 1, GeometryKind::Point),
        ("flatgeobuf/unknown_feature_count.fgb", 1, GeometryKind::Polygon),
        ("flatgeobuf/heterogeneous.fgb", 3, GeometryKind::Any),
    ];
    for (file, count, kind) in expected {
        let Some(path) = data(file) else { return };
        let (report, rows) = all(&path, &Options::default()).unwrap_or_else(|e| panic!("{file}: {e}"));
        assert_eq!(
            (rows.len(), report.refused.total, report.geometry),
            (count, 0, kind),
            "{file}: {:?}",
            report.refused.first
        );
    }
}

#[test]
fn all_types_of_attributes_are_read() {
    let Some(path) = data("flatgeobuf/alldatatypes.fgb") else { return };
    let (report, _) = all(&path, &Options::default()).unwrap();
    assert!(report.kept == 0 && report.refused.first[0].reason.contains("0,0"), "its point lies at 0,0");
    // The same file with its point elsewhere: two numbers after their count.
    let mut bytes = std::fs::read(path).unwrap();
    let empty = [&2_u32.to_le_bytes()[..], &[0; 16]].concat();
    let at = bytes.windows(empty.len()).rposition(|window| window == empty).unwrap() + 4;
    bytes[at..at + 8].copy_from_slice(&24.7_f64.to_le_bytes());
    bytes[at + 8..at + 16].copy_from_slice(&48.9_f64.to_le_bytes());
    let (_folder, path) = written("a.fgb", &bytes);
    let (report, rows) = all(&path, &Options::default()).unwrap();
    let text = rows[0].properties.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(" ");
    assert!(text.contains("double="), "{text}");
    let kind = |name: &str| report.schema.iter().find(|p| p.name == name).map(|p| p.kind);
    assert_eq!(kind("bool"), Some(PropertyType::Boolean));
    assert_eq!(kind("long"), Some(PropertyType::Integer));
    // 18446744073709551615 fits no signed 64-bit integer.
    assert_eq!(
        (kind("ulong"), &rows[0].properties["ulong"]),
        (Some(PropertyType::Text), &"18446744073709551615".into())
    );
    assert!(kind("binary").is_none() && report.notes.iter().any(|n| n.contains("binary")));
}

#[test]
fn an_old_flatgeobuf_is_refused_with_its_version() {
    let Some(path) = data("flatgeobuf/topp_states.fgb") else { return };
    assert!(refused(all(&path, &Options::default())).contains("version 2"));
}

#[test]
fn an_unknown_coordinate_system_is_refused_by_name() {
    let Some(path) = data("flatgeobuf/poly00.fgb") else { return };
    assert!(refused(all(&path, &Options::default())).contains("EPSG:27700"));
}

#[test]
fn web_mercator_buildings_stand_in_switzerland() {
    let Some(path) = data("format-shp-gpkg/geozero/osm-buildings-3857-ch-sample.fgb") else { return };
    let options =
        Options { bounds: Some(misto_model::Bbox::new(5.9, 45.8, 10.5, 47.9).unwrap()), ..Options::default() };
    let (report, rows) = all(&path, &options).unwrap();
    assert!(!rows.is_empty());
    assert_eq!(report.refused.total, 0, "{:?}", report.refused.first);
}

#[test]
fn the_same_countries_come_from_both_formats() {
    let (Some(binary), Some(text)) = (data("flatgeobuf/countries.fgb"), data("flatgeobuf/countries.geojson")) else {
        return;
    };
    let (_, mut binary) = all(&binary, &Options::default()).unwrap();
    let (_, mut text) = all(&text, &Options::default()).unwrap();
    let by_name = |row: &crate::files::Imported| row.properties["name"].to_string();
    binary.sort_by_key(by_name);
    text.sort_by_key(by_name);
    assert_eq!(binary.len(), 179);
    for (a, b) in binary.iter().zip(&text) {
        assert_eq!(a.properties["name"], b.properties["name"]);
        // One file has multipolygons only, and its rings turn the other way.
        assert_eq!(corners(a), corners(b), "{}", a.properties["name"]);
    }
}

fn corners(row: &crate::files::Imported) -> Vec<(u64, u64)> {
    let mut corners: Vec<_> =
        row.geometry.iter().flat_map(|g| g.coords_iter()).map(|c| (c.x.to_bits(), c.y.to_bits())).collect();
    corners.sort_unstable();
    corners
}

#[test]
fn a_feature_without_a_place_is_kept_without_one() {
    let Some(path) = data("natural-earth-110m/null_geom.geojson") else { return };
    let (report, rows) = all(&path, &Options::default()).unwrap();
    assert_eq!((report.kept, report.without_geometry, report.geometry), (2, 1, GeometryKind::Line));
    assert_eq!(rows[0].properties["Name"], "Null Geometry");
}

#[test]
fn geojson_of_every_shape_is_read_and_heights_are_left_out_once() {
    let Some(folder) = data("format-shp-gpkg/geojson-fixtures-npm/geometry") else { return };
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let (report, rows) = all(&path, &Options::default()).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let xyz = path.to_string_lossy().contains("xyz");
        let said = report.notes.iter().filter(|n| n.contains("heights")).count();
        assert_eq!(report.read, 1, "{}", path.display());
        assert_eq!(said, usize::from(xyz), "{}", path.display());
        assert!(
            rows.len() == 1 || report.refused.first[0].reason.contains("0,0"),
            "{}: {:?}",
            path.display(),
            report.refused
        );
        files += 1;
    }
    assert_eq!(files, 14);
}

#[test]
fn newline_delimited_and_sequenced_features_are_read() {
    let one = r#"{"type":"Feature","id":7,"properties":{"назва":"А","n":1},"geometry":{"type":"Point","coordinates":[24.7,48.9]}}"#;
    let two = r#"{"type":"Feature","properties":{"n":1.5,"назва":null},"geometry":null}"#;
    for content in [format!("{one}\n{two}\n"), format!("\u{feff}\u{1e}{one}\n\u{1e}{two}\n")] {
        let (_folder, path) = written("a.geojsonl", content.as_bytes());
        let (report, rows) = all(&path, &Options::default()).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].properties["n"], 1.0);
        assert_eq!(rows[0].properties["source_id"], 7);
        assert!(rows[1].properties["назва"].is_null());
        assert!(report.notes.iter().any(|n| n.contains("source_id")));
    }
}

#[test]
fn a_bad_feature_is_refused_and_the_others_go_on() {
    let point = |coordinates: &str| {
        format!(r#"{{"type":"Feature","properties":{{}},"geometry":{{"type":"Point","coordinates":{coordinates}}}}}"#)
    };
    let features = [
        point("[24.7,48.9]"),
        point("[0,0]"),
        point("[24.7]"),
        point("\"24.7,48.9\""),
        point("[24.7,148.9]"),
        point("[148.9,24.7,\"x\"]"),
        "null".to_owned(),
        "{}".to_owned(),
        r#"{"type":"Feature","properties":3,"geometry":null}"#.to_owned(),
        r#"{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1]]]}}"#.to_owned(),
        r#"{"type":"Feature","geometry":{"type":"Circle","coordinates":[1,2]}}"#.to_owned(),
        point("[24.8,48.8]"),
    ];
    let (_folder, path) = written(
        "a.geojson",
        format!(r#"{{"features":[{}],"type":"FeatureCollection"}}"#, features.join(",")).as_bytes(),
    );
    let (report, _) = all(&path, &Options::default()).unwrap();
    assert_eq!((report.read, report.kept), (12, 2));
    let rows: Vec<u64> = report.refused.first.iter().map(|r| r.row).collect();
    assert_eq!(rows, (2..=11).collect::<Vec<_>>());
}

#[test]
fn other_coordinate_systems_are_named_or_followed() {
    let with_crs = |crs: &str| {
        format!(
            r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":null,"geometry":{{"type":"Point","coordinates":[2749591.422594,6257910.488745]}}}}],"crs":{{"type":"name","properties":{{"name":"{crs}"}}}}}}"#
        )
    };
    let (_folder, path) = written("a.geojson", with_crs("urn:ogc:def:crs:EPSG::3857").as_bytes());
    let (_, rows) = all(&path, &Options::default()).unwrap();
    let Some(Geometry::Point(at)) = rows[0].geometry else { panic!() };
    assert!((at.x() - 24.7).abs() < 1e-6 && (at.y() - 48.9).abs() < 1e-6, "{at:?}");
    let (_folder, path) = written("a.geojson", with_crs("urn:ogc:def:crs:EPSG::31370").as_bytes());
    assert!(refused(all(&path, &Options::default())).contains("31370"));
}
