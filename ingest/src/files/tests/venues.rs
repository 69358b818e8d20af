//! Venues from the formats of others.

use std::collections::BTreeMap;
use std::path::Path;

use misto_model::{Properties, PropertyType};
use serde_json::{Value, json};

use super::{all, data, refused, written};
use crate::files::{Options, Reading};

fn reading(reading: Reading) -> Options {
    Options { reading, ..Options::default() }
}

fn counts(rows: &[crate::files::Imported], attribute: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for row in rows {
        let value = row.properties[attribute].as_str().unwrap_or("unknown").to_owned();
        *counts.entry(value).or_default() += 1;
    }
    counts
}

fn one(path: &Path, options: &Options) -> Properties {
    let (_, rows) = all(path, options).unwrap();
    rows[0].properties.iter().filter(|(_, value)| !value.is_null()).map(|(n, v)| (n.clone(), v.clone())).collect()
}

#[test]
fn entrances_of_kyivs_metro_keep_what_mappers_said_and_no_more() {
    let Some(path) = data("kyiv-metro-entrances/subway_entrances.osm.json") else { return };
    let (report, rows) = all(&path, &reading(Reading::Venues)).unwrap();
    let found = counts(&rows, "wheelchair");
    assert_eq!((found["no"], found["yes"], found["unknown"], report.read), (207, 38, 25, 270));
    assert!(
        rows.iter()
            .all(|row| row.properties["door_width_cm"].is_null() && row.properties["category"] == "subway_entrance")
    );
    assert!(rows.iter().any(|row| row.properties["wheelchair_description"].is_string()));
}

#[test]
fn helsinki_as_venues_keeps_its_counts_and_doors_belong_to_their_buildings() {
    let Some(path) = data("osm-helsinki-prague/Helsinki.osm.pbf") else { return };
    let options = Options { tags: vec!["wheelchair".parse().unwrap()], ..reading(Reading::Venues) };
    let (_, rows) = all(&path, &options).unwrap();
    let found = counts(&rows, "wheelchair");
    // Doors with the tag that lie on a building that has it too are entrances of that building.
    let inside: usize = rows
        .iter()
        .filter_map(|row| row.properties["entrances"].as_str())
        .flat_map(|text| serde_json::from_str::<Vec<Value>>(text).unwrap())
        .filter(|way| way["wheelchair"].is_string())
        .count();
    println!("{found:?}, {inside} of them as entrances");
    assert_eq!(
        found["yes"] + found["limited"] + found["no"] + found.get("designated").unwrap_or(&0) + inside,
        317 + 88 + 79 + found.get("designated").unwrap_or(&0)
    );
    let (_, places) = all(&path, &reading(Reading::Venues)).unwrap();
    let with_doors = places.iter().filter(|row| row.properties["entrances"].is_string()).count();
    println!("{} places, {with_doors} with doors", places.len());
    assert!(places.len() > 1_000 && with_doors > 0);
}

#[test]
fn a_table_of_venues_keeps_its_types_and_unknown_stays_unknown() {
    let csv = "fid,name,door_width_cm,has_ramp,original_id,entrances,lon,lat\n\
               1,А,,,007,,24.7,48.9\n2,Б,85.5,false,8,\"[{\"\"door_width_cm\"\":90}]\",24.8,48.9\n";
    let (_folder, path) = written("venues.csv", csv.as_bytes());
    let (report, rows) = all(&path, &reading(Reading::Venues)).unwrap();
    let kind = |name: &str| report.schema.iter().find(|p| p.name == name).map(|p| p.kind);
    assert_eq!(kind("door_width_cm"), Some(PropertyType::Real));
    assert_eq!(kind("has_ramp"), Some(PropertyType::Boolean));
    assert_eq!((kind("fid"), kind("source_fid"), kind("lon")), (None, None, None));
    assert_eq!(kind("ramp_width_cm"), Some(PropertyType::Real), "what nobody measured yet can be measured");
    assert_eq!((&rows[0].properties["has_ramp"], &rows[1].properties["has_ramp"]), (&Value::Null, &json!(false)));
    assert_eq!(rows[0].properties["original_id"], "007");
    assert_eq!(rows[1].properties["door_width_cm"], 85.5);
}

#[test]
fn a_list_of_objects_is_a_table_with_unknown_where_it_says_null() {
    let json = r#"[{"id": "a", "location": {"longitude": 139.7, "latitude": 35.7}, "features": {"rails": null, "bell": true}},
                   {"id": "b", "location": {"longitude": 139.7, "latitude": null}, "features": {"rails": false}}, 7]"#;
    let (_folder, path) = written("toilets.json", json.as_bytes());
    let options = Options {
        format: Some(crate::files::Format::Json),
        renames: vec!["features.rails=toilet_grab_bars".parse().unwrap()],
        ..reading(Reading::Venues)
    };
    let (report, rows) = all(&path, &options).unwrap();
    assert_eq!((report.kept, report.refused.total), (1, 2), "{:?}", report.refused);
    assert_eq!(report.refused.first[0].field.as_deref(), Some("location.latitude"));
    assert_eq!(
        (&rows[0].properties["toilet_grab_bars"], &rows[0].properties["features.bell"]),
        (&Value::Null, &json!(true))
    );
}

#[test]
fn chiyodas_twelve_flags_are_kept() {
    let Some(path) = data("chiyoda-accessible-toilets/toilet_data.json") else { return };
    let options = Options { format: Some(crate::files::Format::Json), ..reading(Reading::Venues) };
    let (report, rows) = all(&path, &options).unwrap();
    let flags: Vec<_> = report.schema.iter().filter(|p| p.name.starts_with("features.")).collect();
    assert!(flags.len() == 12 && flags.iter().all(|p| p.kind == PropertyType::Boolean), "{flags:?}");
    let raw: Vec<Value> = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(rows.len(), raw.len());
    for (row, raw) in rows.iter().zip(&raw) {
        for flag in &flags {
            assert_eq!(row.properties[&flag.name], raw["features"][flag.name.trim_start_matches("features.")]);
        }
    }
}

#[test]
fn buildings_of_annex_32_have_their_findings_and_no_place() {
    let buildings = "\u{feff}uid;monitoringDate;buildingName;addressThoroughfare;addressLocatorDesignator;addressLocatorBuilding;extra\n\
                     b1;2026-02-01;Школа;вулиця Шевченка;5;2;007\n;2026-02-01;Без номера;;;;\n";
    let norms = "normsNumber;paragraphNumber;paragraphDescription;status;description;image;buildingUid;buildingName\n\
                 ДБН В.2.2-40;5.1;Пандус;так;;;b1;Школа\nДБН В.2.2-40;5.2;Двері;false;вузькі;;b1;Школа\n\
                 ДБН В.2.2-40;5.2;Двері;частково;;;b9;Інша\n";
    let (folder, path) = written("buildings.csv", buildings.as_bytes());
    let norms_path = folder.path().join("norms.csv");
    std::fs::write(&norms_path, norms).unwrap();
    let options = Options { norms: Some(norms_path), ..reading(Reading::Annex32) };
    let (report, rows) = all(&path, &options).unwrap();
    assert_eq!((report.kept, report.without_geometry, report.refused.total), (1, 1, 1));
    assert!(report.notes.iter().any(|note| note.contains("\"b9\"")), "{:?}", report.notes);
    let school = one(&path, &options);
    assert_eq!(school["address"], "вулиця Шевченка, 5, корп. 2");
    assert_eq!((&school["name"], &school["extra"]), (&json!("Школа"), &json!("007")));
    let findings: Value = serde_json::from_str(school["norm_findings"].as_str().unwrap()).unwrap();
    assert_eq!((&findings[0]["status"], &findings[0]["status_as_given"]), (&json!(true), &json!("так")));
    assert_eq!(findings[1]["status"], false);
    assert_eq!(rows.len(), 1);
    let (_folder, other) = written("other.csv", b"name;street\nx;y\n");
    assert!(refused(all(&other, &reading(Reading::Annex32))).contains("uid"));
    let (_folder, cp1251) = written("cp1251.csv", b"uid;buildingName\n1;\xd8\xea\xee\xeb\xe0\n");
    let (report, _) = all(&cp1251, &reading(Reading::Annex32)).unwrap();
    assert!(report.refused.first[0].reason.contains("cp1251"), "{:?}", report.refused);
}

#[test]
fn what_is_no_place_is_refused_by_row_and_odd_quantities_are_named() {
    let text = r#"{"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [24.7, 48.9]}, "properties": {"category": "cafe",
          "accessibility": {"entrances": [{"properties": {"door": {"width": {"value": 80, "unit": "cm", "operator": ">"}}}}]}}},
        {"geometry": {"type": "Point", "coordinates": [24.7, 148.9]}, "properties": {"category": "cafe"}},
        {"geometry": null}, 7]}"#;
    let (_folder, path) = written("places.a11y.json", text.as_bytes());
    let (report, rows) = all(&path, &Options::default()).unwrap();
    assert_eq!((report.kept, report.refused.total), (1, 3));
    assert_eq!(rows[0].properties["door_width_cm"], Value::Null);
    assert!(report.notes.iter().any(|note| note.contains("row 1: entrance door_width_cm")), "{:?}", report.notes);
    let (_folder, broken) = written("broken.a11y.json", b"{\"features\": [{\"properties\": ");
    assert!(refused(all(&broken, &Options::default())).contains("damaged"));
}
