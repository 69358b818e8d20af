use std::collections::{BTreeMap, BTreeSet};

use misto_model::Position;
use serde_json::Value;

use super::*;

/// 03:00 in the summer night of Kyiv.
const NIGHT: &str = "2026-07-08T00:00:00Z";
const NOON: &str = "2026-07-08T09:00:00Z";

fn run(seed: u64, from: &str, seconds: i64) -> Vec<(Timestamp, FleetMessage)> {
    let start: Timestamp = from.parse().unwrap();
    let mut fleet = Fleet::new(seed);
    (0..seconds)
        .flat_map(|s| {
            let now = Timestamp::from_second(start.as_second() + s).unwrap();
            fleet.messages(now).into_iter().map(move |m| (now, m)).collect::<Vec<_>>()
        })
        .collect()
}

/// The register's key of a message's sender, as the decoders make it.
fn key(topic: &str) -> String {
    let levels: Vec<&str> = topic.split('/').collect();
    match levels.as_slice() {
        ["", "hfp", "v2", _, _, _, _, operator, vehicle, ..] => format!("hfp:{operator}/{vehicle}"),
        ["misto", "v1", "raw", source, imei] => format!("{source}:/{imei}"),
        ["owntracks", user, device] => format!("owntracks:{user}/{device}"),
        ["v3", _, "devices", device, "up"] => format!("tts:{device}"),
        ["v1.1", datastream, "Observations"] => format!("sensorthings:{datastream}"),
        other => panic!("unknown topic {other:?}"),
    }
}

#[test]
fn the_same_seed_and_moments_give_the_same_messages() {
    let messages = |seed| run(seed, NOON, 90).into_iter().map(|(_, m)| m).collect::<Vec<_>>();
    assert!(messages(7) == messages(7));
    assert!(messages(7) != messages(8));
}

#[test]
fn every_sender_is_in_the_register_and_most_of_the_register_sends() {
    let vehicles: BTreeSet<String> = crate::register().iter().map(|r| r.vehicle.to_string()).collect();
    let sensors: BTreeSet<String> = crate::sensors().iter().map(|s| format!("{}:{}", s.source, s.thing)).collect();
    assert_eq!((vehicles.len(), sensors.len()), (75, 6));
    for (time, least) in [(NIGHT, 69), (NOON, 75)] {
        let heard: BTreeSet<String> = run(1, time, 70).iter().map(|(_, m)| key(&m.topic)).collect();
        assert!(heard.iter().all(|k| vehicles.contains(k) || sensors.contains(k)), "{heard:?}");
        assert!(sensors.is_subset(&heard));
        assert!(heard.len() - sensors.len() >= least, "{time}: {} vehicles", heard.len() - sensors.len());
    }
}

#[test]
fn public_ids_are_neither_imei_nor_plate() {
    let ids: BTreeSet<String> = crate::register().iter().map(|r| r.public_id.clone()).collect();
    assert_eq!(ids.len(), 75);
    for r in crate::register() {
        assert!(r.sample && r.public_id.starts_with("demo-"));
        assert!(!r.public_id.contains(r.vehicle.vehicle()) || r.vehicle.source().as_str() == "owntracks");
        assert!(r.plate.is_some_and(|plate| !r.public_id.contains(&plate)));
    }
    let floors: BTreeMap<_, usize> = crate::register().iter().filter(|r| r.kind.is_some_and(|k| k.is_transit())).fold(
        BTreeMap::new(),
        |mut m, r| {
            *m.entry(r.low_floor).or_default() += 1;
            m
        },
    );
    assert!(floors.len() == 3 && floors.values().all(|&n| n >= 10), "{floors:?}");
}

/// Longitude and latitude of a message that can be used.
fn place(message: &FleetMessage) -> Option<(f64, f64)> {
    let value: Value = serde_json::from_slice(&message.payload).ok()?;
    let (body, lat, lon) = match key(&message.topic).split(':').next()? {
        "hfp" => (value.as_object()?.values().next()?.clone(), "lat", "long"),
        "if-operator" => (value, "latitude", "longitude"),
        "owntracks" => (value, "lat", "lon"),
        _ => return None,
    };
    let (lon, lat) = (body.get(lon)?.as_f64()?, body.get(lat)?.as_f64()?);
    (lon != 0.0).then_some((lon, lat))
}

#[test]
fn a_few_messages_are_broken_and_the_others_lie_in_the_city() {
    let messages = run(3, NOON, 300);
    let (mut inside, mut swapped, mut broken, mut lost) = (0, 0, 0, 0);
    for (_, m) in &messages {
        if serde_json::from_slice::<Value>(&m.payload).is_err() {
            broken += 1;
        } else if let Some((lon, lat)) = place(m) {
            if (24.6..24.85).contains(&lon) && (48.8..49.0).contains(&lat) {
                inside += 1;
            } else {
                assert!((24.6..24.85).contains(&lat), "{lon} {lat}");
                swapped += 1;
            }
        } else if !m.topic.starts_with('v') {
            lost += 1;
        }
    }
    assert!(inside > 4_000, "{inside}");
    assert!((1..=15).contains(&(swapped + broken)), "{swapped} swapped, {broken} broken");
    assert!(lost > 0 && lost * 10 < inside, "{lost} lost fixes");
}

#[test]
fn buses_move_along_streets_at_the_speed_of_buses() {
    let mut last: BTreeMap<String, (i64, Position)> = BTreeMap::new();
    let (mut fast, mut moved, mut steps) = (0, 0, 0);
    for (_, m) in run(5, NOON, 240) {
        let Some(value) = serde_json::from_slice::<Value>(&m.payload).ok().and_then(|v| v.get("VP").cloned()) else {
            continue;
        };
        let (Some((lon, lat)), Some(tsi)) = (place(&m), value["tsi"].as_i64()) else { continue };
        let Ok(here) = Position::new(lon, lat) else { continue };
        if lat < 40.0 {
            continue;
        }
        if let Some((before, there)) = last.insert(key(&m.topic), (tsi, here)) {
            let seconds = tsi - before;
            if (1..=3).contains(&seconds) {
                steps += 1;
                let speed = here.distance_m(there) / seconds as f64;
                fast += usize::from(speed > 22.0);
                moved += usize::from(speed > 3.0);
            }
        }
        assert!(value["spd"].as_f64().is_some_and(|v| (0.0..16.0).contains(&v)), "{value}");
    }
    assert!(steps > 2_000 && moved * 3 > steps, "{moved} of {steps} moved");
    assert!(fast * 200 < steps, "{fast} of {steps} jumped");
}

#[test]
fn utility_vehicles_change_their_jobs() {
    let mut jobs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut fleet = Fleet::new(2);
    let start: Timestamp = NOON.parse().unwrap();
    for minute in 0..90 {
        for m in fleet.messages(Timestamp::from_second(start.as_second() + minute * 60).unwrap()) {
            if let Ok(value) = serde_json::from_slice::<Value>(&m.payload)
                && let Some(job) = value.get("job").and_then(Value::as_str)
            {
                jobs.entry(key(&m.topic)).or_default().insert(job.to_owned());
            }
        }
    }
    assert_eq!(jobs.len(), 15);
    assert!(jobs.values().all(|seen| seen.len() >= 2), "{jobs:?}");
    let all: BTreeSet<&str> = jobs.values().flatten().map(String::as_str).collect();
    for job in ["ploughing", "spreading", "collecting", "sweeping", "washing", "repairing", "driving", "idle"] {
        assert!(all.contains(job), "{job} in {all:?}");
    }
}
