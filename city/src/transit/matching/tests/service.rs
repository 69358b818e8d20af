//! Vehicles on their way.

use super::*;
use crate::transit::{Held, TravelTimes, predict};
use MatchReason::*;
use ServiceState::*;

#[test]
fn a_bus_that_tells_nothing_is_matched_by_way_direction_and_time() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (0.0, 0.0), "07:58");
    bus.stand_until("08:00", &mut matcher, &network);
    bus.drive((1_000.0, 0.0), &mut matcher, &network);
    assert_eq!(told(&network, &bus), (InService, Matched, some("east@08:00")));
    assert!((bus.now().along_m.unwrap() - 1_000.0).abs() < 15.0);
    assert_eq!(bus.now().next_call, Some(3));
    let decided = bus.history.iter().find(|(_, found)| found.run.is_some() && found.state == InService).unwrap();
    assert!(decided.0 < clock("08:01"), "within the first minute: {decided:?}");
    bus.drive((4_000.0, 0.0), &mut matcher, &network);
    assert_eq!(bus.now().state, Layover);
    let calls: Vec<usize> = bus.visits.iter().map(|visit| visit.call).collect();
    assert_eq!(calls, (0..=10).collect::<Vec<_>>(), "every call once");
    assert!(bus.visits.iter().all(|visit| visit.run == Some(run(&network, "east@08:00"))));
}

#[test]
fn the_other_direction_of_the_same_street_is_another_trip() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (4_000.0, 0.0), "08:10");
    bus.drive((3_000.0, 0.0), &mut matcher, &network);
    assert_eq!(told(&network, &bus), (InService, Matched, some("west@08:10")));
}

#[test]
fn a_late_bus_keeps_its_trip_up_to_the_end() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (0.0, 0.0), "08:06");
    bus.drive((2_000.0, 0.0), &mut matcher, &network);
    assert_eq!(trip_of(&network, bus.now()), some("east@08:00"));
    bus.stand(900.0, &mut matcher, &network);
    bus.drive((3_500.0, 0.0), &mut matcher, &network);
    assert_eq!(trip_of(&network, bus.now()), some("east@08:00"), "20 minutes late and still the same");
}

#[test]
fn first_seen_in_the_middle_it_is_matched_when_one_trip_fits_clearly() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (2_000.0, 0.0), "08:07");
    bus.drive((2_600.0, 0.0), &mut matcher, &network);
    assert_eq!(told(&network, &bus), (InService, Matched, some("east@08:00")));
}

#[test]
fn first_seen_in_the_middle_between_two_trips_the_way_is_known_and_no_trip_is_guessed() {
    let network = street().every("east", 5, 360, 1_320).network();
    let mut matcher = new();
    let mut bus = Bus::new("1", (2_000.0, 0.0), "08:09");
    bus.drive((2_600.0, 0.0), &mut matcher, &network);
    assert_eq!(told(&network, &bus), (InService, SeveralTrips, None));
    assert_eq!(way_of(&network, bus.now()), some("5/0"));
}

#[test]
fn lines_that_share_a_street_wait_until_they_part() {
    // 5 goes straight on, 7 turns north after 2 km; both leave at the same minutes.
    let network = street()
        .way("7", 0, "north", &[(0.0, 0.0), (2_000.0, 0.0), (2_000.0, 2_000.0)])
        .every("east", 20, 360, 1_320)
        .every("north", 20, 360, 1_320)
        .network();
    let mut matcher = new();
    let mut bus = Bus::new("1", (0.0, 0.0), "08:00");
    bus.drive((1_900.0, 0.0), &mut matcher, &network);
    assert_eq!((bus.now().reason, bus.now().pattern, bus.now().run), (SeveralWays, None, None));
    bus.drive((2_000.0, 0.0), &mut matcher, &network);
    bus.drive((2_000.0, 300.0), &mut matcher, &network);
    assert_eq!(told(&network, &bus), (InService, Matched, some("north@08:00")));
    let calls: Vec<usize> = bus.visits.iter().map(|visit| visit.call).collect();
    assert_eq!(calls, [0, 1, 2, 3, 4, 5], "what was passed before the decision is told after it");
}

#[test]
fn planned_departures_tell_lines_apart_that_share_a_street() {
    let network = street()
        .way("7", 0, "north", &[(0.0, 0.0), (2_000.0, 0.0), (2_000.0, 2_000.0)])
        .every("east", 20, 360, 1_320)
        .every("north", 20, 372, 1_320)
        .network();
    let mut matcher = new();
    let mut bus = Bus::new("1", (0.0, 0.0), "08:12");
    bus.drive((500.0, 0.0), &mut matcher, &network);
    assert_eq!(told(&network, &bus), (InService, Matched, some("north@08:12")));
}

#[test]
fn a_short_way_that_is_part_of_a_longer_one_is_told_by_its_time() {
    let network = street()
        .way("5", 0, "short", &[(0.0, 0.0), (2_000.0, 0.0)])
        .every("east", 20, 360, 1_320)
        .every("short", 20, 370, 1_320)
        .network();
    let mut matcher = new();
    let mut bus = Bus::new("1", (0.0, 0.0), "08:10");
    bus.drive((2_000.0, 0.0), &mut matcher, &network);
    assert!(bus.history.iter().any(|(_, found)| trip_of(&network, found) == some("short@08:10")));
    assert_eq!(bus.now().state, Layover);
}

#[test]
fn a_loop_begins_and_ends_at_one_place() {
    let corners = [(0.0, 0.0), (1_200.0, 0.0), (1_200.0, 800.0), (0.0, 800.0), (0.0, 0.0)];
    let network = Town::default().way("9", 0, "loop", &corners).every("loop", 30, 360, 1_320).network();
    let mut matcher = new();
    let mut bus = Bus::new("1", (0.0, 0.0), "07:55");
    bus.stand_until("08:00", &mut matcher, &network);
    for corner in &corners[1..4] {
        bus.drive(*corner, &mut matcher, &network);
        assert_eq!(told(&network, &bus), (InService, Matched, some("loop@08:00")));
    }
    bus.drive((0.0, 0.0), &mut matcher, &network);
    bus.stand(120.0, &mut matcher, &network);
    assert_eq!(told(&network, &bus), (Layover, Matched, some("loop@08:30")));
    assert_eq!(bus.visits.iter().map(|visit| visit.call).collect::<Vec<_>>(), (0..=10).collect::<Vec<_>>());
}

#[test]
fn there_and_back_on_one_street_is_one_way() {
    let corners = [(0.0, 0.0), (2_000.0, 0.0), (0.0, 0.0)];
    let network = Town::default().way("9", 0, "back", &corners).every("back", 30, 360, 1_320).network();
    let mut matcher = new();
    let mut bus = Bus::new("1", (0.0, 0.0), "08:00");
    bus.drive((2_000.0, 0.0), &mut matcher, &network);
    bus.stand(60.0, &mut matcher, &network);
    bus.drive((1_000.0, 0.0), &mut matcher, &network);
    assert_eq!(told(&network, &bus), (InService, Matched, some("back@08:00")));
    assert!((bus.now().along_m.unwrap() - 3_000.0).abs() < 20.0, "{:?}", bus.now());
    bus.drive((0.0, 0.0), &mut matcher, &network);
    assert_eq!(bus.visits.iter().map(|visit| visit.call).collect::<Vec<_>>(), (0..=10).collect::<Vec<_>>());
}

#[test]
fn a_detour_keeps_the_trip_and_ends_on_the_line() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (0.0, 0.0), "08:00");
    for corner in [(1_000.0, 0.0), (1_000.0, 300.0), (1_500.0, 300.0)] {
        bus.drive(corner, &mut matcher, &network);
    }
    assert_eq!(told(&network, &bus), (OffRoute, Matched, some("east@08:00")));
    bus.drive((1_500.0, 0.0), &mut matcher, &network);
    bus.drive((2_500.0, 0.0), &mut matcher, &network);
    assert_eq!(told(&network, &bus), (InService, Matched, some("east@08:00")));
}

#[test]
fn one_fix_far_beside_is_no_detour() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (0.0, 0.0), "08:00");
    bus.drive((1_000.0, 0.0), &mut matcher, &network);
    let place = bus.place;
    bus.place = (1_050.0, 200.0);
    bus.send(&mut matcher, &network);
    assert_eq!(bus.now().state, InService);
    bus.place = place;
    bus.drive((2_000.0, 0.0), &mut matcher, &network);
    assert!(bus.history.iter().all(|(_, found)| found.state != OffRoute));
}

#[test]
fn a_fix_that_jumps_ahead_visits_no_stop() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (0.0, 0.0), "08:00");
    bus.drive((1_000.0, 0.0), &mut matcher, &network);
    let (place, before) = (bus.place, bus.visits.len());
    bus.place = (1_900.0, 0.0);
    bus.send(&mut matcher, &network);
    assert_eq!(bus.visits.len(), before);
    bus.place = place;
    bus.drive((2_100.0, 0.0), &mut matcher, &network);
    let at_1200 = bus.visits.iter().find(|visit| visit.call == 3).unwrap();
    assert!((at_1200.arrival.seconds_since(moment(clock("08:04"))) - 10.0).abs() < 15.0, "{at_1200:?}");
}

#[test]
fn a_stop_that_lies_in_a_long_gap_has_no_visit() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (0.0, 0.0), "08:00");
    bus.drive((1_000.0, 0.0), &mut matcher, &network);
    bus.vanish((1_700.0, 0.0), 140.0);
    bus.drive((2_500.0, 0.0), &mut matcher, &network);
    assert_eq!(bus.visits.iter().map(|visit| visit.call).collect::<Vec<_>>(), [0, 1, 2, 5, 6]);
    assert_eq!(trip_of(&network, bus.now()), some("east@08:00"));
}

#[test]
fn arrival_and_departure_embrace_the_stand_at_a_stop() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (0.0, 0.0), "08:00");
    bus.drive((800.0, 0.0), &mut matcher, &network);
    let came_s = bus.clock_s - INTERVAL_S;
    bus.stand(60.0, &mut matcher, &network);
    let left_s = bus.clock_s - INTERVAL_S;
    bus.drive((1_200.0, 0.0), &mut matcher, &network);
    let visit = bus.visits.iter().find(|visit| visit.call == 2).unwrap();
    assert!(visit.arrival.seconds_since(moment(came_s)).abs() <= 6.0, "{visit:?}");
    assert!(visit.departure.seconds_since(moment(left_s)).abs() <= 11.0, "{visit:?}");
}

#[test]
fn old_wrong_and_repeated_fixes_move_nothing() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (0.0, 0.0), "08:00");
    bus.drive((1_000.0, 0.0), &mut matcher, &network);
    let (before, now) = (bus.now().clone(), moment(bus.clock_s));
    let mut again = bus.fix();
    again.fix_time = before.fix_time;
    again.position = at(3_000.0, 0.0);
    assert!(matcher.observe(&network, &again, now).is_empty());
    again.fix_time = moment(bus.clock_s - 60.0);
    assert!(matcher.observe(&network, &again, now).is_empty());
    let mut wrong = bus.fix();
    wrong.flags.push(FixFlag::ClockWrong);
    assert!(matcher.observe(&network, &wrong, now).is_empty());
    assert_eq!(matcher.assignment(&bus.key), Some(&before));
}

#[test]
fn a_way_without_timetable_is_followed_without_trips() {
    let (network, mut matcher) = (street().network(), new());
    let mut bus = Bus::new("1", (0.0, 0.0), "08:00");
    bus.drive((1_000.0, 0.0), &mut matcher, &network);
    assert_eq!(told(&network, &bus), (InService, NoTimetable, None));
    assert_eq!(way_of(&network, bus.now()), some("5/0"));
    assert_eq!(bus.visits.len(), 3);
}

#[test]
fn the_same_fixes_give_the_same_assignments() {
    let network = served_street();
    let drive = || {
        let mut matcher = new();
        let mut bus = Bus::new("1", (0.0, 0.0), "08:00");
        bus.drive((4_000.0, 0.0), &mut matcher, &network);
        (bus.history, bus.visits)
    };
    assert_eq!(drive(), drive());
}

#[test]
fn a_run_that_was_driven_is_not_driven_again() {
    let network = street().every("east", 10, 360, 1_320).network();
    let mut matcher = new();
    let mut first = Bus::new("1", (0.0, 0.0), "08:00");
    first.drive((4_000.0, 0.0), &mut matcher, &network);
    // Nearer to 08:00 than to 08:10, had the first not been there.
    let mut second = Bus::new("2", (0.0, 0.0), "08:07");
    second.clock_s = first.clock_s - 400.0;
    second.drive((1_000.0, 0.0), &mut matcher, &network);
    assert_ne!(trip_of(&network, second.now()), some("east@08:00"));
}

#[test]
fn who_stood_ready_leaves_on_time_and_who_came_late_leaves_late() {
    let network = street().every("east", 5, 360, 1_320).network();
    let mut matcher = new();
    let mut ready = Bus::new("1", (0.0, 0.0), "07:50");
    ready.stand_until("08:05", &mut matcher, &network);
    ready.drive((1_000.0, 0.0), &mut matcher, &network);
    assert_eq!(trip_of(&network, ready.now()), some("east@08:05"), "five minutes late would be odd");
}

#[test]
fn a_bus_that_drives_a_line_from_end_to_end_without_waiting_needs_longer() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (0.0, 1_000.0), "07:56");
    bus.drive((0.0, 0.0), &mut matcher, &network);
    bus.drive((300.0, 0.0), &mut matcher, &network);
    assert_eq!(bus.now().run, None, "it may pass by on its way");
    bus.drive((900.0, 0.0), &mut matcher, &network);
    assert_eq!(told(&network, &bus), (InService, Matched, some("east@08:00")));
}

#[test]
fn a_turn_in_the_middle_ends_the_trip() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (0.0, 0.0), "08:00");
    bus.drive((2_000.0, 0.0), &mut matcher, &network);
    assert_eq!(trip_of(&network, bus.now()), some("east@08:00"));
    bus.drive((1_500.0, 0.0), &mut matcher, &network);
    assert_ne!(trip_of(&network, bus.now()), some("east@08:00"), "it drives the other way now");
}

#[test]
fn a_breakdown_is_told_long_before_the_trip_is_given_back() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (0.0, 0.0), "08:00");
    bus.drive((2_150.0, 0.0), &mut matcher, &network);
    let times = TravelTimes::default();
    let coming = |bus: &Bus| predict(&network, &times, &bus.key, bus.now(), bus.now().fix_time);
    assert_eq!((bus.now().stands_since, bus.now().held()), (None, None));
    bus.stand(200.0, &mut matcher, &network);
    assert_eq!(bus.now().held(), None);
    assert!(!coming(&bus).is_empty());
    bus.stand(200.0, &mut matcher, &network);
    let (why, since) = bus.now().held().expect("held");
    assert_eq!((why, trip_of(&network, bus.now())), (Held::Standing, some("east@08:00")));
    assert!((bus.now().fix_time.seconds_since(since) - 400.0).abs() <= 2.0 * INTERVAL_S, "{since}");
    assert!(coming(&bus).is_empty(), "nobody can tell when it comes");
    bus.drive((2_700.0, 0.0), &mut matcher, &network);
    assert_eq!(bus.now().held(), None);
    assert!(!coming(&bus).is_empty(), "it goes on");
}

#[test]
fn a_bus_that_left_its_way_for_minutes_is_not_told_as_coming() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (0.0, 0.0), "08:00");
    bus.drive((2_000.0, 0.0), &mut matcher, &network);
    bus.drive((2_000.0, 900.0), &mut matcher, &network);
    assert_eq!((bus.now().state, bus.now().held()), (OffRoute, None));
    bus.drive((2_400.0, 2_000.0), &mut matcher, &network);
    assert_eq!(bus.now().held().map(|(why, _)| why), Some(Held::OffRoute));
    let found = predict(&network, &TravelTimes::default(), &bus.key, bus.now(), bus.now().fix_time);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn waiting_for_the_departure_is_no_standing() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (-400.0, 0.0), "07:40");
    bus.drive((0.0, 0.0), &mut matcher, &network);
    bus.stand_until("07:59", &mut matcher, &network);
    assert_eq!(bus.now().held(), None, "{:?}", bus.now());
}

#[test]
fn standing_long_on_the_way_gives_the_trip_back() {
    let (network, mut matcher) = (served_street(), new());
    let mut bus = Bus::new("1", (0.0, 0.0), "08:00");
    bus.drive((2_000.0, 0.0), &mut matcher, &network);
    bus.stand(1_200.0, &mut matcher, &network);
    assert_eq!(bus.now().run, None, "{:?}", bus.now());
    assert_ne!(bus.now().state, InService);
}
