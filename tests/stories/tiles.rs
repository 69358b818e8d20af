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
