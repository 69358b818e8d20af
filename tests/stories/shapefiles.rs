//! A layer leaves as a shapefile: GDAL reads every value back that a shapefile can hold.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use misto_tests::{Mosquitto, Server, run, run_ok};
use serde_json::{Value, json};
use tempfile::TempDir;

fn gdal(arguments: &[&str]) -> String {
    let run = Command::new(arguments[0]).args(&arguments[1..]).output().expect("GDAL: apt-get install gdal-bin");
    assert!(run.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8_lossy(&run.stdout).into_owned()
}

/// What GDAL reads, by the feature's number.
fn read(zip: &Path) -> BTreeMap<i64, Value> {
    let lines = gdal(&["ogr2ogr", "-f", "GeoJSONSeq", "/vsistdout/", &zip.display().to_string()]);
    let features = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("GeoJSON"));
    features.map(|feature| (feature["properties"]["fid"].as_i64().expect("a number"), feature)).collect()
}

struct City {
    folder: TempDir,
    store: String,
}

impl City {
    fn with(collection: &str, features: &[Value]) -> Self {
        let folder = TempDir::new().expect("a folder");
        let store = format!("geopackage:{}", folder.path().join("city.gpkg").display());
        let file = folder.path().join("in.geojson");
        let document = json!({"type": "FeatureCollection", "features": features});
        std::fs::write(&file, document.to_string()).expect("a file");
        let file = file.display().to_string();
        run_ok(&["import", &file, "--collection", collection, "--store", &store]);
        Self { folder, store }
    }

    fn zip(&self, collection: &str) -> PathBuf {
        self.folder.path().join(format!("{collection}.shp.zip"))
    }

    fn export(&self, collection: &str) -> PathBuf {
        let zip = self.zip(collection);
        let name = zip.display().to_string();
        run_ok(&["export", "--collection", collection, "--format", "shp", &name, "--store", &self.store]);
        zip
    }
}

fn place(geometry: &Value, properties: &Value) -> Value {
    json!({"type": "Feature", "geometry": geometry, "properties": properties})
}

#[test]
fn values_names_and_the_unknown_come_through() {
    let long = "ї".repeat(300);
    let point = json!({"type": "Point", "coordinates": [24.71, 48.92]});
    let full = json!({"name": "Площа «Ринок»", "surface_kind": "бруківка", "surface_kind_left": "asphalt",
        "levels": -3, "width_m": 0.1, "lit": true, "built": "1932-04-01", "seen": "2024-05-01T10:00:00Z"});
    let features = [
        place(&point, &full),
        place(&Value::Null, &json!({"name": "nowhere", "levels": 12_345_678_901_i64})),
        place(&json!({"type": "MultiPoint", "coordinates": [[24.1, 48.1], [24.2, 48.2]]}), &json!({"name": long})),
        place(&point, &json!({"lit": false, "width_m": 1e300})),
    ];
    let city = City::with("things", &features);
    let zip = city.export("things");
    let said = gdal(&["ogrinfo", "-so", "-al", &zip.display().to_string()]);
    for line in
        ["Geometry: Multi Point", "Feature Count: 4", "GEOGCRS[\"WGS 84\"", "surface_ki: String", "surface__1: String"]
    {
        assert!(said.contains(line), "{line}: {said}");
    }
    for line in ["levels: Integer64", "width_m: Real", "built: Date", "seen: String"] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let found: Vec<Value> = read(&zip).into_values().collect();
    let first = &found[0]["properties"];
    for (name, value) in [("name", "Площа «Ринок»"), ("surface_ki", "бруківка"), ("surface__1", "asphalt")]
    {
        assert_eq!(first[name], value, "{first}");
    }
    assert_eq!((&first["levels"], &first["width_m"], &first["lit"]), (&json!(-3), &json!(0.1), &json!("T")), "{first}");
    assert!(text(&first["built"]).replace('/', "-").starts_with("1932-04-01"), "{first}");
    assert_eq!(first["seen"], "2024-05-01T10:00:00Z");
    assert_eq!(found[0]["geometry"], json!({"type": "MultiPoint", "coordinates": [[24.71, 48.92]]}));
    assert!(found[1]["geometry"].is_null(), "{}", found[1]);
    assert_eq!(found[1]["properties"]["levels"], 12_345_678_901_i64);
    // The table's own sign for a truth that nobody knows, which GDAL 3.6 shows as it is.
    assert_eq!(found[1]["properties"]["lit"], "?");
    for name in ["surface_ki", "width_m", "built", "seen"] {
        assert!(found[1]["properties"][name].is_null(), "{name} is unknown: {}", found[1]);
    }
    // 254 bytes are 127 of these letters.
    assert_eq!(found[2]["properties"]["name"], "ї".repeat(127));
    assert_eq!((&found[3]["properties"]["lit"], &found[3]["properties"]["width_m"]), (&json!("F"), &json!(1e300)));
    let names = gdal(&["ogrinfo", "-al", &format!("/vsizip/{}/things.fields.csv", zip.display())]);
    assert!(names.contains("attribute (String) = surface_kind_left"), "{names}");
    assert!(names.contains("texts_cut (String) = 1"), "{names}");
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[test]
fn areas_keep_their_holes_and_lines_their_parts() {
    let square = |low: f64, high: f64| json!([[low, low], [high, low], [high, high], [low, high], [low, low]]);
    let areas = json!({"type": "MultiPolygon", "coordinates": [
        [square(24.0, 25.0), square(24.2, 24.4), square(24.6, 24.8)], [square(26.0, 27.0)]]});
    let city = City::with("areas", &[place(&areas, &json!({"n": 1}))]);
    let zip = city.export("areas").display().to_string();
    let sql = "SELECT ST_Area(geometry) AS area, ST_IsValid(geometry) AS valid, ST_NumGeometries(geometry) AS parts FROM areas";
    let said = gdal(&["ogrinfo", &zip, "-dialect", "SQLite", "-sql", sql]);
    assert!(said.contains("area (Real) = 1.92") && said.contains("valid (Integer) = 1"), "{said}");
    assert!(said.contains("parts (Integer) = 2"), "{said}");

    let lines =
        json!({"type": "MultiLineString", "coordinates": [[[24, 48], [25, 48]], [[24, 49], [24, 50], [25, 50]]]});
    let city = City::with("ways", &[place(&lines, &json!({"n": 1}))]);
    let found = read(&city.export("ways"));
    let coordinates = &found.values().next().expect("one")["geometry"]["coordinates"];
    assert_eq!(coordinates.to_string(), "[[[24.0,48.0],[25.0,48.0]],[[24.0,49.0],[24.0,50.0],[25.0,50.0]]]");
}

#[test]
fn shapes_of_several_kinds_are_refused_with_what_would_do() {
    let point = json!({"type": "Point", "coordinates": [24.71, 48.92]});
    let line = json!({"type": "LineString", "coordinates": [[24, 48], [25, 49]]});
    let city = City::with("mixed", &[place(&point, &json!({"n": 1})), place(&line, &json!({"n": 2}))]);
    let zip = city.zip("mixed");
    let name = zip.display().to_string();
    let refused = run(&["export", "--collection", "mixed", "--format", "shp", &name, "--store", &city.store]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("feature 1 is a point and feature 2 a line") && said.contains("GeoPackage"), "{said}");
    assert!(!zip.exists());
    let broker = Mosquitto::start();
    let server = Server::start_on(&city.store, &broker.url(), "");
    server.ready();
    let answer = server.staff("planner").get("/export/mixed.shp");
    assert_eq!(answer.status, 409, "{}", answer.text());
    assert!(answer.json()["detail"].to_string().contains("feature 2 a line"), "{}", answer.text());
}
