//! Recordings played through a broker: every message is in the history or in the
//! ledger with its reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use misto_tests::{Client, Mosquitto, Server, eventually, postgres, recorded_data, run_ok};
use serde_json::Value;

const LONG: Duration = Duration::from_secs(90);

/// Every HFP dump of the recorded traffic.
fn dumps(data: &Path) -> Vec<PathBuf> {
    let mut dumps = Vec::new();
    for scenario in std::fs::read_dir(data.join("hsl-hfp/mqtt-dumps")).expect("scenarios") {
        let folder = scenario.expect("a scenario").path();
        for name in ["hfp.dump", "partialApc.dump"] {
            let file = folder.join(name);
            if file.is_file() {
                dumps.push(file);
            }
        }
    }
    dumps.sort();
    dumps
}

/// What the dumps hold, counted without any of the program's code.
#[derive(Default, Debug)]
struct Counted {
    lines: u64,
    /// Contents by (vehicle, tst, event); two contents of one key are two fixes.
    fixes: BTreeMap<(String, String, String), BTreeSet<String>>,
    without_position: u64,
    passenger_counts: u64,
    headsigns: BTreeSet<String>,
}

fn count(dumps: &[PathBuf]) -> Counted {
    let mut counted = Counted::default();
    for dump in dumps {
        for line in std::fs::read_to_string(dump).expect("a dump").lines().filter(|line| !line.trim().is_empty()) {
            counted.lines += 1;
            let (head, json) = line.split_at(line.find(" {").expect("a payload"));
            let topic = head.split_once(' ').expect("a topic").1;
            let payload: Value = serde_json::from_str(json.trim()).expect("JSON");
            let (event, body) = payload.as_object().expect("an object").iter().next().expect("an event");
            let levels: Vec<&str> = topic.split('/').collect();
            if event == "APC" {
                counted.passenger_counts += 1;
            } else if body["lat"].is_null() || body["long"].is_null() {
                counted.without_position += 1;
            } else {
                let vehicle = format!("hfp:{}/{}", levels[7], levels[8]);
                let key = (vehicle, body["tst"].as_str().expect("tst").to_owned(), event.to_lowercase());
                // What the topic tells belongs to the content: a deadrun is no journey.
                let content = format!("{} {body}", levels[3]);
                counted.fixes.entry(key).or_default().insert(content);
                if levels[3] == "journey" && levels.len() > 11 && !levels[11].is_empty() {
                    counted.headsigns.insert(levels[11].to_owned());
                }
            }
        }
    }
    counted
}

/// Every fix of every vehicle, page by page as any client would read them.
fn tracks(staff: &Client) -> Vec<(String, Value)> {
    let fleet = staff.get("/vehicles").json();
    let mut all = Vec::new();
    for vehicle in fleet["features"].as_array().expect("vehicles") {
        let id = vehicle["id"].as_str().expect("an id").to_owned();
        let mut href = format!("/vehicles/{}/track?limit=700", encode(&id));
        loop {
            let page = staff.get(&href).json();
            let features = page["features"].as_array().unwrap_or_else(|| panic!("{page}"));
            all.extend(features.iter().map(|fix| (id.clone(), fix["properties"].clone())));
            match page["links"].as_array().and_then(|links| links.iter().find(|link| link["rel"] == "next")) {
                Some(next) => href = next["href"].as_str().expect("an address").to_owned(),
                None => break,
            }
        }
    }
    all
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { (b as char).to_string() } else { format!("%{b:02X}") })
        .collect()
}

fn play_all_dumps(server: &Server, broker: &str, dumps: &[PathBuf]) {
    let counted = count(dumps);
    for dump in dumps {
        run_ok(&["replay", &dump.display().to_string(), "--broker", broker, "--speed", "0"]);
    }
    let taken = || {
        ["misto_positions_added_total", "misto_positions_redelivered_total", "misto_messages_rejected_total"]
            .iter()
            .map(|name| sum(server, name))
            .sum::<f64>() as u64
    };
    eventually("every message is accounted for", LONG, || (taken() >= counted.lines).then_some(()));
    assert_eq!(taken(), counted.lines, "each message once: {counted:?}");

    let expected: u64 = counted.fixes.values().map(|contents| contents.len() as u64).sum();
    let staff = server.staff("dispatcher");
    let tracks = tracks(&staff);
    assert_eq!(tracks.len() as u64, expected, "distinct usable fixes = fixes in the track history");
    let twice = counted.fixes.values().filter(|contents| contents.len() > 1).count();
    assert_eq!(sum(server, "misto_positions_differing_total") as usize, twice, "keys with two contents keep both");

    let ledger = staff.get("/dispatch/rejected?limit=500").json();
    let by_reason = &ledger["by_reason"];
    assert_eq!(by_reason["no_position"].as_u64().unwrap_or(0), counted.without_position, "{by_reason}");
    assert_eq!(by_reason["unsupported_message"].as_u64().unwrap_or(0), counted.passenger_counts, "{by_reason}");

    let seen: BTreeSet<&str> = tracks.iter().filter_map(|(_, fix)| fix["headsign"].as_str()).collect();
    for headsign in &counted.headsigns {
        assert!(seen.contains(headsign.as_str()), "headsign {headsign:?} came through intact");
    }
    assert!(seen.iter().any(|headsign| headsign.contains(' ')), "some hold a blank");
    // Recorded in 2023 and 2024: history, never live.
    let fleet = staff.get("/vehicles").json();
    for vehicle in fleet["features"].as_array().expect("vehicles") {
        assert_eq!(vehicle["properties"]["state"], "lost", "{vehicle}");
    }
    assert_eq!(server.client().get("/vehicles").json()["features"].as_array().map(Vec::len), Some(0));
    println!(
        "{} lines: {expected} fixes ({twice} keys twice), {} without position, {} passenger counts",
        counted.lines, counted.without_position, counted.passenger_counts
    );
}

/// A counter, summed over its labels.
fn sum(server: &Server, name: &str) -> f64 {
    let text = server.client().get("/metrics").text();
    text.lines()
        .filter(|line| line.split([' ', '{']).next() == Some(name))
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .sum()
}

#[test]
fn recorded_helsinki_traffic_through_mosquitto_is_accounted_for_one_by_one() {
    let Some(data) = recorded_data() else { return };
    let broker = Mosquitto::start();
    let server = Server::start(&broker.url(), "");
    server.ready();
    play_all_dumps(&server, &broker.url(), &dumps(&data));
}

#[test]
fn recorded_helsinki_traffic_on_postgis_is_accounted_for_one_by_one() {
    let Some(data) = recorded_data() else { return };
    let broker = Mosquitto::start();
    let server = Server::start_on(&postgres().database(), &broker.url(), "");
    server.ready();
    play_all_dumps(&server, &broker.url(), &dumps(&data));
}

#[test]
fn recorded_helsinki_traffic_through_the_embedded_broker_is_accounted_for_one_by_one() {
    let Some(data) = recorded_data() else { return };
    let port = misto_tests::free_port();
    let folder = tempfile::TempDir::new().expect("a folder");
    let server = Server::embedded(folder, port);
    server.ready();
    play_all_dumps(&server, &format!("mqtt://127.0.0.1:{port}"), &dumps(&data));
}

#[test]
fn recorded_snow_ploughs_are_stored_as_often_as_an_independent_count_says() {
    let Some(data) = recorded_data() else { return };
    let file = data.join("syracuse-snowplow/gps_data_2020-02-27.csv");
    let mut distinct = BTreeMap::new();
    let mut rows = 0;
    for record in csv::Reader::from_path(&file).expect("the recording").records() {
        let record = record.expect("a row");
        rows += 1;
        let truck = record[4].trim_end_matches(".0").to_owned();
        let content = (record[0].to_owned(), record[1].to_owned(), record[3].to_owned());
        distinct.entry((truck, record[2].to_owned())).or_insert_with(BTreeSet::new).insert(content);
    }
    let expected: usize = distinct.values().map(BTreeSet::len).sum();
    let trucks: BTreeSet<&String> = distinct.keys().map(|(truck, _)| truck).collect();

    let broker = Mosquitto::start();
    let server = Server::start(&broker.url(), "");
    server.ready();
    let mapping = server.folder().join("ploughs.toml");
    std::fs::write(&mapping, misto_tests::PLOUGHS).expect("a mapping");
    run_ok(&[
        "replay",
        &file.display().to_string(),
        "--broker",
        &broker.url(),
        "--speed",
        "0",
        "--mapping",
        &mapping.display().to_string(),
    ]);
    let taken = || {
        let names =
            ["misto_positions_added_total", "misto_positions_redelivered_total", "misto_messages_rejected_total"];
        names.iter().map(|name| sum(&server, name)).sum::<f64>() as u64
    };
    eventually("every row is accounted for", LONG, || (taken() >= rows).then_some(()));
    let tracks = tracks(&server.staff("dispatcher"));
    assert_eq!(tracks.len(), expected);
    let stored: BTreeSet<&String> = tracks.iter().map(|(vehicle, _)| vehicle).collect();
    assert_eq!(stored.len(), trucks.len(), "977106.0 and 977106 are one truck");
    println!("{rows} rows: {expected} fixes of {} trucks", trucks.len());
}

#[test]
fn each_broken_message_is_rejected_with_a_reason_of_its_own() {
    let Some(data) = recorded_data() else { return };
    let broker = Mosquitto::start();
    let server = Server::start(&broker.url(), "");
    server.ready();
    let lines =
        [("garbage-data.json", "vp"), ("hfp-tlr-sample-invalid.json", "tlr"), ("passenger-count-sample.json", "apc")]
            .map(|(name, event)| {
                let text = std::fs::read_to_string(data.join("hsl-hfp/single-messages").join(name)).expect("a message");
                let payload: Value = serde_json::from_str(&text).expect("JSON");
                let topic = format!(
                    "/hfp/v2/journey/ongoing/{event}/bus/0022/00792/2112/1/Kamppi (M)/10:15/1310109/4/60;24/28/65/93"
                );
                format!("2026-01-01T00:00:00Z {topic} {payload}")
            });
    let dump = server.folder().join("broken.dump");
    std::fs::write(&dump, lines.join("\n")).expect("a dump");
    run_ok(&["replay", &dump.display().to_string(), "--broker", &broker.url(), "--speed", "0"]);
    let staff = server.staff("dispatcher");
    let ledger = eventually("three rejections", LONG, || {
        let ledger = staff.get("/dispatch/rejected").json();
        (ledger["total"] == 3).then_some(ledger)
    });
    let details: BTreeSet<String> = ledger["entries"]
        .as_array()
        .expect("entries")
        .iter()
        .map(|entry| format!("{} {}", entry["reason"], entry["detail"]))
        .collect();
    assert_eq!(details.len(), 3, "each its own: {details:?}");
}
