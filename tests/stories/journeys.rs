//! How do I get there, by which bus, and what does that rest on?

use std::time::Duration;

use misto_tests::{Client, Server, eventually};
use serde_json::{Value, json};

/// Two stops of one line that lie far enough from each other to ride, as places.
fn far_stops(client: &Client) -> [(f64, f64); 2] {
    let stops = eventually("the timetable is loaded", Duration::from_secs(20), || {
        let answer = client.get("/transit/stops");
        (answer.status == 200).then(|| answer.json())
    });
    let place = |stop: &Value| {
        let degrees = |n: usize| stop["geometry"]["coordinates"][n].as_f64().expect("degrees");
        (degrees(0), degrees(1))
    };
    let wanted = |stop: &&Value| stop["properties"]["wheelchair_boarding"] != "no";
    let mut places: Vec<(f64, f64)> =
        stops["features"].as_array().expect("stops").iter().filter(wanted).map(place).collect();
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    [places[0], places[places.len() - 1]]
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn check(journey: &Value, step_free: bool) {
    let legs = journey["legs"].as_array().expect("legs");
    assert_eq!(legs.first().map(|leg| &leg["kind"]), Some(&json!("walk")), "{journey}");
    assert_eq!(legs.last().map(|leg| &leg["kind"]), Some(&json!("walk")), "{journey}");
    let rides: Vec<&Value> = legs.iter().filter(|leg| leg["kind"] == "ride").collect();
    assert_eq!(rides.len() as u64, journey["changes"].as_u64().expect("a number") + 1, "{journey}");
    assert!(text(&journey["leave"]) < text(&journey["arrive"]), "{journey}");
    for two in rides.windows(2) {
        let earlier = text(&two[0]["alight"]["planned_time"]) <= text(&two[1]["board"]["time"])
            || text(&two[0]["alight"]["time"]) <= text(&two[1]["board"]["time"]);
        assert!(earlier, "one boards after one got off: {journey}");
    }
    for (number, leg) in legs.iter().enumerate() {
        for language in ["uk", "en"] {
            assert!(!text(&leg["text"][language]).is_empty(), "{leg}");
        }
        let says =
            |code: &str| journey["rests_on"].to_string().contains(&format!("\"code\":\"{code}\",\"leg\":{number}"));
        if leg["kind"] == "walk" {
            assert!(leg["basis"] == "straight" && says("straight_walk"), "nobody looked at the way: {journey}");
            assert!(text(&leg["text"]["uk"]).contains("по прямій"), "{leg}");
        }
        if leg["kind"] == "ride" {
            let is = text(&leg["catch"]["is"]);
            assert!(["likely", "tight", "by_plan"].contains(&is), "{leg}");
            assert_eq!(leg["state"] == "scheduled", says("timetable_only"), "{journey}");
            if step_free {
                assert!(leg["low_floor"] != false, "no high floor for a chair: {leg}");
                assert_eq!(leg["low_floor"].is_null(), says("unknown_floor"), "{journey}");
                assert!(leg["from"]["wheelchair_boarding"] != false && leg["to"]["wheelchair_boarding"] != false);
            }
        }
    }
}

#[test]
fn a_way_by_low_floor_bus_says_what_it_rests_on_and_nobody_logs_who_asked() {
    let (server, _) = Server::demo();
    server.ready();
    let client = server.client();
    let [(west, south), (east, north)] = far_stops(&client);
    let path = format!("/access/journeys?from={west},{south}&to={east},{north}&max_walk_m=1234");
    let anybody = client.get(&path);
    assert_eq!(anybody.status, 200, "{}", anybody.text());
    let anybody = anybody.json();
    let journeys = anybody["journeys"].as_array().expect("journeys");
    assert!((1..=3).contains(&journeys.len()), "{anybody}");
    journeys.iter().for_each(|journey| check(journey, false));
    if !anybody["last_back"].is_null() {
        check(&anybody["last_back"], false);
    } else {
        assert_eq!(anybody["last_back_reason"]["code"], "no_connection", "{anybody}");
    }

    let asked = json!({"from": [west, south], "to": [east, north], "chair_width_cm": 67.5, "limit": 5});
    let chair = client.send("POST", "/access/journeys", Some(asked.to_string().as_bytes()));
    assert_eq!(chair.status, 200, "{}", chair.text());
    let chair = chair.json();
    for journey in chair["journeys"].as_array().expect("journeys") {
        check(journey, true);
    }
    let none = chair["journeys"].as_array().is_some_and(Vec::is_empty);
    assert_eq!(none, !chair["reason"].is_null(), "a journey or a reason: {chair}");

    let told = server.log() + &client.get("/metrics").text();
    for secret in ["67.5", "chair_width", "max_walk_m=1234", &format!("{east}")] {
        assert!(!told.contains(secret), "{secret} was logged or counted");
    }
}

#[test]
fn what_is_asked_wrongly_is_told_and_what_cannot_be_has_a_reason() {
    let (server, _) = Server::demo();
    server.ready();
    let client = server.client();
    let [(west, south), (east, north)] = far_stops(&client);
    let ends = format!("from={west},{south}&to={east},{north}");
    for (query, field) in [
        ("to=24.7,48.9".to_owned(), "from"),
        (format!("from=24.7&to={east},{north}"), "from"),
        (format!("from=240.7,48.9&to={east},{north}"), "from"),
        (format!("{ends}&at=tomorrow"), "at"),
        (format!("{ends}&at=2026-06-10T08:00:00Z&arrive_by=2026-06-10T09:00:00Z"), "arrive_by"),
        (format!("{ends}&max_walk_m=90000"), "max_walk_m"),
        (format!("{ends}&limit=0"), "limit"),
        (format!("{ends}&steps=few"), "steps"),
    ] {
        let answer = client.get(&format!("/access/journeys?{query}"));
        assert_eq!(answer.status, 400, "{query}: {}", answer.text());
        assert_eq!(answer.json()["field"], field, "{query}: {}", answer.text());
    }
    for (query, code) in [
        (format!("from={west},{south}&to={west},{south}"), "already_there"),
        (format!("from=0.5,0.5&to={east},{north}"), "no_stop_near_start"),
        (format!("from={west},{south}&to=0.5,0.5"), "no_stop_near_end"),
        (format!("{ends}&at=2001-01-01T08:00:00Z"), "outside_timetable"),
    ] {
        let answer = client.get(&format!("/access/journeys?{query}"));
        assert_eq!(answer.status, 200, "{query}: {}", answer.text());
        let answer = answer.json();
        assert_eq!(answer["reason"]["code"], code, "{query}: {answer}");
        assert!(answer["journeys"].as_array().is_some_and(Vec::is_empty), "{answer}");
    }
}
