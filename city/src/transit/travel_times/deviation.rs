//! Today against the usual: how much slower a link, the city and one vehicle are
//! just now.
//!
//! A standardised residual z of a link time is taken as the sum of parts that do not
//! depend on each other: the city's (Ornstein–Uhlenbeck in time), the link's (the same,
//! faster), the vehicle's (one that stays with driver and vehicle, one that fades from
//! link to link) and noise. The parts are followed by Kalman filters; their shares are
//! learnt from products of residuals.

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

    /// What it tells of a quantity that has that correlation with this one; both have
    /// `share` as variance. `self` is the estimate after observations: what they were
    /// is taken back from it.
    pub(super) fn beside(self, own: Self, correlation: f32, share: f32) -> Self {
        let told = share - self.variance;
        if told < 0.02 * share || correlation < 0.02 {
            return own;
        }
        let observed = self.mean * share / told;
        let noise = self.variance * share / told;
        own.update(observed / correlation, (share + noise) / (correlation * correlation) - share)
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
    /// Correlation of the parts of two links in a row.
    pub(super) beside: f32,
    /// The vehicle's part that fades, and its correlation from one link to the next.
    pub(super) own: f32,
    pub(super) own_step: f32,
    /// The vehicle's part that stays.
    pub(super) stays: f32,
}

impl Default for Shares {
    /// Before a city has taught its own: a cautious guess.
    fn default() -> Self {
        Self {
            city: 0.05,
            city_memory_s: 14_400.0,
            link: 0.2,
            link_memory_s: 1_800.0,
            beside: 0.3,
            own: 0.1,
            own_step: 0.7,
            stays: 0.05,
        }
    }
}

impl Shares {
    pub(super) fn noise(self) -> f32 {
        (1.0 - self.city - self.link - self.own - self.stays).max(0.1)
    }
}

/// A vehicle's own part of z.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::transit) struct Pace {
    /// What fades from link to link.
    pub(super) fades: Estimate,
    /// What stays.
    pub(super) stays: Estimate,
    covariance: f32,
}

impl Pace {
    /// Of a vehicle that was not seen.
    pub(super) fn unknown(shares: Shares) -> Self {
        let of = |variance: f32| Estimate { mean: 0.0, variance };
        Self { fades: of(shares.own), stays: of(shares.stays), covariance: 0.0 }
    }

    pub(super) fn mean(self) -> f32 {
        self.fades.mean + self.stays.mean
    }

    pub(super) fn variance(self) -> f32 {
        self.fades.variance + self.stays.variance + 2.0 * self.covariance
    }

    /// One link further.
    pub(super) fn step(self, shares: Shares) -> Self {
        let fades = self.fades.fade(shares.own_step, shares.own);
        Self { fades, covariance: self.covariance * shares.own_step, ..self }
    }

    /// On the next trip.
    pub(super) fn next_trip(self, shares: Shares) -> Self {
        /// The driver may be another.
        const SAME: f32 = 0.9;
        let fades = Estimate { mean: 0.0, variance: shares.own };
        Self { fades, stays: self.stays.fade(SAME, shares.stays), covariance: 0.0 }
    }

    /// One Kalman update with an observation of the sum plus noise.
    pub(super) fn update(self, observed: f32, noise: f32) -> Self {
        let total = self.variance() + noise;
        let (with_fades, with_stays) = (self.fades.variance + self.covariance, self.stays.variance + self.covariance);
        let off = (observed - self.mean()) / total;
        let updated = |part: Estimate, with: f32| Estimate {
            mean: part.mean + with * off,
            variance: (part.variance - with * with / total).max(0.0),
        };
        Self {
            fades: updated(self.fades, with_fades),
            stays: updated(self.stays, with_stays),
            covariance: self.covariance - with_fades * with_stays / total,
        }
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
    /// One vehicle against the one before it on the link before.
    beside: Product,
    /// One vehicle, one, three and ten links apart, without what its links explain.
    own: [Product; 3],
    /// Different vehicles on different links.
    city: Product,
}

/// Links that are remembered of a vehicle.
pub(super) const REMEMBERED: usize = 10;

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

    pub(super) fn beside(&mut self, z: f32, before: f32, age_s: f32) {
        if (60.0..900.0).contains(&age_s) {
            self.beside.add(z * before, age_s);
        }
    }

    pub(super) fn city(&mut self, z: f32, elsewhere: f32) {
        self.city.add(z * elsewhere, 0.0);
    }

    pub(super) fn own(&mut self, unexplained: f32, links_before: usize, before: f32) {
        match links_before {
            1 => self.own[0].add(unexplained * before, 0.0),
            3 => self.own[1].add(unexplained * before, 0.0),
            REMEMBERED => self.own[2].add(unexplained * before, 0.0),
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
        shares.city = (self.city.value / total).clamp(0.005, 0.4);
        let [near, far] = self.link;
        if near.count >= ENOUGH && far.count >= ENOUGH {
            let part = |product: Product, least: f32| (product.value / total - shares.city).max(least);
            let (c_near, c_far) = (part(near, 0.01), part(far, 0.004));
            let memory_s = (far.age_s - near.age_s) / (c_near / c_far).max(1.05).ln();
            shares.link_memory_s = memory_s.clamp(300.0, 7_200.0);
            shares.link = (c_near * (near.age_s / shares.link_memory_s).exp()).clamp(0.02, 0.7);
            let beside = part(self.beside, 0.0) * (self.beside.age_s / shares.link_memory_s).exp();
            shares.beside = if self.beside.count >= ENOUGH { (beside / shares.link).clamp(0.0, 0.9) } else { 0.0 };
        }
        let [one, three, ten] = self.own;
        if ten.count >= ENOUGH {
            shares.stays = (ten.value / total).clamp(0.005, 0.3);
            let part = |product: Product, least: f32| (product.value / total - shares.stays).max(least);
            let (c_one, c_three) = (part(one, 0.01), part(three, 0.002));
            shares.own_step = (c_three / c_one).sqrt().clamp(0.1, 0.95);
            shares.own = (c_one / shares.own_step).clamp(0.01, 0.5);
        }
        let (parts, most) = (shares.city + shares.link + shares.own + shares.stays, 0.9);
        if parts > most {
            shares.link *= most / parts;
            shares.own *= most / parts;
        }
        shares
    }
}
