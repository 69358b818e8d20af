//! Which trip a vehicle drives, and what was observed at the stops.

use misto_model::{Instant, TRIP_ID_KEY, TripId, VehicleKey, VehiclePosition};
use serde::{Deserialize, Serialize};

use super::network::{PatternIndex, Run};

/// What a vehicle of passenger transport is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceState {
    /// Not enough is known to say.
    Unknown,
    /// Standing where vehicles stand when they are not needed.
    AtDepot,
    /// Driving without passengers: to or from the depot, or to where a trip begins.
    Deadhead,
    /// Waiting at an end of the line for its next trip.
    Layover,
    /// On its way along a pattern.
    InService,
    /// On a trip, but away from the way it should take.
    OffRoute,
}

/// Why a vehicle was given the trip it has, or none; shown to dispatchers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchReason {
    /// The tracker named the trip, and the vehicle is where that trip drives.
    Told,
    /// Way, direction and time leave one trip.
    Matched,
    /// The way is known, but the route has no timetable.
    NoTimetable,
    /// The way is known, but more than one trip fits as well.
    SeveralTrips,
    /// No trip is planned that could be this one.
    NoTrip,
    /// More than one way fits as well.
    SeveralWays,
    /// Too few fixes yet.
    TooFewFixes,
    /// It has not moved.
    Standing,
    /// Farther from every way than a receiver errs.
    FarFromRoute,
    /// The tracker names a route that the timetable does not have.
    UnknownRoute,
    /// The newest fix is too old.
    Silent,
}

/// What a tracker itself says of the trip; every `None` means that it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claim<'a> {
    /// GTFS trip id.
    pub trip: Option<TripId>,
    /// Route: its id or the number passengers know.
    pub route: Option<&'a str>,
    /// Number passengers know.
    pub route_short_name: Option<&'a str>,
    /// GTFS direction.
    pub direction: Option<u8>,
    /// Local start of the trip, `HH:MM`.
    pub trip_start: Option<&'a str>,
    /// Operating day, `YYYY-MM-DD`.
    pub operating_day: Option<&'a str>,
}

impl<'a> Claim<'a> {
    /// What a fix says.
    pub fn of(fix: &'a VehiclePosition) -> Self {
        Self {
            trip: fix.extra.get(TRIP_ID_KEY).and_then(|id| id.as_str()).map(|id| TripId(id.to_owned())),
            route: fix.route.as_deref(),
            route_short_name: fix.route_short_name.as_deref(),
            direction: fix.direction,
            trip_start: fix.trip_start.as_deref(),
            operating_day: fix.operating_day.as_deref(),
        }
    }
}

/// What a vehicle does according to its newest fix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    /// State.
    pub state: ServiceState,
    /// Why this trip, or none.
    pub reason: MatchReason,
    /// The way it drives; `None` when it is not known.
    pub pattern: Option<PatternIndex>,
    /// The trip it drives, or during a layover the one it will drive; `None` when it is not known.
    pub run: Option<Run>,
    /// Metres from the start of the pattern's line; `None` without a pattern.
    pub along_m: Option<f64>,
    /// The call that it reaches next, or stands at; `None` beyond the last.
    pub next_call: Option<usize>,
    /// Since when state, pattern and run are these.
    pub since: Instant,
    /// Time of the fix that this rests on.
    pub fix_time: Instant,
    /// Since when a vehicle on a trip has stood where it stands; `None` while it moves.
    pub stands_since: Option<Instant>,
}

/// Why nobody can tell when a vehicle on a trip will come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// It stands in the middle of its trip.
    Standing,
    /// It left the way of its trip.
    OffRoute,
}

/// Longer than dwells, lights and short detours take, seconds: from then on a breakdown or a
/// turn before the end is as likely as anything, and every moment told would be wrong.
pub const HELD_AFTER_S: f64 = 300.0;

impl Assignment {
    /// Seconds that a vehicle on its way has stood there up to its newest fix. At the first
    /// call it waits for its departure, which is no standing.
    pub fn stood_s(&self) -> f64 {
        let under_way = self.state == ServiceState::InService && self.next_call.is_some_and(|next| next > 0);
        let since = self.stands_since.filter(|_| under_way);
        since.map_or(0.0, |since| self.fix_time.seconds_since(since).max(0.0))
    }

    /// Since when a vehicle on a trip stands in the middle of it, or has left its way, once
    /// that has lasted for [`HELD_AFTER_S`].
    pub fn held(&self) -> Option<(Held, Instant)> {
        if self.state == ServiceState::OffRoute {
            let long = self.fix_time.seconds_since(self.since) >= HELD_AFTER_S;
            return long.then_some((Held::OffRoute, self.since));
        }
        let since = self.stands_since.filter(|_| self.stood_s() >= HELD_AFTER_S)?;
        Some((Held::Standing, since))
    }
}

/// A vehicle at a stop of its pattern, as observed: in the words of TIDES a stop visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StopVisit {
    /// Who.
    pub vehicle: VehicleKey,
    /// On which way.
    pub pattern: PatternIndex,
    /// On which trip; `None` when only the way is known.
    pub run: Option<Run>,
    /// Which call of the pattern.
    pub call: usize,
    /// When it came to the stop: interpolated between the fixes before and after.
    pub arrival: Instant,
    /// When it left; that of the last call is its arrival.
    pub departure: Instant,
}
