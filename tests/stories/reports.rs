//! People mend what the map says: a resident tells, a second person confirms, a planner decides;
//! nothing looks better before that, and nobody learns who told it.

use std::io::{Cursor, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use image::{DynamicImage, ImageFormat};
use misto_tests::{Answer, Client, Mosquitto, Server, eventually, postgres, run_ok};
use serde_json::{Value, json};

const HOME: &str = "device-of-the-first-person-0001";
const NEIGHBOUR: &str = "device-of-a-second-person-0002";
const NOTE: &str = "canary-note-8841";

struct City {
    server: Server,
    _broker: Mosquitto,
    planner: Client,
}

/// One pharmacy with steps and a good ramp; one hall upstairs with a lift.
fn city(more: &str) -> City {
    city_on(|mqtt| Server::start(mqtt, more))
}

fn city_on(start: impl Fn(&str) -> Server) -> City {
    let broker = Mosquitto::start();
    let server = start(&broker.url());
    let feature = |properties: Value| {
        json!({"type": "Feature", "properties": properties,
            "geometry": {"type": "Point", "coordinates": [24.71, 48.92]}})
    };
    let venues = [
        json!({"name": "Аптека", "door_width_cm": 95.5, "entrance_steps": 3, "has_ramp": true, "ramp_slope_percent": 5.5, "lift_required": false}),
        json!({"name": "Зала", "door_width_cm": 95.5, "entrance_steps": 0, "has_ramp": false, "ramp_slope_percent": null, "lift_required": true}),
    ];
    import(&server, "venues", venues.map(feature).to_vec());
    import(&server, "lifts", vec![feature(json!({"venue_id": 2, "name": "Ліфт", "is_working": true}))]);
    server.ready();
    eventually("the venues are there", Duration::from_secs(5), || {
        let lifts = server.client().get("/ogc/collections/lifts");
        (server.client().get("/access/venues/2").status == 200 && lifts.status == 200).then_some(())
    });
    let token = run_ok(&["token", "create", "--role", "planner", "--name", "Ольга", "--store", &server.store()]);
    let planner = server.client().bearer(token.trim());
    City { server, _broker: broker, planner }
}

fn import(server: &Server, collection: &str, features: Vec<Value>) {
    let file = server.folder().join(format!("{collection}.geojson"));
    std::fs::write(&file, json!({"type": "FeatureCollection", "features": features}).to_string()).expect("a file");
    let file = file.display().to_string();
    run_ok(&["import", &file, "--collection", collection, "--public", "--store", &server.store()]);
}

fn now() -> String {
    jiff::Timestamp::now().to_string()
}

fn told(key: &str, device: &str, more: Value) -> Value {
    let mut body = json!({"key": key, "device": device, "reported_at": now()});
    for (name, value) in more.as_object().expect("members") {
        body[name] = value.clone();
    }
    body
}

fn post(client: &Client, path: &str, body: &Value) -> Answer {
    client.send("POST", path, Some(body.to_string().as_bytes()))
}

fn tell(server: &Server, venue: i64, body: &Value) -> Answer {
    post(&server.client(), &format!("/access/venues/{venue}/reports"), body)
}

fn decide(client: &Client, report: &Value, how: &str, body: &Value) -> Answer {
    let tag = format!("\"{}\"", report["version"]);
    let path = format!("/dispatch/access/reports/{}/{how}", report["id"].as_str().expect("an id"));
    post(&client.with("if-match", &tag), &path, body)
}

fn waiting(planner: &Client) -> Vec<Value> {
    let list = planner.get("/dispatch/access/reports");
    assert_eq!(list.status, 200, "{}", list.text());
    list.json()["reports"].as_array().expect("reports").clone()
}

/// The verdict for a chair of 70 cm, and the codes of its reasons.
fn verdict(server: &Server, venue: i64) -> (String, Vec<String>) {
    let all = server.client().get("/access/venues?chair_width_cm=70").json();
    let found = all["features"].as_array().expect("venues").iter().find(|one| one["id"] == venue).expect("it").clone();
    let reasons = found["properties"]["reasons"].as_array().expect("reasons").iter();
    let codes = reasons.map(|reason| reason["code"].as_str().expect("a code").to_owned()).collect();
    (found["properties"]["verdict"].as_str().expect("a verdict").to_owned(), codes)
}

#[test]
fn a_measured_door_is_told_confirmed_accepted_and_in_the_record() {
    measure_a_door(&city(""));
}

#[test]
fn a_measured_door_is_told_confirmed_accepted_and_in_the_record_on_postgis() {
    measure_a_door(&city_on(|mqtt| Server::start_on(&postgres().database(), mqtt, "")));
}

fn measure_a_door(city: &City) {
    let City { server, planner, .. } = city;
    let body = told(
        "door-0001",
        HOME,
        json!({"kind": "measurement", "attribute": "door_width_cm", "value": 68, "how": "tape", "note": NOTE}),
    );
    let first = tell(server, 1, &body);
    assert_eq!(first.status, 201, "{}", first.text());
    let again = tell(server, 1, &body);
    assert_eq!((again.status, &again.json()["id"]), (200, &first.json()["id"]), "sent twice, it is one");
    let other = told("door-0001", HOME, json!({"kind": "blocked"}));
    assert_eq!(tell(server, 1, &other).status, 409, "the key of another report");

    let list = waiting(planner);
    assert_eq!(list.len(), 1);
    assert_eq!((&list[0]["present"], &list[0]["by"]), (&json!(95.5), &json!(-27.5)), "{}", list[0]);
    assert_eq!((&list[0]["venue_name"], &list[0]["note"]), (&json!("Аптека"), &json!(NOTE)));
    assert_eq!(verdict(server, 1).0, "fits", "told is not measured");

    let id = first.json()["id"].as_str().expect("an id").to_owned();
    let confirm = |device| post(&server.client(), &format!("/access/reports/{id}/confirm"), &json!({"device": device}));
    assert_eq!(confirm(HOME).json()["state"], "open", "nobody confirms oneself");
    let second = confirm(NEIGHBOUR).json();
    assert_eq!((&second["state"], &second["seen_by"]), (&json!("confirmed"), &json!(2)));
    let public = server.client().get("/access/venues/1/reports").text();
    assert!(public.contains("confirmed") && !public.contains(NOTE), "{public}");
    for secret in [HOME, NEIGHBOUR, "devices", "version"] {
        assert!(!public.contains(secret), "{secret} is told to everybody: {public}");
    }
    assert_eq!(verdict(server, 1).0, "fits", "two strangers do not change the record");

    assert_eq!(decide(planner, &list[0], "accept", &json!({})).status, 412, "it changed since it was read");
    let fresh = waiting(planner).remove(0);
    let accepted = decide(planner, &fresh, "accept", &json!({"reason": "перевірено"}));
    assert_eq!((accepted.status, &accepted.json()["state"]), (200, &json!("accepted")), "{}", accepted.text());
    assert_eq!(verdict(server, 1), ("does_not_fit".to_owned(), vec!["door_too_narrow".to_owned()]));
    let history = planner.get("/ogc/collections/venues/items/1/history").json();
    assert_eq!(history["entries"][0]["actor"], "Ольга", "{history}");
    assert_eq!(history["entries"][0]["reason"], format!("report {id}"));
    let item = server.client().get("/ogc/collections/venues/items/1").json();
    let provenance: Value =
        serde_json::from_str(item["properties"]["provenance"].as_str().expect("who")).expect("JSON");
    assert_eq!(
        (&provenance["door_width_cm"]["measured_how"], &item["properties"]["name"]),
        (&json!("tape"), &json!("Аптека"))
    );
    let stale = decide(planner, &accepted.json(), "refuse", &json!({"reason": "ні"}));
    assert_eq!((stale.status, &stale.json()["field"]), (400, &json!("state")), "decided is decided");
    assert!(waiting(planner).is_empty());
    let said = server.log() + &server.client().get("/metrics").text();
    for secret in [HOME, NOTE, "Аптека"] {
        assert!(!said.contains(secret), "{secret} was logged or counted");
    }
}

#[test]
fn a_blocked_ramp_counts_from_the_second_person_until_it_is_clear() {
    let City { server, planner, .. } = &city("");
    assert_eq!(verdict(server, 1).0, "fits");
    let first = tell(server, 1, &told("ramp-0001", HOME, json!({"kind": "blocked"})));
    assert_eq!(first.status, 201, "{}", first.text());
    assert_eq!(verdict(server, 1).0, "fits", "one device is not enough");
    let same = tell(server, 1, &told("ramp-0002", NEIGHBOUR, json!({"kind": "blocked"})));
    assert_eq!((same.status, &same.json()["id"]), (200, &first.json()["id"]), "the same told by another confirms it");
    assert_eq!(verdict(server, 1), ("does_not_fit".to_owned(), vec!["ramp_blocked".to_owned()]));
    let one = server.client().get("/access/venues/1").json();
    assert_eq!(one["properties"]["ramp_blocked"], true);
    let clear = tell(server, 1, &told("ramp-0003", HOME, json!({"kind": "clear"})));
    assert_eq!(clear.status, 201);
    assert_eq!(verdict(server, 1).0, "does_not_fit", "one device does not make it green");
    let clear = waiting(planner).into_iter().find(|report| report["kind"] == "clear").expect("it waits");
    assert_eq!(decide(planner, &clear, "accept", &json!({})).status, 200);
    assert_eq!(verdict(server, 1).0, "fits");
    assert!(waiting(planner).is_empty(), "what ended does not wait");
}

#[test]
fn a_broken_lift_is_in_the_record_when_staff_accept_it() {
    let City { server, planner, .. } = &city("");
    assert_eq!(verdict(server, 2).0, "fits");
    let elsewhere = told("lift-0001", HOME, json!({"kind": "lift_broken", "about": {"lift": 7}}));
    let refused = tell(server, 2, &elsewhere);
    assert_eq!((refused.status, &refused.json()["field"]), (400, &json!("about")), "{}", refused.text());
    let broken = told("lift-0002", HOME, json!({"kind": "lift_broken", "about": {"lift": 1}}));
    assert_eq!(tell(server, 1, &broken).status, 400, "the lift of another venue");
    assert_eq!(tell(server, 2, &broken).status, 201);
    let report = waiting(planner).remove(0);
    assert_eq!(report["present"], true, "{report}");
    let accepted = decide(planner, &report, "accept", &json!({}));
    assert_eq!(accepted.status, 200, "{}", accepted.text());
    let lift = server.client().get("/ogc/collections/lifts/items/1").json();
    assert_eq!(lift["properties"]["is_working"], false);
    assert_eq!(verdict(server, 2), ("does_not_fit".to_owned(), vec!["lift_out_of_order".to_owned()]));
}

#[test]
fn what_cannot_be_meant_is_refused_with_the_field_and_what_would_be_right() {
    let City { server, planner, .. } = &city("[reports]\nmax_open_per_venue = 2\n");
    let refused = |body: Value, field: &str, words: &str| {
        let answer = tell(server, 1, &body);
        assert_eq!((answer.status, &answer.json()["field"]), (400, &json!(field)), "{}", answer.text());
        assert!(answer.text().contains(words), "{}", answer.text());
    };
    let measured = |attribute: &str, value: Value| {
        told("bad-00001", HOME, json!({"kind": "measurement", "attribute": attribute, "value": value}))
    };
    refused(measured("door_width_cm", json!(70_000)), "value", "20 to 1000");
    refused(measured("door_width_cm", json!(true)), "value", "number");
    refused(measured("ramp_slope_percent", json!(120)), "value", "0 to 60");
    refused(measured("name", json!(true)), "attribute", "door_width_cm");
    refused(told("bad-00001", HOME, json!({"kind": "fire"})), "kind", "blocked");
    refused(told("bad-00001", HOME, json!({"kind": "other"})), "note", "words");
    refused(told("bad-00001", HOME, json!({"kind": "other", "note": "x".repeat(501)})), "note", "500");
    refused(told("bad-00001", "short", json!({"kind": "blocked"})), "device", "16 to 64");
    refused(told("bad-00001", HOME, json!({"kind": "blocked", "photo": "none"})), "photo", "first");
    refused(
        told("bad-00001", HOME, json!({"kind": "blocked", "reported_at": "2031-01-01T00:00:00Z"})),
        "reported_at",
        "future",
    );
    assert_eq!(tell(server, 99, &told("bad-00001", HOME, json!({"kind": "blocked"}))).status, 404);
    let long = json!({"key": "k".repeat(20_000)});
    assert_eq!(tell(server, 1, &long).status, 413);
    assert!(waiting(planner).is_empty(), "none of it is kept");

    for n in 0..2 {
        let body = told(
            &format!("good-{n:05}"),
            HOME,
            json!({"kind": "measurement", "attribute": "door_width_cm", "value": 80 + n}),
        );
        assert_eq!(tell(server, 1, &body).status, 201);
    }
    let full = tell(server, 1, &told("good-00009", HOME, json!({"kind": "blocked"})));
    assert_eq!((full.status, full.header("retry-after").is_some()), (429, true), "{}", full.text());
    let report = waiting(planner).remove(0);
    assert_eq!(decide(planner, &report, "refuse", &json!({})).json()["field"], "reason");
    let refused = decide(planner, &report, "refuse", &json!({"reason": "не ті двері"}));
    assert_eq!((refused.status, &refused.json()["decision"]["by"]), (200, &json!("Ольга")), "{}", refused.text());
    assert_eq!(verdict(server, 1).0, "fits");
    assert_eq!(planner.get("/dispatch/access/reports?state=refused").json()["total"], 1);
    assert_eq!(planner.get("/dispatch/access/reports?state=lost").status, 400);
}

#[test]
fn an_address_tells_so_much_in_an_hour_and_strangers_decide_nothing() {
    let City { server, planner, .. } = &city("[reports]\nper_address_per_hour = 3\n");
    for n in 0..3 {
        let status = tell(server, 1, &told("many-0001", HOME, json!({"kind": "blocked"}))).status;
        assert_eq!(status, if n == 0 { 201 } else { 200 });
    }
    let refused = tell(server, 1, &told("many-0001", HOME, json!({"kind": "blocked"})));
    assert_eq!((refused.status, refused.header("content-type")), (429, Some("application/problem+json")));
    let elsewhere = server.client().with("x-forwarded-for", "203.0.113.7");
    let body = told("many-0002", NEIGHBOUR, json!({"kind": "blocked"}));
    assert_eq!(post(&elsewhere, "/access/venues/1/reports", &body).status, 200, "who stands behind a proxy");

    let report = waiting(planner).remove(0);
    for (role, expected) in [(None, 401), (Some("dispatcher"), 403)] {
        let client = role.map_or_else(|| server.client(), |role| server.staff(role));
        for how in ["accept", "refuse"] {
            assert_eq!(decide(&client, &report, how, &json!({"reason": "x"})).status, expected, "{role:?} {how}");
        }
    }
    let path = format!("/dispatch/access/reports/{}/accept", report["id"].as_str().expect("an id"));
    assert_eq!(post(planner, &path, &json!({})).status, 428, "without If-Match");
    assert_eq!(decide(planner, &json!({"id": "nothing", "version": 1}), "accept", &json!({})).status, 404);
}

/// A JPEG of 40 by 20 pixels, left half red and right half blue, that says: taken lying, at this place.
fn photo_with_place() -> Vec<u8> {
    let half = |x| if x < 20 { image::Rgb([220, 20, 20]) } else { image::Rgb([20, 20, 220]) };
    let mut plain = Cursor::new(Vec::new());
    let picture = DynamicImage::from(image::RgbImage::from_fn(40, 20, |x, _| half(x)));
    picture.write_to(&mut plain, ImageFormat::Jpeg).expect("a picture");
    let plain = plain.into_inner();
    // TIFF, little endian: IFD0 with Orientation = 6 and GPSInfo; the GPS IFD with one latitude.
    let mut tiff: Vec<u8> = b"II*\0\x08\0\0\0\x02\0".to_vec();
    tiff.extend_from_slice(b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0");
    tiff.extend_from_slice(b"\x25\x88\x04\0\x01\0\0\0\x26\0\0\0\0\0\0\0");
    tiff.extend_from_slice(b"\x01\0\x02\0\x05\0\x01\0\0\0\x02\0\0\0N\0\0\0");
    tiff.extend_from_slice(b"GPS-CANARY-48.9226");
    let mut segment = b"\xff\xe1".to_vec();
    let length = u16::try_from(2 + 6 + tiff.len()).expect("a short segment");
    segment.extend_from_slice(&length.to_be_bytes());
    segment.extend_from_slice(b"Exif\0\0");
    segment.extend_from_slice(&tiff);
    [&plain[..2], &segment, &plain[2..]].concat()
}

fn send_photo(server: &Server, bytes: &[u8]) -> Answer {
    server.client().with("content-type", "image/jpeg").send("POST", "/access/photos", Some(bytes))
}

#[test]
fn a_photo_loses_where_it_was_taken_and_is_shown_when_its_report_is_sure() {
    let City { server, planner, .. } = &city("");
    let with_place = photo_with_place();
    assert!(with_place.windows(10).any(|ten| ten == b"GPS-CANARY"));
    let kept = send_photo(server, &with_place);
    assert_eq!(kept.status, 201, "{}", kept.text());
    let photo = kept.json()["id"].as_str().expect("an id").to_owned();
    let path = format!("/access/photos/{photo}");
    assert_eq!(server.client().get(&path).status, 404, "loose, it is nobody's to see");
    let shown = planner.get(&path);
    assert_eq!((shown.status, shown.header("content-type")), (200, Some("image/jpeg")));
    assert!(shown.header("content-security-policy").is_some_and(|policy| policy.contains("sandbox")));
    for told in [&b"Exif"[..], b"GPS", b"\xff\xe1"] {
        assert!(!shown.bytes.windows(told.len()).any(|part| part == told), "the camera's words are kept");
    }
    let upright = image::load_from_memory(&shown.bytes).expect("a picture").to_rgb8();
    assert_eq!(upright.dimensions(), (20, 40), "turned as the camera said");
    assert!(upright.get_pixel(10, 5)[0] > 150 && upright.get_pixel(10, 35)[2] > 150, "red above, blue below");

    let body = told("photo-001", HOME, json!({"kind": "blocked", "photo": photo}));
    assert_eq!(tell(server, 1, &body).status, 201);
    assert_eq!(server.client().get(&path).status, 404, "told by one device");
    let taken =
        told("photo-002", HOME, json!({"kind": "measurement", "attribute": "has_ramp", "value": true, "photo": photo}));
    assert_eq!(tell(server, 1, &taken).json()["field"], "photo", "one photo, one report");
    assert_eq!(tell(server, 1, &told("photo-003", NEIGHBOUR, json!({"kind": "blocked"}))).status, 200);
    let public = server.client().get(&path);
    assert_eq!((public.status, public.header("cache-control")), (200, Some("public, max-age=300")));
    let list = server.client().get("/access/venues/1/reports").json();
    assert_eq!(list["reports"][0]["photo"], photo, "{list}");
    let report = planner.get("/dispatch/access/reports").json()["reports"][0].clone();
    assert_eq!(decide(planner, &report, "refuse", &json!({"reason": "не тут"})).status, 200);
    assert_eq!(planner.get(&path).status, 404, "a photo of a refused report is gone");
}

#[test]
fn what_is_no_photo_or_too_much_of_one_is_refused_in_words() {
    let City { server, .. } = &city("");
    for (bytes, status, words) in [
        (&b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>"[..], 415, "JPEG, PNG or WebP"),
        (b"%PDF-1.7 not a photo", 415, "JPEG, PNG or WebP"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0", 400, "damaged"),
        (&photo_with_place()[..400], 400, "damaged"),
    ] {
        let refused = send_photo(server, bytes);
        assert_eq!(refused.status, status, "{}", refused.text());
        assert!(refused.text().contains(words), "{}", refused.text());
    }
    // Above what other bodies may have, below what a photo may have; what stands behind the picture is let go.
    let mut large = photo_with_place();
    large.resize(9 << 20, 0);
    assert_eq!(send_photo(server, &large).status, 201);
    let address = server.url().replace("http://", "");
    let mut stream = TcpStream::connect(&address).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a patience");
    let head = format!(
        "POST /access/photos HTTP/1.1\r\nhost: {address}\r\ncontent-type: image/jpeg\r\ncontent-length: 52428800\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).expect("the head");
    let mut answer = vec![0; 4_096];
    let read = stream.read(&mut answer).expect("an answer before the 50 MB are sent");
    let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("10 MB"), "{answer}");
    assert_eq!(server.client().get("/healthz").status, 200);
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[test]
fn a_planner_surveys_a_place_by_the_card_and_anybody_prints_it() {
    let City { server, planner, .. } = &city("");
    let known = server.client().get("/access/venues/1/surveys");
    assert_eq!(known.status, 200, "{}", known.text());
    let known = known.json();
    assert_eq!((&known["measured"]["door_width"], &known["measured"]["ramp_slope"]), (&json!("yes"), &json!("yes")));
    assert!(known["measured"]["toilet"].is_null(), "what nobody measured is not answered");
    assert!(known["card"]["source"].as_str().is_some_and(|source| source.contains("not the official text")));
    let empty = server.client().get("/access/venues/1/survey");
    assert_eq!((empty.status, empty.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(empty.text().contains("Аптека") && empty.text().contains("☐") && !empty.text().contains("☒"));

    let criteria: Vec<&str> =
        known["card"]["criteria"].as_array().expect("criteria").iter().filter_map(|one| one["id"].as_str()).collect();
    let mut answers: Value = criteria.iter().map(|id| ((*id).to_owned(), json!("yes"))).collect();
    let path = "/dispatch/access/venues/1/surveys/2026-11-20";
    let keep = |client: &Client, answers: &Value| {
        client.send("PUT", path, Some(json!({"answers": answers}).to_string().as_bytes()))
    };
    assert_eq!(keep(&server.client(), &answers).status, 401);
    assert_eq!(keep(&server.staff("dispatcher"), &answers).status, 403);
    let kept = keep(planner, &answers);
    assert_eq!((kept.status, &kept.json()["result"]["outcome"]), (200, &json!("barrier_free")), "{}", kept.text());
    answers["door_width"] = json!("no");
    assert_eq!(keep(planner, &answers).status, 428, "over another without If-Match");
    assert_eq!(keep(&planner.with("if-match", "\"7\""), &answers).status, 412);
    let kept = keep(&planner.with("if-match", kept.header("etag").expect("an ETag")), &answers);
    assert_eq!(kept.json()["result"]["outcome"], "barriers", "one critical no: {}", kept.text());
    answers["colour"] = json!("yes");
    let refused = keep(&planner.with("if-match", "\"2\""), &answers);
    assert_eq!((refused.status, &refused.json()["field"]), (400, &json!("answers.colour")));
    let future =
        planner.send("PUT", "/dispatch/access/venues/1/surveys/2999-01-01", Some(b"{\"answers\":{\"help\":\"yes\"}}"));
    assert_eq!(future.json()["field"], "date");

    let public = server.client().get("/access/venues/1/surveys").text();
    assert!(public.contains("2026-11-20") && !public.contains("Ольга"), "{public}");
    let page = server.client().get("/access/venues/1/survey?lang=en").text();
    assert!(page.contains("With barriers") && page.contains("☒") && !page.contains("<script"), "{page}");
    assert!(planner.get("/access/venues/1/survey").text().contains("Ольга"), "staff see who surveyed");
    assert_eq!(server.client().get("/access/venues/1/survey?date=2020-01-01").status, 404);
    assert_eq!(server.client().get("/access/venues/99/survey").status, 404);
}
