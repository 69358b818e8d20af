//! Messages of vehicles as they come from a broker.

use std::collections::BTreeSet;

use misto_ingest::replay::Recording;

use crate::recorded_data;

/// Messages to publish.
pub struct Messages {
    /// Topic and payload.
    pub all: Vec<(String, String)>,
    /// How many fixes they are.
    pub distinct: usize,
}

/// Buses: the messages of one recording again and again under other vehicle numbers, so
/// that each is a fix of its own: topic and payload. Without recorded data, ours in
/// the same format (HFP v2).
///
/// # Panics
/// When the recording cannot be read.
pub fn hfp_messages(count: usize) -> Messages {
    let recording = match recorded_data() {
        Some(data) => {
            let dump = data.join("hsl-hfp/mqtt-dumps/wrongServiceJourneySelectedAfterDeadRun/hfp.dump");
            std::fs::read_to_string(dump).expect("a recording")
        }
        None => (0..60).map(own).collect(),
    };
    let usable: Vec<(&str, &str)> = recording
        .lines()
        .filter(|line| !line.contains("\"lat\":null"))
        .map(|line| {
            let (head, payload) = line.split_at(line.find(" {").expect("a payload"));
            (head.split_once(' ').expect("a topic").1, payload.trim())
        })
        .collect();
    let all: Vec<_> = (0..count)
        .map(|n| {
            let (topic, payload) = usable[n % usable.len()];
            under_number(topic, payload, 10_000 + n / usable.len())
        })
        .collect();
    let distinct = all.iter().collect::<BTreeSet<_>>().len();
    Messages { all, distinct }
}

/// Snow ploughs of Syracuse as `misto replay` sends them; their fixes are counted
/// without any of the program's code. Without recorded data, buses.
///
/// # Panics
/// When the recording cannot be read.
pub fn plough_messages(count: usize) -> Messages {
    let Some(data) = recorded_data() else { return hfp_messages(count) };
    let file = data.join("syracuse-snowplow/gps_data_2020-02-27.csv");
    let source = toml::from_str(PLOUGHS).expect("a mapping");
    let now = misto_model::Instant::from_timestamp(jiff::Timestamp::now());
    let rows = Recording::open(&file, Some(&source), now).expect("a recording").take(count);
    let all = rows
        .map(|row| row.expect("a row"))
        .map(|row| (row.topic, String::from_utf8(row.payload).expect("JSON")))
        .collect();
    let mut distinct = BTreeSet::new();
    for row in csv::Reader::from_path(&file).expect("a recording").records().take(count) {
        let row = row.expect("a row");
        let truck = row[4].trim_end_matches(".0").to_owned();
        distinct.insert([truck, row[2].to_owned(), row[0].to_owned(), row[1].to_owned(), row[3].to_owned()]);
    }
    Messages { all, distinct: distinct.len() }
}

/// What the columns of the ploughs' table mean: a source of the configuration.
pub const PLOUGHS: &str = "id = \"syracuse\"\nformat = \"mapped\"\n[mapping]\nkind = { constant = \"plough\" }\n\
     vehicle = { pointer = \"/truck_name\", transform = \"integer_id\" }\n\
     lat = \"/latitude\"\nlon = \"/longitude\"\ntime = \"/messageTime\"\n\
     odometer = { pointer = \"/odometer.value\", unit = \"mi\" }\n";

/// The message as another vehicle would have sent it: topic and payload must agree.
fn under_number(topic: &str, payload: &str, number: usize) -> (String, String) {
    let mut levels: Vec<&str> = topic.split('/').collect();
    let vehicle = number.to_string();
    levels[8] = &vehicle;
    let (before, rest) = payload.split_once("\"veh\":").expect("a vehicle");
    let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    (levels.join("/"), format!("{before}\"veh\":{vehicle}{after}"))
}

/// A line of our own, second by second.
fn own(second: usize) -> String {
    format!(
        "2026-01-01T10:00:{second:02}Z /hfp/v2/journey/ongoing/vp/bus/0018/00001/2550/1/Вокзал/11:20/1453120/4/48;24/97/21/05 \
         {{\"VP\":{{\"desi\":\"550\",\"dir\":\"1\",\"oper\":18,\"veh\":1,\"tst\":\"2026-01-01T10:00:{second:02}.000Z\",\"tsi\":1767261600,\
         \"spd\":8.2,\"hdg\":90,\"lat\":48.92{second:02},\"long\":24.7105,\"acc\":0.1,\"dl\":-20,\"odo\":100,\"drst\":0,\
         \"oday\":\"2026-01-01\",\"jrn\":1,\"line\":1,\"start\":\"11:20\",\"loc\":\"GPS\",\"stop\":null,\"route\":\"2550\",\"occu\":0}}}}\n"
    )
}
