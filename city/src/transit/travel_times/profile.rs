//! What is usual at one place, half hour by half hour: mean and variance with
//! exponential forgetting, drawn towards wider bins where data are few.

use serde::{Deserialize, Serialize};

use super::slot::{SLOTS, SLOTS_PER_DAY, Slot};

/// Weeks are forgotten with this half-life.
const HALF_LIFE_DAYS: f32 = 28.0;
/// Observations that one prior is worth (empirical Bayes: within variance ÷ between variance).
const PRIOR_WORTH: f32 = 2.0;
/// Observations that the city's profile of the day is worth against a bin's own.
const LEVEL_WORTH: f32 = 8.0;
/// Observations that the variance of the level is worth against that of a bin.
const VARIANCE_WORTH: f32 = 12.0;
/// Deviations beyond so many standard deviations count as that many (Huber's ψ).
const CLIP: f32 = 3.5;

/// Weighted mean and variance.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Tally {
    pub(super) weight: f32,
    pub(super) mean: f32,
    pub(super) variance: f32,
    /// Day of the newest observation, counted from 1970.
    pub(super) day: u16,
}

impl Tally {
    pub(super) fn learn(&mut self, value: f32, day: u16) {
        let days = f32::from(day.saturating_sub(self.day));
        let kept = if self.weight > 0.0 { self.weight * (-days / HALF_LIFE_DAYS).exp2() } else { 0.0 };
        self.weight = kept + 1.0;
        let step = value - self.mean;
        self.mean += step / self.weight;
        self.variance = (kept * self.variance + step * (value - self.mean)) / self.weight;
        self.day = self.day.max(day);
    }
}

/// 16 bytes for every half hour that was ever driven.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Bin(u8, Tally);

/// What is usual at one place.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Profile {
    /// Without the city's profile of the day.
    level: Tally,
    bins: Vec<Bin>,
}

/// What an observation is expected to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Expected {
    pub(super) mean: f32,
    /// From one vehicle to the next.
    pub(super) variance: f32,
    /// Of the mean itself: the same for all vehicles and, without data, for all links.
    pub(super) doubt: f32,
}

/// What is thought before anything was observed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prior {
    pub(super) mean: f32,
    pub(super) variance: f32,
    pub(super) doubt: f32,
}

impl From<Prior> for Expected {
    fn from(prior: Prior) -> Self {
        Self { mean: prior.mean, variance: prior.variance, doubt: prior.doubt }
    }
}

/// Half hours around one that speak for it, with their weights.
const KERNEL: [(i32, f32); 5] = [(-2, 0.15), (-1, 0.5), (0, 1.0), (1, 0.5), (2, 0.15)];
/// What the same half hour of another kind of day is worth.
const OTHER_DAY: f32 = 0.1;

impl Profile {
    pub(super) fn weight(&self) -> f32 {
        self.level.weight
    }

    fn bin(&self, slot: u8) -> Option<&Tally> {
        self.bins.binary_search_by_key(&slot, |bin| bin.0).ok().map(|found| &self.bins[found].1)
    }

    /// `shape` is the city's profile of the day, in the units of the observations.
    pub(super) fn expected(&self, slot: Slot, shape: &[f32; SLOTS], prior: impl Fn() -> Prior) -> Expected {
        let weight = self.level.weight;
        // A level that rests on much no longer asks for the prior, which costs.
        let prior = if weight < 200.0 {
            prior()
        } else {
            Prior { mean: self.level.mean, variance: self.level.variance, doubt: 0.0 }
        };
        let shape_here = shape[slot.index()];
        let trust = weight / (weight + PRIOR_WORTH);
        // A prior speaks of this half hour already.
        let base = trust * (self.level.mean + shape_here) + (1.0 - trust) * prior.mean;
        let level_variance = (weight * self.level.variance + 10.0 * prior.variance) / (weight + 10.0);
        let (mut sum, mut sum_weight, mut variance) = (0.0, 0.0, 0.0);
        let mut add = |slot: u8, worth: f32| {
            if let Some(bin) = self.bin(slot) {
                let weight = worth * bin.weight;
                sum += weight * (bin.mean - self.level.mean - shape[usize::from(slot)]);
                variance += weight * bin.variance;
                sum_weight += weight;
            }
        };
        let (kind, half_hour) = (slot.index() / SLOTS_PER_DAY, (slot.index() % SLOTS_PER_DAY) as i32);
        for (offset, worth) in KERNEL {
            let at = half_hour + offset;
            if (0..SLOTS_PER_DAY as i32).contains(&at) {
                add((kind * SLOTS_PER_DAY) as u8 + at as u8, worth);
            }
        }
        for other in (0..3).filter(|other| *other != kind) {
            add((other * SLOTS_PER_DAY) as u8 + half_hour as u8, OTHER_DAY);
        }
        let own = trust * sum / (sum_weight + LEVEL_WORTH);
        let variance = (variance + VARIANCE_WORTH * level_variance) / (sum_weight + VARIANCE_WORTH);
        let doubt = prior.doubt * (1.0 - trust) + variance / (weight + PRIOR_WORTH);
        Expected { mean: base + own, variance: variance.max(1e-4), doubt }
    }

    /// Learns one value; what is far outside `expected` counts as less far.
    pub(super) fn learn(&mut self, value: f32, slot: Slot, day: u16, expected: Expected, shape: &[f32; SLOTS]) {
        let reach = CLIP * (expected.variance + expected.doubt).sqrt();
        let value = value.clamp(expected.mean - reach, expected.mean + reach);
        self.level.learn(value - shape[slot.index()], day);
        match self.bins.binary_search_by_key(&slot.0, |bin| bin.0) {
            Ok(found) => self.bins[found].1.learn(value, day),
            Err(place) => {
                let mut tally = Tally::default();
                tally.learn(value, day);
                self.bins.insert(place, Bin(slot.0, tally));
            }
        }
    }

    /// Deviation of a value from the level, for the city's profile of the day.
    pub(super) fn off_level(&self, value: f32) -> Option<f32> {
        (self.level.weight >= 10.0).then_some(value - self.level.mean)
    }

    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.bins.capacity() * size_of::<Bin>()
    }
}
