//! Vehicles between trips, silent ones, and two that want one trip.

use super::*;
use MatchReason::*;
use ServiceState::*;

#[test]
fn after_a_trip_it_waits_for_the_next_departure_back() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (0.0, 0.0), "08:00");
    bus.drive((4_000.0, 0.0), &mut matcher, &network);
    bus.stand_until("08:29", &mut matcher, &network);
    assert_eq!(told(&network, &bus), (Layover, Matched, some("west@08:30")));
    bus.stand_until("08:30", &mut matcher, &network);
    bus.drive((3_000.0, 0.0), &mut matcher, &network);
    assert_eq!(told(&network, &bus), (InService, Matched, some("west@08:30")));
}

#[test]
fn the_next_trip_of_the_block_comes_before_an_earlier_departure() {
    let network = street()
        .trip("a", "east", "08:00", Some("1"))
        .trip("other", "west", "08:20", Some("2"))
        .trip("b", "west", "08:40", Some("1"))
        .network();
    let mut matcher = new();
    let mut bus = Bus::new("1", (0.0, 0.0), "08:00");
    bus.drive((4_000.0, 0.0), &mut matcher, &network);
    bus.stand(60.0, &mut matcher, &network);
    assert_eq!(told(&network, &bus), (Layover, Matched, some("b")));
}

#[test]
fn of_two_waiting_the_first_to_come_has_the_first_departure() {
    let (network, mut matcher) = (served_street(), new());
    let mut first = Bus::new("1", (0.0, 0.0), "08:00");
    first.drive((4_000.0, 0.0), &mut matcher, &network);
    let mut second = Bus::new("2", (4_000.0, 600.0), "08:00").saying(|fix| fix.route = some("5"));
    second.clock_s = first.clock_s - 120.0;
    second.drive((4_000.0, 0.0), &mut matcher, &network);
    second.stand(120.0, &mut matcher, &network);
    first.stand(120.0, &mut matcher, &network);
    assert_eq!(trip_of(&network, first.now()), some("west@08:30"));
    assert_eq!(trip_of(&network, second.now()), some("west@08:50"));
}

#[test]
fn what_was_never_seen_to_drive_waits_for_no_departure() {
    let (network, mut matcher) = (served_street(), new());
    let mut parked = Bus::new("1", (4_000.0, 0.0), "08:20").saying(|fix| fix.route = some("5"));
    parked.stand(900.0, &mut matcher, &network);
    assert_eq!(parked.now().run, None);
}

#[test]
fn standing_long_in_the_middle_of_nowhere_is_the_depot() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (2_000.0, 700.0), "05:00");
    bus.stand(1_200.0, &mut matcher, &network);
    assert_eq!(told(&network, &bus), (AtDepot, Standing, None));
}

#[test]
fn where_several_stood_for_hours_is_a_depot_for_all() {
    let (network, mut matcher) = (served_street(), new());
    for name in ["1", "2", "3"] {
        Bus::new(name, (2_000.0, 700.0), "01:00").stand(7_300.0, &mut matcher, &network);
    }
    let mut late = Bus::new("4", (2_000.0, 1_000.0), "05:00");
    late.drive((2_000.0, 700.0), &mut matcher, &network);
    late.stand(200.0, &mut matcher, &network);
    assert_eq!(late.now().state, AtDepot, "after three minutes");
}

#[test]
fn driving_where_no_line_goes_is_an_empty_run() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (2_000.0, 2_000.0), "07:00");
    bus.drive((3_500.0, 2_000.0), &mut matcher, &network);
    assert_eq!(told(&network, &bus), (Deadhead, FarFromRoute, None));
}

#[test]
fn a_street_of_the_line_on_the_way_to_the_depot_is_no_trip() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (1_000.0, 1_500.0), "08:05");
    bus.drive((1_000.0, 0.0), &mut matcher, &network);
    bus.drive((1_900.0, 0.0), &mut matcher, &network);
    bus.drive((1_900.0, -900.0), &mut matcher, &network);
    assert!(bus.history.iter().all(|(_, found)| found.state != InService), "{:?}", bus.now());
}

#[test]
fn a_trip_is_driven_by_one_bus() {
    let network = street().trip("only", "east", "08:00", None).network();
    let mut matcher = new();
    let mut first = Bus::new("1", (0.0, 0.0), "08:00");
    let mut second = Bus::new("2", (0.0, 0.0), "08:02");
    first.drive((1_500.0, 0.0), &mut matcher, &network);
    second.drive((1_000.0, 0.0), &mut matcher, &network);
    assert_eq!(trip_of(&network, first.now()), some("only"));
    assert_eq!(second.now().run, None);
}

#[test]
fn the_bus_that_fits_better_gets_the_trip() {
    let network = street().trip("only", "east", "08:10", None).network();
    let mut matcher = new();
    let mut early = Bus::new("1", (0.0, 0.0), "08:20");
    early.drive((500.0, 0.0), &mut matcher, &network);
    assert_eq!(trip_of(&network, early.now()), some("only"));
    let mut fitting = Bus::new("2", (0.0, 0.0), "08:10");
    fitting.drive((1_000.0, 0.0), &mut matcher, &network);
    assert_eq!(trip_of(&network, fitting.now()), some("only"));
    early.drive((1_000.0, 0.0), &mut matcher, &network);
    assert_eq!(early.now().run, None, "{:?}", early.now());
}

#[test]
fn two_that_are_both_told_one_trip_may_share_it() {
    let network = street().trip("only", "east", "08:00", None).network();
    let mut matcher = new();
    let say: fn(&mut VehiclePosition) = |fix| drop(fix.extra.insert("trip_id".into(), "only".into()));
    let mut first = Bus::new("1", (0.0, 0.0), "08:00").saying(say);
    let mut second = Bus::new("2", (0.0, 0.0), "08:02").saying(say);
    first.drive((1_500.0, 0.0), &mut matcher, &network);
    second.drive((1_000.0, 0.0), &mut matcher, &network);
    first.drive((2_000.0, 0.0), &mut matcher, &network);
    assert_eq!(trip_of(&network, first.now()), some("only"));
    assert_eq!(trip_of(&network, second.now()), some("only"));
}

#[test]
fn a_silent_bus_is_unknown_and_gives_its_trip_back() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (0.0, 0.0), "08:00");
    bus.drive((1_000.0, 0.0), &mut matcher, &network);
    matcher.settle(&network, moment(bus.clock_s + 400.0));
    let silent = matcher.assignment(&bus.key).unwrap();
    assert_eq!((silent.state, silent.reason), (Unknown, Silent));
    assert!(silent.run.is_some(), "it may still be on its way");
    matcher.settle(&network, moment(bus.clock_s + 1_300.0));
    assert_eq!(matcher.assignment(&bus.key).unwrap().run, None);
}

#[test]
fn a_bus_that_speaks_again_soon_goes_on_with_its_trip() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (0.0, 0.0), "08:00");
    bus.drive((1_000.0, 0.0), &mut matcher, &network);
    bus.vanish((2_800.0, 0.0), 360.0);
    matcher.settle(&network, moment(bus.clock_s - 20.0));
    bus.drive((3_000.0, 0.0), &mut matcher, &network);
    assert_eq!(told(&network, &bus), (InService, Matched, some("east@08:00")));
}

#[test]
fn after_a_new_timetable_trips_are_found_anew() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (0.0, 0.0), "08:00");
    bus.drive((1_000.0, 0.0), &mut matcher, &network);
    matcher.rebase();
    assert_eq!(matcher.assignment(&bus.key), None);
    bus.drive((1_700.0, 0.0), &mut matcher, &network);
    assert_eq!(told(&network, &bus), (InService, Matched, some("east@08:00")));
}

#[test]
fn a_forgotten_bus_frees_its_trip() {
    let network = street().trip("only", "east", "08:00", None).network();
    let mut matcher = new();
    let mut first = Bus::new("1", (0.0, 0.0), "08:00");
    first.drive((1_000.0, 0.0), &mut matcher, &network);
    matcher.forget(moment(first.clock_s + 1.0));
    assert_eq!(matcher.assignments().count(), 0);
    let mut second = Bus::new("2", (0.0, 0.0), "08:04");
    second.drive((1_000.0, 0.0), &mut matcher, &network);
    assert_eq!(trip_of(&network, second.now()), some("only"));
}

#[test]
fn a_block_may_leave_out_a_trip_and_the_way_back() {
    let network = street()
        .trip("a", "east", "08:00", Some("1"))
        .trip("b", "west", "08:20", Some("1"))
        .trip("c", "east", "08:40", Some("1"))
        .trip("d", "west", "09:00", Some("1"))
        .trip("other", "west", "09:01", Some("2"))
        .network();
    let mut matcher = new();
    let mut bus = Bus::new("1", (0.0, 0.0), "08:00");
    bus.drive((4_000.0, 0.0), &mut matcher, &network);
    bus.stand_until("09:01", &mut matcher, &network);
    bus.drive((3_000.0, 0.0), &mut matcher, &network);
    assert_eq!(trip_of(&network, bus.now()), some("d"), "{:?}", bus.now());
}

#[test]
fn a_receiver_led_astray_for_a_moment_has_not_left_the_depot() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (2_000.0, 700.0), "05:00");
    bus.stand(1_200.0, &mut matcher, &network);
    bus.place = (2_000.0, 800.0);
    bus.stand(30.0, &mut matcher, &network);
    assert_eq!(bus.now().state, AtDepot);
    bus.stand(120.0, &mut matcher, &network);
    assert_ne!(bus.now().state, AtDepot, "now it has: {:?}", bus.now());
}

#[test]
fn a_late_bus_waits_on_until_the_next_departure_is_nearer() {
    let (network, mut matcher) = (street().every("west", 5, 360, 1_320).every("east", 20, 360, 1_320).network(), new());
    let mut bus = Bus::new("1", (0.0, 0.0), "08:00");
    bus.drive((4_000.0, 0.0), &mut matcher, &network);
    assert_eq!(trip_of(&network, bus.now()), some("west@08:15"));
    bus.stand_until("08:17", &mut matcher, &network);
    assert_eq!(trip_of(&network, bus.now()), some("west@08:15"), "a little late");
    bus.stand_until("08:19", &mut matcher, &network);
    assert_eq!(trip_of(&network, bus.now()), some("west@08:20"), "now that is nearer");
}
