//! Cairns and Caltrain against a time-dependent Dijkstra, with the times of the timetable and
//! with delays.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant as Stopwatch;

use jiff::civil::Date;
use misto_city::journey::{ChangeRules, Live, Planner, Query, When, plan, reach};
use misto_city::transit::{Network, Run};
use misto_model::Position;

use super::dijkstra::Dijkstra;
use super::feed;
use super::truth::{CHANGE_S, Facts, NEAR_M, SPEED_M_S, Told, Truth, seconds};
use super::{at, live, query, range, walk};

/// Numbers that look random and are the same each time (Steele, Lea, Flood: SplitMix64, 2014).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

/// Every third run of a day is late by up to 20 minutes, every thirtieth does not take place.
pub fn disturbed(network: &Network, day: Date, dice: &mut Dice) -> (BTreeMap<Run, Told>, BTreeSet<Run>) {
    let (mut told, mut cancelled) = (BTreeMap::new(), BTreeSet::new());
    let start = network.day_start(day).expect("a day").as_second();
    for trip in &network.timetable().trips {
        let run = Run { trip: network.find_trip(&trip.id).expect("of this network"), day };
        if !network.runs_on(run.trip, day) || network.pattern_of(run.trip).is_none() {
            continue;
        }
        if dice.below(30) == 0 {
            cancelled.insert(run);
        } else if dice.below(3) == 0 {
            let (late_s, first) = (dice.below(1_200) as i64 - 120, dice.below(2) as usize);
            let exactly = |seconds: f64| range(start + seconds.round() as i64 + late_s, 30, 60);
            let times = network.call_times(run.trip).iter().skip(first);
            let times = times.map(|call| (exactly(call.arrival_s), exactly(call.departure_s))).collect();
            told.insert(run, Told { first, times, low_floor: None });
        }
    }
    (told, cancelled)
}

fn compare(name: &str, day: &str, starts: usize) {
    let Some(path) = feed::recorded(name) else { return };
    let network = Network::new(feed::timetable(&path)).expect("a network");
    let planner = Planner::new(&network, &ChangeRules { change_s: CHANGE_S as u32, near_m: NEAR_M });
    let day: Date = day.parse().expect("a day");
    let mut dice = Dice(7);
    let midnight = network.day_start(day).expect("a day").as_second();
    let nothing = (BTreeMap::new(), BTreeSet::new());
    let disturbed = disturbed(&network, day, &mut dice);
    for (what, (told, cancelled)) in [("by timetable", nothing), ("with delays", disturbed)] {
        let live = live(&network, &planner, at(midnight + 7_200), &told, |_| usize::MAX, &cancelled);
        let truth = Truth::new(&network, day, &Facts { told: &told, cancelled: &cancelled, step_free: false });
        let dijkstra = Dijkstra::new(&truth);
        let (mut pairs, mut reached_pairs, mut ours_s, mut theirs_s) = (0, 0, 0.0, 0.0);
        for _ in 0..starts {
            let start = dice.below(truth.stops.len() as u64) as usize;
            let from = midnight + 7_200 + dice.below(79_200) as i64;
            let access = [walk(&truth.stops[start], 60)];
            let asked = Query { rides: 12, ..query(When::LeaveAt(at(from)), &access, &[], false) };
            let watch = Stopwatch::now();
            let reached = reach(&network, &planner, &live, &asked).expect("a day of the feed");
            ours_s += watch.elapsed().as_secs_f64();
            let watch = Stopwatch::now();
            let (expected, _) = dijkstra.arrivals(&[(start, from + 60)], None, from + 86_400);
            theirs_s += watch.elapsed().as_secs_f64();
            for (number, stop) in truth.stops.iter().enumerate() {
                let expected = Some(expected[number]).filter(|at| *at < i64::MAX);
                assert_eq!(reached.get(stop).map(|at| seconds(*at)), expected, "{start} → {stop} at {from}, {what}");
                pairs += 1;
                reached_pairs += usize::from(expected.is_some());
            }
        }
        println!(
            "{name} {what}: {pairs} pairs, {reached_pairs} of them reached, the same arrival; {ours_s:.1} s, Dijkstra {theirs_s:.1} s"
        );
        assert!(reached_pairs * 4 > pairs, "most of a city can be reached");
        door_to_door(&network, &planner, &live, &truth, &mut dice, midnight);
    }
}

/// Between places beside stops, as a person asks.
fn door_to_door(network: &Network, planner: &Planner, live: &Live, truth: &Truth, dice: &mut Dice, midnight: i64) {
    let dijkstra = Dijkstra::new(truth);
    let places: Vec<Position> = network.timetable().stops.values().map(|stop| stop.position).collect();
    for _ in 0..40 {
        let mut place = || places[dice.below(places.len() as u64) as usize];
        let (from, to) = (place(), place());
        let moment = midnight + 18_000 + dice.below(57_600) as i64;
        let near = |place| misto_city::journey::straight_walks(network.timetable(), place, 800.0, SPEED_M_S);
        let (access, egress) = (near(from), near(to));
        let asked = Query { rides: 12, journeys: 3, ..query(When::LeaveAt(at(moment)), &access, &egress, false) };
        let journeys = plan(network, planner, live, &asked).unwrap_or_default();
        let starts: Vec<(usize, i64)> =
            access.iter().map(|way| (truth.numbers[&way.stop], moment + i64::from(way.walk.walk_s))).collect();
        let door = egress.iter().map(|way| (truth.numbers[&way.stop], i64::from(way.walk.walk_s))).collect();
        let (_, expected) = dijkstra.arrivals(&starts, Some(&door), moment + 86_400);
        let expected = Some(expected).filter(|end| *end <= moment + 86_400);
        assert_eq!(journeys.iter().map(|one| seconds(one.arrive)).min(), expected, "{from:?} → {to:?} at {moment}");
    }
}

#[test]
fn cairns_arrives_when_dijkstra_does() {
    compare("gtfs-cairns/cairns_gtfs.zip", "2014-06-11", 12);
}

#[test]
fn caltrain_arrives_when_dijkstra_does() {
    compare("gtfs-caltrain/caltrain_20160406.zip", "2016-04-13", 60);
}
