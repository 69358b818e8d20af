//! One table of door × role, with canaries: what somebody may not see must not
//! appear in any door's answer.

use std::time::Duration;

use misto_tests::{Client, Server, Stream, eventually, run, run_ok};
use serde_json::{Value, json};

/// In a staff collection.
const CANARY_PIPE: &str = "canary-pipe-7731";
/// Plate and device of a utility vehicle.
const CANARY_PLATE: &str = "AT 7732 CN";
const CANARY_DEVICE: &str = "canarytruck7733";
/// IMEI of a bus.
const CANARY_IMEI: &str = "000007734773477";
/// A message that is rejected.
const CANARY_REJECTED: &str = "canary-rejected-7735";

struct House {
    server: Server,
    mqtt_port: u16,
    tokens: [(&'static str, Option<String>); 4],
}

fn house() -> House {
    let (server, mqtt_port) = Server::demo();
    server.ready();
    let pipes = server.folder().join("pipes.geojson");
    let document = json!({"type": "FeatureCollection", "features": [{"type": "Feature",
        "properties": {"note": CANARY_PIPE},
        "geometry": {"type": "LineString", "coordinates": [[24.70, 48.91], [24.72, 48.93]]}}]});
    std::fs::write(&pipes, document.to_string()).expect("a file");
    run_ok(&["import", &pipes.display().to_string(), "--collection", "canary_pipes", "--store", &server.store()]);
    let now = jiff::Timestamp::now();
    let truck = json!({"_type": "location", "lat": 48.92, "lon": 24.71, "tst": now.as_second(),
        "kind": "plough", "job": "ploughing", "plate": CANARY_PLATE});
    let bus = json!({"time": now.to_string(), "lat": 48.921, "lon": 24.712, "kind": "bus", "plate": CANARY_PLATE});
    let lines = [
        format!("{now} owntracks/canary/{CANARY_DEVICE} {truck}"),
        format!("{now} misto/v1/raw/canary/{CANARY_IMEI} {bus}"),
        format!("{now} misto/v1/raw/canary/x {}", json!({"note": CANARY_REJECTED})),
    ];
    let dump = server.folder().join("canaries.dump");
    std::fs::write(&dump, lines.join("\n")).expect("a dump");
    let broker = format!("mqtt://127.0.0.1:{mqtt_port}");
    run_ok(&["replay", &dump.display().to_string(), "--broker", &broker, "--speed", "max"]);
    let token = |role| Some(run_ok(&["token", "create", "--role", role, "--store", &server.store()]).trim().to_owned());
    let tokens = [
        ("anonymous", None),
        ("dispatcher", token("dispatcher")),
        ("planner", token("planner")),
        ("admin", token("admin")),
    ];
    eventually("the canaries are in", Duration::from_secs(10), || {
        let staff = server.client().bearer(tokens[3].1.as_deref().unwrap_or(""));
        let fleet = staff.get("/vehicles").text();
        let pipes = staff.get("/ogc/collections/canary_pipes").status;
        (fleet.contains(CANARY_IMEI) && fleet.contains(CANARY_DEVICE) && pipes == 200).then_some(())
    });
    House { server, mqtt_port, tokens }
}

/// Door, and the status for anonymous, dispatcher, planner, admin.
const TABLE: [(&str, [u16; 4]); 40] = [
    ("/api/city", [200, 200, 200, 200]),
    ("/vehicles", [200, 200, 200, 200]),
    ("/vehicles/owntracks%3Acanary%2Fcanarytruck7733", [404, 200, 200, 200]),
    ("/vehicles/owntracks%3Acanary%2Fcanarytruck7733/track", [404, 200, 200, 200]),
    ("/vehicles/canary%3A%2F000007734773477/track", [404, 200, 200, 200]),
    ("/vehicles/nearest?lon=24.71&lat=48.92", [401, 200, 403, 200]),
    ("/sensors", [200, 200, 200, 200]),
    ("/transit/stops", [200, 200, 200, 200]),
    ("/transit/routes", [200, 200, 200, 200]),
    ("/access/venues", [200, 200, 200, 200]),
    ("/access/venues/1/reports", [200, 200, 200, 200]),
    ("/access/photos/0", [404, 404, 404, 404]),
    ("/dispatch/access/reports", [401, 200, 200, 200]),
    ("/ogc/collections", [200, 200, 200, 200]),
    ("/ogc/collections/canary_pipes", [404, 200, 200, 200]),
    ("/ogc/collections/canary_pipes/schema", [404, 200, 200, 200]),
    ("/ogc/collections/canary_pipes/items", [404, 200, 200, 200]),
    ("/ogc/collections/canary_pipes/items?filter=note+IS+NULL", [404, 200, 200, 200]),
    ("/ogc/collections/canary_pipes/queryables", [404, 200, 200, 200]),
    ("/ogc/collections/canary_pipes/nearest?to=24.7,48.9", [404, 200, 200, 200]),
    ("/ogc/collections/canary_pipes/within?of=24.7,48.9&distance_m=9", [404, 200, 200, 200]),
    ("/ogc/collections/roads/intersecting?collection=canary_pipes", [404, 200, 200, 200]),
    ("/ogc/collections/canary_pipes/items/1", [404, 200, 200, 200]),
    ("/ogc/collections/canary_pipes/items/1/history", [401, 403, 200, 200]),
    ("/tiles/canary_pipes/14/9316/5632", [404, 200, 200, 200]),
    ("/tiles/roads,canary_pipes/14/9316/5632", [404, 200, 200, 200]),
    ("/tiles/canary_pipes.json", [404, 200, 200, 200]),
    ("/export/canary_pipes.geojson", [404, 200, 200, 200]),
    ("/export/canary_pipes.csv", [404, 200, 200, 200]),
    ("/export/canary_pipes.fgb", [404, 200, 200, 200]),
    ("/export/canary_pipes.gpkg", [404, 200, 200, 200]),
    ("/export/canary_pipes.shp", [404, 200, 200, 200]),
    ("/export/canary_pipes.geojsonl", [404, 200, 200, 200]),
    ("/dispatch/rejected", [401, 200, 403, 200]),
    ("/dispatch/reports/transit", [401, 200, 403, 200]),
    ("/dispatch/reports/transit/lines.csv", [401, 200, 403, 200]),
    ("/dispatch/reports/transit/stop_visits.csv", [401, 200, 403, 200]),
    ("/metrics", [200, 200, 200, 200]),
    ("/openapi.json", [200, 200, 200, 200]),
    ("/auth/session", [200, 200, 200, 200]),
];

#[test]
fn every_door_opens_only_to_those_it_is_for() {
    let House { server, mqtt_port, tokens } = house();
    let client_of = |token: &Option<String>| match token {
        Some(token) => server.client().bearer(token),
        None => server.client(),
    };
    for (column, (role, token)) in tokens.iter().enumerate() {
        let client = client_of(token);
        for (door, expected) in TABLE {
            let answer = client.get(door);
            assert_eq!(answer.status, expected[column], "{role} at {door}: {}", answer.text());
            if *role == "anonymous" {
                no_canary(door, &String::from_utf8_lossy(&answer.bytes));
                let plain = client.with("accept-encoding", "identity").get(door);
                no_canary(door, &String::from_utf8_lossy(&plain.bytes));
            } else if answer.status == 200 {
                let kept = answer.header("cache-control").unwrap_or("");
                assert!(kept.contains("no-store"), "{role} at {door}: cache-control {kept:?}");
            }
        }
        writing(role, &client);
    }
    stream(&server);
    mqtt(mqtt_port);
    assert!(!server.log().contains(CANARY_PIPE) && !server.log().contains(CANARY_IMEI), "logs: {}", server.log());
}

fn no_canary(door: &str, text: &str) {
    for canary in [CANARY_PIPE, CANARY_PLATE, CANARY_DEVICE, CANARY_IMEI, CANARY_REJECTED, "canary_pipes"] {
        // A door may repeat the name that the caller asked for, nothing more.
        assert!(!text.contains(canary) || door.contains(canary), "{door} shows {canary}: {text}");
    }
    assert!(!text.contains(CANARY_PIPE), "{door} shows a staff attribute");
}

fn writing(role: &str, client: &Client) {
    let feature = json!({"type": "Feature", "geometry": null, "properties": {}}).to_string();
    let path = "/ogc/collections/roads/items";
    let created = client.send("POST", path, Some(feature.as_bytes()));
    let expected = match role {
        "anonymous" => 401,
        "dispatcher" => 403,
        _ => 201,
    };
    assert_eq!(created.status, expected, "{role} creates: {}", created.text());
    let replaced = client.with("if-match", "\"1\"").send("PUT", &format!("{path}/1"), Some(b"{}"));
    assert!(expected == 201 || replaced.status == expected, "{role} replaces: {}", replaced.status);
    let deleted = client.with("if-match", "\"999\"").send("DELETE", &format!("{path}/1"), None);
    assert_eq!(deleted.status, if expected == 201 { 412 } else { expected }, "{role} deletes");
}

/// The public stream tells nothing of staff collections, nor of trucks before their time.
fn stream(server: &Server) {
    let viewer = Stream::open(&server.url(), "/live", None);
    let more = server.folder().join("more.geojson");
    let document = json!({"type": "Feature", "properties": {"note": CANARY_PIPE},
        "geometry": {"type": "LineString", "coordinates": [[24.70, 48.91], [24.72, 48.93]]}});
    std::fs::write(&more, document.to_string()).expect("a file");
    let more = more.display().to_string();
    run_ok(&["import", &more, "--collection", "canary_pipes", "--append", "--store", &server.store()]);
    let events = viewer.all(Duration::from_secs(4));
    assert!(events.iter().any(|(name, _)| name == "vehicle"), "buses move");
    for (name, data) in &events {
        no_canary(&format!("/live {name}"), &data.to_string());
        let kinds: Vec<&Value> = data["vehicles"].as_array().into_iter().flatten().chain([data]).collect();
        for vehicle in kinds {
            let properties = &vehicle["properties"];
            for secret in ["plate", "source", "vehicle", "job", "extra", "operator"] {
                assert!(properties[secret].is_null(), "{name} shows {secret}: {vehicle}");
            }
        }
    }
}

/// The broker's door: who is not Misto may bring messages and take none.
fn mqtt(port: u16) {
    let output = std::process::Command::new("mosquitto_sub")
        .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-t", "#", "-W", "4", "-v"])
        .output()
        .expect("mosquitto_sub runs: apt-get install mosquitto-clients");
    let heard = String::from_utf8_lossy(&output.stdout);
    assert!(heard.trim().is_empty(), "a stranger hears: {}", &heard[..heard.len().min(300)]);
}

#[test]
fn a_sign_in_link_works_once_and_a_session_needs_its_header() {
    let (server, _) = Server::demo();
    let printed = eventually("the links are printed", Duration::from_secs(20), || {
        let printed = server.printed();
        printed.contains("Planner").then_some(printed)
    });
    let line = printed.lines().find(|line| line.starts_with("Planner")).expect("a link");
    let path = line.split_whitespace().nth(1).and_then(|url| url.split_once(&server.url())).expect("an address").1;
    let used = server.client().get(path);
    assert_eq!((used.status, used.header("location")), (303, Some("/edit")), "{}", used.text());
    let cookie = used.header("set-cookie").expect("a cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    assert_eq!(server.client().get(path).status, 401, "it works once");
    let session = server.client().with("cookie", cookie.split(';').next().expect("a pair"));
    server.ready();
    assert_eq!(session.get("/auth/session").json()["role"], "planner");
    let feature = json!({"type": "Feature", "geometry": null, "properties": {}}).to_string();
    let forged = session.send("POST", "/ogc/collections/roads/items", Some(feature.as_bytes()));
    assert_eq!(forged.status, 403, "a form of another site");
    let saved = session.with("x-misto", "1").send("POST", "/ogc/collections/roads/items", Some(feature.as_bytes()));
    assert_eq!(saved.status, 201, "{}", saved.text());
    assert_eq!(session.with("x-misto", "1").send("POST", "/auth/logout", None).status, 204);
    assert_eq!(session.get("/auth/session").json()["signed_in"], false);
    assert_eq!(server.client().bearer("wrong").get("/vehicles").status, 401);
    assert_eq!(run(&["token", "create", "--role", "king"]).status.code(), Some(2));
}
