//! How good matching and predictions are, against the truth.

pub mod baselines;
pub mod foresight;
pub mod matching;
pub mod replay;
pub mod tally;
pub mod truth;

use misto_city::transit::{PatternIndex, Run, StopVisit};
use misto_model::{Instant, VehicleKey};

use crate::simulator::Day;

/// What a predictor knows of a vehicle: its true trip, and where its newest fix puts it.
pub struct Seen<'a> {
    pub vehicle: &'a VehicleKey,
    pub pattern: PatternIndex,
    pub run: Run,
    /// Metres along the way.
    pub along_m: f64,
    /// The call that it reaches next, or stands at.
    pub next_call: usize,
    pub fix_time: Instant,
}

/// When a vehicle comes to a call, as somebody predicts it.
#[derive(Clone, Copy, Debug)]
pub struct Estimate {
    pub call: usize,
    pub likely: Instant,
    /// p10 and p90, of those who tell them.
    pub range: Option<(Instant, Instant)>,
}

/// Somebody who predicts.
pub trait Predictor {
    fn name(&self) -> &'static str;
    /// A day that is asked for begins.
    fn begin(&mut self, _: &Day) {}
    /// A vehicle has left a stop.
    fn learn(&mut self, visit: &StopVisit);
    /// Arrivals at the calls that lie before a vehicle.
    fn predict(&mut self, seen: &Seen, now: Instant) -> Vec<Estimate>;
}
