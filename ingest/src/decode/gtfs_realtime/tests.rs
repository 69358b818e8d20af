use misto_model::{CallRelation, OccupancyStatus, StopId, TRIP_ID_KEY, TripId, TripRelation, WheelchairAccess};
use proptest::prelude::*;

use super::*;
use crate::files::gtfs;
use crate::gtfs_realtime::{
    self as wire, EntitySelector, FeedMessage, Position, StopTimeEvent, StopTimeUpdate, TranslatedString, Translation,
    TripDescriptor, VehicleDescriptor,
};

const NOW_S: u64 = 1_790_000_000;

fn source() -> RealtimeSource {
    RealtimeSource { source: "raba".parse().unwrap(), feed: FeedName::city(), bounds: None, clock_tolerance_s: 60.0 }
}

fn now() -> Instant {
    Instant::from_seconds(NOW_S as i64).unwrap()
}

fn header() -> FeedHeader {
    FeedHeader { gtfs_realtime_version: "2.0".into(), timestamp: Some(NOW_S), ..FeedHeader::default() }
}

fn read(entity: Vec<FeedEntity>) -> RealtimeFeed {
    decode(&FeedMessage { header: header(), entity }.encode_to_vec(), &source(), now()).unwrap()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn vehicle(change: impl Fn(&mut wire::VehiclePosition)) -> FeedEntity {
    let mut vehicle = wire::VehiclePosition {
        trip: Some(TripDescriptor {
            trip_id: some("t1"),
            route_id: some("r1"),
            direction_id: Some(1),
            start_time: some("25:10:00"),
            start_date: some("20260921"),
            schedule_relationship: None,
        }),
        vehicle: Some(VehicleDescriptor { id: some("4009"), wheelchair_accessible: Some(2), ..Default::default() }),
        position: Some(Position {
            latitude: 48.92,
            longitude: 24.71,
            bearing: Some(360.0),
            odometer: None,
            speed: Some(8.5),
        }),
        timestamp: Some(NOW_S - 5),
        occupancy_status: Some(3),
        stop_id: some("s1"),
        ..Default::default()
    };
    change(&mut vehicle);
    FeedEntity { id: "v".into(), vehicle: Some(vehicle), ..FeedEntity::default() }
}

fn update(change: impl Fn(&mut wire::TripUpdate)) -> FeedEntity {
    let call = |sequence, delay| StopTimeUpdate {
        stop_sequence: Some(sequence),
        arrival: Some(StopTimeEvent { delay: Some(delay), time: Some(NOW_S as i64 + 600), uncertainty: None }),
        ..StopTimeUpdate::default()
    };
    let trip = TripDescriptor { trip_id: some("t1"), ..TripDescriptor::default() };
    let mut update = wire::TripUpdate { trip, stop_time_update: vec![call(3, 60), call(4, -30)], ..Default::default() };
    change(&mut update);
    FeedEntity { id: "u".into(), trip_update: Some(update), ..FeedEntity::default() }
}

fn text(language: Option<&str>, text: &str) -> Translation {
    Translation { text: text.into(), language: language.map(str::to_owned) }
}

fn alert(change: impl Fn(&mut wire::Alert)) -> FeedEntity {
    let mut alert = wire::Alert {
        active_period: vec![wire::TimeRange { start: Some(NOW_S), end: Some(NOW_S + 3_600) }],
        informed_entity: vec![EntitySelector { route_id: some("r1"), ..EntitySelector::default() }],
        cause: Some(8),
        effect: Some(4),
        header_text: Some(TranslatedString {
            translation: vec![text(Some("uk"), "Об’їзд"), text(Some("en"), "Detour")],
        }),
        ..Default::default()
    };
    change(&mut alert);
    FeedEntity { id: "a".into(), alert: Some(alert), ..FeedEntity::default() }
}

/// The only problem of a feed with that entity.
fn told(entity: FeedEntity) -> String {
    let feed = read(vec![entity]);
    assert_eq!((feed.problems.len(), feed.problems_total), (1, 1), "{:#?}", feed.problems);
    format!("{} {}", feed.problems[0].entity, feed.problems[0].refusal.detail)
}

#[test]
fn a_vehicle_keeps_what_it_says_in_the_models_units() {
    let feed = read(vec![vehicle(|_| {})]);
    assert!(feed.problems.is_empty(), "{:?}", feed.problems);
    let fix = &feed.positions[0];
    assert_eq!(fix.vehicle.to_string(), "raba:/4009");
    assert_eq!((fix.position.lat.degrees(), fix.position.lon.degrees()), (48.92, 24.71), "as they were written");
    assert_eq!((fix.speed_m_s, fix.bearing_deg), (Some(8.5), Some(0.0)));
    assert_eq!((fix.route.as_deref(), fix.direction, fix.trip_start.as_deref()), (Some("r1"), Some(1), Some("25:10")));
    assert_eq!((fix.operating_day.as_deref(), fix.next_stop.as_deref()), (Some("2026-09-21"), Some("s1")));
    assert_eq!(fix.occupancy, Some(OccupancyStatus::StandingRoomOnly));
    assert_eq!((&fix.extra[TRIP_ID_KEY], &fix.extra["wheelchair_accessible"]), (&"t1".into(), &true.into()));
    assert_eq!(fix.fix_time.seconds_since(now()), -5.0);
    assert!(feed.whole && feed.made_at == Some(now()));
}

#[test]
fn ids_of_another_feed_carry_its_name() {
    let from = RealtimeSource { feed: "suburban".parse().unwrap(), ..source() };
    let bytes = FeedMessage { header: header(), entity: vec![vehicle(|_| {})] }.encode_to_vec();
    let feed = decode(&bytes, &from, now()).unwrap();
    let fix = &feed.positions[0];
    assert_eq!((&fix.extra[TRIP_ID_KEY], fix.route.as_deref()), (&"suburban:t1".into(), Some("suburban:r1")));
}

#[test]
fn numbers_of_this_format_are_not_those_of_the_timetable() {
    let wheelchair = |number| {
        let entity = vehicle(|v| v.vehicle.as_mut().unwrap().wheelchair_accessible = number);
        read(vec![entity]).positions[0].extra.get("wheelchair_accessible").cloned()
    };
    assert_eq!([None, Some(0), Some(1)].map(wheelchair), [None, None, None]);
    assert_eq!([Some(2), Some(3)].map(wheelchair), [Some(true.into()), Some(false.into())]);
    let occupancy = |number| read(vec![vehicle(|v| v.occupancy_status = number)]).positions[0].occupancy;
    assert_eq!(occupancy(None), None, "what is not said is not empty");
    assert_eq!(occupancy(Some(0)), Some(OccupancyStatus::Empty));
    assert_eq!(occupancy(Some(5)), Some(OccupancyStatus::Full));
    assert_eq!([Some(6), Some(7), Some(8)].map(occupancy), [None; 3], "they measure nothing");
}

#[test]
fn a_vehicle_without_who_where_or_when_is_told_by_its_entity() {
    assert!(told(vehicle(|v| v.vehicle = None)).starts_with("v vehicle.vehicle.id is missing"));
    assert!(told(vehicle(|v| v.position = None)).contains("vehicle.position is absent"));
    assert!(told(vehicle(|v| v.timestamp = None)).contains("vehicle.timestamp is missing"));
    assert!(told(vehicle(|v| v.timestamp = Some(NOW_S * 1_000))).contains("milliseconds"));
    assert!(told(vehicle(|v| v.timestamp = Some(NOW_S + 3_600))).contains("3600 s after receipt"));
    assert!(told(vehicle(|v| v.position.as_mut().unwrap().latitude = f32::NAN)).contains("latitude"));
    let lost = told(vehicle(|v| {
        let at = v.position.as_mut().unwrap();
        (at.latitude, at.longitude) = (0.0, 0.0);
    }));
    assert!(lost.contains("has no fix"), "{lost}");
    let other = FeedEntity { id: "w".into(), ..vehicle(|_| {}) };
    let twice = read(vec![vehicle(|_| {}), other]);
    assert_eq!((twice.positions.len(), twice.problems[0].entity.as_str()), (1, "w"));
    let again = read(vec![vehicle(|_| {}), update(|_| {}), update(|_| {})]);
    assert!(again.problems[0].refusal.detail.contains("no other entity") && again.trip_updates.len() == 1);
}

#[test]
fn a_field_that_is_wrong_costs_itself_only() {
    for (entity, field) in [
        (vehicle(|v| v.position.as_mut().unwrap().bearing = Some(400.0)), "bearing"),
        (vehicle(|v| v.position.as_mut().unwrap().odometer = Some(-1.0)), "odometer"),
        (vehicle(|v| v.trip.as_mut().unwrap().direction_id = Some(2)), "direction_id"),
        (vehicle(|v| v.trip.as_mut().unwrap().start_date = some("2026-09-21")), "start_date"),
        (vehicle(|v| v.trip.as_mut().unwrap().start_time = some("25:61:00")), "start_time"),
        (vehicle(|v| v.trip.as_mut().unwrap().schedule_relationship = Some(77)), "schedule_relationship"),
        (vehicle(|v| v.occupancy_status = Some(77)), "occupancy_status"),
        (vehicle(|v| v.current_status = Some(77)), "current_status"),
        (vehicle(|v| v.vehicle.as_mut().unwrap().wheelchair_accessible = Some(9)), "wheelchair_accessible"),
        (vehicle(|v| v.vehicle.as_mut().unwrap().label = some("a\0b")), "label"),
    ] {
        assert!(read(vec![entity.clone()]).positions.len() == 1, "{field}");
        let told = told(entity);
        assert!(told.starts_with("v ") && told.contains(field), "{told}");
    }
}

#[test]
fn trips_keep_their_calls_and_what_became_of_them() {
    let feed = read(vec![update(|u| {
        u.stop_time_update[1].schedule_relationship = Some(1);
        u.vehicle = Some(VehicleDescriptor { id: some("7"), wheelchair_accessible: Some(3), ..Default::default() });
    })]);
    assert!(feed.problems.is_empty(), "{:?}", feed.problems);
    let trip = &feed.trip_updates[0];
    assert_eq!((trip.trip.trip.clone(), trip.relation), (Some(TripId("t1".into())), TripRelation::Scheduled));
    assert_eq!((trip.vehicle.as_deref(), trip.wheelchair_accessible), (Some("7"), WheelchairAccess::No));
    let [first, second] = trip.calls.as_slice() else { panic!("{:?}", trip.calls) };
    let arrival = first.arrival.unwrap();
    assert_eq!((arrival.delay_s, arrival.at.map(|at| at.seconds_since(now()))), (Some(60), Some(600.0)));
    assert_eq!((second.relation, second.arrival), (CallRelation::Skipped, None), "what is left out has no time");
    let relation = |number| {
        let feed = read(vec![update(|u| u.trip.schedule_relationship = Some(number))]);
        feed.trip_updates[0].relation
    };
    assert_eq!(
        [0, 1, 2, 3].map(relation),
        [TripRelation::Scheduled, TripRelation::New, TripRelation::Unscheduled, TripRelation::Canceled]
    );
    assert_eq!(
        [5, 6, 7, 8].map(relation),
        [TripRelation::Replacement, TripRelation::Duplicated, TripRelation::Deleted, TripRelation::New]
    );
}

#[test]
fn the_trip_of_a_vehicle_is_a_claim_only_when_it_stands_in_the_timetable() {
    let claim = |number| {
        let entity = vehicle(|v| v.trip.as_mut().unwrap().schedule_relationship = number);
        read(vec![entity]).positions[0].extra.contains_key(TRIP_ID_KEY)
    };
    assert_eq!([None, Some(0), Some(1), Some(3), Some(8)].map(claim), [true, true, false, false, false]);
}

#[test]
fn trips_that_contradict_themselves_are_told() {
    assert!(told(update(|u| u.trip.trip_id = None)).starts_with("u trip_update.trip.trip_id is missing"));
    let told_order = told(update(|u| u.stop_time_update[1].stop_sequence = Some(2)));
    assert!(told_order.contains("stop_time_update[1].stop_sequence is 2"), "{told_order}");
    assert!(told(update(|u| u.stop_time_update[0].stop_sequence = None)).contains("[0].stop_sequence is missing"));
    let late = |u: &mut wire::TripUpdate| u.stop_time_update[0].arrival.as_mut().unwrap().delay = Some(900_000);
    assert!(told(update(late)).contains("arrival.delay is 900000"));
    let millis = |u: &mut wire::TripUpdate| {
        u.stop_time_update[0].arrival.as_mut().unwrap().time = Some(NOW_S as i64 * 1_000);
    };
    assert!(told(update(millis)).contains("milliseconds"));
    assert_eq!(read(vec![update(millis)]).trip_updates[0].calls.len(), 1, "the other call stays");
}

#[test]
fn alerts_keep_their_languages_times_and_whom_they_concern() {
    let feed = read(vec![alert(|a| {
        a.informed_entity.push(EntitySelector { stop_id: some("s1"), ..Default::default() });
        a.description_text = Some(TranslatedString { translation: vec![text(None, "дерево на колії")] });
    })]);
    assert!(feed.problems.is_empty(), "{:?}", feed.problems);
    let alert = &feed.alerts[0];
    assert_eq!((alert.header["uk"].as_str(), alert.header["en"].as_str()), ("Об’їзд", "Detour"));
    assert_eq!(alert.description["und"], "дерево на колії");
    assert_eq!(serde_json::to_value(alert.cause).unwrap(), "WEATHER");
    assert_eq!(serde_json::to_value(alert.effect).unwrap(), "DETOUR");
    assert_eq!(alert.informed[1].stop, Some(StopId("s1".into())));
    let (from, until) = alert.active[0];
    assert_eq!((from, until.map(|at| at.seconds_since(now()))), (Some(now()), Some(3_600.0)));
    let unknown = read(vec![self::alert(|a| (a.cause, a.effect) = (Some(1), Some(8)))]);
    assert_eq!((unknown.alerts[0].cause, unknown.alerts[0].effect), (None, None));
}

#[test]
fn alerts_that_tell_nobody_anything_are_told() {
    assert!(told(alert(|a| a.header_text = None)).starts_with("a alert.header_text is missing"));
    assert!(told(alert(|a| a.informed_entity.clear())).contains("alert.informed_entity is missing"));
    assert!(told(alert(|a| a.cause = Some(99))).contains("alert.cause is 99"));
    let backwards = alert(|a| a.active_period[0].end = Some(NOW_S - 10));
    assert!(read(vec![backwards.clone()]).alerts.is_empty(), "without a period it would hold always");
    assert!(told(backwards).contains("active_period[0].end"));
}

#[test]
fn a_feed_of_changes_says_what_is_gone() {
    let mut header = header();
    header.incrementality = Some(1);
    let gone = FeedEntity { id: "x".into(), is_deleted: Some(true), ..FeedEntity::default() };
    let feed = decode(&FeedMessage { header, entity: vec![gone] }.encode_to_vec(), &source(), now()).unwrap();
    assert!(!feed.whole && feed.deleted == ["x"] && feed.problems.is_empty());
    assert!(told(FeedEntity { id: "y".into(), ..FeedEntity::default() }).contains("neither a vehicle"));
}

#[test]
fn what_is_no_feed_is_refused_as_a_whole() {
    let refused = |bytes: &[u8]| decode(bytes, &source(), now()).unwrap_err();
    assert!(refused(b"").detail.contains("no header"));
    assert!(refused(b"<html>").detail.contains("no GTFS-Realtime feed"));
    let whole = FeedMessage { header: header(), entity: vec![vehicle(|_| {})] }.encode_to_vec();
    assert!(refused(&whole[..whole.len() - 1]).detail.contains("breaks off"));
    let other = FeedHeader { gtfs_realtime_version: "3.7".into(), ..header() };
    assert!(refused(&FeedMessage { header: other, entity: vec![] }.encode_to_vec()).detail.contains("2.0 or 1.0"));
    assert_eq!(refused(&vec![0; MAX_FEED_BYTES + 1]).reason, RejectionReason::TooLarge);
    // Two bytes an entity, a kilobyte each in memory, were they all read at once.
    let crowd: Vec<u8> = FeedMessage { header: header(), entity: vec![] }.encode_to_vec();
    let crowd = [crowd, [0x12, 0x00].repeat(MAX_ENTITIES + 1)].concat();
    assert_eq!(refused(&crowd).reason, RejectionReason::TooLarge);
    let future = FeedHeader { timestamp: Some(NOW_S + 900), ..header() };
    let feed = decode(&FeedMessage { header: future, entity: vec![] }.encode_to_vec(), &source(), now()).unwrap();
    assert_eq!((feed.made_at, feed.problems[0].entity.as_str()), (None, "header"));
}

#[test]
fn one_broken_entity_leaves_the_others() {
    let good = FeedMessage { header: header(), entity: vec![vehicle(|_| {})] }.encode_to_vec();
    let broken = [good.clone(), vec![0x12, 0x03, 0x22, 0x7f, 0x01], update_bytes()].concat();
    let feed = decode(&broken, &source(), now()).unwrap();
    assert_eq!((feed.positions.len(), feed.trip_updates.len(), feed.entities), (1, 1, 3));
    assert_eq!(feed.problems[0].entity, "#1");
}

fn update_bytes() -> Vec<u8> {
    let entity = update(|_| {}).encode_to_vec();
    [vec![0x12, entity.len() as u8], entity].concat()
}

/// A recorded feed, received five seconds after it was made.
fn recorded(name: &str) -> Option<RealtimeFeed> {
    let path = crate::files::tests::data(&format!("gtfs-rt-maglev/{name}"))?;
    let bytes = std::fs::read(path).unwrap();
    let made = FeedMessage::decode(bytes.as_slice()).unwrap().header.timestamp.unwrap();
    let feed = decode(&bytes, &source(), Instant::from_seconds(made as i64 + 5).unwrap()).unwrap();
    let first: Vec<_> = feed.problems.iter().take(3).collect();
    println!("{name}: {} entities, {} problems {first:?}", feed.entities, feed.problems_total);
    Some(feed)
}

#[test]
fn recorded_feeds_are_read_whole() {
    for (name, vehicles, trips) in [
        ("raba-vehicle-positions.pb", 22, 0),
        ("unitrans-vehicle-positions.pb", 8, 0),
        ("raba-trip-updates.pb", 0, 9),
        ("unitrans-trip-updates.pb", 0, 37),
    ] {
        let Some(feed) = recorded(name) else { continue };
        assert_eq!(
            (feed.positions.len(), feed.trip_updates.len(), feed.problems_total),
            (vehicles, trips, 0),
            "{name}"
        );
        let calls: usize = feed.trip_updates.iter().map(|trip| trip.calls.len()).sum();
        assert!(trips == 0 || calls > trips, "{name}: {calls} calls");
    }
}

#[test]
fn every_recorded_trip_is_one_of_the_timetable() {
    let Some(feed) = recorded("raba-trip-updates.pb") else { return };
    let Some(path) = crate::files::tests::data("gtfs-rt-maglev/raba.zip") else { return };
    let timetable = gtfs::read(&path).unwrap().timetable;
    let mut joined = 0;
    for update in &feed.trip_updates {
        let trip = timetable.trips.iter().find(|trip| Some(&trip.id) == update.trip.trip.as_ref());
        let Some(trip) = trip else { continue };
        joined += 1;
        for call in &update.calls {
            let planned = trip.stop_times.iter().find(|planned| Some(planned.sequence) == call.sequence);
            assert_eq!(planned.map(|planned| &planned.stop), call.stop.as_ref(), "{}", trip.id);
        }
    }
    println!("{joined} of {} trip ids are in raba.zip", feed.trip_updates.len());
    assert_eq!((joined, feed.trip_updates.len()), (9, 9));
}

proptest! {
    #![proptest_config(crate::cases(512))]

    #[test]
    fn whatever_the_bytes_are_there_is_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = decode(&bytes, &source(), now());
        let framed = [FeedMessage { header: header(), entity: vec![] }.encode_to_vec(), vec![0x12, bytes.len().min(127) as u8], bytes].concat();
        let _ = decode(&framed, &source(), now());
    }

    #[test]
    fn a_damaged_feed_gives_an_answer_and_no_place_off_the_earth(cut in 0_usize..400, at in 0_usize..400, byte: u8) {
        let entity = vec![vehicle(|_| {}), update(|_| {}), alert(|_| {})];
        let mut bytes = FeedMessage { header: header(), entity }.encode_to_vec();
        let place = at % bytes.len();
        bytes[place] = byte;
        if let Ok(feed) = decode(&bytes, &source(), now()) {
            for fix in &feed.positions {
                prop_assert!(fix.position.lat.degrees().abs() <= 90.0 && !fix.position.is_null_island());
                prop_assert!(fix.speed_m_s.is_none_or(|speed| (0.0..=100.0).contains(&speed)));
                prop_assert!(fix.bearing_deg.is_none_or(|bearing| (0.0..360.0).contains(&bearing)));
            }
        }
        bytes.truncate(cut % bytes.len());
        let _ = decode(&bytes, &source(), now());
    }
}
