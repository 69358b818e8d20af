//! What real feeds get wrong, and bytes that mean nothing at all.

use misto_model::FixFlag;
use misto_model::RejectionReason as Why;
use proptest::prelude::*;

use super::*;

const TOPIC: &str = "misto/v1/raw/bus/7";

fn raw(time: &str, lat: &str, lon: &str) -> String {
    format!("{{\"time\":{time},\"lat\":{lat},\"lon\":{lon}}}")
}

fn at(payload: &str) -> Decoded {
    decode(TOPIC, payload)
}

const TIME: &str = "\"2026-07-05T11:59:59Z\"";

#[test]
fn coordinates_that_are_none() {
    refused(at(&raw(TIME, "0", "0")), Why::NoPosition, "0");
    refused(at(&raw(TIME, "0.0", "\"0.0\"")), Why::NoPosition, "0");
    refused(at(&raw(TIME, "null", "24.7")), Why::NoPosition, "lat");
    for nonsense in ["NaN", "Infinity", "-Infinity", "1e400", "\"NaN\"", "\"Infinity\"", "\"1e400\"", "true", "91"] {
        let lon = if nonsense == "91" { "999" } else { "24.7" };
        refused(at(&raw(TIME, nonsense, lon)), Why::InvalidField, "");
    }
}

#[test]
fn a_text_with_nul_is_refused_because_no_database_holds_it() {
    let payload = format!("{{\"time\":{TIME},\"lat\":48.9,\"lon\":24.7,\"headsign\":\"Вокзал\\u0000\"}}");
    refused(at(&payload), Why::InvalidField, "NUL");
}

#[test]
fn a_topic_with_nul_is_refused_and_no_rejection_holds_the_character() {
    for (topic, payload) in [("misto/v1/raw/bus/a\0b", raw(TIME, "48.9", "24.7").as_str()), (TOPIC, "{\0}")] {
        let rejection = rejection(decode(topic, payload));
        let texts = [&rejection.topic, &rejection.detail, &rejection.payload_start];
        assert!(texts.iter().all(|text| !text.contains('\0')), "{rejection:?}");
    }
}

#[test]
fn a_text_too_long_for_a_key_is_refused_because_no_index_holds_it() {
    let with = |event: &str| format!("{{\"time\":{TIME},\"lat\":48.9,\"lon\":24.7,\"event\":\"{event}\"}}");
    fix(at(&with(&"ї".repeat(128))));
    refused(at(&with(&"ї".repeat(129))), Why::InvalidField, "event");
    refused(at(&with("a\\nb")), Why::InvalidField, "event");
    let reading =
        |name: &str| format!("{{\"time\":{TIME},\"readings\":[{{\"observed_property\":\"{name}\",\"value\":1}}]}}");
    assert_eq!(readings(at(&reading(&"a".repeat(128)))).len(), 1);
    refused(at(&reading(&"a".repeat(129))), Why::InvalidField, "the quantity's name");
    let uplink = |name: &str| {
        format!("{{\"received_at\":{TIME},\"uplink_message\":{{\"decoded_payload\":{{\"{name}\":[1]}}}}}}")
    };
    assert_eq!(readings(decode("v3/a@t/devices/d/up", &uplink("a"))).len(), 1);
    refused(decode("v3/a@t/devices/d/up", &uplink(&"a".repeat(127))), Why::InvalidField, "the quantity's name");
    let scalar = format!("{{\"received_at\":{TIME},\"uplink_message\":{{\"decoded_payload\":5}}}}");
    refused(decode("v3/a@t/devices/d/up", &scalar), Why::MissingField, "the quantity's name");
}

#[test]
fn a_length_stays_a_number_when_its_unit_is_converted() {
    let payload = r#"{"_type":"location","tst":1783252799,"lat":48.9,"lon":24.7,"odometer":1e308}"#;
    refused(decode("owntracks/u/d", payload), Why::InvalidField, "odometer");
}

#[test]
fn swapped_coordinates_are_seen_where_they_can_be() {
    refused(at(&raw(TIME, "124.7", "48.9")), Why::CoordinatesSwapped, "exchanged");
    let bounded = sources("[[source]]\nid = \"bus\"\nformat = \"mapped\"\nbounds = [24.5, 48.8, 24.9, 49.1]");
    let within = |lat: &str, lon: &str| decode_at(&bounded, TOPIC, raw(TIME, lat, lon).as_bytes(), NOW);
    refused(within("24.7", "48.9"), Why::CoordinatesSwapped, "exchanged");
    refused(within("50.45", "30.52"), Why::OutsideBounds, "24.5,48.8,24.9,49.1");
    refused(within("95", "24.7"), Why::InvalidField, "latitude 95");
    fix(within("48.9", "24.7"));
    fix(at(&raw(TIME, "24.7", "48.9")));
}

#[test]
fn clocks_that_are_wrong() {
    refused(at(&raw("\"2026-07-05T12:01:01Z\"", "48.9", "24.7")), Why::InFuture, "61 s after receipt");
    fix(at(&raw("\"2026-07-05T12:00:59Z\"", "48.9", "24.7")));
    let yesterday = fix(at(&raw("\"2026-07-04T11:59:59Z\"", "48.9", "24.7")));
    assert!(yesterday.flags.is_empty(), "a day late is history, not a wrong clock");
    let reset = fix(at(&raw("\"1980-01-06T00:00:10Z\"", "48.9", "24.7")));
    assert_eq!(reset.flags, [FixFlag::ClockWrong]);
    let tolerant = sources("[[source]]\nid = \"bus\"\nformat = \"mapped\"\nclock_tolerance_s = 3600");
    fix(decode_at(&tolerant, TOPIC, raw("\"2026-07-05T12:30:00Z\"", "48.9", "24.7").as_bytes(), NOW));
}

#[test]
fn impossible_speeds_are_unknown_and_flagged() {
    for speed in ["-1", "400"] {
        let payload = format!("{{\"time\":{TIME},\"lat\":48.9,\"lon\":24.7,\"speed_m_s\":{speed}}}");
        let fix = fix(at(&payload));
        assert_eq!((fix.speed_m_s, &fix.flags[..]), (None, &[FixFlag::SpeedImplausible][..]));
    }
}

#[test]
fn duplicates_jumps_and_disorder_are_decoded_as_they_come() {
    // Which of them is live, and whether a jump is possible, is not a question of the wire.
    let first = fix(at(&raw(TIME, "48.90", "24.7")));
    assert_eq!(fix(at(&raw(TIME, "48.90", "24.7"))), first);
    fix(at(&raw("\"2026-07-05T11:50:00Z\"", "48.99", "24.7")));
}

#[test]
fn payloads_that_cannot_be_read() {
    refused(at(""), Why::UnsupportedMessage, "retained");
    refused(at("{"), Why::InvalidJson, "not JSON");
    refused(at("[]"), Why::UnsupportedMessage, "empty list");
    refused(at("7"), Why::MissingField, "time");
    refused(decode_at(&Sources::default(), TOPIC, b"{\"lat\":\xff\xfe}", NOW), Why::InvalidUtf8, "byte 8");
    let large = vec![b' '; 10 * 1024 * 1024];
    let rejection = rejection(decode_at(&Sources::default(), TOPIC, &large, NOW));
    assert_eq!((rejection.reason, rejection.payload_bytes), (Why::TooLarge, 10 * 1024 * 1024));
    assert!(rejection.payload_start.len() <= 512);
    let small = sources("[[source]]\nid = \"bus\"\nformat = \"mapped\"\nmax_payload_bytes = 20");
    refused(decode_at(&small, TOPIC, raw(TIME, "48.9", "24.7").as_bytes(), NOW), Why::TooLarge, "20");
}

#[test]
fn a_retained_message_of_yesterday_is_history() {
    let payload = raw("\"2026-07-04T11:59:59Z\"", "48.9", "24.7");
    let message =
        Message { topic: TOPIC, payload: payload.as_bytes(), retained: true, received_at: NOW.parse().unwrap() };
    let fix = fix(Sources::default().decode(&message));
    assert!(fix.received_at.seconds_since(fix.fix_time) > 86_000.0);
}

#[test]
fn subscriptions_do_not_overlap() {
    assert_eq!(
        Sources::default().subscriptions(),
        ["/hfp/v2/#", "owntracks/#", "v3/+/devices/+/up", "v1.1/+/Observations", "misto/v1/raw/+/+"]
    );
    let without = sources(
        "[[source]]\nid = \"hfp\"\nformat = \"hfp-v2\"\nenabled = false\n[[source]]\nid = \"all\"\nformat = \"mapped\"\ntopic = \"trucks/#\"",
    );
    assert_eq!(without.subscriptions()[0], "trucks/#");
    assert!(!without.subscriptions().contains(&"/hfp/v2/#".to_owned()));
}

#[test]
fn a_source_that_cannot_be_used_is_named() {
    let wrong = |text: &str| Sources::new(toml::from_str::<File>(text).unwrap().source).unwrap_err().to_string();
    assert!(
        wrong("[[source]]\nid = \"a\"\nformat = \"tts\"\ntime_zone = \"Kyiv\"")
            .contains("source a: time_zone: \"Kyiv\"")
    );
    assert!(
        wrong("[[source]]\nid = \"a\"\nformat = \"tts\"\n[[source]]\nid = \"a\"\nformat = \"tts\"").contains("twice")
    );
    assert!(wrong("[[source]]\nid = \"a\"\nformat = \"tts\"\n[source.mapping]").contains("only the format mapped"));
    assert!(
        wrong("[[source]]\nid = \"a\"\nformat = \"mapped\"\n[source.mapping]\nlat = \"/a\"").contains("mapping.time")
    );
    let unread = |text: &str| toml::from_str::<File>(text).err().unwrap().to_string();
    assert!(unread("[[source]]\nid = \"a\"\nformat = \"hfp\"").contains("line 3"));
    assert!(unread("[[source]]\nid = \"a\"\nformat = \"tts\"\nbounds = [3,0,1,1]").contains("west lies beyond east"));
    assert!(unread("[[source]]\nid = \"a\"\nformat = \"tts\"\ncolour = 1").contains("colour"));
}

const TOPICS: [&str; 9] = [
    "/hfp/v2/journey/ongoing/vp/bus/0018/00423/2159/2/Matinkylä (M)/09:32/2442201/3/60;24/16/58/67",
    "/hfp/v2/deadrun/ongoing/vp/bus/0018/00423",
    "owntracks/u/d",
    "misto/v1/raw/if-operator/1",
    "misto/v1/raw/decree-835/1",
    "misto/v1/raw/any/1",
    "v3/a@t/devices/d/up",
    "v1.1/Datastreams(5)/Observations",
    "misto/v1/raw/mapped/1",
];

/// JSON with the fields that the decoders look for, holding anything.
fn any_object() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<f64>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        "\\PC{0,12}".prop_map(serde_json::Value::from),
        prop_oneof!["2026-07-05T11:59:59Z", "2026-07-05 11:59:59", "location", "lwt", "NaN"]
            .prop_map(serde_json::Value::from),
    ];
    let key = prop::sample::select(vec![
        "VP",
        "lat",
        "lon",
        "long",
        "latitude",
        "longitude",
        "tst",
        "time",
        "timestamp",
        "_type",
        "spd",
        "vel",
        "dl",
        "hdg",
        "imei",
        "identifier",
        "vehiclePosition",
        "uplink_message",
        "decoded_payload",
        "received_at",
        "locations",
        "user",
        "readings",
        "value",
        "observed_property",
        "result",
        "phenomenonTime",
        "veh",
        "dir",
        "records",
    ]);
    leaf.prop_recursive(4, 64, 12, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map(key.clone(), inner, 0..12)
                .prop_map(|map| map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

/// Whatever comes, the answer is never empty and what is accepted is in range.
fn never_silent(topic: &str, payload: &[u8]) {
    let sources = sources(
        "[[source]]\nid = \"mapped\"\nformat = \"mapped\"\n[source.mapping]\nrecords = \"/records\"\ntime = { pointer = \"/time\", form = \"posix_ms\" }\nlat = \"/lat\"\nlon = \"/lon\"\nspeed = { pointer = \"/spd\", unit = \"km/h\" }",
    );
    let decoded = decode_at(&sources, topic, payload, NOW);
    let answers = decoded.positions.len() + decoded.readings.len() + decoded.gone.len() + decoded.rejections.len();
    assert!(answers > 0, "{topic} {payload:?}");
    for fix in &decoded.positions {
        assert!(!fix.position.is_null_island());
        assert!(fix.speed_m_s.is_none_or(|speed| (0.0..=100.0).contains(&speed)));
        assert!(fix.bearing_deg.is_none_or(|bearing| (0.0..360.0).contains(&bearing)));
        assert!(fix.fix_time.seconds_since(fix.received_at) <= 60.0);
    }
}

proptest! {
    #![proptest_config(crate::cases(400))]

    #[test]
    fn no_bytes_panic_any_decoder(topic in prop::sample::select(TOPICS.to_vec()), payload in prop::collection::vec(any::<u8>(), 0..300)) {
        never_silent(topic, &payload);
    }

    #[test]
    fn no_object_panics_any_decoder(topic in prop::sample::select(TOPICS.to_vec()), payload in any_object()) {
        never_silent(topic, payload.to_string().as_bytes());
    }

    #[test]
    fn no_topic_panics_any_decoder(topic in "(/hfp/v2|owntracks|misto/v1/raw|v3|v1.1)(/(\\PC{0,6}|journey|ongoing|vp|0|2|09:32|60;24|up|devices)){0,18}", payload in any_object()) {
        never_silent(&topic, payload.to_string().as_bytes());
    }
}
