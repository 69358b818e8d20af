//! Broken input: what cannot be meant is refused with its name, what is only odd is kept and
//! every question about it has an answer, and nobody else notices.

use std::time::Duration;

use misto_tests::{Answer, Client, Mosquitto, Server, eventually, run, run_ok};
use serde_json::{Value, json};

fn feature(geometry: &Value) -> Value {
    json!({"type": "Feature", "geometry": geometry, "properties": {"name": "x"}})
}

fn area(rings: &Value) -> Value {
    json!({"type": "Polygon", "coordinates": rings})
}

const SQUARE: [[f64; 2]; 5] = [[24.70, 48.90], [24.72, 48.90], [24.72, 48.92], [24.70, 48.92], [24.70, 48.90]];

/// Odd, but of this earth.
fn odd() -> Vec<(&'static str, Value)> {
    vec![
        ("no place", Value::Null),
        ("a bow tie", area(&json!([[[24.70, 48.90], [24.72, 48.92], [24.72, 48.90], [24.70, 48.92], [24.70, 48.90]]]))),
        ("a hole outside", area(&json!([SQUARE, [[24.8, 48.9], [24.81, 48.9], [24.81, 48.91], [24.8, 48.9]]]))),
        ("a hole as large as its shell", area(&json!([SQUARE, SQUARE]))),
        ("no area", area(&json!([[[24.7, 48.9], [24.7, 48.9], [24.7, 48.9], [24.7, 48.9]]]))),
        ("there and back", area(&json!([[[24.7, 48.9], [24.8, 48.9], [24.7, 48.9], [24.7, 48.9]]]))),
        (
            "around the pole",
            area(&json!([[[-180.0, 80.0], [180.0, 80.0], [180.0, 90.0], [-180.0, 90.0], [-180.0, 80.0]]])),
        ),
        (
            "over the antimeridian in two halves",
            json!({"type": "MultiPolygon", "coordinates": [
                [[[179.9, 48.9], [180.0, 48.9], [180.0, 49.0], [179.9, 48.9]]],
                [[[-180.0, 48.9], [-179.9, 48.9], [-180.0, 49.0], [-180.0, 48.9]]]]}),
        ),
        (
            "over the antimeridian the long way",
            area(&json!([[[179.9, 48.9], [-179.9, 48.9], [-179.9, 49.0], [179.9, 48.9]]])),
        ),
    ]
}

/// No place at all.
fn wrong() -> Vec<(Value, &'static str)> {
    vec![
        (area(&json!([])), "geometry.coordinates"),
        (area(&json!([[]])), "geometry.coordinates"),
        (area(&json!([[[24.7, 48.9], [24.8, 48.9], [24.7, 48.9]]])), "geometry.coordinates"),
        (area(&json!([[[190.0, 48.9], [191.0, 48.9], [191.0, 49.0], [190.0, 48.9]]])), "geometry.coordinates"),
        (area(&json!([[[24.7, 95.0], [24.8, 95.0], [24.8, 96.0], [24.7, 95.0]]])), "geometry.coordinates"),
        (json!({"type": "MultiPolygon", "coordinates": []}), "geometry.coordinates"),
        (json!({"type": "LineString", "coordinates": [[24.7, 48.9], [24.8, 48.9]]}), "geometry.type"),
        (json!({"type": "Polygon", "coordinates": "everywhere"}), "geometry"),
        (json!({"type": "Polygon"}), "geometry"),
        (json!(7), "geometry"),
    ]
}

fn refused(answer: &Answer, status: u16, field: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let named = answer.json()["field"].as_str().unwrap_or_default().to_owned();
    assert!(named.starts_with(field), "{field}: {}", answer.text());
}

fn city() -> (Server, Mosquitto, Client) {
    let broker = Mosquitto::start();
    let server = Server::start(&broker.url(), "");
    let file = server.folder().join("areas.geojson");
    let document = json!({"type": "FeatureCollection", "features": [feature(&area(&json!([SQUARE])))]});
    std::fs::write(&file, document.to_string()).expect("a file");
    let file = file.display().to_string();
    run_ok(&["import", &file, "--collection", "areas", "--public", "--store", &server.store()]);
    server.ready();
    eventually("the import is on the map", Duration::from_secs(3), || {
        (server.client().get("/ogc/collections/areas").status == 200).then_some(())
    });
    let planner = server.staff("planner");
    (server, broker, planner)
}

#[test]
fn what_is_no_place_is_refused_and_what_is_odd_is_answered() {
    let (server, _broker, planner) = city();
    let items = "/ogc/collections/areas/items";
    let post = |geometry: &Value| planner.send("POST", items, Some(feature(geometry).to_string().as_bytes()));
    for (geometry, field) in wrong() {
        refused(&post(&geometry), 400, field);
    }
    for (what, geometry) in odd() {
        let answer = post(&geometry);
        assert_eq!(answer.status, 201, "{what}: {}", answer.text());
        every_question_is_answered(&server.client(), what);
    }
    let all = server.client().get(&format!("{items}?limit=100")).json();
    assert_eq!(all["numberMatched"], odd().len() + 1, "{all}");
    more_than_one_feature_holds(&planner, items);
    not_the_schema(&planner, items);
    names_that_are_sql(&server, &planner);
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

fn every_question_is_answered(client: &Client, what: &str) {
    let path = "/ogc/collections/areas";
    for question in [
        "/items?bbox=24,48,25,49",
        "/items?filter=S_INTERSECTS(geometry,BBOX(24,48,25,49))",
        "/items?filter=S_WITHIN(geometry,BBOX(24,48,25,49))",
        "/items?filter=S_TOUCHES(geometry,POINT(24.7%2048.9))",
        "/items?crs=http://www.opengis.net/def/crs/EPSG/0/3857&bbox=24,48,25,49",
        "/items?f=csv",
        "/nearest?to=24.71,48.91",
        "/within?of=24.71,48.91&distance_m=5000",
        "/intersecting?collection=areas",
    ] {
        let answer = client.get(&format!("{path}{question}"));
        assert_eq!(answer.status, 200, "{what}, {question}: {}", answer.text());
    }
    // Where Web Mercator ends at the pole is said, not guessed.
    for extension in ["geojson", "fgb", "gpkg", "shp", "csv"] {
        assert_eq!(client.get(&format!("/export/areas.{extension}")).status, 200, "{what}: {extension}");
    }
    for tile in ["0/0/0", "6/36/21", "14/9316/5632", "18/149064/90124"] {
        let status = client.get(&format!("/tiles/areas/{tile}")).status;
        assert!([200, 204].contains(&status), "{what}: {tile} gives {status}");
    }
}

fn more_than_one_feature_holds(planner: &Client, items: &str) {
    let spiral = |count: u32| {
        let turn = |i: u32| {
            let angle = f64::from(i) / f64::from(count) * std::f64::consts::TAU;
            [24.71 + 0.01 * angle.cos(), 48.91 + 0.01 * angle.sin()]
        };
        let mut ring: Vec<_> = (0..count).map(turn).collect();
        ring.push(ring[0]);
        feature(&area(&json!([ring]))).to_string().into_bytes()
    };
    // More than any body may hold: refused before it was read, so that the rest finds no reader.
    let many = planner.try_send("POST", items, Some(&spiral(1_000_000)));
    assert!(many.is_err() || many.is_ok_and(|answer| [400, 413].contains(&answer.status)));
    let many = planner.send("POST", items, Some(&spiral(210_000)));
    assert!([400, 413].contains(&many.status), "{}", many.text());
    assert_eq!(many.header("content-type"), Some("application/problem+json"));
    let fine = planner.send("POST", items, Some(&spiral(20_000)));
    assert_eq!(fine.status, 201, "{}", fine.text());
}

fn not_the_schema(planner: &Client, items: &str) {
    let place = area(&json!([SQUARE]));
    for (document, field) in [
        (json!({"type": "Feature", "geometry": place, "properties": {"name": 5}}), "properties.name"),
        (
            json!({"type": "Feature", "geometry": place, "properties": {"name\"; DROP TABLE areas; --": 5}}),
            "properties.name",
        ),
        (json!({"type": "Feature", "geometry": place, "properties": ["name"]}), "properties"),
        (json!({"type": "FeatureCollection", "features": "all"}), "features"),
        (json!({"type": "Topology"}), "type"),
        (json!([1, 2, 3]), ""),
    ] {
        refused(&planner.send("POST", items, Some(document.to_string().as_bytes())), 400, field);
    }
    for broken in ["", "{", "{\"type\":\"Feature\"", "\u{0}", &"[".repeat(100_000)] {
        let answer = planner.send("POST", items, Some(broken.as_bytes()));
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (400, Some("application/problem+json")),
            "{}",
            answer.text()
        );
    }
}

fn names_that_are_sql(server: &Server, planner: &Client) {
    for name in [
        "areas%3BDROP%20TABLE%20areas",
        "areas%22--",
        "'%20OR%20'1'='1",
        "misto_change",
        "gpkg_contents",
        "%00",
        "..%2F..%2Fcity",
    ] {
        for path in [
            format!("/ogc/collections/{name}/items"),
            format!("/tiles/{name}/0/0/0"),
            format!("/export/{name}.geojson"),
        ] {
            let status = planner.get(&path).status;
            assert!([400, 404].contains(&status), "{path} gives {status}");
        }
    }
    let file = server.folder().join("areas.geojson").display().to_string();
    let tried = run(&["import", &file, "--collection", "a\"; DROP TABLE areas; --", "--store", &server.store()]);
    assert_eq!(tried.status.code(), Some(2), "{}", String::from_utf8_lossy(&tried.stderr));
    assert_eq!(planner.get("/ogc/collections/areas/items").status, 200);
}
