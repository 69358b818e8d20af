use proptest::prelude::*;

use super::*;
use crate::transit::example::{STOPS, after_start, drive, later, network, on_the_way, pattern, run, vehicle};
use crate::transit::{MatchReason, StopVisit};

const DAY: &str = "2026-06-15";

fn width_s(range: Range) -> f64 {
    range.latest.seconds_since(range.earliest)
}

#[test]
fn without_history_the_timetable_says_when_and_the_range_is_wide() {
    let network = network();
    let run = run(&network, "t5", DAY);
    let now = after_start(&network, run, 50.0);
    let assignment = on_the_way(&network, run, 1, 0.6, now);
    let found = predict(&network, &TravelTimes::default(), &vehicle(1), &assignment, now);
    let own: Vec<_> = found.iter().filter(|one| one.run == Some(run)).collect();
    assert_eq!(own.iter().map(|one| one.call).collect::<Vec<_>>(), (1..STOPS).collect::<Vec<_>>());
    let last = own.last().unwrap();
    let planned = Instant::from_timestamp(network.planned(run, STOPS - 1).unwrap().arrival);
    assert!(last.arrival.likely.seconds_since(planned).abs() < 180.0, "{last:?} planned {planned}");
    let ahead_s = last.arrival.likely.seconds_since(now);
    assert!(width_s(last.arrival) > 0.3 * ahead_s, "{} s of {ahead_s} s", width_s(last.arrival));
}

#[test]
fn without_timetable_the_range_is_wider_still() {
    let network = network();
    let planned = run(&network, "t5", DAY);
    let now = after_start(&network, planned, 50.0);
    let on_plan = on_the_way(&network, planned, 1, 0.6, now);
    let free = Assignment { pattern: Some(pattern(&network, "free")), run: None, ..on_plan.clone() };
    let times = TravelTimes::default();
    let relative = |assignment: &Assignment| {
        let found = predict(&network, &times, &vehicle(1), assignment, now);
        width_s(found[8].arrival) / found[8].arrival.likely.seconds_since(now)
    };
    assert!(relative(&free) > 1.2 * relative(&on_plan), "{} {}", relative(&free), relative(&on_plan));
}

#[test]
fn an_old_fix_makes_the_range_wider_and_nothing_lies_in_the_past() {
    let network = network();
    let run = run(&network, "t5", DAY);
    let fix_time = after_start(&network, run, 50.0);
    let assignment = on_the_way(&network, run, 1, 0.6, fix_time);
    let at = |age_s: f64| {
        let now = later(fix_time, age_s);
        let found = predict(&network, &TravelTimes::default(), &vehicle(1), &assignment, now);
        (found[5].clone(), found[0].clone(), now)
    };
    let (fresh, ..) = at(0.0);
    let (old, first, now) = at(240.0);
    assert!(first.arrival.earliest.micros() >= now.micros());
    assert!(
        width_s(old.arrival) > 1.05 * width_s(fresh.arrival),
        "{} {}",
        width_s(old.arrival),
        width_s(fresh.arrival)
    );
}

#[test]
fn one_that_stands_longer_than_a_red_light_comes_later_and_nobody_knows_how_much() {
    let network = network();
    let run = run(&network, "t5", DAY);
    let now = after_start(&network, run, 250.0);
    let stood = |seconds: f64| {
        let stands_since = Some(later(now, -seconds));
        let assignment = Assignment { stands_since, ..on_the_way(&network, run, 3, 0.5, now) };
        predict(&network, &TravelTimes::default(), &vehicle(1), &assignment, now)
    };
    let (moving, light, held) = (stood(0.0), stood(60.0), stood(240.0));
    assert_eq!(moving, light, "a light is part of every link");
    assert!(held[0].arrival.likely.seconds_since(moving[0].arrival.likely) > 60.0);
    assert!(width_s(held[0].arrival) > 2.0 * width_s(moving[0].arrival));
    assert!(stood(300.0).is_empty());
}

#[test]
fn a_vehicle_at_a_stop_is_there_now_and_leaves_soon() {
    let network = network();
    let run = run(&network, "t5", DAY);
    let now = after_start(&network, run, 300.0);
    let assignment = on_the_way(&network, run, 3, 1.0, now);
    let found = predict(&network, &TravelTimes::default(), &vehicle(1), &assignment, now);
    assert_eq!(found[0].call, 3);
    assert!(found[0].arrival.latest.seconds_since(now) < 1.0);
    assert!(found[0].departure.likely.seconds_since(now) > 1.0);
}

#[test]
fn during_a_layover_the_plan_says_when_it_leaves() {
    let network = network();
    let run = run(&network, "t5", DAY);
    let now = after_start(&network, run, -400.0);
    let assignment = Assignment {
        state: ServiceState::Layover,
        along_m: Some(0.0),
        next_call: Some(0),
        ..on_the_way(&network, run, 1, 0.0, now)
    };
    let found = predict(&network, &TravelTimes::default(), &vehicle(1), &assignment, now);
    let leaves_s = found[0].departure.likely.seconds_since(now);
    assert!((380.0..500.0).contains(&leaves_s), "{leaves_s}");
    assert_eq!(found[0].call, 0);
    assert_eq!(found[1].call, 1);
}

#[test]
fn the_next_trip_of_the_block_follows_and_waits_for_its_plan() {
    let network = network();
    let (run, next) = (run(&network, "t5", DAY), run(&network, "t105", DAY));
    let now = after_start(&network, run, 800.0);
    let assignment = on_the_way(&network, run, 9, 0.5, now);
    let found = predict(&network, &TravelTimes::default(), &vehicle(1), &assignment, now);
    let start = found.iter().find(|one| one.run == Some(next) && one.call == 0).unwrap();
    let planned = Instant::from_timestamp(network.planned(next, 0).unwrap().departure);
    assert!((-30.0..150.0).contains(&start.departure.likely.seconds_since(planned)), "{start:?}");
    // So late that the plan cannot be kept: it turns and leaves.
    let now = later(now, 1_800.0);
    let late = on_the_way(&network, run, 9, 0.5, now);
    let found = predict(&network, &TravelTimes::default(), &vehicle(1), &late, now);
    let end = found.iter().find(|one| one.run == Some(run) && one.call == STOPS - 1).unwrap();
    let start = found.iter().find(|one| one.run == Some(next) && one.call == 0).unwrap();
    assert!(start.departure.likely.seconds_since(end.arrival.likely) > 30.0);
    assert!(start.departure.likely.seconds_since(planned) > 300.0);
}

#[test]
fn a_vehicle_that_is_not_on_its_way_has_no_arrivals() {
    let network = network();
    let run = run(&network, "t5", DAY);
    let now = after_start(&network, run, 50.0);
    for state in [ServiceState::Unknown, ServiceState::AtDepot, ServiceState::Deadhead] {
        let assignment = Assignment { state, ..on_the_way(&network, run, 1, 0.6, now) };
        assert!(predict(&network, &TravelTimes::default(), &vehicle(1), &assignment, now).is_empty(), "{state:?}");
    }
    let nowhere =
        Assignment { pattern: None, reason: MatchReason::SeveralWays, ..on_the_way(&network, run, 1, 0.6, now) };
    assert!(predict(&network, &TravelTimes::default(), &vehicle(1), &nowhere, now).is_empty());
}

#[test]
fn the_later_of_two_moments_is_what_clark_says() {
    // Two equal standard normal moments: mean 1/√π, variance 1 − 1/π.
    let (mean, variance) = latest_of((0.0, 1.0), (0.0, 1.0));
    assert!((mean - 0.564_19).abs() < 1e-4, "{mean}");
    assert!((variance - (1.0 - 1.0 / std::f64::consts::PI)).abs() < 1e-4, "{variance}");
    let (mean, variance) = latest_of((500.0, 100.0), (0.0, 100.0));
    assert!((mean - 500.0).abs() < 1e-3 && (variance - 100.0).abs() < 1e-2, "{mean} {variance}");
}

proptest! {
    #[test]
    fn ranges_are_ordered_never_in_the_past_and_never_go_back(
        late_s in -300.0..1_800.0_f64,
        link_s in 30.0..900.0_f64,
        dwell_s in 0.0..60.0_f64,
        next_call in 1..STOPS,
        part in 0.0..1.0_f64,
        age_s in -5.0..900.0_f64,
        state in prop::sample::select(vec![ServiceState::InService, ServiceState::OffRoute, ServiceState::Layover]),
        timed in any::<bool>(),
    ) {
        let network = network();
        let mut times = TravelTimes::default();
        let run = run(&network, "t5", DAY);
        let visits = drive(&network, 1, run, (late_s, link_s, dwell_s.min(link_s - 5.0)));
        let seen: &[StopVisit] = &visits[..next_call];
        seen.iter().for_each(|visit| times.learn(&network, visit));
        let fix_time = later(seen[next_call - 1].departure, link_s * part);
        let now = later(fix_time, age_s);
        let mut assignment = on_the_way(&network, run, next_call, part, fix_time);
        assignment.state = state;
        if !timed {
            (assignment.pattern, assignment.run) = (Some(pattern(&network, "free")), None);
        }
        let found = predict(&network, &times, &vehicle(1), &assignment, now);
        prop_assert!(!found.is_empty());
        let mut before: Option<Range> = None;
        for range in found.iter().flat_map(|one| [one.arrival, one.departure]) {
            prop_assert!(range.earliest.micros() >= now.micros());
            prop_assert!(range.earliest.micros() <= range.likely.micros());
            prop_assert!(range.likely.micros() <= range.latest.micros());
            if let Some(before) = before {
                prop_assert!(before.earliest.micros() <= range.earliest.micros());
                prop_assert!(before.likely.micros() <= range.likely.micros());
                prop_assert!(before.latest.micros() <= range.latest.micros());
            }
            before = Some(range);
        }
    }
}
