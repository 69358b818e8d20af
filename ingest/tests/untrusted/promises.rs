//! What holds for every input, whatever it is. A promise that is broken panics,
//! for the tests here and for the targets in `fuzz/` alike.

use std::path::Path;

use geo::CoordsIter;
use misto_ingest::decode::gtfs_realtime::{RealtimeFeed, RealtimeSource, decode};
use misto_ingest::decode::{Decoded, Message, Sources};
use misto_ingest::files::{FileError, Format, Options, Report, gtfs, read};
use misto_model::{FeedName, Position, Reading, ReadingValue, Rejection, VehiclePosition};
use serde_json::Value;

/// Receipt of every message.
pub const NOW: &str = "2026-07-05T12:00:00Z";
/// Names and events are parts of keys; a database's index takes no more than some kilobytes.
const LONGEST_NAME: usize = 128;

/// Decodes and checks what came out.
pub fn message(sources: &Sources, topic: &str, payload: &[u8]) -> Decoded {
    let received_at = NOW.parse().expect("a moment");
    let decoded = sources.decode(&Message { topic, payload, retained: false, received_at });
    let Decoded { positions, readings, gone, rejections } = &decoded;
    assert!(positions.len() + readings.len() + gone.len() + rejections.len() > 0, "silence about {topic} {payload:?}");
    positions.iter().for_each(|found| fix(found));
    readings.iter().for_each(reading);
    gone.iter().for_each(|gone| no_nul(&gone.vehicle.to_string()));
    rejections.iter().for_each(|rejection| reason(rejection, payload));
    decoded
}

/// Reads a GTFS-Realtime feed and checks what came out; `None` when the bytes are none.
pub fn realtime(bytes: &[u8]) -> Option<RealtimeFeed> {
    let source = RealtimeSource {
        source: "other".parse().expect("a name"),
        feed: FeedName::city(),
        bounds: None,
        clock_tolerance_s: 60.0,
    };
    let feed = match decode(bytes, &source, NOW.parse().expect("a moment")) {
        Ok(feed) => feed,
        Err(refusal) => {
            assert!(refusal.detail.len() > 8, "{refusal:?}");
            return None;
        }
    };
    feed.positions.iter().for_each(fix);
    no_nul_in(&serde_json::to_value((&feed.trip_updates, &feed.alerts, &feed.deleted)).expect("JSON"));
    let told = feed.positions.len() + feed.trip_updates.len() + feed.alerts.len() + feed.deleted.len();
    assert!(told as u64 + feed.problems_total >= feed.entities, "silence about an entity: {feed:?}");
    assert!(feed.problems_total >= feed.problems.len() as u64);
    for problem in &feed.problems {
        assert!(!problem.entity.is_empty() && problem.refusal.detail.len() > 4, "{problem:?}");
    }
    Some(feed)
}

fn fix(fix: &VehiclePosition) {
    place(fix.position);
    assert!(fix.speed_m_s.is_none_or(|speed| (0.0..=100.0).contains(&speed)), "{:?}", fix.speed_m_s);
    assert!(fix.bearing_deg.is_none_or(|bearing| (0.0..360.0).contains(&bearing)), "{:?}", fix.bearing_deg);
    for length in [fix.accuracy_m, fix.odometer_m].into_iter().flatten() {
        assert!(length.is_finite() && length >= 0.0, "{length} m");
    }
    assert!(fix.fix_time.seconds_since(fix.received_at) <= 60.0, "{}", fix.fix_time);
    name(&fix.event);
    no_nul_in(&serde_json::to_value(fix).expect("a fix as JSON"));
}

fn reading(reading: &Reading) {
    reading.position.into_iter().for_each(place);
    if let ReadingValue::Number(number) = reading.result {
        assert!(number.is_finite(), "{number}");
    }
    name(&reading.datastream.thing);
    name(&reading.datastream.observed_property);
    assert!(!reading.datastream.thing.is_empty() && !reading.datastream.observed_property.is_empty(), "no name");
    name(&reading.event);
    no_nul_in(&serde_json::to_value(reading).expect("a reading as JSON"));
}

fn reason(rejection: &Rejection, payload: &[u8]) {
    assert!(rejection.detail.len() > 8, "{rejection:?}");
    assert!(rejection.detail.chars().count() <= 400, "{rejection:?}");
    assert_eq!(rejection.payload_bytes, payload.len() as u64);
    assert!(rejection.payload_start.len() <= 512, "{rejection:?}");
    no_nul_in(&serde_json::to_value(rejection).expect("a rejection as JSON"));
}

fn place(place: Position) {
    let (lon, lat) = (place.lon.degrees(), place.lat.degrees());
    assert!(lon.abs() <= 180.0 && lat.abs() <= 90.0 && !place.is_null_island(), "{lon} {lat}");
}

fn name(name: &str) {
    assert!(name.chars().count() <= LONGEST_NAME, "a name of {} bytes", name.len());
}

fn no_nul(text: &str) {
    assert!(!text.contains('\0'), "{text:?} holds NUL");
}

fn no_nul_in(value: &Value) {
    match value {
        Value::String(text) => no_nul(text),
        Value::Array(items) => items.iter().for_each(no_nul_in),
        Value::Object(object) => object.iter().for_each(|(key, value)| {
            no_nul(key);
            no_nul_in(value);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// How a file of this format is read: an extract needs a filter.
pub fn options(format: Format) -> Options {
    let tags = if format == Format::OsmPbf { vec!["building".parse().expect("a filter")] } else { Vec::new() };
    Options { format: Some(format), tags, ..Options::default() }
}

/// Reads a file and checks what came out.
///
/// # Errors
/// As the reader, whose answer is never empty.
pub fn file(path: &Path, options: &Options) -> Result<Report, FileError> {
    let mut rows = 0;
    let mut bare = 0;
    let mut names: Option<Vec<String>> = None;
    let result = read(path, options, &mut |row| {
        rows += 1;
        bare += u64::from(row.geometry.is_none());
        for at in row.geometry.iter().flat_map(CoordsIter::coords_iter) {
            assert!(at.x.abs() <= 180.0 && at.y.abs() <= 90.0, "{at:?}");
        }
        let own: Vec<String> = row.properties.keys().cloned().collect();
        assert_eq!(names.get_or_insert_with(|| own.clone()), &own, "every row has the schema's attributes");
        no_nul_in(&Value::Object(row.properties));
        Ok(())
    });
    match &result {
        Ok(report) => {
            assert_eq!((report.kept, report.without_geometry), (rows, bare));
            assert_eq!(report.read, report.kept + report.refused.total);
            if let Some(names) = names {
                assert!(report.schema.iter().map(|property| &property.name).eq(&names), "{:?}", report.schema);
            }
            assert!(report.refused.first.iter().all(|refusal| refusal.reason.len() > 4), "{:?}", report.refused);
        }
        Err(error) => assert!(error.to_string().len() > 8, "{error}"),
    }
    result
}

/// Reads a feed and checks what came out. Whether it is a timetable.
pub fn feed(path: &Path) -> bool {
    match gtfs::read(path) {
        Ok(feed) => {
            feed.timetable.stops.values().for_each(|stop| place(stop.position));
            assert!(feed.timetable.trips.iter().all(|trip| feed.timetable.routes.contains_key(&trip.route)));
            true
        }
        Err(gtfs::FeedError::Invalid { problems, total }) => {
            assert!(total >= problems.len() as u64 && !problems.is_empty());
            assert!(problems.iter().all(|problem| !problem.file.is_empty() && problem.reason.len() > 4));
            false
        }
        Err(error) => {
            assert!(error.to_string().len() > 8, "{error}");
            false
        }
    }
}
