//! Matching and prediction in a small simulated city whose truth is known. The benchmark `transit`
//! has the whole table; here stand the orders and floors that must always hold.

#[allow(dead_code, reason = "the benchmark uses other parts of it than the tests")]
#[path = "../benches/transit/misto.rs"]
mod misto;
#[allow(dead_code, reason = "the benchmark uses other parts of it than the tests")]
#[path = "../benches/transit/scoring/mod.rs"]
mod scoring;
#[allow(dead_code, reason = "the benchmark uses other parts of it than the tests")]
#[path = "../benches/transit/simulator/mod.rs"]
mod simulator;

use misto::{Heard, Told};
use misto_city::transit::Network;
use scoring::Predictor;
use scoring::baselines::{Delay, Schedule, TransitClock, filter};
use scoring::matching::Matching;
use scoring::replay::{Asked, EndToEnd, Listener, learn, replay};
use scoring::tally::Score;
use scoring::truth::Truth;
use simulator::driving::Doing;
use simulator::noise::DEVELOPMENT_SEEDS;
use simulator::routes::Size;
use simulator::{City, Day};

/// Days whose truth is learnt, then days whose fixes are heard, the last of them scored: a Wednesday.
const LEARNT: usize = 14;
const HEARD: usize = 3;

struct Outcome {
    baselines: [Score; 3],
    told: Score,
    heard: EndToEnd,
    matching: Matching,
}

fn outcome() -> Outcome {
    let city = City::new(Size::Small, DEVELOPMENT_SEEDS[0]);
    let network = Network::new(city.timetable().clone()).expect("a known time zone");
    let truth = Truth::new(&city, &network);
    let mut predictors: Vec<Box<dyn Predictor + '_>> = vec![
        Box::new(Schedule(&network)),
        Box::new(Delay(&network)),
        Box::new(TransitClock::new(&network)),
        Box::new(Told::new(&network)),
    ];
    let mut scores = vec![Score::default(); predictors.len()];
    let (mut listener, mut heard) = (Heard::new(&network), EndToEnd::default());
    for number in 0..LEARNT {
        learn(&truth.visits(&city.day(number)), &mut predictors);
    }
    for number in LEARNT..LEARNT + HEARD {
        let asked = Asked { score: number + 1 == LEARNT + HEARD, one_of: 3 };
        let listener: (&mut dyn Listener, _) = (&mut listener, &mut heard);
        replay(&truth, &city.day(number), asked, &mut predictors, &mut scores, Some(listener));
    }
    let [schedule, delay, clock, told] = scores.try_into().ok().expect("four of them");
    Outcome { baselines: [schedule, delay, clock], told, heard, matching: listener.matched() }
}

#[test]
fn trips_are_found_and_arrivals_predicted_better_than_by_every_baseline() {
    let Outcome { baselines, told, heard, matching } = outcome();
    assert!(matching.serving() > 10_000, "{}", matching.serving());
    assert!(matching.precision() > 0.97, "precision {}", matching.precision());
    assert!(matching.recall() > 0.93, "recall {}", matching.recall());
    assert!(matching.way_precision() > 0.97, "precision of the way {}", matching.way_precision());
    assert!(matching.ghosts() < 0.06, "on a trip while idle {}", matching.ghosts());

    let middle_s = |score: &Score| score.five_to_fifteen().mae_s();
    for (name, baseline) in ["schedule", "schedule and delay", "TransitClock"].iter().zip(&baselines) {
        assert!(baseline.five_to_fifteen().count > 1_000);
        assert!(middle_s(&told) < middle_s(baseline), "{name}: {} against {}", middle_s(&told), middle_s(baseline));
        assert!(told.benchmark() > baseline.benchmark(), "{name}: {}", baseline.benchmark());
    }
    // The yardstick itself: who knows how late a vehicle is beats who does not.
    assert!(middle_s(&baselines[1]) < middle_s(&baselines[0]));
    assert!(told.benchmark() > 0.85, "ETA accuracy {}", told.benchmark());
    let [within, ..] = told.coverage().unwrap();
    assert!((0.72..0.88).contains(&within), "within p10–p90 {within}");

    assert!(heard.answered * 100 > heard.asked * 90, "{} of {}", heard.answered, heard.asked);
    assert!(middle_s(&heard.score) < middle_s(&baselines[1]), "end to end {}", middle_s(&heard.score));
    assert!(middle_s(&heard.score) > middle_s(&told) * 0.9, "who hears less knows no more");
}

#[test]
fn the_filter_of_transitclock_gives_its_published_example() {
    let (predicted_s, error) = filter(&[380.0, 420.0, 400.0], 300.0, 72.40);
    assert!((355.0..356.0).contains(&predicted_s), "{predicted_s}");
    assert!((149.0..150.0).contains(&error), "{error}");
    // Days that were all alike leave nothing to weigh.
    let (predicted_s, _) = filter(&[400.0; 3], 300.0, 0.0);
    assert!((predicted_s - 400.0).abs() < 1e-9);
}

fn same_motion(a: &Day, b: &Day) -> bool {
    let places = |day: &Day| -> Vec<(u64, [u32; 2])> {
        let knots = day.vehicles.iter().flat_map(|vehicle| &vehicle.knots);
        knots.map(|knot| (knot.at_s.to_bits(), knot.place.map(f32::to_bits))).collect()
    };
    places(a) == places(b)
}

#[test]
fn a_day_is_the_same_whenever_it_is_made_and_no_two_are_alike() {
    let city = City::new(Size::Small, 5);
    let again = City::new(Size::Small, 5);
    assert_eq!(city.timetable(), again.timetable());
    let day = city.day(9);
    assert!(same_motion(&day, &again.day(9)));
    assert!(!same_motion(&day, &city.day(2)));
    let (fixes, others) = (city.fixes(&day), again.fixes(&again.day(9)));
    assert_eq!(fixes.len(), others.len());
    let last = fixes.len() - 1;
    assert_eq!(city.received(&day, &fixes[last]), again.received(&again.day(9), &others[last]));
    assert_ne!(City::new(Size::Small, 6).timetable(), city.timetable());
}

/// Truth without contradiction: time never goes back, nobody is in two places, trackers err as they should.
#[test]
fn the_truth_is_consistent() {
    let city = City::new(Size::Small, 5);
    let day = city.day(1);
    let mut driven = std::collections::BTreeSet::new();
    for vehicle in &day.vehicles {
        assert!(vehicle.knots.is_sorted_by(|a, b| a.at_s <= b.at_s));
        assert!(vehicle.spells.windows(2).all(|pair| pair[0].to_s == pair[1].from_s));
        for pair in vehicle.knots.windows(2) {
            let metres = (pair[1].place[0] - pair[0].place[0]).hypot(pair[1].place[1] - pair[0].place[1]);
            let seconds = pair[1].at_s - pair[0].at_s;
            assert!(f64::from(metres) <= 25.0 * seconds + 1.0, "{metres} m in {seconds} s");
        }
    }
    for (_, spell) in day.runs() {
        assert!(driven.insert(spell.trip), "two vehicles on one trip");
        assert!(spell.visits.windows(2).all(|pair| pair[0].departure_s <= pair[1].arrival_s));
        assert!(spell.visits.windows(2).all(|pair| pair[0].call + 1 == pair[1].call));
    }
    let workday = city.timetable().trips.iter().filter(|trip| trip.service.0 == "workday").count();
    assert!(driven.len() * 100 > workday * 85 && driven.len() <= workday, "{} of {workday}", driven.len());

    let fixes = city.fixes(&day);
    assert!(fixes.is_sorted_by(|a, b| a.received_s <= b.received_s));
    let depot = fixes.iter().filter(|fix| day.spell(fix.vehicle as usize, fix.at_s).doing == Doing::AtDepot);
    assert!(depot.count() > 1_000);
    let mut off_m: Vec<f64> = Vec::new();
    for fix in &fixes {
        let knots = &day.vehicles[fix.vehicle as usize].knots;
        let next = knots.partition_point(|knot| knot.at_s <= fix.at_s).clamp(1, knots.len() - 1);
        let (place, _) = simulator::trackers::between(&knots[next - 1], &knots[next], fix.at_s);
        off_m.push((f64::from(fix.place[0]) - place[0]).hypot(f64::from(fix.place[1]) - place[1]));
    }
    off_m.sort_by(f64::total_cmp);
    let median_m = off_m[off_m.len() / 2];
    assert!((3.0..10.0).contains(&median_m), "{median_m}");
    assert!(off_m[off_m.len() - 1] > 40.0, "somebody is led astray");
}
