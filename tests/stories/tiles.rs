//! What is in the file is in the tile, as a foreign decoder reads it.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use misto_tests::{Mosquitto, Server, eventually, recorded_data, run_ok};
use serde_json::Value;

/// Decodes a tile with Mapbox's own JavaScript library.
fn decode(tile: &Path) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser/decode-tile.mjs");
    let output = Command::new("node").arg(script).arg(tile).output().expect("node runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn a_tile_that_covers_it_all_holds_the_same_features_and_attributes() {
    let Some(data) = recorded_data() else { return };
    let file = data.join("flatgeobuf/countries.geojson");
    let broker = Mosquitto::start();
    let server = Server::start(&broker.url(), "");
    let store = server.store();
    run_ok(&["import", &file.display().to_string(), "--collection", "countries", "--public", "--store", &store]);
    server.ready();
    eventually("the collection is there", Duration::from_secs(5), || {
        let collection = server.client().get("/ogc/collections/countries");
        (collection.status == 200 && collection.json()["itemCount"] == 179).then_some(())
    });
    let plain = server.client().with("accept-encoding", "identity").get("/tiles/countries/0/0/0");
    assert_eq!(plain.status, 200);
    assert_eq!(plain.header("content-type"), Some("application/vnd.mapbox-vector-tile"));
    let tile = server.folder().join("0.mvt");
    std::fs::write(&tile, &plain.bytes).expect("a file");
    let decoded = decode(&tile);
    let source: Value = serde_json::from_slice(&std::fs::read(&file).expect("the file")).expect("GeoJSON");
    let names = |features: &Value, properties: &str| -> BTreeSet<(String, String)> {
        let features = features.as_array().expect("features");
        features.iter().map(|f| (f[properties]["id"].to_string(), f[properties]["name"].to_string())).collect()
    };
    let inside = names(&decoded["countries"], "properties");
    let expected = names(&source["features"], "properties");
    assert_eq!(inside, expected);
    let ids: BTreeSet<i64> =
        decoded["countries"].as_array().expect("features").iter().filter_map(|f| f["id"].as_i64()).collect();
    assert_eq!(ids.len(), expected.len(), "every feature has its id");
}

/// GDAL's own reader of tiles: the features of a layer with their numbers, in degrees.
fn read_by_gdal(tile: &Path, [z, x, y]: [u32; 3], layer: &str) -> Vec<Value> {
    let place = [format!("Z={z}"), format!("X={x}"), format!("Y={y}")];
    let mut command = Command::new("ogr2ogr");
    command.args(["-f", "GeoJSONSeq", "-lco", "COORDINATE_PRECISION=9", "/vsistdout/"]);
    command.arg(tile).arg(layer).args(["-oo", "CLIP=NO"]);
    command.args(place.iter().flat_map(|option| ["-oo", option]));
    let run = command.output().expect("GDAL: apt-get install gdal-bin");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let lines = String::from_utf8_lossy(&run.stdout).into_owned();
    lines.lines().map(|line| serde_json::from_str(line).expect("GeoJSON")).collect()
}

fn numbers_in(value: &Value, found: &mut Vec<[f64; 2]>) {
    match value.as_array().map(Vec::as_slice) {
        Some([Value::Number(x), Value::Number(y)]) => {
            found.push([x, y].map(|number| number.as_f64().expect("a number")));
        }
        Some(all) => all.iter().for_each(|one| numbers_in(one, found)),
        None => {}
    }
}

/// West, south, east, north.
fn edges(geometry: &Value) -> [f64; 4] {
    let mut places = Vec::new();
    numbers_in(&geometry["coordinates"], &mut places);
    places.iter().fold([f64::MAX, f64::MAX, f64::MIN, f64::MIN], |[w, s, e, n], [x, y]| {
        [w.min(*x), s.min(*y), e.max(*x), n.max(*y)]
    })
}

#[test]
fn gdal_reads_the_same_out_of_a_tile_as_out_of_the_items() {
    let (server, _) = Server::demo();
    server.ready();
    let client = server.client();
    let at = [15, 18632, 11264];
    // Of longitude; one of latitude is less.
    let degrees_a_unit = 360.0 / f64::from(1u32 << at[0]) / 4096.0;
    let plain = client.with("accept-encoding", "identity");
    for layer in ["buildings", "roads", "transit_stops"] {
        let answer = plain.get(&format!("/tiles/{layer}/{}/{}/{}", at[0], at[1], at[2]));
        assert_eq!(answer.status, 200, "{layer}");
        let tile = server.folder().join(format!("{layer}.pbf"));
        std::fs::write(&tile, &answer.bytes).expect("a file");
        let foreign = decode(&tile);
        let seen = read_by_gdal(&tile, at, layer);
        assert_eq!(foreign[layer].as_array().map(Vec::len), Some(seen.len()), "{layer}: two decoders, one count");
        assert!(seen.len() >= 3, "{layer}: {}", seen.len());
        for feature in seen {
            let id = &feature["properties"]["mvt_id"];
            let path = format!("/ogc/collections/{layer}/items/{id}");
            let item = client.get(&path).json();
            for (name, value) in item["properties"].as_object().expect("attributes") {
                let shown = &feature["properties"][name];
                let same = shown == value || shown.as_f64().is_some_and(|shown| value.as_f64() == Some(shown));
                assert!(same, "{layer} {id}: {name} is {value}, and GDAL reads {shown}");
            }
            let (inner, whole) = (edges(&feature["geometry"]), edges(&item["geometry"]));
            let within = |near: usize, sign: f64| sign * (inner[near] - whole[near]) >= -1.5 * degrees_a_unit;
            assert!(
                within(0, 1.0) && within(1, 1.0) && within(2, -1.0) && within(3, -1.0),
                "{layer} {id}: {inner:?} in {whole:?}"
            );
        }
    }
}

#[test]
fn a_tile_is_compressed_and_validated_once() {
    let (server, _) = Server::demo();
    server.ready();
    let client = server.client();
    let path = "/tiles/roads,buildings/14/9316/5632";
    let gzip = client.with("accept-encoding", "gzip").get(path);
    assert_eq!((gzip.status, gzip.header("content-encoding")), (200, Some("gzip")));
    let etag = gzip.header("etag").expect("an ETag").to_owned();
    assert!(etag.starts_with('"'), "a strong ETag: {etag}");
    let again = client.with("accept-encoding", "gzip").with("if-none-match", &etag).get(path);
    assert_eq!((again.status, again.bytes.len()), (304, 0));
    let plain = client.with("accept-encoding", "identity").get(path);
    assert_ne!(plain.header("etag"), Some(etag.as_str()), "another encoding is another representation");
    assert_eq!(client.get("/tiles/roads/14/0/0").status, 204, "nothing is there");
    let document = client.get("/tiles/roads,buildings.json").json();
    assert_eq!(document["tilejson"], "3.0.0");
    assert_eq!(document["vector_layers"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_tile_comes_in_the_coding_that_the_client_likes_best() {
    let (server, _) = Server::demo();
    server.ready();
    let path = "/tiles/roads,buildings/14/9316/5632";
    let mut tags = BTreeSet::new();
    for (accepted, coding) in [
        ("gzip, deflate, br, zstd", Some("zstd")),
        ("br, gzip;q=0.8", Some("br")),
        ("gzip", Some("gzip")),
        ("identity", None),
        ("gzip;q=0", None),
    ] {
        let answer = server.client().with("accept-encoding", accepted).get(path);
        assert_eq!((answer.status, answer.header("content-encoding")), (200, coding), "{accepted}");
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        assert!(answer.header("vary").is_some_and(|vary| vary.contains("Accept-Encoding")));
        assert!(answer.header("content-security-policy").is_some(), "every answer carries it");
        tags.insert(answer.header("etag").expect("a tag").to_owned());
    }
    assert_eq!(tags.len(), 4, "a strong tag for each coding: {tags:?}");
    let staff = server.staff("planner").get(path);
    assert_eq!(staff.header("cache-control"), Some("private, no-store"));
}

#[test]
fn ogc_tiles_name_the_row_before_the_column() {
    let (server, _) = Server::demo();
    server.ready();
    let client = server.client();
    let set = client.get("/ogc/tileMatrixSets/WebMercatorQuad").json();
    let matrix = &set["tileMatrices"][12];
    assert_eq!((matrix["id"].as_str(), matrix["matrixWidth"].as_u64()), (Some("12"), Some(4096)));
    // 17-083r4, table D.1
    assert!((matrix["scaleDenominator"].as_f64().unwrap_or(0.0) - 136_494.693_366_153_4).abs() < 1e-3);
    let tilesets = client.get("/ogc/collections/buildings/tiles").json();
    assert_eq!(tilesets["tilesets"][0]["dataType"], "vector");
    let tileset = client.get("/ogc/collections/buildings/tiles/WebMercatorQuad").json();
    let links = tileset["links"].as_array().expect("links");
    let item = links.iter().find(|link| link["rel"] == "item").expect("a template")["href"].as_str().expect("a text");
    let path = item.replace("{tileMatrix}", "14").replace("{tileRow}", "5632").replace("{tileCol}", "9316");
    let path = path.strip_prefix(&server.url()).expect("an address of this server");
    let (ogc, own) = (client.get(path), client.get("/tiles/buildings/14/9316/5632"));
    assert_eq!(ogc.status, 200);
    assert_eq!(ogc.header("etag"), own.header("etag"));
    let two = client.get("/ogc/tiles/WebMercatorQuad/14/5632/9316?collections=buildings,roads");
    assert_eq!(two.header("etag"), client.get("/tiles/roads,buildings/14/9316/5632").header("etag"));
    assert_eq!(client.get("/ogc/tiles/WebMercatorQuad/14/5632/9316").status, 200);
    assert!(client.get("/ogc/tiles/WebMercatorQuad").json()["layers"].as_array().is_some_and(|all| all.len() > 10));
    assert_eq!(client.get("/ogc/collections/buildings/tiles/WorldCRS84Quad").status, 404);
    assert_eq!(client.get("/ogc/collections/buildings/tiles/WebMercatorQuad/2/4/0").status, 404);
    let said = client.get("/ogc/conformance").json().to_string();
    assert!(said.contains("ogcapi-tiles-1/1.0/conf/core"));
}

#[test]
fn styles_are_what_the_style_specification_wants() {
    let (server, _) = Server::demo();
    server.ready();
    let client = server.client();
    let styles = client.get("/styles").json();
    let ids: Vec<&str> = styles["styles"].as_array().expect("styles").iter().filter_map(|s| s["id"].as_str()).collect();
    assert!(ids.contains(&"city") && ids.contains(&"water_bodies"), "{ids:?}");
    assert!(!ids.contains(&"communal_property") || client.get("/ogc/collections/communal_property").status == 200);
    for id in ids {
        let style = client.get(&format!("/styles/{id}.json"));
        let file = server.folder().join(format!("{id}.json"));
        std::fs::write(&file, &style.bytes).expect("a file");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser/check-style.mjs");
        let output = Command::new("node").arg(script).arg(&file).output().expect("node runs");
        assert!(output.status.success(), "{id}: {}", String::from_utf8_lossy(&output.stdout));
        for source in style.json()["sources"].as_object().expect("sources").values() {
            let url = source["url"]
                .as_str()
                .expect("an address")
                .strip_prefix(&server.url())
                .expect("this server")
                .to_owned();
            let tilejson = client.get(&url).json();
            assert_eq!(tilejson["tilejson"], "3.0.0");
            assert_eq!(tilejson["thinning"]["below_zoom"], 14);
        }
    }
    assert_eq!(client.get("/styles/nothing.json").status, 404);
}

#[test]
fn warming_leaves_the_tiles_at_hand() {
    let (server, _) = Server::demo();
    server.ready();
    let said = run_ok(&["warm", "--server", &server.url(), "--collections", "roads,buildings", "--zoom", "12-14"]);
    assert!(said.contains("tiles in zstd and gzip"), "{said}");
    assert!(server.metric("misto_tiles_cached") > 10.0);
    let refused = misto_tests::run(&["warm", "--server", &server.url(), "--collections", "nothing"]);
    assert_eq!(refused.status.code(), Some(1));
}
