//! A vehicle's way ahead as a random time: mean and variance of the sum of its links
//! and dwells, which are not independent of each other.

use misto_model::Instant;

use super::deviation::Estimate;
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
    own: Estimate,
    number: Option<(usize, Option<u32>)>,
}

impl<'a> Ahead<'a> {
    /// `own` is what is known of the vehicle's own part of z.
    pub(in crate::transit) fn new(
        times: &'a TravelTimes,
        network: &'a Network,
        begun: Instant,
        way: (PatternIndex, Option<Run>),
        own: Estimate,
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
            number: None,
        }
    }

    /// On another way after what was driven so far: a new driver's pace.
    pub(in crate::transit) fn onward(self, way: (PatternIndex, Option<Run>)) -> Self {
        let (mean_s, variance) = self.moments();
        let own = self.own.fade(self.times.shares.own_step.powi(10), self.times.shares.own);
        Self {
            way,
            mean_s,
            independent: variance,
            city: 0.0,
            doubt: 0.0,
            own_sum: 0.0,
            own_with_sum: 0.0,
            own,
            number: None,
            ..self
        }
    }

    /// Waits: seconds more, with their variance.
    pub(in crate::transit) fn wait(&mut self, mean_s: f64, variance: f64) {
        self.mean_s += mean_s;
        self.independent += variance;
    }

    /// Dwells at a call, or what `part` of the dwell is left.
    pub(in crate::transit) fn dwell(&mut self, call: usize, part: f64) {
        let slot = self.clock.slot(self.mean_s);
        let expected = match self.number(call) {
            Some(number) => self.times.at_stops[number as usize].dwell.expected(slot, &FLAT, || DWELL),
            None => Expected::from(DWELL),
        };
        self.mean_s += f64::from(expected.mean.max(0.0)) * part;
        self.independent += f64::from(expected.variance + expected.doubt) * part;
    }

    /// Drives the last `part` of the link from a call to the next.
    pub(in crate::transit) fn drive(&mut self, call: usize, part: f64) {
        let shares = self.times.shares;
        let (expected, link) = self.expected(call);
        let at_s = self.begun_s + self.mean_s as i64;
        let city = self.times.city.at(at_s, shares.city, shares.city_memory_s);
        let of_link = match link {
            Some(link) => link.wave.at(at_s, shares.link, shares.link_memory_s),
            None => Estimate { mean: 0.0, variance: shares.link },
        };
        self.step_own(shares.own_step);
        let sd = expected.variance.sqrt();
        let z = city.mean + of_link.mean + self.own.mean;
        let alone = expected.variance * (shares.noise() + of_link.variance);
        let log_variance = alone + expected.variance * (city.variance + self.own.variance);
        let mean_s = f64::from((expected.mean + sd * z + log_variance / 2.0).exp());
        // Half a link varies as a random walk does: its variance is half.
        self.independent += mean_s * mean_s * f64::from(alone.exp_m1()) * part;
        let scaled = mean_s * part;
        self.city += scaled * f64::from(sd * city.variance.sqrt());
        self.doubt += scaled * f64::from(expected.doubt.sqrt());
        let weight = scaled * f64::from(sd);
        self.own_sum += weight * weight * f64::from(self.own.variance) + 2.0 * weight * self.own_with_sum;
        self.own_with_sum += weight * f64::from(self.own.variance);
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
        (self.mean_s, self.independent + self.city * self.city + self.doubt * self.doubt + self.own_sum)
    }

    /// The lognormal of the same mean and variance (Fenton 1960): logarithm of the
    /// median, and standard deviation of the logarithm.
    pub(in crate::transit) fn lognormal(&self) -> (f32, f32) {
        let (mean_s, variance) = self.moments();
        let mean_s = mean_s.max(1.0);
        let log_variance = (variance.max(1.0) / (mean_s * mean_s)).ln_1p();
        ((mean_s.ln() - log_variance / 2.0) as f32, log_variance.sqrt() as f32)
    }

    /// Seconds from the moment it was begun: a tenth, a half and nine tenths of the
    /// arrivals come earlier.
    pub(in crate::transit) fn quantiles_s(&self) -> [f64; 3] {
        let (ln_median, spread) = self.lognormal();
        let quantiles = self.times.calibration.quantiles(ln_median.exp());
        quantiles.map(|z| f64::from((ln_median + spread * z).exp()))
    }

    fn step_own(&mut self, step: f32) {
        self.own = self.own.fade(step, self.times.shares.own);
        self.own_with_sum *= f64::from(step);
    }

    fn expected(&mut self, call: usize) -> (Expected, Option<&'a Link>) {
        let times = self.times;
        let slot = self.clock.slot(self.mean_s);
        let (pattern, run) = self.way;
        let from = self.number(call);
        let to = self.number(call + 1);
        let link = from.zip(to).and_then(|link| times.links.get(&link));
        let prior = || prior_link(self.network, pattern, run, call, self.clock.second_of_day());
        let expected = match link {
            Some(link) => link.profile.expected(slot, &times.shape.values, prior),
            None => Expected::from(prior()),
        };
        (expected, link)
    }

    /// The number of a call's stop; the end of one link is the start of the next.
    fn number(&mut self, call: usize) -> Option<u32> {
        if let Some((of, number)) = self.number
            && of == call
        {
            return number;
        }
        let stop = &self.network.pattern(self.way.0).calls[call].stop;
        let number = self.times.stops.get(stop).copied();
        self.number = Some((call, number));
        number
    }
}
