//! A day as it goes by: fixes come, vehicles leave stops, and every half minute somebody asks when they arrive.

use misto_city::transit::StopVisit;
use misto_model::{Instant, VehicleKey, VehiclePosition};

use super::tally::Score;
use super::truth::Truth;
use super::{Estimate, Predictor};
use crate::simulator::Day;
use crate::simulator::driving::{Doing, Spell};
use crate::simulator::trackers::Fix;
use crate::simulator::traffic::{DAY_BEGIN_S, DAY_END_S};

/// Seconds between two questions.
const TICK_S: f64 = 30.0;
/// A vehicle that was not heard of for longer is not asked for.
const SILENT_S: f64 = 600.0;

/// Somebody who hears nothing but the fixes.
pub trait Listener {
    fn hear(&mut self, fix: &VehiclePosition, now: Instant);
    /// What time alone changes.
    fn tick(&mut self, now: Instant);
    /// After a fix was heard: compare what is said of its vehicle with the truth.
    fn judge(&mut self, truth: &Truth, day: &Day, fix: &Fix);
    /// Arrivals of a vehicle on its way, with the way; `None` when nothing is known of it.
    fn predict(&mut self, vehicle: &VehicleKey, now: Instant) -> Vec<(misto_city::transit::PatternIndex, Estimate)>;
}

/// How much of a day is asked.
#[derive(Clone, Copy)]
pub struct Asked {
    /// Whether this day is scored at all.
    pub score: bool,
    /// One of so many vehicles and moments.
    pub one_of: u64,
}

/// What became of the predictions of a listener.
#[derive(Default, Clone)]
pub struct EndToEnd {
    pub score: Score,
    /// True arrivals within half an hour that were asked for, and those that had a prediction.
    pub asked: u64,
    pub answered: u64,
}

/// Learns the truth of a day without asking.
pub fn learn(visits: &[StopVisit], predictors: &mut [Box<dyn Predictor + '_>]) {
    for visit in visits {
        predictors.iter_mut().for_each(|predictor| predictor.learn(visit));
    }
}

/// Goes through a day. `scores` belong to `predictors`, in their order.
pub fn replay(
    truth: &Truth,
    day: &Day,
    asked: Asked,
    predictors: &mut [Box<dyn Predictor + '_>],
    scores: &mut [Score],
    mut listener: Option<(&mut dyn Listener, &mut EndToEnd)>,
) {
    let (visits, fixes) = (truth.visits(day), truth.city.fixes(day));
    let (mut visits, mut fixes) = (visits.iter().peekable(), fixes.iter().peekable());
    let mut newest: Vec<Option<&Fix>> = vec![None; truth.vehicles.len()];
    predictors.iter_mut().for_each(|predictor| predictor.begin(day));
    let ticks = ((DAY_END_S - DAY_BEGIN_S) / TICK_S) as u64;
    for tick in 1..=ticks {
        let now_s = DAY_BEGIN_S + tick as f64 * TICK_S;
        let now = day.instant(now_s);
        while let Some(visit) = visits.next_if(|visit| visit.departure.micros() <= now.micros()) {
            predictors.iter_mut().for_each(|predictor| predictor.learn(visit));
        }
        while let Some(fix) = fixes.next_if(|fix| fix.received_s <= now_s) {
            let known = &mut newest[fix.vehicle as usize];
            let newer = known.is_none_or(|known| known.at_s < fix.at_s);
            if newer {
                *known = Some(fix);
            }
            if let Some((listener, _)) = &mut listener {
                listener.hear(&truth.city.received(day, fix), day.instant(fix.received_s));
                if newer && asked.score {
                    listener.judge(truth, day, fix);
                }
            }
        }
        if let Some((listener, _)) = &mut listener {
            listener.tick(now);
        }
        if !asked.score {
            continue;
        }
        for (vehicle, fix) in newest.iter().enumerate() {
            let Some(fix) = fix.filter(|fix| now_s - fix.at_s < SILENT_S) else { continue };
            let spell = day.spell(vehicle, now_s);
            if spell.doing != Doing::InService || !(tick + 7 * vehicle as u64).is_multiple_of(asked.one_of) {
                continue;
            }
            ask(truth, day, (fix, spell), now, predictors, scores);
            if let Some((listener, outcome)) = &mut listener {
                ask_listener(truth, day, (vehicle, spell), now, *listener, outcome);
            }
        }
    }
}

/// The true arrivals that still lie ahead.
fn ahead<'a>(day: &'a Day, spell: &'a Spell, now: Instant) -> impl Iterator<Item = (usize, Instant)> + 'a {
    let arrivals = spell.visits.iter().skip(1).map(|visit| (visit.call, day.instant(visit.arrival_s)));
    arrivals.filter(move |(_, arrival)| (0.0..1_800.0).contains(&arrival.seconds_since(now)))
}

fn ask(
    truth: &Truth,
    day: &Day,
    (fix, spell): (&Fix, &Spell),
    now: Instant,
    predictors: &mut [Box<dyn Predictor + '_>],
    scores: &mut [Score],
) {
    let Some(seen) = truth.seen(day, fix, spell) else { return };
    for (predictor, score) in predictors.iter_mut().zip(scores) {
        let estimates = predictor.predict(&seen, now);
        for (call, actual) in ahead(day, spell, now) {
            let estimate = estimates.iter().find(|estimate| estimate.call == call);
            let estimate = estimate.unwrap_or_else(|| panic!("{} says nothing of call {call}", predictor.name()));
            score.take(estimate, actual, now);
        }
    }
}

fn ask_listener(
    truth: &Truth,
    day: &Day,
    (vehicle, spell): (usize, &Spell),
    now: Instant,
    listener: &mut dyn Listener,
    outcome: &mut EndToEnd,
) {
    let Some(trip) = spell.trip else { return };
    let (_, way) = truth.run(day, trip);
    let estimates = listener.predict(&truth.vehicles[vehicle], now);
    for (call, actual) in ahead(day, spell, now) {
        outcome.asked += 1;
        let of_call = estimates.iter().find(|(pattern, estimate)| *pattern == way && estimate.call == call);
        if let Some((_, estimate)) = of_call {
            outcome.answered += 1;
            outcome.score.take(estimate, actual, now);
        }
    }
}
