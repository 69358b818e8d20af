//! Today against the usual: how much slower a link, the city and one vehicle are
//! just now.
//!
//! A standardised residual z of a link time is taken as the sum of four parts that
//! do not depend on each other: the city's (Ornstein–Uhlenbeck in time), the
//! link's (the same, faster), the vehicle's (autoregressive along its links)
//! and noise. Each part is followed by a scalar Kalman filter; the shares of the
//! parts are learnt from products of residuals.

use serde::{Deserialize, Serialize};

/// A quantity that returns to zero with time.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Wave {
    mean: f32,
    variance: f32,
    /// Seconds since 1970 of the newest observation; 0 for none.
    at_s: i64,
}

/// Mean and variance of one part of z.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(in crate::transit) struct Estimate {
    pub(super) mean: f32,
    pub(super) variance: f32,
}

impl Estimate {
    /// One Kalman update with an observation of the quantity plus noise.
    pub(super) fn update(self, observed: f32, noise: f32) -> Self {
        let gain = self.variance / (self.variance + noise);
        Self { mean: self.mean + gain * (observed - self.mean), variance: (1.0 - gain) * self.variance }
    }

    /// What is left of it at a correlation with the quantity's new value.
    pub(super) fn fade(self, correlation: f32, share: f32) -> Self {
        let kept = correlation * correlation;
        Self { mean: correlation * self.mean, variance: kept * self.variance + (1.0 - kept) * share }
    }
}

impl Wave {
    /// At a moment: before any observation, and long after the last, `share` of the variance of z.
    pub(super) fn at(&self, at_s: i64, share: f32, memory_s: f32) -> Estimate {
        if self.at_s == 0 {
            return Estimate { mean: 0.0, variance: share };
        }
        let age_s = (at_s - self.at_s).max(0) as f32;
        Estimate { mean: self.mean, variance: self.variance }.fade((-age_s / memory_s).exp(), share)
    }

    pub(super) fn set(&mut self, estimate: Estimate, at_s: i64) {
        (self.mean, self.variance, self.at_s) = (estimate.mean, estimate.variance, at_s);
    }
}

/// Shares of the variance of z, and how long its parts last.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Shares {
    pub(super) city: f32,
    pub(super) city_memory_s: f32,
    pub(super) link: f32,
    pub(super) link_memory_s: f32,
    pub(super) own: f32,
    /// Correlation of the vehicle's part from one link to the next.
    pub(super) own_step: f32,
}

impl Default for Shares {
    /// Before a city has taught its own: a cautious guess.
    fn default() -> Self {
        Self { city: 0.05, city_memory_s: 3_600.0, link: 0.2, link_memory_s: 1_800.0, own: 0.15, own_step: 0.9 }
    }
}

impl Shares {
    pub(super) fn noise(self) -> f32 {
        (1.0 - self.city - self.link - self.own).max(0.2)
    }
}

/// A mean of products of residuals.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Product {
    count: f32,
    value: f32,
    age_s: f32,
}

impl Product {
    fn add(&mut self, value: f32, age_s: f32) {
        self.count = (self.count + 1.0).min(20_000.0);
        self.value += (value - self.value) / self.count;
        self.age_s += (age_s - self.age_s) / self.count;
    }
}

/// Products from which the shares follow.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Lessons {
    square: Product,
    /// Successive vehicles on one link, up to 15 and up to 60 minutes apart.
    link: [Product; 2],
    /// One vehicle, one and four links apart, without what its links explain.
    own: [Product; 2],
}

/// Products before the shares are taken from them.
const ENOUGH: f32 = 2_000.0;

impl Lessons {
    pub(super) fn square(&mut self, z: f32) {
        self.square.add(z * z, 0.0);
    }

    pub(super) fn link(&mut self, z: f32, before: f32, age_s: f32) {
        match age_s {
            age_s if age_s < 60.0 => {}
            age_s if age_s < 900.0 => self.link[0].add(z * before, age_s),
            age_s if age_s < 3_600.0 => self.link[1].add(z * before, age_s),
            _ => {}
        }
    }

    pub(super) fn own(&mut self, unexplained: f32, links_before: usize, before: f32) {
        match links_before {
            1 => self.own[0].add(unexplained * before, 0.0),
            4 => self.own[1].add(unexplained * before, 0.0),
            _ => {}
        }
    }

    /// Two points of each decay give its height and its length.
    pub(super) fn shares(&self) -> Shares {
        let mut shares = Shares::default();
        if self.square.count < ENOUGH {
            return shares;
        }
        let total = self.square.value.max(0.05);
        let [near, far] = self.link;
        if near.count >= ENOUGH && far.count >= ENOUGH {
            let (c_near, c_far) = ((near.value / total).max(0.005), (far.value / total).max(0.002));
            let memory_s = (far.age_s - near.age_s) / (c_near / c_far).max(1.05).ln();
            shares.link_memory_s = memory_s.clamp(300.0, 7_200.0);
            shares.link = (c_near * (near.age_s / shares.link_memory_s).exp() - shares.city).clamp(0.02, 0.7);
        }
        let [one, four] = self.own;
        if one.count >= ENOUGH && four.count >= ENOUGH {
            let (c_one, c_four) = ((one.value / total).max(0.005), (four.value / total).max(0.002));
            shares.own_step = (c_four / c_one).powf(1.0 / 3.0).clamp(0.3, 0.99);
            shares.own = (c_one / shares.own_step).clamp(0.01, 0.5);
        }
        let parts = shares.city + shares.link + shares.own;
        if parts > 0.8 {
            shares.link *= 0.8 / parts;
            shares.own *= 0.8 / parts;
        }
        shares
    }
}
