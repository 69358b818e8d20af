//! A planner changes the map; everybody sees it, nobody's work is lost, and GDAL
//! reads and writes the same file meanwhile.

use std::process::Command;
use std::time::Duration;

use misto_tests::{Client, Mosquitto, Server, Stream, eventually, postgres, psql, run_ok};
use serde_json::{Value, json};

const SECOND: Duration = Duration::from_secs(1);

struct City {
    server: Server,
    _broker: Mosquitto,
    planner: Client,
    token: String,
}

/// A server on the embedded store with one public collection of three benches.
fn city() -> City {
    city_on(|mqtt| Server::start(mqtt, ""))
}

/// The same on PostGIS.
fn city_on_postgis() -> City {
    city_on(|mqtt| Server::start_on(&postgres().database(), mqtt, ""))
}

fn city_on(start: impl Fn(&str) -> Server) -> City {
    let broker = Mosquitto::start();
    let server = start(&broker.url());
    let benches = server.folder().join("benches.geojson");
    let feature = |n: i32, name: &str| {
        json!({"type": "Feature", "properties": {"name": name, "seats": n},
            "geometry": {"type": "Point", "coordinates": [24.71 + f64::from(n) * 0.001, 48.92]}})
    };
    let document = json!({"type": "FeatureCollection",
        "features": [feature(1, "Лавка «А»"), feature(2, "Б"), feature(3, "В")]});
    std::fs::write(&benches, document.to_string()).expect("a file");
    let printed = run_ok(&[
        "import",
        &benches.display().to_string(),
        "--collection",
        "benches",
        "--public",
        "--store",
        &server.store(),
    ]);
    assert!(printed.contains("3 rows read, 3 stored"), "{printed}");
    server.ready();
    eventually("the import is on the map", 3 * SECOND, || {
        let collection = server.client().get("/ogc/collections/benches");
        (collection.status == 200 && collection.json()["itemCount"] == 3).then_some(())
    });
    let token = run_ok(&["token", "create", "--role", "planner", "--name", "Ольга", "--store", &server.store()]);
    let token = token.trim().to_owned();
    let planner = server.client().bearer(&token);
    City { server, _broker: broker, planner, token }
}

fn body(feature: &Value) -> Vec<u8> {
    feature.to_string().into_bytes()
}

fn item(client: &Client, id: i64) -> (Value, String) {
    let answer = client.get(&format!("/ogc/collections/benches/items/{id}"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let etag = answer.header("etag").expect("an ETag").to_owned();
    (answer.json(), etag)
}

#[test]
fn a_save_is_on_the_map_of_everybody_within_a_second_and_in_the_file() {
    save_and_look(&city());
}

#[test]
fn a_save_is_on_the_map_of_everybody_within_a_second_and_in_the_file_on_postgis() {
    save_and_look(&city_on_postgis());
}

fn save_and_look(city: &City) {
    let City { server, planner, .. } = city;
    let viewer = Stream::open(&server.url(), "/live?kinds=tiles", None);
    viewer.next("the snapshot", 5 * SECOND, |name, _| name == "snapshot");
    let (mut bench, etag) = item(&server.client(), 1);
    let before = server.client().get("/tiles/benches/14/9316/5632");
    bench["geometry"]["coordinates"] = json!([24.7205, 48.9225]);
    bench["properties"]["name"] = json!("Лавка перенесена");
    let saved = planner.with("if-match", &etag).with("misto-reason", "%D1%80%D0%B5%D0%BC%D0%BE%D0%BD%D1%82").send(
        "PUT",
        "/ogc/collections/benches/items/1",
        Some(&body(&bench)),
    );
    assert_eq!(saved.status, 200, "{}", saved.text());
    assert_ne!(saved.header("etag"), Some(etag.as_str()));
    let event = viewer.next("the tiles event", SECOND, |name, data| name == "tiles" && data["collection"] == "benches");
    assert!(event["tiles"].as_array().is_some_and(|tiles| !tiles.is_empty() && tiles.len() <= 256), "{event}");
    let after = server.client().get("/tiles/benches/14/9316/5632");
    assert_ne!(before.header("etag"), after.header("etag"), "the touched tile is new");

    let read = ogr(&["ogrinfo", "-al", "-q", &dataset(server), "benches"]);
    assert!(read.contains("Лавка перенесена") && read.contains("POINT (24.7205 48.9225)"), "{read}");

    let history = planner.get("/ogc/collections/benches/items/1/history").json();
    let newest = &history["entries"][0];
    assert_eq!((&newest["actor"], &newest["reason"]), (&json!("Ольга"), &json!("ремонт")), "{history}");
}

#[test]
fn the_second_of_two_editors_sees_what_the_first_saved() {
    save_twice(&city());
}

#[test]
fn the_second_of_two_editors_sees_what_the_first_saved_on_postgis() {
    save_twice(&city_on_postgis());
}

fn save_twice(city: &City) {
    let City { server, planner, .. } = city;
    let path = "/ogc/collections/benches/items/2";
    let (bench, etag) = item(&server.client(), 2);
    let mut first = bench.clone();
    first["properties"]["seats"] = json!(7);
    assert_eq!(planner.with("if-match", &etag).send("PUT", path, Some(&body(&first))).status, 200);
    let mut second = bench;
    second["properties"]["seats"] = json!(9);
    let refused = planner.with("if-match", &etag).send("PUT", path, Some(&body(&second)));
    assert_eq!(refused.status, 412);
    let problem = refused.json();
    assert_eq!(problem["current"]["properties"]["seats"], 7, "{problem}");
    let etag = format!("\"{}\"", problem["current_version"]);
    assert_eq!(planner.with("if-match", &etag).send("PUT", path, Some(&body(&second))).status, 200);
    assert_eq!(item(&server.client(), 2).0["properties"]["seats"], 9);
    assert_eq!(planner.send("PUT", path, Some(&body(&second))).status, 428, "a save without If-Match");
    assert_eq!(planner.send("DELETE", path, None).status, 428);
    let deleted = planner.with("if-match", &etag).send("DELETE", path, None);
    assert_eq!(deleted.status, 412, "deleting an old version");
    let (_, etag) = item(&server.client(), 2);
    assert_eq!(planner.with("if-match", &etag).send("DELETE", path, None).status, 204);
    assert_eq!(server.client().get(path).status, 404);
}

#[test]
fn what_gdal_writes_while_misto_runs_is_on_the_map_within_a_second() {
    write_with_gdal(&city());
}

#[test]
fn what_gdal_writes_while_misto_runs_is_on_the_map_within_a_second_on_postgis() {
    write_with_gdal(&city_on_postgis());
}

fn write_with_gdal(city: &City) {
    let City { server, planner, token, .. } = city;
    let viewer = Stream::open(&server.url(), "/live?kinds=tiles", Some(token));
    viewer.next("the snapshot", 5 * SECOND, |name, _| name == "snapshot");
    let renaming = "UPDATE benches SET name = 'З QGIS' WHERE name = 'В'";
    match server.store().strip_prefix("geopackage:") {
        Some(file) => drop(ogr(&["ogrinfo", file, "-dialect", "SQLite", "-sql", renaming])),
        None => drop(psql(&server.store(), renaming)),
    }
    viewer.next("the tiles event", SECOND, |name, data| name == "tiles" && data["collection"] == "benches");
    assert_eq!(item(&server.client(), 3).0["properties"]["name"], "З QGIS");
    let history = planner.get("/ogc/collections/benches/items/3/history").json();
    assert_eq!(history["entries"][0]["actor"], "external", "{history}");

    let more = server.folder().join("more.geojson");
    let document = json!({"type": "FeatureCollection", "features": [{"type": "Feature",
        "properties": {"name": "Нова", "seats": 4}, "geometry": {"type": "Point", "coordinates": [24.72, 48.93]}}]});
    std::fs::write(&more, document.to_string()).expect("a file");
    ogr(&["ogr2ogr", "-append", "-nln", "benches", &dataset(server), &more.display().to_string()]);
    eventually("the appended bench is there", SECOND, || {
        let items = server.client().get("/ogc/collections/benches/items").json();
        (items["numberMatched"] == 4).then_some(())
    });

    // A whole new layer, larger than one page of the feed.
    let trees = server.folder().join("trees.geojson");
    let features: Vec<Value> = (0..2_500)
        .map(|n| {
            let place = [24.7 + f64::from(n) * 1e-5, 48.92];
            json!({"type": "Feature", "properties": {"n": n}, "geometry": {"type": "Point", "coordinates": place}})
        })
        .collect();
    std::fs::write(&trees, json!({"type": "FeatureCollection", "features": features}).to_string()).expect("a file");
    ogr(&["ogr2ogr", "-append", "-nln", "trees", &dataset(server), &trees.display().to_string()]);
    eventually("the new layer is there for staff", 10 * SECOND, || {
        let items = planner.get("/ogc/collections/trees/items?limit=1");
        (items.status == 200 && items.json()["numberMatched"] == 2_500).then_some(())
    });
    assert_eq!(server.client().get("/ogc/collections/trees/items").status, 404, "nobody made it public");
    assert!(!server.log().contains("ERROR"), "{}", server.log());
    assert!(!server.log().contains("cannot be read"), "{}", server.log());
}

#[test]
fn an_edit_that_makes_no_sense_says_why() {
    let City { planner, .. } = &city();
    let try_to_save = |feature: Value, field: &str| {
        let answer = planner.send("POST", "/ogc/collections/benches/items", Some(&body(&feature)));
        assert_eq!(answer.status, 400, "{feature}: {}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert_eq!(answer.json()["field"], field, "{}", answer.text());
    };
    let feature =
        |geometry: Value, properties: Value| json!({"type": "Feature", "geometry": geometry, "properties": properties});
    let place = json!({"type": "Point", "coordinates": [24.7, 48.9]});
    try_to_save(feature(place.clone(), json!({"seats": "many"})), "properties.seats");
    try_to_save(feature(place.clone(), json!({"colour": "blue"})), "properties.colour");
    try_to_save(feature(json!({"type": "Point", "coordinates": [248.7, 48.9]}), json!({})), "geometry.coordinates");
    try_to_save(feature(json!({"type": "LineString", "coordinates": [[1, 1], [2, 2]]}), json!({})), "geometry.type");
    try_to_save(feature(json!({"type": "Blob"}), json!({})), "geometry");
    let created =
        planner.send("POST", "/ogc/collections/benches/items", Some(&body(&feature(place, json!({"name": null})))));
    assert_eq!(created.status, 201, "{}", created.text());
    assert!(created.header("location").is_some_and(|to| to.starts_with("/ogc/collections/benches/items/")));
}

#[test]
fn another_program_that_locks_the_file_gets_a_clear_answer_and_no_hang() {
    let City { server, planner, .. } = &city();
    let (bench, etag) = item(&server.client(), 1);
    let script = "import sqlite3,sys,time\nc=sqlite3.connect(sys.argv[1],isolation_level=None)\n\
                  c.execute('BEGIN EXCLUSIVE')\nprint('locked',flush=True)\ntime.sleep(6)\nc.execute('ROLLBACK')\n";
    let mut locker = Command::new("python3")
        .args(["-c", script, &gpkg(server)])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("python3 runs");
    let mut line = String::new();
    let out = locker.stdout.take().expect("its output");
    std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).expect("it says when");
    let begun = std::time::Instant::now();
    let refused = planner.with("if-match", &etag).send("PUT", "/ogc/collections/benches/items/1", Some(&body(&bench)));
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert!(refused.text().contains("another program"), "{}", refused.text());
    assert!(begun.elapsed() < 5 * SECOND, "no hang: {:?}", begun.elapsed());
    assert_eq!(server.client().get("/ogc/collections/benches/items/1").status, 200, "reading goes on");
    locker.wait().expect("it ends");
    let saved = planner.with("if-match", &etag).send("PUT", "/ogc/collections/benches/items/1", Some(&body(&bench)));
    assert_eq!(saved.status, 200, "recovers by itself: {}", saved.text());
}

/// The store as GDAL opens it.
fn dataset(server: &Server) -> String {
    server.store().trim_start_matches("geopackage:").replace("postgres://", "postgresql://")
}

fn gpkg(server: &Server) -> String {
    server.folder().join("city.gpkg").display().to_string()
}

fn ogr(command: &[&str]) -> String {
    let output = Command::new(command[0])
        .args(&command[1..])
        .output()
        .unwrap_or_else(|e| panic!("{}: {e}; apt-get install gdal-bin", command[0]));
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !err.contains("ERROR"), "{command:?}: {err}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
