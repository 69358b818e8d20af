//! Venues come from others and go to others: nothing is lost, unknown stays unknown, and no bad
//! number becomes a green door.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use misto_tests::{Server, free_port, recorded_data, run, run_ok};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

struct Shelf {
    folder: TempDir,
    store: String,
}

impl Shelf {
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let store = format!("geopackage:{}", folder.path().join("city.gpkg").display());
        Self { folder, store }
    }

    fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path
    }

    fn import(&self, file: &Path, collection: &str, more: &[&str]) -> String {
        let file = file.display().to_string();
        let mut arguments = vec!["import", &file, "--collection", collection, "--store", &self.store];
        arguments.extend(more);
        run_ok(&arguments)
    }

    fn export(&self, collection: &str, format: &str, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        let file = path.display().to_string();
        run_ok(&["export", "--collection", collection, "--format", format, &file, "--store", &self.store]);
        path
    }

    /// What is known of each venue, with its place, in the order of the collection.
    fn known(&self, collection: &str) -> Vec<Map<String, Value>> {
        features(&self.export(collection, "geojson", &format!("{collection}.geojson")))
            .iter()
            .map(|feature| {
                let mut known = feature["properties"].as_object().expect("properties").clone();
                known.retain(|_, value| !value.is_null());
                known.values_mut().for_each(by_meaning);
                known.insert("@place".to_owned(), feature["geometry"].clone());
                known
            })
            .collect()
    }

    fn count(&self, collection: &str, attribute: &str) -> BTreeMap<String, usize> {
        counted(self.known(collection).iter().map(|known| known.get(attribute)))
    }
}

/// JSON in a text is what it means, in whatever order its names stand, also inside it.
fn by_meaning(value: &mut Value) {
    match value {
        Value::String(text) if text.starts_with(['[', '{']) => {
            let Ok(mut meant) = serde_json::from_str(text) else { return };
            by_meaning(&mut meant);
            *value = meant;
        }
        Value::Array(items) => items.iter_mut().for_each(by_meaning),
        Value::Object(object) => object.values_mut().for_each(by_meaning),
        _ => {}
    }
}

/// Numbers as doubles, without what is unknown and without our own numbers of features.
fn plain(value: &mut Value) {
    match value {
        Value::Number(number) => *value = number.as_f64().into(),
        Value::Array(items) => items.iter_mut().for_each(plain),
        Value::Object(object) => {
            object.retain(|name, value| !value.is_null() && name != "feature_id");
            object.values_mut().for_each(plain);
        }
        _ => {}
    }
}

fn features(path: &Path) -> Vec<Value> {
    let document: Value = serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON");
    document["features"].as_array().expect("features").clone()
}

fn counted<'a>(values: impl Iterator<Item = Option<&'a Value>>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for value in values {
        let value = value.map_or("unknown".to_owned(), |v| v.as_str().map_or_else(|| v.to_string(), str::to_owned));
        *counts.entry(value).or_default() += 1;
    }
    counts
}

fn validated(path: &Path) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser/check-a11yjson.mjs");
    let output = Command::new("node").arg(script).arg(path).output().expect("node runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    println!("{}", said.lines().last().unwrap_or_default());
}

#[test]
fn the_schema_of_a11yjson_accepts_our_venues_and_they_come_back_whole() {
    let (server, _) = Server::demo();
    server.ready();
    let answer = server.client().get("/access/venues.a11yjson");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let shelf = Shelf::new();
    let file = shelf.file("demo.a11y.json", &answer.text());
    validated(&file);
    shelf.import(&file, "venues", &[]);
    let mut back = shelf.known("venues");
    // With the entrances and lifts that are features of their own here, and parts of a venue there.
    let original = server.client().get("/access/venues").json();
    let original = original["features"].as_array().expect("features");
    assert!(original.len() >= 35 && original.len() == back.len());
    let mut parts = 0;
    for (feature, back) in original.iter().zip(&mut back) {
        let mut known = feature["properties"].clone();
        back.shift_remove("@place");
        let mut back = Value::Object(back.clone());
        plain(&mut known);
        plain(&mut back);
        parts += usize::from(known.get("entrances").is_some()) + usize::from(known.get("lifts").is_some());
        assert_eq!(back, known);
    }
    assert!(parts >= 4, "{parts}");
    validated(&shelf.export("venues", "a11yjson", "again.a11y.json"));
}

#[test]
fn entrances_of_kyivs_metro_go_round_all_formats() {
    let Some(data) = recorded_data() else { return };
    let shelf = Shelf::new();
    shelf.import(&data.join("kyiv-metro-entrances/subway_entrances.osm.json"), "metro", &["--as", "venues"]);
    let expected: BTreeMap<String, usize> =
        [("no", 207), ("yes", 38), ("unknown", 25)].map(|(v, n)| (v.to_owned(), n)).into();
    assert_eq!(shelf.count("metro", "wheelchair"), expected);
    let first = shelf.known("metro");
    for (format, name, kind) in [
        ("a11yjson", "a.a11y.json", "venues"),
        ("osm-geojson", "o.geojson", "osm"),
        ("csv", "c.csv", "venues"),
        ("geojson", "g.geojson", "venues"),
    ] {
        let file = shelf.export("metro", format, name);
        let round = format!("round_{}", kind.len() + name.len());
        shelf.import(&file, &round, &["--as", kind, "--replace"]);
        assert_eq!(shelf.count(&round, "wheelchair"), expected, "{format}");
        assert_eq!(shelf.known(&round), first, "{format}");
    }
    validated(&shelf.folder.path().join("a.a11y.json"));
    let tags = features(&shelf.folder.path().join("o.geojson"));
    let raw: Value = serde_json::from_slice(
        &std::fs::read(data.join("kyiv-metro-entrances/subway_entrances.osm.json")).expect("the file"),
    )
    .expect("JSON");
    for (written, raw) in tags.iter().zip(raw.as_array().expect("elements")) {
        assert_eq!(written["properties"], raw["tags"], "tags as the mappers wrote them");
        assert_eq!(written["id"], format!("node/{}", raw["id"]));
    }
}

#[test]
fn helsinkis_wheelchair_tags_are_kept_through_venues_and_back() {
    let Some(data) = recorded_data() else { return };
    let shelf = Shelf::new();
    let file = data.join("osm-helsinki-prague/Helsinki.osm.pbf");
    let said = shelf.import(&file, "venues", &["--as", "venues", "--tag", "wheelchair"]);
    println!("{}", said.lines().rev().take(3).collect::<Vec<_>>().join("\n"));
    let tags = features(&shelf.export("venues", "osm-geojson", "osm.geojson"));
    let count = |value: &str| tags.iter().filter(|tag| tag["properties"]["wheelchair"] == value).count();
    assert_eq!((count("yes"), count("limited"), count("no")), (317, 88, 79));
    let a11y = shelf.export("venues", "a11yjson", "venues.a11y.json");
    validated(&a11y);
    shelf.import(&a11y, "again", &[]);
    assert_eq!(shelf.known("again"), shelf.known("venues"));
}

#[test]
fn chiyodas_twelve_flags_go_round() {
    let Some(data) = recorded_data() else { return };
    let file = data.join("chiyoda-accessible-toilets/toilet_data.json");
    let shelf = Shelf::new();
    let renames = [
        "id=original_id",
        "facility_name=name",
        "features.has_braille_blocks=tactile_strips",
        "features.has_voice_guidance=audio_signs",
        "features.is_wheelchair_accessible=accessible_toilet",
        "features.has_handrails=toilet_grab_bars",
        "features.has_emergency_call_button=toilet_emergency_call",
    ];
    let mut more = vec!["--as", "venues", "--format", "json"];
    renames.iter().for_each(|rename| more.extend(["--rename", rename]));
    shelf.import(&file, "toilets", &more);
    let raw: Vec<Value> = serde_json::from_slice(&std::fs::read(&file).expect("the file")).expect("JSON");
    let name = |flag: &str| {
        let from = format!("features.{flag}");
        renames.iter().find_map(|r| r.strip_prefix(&format!("{from}="))).map_or(from.clone(), str::to_owned)
    };
    let flags: Vec<String> = raw[0]["features"].as_object().expect("flags").keys().cloned().collect();
    assert_eq!((flags.len(), raw.len()), (12, 88));
    let file = shelf.export("toilets", "a11yjson", "toilets.a11y.json");
    validated(&file);
    shelf.import(&file, "again", &[]);
    let csv = shelf.export("toilets", "csv", "toilets.csv");
    shelf.import(&csv, "table", &["--as", "venues"]);
    for collection in ["toilets", "again", "table"] {
        let known = shelf.known(collection);
        for flag in &flags {
            let expected = counted(raw.iter().map(|toilet| Some(&toilet["features"][flag]).filter(|v| !v.is_null())));
            assert_eq!(counted(known.iter().map(|venue| venue.get(&name(flag)))), expected, "{collection}: {flag}");
        }
    }
}

#[test]
fn venues_with_everything_and_with_nothing_go_round_tables() {
    let shelf = Shelf::new();
    let everything = json!({
        "name": "Ратуша", "category": "museum", "original_id": "007", "door_width_cm": 87.5, "threshold_height_cm": 0,
        "door_automatic": false, "entrance_steps": 0, "has_ramp": true, "ramp_slope_percent": 7.25,
        "ramp_width_cm": 120, "staff_languages": "uk, en", "accessible_toilet": false, "measured_on": "2026-03-01",
        "provenance": "{\"door_width_cm\":{\"measured_how\":\"tape\"}}",
        "entrances": "[{\"name\":\"з двору\",\"door_width_cm\":91.5,\"position\":[24.7,48.9]}]",
        "lifts": "[{\"is_working\":false}]"
    });
    let place = |lon: f64| json!({"type": "Point", "coordinates": [lon, 48.92]});
    let document = json!({"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": place(24.71), "properties": everything},
        {"type": "Feature", "geometry": place(24.72), "properties": {"name": "Нічого не міряли"}},
        {"type": "Feature", "geometry": null, "properties": {"name": "Без місця", "has_ramp": false}}
    ]});
    let file = shelf.file("venues.geojson", &document.to_string());
    shelf.import(&file, "venues", &["--as", "venues"]);
    let first = shelf.known("venues");
    for (name, value) in everything.as_object().expect("attributes") {
        let kept = &first[0][name];
        let mut value = value.clone();
        by_meaning(&mut value);
        assert!(*kept == value || kept.as_f64().is_some_and(|k| Some(k) == value.as_f64()), "{name}: {kept}");
    }
    assert_eq!(first[1].len(), 2, "{:?}", first[1]);
    for (format, name) in
        [("csv", "v.csv"), ("geojson", "v.geojson"), ("a11yjson", "v.a11y.json"), ("flatgeobuf", "v.fgb")]
    {
        let file = shelf.export("venues", format, name);
        let round = format!("round_{}", name.len());
        shelf.import(&file, &round, &["--as", "venues", "--replace"]);
        let mut back = shelf.known(&round);
        // FlatGeobuf has its rows in the order of their places.
        back.sort_by_key(|known| first.iter().position(|one| one["name"] == known["name"]));
        assert_eq!(back, first, "{format}");
    }
}

#[test]
fn buildings_of_annex_32_find_their_place_or_are_listed() {
    let shelf = Shelf::new();
    let addresses = "street,house_number,city,lon,lat\nвулиця Шевченка,5,Місто,24.711,48.921\n\
                     вулиця Шевченка,7,Місто,24.712,48.922\nвулиця Польова,9,Місто,24.713,48.923\n\
                     вулиця Польова,9,Місто,24.714,48.924\n";
    shelf.import(&shelf.file("addresses.csv", addresses), "addresses", &[]);
    let head = "uid,monitoringDate,authorityName,authorityId,entityName,entityId,buildingName,CATUTTC,addressPostCode,\
                addressAdminUnitL1,addressAdminUnitL2,addressAdminUnitL3,addressAdminUnitL4,addressPostName,\
                addressThoroughfare,addressLocatorDesignator,addressLocatorBuilding";
    let row = |uid: &str, name: &str, street: &str, house: &str| {
        format!("{uid},2026-02-01,Рада,0123,Відділ,0456,{name},UA26,76000,Область,Район,,,м. Місто,{street},{house},\n")
    };
    let buildings = format!(
        "{head}\n{}{}{}{}",
        row("b1", "Школа", "вул. Шевченка", "5"),
        row("b2", "Лікарня", "вул. Польова", "9"),
        row("b3", "Бібліотека", "вул. Лісова", "1"),
        row("b4", "Музей", "", ""),
    );
    let norms = "normsNumber,paragraphNumber,paragraphDescription,status,description,image,buildingUid,buildingName\n\
                 ДБН В.2.2-40,5.1,Пандус,true,,,b1,Школа\nДБН В.2.2-40,5.2,Двері,ні,вузькі,,b1,Школа\n";
    let (file, norms_file) = (shelf.file("buildings.csv", &buildings), shelf.file("norms.csv", norms));
    let norms_name = norms_file.display().to_string();
    let annex = ["--as", "annex-32", "--norms", &norms_name, "--addresses", "addresses"];
    let said = shelf.import(&file, "audits", &annex);
    assert!(said.contains("1 placed by address, 3 without a place"), "{said}");
    assert!(said.contains("b2") && said.contains("several addresses"), "{said}");
    assert!(said.contains("b3") && said.contains("no such address") && said.contains("b4"), "{said}");
    let known = shelf.known("audits");
    assert_eq!(known[0]["@place"]["coordinates"], json!([24.711, 48.921]));
    assert!(known[0]["placed_by"].as_str().is_some_and(|by| by.contains("вулиця Шевченка, 5")), "{:?}", known[0]);
    assert!(known[1..].iter().all(|building| building["@place"].is_null()));
    let written = shelf.export("audits", "annex-32", "out.csv");
    assert_eq!(std::fs::read_to_string(&written).expect("buildings"), buildings);
    let findings = std::fs::read_to_string(shelf.folder.path().join("out.csv.norms.csv")).expect("norms");
    assert_eq!(findings, norms);
    let file = file.display().to_string();
    let nowhere = run(&[
        "import",
        &file,
        "--collection",
        "x",
        "--as",
        "annex-32",
        "--addresses",
        "nothing",
        "--store",
        &shelf.store,
    ]);
    assert_eq!(nowhere.status.code(), Some(1));
}

#[test]
fn one_place_from_two_sources_is_suggested_and_not_merged() {
    let shelf = Shelf::new();
    let venue = |name: &str, lon: f64| format!("{name},pharmacy,{lon},48.92\n");
    let first = format!("name,category,lon,lat\n{}{}", venue("Аптека «Здоров’я»", 24.71), venue("Кав’ярня", 24.72));
    let second = format!("name,category,lon,lat\n{}", venue("Apteka Zdorovia", 24.7102));
    let said = shelf.import(&shelf.file("one.csv", &first), "venues", &["--as", "venues"]);
    assert!(!said.contains("may be one place"), "{said}");
    let said = shelf.import(&shelf.file("two.csv", &second), "venues", &["--as", "venues", "--append"]);
    assert!(said.contains("1 pairs in venues may be one place; nothing was merged"), "{said}");
    assert_eq!(shelf.known("venues").len(), 3);
    let server = Server::embedded(shelf.folder, free_port());
    server.ready();
    assert_eq!(server.client().get("/dispatch/access/duplicates").status, 401);
    let told = server.staff("planner").get("/dispatch/access/duplicates").json();
    assert_eq!((&told["total"], &told["pairs"][0]["why"]), (&json!(1), &json!("near_and_alike")));
    assert_eq!(told["pairs"][0]["second"]["name"], "Apteka Zdorovia");
    let far = server.staff("planner").get("/dispatch/access/duplicates?within_m=0");
    assert_eq!(far.status, 400);
}

#[test]
fn numbers_that_cannot_be_meant_are_never_green() {
    let shelf = Shelf::new();
    let place = |name: &str, lon: f64, accessibility: Value| {
        json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, 48.92]},
               "properties": {"category": "cafe", "name": {"uk": name}, "accessibility": accessibility}})
    };
    let door = |width: Value, more: Value| {
        let mut entrance = json!({"properties": {"isLevel": true, "door": {"width": width}}});
        entrance["properties"].as_object_mut().expect("properties").extend(more.as_object().expect("more").clone());
        json!({"entrances": [entrance]})
    };
    let good = json!({"value": 95, "unit": "cm"});
    let stairs = |slope: f64| json!({"isLevel": false, "stairs": {"count": 3}, "hasFixedRamp": true, "slopeAngle": {"value": slope, "unit": "%"}});
    let places = json!({"type": "FeatureCollection", "features": [
        place("Двері 700 м", 24.700, door(json!({"value": 700, "unit": "m"}), json!({}))),
        place("Двері понад 90 см", 24.701, door(json!({"value": 90, "unit": "cm", "operator": ">"}), json!({}))),
        place("Двері словами", 24.702, door(json!("wide"), json!({}))),
        place("Ухил 120 %", 24.703, door(good.clone(), stairs(120.0))),
        place("Пандус без входу", 24.704, json!({"entrances": [{"properties": {"hasFixedRamp": true}}]})),
        place("Лише зі слів", 24.705, json!({"wheelchairAccessibilityGrade": "fully"})),
        place("Добра", 24.706, door(good, json!({}))),
        place("Добра!", 24.7061, json!({"wheelchairAccessibilityGrade": "not"}))
    ]});
    let said = shelf.import(&shelf.file("bad.a11y.json", &places.to_string()), "venues", &["--public"]);
    assert!(said.contains("door_width_cm is unknown") && said.contains("\"wide\""), "{said}");
    assert!(said.contains("1 pairs in venues may be one place"), "two spellings: {said}");
    let server = Server::embedded(shelf.folder, free_port());
    server.ready();
    let venues = server.client().get("/access/venues?chair_width_cm=70").json();
    let verdicts: BTreeMap<&str, &str> = venues["features"]
        .as_array()
        .expect("venues")
        .iter()
        .map(|v| (v["properties"]["name"].as_str().expect("a name"), v["properties"]["verdict"].as_str().expect("one")))
        .collect();
    let green: Vec<&&str> =
        verdicts.iter().filter(|(_, verdict)| verdict.starts_with("fits")).map(|(name, _)| name).collect();
    assert_eq!(green, [&"Добра"], "{verdicts:?}");
    let implausible =
        |id: usize| server.client().get(&format!("/access/venues/{id}")).json()["properties"]["implausible"].clone();
    assert_eq!(
        (&implausible(1)[0]["attribute"], &implausible(1)[0]["value"]),
        (&json!("door_width_cm"), &json!(70_000.0))
    );
    assert_eq!(implausible(4)[0]["attribute"], "ramp_slope_percent");
}
