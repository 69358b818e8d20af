//! Whether a vehicle is caught: the probability that it leaves after one is there, out of the
//! ranges of both.
//!
//! A range tells three quantiles (10, 45 and 90 in 100; [`Range`]). Between and beyond them the
//! moment is taken as normal on each side: the quantile is linear in the quantile of the
//! standard normal. Arrival and departure are taken as independent. Walking is taken as told.
//! The rule and its threshold are ours.

use misto_model::Instant;

use crate::transit::Range;
use crate::transit::prediction::normal_below;

/// From this probability on a vehicle is likely caught; below it is tight. Ours: it is what the
/// ends of a range stand for, nine times in ten.
pub const LIKELY: f64 = 0.9;

/// Whether a vehicle is caught.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Catch {
    /// At least as probable as [`LIKELY`].
    Likely {
        /// How probable.
        probability: f64,
    },
    /// Less probable.
    Tight {
        /// How probable.
        probability: f64,
    },
    /// Only the timetable tells when it comes, or the one before it: how probable nobody knows.
    ByPlan {
        /// Seconds that are left by plan, beside the way and the change.
        spare_s: f64,
    },
}

/// Standard normal quantiles of 0.10, 0.45 and 0.90.
const SCORES: [f64; 3] = [-1.281_551_6, -0.125_661_3, 1.281_551_6];
/// A moment is taken at so many quantiles.
const STEPS: usize = 60;

/// Probability that `departure` is at least `need_s` after `arrival`.
pub(super) fn probability(arrival: Range, departure: Range, need_s: f64) -> f64 {
    let base = departure.likely;
    let (arrival, departure) = (Moments::new(arrival, base), Moments::new(departure, base));
    let each = (0..STEPS).map(|step| {
        let there_s = arrival.at_score(score((step as f64 + 0.5) / STEPS as f64)) + need_s;
        1.0 - departure.below(there_s)
    });
    each.sum::<f64>() / STEPS as f64
}

/// A moment that is known exactly.
pub(super) fn exactly(at: Instant) -> Range {
    Range { earliest: at, likely: at, latest: at }
}

pub(super) fn catch(probability: f64) -> Catch {
    // No better than its hundredth: who leaves at the end of a range must not fall below it.
    if (probability * 100.0).round() / 100.0 >= LIKELY {
        Catch::Likely { probability }
    } else {
        Catch::Tight { probability }
    }
}

/// The three quantiles, seconds after a base, none before the other.
struct Moments([f64; 3]);

impl Moments {
    fn new(range: Range, base: Instant) -> Self {
        let [early, middle, late] = [range.earliest, range.likely, range.latest].map(|at| at.seconds_since(base));
        Self([early.min(middle), middle, late.max(middle)])
    }

    fn at_score(&self, score: f64) -> f64 {
        let [early, middle, late] = self.0;
        let side = if score < SCORES[1] {
            (middle - early) / (SCORES[1] - SCORES[0])
        } else {
            (late - middle) / (SCORES[2] - SCORES[1])
        };
        middle + (score - SCORES[1]) * side
    }

    /// Probability that it is before a moment.
    fn below(&self, at_s: f64) -> f64 {
        let [early, middle, late] = self.0;
        let (side, part) = if at_s < middle { (middle - early, 0) } else { (late - middle, 1) };
        if side <= 0.0 {
            let on_the_moment = if early < middle { normal_below(SCORES[1]) } else { 0.0 };
            return match at_s.total_cmp(&middle) {
                std::cmp::Ordering::Less => 0.0,
                // Who comes with the moment itself is in time.
                std::cmp::Ordering::Equal => on_the_moment,
                std::cmp::Ordering::Greater => 1.0,
            };
        }
        normal_below(SCORES[1] + (at_s - middle) / side * (SCORES[part + 1] - SCORES[part]))
    }
}

/// Standard normal quantile, by halving: exact enough for a share of a hundred.
fn score(share: f64) -> f64 {
    let (mut low, mut high) = (-6.0, 6.0);
    for _ in 0..40 {
        let middle = (low + high) / 2.0;
        if normal_below(middle) < share { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}
