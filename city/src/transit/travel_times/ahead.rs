//! A vehicle's way ahead as a random time: mean and variance of the sum of its links
//! and dwells, which are not independent of each other.

use misto_model::Instant;

use super::deviation::{Estimate, Pace};
use super::profile::Expected;
use super::slot::{LocalClock, SLOTS};
use super::{DWELL, LATE_START, Link, TravelTimes, prior_link};
use crate::transit::network::{Network, PatternIndex, Run};

const FLAT: [f32; SLOTS] = [0.0; SLOTS];

/// Time from a moment until a place on the way.
pub(in crate::transit) struct Ahead<'a> {
    times: &'a TravelTimes,
    network: &'a Network,
    clock: LocalClock,
    begun_s: i64,
    way: (PatternIndex, Option<Run>),
    mean_s: f64,
    /// What is independent from link to link, s².
    independent: f64,
    /// Sums of what all links share, s: the city's part, and the doubt of the means.
    city: f64,
    doubt: f64,
    /// The vehicle's part: variance of its sum, and covariance of that with the part now.
    own_sum: f64,
    own_with_sum: f64,
    own: Pace,
    /// The part of its pace that stays; s.
    stays: f64,
    /// How much longer than planned the interval before it is, as a part of the plan.
    gap: f32,
    /// Numbers of the stops of its calls, as far as they were asked for.
    numbers: Vec<Option<Option<u32>>>,
}

impl<'a> Ahead<'a> {
    /// `own` is what is known of the vehicle's own part of z.
    pub(in crate::transit) fn new(
        times: &'a TravelTimes,
        network: &'a Network,
        begun: Instant,
        way: (PatternIndex, Option<Run>),
        (own, gap): (Pace, f32),
    ) -> Self {
        Self {
            times,
            network,
            clock: LocalClock::read(network, begun.timestamp(), times.today),
            begun_s: begun.micros() / 1_000_000,
            way,
            mean_s: 0.0,
            independent: 0.0,
            city: 0.0,
            doubt: 0.0,
            own_sum: 0.0,
            own_with_sum: 0.0,
            own,
            stays: 0.0,
            gap,
            numbers: vec![None; network.pattern(way.0).calls.len()],
        }
    }

    /// On another way after what was driven so far: a new driver's pace.
    pub(in crate::transit) fn onward(self, way: (PatternIndex, Option<Run>)) -> Self {
        let (mean_s, variance) = self.moments();
        let own = self.own.next_trip(self.times.shares);
        Self {
            way,
            mean_s,
            independent: variance,
            city: 0.0,
            doubt: 0.0,
            own_sum: 0.0,
            own_with_sum: 0.0,
            own,
            stays: 0.0,
            gap: 0.0,
            numbers: vec![None; self.network.pattern(way.0).calls.len()],
            ..self
        }
    }

    /// Waits: seconds more, with their variance.
    pub(in crate::transit) fn wait(&mut self, mean_s: f64, variance: f64) {
        self.mean_s += mean_s;
        self.independent += variance;
    }

    /// Dwells at a call.
    pub(in crate::transit) fn dwell(&mut self, call: usize) {
        let (mean_s, variance, doubt) = self.dwell_of(call);
        self.mean_s += mean_s;
        self.independent += variance + doubt;
    }

    /// Leaves a call at which it was found standing: long dwells are met more often than
    /// short ones, so that what is left is E\[d²\] / 2 E\[d\] (Feller, vol. II, ch. XI).
    pub(in crate::transit) fn dwell_rest(&mut self, call: usize) {
        let (mean_s, variance, doubt) = self.dwell_of(call);
        let rest_s = ((mean_s * mean_s + variance) / (2.0 * mean_s.max(1.0))).min(3.0 * mean_s.max(1.0));
        self.mean_s += rest_s;
        self.independent += rest_s * rest_s + doubt;
    }

    /// Mean, variance and doubt, seconds.
    fn dwell_of(&mut self, call: usize) -> (f64, f64, f64) {
        let slot = self.clock.slot(self.mean_s);
        let expected = match self.number(call) {
            Some(number) => self.times.at_stops[number as usize].dwell.expected(slot, &FLAT, || DWELL),
            None => Expected::from(DWELL),
        };
        let crowd = self.times.crowding.factor(self.gap);
        (f64::from(expected.mean.max(0.0) * crowd), f64::from(expected.variance), f64::from(expected.doubt))
    }

    /// Drives the last `part` of the link from a call to the next.
    pub(in crate::transit) fn drive(&mut self, call: usize, part: f64) {
        let shares = self.times.shares;
        let (expected, link) = self.expected(call);
        let at_s = self.begun_s + self.mean_s as i64;
        let city = self.times.city.at(at_s, shares.city, shares.city_memory_s);
        let of_link = self.wave(link, call, at_s);
        self.own = self.own.step(shares);
        self.own_with_sum *= f64::from(shares.own_step);
        let sd = expected.variance.sqrt();
        let z = city.mean + of_link.mean + self.own.mean();
        let alone = expected.variance * (shares.noise() + of_link.variance);
        let log_variance = alone + expected.variance * (city.variance + self.own.variance());
        let mean_s = f64::from((expected.mean + sd * z + log_variance / 2.0).exp());
        // Half a link varies as a random walk does: its variance is half.
        self.independent += mean_s * mean_s * f64::from(alone.exp_m1()) * part;
        let scaled = mean_s * part;
        self.city += scaled * f64::from(sd * city.variance.sqrt());
        self.doubt += scaled * f64::from(expected.doubt.sqrt());
        let weight = scaled * f64::from(sd);
        let fades = f64::from(self.own.fades.variance);
        self.own_sum += weight * weight * fades + 2.0 * weight * self.own_with_sum;
        self.own_with_sum += weight * fades;
        self.stays += weight * f64::from(self.own.stays.variance.sqrt());
        self.mean_s += scaled;
    }

    /// Takes into account that the first `part` of a link took so many seconds.
    pub(in crate::transit) fn driven(&mut self, call: usize, part: f64, took_s: f64) {
        let shares = self.times.shares;
        let (expected, _) = self.expected(call);
        let usual_s = f64::from(expected.mean.exp()) * part;
        let z = ((took_s.max(1.0) / usual_s).ln() as f32 / expected.variance.sqrt()).clamp(-4.0, 4.0);
        let noise = (shares.noise() + shares.link) / (part * part) as f32;
        self.own = self.own.update(z, noise);
    }

    /// Departure after the planned moment at the first stop: mean seconds and variance.
    pub(in crate::transit) fn late_start(&mut self) -> (f64, f64) {
        let slot = self.clock.slot(self.mean_s);
        let expected = match self.number(0) {
            Some(number) => self.times.at_stops[number as usize].late_start.expected(slot, &FLAT, || LATE_START),
            None => Expected::from(LATE_START),
        };
        (f64::from(expected.mean), f64::from(expected.variance + expected.doubt))
    }

    /// Seconds so far and their variance.
    pub(in crate::transit) fn moments(&self) -> (f64, f64) {
        (self.mean_s, self.independent + self.city.powi(2) + self.doubt.powi(2) + self.stays.powi(2) + self.own_sum)
    }

    /// The lognormal of the same mean and variance (Fenton 1960): logarithm of the
    /// median, and standard deviation of the logarithm.
    pub(in crate::transit) fn lognormal(&self) -> (f32, f32) {
        let (mean_s, variance) = self.moments();
        let mean_s = mean_s.max(1.0);
        let log_variance = (variance.max(1.0) / (mean_s * mean_s)).ln_1p();
        ((mean_s.ln() - log_variance / 2.0) as f32, log_variance.sqrt() as f32)
    }

    /// Seconds from the moment it was begun: earliest, likely, latest.
    pub(in crate::transit) fn quantiles_s(&self) -> [f64; 3] {
        let (ln_median, spread) = self.lognormal();
        let quantiles = self.times.calibration.quantiles(ln_median.exp());
        quantiles.map(|z| f64::from((ln_median + spread * z).exp()))
    }

    /// A link's part of z, from vehicles on it and on the links before and after it.
    fn wave(&mut self, link: Option<&Link>, call: usize, at_s: i64) -> Estimate {
        let shares = self.times.shares;
        let at = |link: &Link| link.wave.at(at_s, shares.link, shares.link_memory_s);
        let mut estimate = link.map_or(Estimate { mean: 0.0, variance: shares.link }, at);
        let last = self.numbers.len() - 1;
        for beside in [call.checked_sub(1), Some(call + 1).filter(|after| *after < last)].into_iter().flatten() {
            if let Some(link) = self.link(beside) {
                estimate = at(link).beside(estimate, shares.beside, shares.link);
            }
        }
        estimate
    }

    fn link(&mut self, call: usize) -> Option<&'a Link> {
        let ends = self.number(call).zip(self.number(call + 1))?;
        self.times.links.get(&ends)
    }

    fn expected(&mut self, call: usize) -> (Expected, Option<&'a Link>) {
        let times = self.times;
        let slot = self.clock.slot(self.mean_s);
        let (pattern, run) = self.way;
        let link = self.link(call);
        let prior = || prior_link(self.network, pattern, run, call, self.clock.second_of_day());
        let expected = match link {
            Some(link) => link.profile.expected(slot, &times.shape.values, prior),
            None => Expected::from(prior()),
        };
        (expected, link)
    }

    fn number(&mut self, call: usize) -> Option<u32> {
        let (times, way) = (self.times, self.network.pattern(self.way.0));
        *self.numbers[call].get_or_insert_with(|| times.stops.get(&way.calls[call].stop).copied())
    }
}
