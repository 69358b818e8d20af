//! Messages of buses as they come from a broker.

use crate::recorded_data;

/// The messages of one recording again and again under other vehicle numbers, so
/// that each is a fix of its own: topic and payload. Without recorded data, ours in
/// the same format (HFP v2).
///
/// # Panics
/// When the recording cannot be read.
pub fn hfp_messages(count: usize) -> Vec<(String, String)> {
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
    (0..count)
        .map(|n| {
            let (topic, payload) = usable[n % usable.len()];
            under_number(topic, payload, 10_000 + n / usable.len())
        })
        .collect()
}

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
