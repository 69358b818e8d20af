//! Files of others become collections: what went in, what did not and why.

use std::path::{Path, PathBuf};

use misto_tests::{recorded_data, run, run_ok};
use serde_json::Value;
use tempfile::TempDir;

struct Shelf {
    folder: TempDir,
    store: String,
}

fn shelf() -> Shelf {
    let folder = TempDir::new().expect("a folder");
    let store = format!("geopackage:{}", folder.path().join("city.gpkg").display());
    Shelf { folder, store }
}

impl Shelf {
    fn import(&self, file: &Path, collection: &str, more: &[&str]) -> String {
        let file = file.display().to_string();
        let mut arguments = vec!["import", &file, "--collection", collection, "--store", &self.store];
        arguments.extend(more);
        run_ok(&arguments)
    }

    fn export(&self, collection: &str) -> Vec<Value> {
        let file = self.folder.path().join(format!("{collection}.geojson"));
        let name = file.display().to_string();
        run_ok(&["export", "--collection", collection, "--format", "geojson", &name, "--store", &self.store]);
        let document: Value = serde_json::from_slice(&std::fs::read(&file).expect("a file")).expect("GeoJSON");
        document["features"].as_array().expect("features").clone()
    }
}

fn rows(printed: &str) -> (u64, u64, u64) {
    let line = printed.lines().rev().find(|line| line.contains(" rows read")).expect("a line of counts");
    let numbers: Vec<u64> = line
        .rsplit(": ")
        .next()
        .unwrap_or("")
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|n| n.parse().ok())
        .collect();
    (numbers[0], numbers[1], numbers[2])
}

#[test]
fn a_geopackage_of_prague_comes_in_layer_by_layer() {
    let Some(data) = recorded_data() else { return };
    let file = data.join("osm-helsinki-prague/bubenec.gpkg");
    let shelf = shelf();
    for (layer, expected) in [("buildings", 144), ("plots", 407), ("streets", 35), ("tessellation", 144)] {
        let printed = shelf.import(&file, layer, &["--layer", layer]);
        assert_eq!(rows(&printed), (expected, expected, 0), "{printed}");
    }
    let house = &shelf.export("buildings")[0];
    let text = house["geometry"].to_string();
    assert!(text.contains("14.4") && text.contains("50.1"), "reprojected from EPSG:3857: {text}");
    let unnamed = run(&["import", &file.display().to_string(), "--collection", "any", "--store", &shelf.store]);
    assert_eq!(unnamed.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&unnamed.stderr).contains("buildings"), "it names the layers there are");
}

#[test]
fn wheelchair_tags_of_helsinki_are_kept_apart() {
    let Some(data) = recorded_data() else { return };
    let shelf = shelf();
    let file = data.join("osm-helsinki-prague/Helsinki.osm.pbf");
    shelf.import(&file, "accessible", &["--tag", "wheelchair", "--points", "--public"]);
    let features = shelf.export("accessible");
    let count = |value: &str| features.iter().filter(|feature| feature["properties"]["wheelchair"] == value).count();
    assert_eq!((count("yes"), count("limited"), count("no")), (317, 88, 79));
}

#[test]
fn natural_earth_and_the_flatgeobuf_fixtures_come_in_or_are_refused_clearly() {
    let Some(data) = recorded_data() else { return };
    let shelf = shelf();
    let fixtures = data.join("flatgeobuf");
    assert_eq!(rows(&shelf.import(&fixtures.join("countries.fgb"), "countries", &[])).1, 179);
    assert_eq!(rows(&shelf.import(&fixtures.join("countries.geojson"), "countries_json", &[])).1, 179);
    let british = fixtures.join("poly00.fgb").display().to_string();
    let refused = run(&["import", &british, "--collection", "poly", "--store", &shelf.store]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("EPSG:27700"), "a system that is not known is named");
    let old: PathBuf = fixtures.join("topp_states.fgb");
    let refused = run(&["import", &old.display().to_string(), "--collection", "old", "--store", &shelf.store]);
    assert_eq!(refused.status.code(), Some(1));
    let reason = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(reason.contains("topp_states.fgb") && reason.to_lowercase().contains("version"), "{reason}");
    let by_file = |collection: &str| {
        let mut names: Vec<String> =
            shelf.export(collection).iter().map(|feature| feature["properties"]["name"].to_string()).collect();
        names.sort();
        names
    };
    assert_eq!(by_file("countries"), by_file("countries_json"), "the same countries from two formats");
    let natural = data.join("format-shp-gpkg/tegola/provider/gpkg/testdata/natural_earth_minimal.gpkg");
    let printed = shelf.import(&natural, "land", &["--layer", "ne_110m_land"]);
    assert_eq!(rows(&printed).0, rows(&printed).1, "{printed}");
    let cut = shelf.folder.path().join("cut.fgb");
    let whole = std::fs::read(fixtures.join("countries.fgb")).expect("a fixture");
    std::fs::write(&cut, &whole[..whole.len() / 2]).expect("a file");
    let refused = run(&["import", &cut.display().to_string(), "--collection", "cut", "--store", &shelf.store]);
    assert_eq!(refused.status.code(), Some(1), "{}", String::from_utf8_lossy(&refused.stdout));
}

#[test]
fn dirty_names_of_the_region_say_which_rows_did_not_go_in() {
    let Some(data) = recorded_data() else { return };
    let shelf = shelf();
    let file = data.join("if-geonames-2018/fiz-geo-ivano-frankivska.geojson");
    let bounds = ["--bounds", "23.5,47.7,25.7,49.6"];
    let printed = shelf.import(&file, "names", &bounds);
    let document: Value = serde_json::from_slice(&std::fs::read(&file).expect("the file")).expect("GeoJSON");
    let all = document["features"].as_array().expect("features");
    let outside = all
        .iter()
        .filter(|feature| {
            let at = &feature["geometry"]["coordinates"];
            let (lon, lat) = (at[0].as_f64().unwrap_or(0.0), at[1].as_f64().unwrap_or(0.0));
            !(23.5..=25.7).contains(&lon) || !(47.7..=49.6).contains(&lat)
        })
        .count() as u64;
    let (read, stored, refused) = rows(&printed);
    assert_eq!(read, all.len() as u64);
    assert_eq!(stored + refused, read);
    assert!(refused >= outside && outside >= 11, "{refused} refused, {outside} outside");
    assert_eq!(shelf.export("names").len() as u64, stored);
    assert!(printed.contains("row 1:"), "Null Island is row 1: {printed}");
    println!("{read} read, {stored} stored, {refused} refused");
}

#[test]
fn a_day_of_air_data_keeps_every_row_and_flags_the_ceiling() {
    let Some(data) = recorded_data() else { return };
    let shelf = shelf();
    let mapping = shelf.folder.path().join("air.toml");
    std::fs::write(
        &mapping,
        "id = \"aberdeen\"\nformat = \"mapped\"\ntime_zone = \"UTC\"\n[mapping]\nthing = \"/sensor_id\"\n\
         time = { pointer = \"/timestamp\", form = \"%Y-%m-%dT%H:%M:%S\" }\nlat = \"/lat\"\nlon = \"/lon\"\n\
         [[mapping.readings]]\npointer = \"/P1\"\nobserved_property = \"pm10\"\nunit = \"ug/m3\"\nceiling = 1999.9\n\
         [[mapping.readings]]\npointer = \"/P2\"\nobserved_property = \"pm2_5\"\nunit = \"ug/m3\"\nceiling = 999.9\n",
    )
    .expect("a mapping");
    let mut total = 0;
    let mut flagged = 0;
    for entry in std::fs::read_dir(data.join("aberdeen-sensor-community")).expect("a folder") {
        let file = entry.expect("an entry").path();
        if !file.display().to_string().contains("sds011") {
            continue;
        }
        let text = std::fs::read_to_string(&file).expect("a file");
        let expected = text.lines().count() as u64 - 1;
        let at_ceiling = text
            .lines()
            .skip(1)
            .flat_map(|row| row.split(';').collect::<Vec<_>>())
            .filter(|cell| cell.parse::<f64>().is_ok_and(|value| value >= 1999.9));
        flagged += at_ceiling.count();
        total += expected;
        let printed = run_ok(&[
            "import",
            &file.display().to_string(),
            "--mapping",
            &mapping.display().to_string(),
            "--store",
            &shelf.store,
        ]);
        assert!(printed.contains(&format!("{expected} rows read")), "{printed}");
        assert!(printed.contains(" 0 refused"), "{printed}");
    }
    println!("{total} rows, {flagged} cells at the ceiling of PM10");
}

#[test]
fn what_cannot_be_imported_changes_nothing() {
    let shelf = shelf();
    let missing = run(&["import", "no-such-file.fgb", "--collection", "x", "--store", &shelf.store]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("no-such-file.fgb"));
    assert_eq!(run(&["import", "x.fgb"]).status.code(), Some(2), "wrong use");
    let bad_id = run(&["import", "x.fgb", "--collection", "gpkg_contents", "--store", &shelf.store]);
    assert_eq!(bad_id.status.code(), Some(2), "a name that belongs to the GeoPackage");
}
