//! Which places can I use? The answer rests on measurements, and nobody learns who asked.

use std::collections::BTreeMap;

use misto_tests::Server;
use serde_json::{Value, json};

fn verdicts(venues: &Value) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for venue in venues["features"].as_array().expect("venues") {
        *counts.entry(venue["properties"]["verdict"].as_str().unwrap_or("none").to_owned()).or_default() += 1;
    }
    counts
}

#[test]
fn an_unmeasured_door_is_never_green_and_nobody_logs_the_chair() {
    let (server, _) = Server::demo();
    server.ready();
    let client = server.client();
    let asked = client.get("/access/venues?chair_width_cm=68.25&steps=none&needs=toilet");
    assert_eq!(asked.status, 200, "{}", asked.text());
    let venues = asked.json();
    let all = venues["features"].as_array().expect("venues");
    assert!(all.len() >= 35, "{}", all.len());
    for venue in all {
        let properties = &venue["properties"];
        let known = |name: &str| !properties[name].is_null();
        let green = properties["verdict"] == "fits" || properties["verdict"] == "fits_with_help";
        if green {
            assert!(
                known("door_width_cm") && known("entrance_steps") && properties["accessible_toilet"] == true,
                "{venue}"
            );
            assert!(properties["door_width_cm"].as_f64() >= Some(68.25), "{venue}");
        } else {
            assert!(!properties["reasons"].as_array().expect("reasons").is_empty(), "{venue}");
        }
    }
    let by_body = client.send(
        "POST",
        "/access/venues",
        Some(json!({"chair_width_cm": 68.25, "steps": "none", "needs": ["toilet"]}).to_string().as_bytes()),
    );
    assert_eq!(verdicts(&by_body.json()), verdicts(&venues), "query and body are one question");
    assert_eq!(verdicts(&client.get("/access/venues").json()), BTreeMap::from([("none".to_owned(), all.len())]));
    let chair = client.get("/access/venues?chair_width_cm=60").json();
    let counts = verdicts(&chair);
    for verdict in ["fits", "does_not_fit", "unknown"] {
        assert!(counts.get(verdict).is_some_and(|count| *count > 0), "the demo shows {verdict}: {counts:?}");
    }
    client.get("/transit/stops?near=24.7777,48.9333");
    let told = server.log() + &client.get("/metrics").text();
    for secret in ["68.25", "chair_width", "24.7777", "steps=none"] {
        assert!(!told.contains(secret), "{secret} was logged or counted");
    }
}
