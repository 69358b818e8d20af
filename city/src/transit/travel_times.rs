//! How long vehicles take from stop to stop: learnt from stop visits.
//!
//! What is usual stands in a profile of each link (two stops in a row, whatever route
//! drives there) and each stop; what is different today in filters beside it
//! ([`deviation`]); how wide a range must be in the errors of the past ([`calibration`]).
//!
//! State is bounded: 16 bytes for each half hour in which a link or stop was ever served,
//! at most 144 of them, and one entry for each vehicle of the last hours. It is plain
//! data for serde; visits replayed in the order of their departure give it as well.

use std::collections::HashMap;

use jiff::civil::Date;
use misto_model::{Instant, StopId, VehicleKey};
use serde::{Deserialize, Serialize};

use self::ahead::Ahead;
use self::calibration::Calibration;
use self::crowding::Crowding;
use self::deviation::{Lessons, Pace, REMEMBERED, Shares, Wave};
use self::profile::{Prior, Profile, Tally};
pub use self::slot::DayKind;
use self::slot::{LocalClock, SLOTS, Slot};
use super::assignment::StopVisit;
use super::network::{Network, PatternIndex, Run, TripIndex};

pub(super) mod ahead;
mod calibration;
mod crowding;
mod deviation;
mod profile;
mod saved;
mod slot;

/// Speed from stop to stop where neither timetable nor history tell it: 18 km/h, a bus
/// in mixed city traffic. Its doubt is a factor of 1.5 either way.
pub const DEFAULT_SPEED_M_S: f64 = 5.0;
const DEFAULT_SPEED_DOUBT: f32 = 0.16;
/// Doubt of the timetable's own speed: a quarter either way.
const PLANNED_DOUBT: f32 = 0.05;
/// Between vehicles on one link, of the logarithm of the time, before data tell.
const LINK_VARIANCE: f32 = 0.08;
/// Dwell at a stop before data tell: seconds and their variance.
const DWELL: Prior = Prior { mean: 15.0, variance: 200.0, doubt: 50.0 };
/// Departure after the planned moment at the first stop before data tell.
const LATE_START: Prior = Prior { mean: 30.0, variance: 3_600.0, doubt: 900.0 };
/// Link times beyond these tell of a gap in the fixes, not of traffic.
const LINK_S: std::ops::RangeInclusive<f64> = 1.0..=5_400.0;
const DWELL_S: std::ops::RangeInclusive<f64> = 0.0..=900.0;
const LATE_START_S: std::ops::RangeInclusive<f64> = -900.0..=2_700.0;
/// A vehicle that made no visit for so long is forgotten.
const DRIVE_S: f64 = 7_200.0;

/// Travel times of a city. See the [module](self) for what is kept.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "saved::Saved", into = "saved::Saved")]
pub struct TravelTimes {
    stops: HashMap<StopId, u32>,
    links: HashMap<(u32, u32), Link>,
    at_stops: Vec<AtStop>,
    shape: Shape,
    city: Wave,
    lessons: Lessons,
    shares: Shares,
    calibration: Calibration,
    drives: HashMap<VehicleKey, Drive>,
    /// Newest departure at each call.
    departures: HashMap<(PatternIndex, usize), Instant>,
    /// The newest z, whoever's.
    elsewhere: Option<f32>,
    crowding: Crowding,
    /// The kind of the day of the newest visit: the calendar is asked once a day.
    today: Option<(Date, DayKind)>,
    observations: u64,
}

/// The city's profile of the day: mean logarithm of a link time against the link's level.
#[derive(Debug, Clone)]
struct Shape {
    tallies: Vec<Tally>,
    values: [f32; SLOTS],
}

impl Default for Shape {
    fn default() -> Self {
        Self { tallies: vec![Tally::default(); SLOTS], values: [0.0; SLOTS] }
    }
}

impl Shape {
    fn learn(&mut self, value: f32, slot: Slot, day: u16) {
        let mut tally = self.tallies[slot.index()];
        tally.learn(value.clamp(-1.0, 1.0), day);
        self.set(slot.index(), tally);
    }

    fn set(&mut self, slot: usize, tally: Tally) {
        /// Observations that "no difference" is worth.
        const FLAT_WORTH: f32 = 20.0;
        self.tallies[slot] = tally;
        self.values[slot] = tally.mean * tally.weight / (tally.weight + FLAT_WORTH);
    }
}

/// Departure to arrival between two stops in a row.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Link {
    profile: Profile,
    wave: Wave,
    last_z: f32,
    last_at_s: i64,
}

/// What happens at one stop.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct AtStop {
    dwell: Profile,
    late_start: Profile,
}

/// What one vehicle did last.
#[derive(Debug, Clone)]
pub(super) struct Drive {
    pattern: PatternIndex,
    run: Option<Run>,
    call: usize,
    arrival: Instant,
    departure: Instant,
    own: Pace,
    /// z of the vehicle before it on its last link, and when.
    beside: Option<(f32, i64)>,
    /// How much longer than planned the interval before it is, as a part of the plan.
    gap: f32,
    /// What its links did not explain of its last links' z, newest last.
    unexplained: Vec<f32>,
    forecasts: Vec<Forecast>,
}

/// A prediction that waits for its arrival.
#[derive(Debug, Clone, Copy)]
struct Forecast {
    call: usize,
    made: Instant,
    ln_median: f32,
    spread: f32,
}

/// Calls ahead for which the predictor remembers what it would have said.
const FORECAST_CALLS: [usize; 5] = [1, 4, 9, 15, 25];

impl TravelTimes {
    /// Learns one visit. Visits come in the order of their departure; an older one of a
    /// vehicle than that it made last teaches nothing.
    pub fn learn(&mut self, network: &Network, visit: &StopVisit) {
        let before = self.drives.remove(&visit.vehicle);
        if before.as_ref().is_some_and(|drive| visit.arrival.micros() < drive.departure.micros()) {
            self.drives.extend(before.map(|drive| (visit.vehicle.clone(), drive)));
            return;
        }
        let clock = LocalClock::read(network, visit.arrival.timestamp(), self.today);
        self.today = Some((clock.day, clock.kind));
        let before = before.filter(|drive| visit.arrival.seconds_since(drive.departure) < DRIVE_S);
        let same =
            before.as_ref().is_some_and(|d| d.pattern == visit.pattern && d.run == visit.run && d.call < visit.call);
        let mut drive = Drive::at(visit, self.shares);
        if let Some(before) = before {
            drive.take_over(before, same, self.shares);
        }
        if same {
            self.compare(&mut drive, visit);
            self.learn_link(network, &mut drive, visit, clock);
        }
        if let Some(gap) = self.gap(network, visit) {
            drive.gap = gap;
        }
        self.learn_stop(network, visit, clock, drive.gap);
        (drive.call, drive.arrival, drive.departure) = (visit.call, visit.arrival, visit.departure);
        self.forecast(network, &mut drive, visit);
        self.drives.insert(visit.vehicle.clone(), drive);
        self.observations += 1;
        if self.observations.is_multiple_of(4_096) {
            self.shares = self.lessons.shares();
            self.drives.retain(|_, drive| visit.departure.seconds_since(drive.departure) < DRIVE_S);
        }
    }

    /// Bytes of the state, without what the allocator rounds up.
    pub fn bytes(&self) -> usize {
        let links: usize =
            self.links.values().map(|link| size_of::<(u32, u32)>() + size_of::<Wave>() + link.profile.bytes()).sum();
        let stops: usize = self.at_stops.iter().map(|stop| stop.dwell.bytes() + stop.late_start.bytes()).sum();
        let names: usize = self.stops.keys().map(|id| size_of::<(StopId, u32)>() + id.0.len()).sum();
        let drives = self.drives.len() * size_of::<(VehicleKey, Drive)>();
        size_of::<Self>() + links + stops + names + drives
    }

    /// Links of which anything is known.
    pub fn links(&self) -> usize {
        self.links.len()
    }

    /// What is known of a vehicle's own pace, and its last departure on a way.
    pub(super) fn own(&self, vehicle: &VehicleKey, now: Instant) -> ((Pace, f32), Option<&Drive>) {
        let drive = self.drives.get(vehicle).filter(|drive| now.seconds_since(drive.departure) < DRIVE_S);
        (drive.map_or((Pace::unknown(self.shares), 0.0), |drive| (drive.own, drive.gap)), drive)
    }

    /// Seconds that vehicles usually need at that time from one place of a way to another,
    /// both metres from its start; 0 when the second is not beyond the first.
    pub fn usual_between(
        &self,
        network: &Network,
        pattern: PatternIndex,
        (from_m, to_m): (f64, f64),
        at: Instant,
    ) -> f64 {
        let calls = &network.pattern(pattern).calls;
        let own = Pace::unknown(self.shares);
        let mut ahead = Ahead::new(self, network, at, (pattern, None), (own, 0.0));
        for call in 0..calls.len() - 1 {
            let (start_m, end_m) = (calls[call].along_m, calls[call + 1].along_m);
            let driven_m = to_m.min(end_m) - from_m.max(start_m);
            if driven_m <= 0.0 {
                continue;
            }
            if from_m < start_m {
                ahead.dwell(call);
            }
            ahead.drive(call, driven_m / (end_m - start_m).max(1.0));
        }
        ahead.moments().0
    }

    fn number(&mut self, stop: &StopId) -> u32 {
        if let Some(number) = self.stops.get(stop) {
            return *number;
        }
        let number = self.at_stops.len() as u32;
        self.at_stops.push(AtStop::default());
        self.stops.insert(stop.clone(), number);
        number
    }

    fn learn_link(&mut self, network: &Network, drive: &mut Drive, visit: &StopVisit, clock: LocalClock) {
        let calls = &network.pattern(visit.pattern).calls;
        let link_s = visit.arrival.seconds_since(drive.departure);
        if drive.call + 1 != visit.call || !LINK_S.contains(&link_s) {
            return;
        }
        let from = self.number(&calls[drive.call].stop);
        let to = self.number(&calls[visit.call].stop);
        let day = day_number(visit.arrival);
        let at_s = visit.arrival.micros() / 1_000_000;
        let slot = clock.slot(-link_s / 2.0);
        let value = (link_s as f32).ln();
        let prior = || prior_link(network, visit.pattern, visit.run, drive.call, clock.second_of_day());
        let link = self.links.entry((from, to)).or_default();
        let expected = link.profile.expected(slot, &self.shape.values, prior);
        if link.profile.weight() >= 8.0 {
            let z = ((value - expected.mean) / (expected.variance + expected.doubt).sqrt()).clamp(-4.0, 4.0);
            follow(link, drive, &mut self.city, &mut self.lessons, self.shares, (z, self.elsewhere), at_s);
            self.elsewhere = Some(z);
        }
        if let Some(off) = link.profile.off_level(value) {
            self.shape.learn(off, slot, day);
        }
        link.profile.learn(value, slot, day, expected, &self.shape.values);
    }

    /// The interval before a vehicle against that of the timetable.
    fn gap(&mut self, network: &Network, visit: &StopVisit) -> Option<f32> {
        let before = self.departures.insert((visit.pattern, visit.call), visit.departure)?;
        let run = visit.run?;
        let start_s = |trip: TripIndex| Some(network.call_times(trip).first()?.departure_s);
        let trips = &network.pattern(visit.pattern).trips;
        let own = trips.iter().position(|trip| *trip == run.trip)?;
        let earlier = trips[..own].iter().rev().find(|trip| network.runs_on(**trip, run.day))?;
        let planned_s = start_s(run.trip)? - start_s(*earlier)?;
        Crowding::gap(visit.arrival.seconds_since(before), planned_s)
    }

    fn learn_stop(&mut self, network: &Network, visit: &StopVisit, clock: LocalClock, gap: f32) {
        const FLAT: [f32; SLOTS] = [0.0; SLOTS];
        let calls = &network.pattern(visit.pattern).calls;
        let number = self.number(&calls[visit.call].stop);
        let at_stop = &mut self.at_stops[number as usize];
        let (slot, day) = (clock.slot(0.0), day_number(visit.arrival));
        if visit.call == 0 {
            let planned = visit.run.and_then(|run| network.planned(run, 0));
            let late_s =
                planned.map(|planned| visit.departure.timestamp().duration_since(planned.departure).as_secs_f64());
            if let Some(late_s) = late_s.filter(|late_s| LATE_START_S.contains(late_s)) {
                let expected = at_stop.late_start.expected(slot, &FLAT, || LATE_START);
                at_stop.late_start.learn(late_s as f32, slot, day, expected, &FLAT);
            }
        } else if visit.call + 1 < calls.len() {
            let dwell_s = visit.departure.seconds_since(visit.arrival);
            if DWELL_S.contains(&dwell_s) {
                let expected = at_stop.dwell.expected(slot, &FLAT, || DWELL);
                self.crowding.learn(gap, dwell_s as f32, expected.mean);
                at_stop.dwell.learn(dwell_s as f32, slot, day, expected, &FLAT);
            }
        }
    }

    fn compare(&mut self, drive: &mut Drive, visit: &StopVisit) {
        for forecast in drive.forecasts.iter().filter(|forecast| forecast.call == visit.call) {
            let took_s = visit.arrival.seconds_since(forecast.made);
            if took_s >= 1.0 {
                let z = ((took_s as f32).ln() - forecast.ln_median) / forecast.spread;
                self.calibration.learn(forecast.ln_median.exp(), z);
            }
        }
        drive.forecasts.retain(|forecast| forecast.call > visit.call);
    }

    fn forecast(&self, network: &Network, drive: &mut Drive, visit: &StopVisit) {
        let calls = network.pattern(visit.pattern).calls.len();
        let Some(last) = FORECAST_CALLS.iter().rev().map(|ahead| visit.call + ahead).find(|call| *call < calls) else {
            return;
        };
        let mut ahead = Ahead::new(self, network, visit.departure, (visit.pattern, visit.run), (drive.own, drive.gap));
        for call in visit.call..last {
            ahead.drive(call, 1.0);
            if FORECAST_CALLS.contains(&(call + 1 - visit.call)) {
                let (ln_median, spread) = ahead.lognormal();
                drive.forecasts.push(Forecast { call: call + 1, made: visit.departure, ln_median, spread });
            }
            ahead.dwell(call + 1);
        }
    }
}

impl Drive {
    pub(super) fn is_at(&self, way: (PatternIndex, Option<Run>), call: usize) -> bool {
        (self.pattern, self.run) == way && self.call == call
    }

    pub(super) fn left_at(&self) -> Instant {
        self.departure
    }

    fn at(visit: &StopVisit, shares: Shares) -> Self {
        Self {
            pattern: visit.pattern,
            run: visit.run,
            call: visit.call,
            arrival: visit.arrival,
            departure: visit.departure,
            own: Pace::unknown(shares),
            beside: None,
            gap: 0.0,
            unexplained: Vec::new(),
            forecasts: Vec::new(),
        }
    }

    /// On a new trip the driver and the passengers change: what was its own fades.
    fn take_over(&mut self, before: Self, same: bool, shares: Shares) {
        if same {
            *self = before;
        } else {
            (self.own, self.gap) = (before.own.next_trip(shares), 0.0);
        }
    }
}

fn follow(
    link: &mut Link,
    drive: &mut Drive,
    city: &mut Wave,
    lessons: &mut Lessons,
    shares: Shares,
    (z, elsewhere): (f32, Option<f32>),
    at_s: i64,
) {
    /// Residuals of one hour are not independent: each counts as a tenth.
    const CITY_NOISE: f32 = 10.0;
    let of_city = city.at(at_s, shares.city, shares.city_memory_s);
    let of_link = link.wave.at(at_s, shares.link, shares.link_memory_s);
    let own = drive.own.step(shares);
    let noise = shares.noise();
    lessons.square(z);
    if let Some(elsewhere) = elsewhere {
        lessons.city(z, elsewhere);
    }
    if let Some((before, before_s)) = drive.beside {
        lessons.beside(z, before, (at_s - before_s) as f32);
    }
    drive.beside = (link.last_at_s > 0).then_some((link.last_z, link.last_at_s));
    if link.last_at_s > 0 {
        lessons.link(z, link.last_z, (at_s - link.last_at_s) as f32);
    }
    let unexplained = z - of_city.mean - of_link.mean;
    for (back, before) in drive.unexplained.iter().rev().enumerate() {
        lessons.own(unexplained, back + 1, *before);
    }
    if drive.unexplained.len() == REMEMBERED {
        drive.unexplained.remove(0);
    }
    drive.unexplained.push(unexplained);
    drive.own = own.update(unexplained, noise + of_link.variance + of_city.variance);
    link.wave.set(of_link.update(z - of_city.mean - own.mean(), noise + own.variance() + of_city.variance), at_s);
    city.set(of_city.update(z, CITY_NOISE), at_s);
    (link.last_z, link.last_at_s) = (z, at_s);
}

fn day_number(at: Instant) -> u16 {
    u16::try_from(at.micros() / 86_400_000_000).unwrap_or_default()
}

/// Time of a link before anything was observed there: the timetable's speed around
/// it, since the times of single stops are rounded to minutes; without a timetable
/// the [`DEFAULT_SPEED_M_S`].
fn prior_link(network: &Network, pattern: PatternIndex, run: Option<Run>, call: usize, second_of_day: f64) -> Prior {
    let way = network.pattern(pattern);
    let length_m = (way.calls[call + 1].along_m - way.calls[call].along_m).max(20.0);
    let start = |trip: &TripIndex| network.call_times(*trip).first().map_or(0.0, |time| time.departure_s);
    let trip = run.map(|run| run.trip).or_else(|| {
        let next = way.trips.partition_point(|trip| start(trip) < second_of_day).min(way.trips.len().saturating_sub(1));
        way.trips.get(next).copied()
    });
    let planned = trip.and_then(|trip| {
        let times = network.call_times(trip);
        let (first, last) = (call.saturating_sub(2), (call + 3).min(way.calls.len() - 1));
        let took_s = times.get(last)?.arrival_s - times.get(first)?.departure_s;
        let dwells_s = (last - first - 1) as f64 * f64::from(DWELL.mean);
        let speed = (way.calls[last].along_m - way.calls[first].along_m) / (took_s - dwells_s).max(took_s / 2.0);
        (1.0..=30.0).contains(&speed).then_some(speed)
    });
    let speed = planned.unwrap_or(DEFAULT_SPEED_M_S);
    let doubt = if planned.is_some() { PLANNED_DOUBT } else { DEFAULT_SPEED_DOUBT };
    Prior { mean: (length_m / speed).ln() as f32, variance: LINK_VARIANCE, doubt }
}

#[cfg(test)]
mod tests;
