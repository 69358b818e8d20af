//! One vehicle's tracker: where the vehicle is, when it reports, what it gets wrong.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::polyline::{Place, bearing, metres, moved};
use super::schedule::{Duty, Schedule, Trip};
use super::trouble::Fault;
use super::utility::Circuit;
use super::{FleetMessage, hfp, operator, owntracks};
use crate::chance::Chance;
use crate::register::DemoVehicle;

/// The wire format of a tracker.
pub enum Speaks {
    Hfp,
    Operator,
    OwnTracks(Circuit),
}

/// A vehicle with its device.
pub struct Tracker {
    pub vehicle: DemoVehicle,
    speaks: Speaks,
    chance: Chance,
    period_s: i64,
    next_at: i64,
    /// Error of the receiver, metres east and north; it wanders.
    error: (f64, f64),
    /// While this lasts the receiver sees no satellites.
    lost_until: i64,
    at_stop: Option<String>,
}

/// Where a vehicle is and what it is doing.
pub struct Fix {
    pub at: Timestamp,
    /// `None` while the receiver has lost the satellites.
    pub place: Option<Place>,
    pub speed_m_s: f64,
    pub bearing_deg: f64,
    /// Error of the receiver, metres.
    pub accuracy_m: f64,
}

/// What a vehicle in service shows besides its fix.
pub struct Service<'a> {
    pub trip: &'a Trip,
    pub day: jiff::civil::Date,
    pub distance_m: f64,
    pub delay_s: i64,
    /// The stop it stands at.
    pub stop: Option<&'a str>,
    /// The stop it drives to; `None` at the end of the line.
    pub next_stop: Option<&'a str>,
}

/// How long the deviation from the timetable takes to change.
const DEVIATION_EVERY_S: f64 = 600.0;

impl Tracker {
    pub fn new(vehicle: DemoVehicle, speaks: Speaks, mut chance: Chance) -> Self {
        let period_s = match speaks {
            Speaks::Hfp => chance.whole(1, 2),
            Speaks::Operator => chance.whole(5, 10),
            Speaks::OwnTracks(_) => 10,
        };
        Self { vehicle, speaks, chance, period_s, next_at: 0, error: (0.0, 0.0), lost_until: 0, at_stop: None }
    }

    /// What the device sends at `now`; nothing between its reports and off duty.
    pub fn report(
        &mut self,
        now: Timestamp,
        zone: &TimeZone,
        schedule: &Schedule,
        fault: Option<Fault>,
    ) -> Vec<FleetMessage> {
        let second = now.as_second();
        if second < self.next_at && fault.is_none() {
            return Vec::new();
        }
        // Devices do not report in step.
        let phase = if self.next_at == 0 && fault.is_none() { self.chance.whole(0, self.period_s - 1) } else { 0 };
        self.next_at = second + self.period_s + phase;
        self.wander(second);
        if let Speaks::OwnTracks(circuit) = &self.speaks {
            let (place, speed_m_s, bearing_deg, job) = circuit.at(now);
            let fix = self.fix(now, place, speed_m_s, bearing_deg, fault);
            return owntracks::location(&self.vehicle, &fix, job, fault).into_iter().collect();
        }
        let Some(block) = self.vehicle.block.clone() else { return Vec::new() };
        let delay_s = self.deviation(now);
        let Some(duty) = schedule.duty(&block, shifted(now, -delay_s), zone) else { return Vec::new() };
        let Some((place, bearing_deg, service)) = whereabouts(&duty, schedule, delay_s) else { return Vec::new() };
        let second_before = Duty { second: duty.second - 1.0, ..duty };
        let speed_m_s =
            whereabouts(&second_before, schedule, delay_s).map_or(0.0, |before| metres(before.0, place)).min(20.0);
        let fix = self.fix(now, place, speed_m_s, bearing_deg, fault);
        match self.speaks {
            Speaks::Hfp => {
                let mut out = Vec::new();
                let stop = service.stop.map(str::to_owned);
                if stop != self.at_stop {
                    // The stop just reached, or the one just left.
                    let event = if stop.is_some() { "arr" } else { "dep" };
                    out.extend(hfp::message(event, &self.vehicle, &fix, &service, schedule, None));
                    self.at_stop = stop;
                }
                out.extend(hfp::message("vp", &self.vehicle, &fix, &service, schedule, fault));
                out
            }
            _ => operator::record(&self.vehicle, &fix, &service, schedule, zone, fault).into_iter().collect(),
        }
    }

    /// The fix as the receiver sees it, with the fault asked for.
    fn fix(&self, at: Timestamp, place: Place, speed_m_s: f64, bearing_deg: f64, fault: Option<Fault>) -> Fix {
        let seen = moved(place, self.error.0, self.error.1);
        let place = if at.as_second() < self.lost_until { None } else { Some(seen) };
        let (at, place) = match fault {
            Some(Fault::Swapped) => (at, Some((seen.1, seen.0))),
            Some(Fault::Future) => (shifted(at, 3.0 * 3600.0), place),
            _ => (at, place),
        };
        let accuracy_m = (self.error.0 * self.error.0 + self.error.1 * self.error.1).sqrt().clamp(3.0, 12.0);
        Fix { at, place, speed_m_s, bearing_deg, accuracy_m }
    }

    /// The receiver's error wanders within some metres; now and then it sees nothing for a while.
    fn wander(&mut self, second: i64) {
        let mut step = || self.chance.between(-2.4, 2.4);
        self.error = (self.error.0 * 0.85 + step(), self.error.1 * 0.85 + step());
        if self.chance.happens(0.0012 * self.period_s as f64) {
            self.lost_until = second + self.chance.whole(8, 35);
        }
    }

    /// Seconds behind the timetable; it changes slowly and differs from vehicle to vehicle.
    fn deviation(&self, now: Timestamp) -> f64 {
        let t = now.as_millisecond() as f64 / 1000.0 / DEVIATION_EVERY_S;
        let knot =
            |k: f64| Chance::new(&self.vehicle.registration.public_id).apart(k as i64 as u64).between(-30.0, 170.0);
        let (before, share) = (t.floor(), t - t.floor());
        knot(before) + (knot(before + 1.0) - knot(before)) * share
    }
}

pub fn shifted(at: Timestamp, seconds: f64) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond() + (seconds * 1000.0) as i64).unwrap_or(at)
}

/// Place, bearing and service of a vehicle that follows its duty.
fn whereabouts<'a>(duty: &Duty<'a>, schedule: &Schedule, delay_s: f64) -> Option<(Place, f64, Service<'a>)> {
    let trip = duty.trip;
    let shape = schedule.shapes.get(&trip.shape)?;
    let service = |trip: &'a Trip, distance_m, stop, next_stop| Service {
        trip,
        day: duty.day,
        distance_m,
        delay_s: delay_s as i64,
        stop,
        next_stop,
    };
    if duty.second > trip.end_s() {
        // Layover: it stands, then turns to where the next trip begins.
        let (end, bearing_deg) = shape.at(shape.length_m())?;
        let (start, _) = schedule.shapes.get(&duty.next.shape)?.at(0.0)?;
        let far = metres(end, start);
        let share = ((duty.second - trip.end_s() - 40.0) * 5.0 / far.max(1.0)).clamp(0.0, 1.0);
        let place = (end.0 + (start.0 - end.0) * share, end.1 + (start.1 - end.1) * share);
        let stop = trip.calls.last().filter(|_| share == 0.0).map(|c| c.stop.as_str());
        let turned = if share > 0.0 && far > 5.0 { bearing(end, start) } else { bearing_deg };
        return Some((place, turned, service(trip, shape.length_m(), stop, None)));
    }
    let after = trip.calls.partition_point(|c| c.departure_s <= duty.second);
    let next = trip.calls.get(after).or(trip.calls.last())?;
    let (distance_m, stop) = if duty.second >= next.arrival_s {
        (next.distance_m, Some(next.stop.as_str()))
    } else {
        let before = trip.calls.get(after.checked_sub(1)?)?;
        let share = ((duty.second - before.departure_s) / (next.arrival_s - before.departure_s)).clamp(0.0, 1.0);
        (before.distance_m + (next.distance_m - before.distance_m) * eased(share), None)
    };
    let (place, bearing_deg) = shape.at(distance_m)?;
    let following = if stop.is_some() { trip.calls.get(after + 1) } else { Some(next) };
    Some((place, bearing_deg, service(trip, distance_m, stop, following.map(|c| c.stop.as_str()))))
}

/// Share of the way for a share of the time between two stops: speeding up over the
/// first sixth, slowing down over the last, even between.
fn eased(t: f64) -> f64 {
    const RAMP: f64 = 1.0 / 6.0;
    let top = 1.0 / (1.0 - RAMP);
    if t < RAMP {
        top * t * t / (2.0 * RAMP)
    } else if t > 1.0 - RAMP {
        1.0 - top * (1.0 - t) * (1.0 - t) / (2.0 * RAMP)
    } else {
        top * (t - RAMP / 2.0)
    }
}
