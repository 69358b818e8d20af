use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use super::*;

/// Serves these bodies one after the other, the last again and again; who sends the ETag of
/// the body in turn gets 304. Ends with the test.
fn serve(bodies: Vec<(u16, Vec<u8>)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for (turn, stream) in listener.incoming().enumerate() {
            let Ok(mut stream) = stream else { return };
            let Some((status, body)) = bodies.get(turn).or(bodies.last()) else { return };
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let head: Vec<String> = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
            let etag = format!("\"{}\"", blake3::hash(body).to_hex());
            let held = head.iter().any(|line| line.eq_ignore_ascii_case(&format!("if-none-match: {etag}")));
            let (status, body) = if held { (304, &[][..]) } else { (*status, body.as_slice()) };
            let answer = format!(
                "HTTP/1.1 {status} X\r\netag: {etag}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let _reader_may_be_gone = stream.write_all(answer.as_bytes()).and_then(|()| stream.write_all(body));
        }
    });
    format!("http://{address}/feed.pb?key=secret")
}

fn reader(url: &str) -> Reader {
    Reader::new(&ForeignFeed {
        url: url.to_owned().try_into().unwrap(),
        source: "region".parse().unwrap(),
        feed: "region".to_owned().try_into().unwrap(),
        every_s: 30,
    })
}

#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn recorded(name: &str) -> Option<Vec<u8>> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/gtfs-rt-maglev").join(name);
    let read = std::fs::read(&path).ok();
    if read.is_none() {
        eprintln!("SKIPPED: {name} of gtfs-rt-maglev is absent");
    }
    read
}

fn now() -> Instant {
    Instant::from_timestamp(jiff::Timestamp::now())
}

#[test]
fn a_recorded_feed_is_read_once_and_then_known_again() {
    let Some(bytes) = recorded("unitrans-vehicle-positions.pb") else { return };
    let mut reader = reader(&serve(vec![(200, bytes)]));
    let found = reader.read(now()).unwrap().expect("a feed");
    assert!(!found.positions.is_empty());
    for fix in &found.positions {
        assert_eq!(fix.vehicle.source().as_str(), "region");
        let trip = fix.extra.get(misto_model::TRIP_ID_KEY).and_then(|trip| trip.as_str());
        assert!(trip.is_none_or(|trip| trip.starts_with("region:")), "{trip:?}");
    }
    assert!(reader.read(now()).unwrap().is_none(), "unchanged");
}

#[test]
fn broken_bytes_and_refusals_are_told_without_the_address_and_asked_for_again() {
    let broken = vec![0x0a, 0xff, 0xff];
    let url = serve(vec![(200, broken.clone()), (200, broken), (500, vec![]), (404, vec![])]);
    let mut reader = reader(&url);
    for expected in ["no GTFS-Realtime feed", "no GTFS-Realtime feed", "500", "404"] {
        let reason = reader.read(now()).unwrap_err();
        assert!(reason.contains(expected) && !reason.contains("secret"), "{reason}");
    }
}

#[test]
fn nobody_there_is_told_in_words() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let reason = reader(&format!("http://{free}/?key=secret")).read(now()).unwrap_err();
    assert!(reason.contains("does not answer") && !reason.contains("secret"), "{reason}");
}

#[test]
fn a_cancellation_holds_for_its_day_and_as_long_as_the_feed_is_fresh() {
    use misto_city::transit::Run;
    use misto_model::{TripId, TripReference, TripRelation, TripUpdate};
    use misto_tiles::Encoding;

    use crate::transit::feeds::Form;
    let network = crate::transit::sample::network(&["early", "late"]);
    let day: jiff::civil::Date = "2026-07-10".parse().unwrap();
    let read_at: Instant = "2026-07-10T03:00:00Z".parse().unwrap();
    let update = |trip: &str, start_date| TripUpdate {
        trip: TripReference { trip: Some(TripId(trip.into())), start_date, ..TripReference::default() },
        relation: TripRelation::Canceled,
        ..TripUpdate::default()
    };
    let feed = RealtimeFeed {
        whole: true,
        trip_updates: vec![update("early", Some(day)), update("late", None)],
        ..RealtimeFeed::default()
    };
    let mut said = Foreign::default();
    said.take(&"region".parse().unwrap(), &feed, read_at);
    let cancels = |said: &Foreign, trip: &str, day: jiff::civil::Date| {
        said.cancels(&network, Run { trip: network.find_trip(&TripId(trip.into())).unwrap(), day })
    };
    let next = day.tomorrow().unwrap();
    assert!(cancels(&said, "early", day) && cancels(&said, "late", day));
    assert!(!cancels(&said, "early", next) && !cancels(&said, "late", next));
    assert_eq!(said.cancelled_runs(&network, read_at).count(), 2);
    let cancelled = said.cancelled_runs(&network, read_at).collect();
    let feeds = crate::transit::feeds::Feeds::new(1_783_652_400, &network, &[], &[], &cancelled);
    let told: serde_json::Value =
        serde_json::from_slice(&feeds.trip_updates.written(Form::Json, Encoding::Identity).bytes).unwrap();
    let text = told.to_string();
    assert!(text.contains("t:early:20260710") && text.contains("CANCELED"), "{text}");
    let later = |seconds: i64| Instant::from_seconds(read_at.micros() / 1_000_000 + seconds).unwrap();
    assert!(said.holds_at(later(599)) && !said.holds_at(later(601)));
    said.take(&"region".parse().unwrap(), &RealtimeFeed { whole: true, ..RealtimeFeed::default() }, later(30));
    assert!(!cancels(&said, "early", day), "the feed does not say so any more");
}

#[test]
fn a_notice_of_others_bears_their_name_and_is_never_wider_than_they_said() {
    use misto_model::{InformedEntity, RouteId, ServiceAlert, TripReference};
    let alert = |id: &str, informed: InformedEntity| ServiceAlert {
        id: id.into(),
        header: [("und".to_owned(), "Об’їзд".to_owned())].into(),
        informed: vec![informed],
        ..ServiceAlert::default()
    };
    let of_route = InformedEntity { route: Some(RouteId("region:5".into())), ..InformedEntity::default() };
    let of_trip = InformedEntity { trip: Some(TripReference::default()), ..InformedEntity::default() };
    let feed = RealtimeFeed {
        whole: true,
        alerts: vec![alert("1", of_route), alert("2", of_trip)],
        ..RealtimeFeed::default()
    };
    let mut said = Foreign::default();
    said.take(&"region".parse().unwrap(), &feed, now());
    let all: Vec<_> = said.alerts().collect();
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].id.as_str(), all[0].alert.header.uk.as_deref()), ("region:1", Some("Об’їзд")));
    assert_eq!(all[0].alert.routes, [RouteId("region:5".into())]);
}
