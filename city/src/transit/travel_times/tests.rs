use super::*;
use crate::transit::example::{LINK_S, after_start, drive, later, network, on_the_way, pattern, run, vehicle};
use crate::transit::predict;

const DAYS: [&str; 10] = [
    "2026-06-01",
    "2026-06-02",
    "2026-06-03",
    "2026-06-04",
    "2026-06-05",
    "2026-06-08",
    "2026-06-09",
    "2026-06-10",
    "2026-06-11",
    "2026-06-12",
];

/// Every trip of ten weekdays, in the order of departure, a little faster and slower in turn.
fn learnt(network: &Network, link_s: f64) -> TravelTimes {
    let mut times = TravelTimes::default();
    for (n, day) in DAYS.iter().enumerate() {
        let mut visits = Vec::new();
        for trip in 0..60 {
            let factor = [0.9, 1.0, 1.1][(n + trip) % 3];
            visits.extend(drive(network, trip, run(network, &format!("t{trip}"), day), (20.0, link_s * factor, 15.0)));
        }
        visits.sort_by_key(|visit| visit.departure.micros());
        visits.iter().for_each(|visit| times.learn(network, visit));
    }
    times
}

fn whole_line_s(network: &Network, times: &TravelTimes, at: Instant) -> f64 {
    let pattern = pattern(network, "r");
    let length_m = network.pattern(pattern).line.length_m();
    times.usual_between(network, pattern, (0.0, length_m), at)
}

#[test]
fn what_was_driven_counts_for_more_than_what_was_planned() {
    let network = network();
    let at = "2026-06-15T07:00:00Z".parse().unwrap();
    let planned_s = 11.0 * f64::from(LINK_S);
    let before = whole_line_s(&network, &TravelTimes::default(), at);
    assert!((before / planned_s - 1.0).abs() < 0.15, "{before} s by the timetable, which says {planned_s} s");
    let after = whole_line_s(&network, &learnt(&network, 160.0), at);
    assert!((after / (11.0 * 160.0) - 1.0).abs() < 0.05, "{after} s after days of 1 760 s");
}

#[test]
fn one_absurd_link_time_changes_little() {
    let network = network();
    let at = "2026-06-15T07:00:00Z".parse().unwrap();
    let mut times = learnt(&network, 100.0);
    let before = whole_line_s(&network, &times, at);
    let late = run(&network, "t6", "2026-06-15");
    let mut visits = drive(&network, 3, late, (0.0, 100.0, 15.0));
    for visit in &mut visits[5..] {
        (visit.arrival, visit.departure) = (later(visit.arrival, 3_000.0), later(visit.departure, 3_000.0));
    }
    visits.iter().for_each(|visit| times.learn(&network, visit));
    let after = whole_line_s(&network, &times, later(visits[11].arrival, 14_400.0));
    assert!((after / before - 1.0).abs() < 0.03, "{before} → {after} s");
}

#[test]
fn a_jam_that_others_met_is_expected_for_those_behind() {
    let network = network();
    let mut times = learnt(&network, 100.0);
    let first = run(&network, "t6", "2026-06-15");
    let behind = run(&network, "t7", "2026-06-15");
    let arrival = |times: &TravelTimes| {
        let now = after_start(&network, behind, 60.0);
        let assignment = on_the_way(&network, behind, 1, 0.5, now);
        let found = predict(&network, times, &vehicle(7), &assignment, now);
        found[5].arrival.likely.seconds_since(now)
    };
    let usual_s = arrival(&times);
    let visits = drive(&network, 6, first, (0.0, 150.0, 15.0));
    let seen = visits.iter().filter(|visit| visit.departure.micros() <= after_start(&network, behind, 0.0).micros());
    seen.for_each(|visit| times.learn(&network, visit));
    let now_s = arrival(&times);
    assert!(now_s > usual_s * 1.04, "{usual_s} s as a rule, {now_s} s behind one that took half as long again");
}

#[test]
fn a_late_visit_and_a_second_telling_teach_nothing() {
    let network = network();
    let mut times = learnt(&network, 100.0);
    let visits = drive(&network, 6, run(&network, "t6", "2026-06-15"), (0.0, 120.0, 15.0));
    visits.iter().for_each(|visit| times.learn(&network, visit));
    let once = times.observations;
    times.learn(&network, &visits[3]);
    assert_eq!(times.observations, once);
}

#[test]
fn what_was_learnt_survives_a_restart_word_for_word() {
    let network = network();
    let times = learnt(&network, 130.0);
    let text = serde_json::to_string(&times).unwrap();
    let again: TravelTimes = serde_json::from_str(&text).unwrap();
    let at = "2026-06-15T07:00:00Z".parse().unwrap();
    assert_eq!(whole_line_s(&network, &times, at), whole_line_s(&network, &again, at));
    assert_eq!(serde_json::to_string(&again).unwrap(), text);
}

#[test]
fn a_saved_state_with_numbers_that_point_nowhere_is_read_without_them() {
    let network = network();
    let mut saved: serde_json::Value = serde_json::to_value(learnt(&network, 130.0)).unwrap();
    saved["stops"].as_array_mut().unwrap().truncate(3);
    let again: TravelTimes = serde_json::from_value(saved).unwrap();
    assert_eq!(again.links(), 2, "between the three stops that are left");
}

#[test]
fn the_state_does_not_grow_with_the_days() {
    let network = network();
    let mut times = learnt(&network, 100.0);
    let bytes = times.bytes();
    for day in ["2026-06-15", "2026-06-16", "2026-06-17"] {
        for trip in 0..60 {
            let visits = drive(&network, trip, run(&network, &format!("t{trip}"), day), (20.0, 100.0, 15.0));
            visits.iter().for_each(|visit| times.learn(&network, visit));
        }
    }
    assert!(times.bytes() <= bytes * 11 / 10, "{bytes} → {}", times.bytes());
}

#[test]
fn a_holiday_drives_like_the_sunday_whose_services_run() {
    let mut timetable = network().timetable().clone();
    let holiday = "2026-06-29".parse().unwrap();
    timetable.services.values_mut().for_each(|calendar| {
        calendar.exceptions.insert(holiday, false);
    });
    let network = Network::new(timetable).unwrap();
    assert_eq!(DayKind::of(&network, holiday), DayKind::Sunday);
    assert_eq!(DayKind::of(&network, "2026-06-30".parse().unwrap()), DayKind::Weekday);
    assert_eq!(DayKind::of(&network, "2026-06-27".parse().unwrap()), DayKind::Saturday);
}

#[test]
fn the_parts_of_a_residual_are_found_again_in_its_products() {
    // 0.5 of the variance is the link's, with a memory of 20 minutes.
    let mut lessons = Lessons::default();
    for n in 0..20_000_u32 {
        lessons.square(if n % 2 == 0 { 1.2 } else { -0.748_331_5 });
        let near = 0.5 * (-600.0_f32 / 1_200.0).exp();
        let far = 0.5 * (-1_800.0_f32 / 1_200.0).exp();
        lessons.link(near, 1.0, 600.0);
        lessons.link(far, 1.0, 1_800.0);
        lessons.city(0.0, 1.0);
    }
    let shares = lessons.shares();
    assert!((shares.link_memory_s - 1_200.0).abs() < 60.0, "{shares:?}");
    assert!((shares.link - 0.5).abs() < 0.03, "{shares:?}");
}

#[test]
fn a_calibration_finds_the_quantiles_of_its_errors() {
    let mut calibration = Calibration::default();
    for n in 0..40_000_u32 {
        // Evenly spread over −2…2, in an order without pattern.
        let z = (n.wrapping_mul(2_654_435_761) % 4_001) as f32 / 1_000.0 - 2.0;
        calibration.learn(400.0, z);
    }
    let [low, middle, high] = calibration.quantiles(480.0);
    assert!(
        (low + 1.6).abs() < 0.08 && (middle + 0.2).abs() < 0.08 && (high - 1.6).abs() < 0.08,
        "{low} {middle} {high}"
    );
}
