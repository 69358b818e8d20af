//! GeoPackages written by other programs.

use geo::{Area, BoundingRect};
use geo_types::Geometry;
use misto_model::GeometryKind;

use super::{all, data, layer, refused, written};
use crate::files::{Options, geopackage_layers};

#[test]
fn the_layers_of_prague_are_complete_and_the_raster_is_named() {
    let Some(path) = data("osm-helsinki-prague/bubenec.gpkg") else { return };
    for (name, count, kind) in [
        ("buildings", 144, GeometryKind::Polygon),
        ("plots", 407, GeometryKind::Polygon),
        ("streets", 35, GeometryKind::Line),
        ("tessellation", 144, GeometryKind::Polygon),
    ] {
        let (report, rows) = all(&path, &layer(name)).unwrap();
        assert_eq!((rows.len(), report.refused.total, report.geometry), (count, 0, kind), "{name}");
        assert_eq!(report.skipped_layers, ["dtm (2d-gridded-coverage)"]);
        let rect = rows[0].geometry.as_ref().and_then(BoundingRect::bounding_rect).unwrap();
        assert!((14.3..14.5).contains(&rect.min().x) && (50.0..50.2).contains(&rect.min().y), "{rect:?}");
    }
    let message = refused(all(&path, &Options::default()));
    assert!(message.contains("layer") && message.contains("plots"), "{message}");
    assert!(refused(all(&path, &layer("dtm"))).contains("no layer"));
}

#[test]
fn a_real_city_is_read_layer_by_layer() {
    let Some(path) = data("format-shp-gpkg/tegola/provider/gpkg/testdata/puerto_mont-osm-20170922.gpkg") else {
        return;
    };
    let expected = [
        ("roads_lines", 3561),
        ("buildings_polygons", 1437),
        ("amenities_points", 366),
        ("amenities_polygons", 158),
        ("waterways_lines", 31),
        ("harbours_points", 0),
        ("boundary", 1),
    ];
    for (name, count) in expected {
        let (report, rows) = all(&path, &layer(name)).unwrap();
        assert_eq!((rows.len(), report.refused.total), (count, 0), "{name}: {:?}", report.refused.first);
    }
    assert_eq!(geopackage_layers(&path).unwrap().len(), 19);
}

#[test]
fn land_of_the_world_and_a_foreign_grid() {
    if let Some(path) = data("format-shp-gpkg/tegola/provider/gpkg/testdata/natural_earth_minimal.gpkg") {
        let (report, rows) = all(&path, &Options::default()).unwrap();
        assert_eq!((rows.len(), report.refused.total), (127, 0), "{:?}", report.refused.first);
    }
    if let Some(path) = data("format-shp-gpkg/tegola/provider/gpkg/testdata/apeldoorn.gpkg") {
        assert!(refused(all(&path, &Options::default())).contains("EPSG:28992"));
    }
}

#[test]
fn every_dimension_is_read_and_flattened() {
    let Some(path) = data("format-shp-gpkg/geozero/gpkg_test.gpkg") else { return };
    let layers = geopackage_layers(&path).unwrap();
    assert_eq!(layers.len(), 33);
    for name in layers {
        let (report, rows) = all(&path, &layer(&name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(rows.len() + report.refused.total as usize >= 4, "{name}");
        for refusal in &report.refused.first {
            assert!(refusal.reason.contains("0,0") || refusal.reason.contains("needs at least"), "{name}: {refusal:?}");
        }
    }
}

#[test]
fn curves_are_refused_with_the_way_around_them() {
    for file in ["curve", "curvepolygon", "multisurface"] {
        let Some(path) = data(&format!("format-shp-gpkg/gpkg-pyogrio/{file}.gpkg")) else { return };
        let (report, _) = all(&path, &Options::default()).unwrap();
        assert_eq!((report.kept, report.refused.total), (0, 1), "{file}");
        assert!(report.refused.first[0].reason.contains("straight lines"), "{:?}", report.refused.first);
    }
    let Some(path) = data("format-shp-gpkg/gpkg-pyogrio/test_gpkg_nulls.gpkg") else { return };
    let (report, rows) = all(&path, &Options::default()).unwrap();
    assert_eq!(rows.len() as u64 + report.refused.total, 4);
    assert!(rows.iter().any(|row| row.properties.values().any(serde_json::Value::is_null)));
}

/// A file as QGIS leaves it: a table with awkward names, written here with plain SQL.
#[test]
fn awkward_columns_keep_their_values() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("дороги \"нові\".gpkg");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL;
             CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT);
             CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, srs_id INTEGER);
             CREATE TABLE gpkg_spatial_ref_sys (srs_id INTEGER, organization TEXT, organization_coordsys_id INTEGER);
             INSERT INTO gpkg_contents VALUES ('a\"b', 'features');
             INSERT INTO gpkg_geometry_columns VALUES ('a\"b', 'shape', 4326);
             INSERT INTO gpkg_spatial_ref_sys VALUES (4326, 'EPSG', 4326);
             CREATE TABLE \"a\"\"b\" (fid INTEGER PRIMARY KEY, shape BLOB, \"Ширина, м\" REAL, lit BOOLEAN, photo BLOB, n INTEGER);
             INSERT INTO \"a\"\"b\" VALUES
               (5, x'47500001E6100000010100000033333333333338406666666666664840', 3, 1, x'00', 1),
               (9, NULL, NULL, NULL, NULL, 'three'),
               (10, x'4750', 1, 0, NULL, 2);",
        )
        .unwrap();
    let (report, rows) = all(&path, &Options::default()).unwrap();
    assert_eq!((report.kept, report.refused.total, report.without_geometry), (2, 1, 1));
    assert_eq!(rows[0].properties["Ширина, м"], 3.0);
    assert_eq!(rows[0].properties["lit"], true);
    assert_eq!(rows[0].properties["source_fid"], 5);
    assert_eq!(rows[1].properties["n"], "three");
    assert!(!rows[0].properties.contains_key("photo"));
    for word in ["source_fid", "photo", "declared Integer"] {
        assert!(report.notes.iter().any(|n| n.contains(word)), "{word}: {:?}", report.notes);
    }
}

#[test]
fn what_is_no_geopackage_says_so() {
    let (_folder, path) = written("a.gpkg", b"PK\x03\x04");
    assert!(refused(all(&path, &Options::default())).contains("no SQLite database"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gpkg");
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE a (b)").unwrap();
    assert!(refused(all(&path, &Options::default())).contains("no GeoPackage"));
}

#[test]
fn the_areas_of_prague_survive_the_projection() {
    let Some(path) = data("osm-helsinki-prague/bubenec.gpkg") else { return };
    let (_, rows) = all(&path, &layer("buildings")).unwrap();
    let square_degrees: f64 =
        rows.iter().filter_map(|r| r.geometry.as_ref()).map(|g: &Geometry| g.unsigned_area()).sum();
    // Web Mercator square metres at 50.1° N, back to degrees: 1° of longitude is 111 319.49 m of the projection.
    let projected_m2 = square_degrees * 111_319.49_f64.powi(2) / 50.1_f64.to_radians().cos();
    assert!(projected_m2 > 50_000.0, "{projected_m2}");
}
