//! Several processes on one database and one broker do what one process does.

use std::time::Duration;

use jiff::Timestamp;
use misto_ingest::mqtt::{BrokerUrl, MqttConfig, Publisher};
use misto_tests::{Client, Mosquitto, Postgres, Server, eventually, hfp_messages, psql, run};
use serde_json::{Value, json};

const SOON: Duration = Duration::from_secs(20);
const LONG: Duration = Duration::from_secs(90);

struct City {
    _postgres: Postgres,
    store: String,
    broker: Mosquitto,
}

impl City {
    fn new() -> Self {
        let postgres = Postgres::start();
        let store = postgres.database();
        Self { _postgres: postgres, store, broker: Mosquitto::start() }
    }

    fn process(&self, role: &str, more: &str) -> Server {
        let server = Server::with_role(role, &self.store, &self.broker.url(), more);
        server.ready();
        server
    }

    fn count(&self, sql: &str) -> usize {
        psql(&self.store, sql).parse().expect("a count")
    }

    fn positions(&self) -> usize {
        self.count("SELECT count(*) FROM misto_private.position")
    }

    fn publish(&self, messages: Vec<(String, String)>, a_second: usize) -> std::thread::JoinHandle<()> {
        let url: BrokerUrl = self.broker.url().parse().expect("an address");
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let publisher = Publisher::start(MqttConfig::new(url, "misto-roles")).expect("a publisher");
                let mut ticks = tokio::time::interval(Duration::from_millis(10));
                for some in messages.chunks((a_second / 100).max(1)) {
                    ticks.tick().await;
                    for (topic, payload) in some {
                        publisher.publish(topic, payload.clone().into()).await.expect("it is taken");
                    }
                }
                publisher.flush().await.expect("the broker accepted all");
            });
        })
    }
}

fn distinct(messages: &[(String, String)]) -> usize {
    messages.iter().collect::<std::collections::BTreeSet<_>>().len()
}

fn fix(number: usize) -> (String, String) {
    let body = json!({"time": Timestamp::now().to_string(), "lat": 48.92, "lon": 24.71, "kind": "bus"});
    (format!("misto/v1/raw/fleet/{number}"), body.to_string())
}

/// What a stranger reads, without what differs by the moment of asking.
fn vehicles(client: &Client) -> Vec<(String, Value)> {
    let answer = client.get("/vehicles").json();
    let features = answer["features"].as_array().expect("features").iter();
    features.map(|feature| (feature["id"].to_string(), feature["geometry"].clone())).collect()
}

#[test]
fn two_ingest_processes_share_the_stream_and_one_that_is_killed_loses_nothing() {
    let city = City::new();
    let mut first = city.process("ingest", "");
    let second = city.process("ingest", "");
    let held = |server: &Server| server.metric("misto_broker_links");
    eventually("each holds half of the sessions", SOON, || (held(&first) == 8.0 && held(&second) == 8.0).then_some(()));
    let messages = hfp_messages(12_000);
    let expected = distinct(&messages);
    let publishing = city.publish(messages, 3_000);
    eventually("both bring in", SOON, || {
        let received = |server: &Server| server.metric("misto_messages_received_total") > 500.0;
        (received(&first) && received(&second)).then_some(())
    });
    first.kill();
    publishing.join().expect("all was published");
    eventually("the other takes over what waited for the dead", LONG, || (city.positions() >= expected).then_some(()));
    assert_eq!(city.positions(), expected, "exactly once");
    assert_eq!(held(&second), 16.0);
    first.up();
    eventually("the one that came back gets its part", SOON, || (held(&first) == 8.0).then_some(()));
}

#[test]
fn a_web_process_shows_what_the_ingest_brings_and_two_of_them_say_the_same() {
    let city = City::new();
    let ingest = city.process("ingest", "");
    city.publish(vec![fix(0)], 100).join().expect("published");
    eventually("it is in the history", SOON, || (city.positions() == 1).then_some(()));
    let (one, other) = (city.process("web", ""), city.process("web", ""));
    assert_eq!(vehicles(&one.client()).len(), 1, "begins with what the store knows");
    city.publish((1..200).map(|number| fix(number)).collect(), 10_000).join().expect("published");
    for web in [&one, &other] {
        eventually("everything is on the map", SOON, || (vehicles(&web.client()).len() == 200).then_some(()));
    }
    assert_eq!(vehicles(&one.client()), vehicles(&other.client()));
    assert_eq!(ingest.client().get("/vehicles").status, 404, "an ingest process serves no map");
    assert_eq!(ingest.client().get("/metrics").status, 200);

    let body =
        r#"{"type":"Feature","geometry":{"type":"Point","coordinates":[24.71,48.92]},"properties":{"name":"Лавка"}}"#;
    psql(
        &city.store,
        "CREATE TABLE benches (fid bigint PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, name text, geom geometry(Point, 4326))",
    );
    let planner = one.staff("planner");
    eventually("the collection is there", SOON, || {
        (planner.get("/ogc/collections/benches/items").status == 200).then_some(())
    });
    assert_eq!(planner.send("POST", "/ogc/collections/benches/items", Some(body.as_bytes())).status, 201);
    let reader = planner.at(&other.url());
    eventually("the other process shows the edit", Duration::from_secs(3), || {
        let items = reader.get("/ogc/collections/benches/items").json();
        (items["features"].as_array()?.len() == 1).then_some(())
    });
}

#[test]
fn the_rules_are_followed_by_one_process_and_by_another_when_it_dies() {
    let city = City::new();
    let more = "[city]\nstale_after_s = 2\nlost_after_s = 4\n";
    let _ingest = city.process("ingest", more);
    let mut first = city.process("rules", more);
    let second = city.process("rules", more);
    city.publish((0..300).map(|number| fix(number)).collect(), 10_000).join().expect("published");
    let lost = "SELECT count(*) FROM misto_private.event AS e JOIN misto_private.subject AS s ON s.id = e.subject WHERE s.source = 'signal_lost'";
    let told = |what: &str| city.count(&lost.replace("signal_lost", what));
    eventually("both find silence in their half", SOON, || {
        let found = |server: &Server| server.metric("misto_events_added_total") > 50.0;
        (found(&first) && found(&second)).then_some(())
    });
    eventually("each silence is told", SOON, || (told("signal_lost") == 300).then_some(()));
    // Killed while they fall silent a second time: the other takes over its half.
    city.publish((0..300).map(|number| fix(number)).collect(), 10_000).join().expect("published");
    first.kill();
    eventually("the second silence is told too", LONG, || (told("signal_lost") >= 600).then_some(()));
    city.publish((0..300).map(|number| fix(number)).collect(), 10_000).join().expect("published");
    eventually("the end of the second silence is told", LONG, || (told("signal_found") >= 300).then_some(()));
    assert_eq!(told("signal_lost"), 600, "no silence is told twice");
    let staff = Server::with_role("web", &city.store, &city.broker.url(), more);
    let events = staff.staff("dispatcher").get("/dispatch/events?kind=signal_lost&limit=1000").json();
    assert_eq!(events["events"].as_array().map(Vec::len), Some(600));
    let wrong = staff.staff("dispatcher").get("/dispatch/events?kind=Lost");
    assert_eq!((wrong.status, wrong.json()["field"].clone()), (400, json!("kind")));
    assert_eq!(staff.client().get("/dispatch/events").status, 401);
}

#[test]
fn when_the_database_forgets_who_holds_what_the_work_goes_on() {
    let city = City::new();
    let ingest = city.process("ingest", "");
    let messages = hfp_messages(6_000);
    let expected = distinct(&messages);
    let publishing = city.publish(messages, 2_000);
    for _ in 0..3 {
        std::thread::sleep(Duration::from_millis(700));
        psql(
            &city.store,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'misto%'",
        );
    }
    publishing.join().expect("all was published");
    eventually("all is in the history", LONG, || (city.positions() >= expected).then_some(()));
    assert_eq!(city.positions(), expected, "exactly once");
    ingest.ready();
}

#[test]
fn the_index_equals_the_table_when_its_listener_is_killed_in_the_middle_of_edits() {
    let city = City::new();
    psql(
        &city.store,
        "CREATE TABLE benches (fid bigint PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, name text, geom geometry(Point, 4326))",
    );
    let web = city.process("web", "");
    let planner = web.staff("planner");
    for round in 0..20 {
        psql(
            &city.store,
            &format!(
                "INSERT INTO benches(name, geom) SELECT 'Лавка ' || n, ST_SetSRID(ST_MakePoint(24.7 + n * 0.0001, 48.9), 4326) FROM generate_series({round} * 50, {round} * 50 + 49) AS n"
            ),
        );
        psql(
            &city.store,
            "UPDATE benches SET name = name || '!' WHERE fid % 7 = 0; DELETE FROM benches WHERE fid % 11 = 3",
        );
        if round % 5 == 2 {
            psql(
                &city.store,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ILIKE 'LISTEN%' OR application_name = 'misto'",
            );
        }
    }
    let table = psql(&city.store, "SELECT string_agg(fid || '=' || name, ',' ORDER BY fid) FROM benches");
    eventually("the index equals the table", SOON, || {
        let answer = planner.get("/ogc/collections/benches/items?limit=10000");
        let items = (answer.status == 200).then(|| answer.json())?;
        let told = items["features"]
            .as_array()?
            .iter()
            .map(|feature| format!("{}={}", feature["id"], feature["properties"]["name"].as_str().unwrap_or_default()));
        (told.collect::<Vec<_>>().join(",") == table).then_some(())
    });
}

#[test]
fn what_one_process_alone_can_use_is_refused_to_several() {
    for (store, mqtt, said) in [
        ("geopackage:./city.gpkg", "mqtt://127.0.0.1:1883", "store.url"),
        ("postgres://nobody@127.0.0.1:1/none", "embedded", "mqtt.url"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("misto.toml");
        std::fs::write(&file, misto_tests::config(store, misto_tests::free_port(), mqtt)).expect("a configuration");
        let output = run(&["serve", "--config", &file.display().to_string(), "--role", "web"]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && told.contains(said) && told.contains("--role all"), "{told}");
    }
}
