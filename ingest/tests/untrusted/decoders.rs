//! Messages of every format, damaged.

use proptest::prelude::*;

use super::damage::{damage, damaged};
use super::examples::{WIRES, Wire};
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
    fn damaged_topics_are_answered(wire in 0..WIRES.len(), damage in damage()) {
        let topic = damaged(WIRES[wire].topic.into(), &damage);
        decoded(&WIRES[wire], &String::from_utf8_lossy(&topic), WIRES[wire].payload.as_bytes());
    }
}
