//! When does the next bus leave, by the timetable?

use std::time::Duration;

use misto_tests::{Mosquitto, Server, eventually, recorded_data, run, run_ok};
use tempfile::TempDir;

#[test]
fn the_demo_timetable_serves_every_stop_around_the_clock() {
    let (server, _) = Server::demo();
    server.ready();
    let client = server.client();
    let stops = eventually("the timetable is loaded", Duration::from_secs(10), || {
        let answer = client.get("/transit/stops");
        (answer.status == 200).then(|| answer.json())
    });
    let stops = stops["features"].as_array().expect("stops").clone();
    assert!(stops.len() > 50, "{}", stops.len());
    let near = client.get("/transit/stops?near=24.7106,48.9226&radius_m=800").json();
    let distances: Vec<f64> = near["features"]
        .as_array()
        .expect("stops")
        .iter()
        .map(|stop| stop["properties"]["distance_m"].as_f64().expect("a distance"))
        .collect();
    assert!(!distances.is_empty() && distances.is_sorted(), "{distances:?}");
    let mut served = 0;
    for stop in stops.iter().step_by(10) {
        let id = stop["id"].as_str().expect("an id");
        let board = client.get(&format!("/transit/stops/{id}/arrivals?limit=5")).json();
        let departures = board["departures"].as_array().expect("departures");
        let planned = departures.iter().filter(|d| d["state"] == "scheduled");
        let times: Vec<&str> = planned.filter_map(|d| d["time"].as_str()).collect();
        assert!(times.is_sorted(), "{times:?}");
        served += usize::from(!departures.is_empty());
    }
    assert!(served > 0);
}

#[test]
fn feeds_of_other_cities_load_beside_a_running_server_and_a_bad_one_changes_nothing() {
    let Some(data) = recorded_data() else { return };
    let broker = Mosquitto::start();
    let server = Server::start(&broker.url(), "");
    server.ready();
    assert_eq!(server.client().get("/transit/stops").status, 404, "no timetable yet");
    let load =
        |path: &str| run_ok(&["gtfs", "load", &data.join(path).display().to_string(), "--store", &server.store()]);
    let printed = load("gtfs-cairns/cairns_gtfs.zip");
    let line = printed.lines().last().expect("a line of counts");
    assert_eq!(line, "agencies 1 routes 22 stops 416 trips 1339 stop times 37790");
    eventually("the server has it", Duration::from_secs(10), || {
        (server.client().get("/transit/routes").json()["routes"].as_array().map(Vec::len) == Some(22)).then_some(())
    });
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("stops.txt"), "stop_id,stop_name,stop_lat,stop_lon\na,A,north,1\n")
        .expect("a file");
    let path = folder.path().display().to_string();
    let refused = run(&["gtfs", "load", &path, "--store", &server.store()]);
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&refused.stdout).into_owned();
    assert!(said.contains("stops.txt:2") && said.contains("stop_lat"), "{said}");
    assert_eq!(server.client().get("/transit/routes").json()["routes"].as_array().map(Vec::len), Some(22));
    load("gtfs-caltrain/caltrain_20160406.zip");
    let boarding = eventually("Caltrain is there", Duration::from_secs(10), || {
        let stops = server.client().get("/transit/stops").json();
        stops.to_string().contains("Caltrain").then_some(stops)
    });
    let count = |value: &str| {
        let stops = boarding["features"].as_array().expect("stops");
        stops.iter().filter(|stop| stop["properties"]["wheelchair_boarding"] == value).count()
    };
    assert!(count("yes") > 0 && count("no") > 0, "yes {} no {}", count("yes"), count("no"));
}
