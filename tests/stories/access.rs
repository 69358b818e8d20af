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
    let whole = json!({"chair_width_cm": 68.25, "clearance_cm": 3.5625, "max_slope_percent": 7.109375,
        "max_climb_cm": 77.53125, "needs": ["surface", "help"]});
    let by_query = client
        .get("/access/venues?chair_width_cm=68.25&clearance_cm=3.5625&max_slope_percent=7.109375&max_climb_cm=77.53125&needs=surface,help");
    let by_body = client.send("POST", "/access/venues", Some(whole.to_string().as_bytes()));
    assert_eq!(verdicts(&by_query.json()), verdicts(&by_body.json()));
    // What is refused is told to who asked, and to nobody else.
    for wrong in ["clearance_cm=-3.5625", "max_climb_cm=77000000.5", "needs=surface,wings"] {
        assert_eq!(client.get(&format!("/access/venues?{wrong}")).status, 400, "{wrong}");
    }
    for answer in [&by_query, &by_body] {
        assert!(answer.header("set-cookie").is_none(), "nobody is recognised by a cookie");
    }
    let told = server.log() + &client.get("/metrics").text();
    let secrets = [
        "68.25",
        "chair_width",
        "24.7777",
        "steps=none",
        "3.5625",
        "clearance",
        "7.109375",
        "77.53125",
        "climb",
        "surface",
        "wings",
    ];
    for secret in secrets {
        assert!(!told.contains(secret), "{secret} was logged or counted");
    }
}

/// A page that holds the answer knows for a week what is open.
#[test]
fn places_tell_when_they_are_open_in_the_days_ahead() {
    let (server, _) = Server::demo();
    server.ready();
    let told = server.client().get("/access/venues").json();
    let openings = &told["openings"];
    let texts: Vec<&str> = told["features"]
        .as_array()
        .expect("venues")
        .iter()
        .filter_map(|venue| venue["properties"]["opening_hours"].as_str())
        .collect();
    assert!(texts.len() > 20, "{}", texts.len());
    for text in &texts {
        let times = &openings["by_text"][text];
        assert!(times["open"].is_array() || times["unreadable"].is_string(), "{text}: {times}");
    }
    let weekdays = openings["by_text"]["Mo-Fr 08:00-18:00"]["open"].as_array().expect("hours of the service centre");
    assert!((5..=6).contains(&weekdays.len()), "five working days, one of them perhaps in two pieces: {weekdays:?}");
    let [from, until] = ["from", "until"].map(|end| openings[end].as_str().expect("an instant"));
    assert!(weekdays.iter().all(|day| day[0].as_str() >= Some(from) && day[1].as_str() <= Some(until)));
    let id = told["features"]
        .as_array()
        .and_then(|all| all.iter().find(|venue| venue["properties"]["opening_hours"].is_string()))
        .map(|venue| venue["id"].clone())
        .expect("a place with hours");
    let one = server.client().get(&format!("/access/venues/{id}")).json();
    assert_eq!(one["openings"]["by_text"].as_object().map(serde_json::Map::len), Some(1));
}
