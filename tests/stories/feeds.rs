//! When does the next bus come, how sure is that, and what do others' programs read?

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::time::Duration;

use jiff::Timestamp;
use misto_ingest::files::gtfs;
use misto_ingest::gtfs_realtime::{
    Alert, EntitySelector, FeedEntity, FeedHeader, FeedMessage, Incrementality, TranslatedString, Translation,
    TripDescriptor, TripRelationship, TripUpdate,
};
use misto_ingest::mqtt::{MqttConfig, Publisher};
use misto_sample_layers::Fleet;
use misto_tests::{Client, Mosquitto, Postgres, Server, eventually, run_ok};
use prost::Message;
use serde_json::{Value, json};
use tempfile::TempDir;

const SOON: Duration = Duration::from_secs(20);
/// Matching wants two minutes of fixes.
const LONG: Duration = Duration::from_secs(180);

fn feed(client: &Client, name: &str) -> Option<FeedMessage> {
    let answer = client.get(&format!("/gtfs-rt/{name}.pb"));
    (answer.status == 200).then(|| FeedMessage::decode(answer.bytes.as_slice()).expect("a feed"))
}

/// Rows of the boards of every twentieth stop.
fn rows(client: &Client) -> Vec<Value> {
    let stops = client.get("/transit/stops").json();
    let ids: Vec<String> =
        stops["features"].as_array().into_iter().flatten().filter_map(|s| Some(s["id"].as_str()?.to_owned())).collect();
    let board = |id: &String| client.get(&format!("/transit/stops/{id}/arrivals")).json()["departures"].clone();
    ids.iter().step_by(20).flat_map(|id| board(id).as_array().cloned().unwrap_or_default()).collect()
}

#[test]
fn a_resident_is_told_when_the_bus_comes_and_how_sure_that_is() {
    let (server, _) = Server::demo();
    server.ready();
    let client = server.client();
    let predicted = eventually("a vehicle is on its way to a stop", LONG, || {
        let found: Vec<Value> = rows(&client).into_iter().filter(|row| row["state"] == "predicted").collect();
        (found.len() >= 5).then_some(found)
    });
    for row in &predicted {
        let at = |name: &str| row[name].as_str().expect(name).parse::<Timestamp>().expect(name);
        assert!(at("earliest") <= at("time") && at("time") <= at("latest"), "{row}");
        assert_eq!((row["scheduled"].clone(), row["vehicle"].is_string()), (json!(false), true), "{row}");
    }

    // What others read says the same, by ids of the feed that is published beside it.
    let folder = TempDir::new().expect("a folder");
    let zip = folder.path().join("static.zip");
    std::fs::write(&zip, client.get("/gtfs/static.zip").bytes).expect("a file");
    let timetable = gtfs::read(&zip).expect("the published feed is valid").timetable;
    let trips: BTreeSet<&str> = timetable.trips.iter().map(|trip| trip.id.0.as_str()).collect();
    let updates = feed(&client, "trip-updates").expect("a feed");
    let positions = feed(&client, "vehicle-positions").expect("a feed");
    assert!(!updates.entity.is_empty() && !positions.entity.is_empty());
    for entity in &updates.entity {
        let update = entity.trip_update.as_ref().expect("an update");
        let trip = update.trip.trip_id.as_deref().expect("a trip");
        assert!(trips.contains(trip), "{trip} is in the timetable");
        let sequences: Vec<_> = update.stop_time_update.iter().map(|stop| stop.stop_sequence).collect();
        assert!(sequences.is_sorted() && !sequences.is_empty(), "{trip}: {sequences:?}");
        let moments = update.stop_time_update.iter().flat_map(|stop| [stop.arrival, stop.departure]);
        let moments: Vec<i64> = moments.flatten().filter_map(|event| event.time).collect();
        assert!(moments.is_sorted(), "{trip}: {moments:?}");
    }
    let made = positions.header.timestamp.expect("a moment");
    for entity in &positions.entity {
        let measured = entity.vehicle.as_ref().and_then(|vehicle| vehicle.timestamp).expect("a moment");
        assert!(measured <= made && made - measured <= 90, "{}: {measured} of {made}", entity.id);
    }

    // Neither plates nor what trackers call themselves.
    let shown = client.get("/gtfs-rt/vehicle-positions.json").text();
    assert!(shown.contains("\"vehicle\""), "{shown}");
    for secret in ["licensePlate", "if-operator", "hfp:"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }

    // Dispatchers see each vehicle with its trip or the reason why it has none.
    assert_eq!(client.get("/dispatch/transit").status, 401);
    let matched = server.staff("dispatcher").get("/dispatch/transit").json();
    let vehicles = matched["vehicles"].as_array().expect("vehicles");
    assert!(vehicles.iter().all(|one| one["reason"].is_string() && one["state"].is_string()));
    assert!(vehicles.iter().any(|one| one["trip_id"].is_string()), "{matched}");

    // Without a script, small, in both languages.
    let stop = client.get("/transit/stops?limit=1").json()["features"][0]["id"].as_str().expect("a stop").to_owned();
    for language in ["uk", "en"] {
        let page = client.get(&format!("/stops/{stop}?lang={language}"));
        let text = page.text();
        assert_eq!(page.status, 200);
        assert!(text.contains(&format!("<html lang=\"{language}\">")) && !text.contains("<script"));
        assert!(page.bytes.len() <= 10_000, "{} bytes", page.bytes.len());
    }
    assert_eq!(client.get("/stops/nowhere").status, 404);

    // The same bytes are not sent twice.
    let first = client.get("/gtfs-rt/alerts.pb");
    let etag = first.header("etag").expect("a tag");
    let again = client.with("if-none-match", etag).get("/gtfs-rt/alerts.pb");
    assert!(again.status == 304 || again.header("etag") != Some(etag));
    assert_eq!(first.header("access-control-allow-origin"), Some("*"));
}

#[test]
fn people_find_a_stop_however_they_type_it() {
    let (server, _) = Server::demo();
    server.ready();
    let client = server.client();
    let all = eventually("the timetable is loaded", SOON, || {
        let answer = client.get("/transit/stops");
        (answer.status == 200).then(|| answer.json())
    });
    let name = all["features"][0]["properties"]["name"].as_str().expect("a name").to_owned();
    let found = |typed: &str| {
        let typed: String = typed.bytes().map(|b| format!("%{b:02X}")).collect();
        let stops = client.get(&format!("/transit/stops?limit=20&q={typed}")).json();
        stops["features"].as_array().is_some_and(|list| list.iter().any(|s| s["properties"]["name"] == name.as_str()))
    };
    assert!(found(&name) && found(&name.to_uppercase()) && found(&name.to_lowercase()), "{name}");
    assert!(!found("жжжжжж"));
    assert_eq!(client.get(&format!("/transit/stops?q={}", "x".repeat(200))).status, 400);
}

#[test]
fn a_notice_is_written_once_and_read_everywhere() {
    let (server, _) = Server::demo();
    server.ready();
    let (client, dispatcher) = (server.client(), server.staff("dispatcher"));
    let route = eventually("the timetable is loaded", SOON, || {
        client.get("/transit/routes").json()["routes"][0]["id"].as_str().map(str::to_owned)
    });
    let notice = |header: &str, route: &str| {
        json!({"header": {"uk": header, "en": "Detour"}, "effect": "DETOUR", "routes": [route]}).to_string()
    };
    let path = "/dispatch/transit/alerts";
    let sent = |client: &Client, method: &str, path: &str, body: &str| client.send(method, path, Some(body.as_bytes()));
    assert_eq!(sent(&client, "POST", path, &notice("Об’їзд", &route)).status, 401);
    let wrong = sent(&dispatcher, "POST", path, &notice("Об’їзд", "no-such-route"));
    assert_eq!((wrong.status, wrong.json()["field"].clone()), (400, json!("routes")));
    let made = sent(&dispatcher, "POST", path, &notice("Об’їзд вулицею Галицькою", &route));
    assert_eq!(made.status, 201, "{}", made.text());
    let address = made.header("location").expect("an address").to_owned();
    let etag = made.header("etag").expect("a tag").to_owned();

    let public = client.get("/transit/alerts").json();
    assert_eq!(public["alerts"][0]["header"]["uk"], "Об’їзд вулицею Галицькою");
    eventually("it is in the feed", SOON, || {
        let feed = feed(&client, "alerts")?;
        let alert = feed.entity.first()?.alert.clone()?;
        let text = alert.header_text?.translation.first()?.text.clone();
        (text == "Об’їзд вулицею Галицькою" && alert.informed_entity[0].route_id.as_deref() == Some(&route))
            .then_some(())
    });

    assert_eq!(sent(&dispatcher, "PUT", &address, &notice("Об’їзд", &route)).status, 428);
    let changed = sent(&dispatcher.with("if-match", &etag), "PUT", &address, &notice("Об’їзд знято частково", &route));
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!(sent(&dispatcher.with("if-match", &etag), "PUT", &address, &notice("x", &route)).status, 412);
    let etag = changed.header("etag").expect("a tag").to_owned();
    assert_eq!(dispatcher.with("if-match", &etag).send("DELETE", &address, None).status, 204);
    assert_eq!(client.get("/transit/alerts").json()["alerts"], json!([]));
    eventually("it is gone from the feed", SOON, || feed(&client, "alerts")?.entity.is_empty().then_some(()));
}

/// The demo fleet, at the pace of the clock, for as long as the test runs.
fn set_out(broker: &Mosquitto) {
    let url = broker.url().parse().expect("an address");
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let publisher = Publisher::start(MqttConfig::new(url, "misto-feeds")).expect("a publisher");
            let mut fleet = Fleet::new(7);
            let mut ticks = tokio::time::interval(Duration::from_secs(1));
            loop {
                ticks.tick().await;
                for message in fleet.messages(Timestamp::now()) {
                    if publisher.publish(&message.topic, message.payload.into()).await.is_err() {
                        return;
                    }
                }
            }
        });
    });
}

#[test]
fn the_feeds_of_several_processes_are_one_and_never_go_back() {
    let postgres = Postgres::start();
    let store = postgres.database();
    let broker = Mosquitto::start();
    let folder = TempDir::new().expect("a folder");
    let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    for (name, text) in misto_sample_layers::gtfs(today) {
        std::fs::write(folder.path().join(name), text.as_bytes()).expect("a file");
    }
    run_ok(&["gtfs", "load", &folder.path().display().to_string(), "--store", &store]);
    let process = |role: &str| {
        let server = Server::with_role(role, &store, &broker.url(), "");
        server.ready();
        server
    };
    let _ingest = process("ingest");
    let mut rules = [process("rules"), process("rules")];
    let webs = [process("web"), process("web")];
    set_out(&broker);
    let clients = webs.each_ref().map(Server::client);
    eventually("both tell vehicles with trips", LONG, || {
        let has_trips = |client: &Client| feed(client, "trip-updates").is_some_and(|feed| feed.entity.len() > 3);
        clients.iter().all(has_trips).then_some(())
    });

    // By moment of making: one content, whoever is asked, and no moment before one seen.
    let mut seen: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
    let mut newest = [0; 2];
    let mut look = || {
        for (client, newest) in clients.iter().zip(&mut newest) {
            let bytes = client.get("/gtfs-rt/vehicle-positions.pb").bytes;
            let made = FeedMessage::decode(bytes.as_slice()).expect("a feed").header.timestamp.expect("a moment");
            assert!(made >= *newest, "the feed went back from {newest} to {made}");
            *newest = made;
            let known = seen.entry(made).or_insert_with(|| bytes.clone());
            assert!(*known == bytes, "two contents of one moment {made}");
        }
        newest
    };
    for _ in 0..30 {
        look();
        std::thread::sleep(Duration::from_millis(500));
    }
    // One of the two leads; each is killed in turn, and another goes on.
    let _third = process("rules");
    for server in &mut rules {
        let before = look();
        server.kill();
        eventually("the feeds go on", LONG, || {
            look().iter().zip(before).all(|(now, then)| *now > then + 6).then_some(())
        });
    }
}

/// Answers every request with one feed, for as long as the test runs; gives its address.
fn published(feed: &FeedMessage) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let address = listener.local_addr().expect("its address");
    let bytes = feed.encode_to_vec();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let _head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", bytes.len());
            let mut stream = &stream;
            let _reader_may_be_gone = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&bytes));
        }
    });
    format!("http://{address}/feed.pb")
}

/// A trip that does not run today, and a notice for everybody.
fn somebody_elses(trip: &str) -> FeedMessage {
    let now = Timestamp::now();
    let day = now.to_zoned(jiff::tz::TimeZone::get("Europe/Kyiv").expect("a zone")).date();
    let trip = TripDescriptor {
        trip_id: Some(trip.to_owned()),
        start_date: Some(day.strftime("%Y%m%d").to_string()),
        schedule_relationship: Some(TripRelationship::Canceled as i32),
        ..TripDescriptor::default()
    };
    let translation =
        Translation { text: "Зупинку перенесено".to_owned(), language: Some("uk".to_owned()) };
    let alert = Alert {
        header_text: Some(TranslatedString { translation: vec![translation] }),
        informed_entity: vec![EntitySelector { route_type: Some(3), ..EntitySelector::default() }],
        ..Alert::default()
    };
    let update = TripUpdate { trip, ..TripUpdate::default() };
    let entity = |id: &str| FeedEntity { id: id.to_owned(), ..FeedEntity::default() };
    FeedMessage {
        header: FeedHeader {
            gtfs_realtime_version: "2.0".to_owned(),
            incrementality: Some(Incrementality::FullDataset as i32),
            timestamp: u64::try_from(now.as_second()).ok(),
        },
        entity: vec![
            FeedEntity { trip_update: Some(update), ..entity("cancelled") },
            FeedEntity { alert: Some(alert), ..entity("notice") },
        ],
    }
}

#[test]
fn what_somebody_elses_feed_says_reaches_who_asks_any_process() {
    let postgres = Postgres::start();
    let store = postgres.database();
    let broker = Mosquitto::start();
    let folder = TempDir::new().expect("a folder");
    let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    for (name, text) in misto_sample_layers::gtfs(today) {
        std::fs::write(folder.path().join(name), text.as_bytes()).expect("a file");
    }
    run_ok(&["gtfs", "load", &folder.path().display().to_string(), "--store", &store]);
    let trip = gtfs::read(folder.path()).expect("a timetable").timetable.trips[0].id.0.clone();
    let url = published(&somebody_elses(&trip));
    let more = format!("[[gtfs_realtime]]\nurl = \"{url}\"\nsource = \"region\"\nevery_s = 5\n");
    let [_ingest, _rules, web] = ["ingest", "rules", "web"].map(|role| {
        let server = Server::with_role(role, &store, &broker.url(), &more);
        server.ready();
        server
    });
    let client = web.client();
    eventually("the notice is there", LONG, || {
        let alerts = client.get("/transit/alerts").json();
        (alerts["alerts"][0]["header"]["uk"] == "Зупинку перенесено").then_some(())
    });
    eventually("the cancellation is in the city's own feed", LONG, || {
        let updates = feed(&client, "trip-updates")?;
        let told = updates.entity.iter().filter_map(|entity| entity.trip_update.as_ref());
        let of_trip = told.map(|update| &update.trip).find(|told| told.trip_id.as_deref() == Some(&trip))?;
        (of_trip.schedule_relationship == Some(TripRelationship::Canceled as i32)).then_some(())
    });
}

#[test]
fn a_feed_is_encoded_once_for_each_look_and_not_for_each_request() {
    let (server, _) = Server::demo();
    server.ready();
    let client = server.client();
    let encoded = || server.metric("misto_gtfs_realtime_encoded_total");
    eventually("the feeds are there", SOON, || feed(&client, "vehicle-positions"));
    let before = encoded();
    let mut moments = BTreeSet::new();
    let mut asked = 0.0;
    while moments.len() < 3 {
        let feed = feed(&client, "vehicle-positions").expect("a feed");
        moments.insert(feed.header.timestamp.expect("a moment"));
        asked += 1.0;
    }
    let looks = encoded() - before;
    assert!(looks <= moments.len() as f64 + 1.0, "{looks} encodings for {asked} requests");
    assert!(asked > 5.0 * looks, "{asked} requests, {looks} encodings");
}
