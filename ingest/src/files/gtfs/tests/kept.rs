//! What a feed says is kept, and what is doubtful is told.

use misto_model::{Boarding, PathwayMode, PlaceKind, StopId, TransferKind, WheelchairAccess};

use super::super::{Feed, read};
use super::{FEED, feed};

fn with(changes: &[(&str, &str)]) -> Feed {
    let folder = tempfile::tempdir().unwrap();
    feed(folder.path(), "", None);
    changes.iter().for_each(|(name, text)| std::fs::write(folder.path().join(name), text).unwrap());
    read(folder.path()).unwrap_or_else(|e| panic!("{e}"))
}

/// A station with its doors, floors and ways, to be put over the plain feed.
pub(super) const STATION: [(&str, &str); 4] = [
    (
        "stops.txt",
        "stop_id,stop_code,stop_name,stop_desc,stop_lat,stop_lon,zone_id,location_type,parent_station,wheelchair_boarding,level_id,platform_code\n\
         S,,Вокзал,,48.92,24.71,,1,,1,,\n\
         A,101,Вокзал,біля аптеки,48.92,24.71,z1,,S,,L0,2\n\
         E,,Вхід зі сходу,,48.92,24.711,,2,S,,L0,\n\
         N,,,,,,,3,S,,L-1,\n\
         D,,,,,,,4,A,,,\n\
         B,,Ринок,,48.93,24.72,,,,2,,\n\
         C,,Парк,,48.94,24.73,,,,,,\n",
    ),
    ("levels.txt", "level_id,level_index,level_name\nL0,0,Земля\nL-1,-1,Перехід\n"),
    (
        "pathways.txt",
        "pathway_id,from_stop_id,to_stop_id,pathway_mode,is_bidirectional,length,traversal_time,stair_count,max_slope,min_width,signposted_as\n\
         p1,E,N,2,1,12.5,20,-18,,1.4,До поїздів\n\
         p2,N,A,5,1,,,,,,\n",
    ),
    ("transfers.txt", "from_stop_id,to_stop_id,transfer_type,min_transfer_time\nA,B,2,180\nS,C,3,\n"),
];

#[test]
fn a_station_is_kept_with_its_doors_floors_and_ways() {
    let timetable = with(&STATION).timetable;
    let id = |id: &str| StopId(id.to_owned());
    assert_eq!(timetable.stops.len(), 3);
    let platform = &timetable.stops[&id("A")];
    let details = platform.details.as_ref().unwrap();
    assert_eq!(
        (details.platform_code.as_deref(), details.level.as_deref(), details.zone.as_deref()),
        (Some("2"), Some("L0"), Some("z1"))
    );
    assert_eq!(platform.wheelchair_boarding, WheelchairAccess::Yes, "as its station");
    assert_eq!(timetable.stops[&id("B")].details, None);
    let kinds: Vec<_> = timetable.places.values().map(|place| (place.id.0.as_str(), place.kind)).collect();
    assert_eq!(
        kinds,
        [("D", PlaceKind::BoardingArea), ("E", PlaceKind::Entrance), ("N", PlaceKind::Node), ("S", PlaceKind::Station)]
    );
    assert_eq!(timetable.places[&id("E")].wheelchair_boarding, WheelchairAccess::Yes, "as its station");
    assert_eq!(timetable.places[&id("N")].position, None, "a node need not say where");
    assert_eq!(timetable.levels["L-1"].index, -1.0);
    let stairs = &timetable.pathways[0];
    assert_eq!(
        (stairs.mode, stairs.stairs, stairs.length_m, stairs.min_width_m),
        (PathwayMode::Stairs, Some(-18), Some(12.5), Some(1.4))
    );
    let [rule, never] = timetable.transfers.as_slice() else { panic!("{:?}", timetable.transfers) };
    assert_eq!((rule.kind, rule.min_transfer_s), (TransferKind::MinimumTime, Some(180)));
    assert_eq!(never.kind, TransferKind::Impossible);
}

#[test]
fn agencies_routes_trips_and_calls_are_kept_whole() {
    let timetable = with(&[
        (
            "agency.txt",
            "agency_id,agency_name,agency_url,agency_timezone,agency_lang,agency_phone\n1,Електроавтотранс,https://eat.if.ua,Europe/Kyiv,uk,+380342000000\n",
        ),
        (
            "routes.txt",
            "route_id,agency_id,route_short_name,route_long_name,route_desc,route_type,route_color,route_text_color,route_sort_order\nr,1,1,Вокзал – Парк,через центр,11,00539f,ffffff,7\n",
        ),
        ("trips.txt", "route_id,service_id,trip_id,trip_short_name,bikes_allowed\nr,d,t,1А,2\n"),
        (
            "stop_times.txt",
            "trip_id,arrival_time,departure_time,stop_id,stop_sequence,stop_headsign,pickup_type,drop_off_type,timepoint\n\
             t,08:00:00,08:00:00,A,1,,0,1,1\nt,08:05:00,08:05:00,B,2,Парк,3,2,0\nt,08:10:00,08:10:00,C,3,,1,,\n",
        ),
        (
            "feed_info.txt",
            "feed_publisher_name,feed_publisher_url,feed_lang,feed_start_date,feed_end_date,feed_version\nМісто,https://if.ua,uk,20260101,20261231,2026-1\n",
        ),
    ])
    .timetable;
    let agency = &timetable.agencies[0];
    assert_eq!(
        (agency.id.as_deref(), agency.lang.as_deref(), agency.phone.as_deref()),
        (Some("1"), Some("uk"), Some("+380342000000"))
    );
    let route = timetable.routes.values().next().unwrap();
    assert_eq!(
        (route.agency.as_deref(), route.text_color.as_deref(), route.sort_order),
        (Some("1"), Some("FFFFFF"), Some(7))
    );
    assert_eq!(route.description.as_deref(), Some("через центр"));
    let trip = &timetable.trips[0];
    assert_eq!((trip.short_name.as_deref(), trip.bikes_allowed), (Some("1А"), Some(false)));
    let calls: Vec<_> =
        trip.stop_times.iter().map(|c| (c.pickup, c.drop_off, c.timepoint, c.headsign.as_deref())).collect();
    assert_eq!(
        calls,
        [
            (Boarding::Regular, Boarding::None, Some(true), None),
            (Boarding::AskDriver, Boarding::PhoneAgency, Some(false), Some("Парк")),
            (Boarding::None, Boarding::Regular, None, None),
        ]
    );
    assert_eq!(timetable.feed_info.unwrap().version.as_deref(), Some("2026-1"));
}

#[test]
fn what_is_doubtful_is_told_and_loaded() {
    let notes = |changes: &[(&str, &str)]| with(changes).notes.join("\n");
    let shaped = [
        ("trips.txt", "route_id,service_id,trip_id,shape_id\nr,d,t,s\n"),
        ("shapes.txt", "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\ns,48.92,24.71,1\ns,48.93,24.72,2\n"),
    ];
    let told = notes(&shaped);
    assert!(told.contains("1 stops lie farther than 200 m from the shape of their trip: stop C at 13"), "{told}");
    let fast = FEED[4].1.replace("24:40:00", "23:50:30");
    let told = notes(&[("stop_times.txt", &fast)]);
    assert!(told.contains("faster than any vehicle") && told.contains("t (A – C"), "{told}");
    let told = notes(&[("stops.txt", &format!("{}X,Ніде,48.9,24.7,,,\n", FEED[1].1))]);
    assert!(told.contains("1 stops are served by no trip: X"), "{told}");
    let told = notes(&[("calendar_dates.txt", "service_id,date,exception_type\nd,20260301,1\ne,20260301,2\n")]);
    assert!(told.contains("1 services run on no day: e"), "{told}");
    let block = [
        ("trips.txt", "route_id,service_id,trip_id,block_id\nr,d,t,b\nr,d,u,b\n"),
        (
            "stop_times.txt",
            "trip_id,arrival_time,departure_time,stop_id,stop_sequence\nt,08:00:00,08:00:00,A,1\nt,08:30:00,08:30:00,C,2\n\
             u,08:20:00,08:20:00,C,1\nu,08:50:00,08:50:00,A,2\n",
        ),
    ];
    let told = notes(&block);
    assert!(told.contains("1 blocks have one vehicle drive two trips at a time: b (trips t and u)"), "{told}");
    let told = notes(&[("fare_rules.txt", "fare_id\nf\n")]);
    assert!(told.contains("not read: fare_rules.txt"), "{told}");
    assert_eq!(notes(&[]), "", "nothing is doubtful about the plain feed");
}

#[test]
fn a_timetable_that_is_over_says_so_to_whoever_knows_the_day() {
    let feed = with(&[]);
    let day = |day: i8| jiff::civil::date(2026, 3, day);
    assert!(feed.notes_on(day(1)).is_empty());
    assert!(feed.notes_on(day(2))[0].contains("expired: its last day was 2026-03-01"));
    assert!(feed.notes_on(jiff::civil::date(2026, 2, 1))[0].contains("begins in the future: on 2026-03-01"));
}

#[test]
fn headways_say_when_they_overlap_and_what_exact_means() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "trip_id,start_time,end_time,headway_secs,exact_times\nt,08:00:00,09:00:00,1200,1\nt,09:00:00,10:00:00,1800,0\n";
    feed(folder.path(), "frequencies.txt", Some(rows));
    assert_eq!(read(folder.path()).unwrap().timetable.trips.len(), 5);
    feed(folder.path(), "frequencies.txt", Some(&rows.replace("t,09:00:00", "t,08:50:00")));
    let told = read(folder.path()).unwrap_err().to_string();
    assert!(told.contains("frequencies.txt:3 start_time") && told.contains("another headway"), "{told}");
    feed(folder.path(), "frequencies.txt", Some(&rows.replace(",1\n", ",yes\n")));
    let told = read(folder.path()).unwrap_err().to_string();
    assert!(told.contains("frequencies.txt:2 exact_times"), "{told}");
}
