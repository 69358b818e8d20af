//! Errors of predictions by how far ahead they were made.

use misto_model::Instant;

use super::Estimate;

/// Minutes to the actual arrival.
pub const HORIZONS_MIN: [(f64, f64); 5] = [(0.0, 3.0), (3.0, 6.0), (6.0, 10.0), (10.0, 15.0), (15.0, 30.0)];
/// ETA accuracy benchmark: seconds that a vehicle may come earlier and later than predicted.
const LIMITS_S: [(f64, f64); 4] = [(30.0, 90.0), (60.0, 150.0), (60.0, 210.0), (90.0, 270.0)];

#[derive(Clone, Copy, Default)]
pub struct Errors {
    pub count: u64,
    sum_s: f64,
    bias_s: f64,
    within: u64,
    ranges: u64,
    before: u64,
    after: u64,
}

/// Errors of one predictor.
#[derive(Clone, Default)]
pub struct Score {
    by_horizon: [Errors; 5],
    five_to_fifteen: Errors,
}

impl Errors {
    /// Mean absolute error, seconds.
    pub fn mae_s(&self) -> f64 {
        self.sum_s / self.count as f64
    }

    /// Mean of actual minus predicted, seconds.
    pub fn bias_s(&self) -> f64 {
        self.bias_s / self.count as f64
    }

    fn within(&self) -> f64 {
        self.within as f64 / self.count as f64
    }

    /// Share of arrivals within the range, before it and after it; `None` without ranges.
    pub fn coverage(&self) -> Option<[f64; 3]> {
        let share = |part: u64| part as f64 / self.ranges as f64;
        (self.ranges > 0)
            .then(|| [share(self.ranges - self.before - self.after), share(self.before), share(self.after)])
    }

    fn take(&mut self, estimate: &Estimate, actual: Instant, limits_s: (f64, f64)) {
        let late_s = actual.seconds_since(estimate.likely);
        self.count += 1;
        self.sum_s += late_s.abs();
        self.bias_s += late_s;
        self.within += u64::from((-limits_s.0..=limits_s.1).contains(&late_s));
        if let Some((p10, p90)) = estimate.range {
            self.ranges += 1;
            self.before += u64::from(actual.micros() < p10.micros());
            self.after += u64::from(actual.micros() > p90.micros());
        }
    }

    fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.sum_s += other.sum_s;
        self.bias_s += other.bias_s;
        self.within += other.within;
        self.ranges += other.ranges;
        self.before += other.before;
        self.after += other.after;
    }
}

impl Score {
    /// Takes one prediction and what became of it.
    pub fn take(&mut self, estimate: &Estimate, actual: Instant, now: Instant) {
        let ahead_min = actual.seconds_since(now) / 60.0;
        let Some(horizon) = HORIZONS_MIN.iter().position(|(low, high)| (*low..*high).contains(&ahead_min)) else {
            return;
        };
        let limits_s = LIMITS_S.get(horizon).copied().unwrap_or((0.0, 0.0));
        self.by_horizon[horizon].take(estimate, actual, limits_s);
        if (5.0..15.0).contains(&ahead_min) {
            self.five_to_fifteen.take(estimate, actual, limits_s);
        }
    }

    pub fn by_horizon(&self) -> &[Errors; 5] {
        &self.by_horizon
    }

    pub fn five_to_fifteen(&self) -> &Errors {
        &self.five_to_fifteen
    }

    /// ETA accuracy benchmark: mean of the shares within the limits, 0 to 1.
    pub fn benchmark(&self) -> f64 {
        self.by_horizon[..LIMITS_S.len()].iter().map(Errors::within).sum::<f64>() / LIMITS_S.len() as f64
    }

    /// Shares within p10–p90, before and after, of all predictions.
    pub fn coverage(&self) -> Option<[f64; 3]> {
        let mut all = Errors::default();
        self.by_horizon.iter().for_each(|errors| all.add(errors));
        all.coverage()
    }
}
