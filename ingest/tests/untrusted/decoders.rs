//! Messages of every format, damaged.

use misto_ingest::decode::gtfs_realtime::{MAX_FEED_BYTES, RealtimeSource, decode};
use proptest::prelude::*;

use super::damage::{damage, damaged};
use super::examples::{WIRES, Wire, realtime};
use super::{bounded, cases, promises};

/// A message is at most 64 KiB; what is made of it stays in proportion.
const ENOUGH: usize = 16 << 20;

fn decoded(wire: &Wire, topic: &str, payload: &[u8]) -> misto_ingest::decode::Decoded {
    thread_local! {
        static SOURCES: Vec<misto_ingest::decode::Sources> = WIRES.iter().map(Wire::sources).collect();
    }
    let place = WIRES.iter().position(|known| known.name == wire.name).expect("one of them");
    SOURCES.with(|sources| bounded(ENOUGH, || promises::message(&sources[place], topic, payload)))
}

#[test]
fn the_examples_are_sound() {
    for wire in &WIRES {
        let decoded = decoded(wire, wire.topic, wire.payload.as_bytes());
        assert!(decoded.rejections.is_empty(), "{}: {:?}", wire.name, decoded.rejections);
    }
}

#[test]
fn the_example_of_a_realtime_feed_is_sound() {
    let found = promises::realtime(&realtime()).expect("a feed");
    assert_eq!((found.positions.len(), found.trip_updates.len(), found.alerts.len()), (1, 1, 1));
    assert_eq!(found.problems_total, 0, "{:?}", found.problems);
}

#[test]
fn a_message_is_not_worth_more_memory_than_its_length_in_names() {
    // A name of 30 kB above twelve thousand numbers: 360 MB, if each were given its full name.
    let numbers = vec!["1"; 12_000].join(",");
    let payload = format!(
        r#"{{"received_at":"2026-07-05T11:59:59Z","uplink_message":{{"decoded_payload":{{"{}":[{numbers}]}}}}}}"#,
        "a".repeat(30_000)
    );
    let decoded = decoded(Wire::named("tts"), Wire::named("tts").topic, payload.as_bytes());
    assert!(decoded.readings.is_empty() && decoded.rejections.len() == 1, "{decoded:?}");
}

/// A part of a protobuf message: its field number, its length, itself.
fn part(field: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![field << 3 | 2];
    let mut length = content.len();
    while length > 127 {
        out.push(length as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
    out.extend_from_slice(content);
    out
}

/// Every call of a trip is seven bytes on the wire and two hundred in memory.
#[test]
fn a_realtime_feed_is_not_worth_much_more_memory_than_its_length() {
    // Made while nobody else's memory is measured.
    let [feed, crowded] = bounded(usize::MAX, || {
        let call = part(2, &part(4, b"S"));
        let mut feed = part(1, &part(1, b"2.0"));
        let mut number = 0;
        while feed.len() < MAX_FEED_BYTES - 10_000 {
            number += 1;
            let trip = [part(1, &part(1, b"t")), call.repeat(1_000)].concat();
            feed.extend(part(2, &[part(1, format!("{number}").as_bytes()), part(3, &trip)].concat()));
        }
        let crowded = part(2, &[part(1, b"crowded"), part(3, &[0x12, 0x00].repeat(100_000))].concat());
        [feed, [part(1, &part(1, b"2.0")), crowded].concat()]
    });
    let source = RealtimeSource {
        source: "other".parse().expect("a name"),
        feed: misto_model::FeedName::city(),
        bounds: None,
        clock_tolerance_s: 60.0,
    };
    let now = promises::NOW.parse().expect("a moment");
    let found = bounded(160 << 20, || decode(&feed, &source, now)).expect("a feed");
    assert_eq!(found.trip_updates.len(), 500, "half a million calls");
    assert!(found.problems[0].refusal.detail.contains("more than 500000 calls"), "{:?}", found.problems[0]);
    let found = bounded(64 << 20, || decode(&crowded, &source, now)).expect("a feed");
    assert!(found.trip_updates.is_empty() && found.problems_total > 0);
}

proptest! {
    #![proptest_config(cases(1_500))]

    #[test]
    fn any_bytes_are_answered(wire in 0..WIRES.len(), payload in prop::collection::vec(any::<u8>(), 0..600)) {
        decoded(&WIRES[wire], WIRES[wire].topic, &payload);
    }

    #[test]
    fn damaged_messages_are_answered(wire in 0..WIRES.len(), damage in damage()) {
        let payload = damaged(WIRES[wire].payload.into(), &damage);
        decoded(&WIRES[wire], WIRES[wire].topic, &payload);
    }

    #[test]
    fn any_bytes_are_no_realtime_feed_or_one(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        bounded(ENOUGH, || promises::realtime(&bytes));
    }

    #[test]
    fn damaged_realtime_feeds_are_answered(damage in damage()) {
        let bytes = damaged(realtime(), &damage);
        bounded(ENOUGH, || promises::realtime(&bytes));
    }

    #[test]
    fn damaged_topics_are_answered(wire in 0..WIRES.len(), damage in damage()) {
        let topic = damaged(WIRES[wire].topic.into(), &damage);
        decoded(&WIRES[wire], &String::from_utf8_lossy(&topic), WIRES[wire].payload.as_bytes());
    }
}
