use misto_model::RejectionReason as Why;
use misto_model::{FixFlag, Job, VehicleKind};

use super::*;

const HFP_TOPIC: &str = "/hfp/v2/journey/ongoing/vp/bus/0018/00423/2159/2/Matinkylä (M)/09:32/2442201/3/60;24/16/58/67";
const HFP: &str = r#"{"VP":{"desi":"159","dir":"2","oper":6,"veh":423,"tst":"2021-05-15T06:40:28.629Z","tsi":1621060828,"spd":21.71,"hdg":67,"lat":60.156949,"long":24.687111,"acc":0,"dl":-21,"odo":null,"drst":null,"oday":"2021-05-15","jrn":202,"line":1062,"start":"09:32","loc":"GPS","stop":null,"route":"2159","occu":0}}"#;

#[test]
fn hfp_is_normalised() {
    let fix = fix(decode(HFP_TOPIC, HFP));
    assert_eq!(fix.vehicle.to_string(), "hfp:0018/00423");
    assert_eq!(fix.fix_time.to_string(), "2021-05-15T06:40:28.629Z");
    assert_eq!((fix.position.lon.degrees(), fix.position.lat.degrees()), (24.687111, 60.156949));
    assert_eq!((fix.speed_m_s, fix.bearing_deg, fix.odometer_m), (Some(21.71), Some(67.0), None));
    assert_eq!(fix.delay_s, Some(21), "dl -21 is 21 s late");
    assert_eq!((fix.direction, fix.doors_open, fix.occupancy), (Some(1), None, None));
    assert_eq!(fix.headsign.as_deref(), Some("Matinkylä (M)"));
    assert_eq!((fix.route.as_deref(), fix.route_short_name.as_deref()), (Some("2159"), Some("159")));
    assert_eq!((fix.trip_start.as_deref(), fix.operating_day.as_deref()), (Some("09:32"), Some("2021-05-15")));
    assert_eq!(
        (fix.next_stop.as_deref(), fix.event.as_str(), fix.kind),
        (Some("2442201"), "vp", Some(VehicleKind::Bus))
    );
    assert_eq!(fix.accuracy_m, None, "acc is acceleration");
    assert_eq!(fix.extra["oper"], 6, "who runs the trip is not who owns the vehicle");
    assert!(fix.flags.is_empty());
}

#[test]
fn hfp_topics_vary_in_length() {
    let slashed = HFP_TOPIC.replace("Matinkylä (M)", "Kamppi/Länsiterminaali T2");
    assert_eq!(fix(decode(&slashed, HFP)).headsign.as_deref(), Some("Kamppi/Länsiterminaali T2"));
    let with_sid = HFP_TOPIC.replace("/67", "/67/3230");
    assert_eq!(fix(decode(&with_sid, HFP)).next_stop.as_deref(), Some("2442201"));
    let end_of_line = HFP_TOPIC.replace("2442201", "EOL");
    assert_eq!(fix(decode(&end_of_line, HFP)).next_stop, None);
    let deadrun = fix(decode("/hfp/v2/deadrun/ongoing/vp/bus/0018/00423", &HFP.replace("\"2\"", "null")));
    assert_eq!((deadrun.headsign, deadrun.direction, deadrun.next_stop), (None, None, None));
    assert_eq!(deadrun.extra["journey_type"], "deadrun");
    let trolley = HFP_TOPIC.replace("/bus/", "/trolleybus/");
    assert_eq!(fix(decode(&trolley, HFP)).kind, Some(VehicleKind::Trolleybus));
}

#[test]
fn hfp_topic_and_payload_must_agree() {
    refused(decode(&HFP_TOPIC.replace("/vp/", "/due/"), HFP), Why::InvalidField, "DUE");
    refused(decode(&HFP_TOPIC.replace("00423", "00424"), HFP), Why::InvalidField, "veh is 423");
    refused(decode(&HFP_TOPIC.replace("/vp/", "/xyz/"), HFP), Why::UnsupportedMessage, "xyz");
    refused(decode("/hfp/v2/journey/ongoing/vp/bus/0018", HFP), Why::InvalidTopic, "too few levels");
    refused(decode(&HFP_TOPIC.replace("journey", "joyride"), HFP), Why::InvalidTopic, "joyride");
    refused(decode(&HFP_TOPIC.replace("/2/Mat", "/3/Mat"), HFP), Why::InvalidTopic, "direction");
    refused(decode("/hfp/v2/journey/ongoing/apc/bus/0012/00010", "{\"APC\":{}}"), Why::UnsupportedMessage, "apc");
}

#[test]
fn hfp_without_a_fix_has_no_position() {
    let nowhere = HFP_TOPIC.replace("3/60;24/16/58/67", "0////");
    refused(decode(&nowhere, HFP), Why::NoPosition, "0////");
    let null = HFP.replace("60.156949", "null").replace("24.687111", "null");
    refused(decode(HFP_TOPIC, &null), Why::NoPosition, "lat");
}

#[test]
fn hfp_impossible_values_are_named() {
    for (from, to, part) in [
        ("\"dir\":\"2\"", "\"dir\":\"\"", "dir is \"\""),
        ("\"drst\":null", "\"drst\":-100", "drst is -100"),
        ("\"2021-05-15\"", "\"\"", "oday is \"\""),
        ("\"GPS\"", "\"GPSi\"", "loc is \"GPSi\""),
        ("\"start\":\"09:32\"", "\"start\":\"0:0\"", "start is \"0:0\""),
        ("\"hdg\":67", "\"hdg\":400", "hdg is 400"),
        ("\"lat\":60.156949", "\"lat\":\"60.1\"", "lat is the text"),
        ("2021-05-15T06:40:28.629Z", "yesterday", "tst is \"yesterday\""),
    ] {
        assert!(HFP.contains(from), "{from}");
        refused(decode(HFP_TOPIC, &HFP.replace(from, to)), Why::InvalidField, part);
    }
    let backwards = fix(decode(HFP_TOPIC, &HFP.replace("21.71", "-10.0")));
    assert_eq!((backwards.speed_m_s, backwards.flags), (None, vec![FixFlag::SpeedImplausible]));
}

const OWNTRACKS: &str = r#"{"_type":"location","lat":48.92,"lon":24.71,"tst":1427634603,"acc":8,"vel":54,"cog":270,"alt":240,"batt":80,"t":"t","tid":"07","created_at":1427634605,"inregions":["Depot"],"kind":"plough","job":"ploughing","odometer":12.5}"#;

#[test]
fn owntracks_is_normalised() {
    let fix = fix(decode("owntracks/depot/plough-7", OWNTRACKS));
    assert_eq!(fix.vehicle.to_string(), "owntracks:depot/plough-7");
    assert_eq!(fix.fix_time.to_string(), "2015-03-29T13:10:03Z");
    assert!((fix.speed_m_s.unwrap() - 15.0).abs() < 1e-12, "54 km/h");
    assert_eq!((fix.bearing_deg, fix.accuracy_m, fix.odometer_m), (Some(270.0), Some(8.0), Some(12_500.0)));
    assert_eq!((fix.kind, fix.job), (Some(VehicleKind::Plough), Some(Job::Ploughing)));
    assert_eq!(fix.extra["batt"], 80);
}

#[test]
fn owntracks_left_out_is_unknown_not_zero() {
    let fix = fix(decode("owntracks/u/d", r#"{"_type":"location","lat":48.92,"lon":24.71,"tst":1427634603}"#));
    assert_eq!((fix.speed_m_s, fix.bearing_deg, fix.accuracy_m, fix.kind), (None, None, None, None));
}

#[test]
fn owntracks_other_messages() {
    let decoded = decode("owntracks/u/d", r#"{"_type":"lwt","tst":1427634603}"#);
    assert_eq!(decoded.gone[0].vehicle.to_string(), "owntracks:u/d");
    assert_eq!(decoded.gone[0].at.to_string(), "2015-03-29T13:10:03Z");
    for kind in ["transition", "waypoint", "waypoints", "status", "cmd", "card", "encrypted", "steps"] {
        refused(decode("owntracks/u/d", &format!("{{\"_type\":\"{kind}\"}}")), Why::UnsupportedMessage, kind);
    }
    refused(decode("owntracks/u/d/event", r#"{"_type":"transition"}"#), Why::UnsupportedMessage, "event");
    refused(decode("owntracks/u", OWNTRACKS), Why::InvalidTopic, "<user>/<device>");
    refused(
        decode("owntracks/u/d", &OWNTRACKS.replace("ploughing", "dancing")),
        Why::InvalidField,
        "job is \"dancing\"",
    );
    refused(
        decode("owntracks/u/d", &OWNTRACKS.replace("1427634603", "1427634603000")),
        Why::InvalidField,
        "milliseconds",
    );
}

const OPERATOR: &str = r#"{"imei":"353173060780531","gov_number":"AT 0007 AF","route_id":"0532F1F715A8C8C53EB18ABC461FE02C","route_short_name":"28","route_long_name":"…","route_type":3,"time":"2026-07-04 01:04:42","latitude":48.9497,"longitude":24.709734,"satellites":8,"speed":36,"spec":["","","",""]}"#;
const OPERATOR_TOPIC: &str = "misto/v1/raw/if-operator/353173060780531";

#[test]
fn operator_json_is_read_in_kyiv_time() {
    let fix = fix(decode(OPERATOR_TOPIC, OPERATOR));
    assert_eq!(fix.vehicle.to_string(), "if-operator:/353173060780531");
    assert_eq!(fix.fix_time.to_string(), "2026-07-03T22:04:42Z");
    assert_eq!((fix.speed_m_s, fix.kind), (Some(10.0), Some(VehicleKind::Bus)));
    assert_eq!((fix.plate.as_deref(), fix.route_short_name.as_deref()), (Some("AT 0007 AF"), Some("28")));
    assert_eq!((fix.bearing_deg, fix.headsign), (None, None));
}

#[test]
fn operator_numbers_may_be_texts_and_empty() {
    let texts = OPERATOR
        .replace("48.9497", "\"48.9497\"")
        .replace("36,", "\"\",")
        .replace("\"route_type\":3", "\"route_type\":\"11\"");
    let fix = fix(decode(OPERATOR_TOPIC, &texts));
    assert_eq!((fix.position.lat.degrees(), fix.speed_m_s, fix.kind), (48.9497, None, Some(VehicleKind::Trolleybus)));
    refused(decode(OPERATOR_TOPIC, &OPERATOR.replace("48.9497", "\"\"")), Why::NoPosition, "latitude");
    refused(decode(OPERATOR_TOPIC, &OPERATOR.replace("48.9497", "\"NaN\"")), Why::InvalidField, "latitude is \"NaN\"");
}

#[test]
fn operator_clock_changes_are_told() {
    let at = |time: &str| OPERATOR.replace("2026-07-04 01:04:42", time);
    let later = |text: &str| decode_at(&Sources::default(), OPERATOR_TOPIC, text.as_bytes(), "2026-12-01T00:00:00Z");
    let twice = fix(later(&at("2026-10-25 03:30:00")));
    assert_eq!(
        (twice.flags.as_slice(), twice.fix_time.to_string()),
        (&[FixFlag::AmbiguousLocalTime][..], "2026-10-25T00:30:00Z".to_owned())
    );
    refused(later(&at("2026-03-29 03:30:00")), Why::InvalidField, "clocks went forward");
    refused(later(&at("2026-10-25")), Why::InvalidField, "time is");
}

#[test]
fn one_bad_record_of_a_list_spoils_no_other() {
    let list = format!(
        "[{OPERATOR},{},{}]",
        OPERATOR.replace("48.9497", "0").replace("24.709734", "0"),
        OPERATOR.replace("353173060780531", "353173060780532")
    );
    let decoded = decode(OPERATOR_TOPIC, &list);
    assert_eq!(decoded.positions.len(), 2);
    assert_eq!(decoded.positions[1].vehicle.vehicle(), "353173060780532");
    assert_eq!((decoded.rejections.len(), decoded.rejections[0].reason), (1, Why::NoPosition));
    assert!(decoded.rejections[0].detail.starts_with("record 2: "));
}

#[test]
fn plates_stay_as_sent() {
    let latin = fix(decode(OPERATOR_TOPIC, OPERATOR));
    let cyrillic = fix(decode(OPERATOR_TOPIC, &OPERATOR.replace("AT 0007 AF", "АТ 0007 АF")));
    assert_eq!(latin.vehicle, cyrillic.vehicle, "the IMEI tells vehicles apart, not the plate's script");
    assert_ne!(latin.plate, cyrillic.plate);
}

#[test]
fn decree_835_with_its_odd_key() {
    let record = "{\"uid\":\"a1\",\"number\":\"ВС 1234 АА\",\" \\tidentifier\":\"plough-3\",\"lat\":48.92,\"lon\":24.71,\"bearing\":12,\"odometer\":1000,\"speed\":7.5,\"timestamp\":1783245600}";
    let fix_of = |payload: &str| fix(decode("misto/v1/raw/decree-835/x", payload));
    let fix = fix_of(record);
    assert_eq!(fix.vehicle.to_string(), "decree-835:/plough-3");
    assert_eq!((fix.speed_m_s, fix.bearing_deg, fix.odometer_m), (Some(7.5), Some(12.0), Some(1000.0)));
    assert_eq!(fix.plate.as_deref(), Some("ВС 1234 АА"));
    // The record's id changes with each publication; the vehicle stays the same.
    let again = fix_of(&format!("{{\"vehiclePosition\":{}}}", record.replace("\"a1\"", "\"b2\"")));
    assert_eq!(again.vehicle, fix.vehicle);
    refused(decode("misto/v1/raw/decree-835/x", &record.replace("48.92", "null")), Why::NoPosition, "lat");
    refused(
        decode("misto/v1/raw/decree-835/x", &record.replace("1783245600", "1783245600000")),
        Why::InvalidField,
        "milliseconds",
    );
}

const RAW_TOPIC: &str = "misto/v1/raw/plough/Машина 7";
const RAW: &str = r#"{"time":"2026-07-05T11:59:58.5Z","lat":48.92,"lon":24.71,"operator":"komunal","speed_m_s":3.5,"bearing_deg":360,"kind":"plough","job":"ploughing","direction":1,"delay_s":-20,"doors_open":false,"plate":"AT 1"}"#;

#[test]
fn raw_json_of_an_unknown_source_is_canonical() {
    let fix = fix(decode(RAW_TOPIC, RAW));
    assert_eq!(fix.vehicle.to_string(), "plough:komunal/Машина 7");
    assert_eq!(
        (fix.speed_m_s, fix.bearing_deg, fix.direction, fix.delay_s),
        (Some(3.5), Some(0.0), Some(1), Some(-20))
    );
    assert_eq!((fix.kind, fix.job, fix.doors_open), (Some(VehicleKind::Plough), Some(Job::Ploughing), Some(false)));
    assert_eq!(fix.fix_time.to_string(), "2026-07-05T11:59:58.500Z");
    let again = super::super::canonical_json(&fix).to_string();
    let copy = decode(RAW_TOPIC, &again).positions.remove(0);
    assert_eq!(*copy, fix, "the canonical form survives the round trip");
    refused(decode("misto/v1/raw/Плуг/7", RAW), Why::InvalidTopic, "source name");
    refused(decode(RAW_TOPIC, &RAW.replace("11:59:58.5Z", "11:59:58")), Why::InvalidField, "with a zone");
    refused(decode("somewhere/else", RAW), Why::UnknownTopic, "no source");
}

const MAPPED: &str = r#"
[[source]]
id = "plough"
format = "mapped"
bounds = [24.5, 60.0, 25.5, 60.5]
[source.mapping]
records = "/trucks"
vehicle = { pointer = "/id", transform = "integer_id" }
time = { pointer = "/last_location/timestamp", form = "posix_ms" }
lon = "/last_location/coords/0"
lat = "/last_location/coords/1"
speed = { pointer = "/v", unit = "knots", unknown = [-1] }
kind = { constant = "plough" }
job = { pointer = "/last_location/events/0", values = { au = "ploughing", su = "spreading" } }
"#;

#[test]
fn a_mapping_covers_a_vendor_without_code() {
    let sources = sources(MAPPED);
    let payload = r#"{"trucks":[
        {"id":977106.0,"v":"10","last_location":{"timestamp":1783245600250,"coords":[24.95,60.18],"events":["au"]}},
        {"id":"977106","v":-1,"last_location":{"timestamp":"1783245601250","coords":["24.95","60.18"],"events":["xx"]}},
        {"id":"977107","last_location":{"timestamp":1783245600250,"coords":[60.18,24.95]}},
        {"id":"977108","last_location":{"timestamp":1783245600250,"coords":[30.52,50.45]}},
        {"last_location":{"timestamp":1783245600250,"coords":[24.95,60.18]}}]}"#;
    let decoded = decode_at(&sources, "misto/v1/raw/plough/all", payload.as_bytes(), NOW);
    let [first, second] = &decoded.positions[..] else { panic!("{decoded:#?}") };
    assert_eq!(first.vehicle.to_string(), "plough:/977106");
    assert_eq!(second.vehicle, first.vehicle, "977106.0 and 977106 are one truck");
    assert!((first.speed_m_s.unwrap() - 5.144_444).abs() < 1e-6, "10 knots");
    assert_eq!((second.speed_m_s, second.job), (None, None), "-1 and an unlisted code are unknown");
    assert_eq!((first.job, first.kind), (Some(Job::Ploughing), Some(VehicleKind::Plough)));
    let reasons: Vec<Why> = decoded.rejections.iter().map(|rejection| rejection.reason).collect();
    assert_eq!(reasons, [Why::CoordinatesSwapped, Why::OutsideBounds, Why::MissingField]);
}
