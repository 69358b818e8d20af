use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use misto_ingest::decode::{Decoded, Message, SourceConfig, Sources};
use misto_ingest::replay::Recording;
use misto_model::{Instant, ReadingFlag, RejectionReason, VehiclePosition};

use crate::recorded;

fn later() -> Instant {
    "2026-07-05T12:00:00Z".parse().unwrap()
}

fn files(folder: &Path, fits: fn(&str) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, fits));
        } else if fits(&path.file_name().unwrap().to_string_lossy()) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Everything about a fix but when it was received.
fn content(fix: &VehiclePosition) -> String {
    let mut value = serde_json::to_value(fix).unwrap();
    value.as_object_mut().unwrap().remove("received_at");
    value.to_string()
}

/// The figures were counted once with a few lines of Python over the raw text.
#[test]
fn every_line_of_the_hfp_dumps_is_accounted_for() {
    let Some(folder) = recorded("hsl-hfp/mqtt-dumps") else { return };
    let sources = Sources::default();
    let (mut lines, mut usable) = (0, 0);
    let mut reasons: BTreeMap<RejectionReason, usize> = BTreeMap::new();
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut headsigns = BTreeSet::new();
    for path in files(&folder, |name| name.ends_with(".dump")) {
        for entry in Recording::open(&path, None, later()).unwrap() {
            let entry = entry.unwrap();
            lines += 1;
            let message = Message {
                topic: &entry.topic,
                payload: &entry.payload,
                retained: false,
                received_at: entry.at.unwrap(),
            };
            let Decoded { positions, rejections, .. } = sources.decode(&message);
            for fix in positions {
                usable += 1;
                headsigns.extend(fix.headsign.clone());
                keys.entry(format!("{} {} {}", fix.vehicle, fix.fix_time, fix.event))
                    .or_default()
                    .insert(content(&fix));
            }
            for rejection in rejections {
                *reasons.entry(rejection.reason).or_default() += 1;
            }
        }
    }
    assert_eq!((lines, usable), (1611, 661));
    assert_eq!(
        reasons,
        BTreeMap::from([(RejectionReason::NoPosition, 940), (RejectionReason::UnsupportedMessage, 10)])
    );
    assert_eq!(keys.len(), 623, "distinct fixes");
    assert_eq!(keys.values().map(BTreeSet::len).sum::<usize>(), 626, "three keys have two contents");
    let expected = [
        "Eira",
        "Itä-Pakila",
        "Martinlaakso",
        "Matinkylä (M)",
        "Mikkola",
        "Rautatientori",
        "Tikkurila as.",
        "Vantaankoski",
    ];
    assert_eq!(headsigns.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}

#[test]
fn each_broken_single_message_has_its_own_reason() {
    let Some(folder) = recorded("hsl-hfp/single-messages") else { return };
    let journey = |event: &str, vehicle: &str| {
        format!("/hfp/v2/journey/ongoing/{event}/bus/0022/{vehicle}/2112/1/Tapiola (M)/10:15/2222222/3/60;24/17/79/46")
    };
    let decode = |name: &str, topic: &str| {
        let payload = fs::read(folder.join(name)).unwrap();
        Sources::default().decode(&Message { topic, payload: &payload, retained: false, received_at: later() })
    };
    let mut details = BTreeSet::new();
    for (name, topic, reason, parts) in [
        (
            "garbage-data.json",
            journey("vp", "00754"),
            RejectionReason::InvalidField,
            &["dir is \"\"", "drst is -100", "oday is \"\"", "start is \"0:0\""][..],
        ),
        ("hfp-tlr-sample-invalid.json", journey("tlr", "00754"), RejectionReason::InvalidField, &["loc is \"GPSi\""]),
        ("hfp-tlr-sample-missing.json", journey("tlr", "00754"), RejectionReason::MissingField, &["signal-groupid"]),
        ("passenger-count-sample.json", journey("apc", "00010"), RejectionReason::UnsupportedMessage, &["apc"]),
        (
            "passenger-count-unknown-properties-sample.json",
            journey("vp", "00010"),
            RejectionReason::UnsupportedMessage,
            &["APC"],
        ),
    ] {
        let decoded = decode(name, &topic);
        assert!(decoded.positions.is_empty(), "{name}");
        let [rejection] = &decoded.rejections[..] else { panic!("{name}: {decoded:?}") };
        assert_eq!(rejection.reason, reason, "{name}: {}", rejection.detail);
        for part in parts {
            assert!(rejection.detail.contains(part), "{name}: {}", rejection.detail);
        }
        assert!(details.insert(rejection.detail.clone()), "{name} has the detail of another: {}", rejection.detail);
    }
    for (name, topic) in [
        ("hfp-sample-vp.json", journey("vp", "00792")),
        ("hfp-sample-pas.json", journey("pas", "00817")),
        ("hfp-tlr-sample.json", journey("tlr", "00754")),
    ] {
        let decoded = decode(name, &topic);
        assert_eq!(decoded.positions.len(), 1, "{name}: {:?}", decoded.rejections);
    }
}

const PLOUGHS: &str = r#"
id = "plough"
format = "mapped"
kind = "plough"
bounds = [-77.0, 42.5, -75.5, 43.5]
[mapping]
vehicle = { pointer = "/truck_name", transform = "integer_id" }
time = "/messageTime"
lat = "/latitude"
lon = "/longitude"
odometer = { pointer = "/odometer.value", unit = "mi" }
"#;

/// Trucks and fixes were counted once with a few lines of Python over the raw text.
#[test]
fn the_snow_ploughs_are_read_by_a_mapping() {
    let Some(folder) = recorded("syracuse-snowplow") else { return };
    let source: SourceConfig = toml::from_str(PLOUGHS).unwrap();
    let (name, rows, trucks, fixes) = ("gps_data_2020-02-27.csv", 24_107, 25, 23_460);
    let sources = Sources::default();
    let (mut read, mut vehicles, mut distinct) = (0, BTreeSet::new(), BTreeSet::new());
    for entry in Recording::open(&folder.join(name), Some(&source), later()).unwrap() {
        let entry = entry.unwrap();
        read += 1;
        let message = Message { topic: &entry.topic, payload: &entry.payload, retained: false, received_at: later() };
        let decoded = sources.decode(&message);
        assert!(decoded.rejections.is_empty(), "{:?}", decoded.rejections);
        let fix = &decoded.positions[0];
        vehicles.insert(fix.vehicle.clone());
        distinct.insert((fix.vehicle.clone(), fix.fix_time.micros(), content(fix)));
    }
    assert_eq!((read, vehicles.len(), distinct.len()), (rows, trucks, fixes), "{name}");
}

const AIR: &str = r#"
id = "air"
format = "mapped"
time_zone = "UTC"
[mapping]
thing = "/sensor_id"
time = { pointer = "/timestamp", form = "local" }
lat = "/lat"
lon = "/lon"
readings = [
  { pointer = "/P1", observed_property = "pm10", unit = "ug/m3", ceiling = 1999.9 },
  { pointer = "/P2", observed_property = "pm2_5", unit = "ug/m3", ceiling = 999.9 },
  { pointer = "/temperature", observed_property = "temperature", unit = "Cel" },
  { pointer = "/humidity", observed_property = "humidity", unit = "%" },
  { pointer = "/pressure", observed_property = "pressure", unit = "Pa" },
]
"#;

#[test]
fn no_row_of_the_air_data_is_lost() {
    let Some(folder) = recorded("aberdeen-sensor-community") else { return };
    let source: SourceConfig = toml::from_str(AIR).unwrap();
    let sources = Sources::default();
    let (mut rows, mut values, mut flagged, mut at_ceiling) = (0, 0, 0, 0);
    for path in files(&folder, |name| name.ends_with(".csv")) {
        let text = fs::read_to_string(&path).unwrap();
        at_ceiling += text
            .lines()
            .filter(|line| line.split(';').any(|cell| matches!(cell, "1999.90" | "1999.9" | "999.90" | "999.9")))
            .count();
        let mut read = 0;
        for entry in Recording::open(&path, Some(&source), later()).unwrap() {
            let entry = entry.unwrap();
            read += 1;
            let message =
                Message { topic: &entry.topic, payload: &entry.payload, retained: false, received_at: later() };
            let decoded = sources.decode(&message);
            assert!(decoded.rejections.is_empty(), "{:?}", decoded.rejections);
            values += decoded.readings.len();
            flagged +=
                usize::from(decoded.readings.iter().any(|reading| reading.flags.contains(&ReadingFlag::Ceiling)));
        }
        assert_eq!(read, text.lines().count() - 1, "{}", path.display());
        rows += read;
    }
    println!("{rows} rows, {values} values, {flagged} at the ceiling");
    assert_eq!(flagged, at_ceiling);
    assert!(values >= rows);
}
