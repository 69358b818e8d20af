//! A resident watches buses: live, stale and lost are three things.

use std::time::Duration;

use misto_tests::{Mosquitto, Server, Stream, eventually, run_ok};
use serde_json::{Value, json};

const SOON: Duration = Duration::from_secs(5);

fn play(server: &Server, broker: &Mosquitto, lines: &[String]) {
    let dump = server.folder().join("play.dump");
    std::fs::write(&dump, lines.join("\n")).expect("a dump");
    run_ok(&["replay", &dump.display().to_string(), "--broker", &broker.url(), "--speed", "max"]);
}

fn bus(name: &str, seconds_ago: i64, lon: f64) -> String {
    let now = jiff::Timestamp::now();
    let at = now - jiff::SignedDuration::from_secs(seconds_ago);
    let body = json!({"time": at.to_string(), "lat": 48.92, "lon": lon, "kind": "bus", "route_short_name": "28"});
    format!("{now} misto/v1/raw/test/{name} {body}")
}

fn states(server: &Server) -> Vec<(String, String)> {
    let fleet = server.staff("dispatcher").get("/vehicles").json();
    let mut states: Vec<(String, String)> = fleet["features"]
        .as_array()
        .expect("vehicles")
        .iter()
        .map(|v| (text(&v["id"]), text(&v["properties"]["state"])))
        .collect();
    states.sort();
    states
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[test]
fn the_age_of_a_fix_decides_and_a_restart_forgets_nothing() {
    let broker = Mosquitto::start();
    let mut server = Server::start(&broker.url(), "");
    server.ready();
    play(&server, &broker, &[bus("fresh", 2, 24.71), bus("tired", 120, 24.72), bus("lost", 4_000, 24.73)]);
    let expected = [("test:/fresh", "live"), ("test:/lost", "lost"), ("test:/tired", "stale")]
        .map(|(id, state)| (id.to_owned(), state.to_owned()));
    eventually("three states", SOON, || (states(&server) == expected).then_some(()));
    let public = server.client().get("/vehicles").json();
    assert_eq!(public["features"].as_array().map(Vec::len), Some(2), "the lost one is too old for the public");
    assert!(!public.to_string().contains("test:/"), "the public sees pseudonyms: {public}");
    server.kill();
    server.up();
    server.ready();
    assert_eq!(states(&server).len(), 3, "every vehicle ever known");
}

#[test]
fn a_viewer_gets_what_moves_in_the_viewport_and_nothing_goes_back_in_time() {
    let broker = Mosquitto::start();
    let server = Server::start(&broker.url(), "");
    server.ready();
    let viewer = Stream::open(&server.url(), "/live?bbox=24.70,48.91,24.72,48.93&kinds=vehicles", None);
    let snapshot = viewer.next("the snapshot", SOON, |name, _| name == "snapshot");
    assert_eq!(snapshot["vehicles"], json!([]));
    play(&server, &broker, &[bus("a", 3, 24.71), bus("far", 1, 24.79)]);
    let seen = viewer.next("the bus", SOON, |name, _| name == "vehicle");
    assert_eq!(seen["properties"]["route"], "28");
    let id = seen["id"].clone();
    play(&server, &broker, &[bus("a", 30, 24.705), bus("a", 1, 24.75)]);
    let gone = viewer.next("it left the viewport", SOON, |name, data| {
        assert!(name != "vehicle" || data["id"] != id, "an older fix was shown: {data}");
        name == "gone"
    });
    assert_eq!(gone["id"], id);
}

#[test]
fn a_viewer_may_follow_one_route() {
    let broker = Mosquitto::start();
    let server = Server::start(&broker.url(), "");
    server.ready();
    let theirs = Stream::open(&server.url(), "/live?kinds=vehicles&routes=28,30", None);
    let others = Stream::open(&server.url(), "/live?kinds=vehicles&routes=7", None);
    for viewer in [&theirs, &others] {
        viewer.next("the snapshot", SOON, |name, _| name == "snapshot");
    }
    play(&server, &broker, &[bus("a", 1, 24.71)]);
    theirs.next("the bus of route 28", SOON, |name, _| name == "vehicle");
    let heard = others.all(Duration::from_secs(1));
    assert!(heard.iter().all(|(name, _)| name != "vehicle"), "{heard:?}");
}

#[test]
fn bad_messages_are_kept_with_their_reason_and_the_rest_goes_on() {
    let broker = Mosquitto::start();
    let server = Server::start(&broker.url(), "");
    server.ready();
    let now = jiff::Timestamp::now();
    let ahead = now + jiff::SignedDuration::from_hours(5);
    let raw = |name: &str, body: Value| format!("{now} misto/v1/raw/test/{name} {body}");
    let mut client = rumqttc::MqttOptions::new("bad", "127.0.0.1", broker.port());
    client.set_max_packet_size(20 << 20, 20 << 20);
    let (client, mut connection) = rumqttc::Client::new(client, 10);
    let sender = std::thread::spawn(move || connection.iter().take_while(Result::is_ok).take(12).count());
    let publish = |topic: &str, payload: Vec<u8>| {
        client.publish(topic, rumqttc::QoS::AtLeastOnce, false, payload).expect("queued");
    };
    publish("misto/v1/raw/test/huge", vec![b' '; 10 << 20]);
    publish("misto/v1/raw/test/utf8", vec![b'{', 0xff, 0xfe, b'}']);
    publish("misto/v1/raw/test/json", b"{oops".to_vec());
    play(
        &server,
        &broker,
        &[
            raw("nan", json!({"time": now.to_string(), "lat": "NaN", "lon": 24.7})),
            raw("null", json!({"time": now.to_string(), "lat": 0, "lon": 0})),
            raw("out", json!({"time": now.to_string(), "lat": 148.9, "lon": 24.7})),
            raw("future", json!({"time": ahead.to_string(), "lat": 48.9, "lon": 24.7})),
            raw("lacking", json!({"lat": 48.9, "lon": 24.7})),
            bus("good", 1, 24.71),
        ],
    );
    let staff = server.staff("dispatcher");
    let ledger = eventually("eight rejections", Duration::from_secs(20), || {
        let ledger = staff.get("/dispatch/rejected").json();
        (ledger["total"] == 8).then_some(ledger)
    });
    let by_reason = &ledger["by_reason"];
    for (reason, count) in [
        ("too_large", 1),
        ("invalid_utf8", 1),
        ("invalid_json", 1),
        ("no_position", 1),
        ("in_future", 1),
        ("missing_field", 1),
    ] {
        assert_eq!(by_reason[reason], count, "{reason}: {by_reason}");
    }
    for entry in ledger["entries"].as_array().expect("entries") {
        assert!(entry["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{entry}");
        assert!(entry["payload_start"].as_str().is_some_and(|start| start.len() <= 2_048), "{entry}");
    }
    eventually("the good bus is live", SOON, || (states(&server).len() == 1).then_some(()));
    drop(client);
    drop(sender);
}
