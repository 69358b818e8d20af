//! The demo feed is consistent and keeps the city moving day and night.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::date;
use misto_sample_layers::{calendar, gtfs, register};

type Row = BTreeMap<String, String>;

fn table(name: &str) -> Vec<Row> {
    let feed = gtfs(date(2026, 7, 4));
    let (_, text) = feed.iter().find(|(n, _)| *n == name).expect("the feed has the table");
    csv::Reader::from_reader(text.as_bytes())
        .into_deserialize()
        .map(|row| row.expect("a row as wide as the header"))
        .collect()
}

fn ids(rows: &[Row], column: &str) -> BTreeSet<String> {
    rows.iter().map(|r| r[column].clone()).collect()
}

fn seconds(text: &str) -> u32 {
    let parts: Vec<u32> = text.split(':').map(|p| p.parse().expect("a number")).collect();
    assert!(parts.len() == 3 && parts[1] < 60 && parts[2] < 60, "{text}");
    parts[0] * 3600 + parts[1] * 60 + parts[2]
}

/// Start and end of each trip, seconds of the service day.
fn spans() -> BTreeMap<String, (u32, u32)> {
    let mut spans: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    for r in table("stop_times.txt") {
        let (arrival, departure) = (seconds(&r["arrival_time"]), seconds(&r["departure_time"]));
        let span = spans.entry(r["trip_id"].clone()).or_insert((departure, arrival));
        *span = (span.0.min(departure), span.1.max(arrival));
    }
    spans
}

#[test]
fn every_id_that_is_named_exists() {
    let (stops, routes, trips) = (table("stops.txt"), table("routes.txt"), table("trips.txt"));
    let shapes = ids(&table("shapes.txt"), "shape_id");
    let services = ids(&table("calendar.txt"), "service_id");
    assert_eq!(routes.len(), 10);
    assert_eq!(stops.len(), ids(&stops, "stop_id").len());
    assert_eq!(trips.len(), ids(&trips, "trip_id").len());
    for t in &trips {
        assert!(
            ids(&routes, "route_id").contains(&t["route_id"])
                && shapes.contains(&t["shape_id"])
                && services.contains(&t["service_id"])
        );
    }
    let times = table("stop_times.txt");
    assert!(ids(&times, "stop_id").is_subset(&ids(&stops, "stop_id")));
    assert_eq!(ids(&times, "trip_id"), ids(&trips, "trip_id"));
    assert_eq!(ids(&times, "stop_id"), ids(&stops, "stop_id"));
}

#[test]
fn times_grow_along_every_trip() {
    let mut last: Option<(String, u32, u32)> = None;
    for r in table("stop_times.txt") {
        let (arrival, departure) = (seconds(&r["arrival_time"]), seconds(&r["departure_time"]));
        let sequence: u32 = r["stop_sequence"].parse().unwrap();
        assert!(arrival <= departure);
        if let Some((trip, number, before)) = &last
            && *trip == r["trip_id"]
        {
            assert!(sequence == number + 1 && arrival > *before, "{r:?}");
        }
        last = Some((r["trip_id"].clone(), sequence, departure));
    }
}

#[test]
fn forty_vehicles_run_at_every_quarter_hour() {
    let spans = spans();
    for quarter in 0..96_u32 {
        let clock = quarter * 900;
        // A service day goes on after midnight.
        let running = spans
            .values()
            .filter(|(from, to)| [clock, clock + 86_400].iter().any(|t| (from..=to).contains(&t)))
            .count();
        assert!(running >= 40, "{running} trips under way at {:02}:{:02}", clock / 3600, clock / 60 % 60);
    }
}

#[test]
fn a_block_is_one_vehicle_which_is_nowhere_twice() {
    let (spans, trips) = (spans(), table("trips.txt"));
    let mut blocks: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    trips.iter().for_each(|t| blocks.entry(&t["block_id"]).or_default().push(t));
    assert_eq!(blocks.len(), 60);
    let lowest = |t: &&&Row| spans[&t["trip_id"]].0;
    for (block, mut trips) in blocks {
        trips.sort_by_key(|t| lowest(&t));
        let times: Vec<(u32, u32)> = trips.iter().map(|t| spans[&t["trip_id"]]).collect();
        assert!(times.windows(2).all(|w| w[0].1 < w[1].0), "{block}");
        // The day after begins when the last trip has ended.
        assert!(times[times.len() - 1].1 < times[0].0 + 86_400, "{block}");
        assert!(trips.windows(2).all(|w| w[0]["direction_id"] != w[1]["direction_id"]), "{block}");
        assert_eq!(trips.iter().map(|t| &t["wheelchair_accessible"]).collect::<BTreeSet<_>>().len(), 1, "{block}");
    }
    let accessible = ids(&trips, "wheelchair_accessible");
    assert_eq!(accessible.len(), 3);
    assert_eq!(register().iter().filter(|r| r.kind.is_some_and(|k| k.is_transit())).count(), 60);
}

#[test]
fn the_calendar_surrounds_today() {
    let text = calendar(date(2026, 7, 4));
    assert!(text.ends_with("daily,1,1,1,1,1,1,1,20260604,20270704\n"), "{text}");
}
