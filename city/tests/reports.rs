//! A report that counts makes no place better for anybody.

use misto_city::access::{Verdict, judge};
use misto_city::reports::{About, Claim, worsen};
use misto_model::{AccessProfile, Entrance, Lift, StepsAllowed, Venue, WayIn};

fn ways() -> Vec<WayIn> {
    let mut ways = Vec::new();
    let flags = [None, Some(false), Some(true)];
    for entrance_steps in [None, Some(0), Some(1), Some(4)] {
        for has_ramp in flags {
            for has_hoist in flags {
                for ramp_slope_percent in [None, Some(5.0), Some(30.0)] {
                    let door_width_cm = Some(95.0);
                    ways.push(WayIn {
                        door_width_cm,
                        entrance_steps,
                        has_ramp,
                        has_hoist,
                        ramp_slope_percent,
                        ..WayIn::default()
                    });
                }
            }
        }
    }
    ways
}

fn people() -> [AccessProfile; 3] {
    [
        AccessProfile { chair_width_cm: Some(70.0), ..AccessProfile::default() },
        AccessProfile { steps: StepsAllowed::One, ..AccessProfile::default() },
        AccessProfile { needs_toilet: true, ..AccessProfile::default() },
    ]
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Fits => 0,
        Verdict::FitsWithHelp => 1,
        Verdict::Unknown => 2,
        Verdict::DoesNotFit => 3,
    }
}

#[test]
fn a_blocked_ramp_is_never_better() {
    let mut told = 0;
    for way_in in ways() {
        for several in [false, true] {
            let entrance = Entrance { feature_id: Some(5), way_in: way_in.clone(), ..Entrance::default() };
            let entrances = if several { vec![entrance] } else { Vec::new() };
            let before = Venue { way_in: way_in.clone(), entrances, ..Venue::default() };
            for about in [About::Venue, About::Entrance(5)] {
                let mut after = before.clone();
                worsen(&mut after, about, &Claim::Blocked);
                for person in people() {
                    let (was, _) = judge(&before, &person).unwrap();
                    let (is, reasons) = judge(&after, &person).unwrap();
                    assert!(rank(is) >= rank(was), "{before:?} {person:?}");
                    told += usize::from(reasons.iter().any(|reason| reason.code == "ramp_blocked"));
                }
            }
        }
    }
    assert!(told > 100, "the reason is told: {told}");
}

#[test]
fn a_broken_lift_is_never_better_and_the_only_one_decides() {
    let chair = &people()[0];
    let way_in = WayIn { door_width_cm: Some(95.0), entrance_steps: Some(0), ..WayIn::default() };
    let lift = |id, is_working| Lift { feature_id: Some(id), is_working, ..Lift::default() };
    let states = [None, Some(false), Some(true)];
    for lift_required in states {
        for first in states {
            for second in states {
                for lifts in [vec![], vec![lift(1, first)], vec![lift(1, first), lift(2, second)]] {
                    let before = Venue { way_in: way_in.clone(), lift_required, lifts, ..Venue::default() };
                    for about in [About::Venue, About::Lift(1)] {
                        let mut after = before.clone();
                        worsen(&mut after, about, &Claim::LiftBroken);
                        let (was, is) = (judge(&before, chair).unwrap().0, judge(&after, chair).unwrap().0);
                        assert!(rank(is) >= rank(was), "{before:?}");
                        if lift_required == Some(true) && before.lifts.len() == 1 {
                            assert_eq!(is, Verdict::DoesNotFit);
                        }
                    }
                }
            }
        }
    }
}
