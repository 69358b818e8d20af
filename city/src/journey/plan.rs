//! The question and its answer.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use misto_model::{Instant, StopId, WheelchairAccess};

use super::Planner;
use super::days::Days;
use super::live::Live;
use super::profile::{Doors, Found, arrivals, between, earliest, latest_departure};
use super::told::{Journey, tell};
use super::walking::{StopWalk, Walk};
use super::world::{Demands, NEVER, Times, World};
use crate::transit::Network;

/// The moment that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Not before.
    LeaveAt(Instant),
    /// Not after.
    ArriveBy(Instant),
}

/// From where to where, when, for whom.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// When.
    pub when: When,
    /// Ways on foot from the first door to stops.
    pub access: &'a [StopWalk],
    /// Ways on foot from stops to the last door.
    pub egress: &'a [StopWalk],
    /// The whole way on foot; `None` when there is none, or it is too far.
    pub direct: Option<&'a Walk>,
    /// Whether the person boards without a step only.
    pub step_free: bool,
    /// Metres a second on foot, for changing.
    pub speed_m_s: f64,
    /// At most so many rides.
    pub rides: usize,
    /// At most so many journeys.
    pub journeys: usize,
}

impl Query<'_> {
    pub(super) fn leave_at(&self) -> Option<Instant> {
        match self.when {
            When::LeaveAt(at) => Some(at),
            When::ArriveBy(_) => None,
        }
    }
}

/// Why there is no journey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoJourney {
    /// Both doors are the same.
    AlreadyThere,
    /// No stop near the first door, or none where this person can board.
    NoStopNearStart {
        /// Stops near, at which this person cannot board.
        unfit: usize,
    },
    /// No stop near the last door, or none where this person can get off.
    NoStopNearEnd {
        /// Stops near, at which this person cannot get off.
        unfit: usize,
    },
    /// The timetable tells nothing of that day.
    OutsideTimetable {
        /// First and last day that it tells of; `None` when it tells of none.
        days: Option<(Date, Date)>,
    },
    /// Nothing that this person can board leads there in the 24 hours that were looked through.
    NoConnection,
}

/// Hours that are looked through.
const AHEAD_S: i32 = 86_400;
/// The first period whose departures are looked through; the next ones are twice as long.
const PERIOD_S: i32 = 1_200;
/// Doors nearer to each other than this are the same.
const SAME_DOOR_M: f64 = 10.0;
/// Until this hour of the night a trip counts as last of the day before.
const NIGHT_H: i64 = 3;

/// Journeys by departure. Leaving at a moment: those that arrive first. Arriving by one: those
/// that leave last. None is worse than another in everything: later departure, earlier arrival,
/// fewer changes, more certain, better known.
///
/// # Errors
/// Why there is none.
pub fn plan(network: &Network, planner: &Planner, live: &Live, query: &Query<'_>) -> Result<Vec<Journey>, NoJourney> {
    let (from, to) = match query.when {
        When::LeaveAt(at) => (at.timestamp(), day_after(at.timestamp(), 1)),
        When::ArriveBy(at) => (day_after(at.timestamp(), -1), at.timestamp()),
    };
    let asked = Asked::new(network, planner, query)?;
    let days = Days::new(network, &planner.lanes, from, to, None);
    check_days(network, query, &days)?;
    let mut journeys = Vec::new();
    for demands in asked.demands(live) {
        let world = World::new(planner, live, &days, demands, AHEAD_S);
        let found = match query.when {
            When::LeaveAt(_) => asked.leaving(&world),
            When::ArriveBy(_) => asked.arriving(&world),
        };
        journeys.extend(found.iter().filter_map(|found| tell(network, &world, query, found)));
    }
    let mut best = undominated(journeys);
    match query.when {
        When::LeaveAt(_) => best.sort_by_key(|one| (one.arrive.micros(), -one.leave.micros())),
        When::ArriveBy(_) => best.sort_by_key(|one| (-one.leave.micros(), one.arrive.micros())),
    }
    best.truncate(query.journeys);
    best.sort_by_key(|one| (one.leave.micros(), one.arrive.micros()));
    if best.is_empty() { Err(NoJourney::NoConnection) } else { Ok(best) }
}

/// The last journey with trips of the service day of a moment, or of earlier ones; until three
/// in the night that is the day before. Only [`When::LeaveAt`] is read: it leaves no earlier.
///
/// # Errors
/// Why there is none.
pub fn last_departure(
    network: &Network,
    planner: &Planner,
    live: &Live,
    query: &Query<'_>,
) -> Result<Journey, NoJourney> {
    let at = match query.when {
        When::LeaveAt(at) | When::ArriveBy(at) => at.timestamp(),
    };
    let asked = Asked::new(network, planner, query)?;
    let night = at.checked_sub(SignedDuration::from_hours(NIGHT_H)).unwrap_or(at);
    let today = night.to_zoned(network.departures().time_zone().clone()).date();
    let days = Days::new(network, &planner.lanes, at, day_after(at, 1), Some(today));
    check_days(network, query, &days)?;
    let world = World::new(planner, live, &days, asked.demands(live)[0], AHEAD_S);
    let ends = days.days.iter().map(|day| day.offset_s + planner.lanes.latest_s).max().unwrap_or(0);
    let deadline = ends + asked.longest_egress_s() + AHEAD_S / 24;
    let doors = asked.doors();
    let leaves = latest_departure(&world, &doors, deadline, 0).ok_or(NoJourney::NoConnection)?;
    let trails = earliest(&world, &doors, leaves, deadline);
    let trail = trails.into_iter().min_by_key(|trail| (trail.ends, trail.hops.len())).ok_or(NoJourney::NoConnection)?;
    tell(network, &world, query, &Found { leaves, trail }).ok_or(NoJourney::NoConnection)
}

/// The earliest arrival at every stop that is reached within 24 hours by riding, from
/// [`When::LeaveAt`] on (or 24 hours before [`When::ArriveBy`]); the last door is not read.
///
/// # Errors
/// Why nothing is reached.
pub fn reach(
    network: &Network,
    planner: &Planner,
    live: &Live,
    query: &Query<'_>,
) -> Result<BTreeMap<StopId, Instant>, NoJourney> {
    let from = match query.when {
        When::LeaveAt(at) => at.timestamp(),
        When::ArriveBy(at) => day_after(at.timestamp(), -1),
    };
    let (access, unfit) = stops(network, planner, query.access, query.step_free);
    if access.is_empty() {
        return Err(NoJourney::NoStopNearStart { unfit });
    }
    let days = Days::new(network, &planner.lanes, from, day_after(from, 1), None);
    check_days(network, query, &days)?;
    let asked = Asked { query, access, egress: Vec::new() };
    let world = World::new(planner, live, &days, asked.demands(live)[0], AHEAD_S);
    let arrivals = arrivals(&world, &asked.doors(), 0, AHEAD_S).into_iter();
    let at = |(stop, at): (u32, i32)| {
        let at = Instant::from_seconds(days.base_s + i64::from(at)).ok()?;
        Some((planner.lanes.stops[stop as usize].clone(), at))
    };
    Ok(arrivals.filter_map(at).collect())
}

fn day_after(at: Timestamp, days: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_hours(24 * days)).unwrap_or(at)
}

fn check_days(network: &Network, query: &Query<'_>, days: &Days) -> Result<(), NoJourney> {
    if !days.days.is_empty() {
        return Ok(());
    }
    let (When::LeaveAt(at) | When::ArriveBy(at)) = query.when;
    let asked = at.timestamp().to_zoned(network.departures().time_zone().clone()).date();
    let told = network.timetable().service_days();
    let day_before = asked.checked_sub(1.day()).unwrap_or(asked);
    let inside = told.is_some_and(|(first, last)| first <= asked && day_before <= last);
    Err(if inside { NoJourney::NoConnection } else { NoJourney::OutsideTimetable { days: told } })
}

/// A question with stops by number.
struct Asked<'a> {
    query: &'a Query<'a>,
    access: Vec<(u32, i32)>,
    egress: Vec<(u32, i32)>,
}

impl<'a> Asked<'a> {
    fn new(network: &Network, planner: &Planner, query: &'a Query<'a>) -> Result<Self, NoJourney> {
        if query.direct.is_some_and(|walk| walk.length_m < SAME_DOOR_M) {
            return Err(NoJourney::AlreadyThere);
        }
        let (access, unfit_access) = stops(network, planner, query.access, query.step_free);
        let (egress, unfit_egress) = stops(network, planner, query.egress, query.step_free);
        if access.is_empty() {
            return Err(NoJourney::NoStopNearStart { unfit: unfit_access });
        }
        if egress.is_empty() {
            return Err(NoJourney::NoStopNearEnd { unfit: unfit_egress });
        }
        Ok(Self { query, access, egress })
    }

    fn doors(&self) -> Doors<'_> {
        Doors { access: &self.access, egress: &self.egress, rides: self.query.rides }
    }

    fn longest_egress_s(&self) -> i32 {
        self.egress.iter().map(|(_, walk_s)| *walk_s).max().unwrap_or(0)
    }

    /// What is searched: the likely; where vehicles are followed the safe too; for who boards
    /// without a step also what is known to be so.
    fn demands(&self, live: &Live) -> Vec<Demands> {
        let (step_free, speed_m_s) = (self.query.step_free, self.query.speed_m_s);
        let likely = Demands { step_free, known_only: false, times: Times::Likely, speed_m_s };
        let mut all = vec![likely];
        if live.followed() > 0 {
            all.push(Demands { times: Times::Cautious, ..likely });
        }
        if step_free {
            all.push(Demands { known_only: true, ..likely });
        }
        all
    }

    /// Periods are added until enough journeys arrive before all that leave later.
    fn leaving(&self, world: &World<'_>) -> Vec<Found> {
        let mut all = Vec::new();
        let (mut from, mut length) = (0, PERIOD_S);
        while from < AHEAD_S {
            let to = (from + length).min(AHEAD_S);
            let (found, later) = between(world, &self.doors(), (from, to), AHEAD_S);
            all.extend(found);
            let sure = all.iter().filter(|found| found.trail.ends <= later).count();
            if sure >= self.query.journeys || later == NEVER {
                break;
            }
            (from, length) = (to, length * 2);
        }
        all
    }

    /// The latest departure is found backwards; from there the period before it grows.
    fn arriving(&self, world: &World<'_>) -> Vec<Found> {
        // The base is a day before the deadline.
        let Some(last) = latest_departure(world, &self.doors(), AHEAD_S, 0) else { return Vec::new() };
        let mut length = PERIOD_S;
        loop {
            let from = (last + 1 - length).max(0);
            let (found, _) = between(world, &self.doors(), (from, last + 1), AHEAD_S);
            if found.len() >= self.query.journeys || from == 0 {
                return found;
            }
            length *= 2;
        }
    }
}

fn stops(network: &Network, planner: &Planner, walks: &[StopWalk], step_free: bool) -> (Vec<(u32, i32)>, usize) {
    let known = walks.iter().filter_map(|way| {
        let number = *planner.lanes.numbers.get(&way.stop)?;
        let stop = network.timetable().stops.get(&way.stop)?;
        let fits = !step_free || stop.wheelchair_boarding != WheelchairAccess::No;
        Some((number, i32::try_from(way.walk.walk_s).ok()?.min(AHEAD_S), fits))
    });
    let (fit, unfit): (Vec<_>, Vec<_>) = known.partition(|(_, _, fits)| *fits);
    (fit.into_iter().map(|(stop, walk_s, _)| (stop, walk_s)).collect(), unfit.len())
}

fn undominated(journeys: Vec<Journey>) -> Vec<Journey> {
    let key = |one: &Journey| {
        let known = i64::from(one.is_known());
        [one.leave.micros(), -one.arrive.micros(), -(one.changes() as i64), i64::from(one.certainty()), known]
    };
    let keyed: Vec<_> = journeys.into_iter().map(|one| (key(&one), one)).collect();
    let is_beaten = |number: usize| {
        let own = &keyed[number].0;
        keyed.iter().enumerate().any(|(other, (key, _))| {
            let as_good = key.iter().zip(own).all(|(a, b)| a >= b);
            as_good && (key != own || other < number)
        })
    };
    let beaten: Vec<bool> = (0..keyed.len()).map(is_beaten).collect();
    keyed.into_iter().zip(beaten).filter(|(_, beaten)| !beaten).map(|((_, one), _)| one).collect()
}
