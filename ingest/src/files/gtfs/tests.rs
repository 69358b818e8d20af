//! Real feeds beside the checkout, and a small one of our own with every slip.

use std::path::Path;

use misto_model::{StopId, WheelchairAccess};

use super::super::tests::data;
use super::{Counts, FeedError, read};

mod broken;
mod kept;
mod written;

/// A feed's rows as Python's csv module counts them, agencies to stop times, then shapes and
/// transfers; the service days are those of its calendars.
const REAL: [(&str, [u64; 5], usize, usize); 6] = [
    ("gtfs-cairns/cairns_gtfs.zip", [1, 22, 416, 1_339, 37_790], 54, 0),
    ("gtfs-caltrain/caltrain_20160406.zip", [1, 4, 95, 218, 3_103], 8, 0),
    ("gtfs-rt-maglev/raba.zip", [1, 13, 375, 282, 7_346], 28, 4),
    ("gtfs-rt-maglev/gtfs.zip", [1, 6, 189, 15_092, 193_415], 43, 0),
    ("wmata-avl/gtfs/3T", [1, 1, 97, 363, 17_963], 2, 0),
    ("wmata-avl/gtfs/5A", [1, 1, 7, 372, 2_046], 2, 0),
];

#[test]
fn real_feeds_are_read_whole() {
    for (path, [agencies, routes, stops, trips, stop_times], shapes, transfers) in REAL {
        let Some(file) = data(path) else { continue };
        let feed = read(&file).unwrap_or_else(|e| panic!("{path}: {e}"));
        println!("{path}: {:?}", feed.notes);
        assert_eq!(feed.counts, Counts { agencies, routes, stops, trips, stop_times }, "{path}");
        let timetable = feed.timetable;
        let calls: usize = timetable.trips.iter().map(|trip| trip.stop_times.len()).sum();
        assert_eq!((calls as u64, timetable.trips.len() as u64), (stop_times, trips), "{path}");
        assert_eq!((timetable.stops.len() + timetable.places.len()) as u64, stops, "{path}");
        assert_eq!((timetable.shapes.len(), timetable.transfers.len()), (shapes, transfers), "{path}");
    }
}

#[test]
fn wheelchairs_at_platforms_are_told_by_them_or_their_station() {
    let Some(path) = data("gtfs-caltrain/caltrain_20160406.zip") else { return };
    let timetable = read(&path).unwrap().timetable;
    let count = |access| timetable.stops.values().filter(|s| s.wheelchair_boarding == access).count();
    println!(
        "caltrain platforms: yes {} no {} unknown {}",
        count(WheelchairAccess::Yes),
        count(WheelchairAccess::No),
        count(WheelchairAccess::Unknown)
    );
    assert_eq!(count(WheelchairAccess::Unknown), 0);
    let trips = |access| timetable.trips.iter().filter(|t| t.wheelchair_accessible == access).count();
    assert_eq!((trips(WheelchairAccess::Yes), trips(WheelchairAccess::Unknown)), (160, 58));
}

/// A feed with all that is allowed: a time past midnight, a calendar of dates alone, a silent platform.
const FEED: [(&str, &str); 6] = [
    ("agency.txt", "agency_name,agency_url,agency_timezone\nТролейбус,https://example.org,Europe/Kyiv\n"),
    (
        "stops.txt",
        "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station,wheelchair_boarding\nS,Вокзал,48.92,24.71,1,,2\nA,Вокзал А,48.92,24.71,0,S,\nB,Ринок,48.93,24.72,,,1\nC,Парк,48.94,24.73,,,\n",
    ),
    ("routes.txt", "route_id,route_short_name,route_long_name,route_type\nr,1,Вокзал – Парк,11\n"),
    ("trips.txt", "route_id,service_id,trip_id\nr,d,t\n"),
    (
        "stop_times.txt",
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence\nt,24:40:00,24:40:00,C,3\nt,23:50:00,23:50:00,A,1\nt,,,B,2\n",
    ),
    ("calendar_dates.txt", "service_id,date,exception_type\nd,20260301,1\n"),
];

/// Writes that feed with one file changed, or left out, or added.
fn feed(folder: &Path, changed: &str, content: Option<&str>) {
    for (name, text) in FEED {
        let text = if name == changed { content } else { Some(text) };
        if let Some(text) = text {
            std::fs::write(folder.join(name), text).unwrap();
        }
    }
    if let Some(content) = content.filter(|_| FEED.iter().all(|(name, _)| *name != changed)) {
        std::fs::write(folder.join(changed), content).unwrap();
    }
}

#[test]
fn a_small_feed_keeps_its_late_trips_and_its_single_days() {
    let folder = tempfile::tempdir().unwrap();
    feed(folder.path(), "", None);
    let feed = read(folder.path()).unwrap();
    assert_eq!(feed.counts, Counts { agencies: 1, routes: 1, stops: 4, trips: 1, stop_times: 3 });
    let timetable = feed.timetable;
    let trip = &timetable.trips[0];
    assert_eq!(trip.stop_times.iter().map(|t| t.departure_s).collect::<Vec<_>>(), [Some(85_800), None, Some(88_800)]);
    let service = &timetable.services[&trip.service];
    assert!(service.runs_on(jiff::civil::date(2026, 3, 1)) && !service.runs_on(jiff::civil::date(2026, 3, 2)));
    let access = |id: &str| timetable.stops[&StopId(id.to_owned())].wheelchair_boarding;
    assert_eq!(
        [access("A"), access("B"), access("C")],
        [WheelchairAccess::No, WheelchairAccess::Yes, WheelchairAccess::Unknown]
    );
    let station = StopId("S".to_owned());
    assert!(!timetable.stops.contains_key(&station), "nobody boards at a station");
    assert_eq!(timetable.places[&station].name.as_deref(), Some("Вокзал"));
    let parent = timetable.stops[&StopId("A".to_owned())].details.as_ref().unwrap().parent.clone();
    assert_eq!(parent, Some(station));
}

#[test]
fn every_slip_is_told_with_file_line_and_field() {
    let slips: [(&str, Option<&str>, &str, u64, &str); 16] = [
        ("agency.txt", Some("agency_name,agency_timezone\nx,Europe/Kiyv\n"), "agency.txt", 2, "agency_timezone"),
        ("agency.txt", None, "agency.txt", 0, ""),
        (
            "stops.txt",
            Some("stop_id,stop_name,stop_lat,stop_lon\nA,a,48.9,24.7\nB,b,48.9,24.7\nC,c,148.9,24.7\n"),
            "stops.txt",
            4,
            "stop_lat",
        ),
        (
            "stops.txt",
            Some("stop_id,stop_name,stop_lat,stop_lon\nA,a,48.9,24.7\nB,b,0,0\nC,c,48.9,24.7\n"),
            "stops.txt",
            3,
            "stop_lat",
        ),
        (
            "stops.txt",
            Some(
                "stop_id,stop_name,stop_lat,stop_lon,parent_station\nA,a,48.9,24.7,Z\nB,b,48.9,24.7,\nC,c,48.9,24.7,\n",
            ),
            "stops.txt",
            2,
            "parent_station",
        ),
        ("routes.txt", Some("route_id,route_short_name,route_type\nr,1,bus\n"), "routes.txt", 2, "route_type"),
        ("routes.txt", Some("route_short_name,route_type\n1,3\n"), "routes.txt", 1, "route_id"),
        ("trips.txt", Some("route_id,service_id,trip_id\nq,d,t\n"), "trips.txt", 2, "route_id"),
        ("trips.txt", Some("route_id,service_id,trip_id\nr,e,t\n"), "trips.txt", 2, "service_id"),
        (
            "stop_times.txt",
            Some("trip_id,arrival_time,departure_time,stop_id,stop_sequence\nt,23:61:00,23:50:00,A,1\n"),
            "stop_times.txt",
            2,
            "arrival_time",
        ),
        (
            "stop_times.txt",
            Some("trip_id,arrival_time,departure_time,stop_id,stop_sequence\nt,23:50:00,23:50:00,Z,1\n"),
            "stop_times.txt",
            2,
            "stop_id",
        ),
        (
            "stop_times.txt",
            Some(
                "trip_id,arrival_time,departure_time,stop_id,stop_sequence\nt,9:00:00,9:00:00,A,1\nt,8:00:00,8:00:00,B,2\n",
            ),
            "stop_times.txt",
            3,
            "arrival_time",
        ),
        (
            "stop_times.txt",
            Some(
                "trip_id,arrival_time,departure_time,stop_id,stop_sequence\nt,9:00:00,9:00:00,A,1\nt,9:10:00,9:10:00,B,1\n",
            ),
            "stop_times.txt",
            3,
            "stop_sequence",
        ),
        ("calendar_dates.txt", Some("service_id,date,exception_type\nd,20260231,1\n"), "calendar_dates.txt", 2, "date"),
        ("calendar_dates.txt", None, "calendar.txt", 0, ""),
        (
            "frequencies.txt",
            Some("trip_id,start_time,end_time,headway_secs\nt,08:00:00,09:00:00,0\n"),
            "frequencies.txt",
            2,
            "headway_secs",
        ),
    ];
    for (changed, content, file, line, field) in slips {
        let folder = tempfile::tempdir().unwrap();
        feed(folder.path(), changed, content);
        match read(folder.path()) {
            Err(FeedError::Invalid { problems, total }) => {
                assert!(total > 0);
                let found = problems.iter().any(|p| p.file == file && p.line == line && p.field == field);
                assert!(
                    found,
                    "{changed}: {}",
                    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
                );
            }
            other => panic!("{changed} {content:?}: {other:?}"),
        }
    }
}

#[test]
fn departures_are_not_written_out_without_bound() {
    let folder = tempfile::tempdir().unwrap();
    let all_day = (0..20).map(|_| "t,00:00:00,27:00:00,1\n").collect::<String>();
    feed(folder.path(), "frequencies.txt", Some(&format!("trip_id,start_time,end_time,headway_secs\n{all_day}")));
    let Err(FeedError::Invalid { problems, .. }) = read(folder.path()) else { panic!("read") };
    assert!(problems.iter().any(|p| p.reason.contains("stop times, more than")), "{problems:?}");
}

#[test]
fn a_headway_becomes_departures() {
    let folder = tempfile::tempdir().unwrap();
    feed(
        folder.path(),
        "frequencies.txt",
        Some("trip_id,start_time,end_time,headway_secs\nt,08:00:00,09:00:00,1200\n"),
    );
    let feed = read(folder.path()).unwrap();
    let starts: Vec<_> = feed
        .timetable
        .trips
        .iter()
        .map(|t| (t.id.0.as_str(), t.stop_times[0].departure_s, t.stop_times[2].arrival_s))
        .collect();
    assert_eq!(
        starts,
        [
            ("t@28800", Some(28_800), Some(31_800)),
            ("t@30000", Some(30_000), Some(33_000)),
            ("t@31200", Some(31_200), Some(34_200))
        ]
    );
    assert_eq!(feed.counts.trips, 1);
    assert!(feed.notes[0].contains("3 departures"));
}
