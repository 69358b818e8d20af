use misto_model::RejectionReason as Why;
use misto_model::{ReadingFlag, ReadingValue};

use super::*;

const TTS_TOPIC: &str = "v3/app1@ttn/devices/dev1/up";
const TTS: &str = r#"{"end_device_ids":{"device_id":"dev1","application_ids":{"application_id":"app1"}},"received_at":"2020-02-12T15:15:46Z","uplink_message":{"f_cnt":17,"f_port":1,"frm_payload":"gkHe","received_at":"2020-02-12T15:15:45Z","decoded_payload":{"temperature":1.0,"wet":false,"state":"13.25","air":{"pm":[5,7.5]},"none":null},"locations":{"user":{"latitude":48.92,"longitude":24.71,"altitude":10}}}}"#;

#[test]
fn an_uplink_gives_a_reading_per_property() {
    let readings = readings(decode(TTS_TOPIC, TTS));
    let found: Vec<(&str, &ReadingValue)> =
        readings.iter().map(|reading| (reading.datastream.observed_property.as_str(), &reading.result)).collect();
    assert_eq!(
        found,
        [
            ("temperature", &ReadingValue::Number(1.0)),
            ("wet", &ReadingValue::Truth(false)),
            ("state", &ReadingValue::Text("13.25".to_owned())),
            ("air.pm.0", &ReadingValue::Number(5.0)),
            ("air.pm.1", &ReadingValue::Number(7.5)),
        ]
    );
    let first = &readings[0];
    assert_eq!((first.datastream.to_string().as_str(), first.event.as_str()), ("tts:dev1/temperature", "17"));
    assert_eq!(first.phenomenon_time.to_string(), "2020-02-12T15:15:45Z");
    assert_eq!(first.position.unwrap().lon.degrees(), 24.71);
    assert_eq!(first.unit, None);
}

#[test]
fn left_out_fields_of_an_uplink_are_zero_or_missing() {
    let first_frame = readings(decode(TTS_TOPIC, &TTS.replace("\"f_cnt\":17,", "")));
    assert_eq!(first_frame[0].event, "0");
    let undecoded = TTS.replace("decoded_payload", "something_else");
    refused(decode(TTS_TOPIC, &undecoded), Why::MissingField, "payload formatter");
    refused(
        decode(TTS_TOPIC, &TTS.replace("\"device_id\":\"dev1\"", "\"device_id\":\"dev2\"")),
        Why::InvalidField,
        "as the topic says",
    );
    refused(decode(TTS_TOPIC, "{}"), Why::MissingField, "uplink_message");
    refused(decode("v3/app1@ttn/devices/dev1/join", TTS), Why::UnknownTopic, "");
}

#[test]
fn an_observation_is_taken() {
    let one = |payload: &str| readings(decode("v1.1/Datastreams(5)/Observations", payload)).remove(0);
    let reading = one(r#"{"result":21.5,"phenomenonTime":"2026-07-05T11:00:00Z","resultTime":"2026-07-05T11:00:05Z"}"#);
    assert_eq!(reading.datastream.to_string(), "sensorthings:Datastreams(5)/result");
    assert_eq!(
        (reading.result, reading.phenomenon_time.to_string()),
        (ReadingValue::Number(21.5), "2026-07-05T11:00:00Z".to_owned())
    );
    let hour = one(r#"{"result":0,"phenomenonTime":"2026-07-05T10:00:00Z/2026-07-05T11:00:00Z"}"#);
    assert_eq!(hour.phenomenon_time.to_string(), "2026-07-05T11:00:00Z", "an average ages from its end");
    assert_eq!(one(r#"{"result":true}"#).phenomenon_time.to_string(), NOW, "the standard's default");
    let placed = one(r#"{"result":1,"FeatureOfInterest":{"feature":{"type":"Point","coordinates":[24.71,48.92]}}}"#);
    assert_eq!(placed.position.unwrap().lat.degrees(), 48.92);
}

#[test]
fn an_observation_without_sense_is_refused() {
    let at = |topic: &str, payload: &str| decode(topic, payload);
    refused(at("v1.1/Datastreams(5)/Observations", r#"{"result":null}"#), Why::MissingField, "result");
    refused(at("v1.1/Datastreams(5)/Observations", r#"{"result":[1]}"#), Why::InvalidField, "a list");
    refused(at("v1.1/Datastreams()/Observations", r#"{"result":1}"#), Why::InvalidTopic, "Datastreams(5)");
    refused(at("v1.1/Things(5)/Observations", r#"{"result":1}"#), Why::UnsupportedMessage, "Things(5)");
    let backwards = r#"{"result":1,"phenomenonTime":"2026-07-05T11:00:00Z/2026-07-05T10:00:00Z"}"#;
    refused(at("v1.1/Datastreams(5)/Observations", backwards), Why::InvalidField, "end lies after");
    refused(
        at("v1.1/Datastreams(5)/Observations", r#"{"result":1,"phenomenonTime":"2027-01-01T00:00:00Z"}"#),
        Why::InFuture,
        "after receipt",
    );
}

const AIR: &str = r#"
[[source]]
id = "luftdaten"
format = "mapped"
time_zone = "UTC"
[source.mapping]
thing = "/sensor_id"
time = { pointer = "/timestamp", form = "local" }
lat = "/lat"
lon = "/lon"
readings = [
  { pointer = "/P1", observed_property = "pm10", unit = "ug/m3", ceiling = 1999.9 },
  { pointer = "/P2", observed_property = "pm2_5", unit = "ug/m3", ceiling = 999.9 },
]
"#;

#[test]
fn a_row_of_texts_is_read_by_a_mapping() {
    let sources = sources(AIR);
    let row = r#"{"sensor_id":"8733","lat":"57.136","lon":"-2.107","timestamp":"2018-11-05T19:00:00","P1":"1999.90","P2":"36.57","durP1":""}"#;
    let at = |row: &str| decode_at(&sources, "misto/v1/raw/luftdaten/8733", row.as_bytes(), NOW);
    let found = readings(at(row));
    assert_eq!(found.len(), 2);
    assert_eq!(
        (found[0].datastream.to_string().as_str(), &found[0].flags[..]),
        ("luftdaten:8733/pm10", &[ReadingFlag::Ceiling][..])
    );
    assert_eq!(
        (found[0].unit.as_deref(), found[0].phenomenon_time.to_string()),
        (Some("ug/m3"), "2018-11-05T19:00:00Z".to_owned())
    );
    assert!(found[1].flags.is_empty());
    assert_eq!(readings(at(&row.replace("36.57", ""))).len(), 1, "an empty column was not measured");
    refused(at(&row.replace("1999.90", "").replace("36.57", "")), Why::MissingField, "pm10");
    refused(at(&row.replace("36.57", "nan")), Why::InvalidField, "pm2_5 is \"nan\"");
    // The same device through the canonical form, as a replay of the table sends it.
    let canonical = super::super::canonical_readings_json(&found).to_string();
    let copies = readings(decode("misto/v1/raw/air/8733", &canonical));
    assert_eq!(
        copies.iter().map(|r| (&r.result, &r.flags, &r.unit)).collect::<Vec<_>>(),
        found.iter().map(|r| (&r.result, &r.flags, &r.unit)).collect::<Vec<_>>()
    );
}
