//! What the trackers tell of the true motion.

use super::driving::{Doing, Knot, VehicleDay};
use super::noise;
use super::random::Random;
use super::traffic::{DAY_BEGIN_S, DAY_END_S};

/// What a tracker says of the trip.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Says {
    Nothing,
    Route,
    RouteAndTrip,
    RouteAndStart,
    /// A route that it does not drive.
    WrongRoute,
}

/// A tracker; the same all days.
pub struct Tracker {
    pub says: Says,
    period_s: f64,
    /// Spread of the error in each axis, metres.
    error_m: f64,
    on_at_depot: bool,
}

/// One fix, small, because a day of a large city has a million.
#[derive(Clone, Copy)]
pub struct Fix {
    pub received_s: f64,
    pub at_s: f64,
    pub place: [f32; 2],
    pub speed_m_s: f32,
    pub bearing_deg: f32,
    pub vehicle: u32,
    /// Which of the vehicle's spells it lies in.
    pub spell: u32,
}

impl Tracker {
    pub fn new(random: &mut Random) -> Self {
        let mut share = random.uniform();
        let fits = |(part, _): &&(f64, f64)| {
            share -= part;
            share < 0.0
        };
        let period_s = noise::PERIODS.iter().find(fits).map_or(10.0, |(_, period)| *period);
        let cep_m = random.between(noise::CEP_M);
        let mut says = random.uniform();
        let shares = [
            (noise::CLAIM_NOTHING, Says::Nothing),
            (noise::CLAIM_TRIP, Says::RouteAndTrip),
            (noise::CLAIM_START, Says::RouteAndStart),
            (noise::CLAIM_WRONG_ROUTE, Says::WrongRoute),
        ];
        let chosen = shares.iter().find(|(share, _)| {
            says -= share;
            says < 0.0
        });
        Self {
            says: chosen.map_or(Says::Route, |(_, says)| *says),
            period_s,
            // Rayleigh: half of the errors lie within 1.1774 spreads.
            error_m: cep_m / 1.1774,
            on_at_depot: random.chance(noise::ON_AT_DEPOT),
        }
    }

    /// The fixes of a day, in the order of their time.
    pub fn fixes(&self, vehicle: u32, day: &VehicleDay, random: &mut Random, fixes: &mut Vec<Fix>) {
        let mut walk = Walk { day, knot: 0, spell: 0 };
        let mut error = Error::new(self.error_m, random);
        let mut silence = Silence::new(random);
        let mut at_s = DAY_BEGIN_S + random.uniform() * self.period_s;
        while at_s < DAY_END_S - 60.0 {
            let doing = walk.to(at_s);
            let parked = doing == Doing::AtDepot;
            let period_s = if parked { noise::DEPOT_PERIOD_S } else { self.period_s };
            error.pass(period_s, random);
            let kept_until_s = silence.at(at_s, random);
            if kept_until_s != Some(None) && (!parked || self.on_at_depot) {
                let arrives_s = kept_until_s.flatten().unwrap_or(at_s) + random.exponential(noise::LAG_S);
                fixes.push(walk.fix(vehicle, at_s, arrives_s, error.now(at_s, random), random));
            }
            // A tracker at the depot wakes when the engine starts.
            let next_s = at_s + period_s;
            at_s = if parked { next_s.min(walk.leaves_s().max(at_s + 1.0)) } else { next_s };
        }
    }
}

/// Moves along a day.
struct Walk<'a> {
    day: &'a VehicleDay,
    knot: usize,
    spell: usize,
}

impl Walk<'_> {
    fn to(&mut self, at_s: f64) -> Doing {
        while self.knot + 2 < self.day.knots.len() && self.day.knots[self.knot + 1].at_s <= at_s {
            self.knot += 1;
        }
        while self.spell + 1 < self.day.spells.len() && self.day.spells[self.spell].to_s <= at_s {
            self.spell += 1;
        }
        self.day.spells[self.spell].doing
    }

    fn leaves_s(&self) -> f64 {
        self.day.spells[self.spell].to_s
    }

    fn fix(&self, vehicle: u32, at_s: f64, received_s: f64, off: [f64; 2], random: &mut Random) -> Fix {
        let (a, b) = (&self.day.knots[self.knot], &self.day.knots[self.knot + 1]);
        let (place, velocity) = between(a, b, at_s);
        let speed = velocity[0].hypot(velocity[1]);
        let right = if speed > 0.0 { [velocity[1] / speed, -velocity[0] / speed] } else { [0.0, 0.0] };
        let told = |axis: usize| (place[axis] + right[axis] * noise::LANE_M + off[axis]) as f32;
        let bearing = velocity[0].atan2(velocity[1]).to_degrees() + 4.0 * random.normal();
        // A vehicle that stands has no bearing worth telling.
        let bearing_deg = if speed > 1.0 { bearing.rem_euclid(360.0) as f32 } else { f32::NAN };
        let speed_m_s = (speed + 0.3 * random.normal()).max(0.0) as f32;
        let spell = self.spell as u32;
        Fix { received_s, at_s, place: [told(0), told(1)], speed_m_s, bearing_deg, vehicle, spell }
    }
}

/// Place and velocity between two knots.
pub fn between(a: &Knot, b: &Knot, at_s: f64) -> ([f64; 2], [f64; 2]) {
    let length_s = b.at_s - a.at_s;
    let part = if length_s > 0.0 { ((at_s - a.at_s) / length_s).clamp(0.0, 1.0) } else { 1.0 };
    let axis = |i: usize| (f64::from(a.place[i]), f64::from(b.place[i]));
    let place = [0, 1].map(|i| axis(i).0 + (axis(i).1 - axis(i).0) * part);
    let velocity = [0, 1].map(|i| if length_s > 0.0 { (axis(i).1 - axis(i).0) / length_s } else { 0.0 });
    (place, velocity)
}

/// The error of a receiver: wanders, and now and then is led astray.
struct Error {
    spread_m: f64,
    wandering: [f64; 2],
    astray_until_s: f64,
    astray: [f64; 2],
    since_s: f64,
}

impl Error {
    fn new(spread_m: f64, random: &mut Random) -> Self {
        let wandering = [random.normal() * spread_m, random.normal() * spread_m];
        Self { spread_m, wandering, astray_until_s: 0.0, astray: [0.0; 2], since_s: 0.0 }
    }

    fn pass(&mut self, seconds: f64, random: &mut Random) {
        let kept = (-seconds / noise::ERROR_MEMORY_S).exp();
        let fresh = (1.0 - kept * kept).sqrt() * self.spread_m;
        self.wandering = self.wandering.map(|value| kept * value + fresh * random.normal());
        self.since_s = seconds;
    }

    fn now(&mut self, at_s: f64, random: &mut Random) -> [f64; 2] {
        // Bursts of OUTLIER_S seconds that together take OUTLIERS of the time.
        if at_s >= self.astray_until_s && random.chance(noise::OUTLIERS * self.since_s / noise::OUTLIER_S) {
            self.astray_until_s = at_s + random.exponential(noise::OUTLIER_S);
            let (angle, far) = (random.uniform() * std::f64::consts::TAU, random.between(noise::OUTLIER_M));
            self.astray = [far * angle.cos(), far * angle.sin()];
        }
        let astray = if at_s < self.astray_until_s { self.astray } else { [0.0; 2] };
        [self.wandering[0] + astray[0], self.wandering[1] + astray[1]]
    }
}

/// Dropouts.
struct Silence {
    from_s: f64,
    to_s: f64,
    kept: bool,
}

impl Silence {
    fn new(random: &mut Random) -> Self {
        let mut silence = Self { from_s: DAY_BEGIN_S, to_s: DAY_BEGIN_S, kept: false };
        silence.next(random);
        silence
    }

    fn next(&mut self, random: &mut Random) {
        self.from_s = self.to_s + random.exponential(noise::DROPOUT_EVERY_S);
        self.to_s = self.from_s + random.lognormal(noise::DROPOUT_S);
        self.kept = random.chance(noise::DROPOUT_KEPT);
    }

    /// `None` outside a dropout; within, when its fix arrives after all, if ever.
    fn at(&mut self, at_s: f64, random: &mut Random) -> Option<Option<f64>> {
        while at_s >= self.to_s {
            self.next(random);
        }
        (at_s >= self.from_s).then_some(self.kept.then_some(self.to_s))
    }
}
