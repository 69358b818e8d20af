//! What is written is what was read.

use misto_model::{FeedName, RouteId, Timetable, Trajectory};

use super::super::super::tests::data;
use super::super::{Written, read, write};
use super::feed;
use super::kept::STATION;

fn again(timetable: &Timetable) -> Timetable {
    let Written { bytes, .. } = write(timetable).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    read(file.path()).unwrap_or_else(|e| panic!("{e}")).timetable
}

fn small() -> Timetable {
    let folder = tempfile::tempdir().unwrap();
    feed(folder.path(), "", None);
    STATION.iter().for_each(|(name, text)| std::fs::write(folder.path().join(name), text).unwrap());
    let stops = "stop_headsign,pickup_type,timepoint,trip_id,arrival_time,departure_time,stop_id,stop_sequence";
    let times =
        format!("{stops}\n\"Парк, центр\",2,1,t,24:40:00,24:40:00,C,3\n,,,t,23:50:00,23:50:00,A,1\n,1,0,t,,,B,2\n");
    std::fs::write(folder.path().join("stop_times.txt"), times).unwrap();
    let info = "feed_publisher_name,feed_publisher_url,feed_lang,feed_end_date\nМісто,https://if.ua,uk,20261231\n";
    std::fs::write(folder.path().join("feed_info.txt"), info).unwrap();
    read(folder.path()).unwrap().timetable
}

#[test]
fn real_feeds_come_back_as_they_were() {
    for path in [
        "gtfs-cairns/cairns_gtfs.zip",
        "gtfs-caltrain/caltrain_20160406.zip",
        "gtfs-rt-maglev/raba.zip",
        "wmata-avl/gtfs/3T",
    ] {
        let Some(file) = data(path) else { continue };
        let timetable = read(&file).unwrap().timetable;
        // A comparison that fails would print megabytes.
        assert!(again(&timetable) == timetable, "{path}");
    }
}

#[test]
fn a_feed_with_everything_comes_back_as_it_was() {
    let timetable = small();
    assert_eq!(again(&timetable), timetable);
}

#[test]
fn several_feeds_are_one_that_can_be_read() {
    let name = |text: &str| text.parse::<FeedName>().unwrap();
    let merged = Timetable::merged([(name("city"), small()), (name("suburban"), small())]).unwrap();
    let read = again(&merged);
    assert_eq!(read.trips.len(), 2);
    assert_eq!(read, merged);
}

#[test]
fn the_same_timetable_is_the_same_bytes() {
    assert_eq!(write(&small()).unwrap(), write(&small()).unwrap());
}

#[test]
fn ways_without_times_are_told_and_their_routes_stay() {
    let mut timetable = small();
    let way = Trajectory { route: RouteId("r".into()), direction: None, headsign: None, shape: None, stops: vec![] };
    timetable.trips.clear();
    timetable.trajectories.push(way);
    let written = write(&timetable).unwrap();
    assert!(written.notes.iter().any(|note| note.contains("1 ways without times are left out")), "{:?}", written.notes);
    let read = again(&timetable);
    assert_eq!((read.routes, read.trips.len()), (timetable.routes, 0));
}
