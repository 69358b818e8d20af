//! What the tracker says is evidence, not truth.

use super::*;
use MatchReason::*;
use ServiceState::*;

fn names_trip(fix: &mut VehiclePosition) {
    fix.extra.insert("trip_id".into(), "east@08:00".into());
}

fn names_route(fix: &mut VehiclePosition) {
    fix.route_short_name = some("5");
}

#[test]
fn a_told_trip_is_taken_when_the_bus_drives_it() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (0.0, 0.0), "08:05").saying(names_trip);
    bus.drive((600.0, 0.0), &mut matcher, &network);
    assert_eq!(told(&network, &bus), (InService, Told, some("east@08:00")));
}

#[test]
fn a_told_trip_is_not_taken_when_the_bus_drives_the_other_way() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (4_000.0, 0.0), "08:10").saying(names_trip);
    bus.drive((2_800.0, 0.0), &mut matcher, &network);
    assert_eq!(told(&network, &bus), (InService, Matched, some("west@08:10")));
}

#[test]
fn a_told_trip_of_another_hour_is_not_taken() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (0.0, 0.0), "10:00").saying(names_trip);
    bus.drive((600.0, 0.0), &mut matcher, &network);
    assert_eq!(told(&network, &bus), (InService, Matched, some("east@10:00")));
}

#[test]
fn hfp_names_a_trip_by_route_direction_day_and_start() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (0.0, 0.0), "08:11").saying(|fix| {
        fix.route = some("5");
        fix.direction = Some(0);
        fix.operating_day = some("2026-07-10");
        fix.trip_start = some("08:00");
    });
    bus.drive((600.0, 0.0), &mut matcher, &network);
    assert_eq!(told(&network, &bus), (InService, Told, some("east@08:00")), "11 minutes late, but it says so");
}

#[test]
fn a_told_route_decides_between_lines_on_one_street() {
    let network = street()
        .way("7", 0, "north", &[(0.0, 0.0), (2_000.0, 0.0), (2_000.0, 2_000.0)])
        .every("east", 20, 360, 1_320)
        .every("north", 20, 360, 1_320)
        .network();
    let mut matcher = new();
    let mut bus = Bus::new("1", (0.0, 0.0), "08:00").saying(names_route);
    bus.drive((600.0, 0.0), &mut matcher, &network);
    assert_eq!(told(&network, &bus), (InService, Matched, some("east@08:00")));
}

#[test]
fn a_route_that_the_timetable_does_not_have_is_said_to_be_unknown() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (0.0, 0.0), "08:00").saying(|fix| fix.route = some("99"));
    bus.drive((1_500.0, 0.0), &mut matcher, &network);
    assert_eq!(told(&network, &bus), (Unknown, UnknownRoute, None));
}

#[test]
fn a_bus_that_claims_a_trip_and_stands_in_the_depot_is_at_the_depot() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (2_000.0, 40.0), "07:50").saying(names_trip);
    bus.stand(1_800.0, &mut matcher, &network);
    assert_eq!(told(&network, &bus), (AtDepot, Standing, None));
}

#[test]
fn a_tracker_that_names_the_wrong_route_is_found_out_by_its_way() {
    let network = street()
        .way("8", 0, "far", &[(0.0, 3_000.0), (4_000.0, 3_000.0)])
        .every("east", 20, 360, 1_320)
        .every("far", 20, 360, 1_320)
        .network();
    let mut matcher = new();
    let mut bus = Bus::new("1", (0.0, 0.0), "08:00").saying(|fix| fix.route = some("8"));
    bus.drive((1_000.0, 0.0), &mut matcher, &network);
    assert_eq!(bus.now().run, None, "not yet: {:?}", bus.now());
    bus.drive((4_000.0, 0.0), &mut matcher, &network);
    assert!(bus.history.iter().all(|(_, found)| found.pattern.is_none() || way_of(&network, found) == some("5/0")));
}

#[test]
fn a_new_word_in_the_middle_changes_the_trip_only_when_it_fits() {
    let network = street().every("east", 10, 360, 1_320).network();
    let mut matcher = new();
    let mut bus = Bus::new("1", (0.0, 0.0), "08:05").saying(names_trip);
    bus.drive((600.0, 0.0), &mut matcher, &network);
    assert_eq!(trip_of(&network, bus.now()), some("east@08:00"));
    bus.says = |fix| drop(fix.extra.insert("trip_id".into(), "east@12:00".into()));
    bus.drive((1_000.0, 0.0), &mut matcher, &network);
    assert_eq!(trip_of(&network, bus.now()), some("east@08:00"), "noon is not at eight");
}

#[test]
fn a_route_that_proved_wrong_once_is_not_believed_again() {
    let network = street()
        .way("8", 0, "far", &[(0.0, 3_000.0), (4_000.0, 3_000.0)])
        .every("east", 20, 360, 1_320)
        .every("west", 20, 370, 1_320)
        .every("far", 20, 360, 1_320)
        .network();
    let mut matcher = new();
    let mut bus = Bus::new("1", (0.0, 0.0), "08:00").saying(|fix| fix.route = some("8"));
    bus.drive((4_000.0, 0.0), &mut matcher, &network);
    bus.stand_until("08:30", &mut matcher, &network);
    bus.drive((3_000.0, 0.0), &mut matcher, &network);
    assert_eq!(told(&network, &bus), (InService, Matched, some("west@08:30")));
}
