//! An administrator at night: every mistake gets a clear answer, and what breaks
//! around Misto does not break Misto.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use misto_ingest::mqtt::{BrokerUrl, MqttConfig, Publisher};
use misto_tests::{Mosquitto, Server, config, eventually, hfp_messages, run};
use serde_json::json;
use tempfile::TempDir;

const SOON: Duration = Duration::from_secs(30);

fn refused(arguments: &[&str], says: &[&str]) {
    let output = run(arguments);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {text}");
    for word in says {
        assert!(text.contains(word), "{arguments:?} should say {word:?}: {text}");
    }
    assert!(!text.contains("panicked"), "{text}");
}

#[test]
fn a_broken_configuration_names_file_line_and_key() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("misto.toml");
    let name = file.display().to_string();
    std::fs::write(&file, "[http]\nlisten = \"127.0.0.1:0\"\n\n[store]\nulr = \"x\"\n").expect("a file");
    refused(&["serve", "--config", &name], &["misto.toml", "line 5", "ulr"]);
    refused(&["check", "--config", &name], &["misto.toml", "line 5", "ulr"]);
    std::fs::write(&file, "[store]\nurl = \"mysql://x\"\n").expect("a file");
    refused(&["serve", "--config", &name], &["store.url", "geopackage:"]);
    refused(&["serve", "--config", "no-such-file.toml"], &["no-such-file.toml"]);
}

#[test]
fn a_port_that_was_asked_for_and_is_taken_is_an_error() {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = taken.local_addr().expect("its address").port();
    let folder = TempDir::new().expect("a folder");
    let data = folder.path().display().to_string();
    refused(&["demo", "--port", &port.to_string(), "--data", &data], &[&port.to_string(), "--port"]);
    let file = folder.path().join("misto.toml");
    std::fs::write(
        &file,
        config(&format!("geopackage:{}/city.gpkg", folder.path().display()), port, "mqtt://127.0.0.1:1"),
    )
    .expect("a file");
    refused(&["serve", "--config", &file.display().to_string()], &["http.listen"]);
}

#[test]
fn a_store_that_cannot_be_written_says_so() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("not-a-folder");
    std::fs::write(&file, "x").expect("a file");
    let store = format!("geopackage:{}", file.join("city.gpkg").display());
    refused(&["token", "create", "--role", "admin", "--store", &store], &["not-a-folder"]);
    let text = folder.path().join("text.gpkg");
    std::fs::write(&text, "this is no database, it is a letter to the mayor").expect("a file");
    refused(
        &["token", "create", "--role", "admin", "--store", &format!("geopackage:{}", text.display())],
        &["text.gpkg"],
    );
    assert_eq!(
        std::fs::read_to_string(&text).expect("still there"),
        "this is no database, it is a letter to the mayor"
    );
}

#[test]
fn the_file_with_accounts_is_for_its_owner_only() {
    let broker = Mosquitto::start();
    let server = Server::start(&broker.url(), "");
    let mode = std::fs::metadata(server.folder().join("misto.sqlite")).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_broker_that_is_gone_is_tried_again_and_readiness_says_so() {
    let mut broker = Mosquitto::start();
    broker.kill();
    let server = Server::start(&broker.url(), "");
    let not_ready = eventually("readiness names the broker", Duration::from_secs(10), || {
        let answer = server.client().get("/readyz");
        (answer.status == 503 && answer.text().contains("MQTT")).then_some(answer)
    });
    assert!(not_ready.json()["reasons"].is_array());
    assert_eq!(server.client().get("/healthz").status, 200);
    broker.up();
    server.ready();
    broker.kill();
    eventually("readiness fails again", Duration::from_secs(10), || {
        (server.client().get("/readyz").status == 503).then_some(())
    });
    broker.up();
    server.ready();
}

#[test]
fn what_mosquitto_accepted_before_the_program_was_killed_is_in_the_history_once() {
    let broker = Mosquitto::start();
    let mut server = Server::start(&broker.url(), "");
    server.ready();
    let now = jiff::Timestamp::now();
    let lines: Vec<String> = (0..4_000)
        .map(|n| {
            let at = now - jiff::SignedDuration::from_millis(n);
            let body = json!({"time": at.to_string(), "lat": 48.92, "lon": 24.71, "kind": "bus"});
            format!("{now} misto/v1/raw/kill/{} {body}", n % 40)
        })
        .collect();
    let dump = server.folder().join("kill.dump");
    std::fs::write(&dump, lines.join("\n")).expect("a dump");
    let (url, path) = (broker.url(), dump.display().to_string());
    let playing =
        std::thread::spawn(move || misto_tests::run_ok(&["replay", &path, "--broker", &url, "--speed", "max"]));
    std::thread::sleep(Duration::from_millis(150));
    server.kill();
    playing.join().expect("the replay ends");
    server.up();
    server.ready();
    let count = || {
        let staff = server.staff("dispatcher");
        (0..40)
            .map(|n| {
                let page = staff.get(&format!("/vehicles/kill%3A%2F{n}/track?limit=10000"));
                if page.status == 200 { page.json()["features"].as_array().map_or(0, Vec::len) } else { 0 }
            })
            .sum::<usize>()
    };
    eventually("every fix is there", Duration::from_secs(30), || (count() >= 4_000).then_some(()));
    assert_eq!(count(), 4_000, "and once");
}

#[test]
fn bad_requests_get_clear_answers_and_the_process_lives() {
    let (server, _) = Server::demo();
    server.ready();
    let client = server.client();
    let problem = |path: &str, status: u16| {
        let answer = client.get(path);
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{path}");
        assert!(answer.json()["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{path}");
    };
    problem("/tiles/roads/25/0/0", 400);
    problem("/tiles/roads/3/9/0", 400);
    problem("/tiles/roads/99999999999/0/0", 400);
    problem("/tiles/roads/-1/0/0", 400);
    problem("/tiles/nothing/3/1/1", 404);
    problem("/tiles/roads/3/4/2?filter=nonsense%3E1", 400);
    problem("/tiles/roads/3/4/2?filter=lanes%3E", 400);
    problem("/tiles/roads/3/4/2?foo=1", 400);
    problem("/vehicles?foo=1", 400);
    problem("/live?foo=1", 400);
    problem("/vehicles?bbox=25,48,24,49", 400);
    problem("/vehicles?bbox=1,2,3", 400);
    problem("/vehicles?bbox=a,b,c,d", 400);
    problem("/vehicles?kinds=tank", 400);
    problem("/live?bbox=25,48,24,49", 400);
    problem("/ogc/collections/roads/items?bbox=0,90,1,-90", 400);
    problem("/ogc/collections/roads/items?limit=-1", 400);
    problem("/ogc/collections/roads/items?nonsense=1", 400);
    problem("/ogc/collections/roads/items/999999999", 404);
    problem("/ogc/collections/sqlite_master/items", 404);
    problem("/access/venues?chair_width_cm=-5", 400);
    problem("/access/venues?steps=some", 400);
    problem("/transit/stops/nowhere/arrivals", 404);
    problem("/transit/stops?near=abc", 400);
    problem("/vehicles/x/track?from=yesterday", 404);
    problem("/no/such/thing", 404);
    problem("/dispatch/nothing", 404);
    problem("/assets/../../Cargo.toml", 404);
    problem("/assets/..%2f..%2fCargo.toml", 404);
    problem("/..%2f..%2fetc/passwd", 404);
    let planner = server.staff("planner");
    let nested = format!("{{\"type\":\"Feature\",\"geometry\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(planner.send("POST", "/ogc/collections/roads/items", Some(nested.as_bytes())).status, 400);
    let million =
        format!("{{\"type\":\"Feature\",\"geometry\":null,\"properties\":{{\"name\":\"{}\"}}}}", "x".repeat(1 << 20));
    let refused = planner.send("POST", "/ogc/collections/roads/items", Some(million.as_bytes()));
    assert_eq!((refused.status, &refused.json()["field"]), (400, &json!("properties.name")), "a name of 1 MB");
    let incomplete = planner.with("if-match", "\"1\"").send(
        "PUT",
        "/ogc/collections/roads/items/1",
        Some(b"{\"type\":\"Feature\"}"),
    );
    assert_eq!(incomplete.status, 400, "nothing is wiped by leaving it out");
    let huge = vec![b' '; 9 << 20];
    let refused = planner.try_send("POST", "/ogc/collections/roads/items", Some(&huge));
    assert!(refused.map_or(true, |answer| answer.status == 413), "larger than http.max_body_bytes");
    assert_eq!(client.send("PATCH", "/vehicles", None).status, 405);
    assert_eq!(client.get("/healthz").status, 200, "the process lives");
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[test]
fn it_stops_in_order_when_told() {
    let broker = Mosquitto::start();
    let mut server = Server::start(&broker.url(), "");
    server.ready();
    server.stop();
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}

#[test]
fn what_was_taken_before_a_stop_is_committed_and_not_brought_again() {
    let broker = Mosquitto::start();
    let mut server = Server::start(&broker.url(), "");
    server.ready();
    let messages = hfp_messages(20_000);
    let url: BrokerUrl = broker.url().parse().expect("an address");
    let all = messages.all;
    let flood = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let publisher = Publisher::start(MqttConfig::new(url, "misto-stop")).expect("a publisher");
            for (topic, payload) in &all {
                publisher.publish(topic, payload.clone().into()).await.expect("it is taken");
            }
            publisher.flush().await.expect("the broker accepted all");
        });
    });
    eventually("the flood arrives", SOON, || (server.metric("misto_messages_received_total") > 2_000.0).then_some(()));
    server.stop();
    flood.join().expect("all was published");
    server.up();
    let added = || server.metric("misto_positions_added_total");
    let kept = || {
        let file = rusqlite::Connection::open(server.folder().join("tracks.sqlite")).expect("the file");
        file.query_row("SELECT count(*) FROM position", [], |row| row.get::<_, i64>(0)).expect("a count") as usize
    };
    eventually("the rest arrives", SOON, || (kept() == messages.distinct).then_some(()));
    assert!(added() < messages.distinct as f64, "some came before the stop");
    assert_eq!(server.metric("misto_positions_redelivered_total"), 0.0, "all that was committed was acknowledged");
}
