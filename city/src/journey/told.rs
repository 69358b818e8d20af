//! A journey as a person is told it: legs with their moments and ranges, whether each vehicle
//! is caught, and what all of it rests on.

use jiff::Timestamp;
use misto_model::{Instant, StopId, VehicleKey, WheelchairAccess};

use super::chance::{Catch, catch, exactly, probability};
use super::footpaths::ChangeBasis;
use super::live::{Live, by_timetable};
use super::plan::Query;
use super::walking::{Walk, WalkBasis};
use super::world::Hop;
use super::{Planner, profile::Found, world::World};
use crate::transit::arrivals::LowFloor;
use crate::transit::{Network, PatternIndex, Range, Run};

/// A moment of a ride.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// What the timetable says.
    pub planned: Instant,
    /// When it is expected; `None` when only the timetable tells.
    pub expected: Option<Range>,
}

impl Moment {
    /// The likely moment, else the planned one.
    pub fn likely(&self) -> Instant {
        self.expected.map_or(self.planned, |range| range.likely)
    }

    fn range(&self) -> Range {
        self.expected.unwrap_or_else(|| exactly(self.planned))
    }
}

/// What is known of a ride: the states of [`ArrivalState`](crate::transit::ArrivalState) with
/// which somebody can be carried.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RideState {
    /// A vehicle is on its way, or will drive it after its run.
    Predicted {
        /// Seconds since its last fix.
        fix_age_s: f64,
    },
    /// Planned, and no vehicle is expected to have it yet.
    Scheduled,
    /// It should be under way; whether it is nobody tells.
    Unknown,
    /// Its vehicle fell silent; the times are what was last expected of it.
    Lost {
        /// Seconds since its last fix.
        fix_age_s: f64,
    },
}

/// A way on foot between a door and a stop.
#[derive(Debug, Clone, PartialEq)]
pub struct WalkLeg {
    /// The stop at its beginning; `None` = the door where the journey begins.
    pub from: Option<StopId>,
    /// The stop at its end; `None` = the door where the journey ends.
    pub to: Option<StopId>,
    /// When one sets out.
    pub leave: Instant,
    /// The way.
    pub walk: Walk,
}

/// A ride.
#[derive(Debug, Clone, PartialEq)]
pub struct Ride {
    /// Which trip on which service day.
    pub run: Run,
    /// On which way.
    pub pattern: PatternIndex,
    /// Calls of the pattern where one boards and gets off.
    pub calls: (usize, usize),
    /// When it leaves.
    pub board: Moment,
    /// When it comes to where one gets off.
    pub alight: Moment,
    /// Which vehicle; `None` when none is known.
    pub vehicle: Option<VehicleKey>,
    /// Whether it is boarded without a step; `None` when nobody says.
    pub low_floor: Option<LowFloor>,
    /// What is known of it.
    pub state: RideState,
    /// Whether it is caught.
    pub catch: Catch,
}

/// A part of a journey.
#[derive(Debug, Clone, PartialEq)]
pub enum Leg {
    /// On foot from or to a door.
    Walk(WalkLeg),
    /// From one vehicle to the next.
    Change {
        /// Where one gets off.
        from: StopId,
        /// Where one boards.
        to: StopId,
        /// Metres; `None` when only the time is told.
        length_m: Option<f64>,
        /// Seconds from getting off to being able to board.
        takes_s: f64,
        /// How the way is known.
        basis: ChangeBasis,
        /// Whether it is known to have no steps, or some; `None` when nobody says.
        step_free: Option<bool>,
    },
    /// In a vehicle.
    Ride(Box<Ride>),
}

/// Something that nobody measured, promised or confirmed, and on which a journey rests.
/// `leg` counts from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each holds the leg")]
pub enum RestsOn {
    /// A way on foot at which nobody looked.
    StraightWalk { leg: usize },
    /// A way on foot with pieces that nobody measured.
    Unmeasured { leg: usize },
    /// A change of which nobody says whether it has steps.
    UnknownSteps { leg: usize },
    /// A vehicle of which nobody says whether it has a low floor.
    UnknownFloor { leg: usize },
    /// A stop where nobody says whether a wheelchair can board.
    UnknownBoarding { leg: usize },
    /// A ride of which only the timetable tells.
    TimetableOnly { leg: usize },
    /// A ride that should be under way; whether it is nobody tells.
    NotConfirmed { leg: usize },
    /// A ride whose vehicle fell silent.
    Lost { leg: usize },
}

/// A way from door to door.
#[derive(Debug, Clone, PartialEq)]
pub struct Journey {
    /// When one sets out.
    pub leave: Instant,
    /// When one is there: likely or by plan.
    pub arrive: Instant,
    /// Within which range; `None` when only the timetable tells.
    pub arrives_within: Option<Range>,
    /// Its parts in order.
    pub legs: Vec<Leg>,
    /// What is not known of them; what only concerns boarding without a step stands here only
    /// for who asked for it.
    pub rests_on: Vec<RestsOn>,
}

impl Journey {
    /// Its rides in order.
    pub fn rides(&self) -> impl Iterator<Item = &Ride> {
        self.legs.iter().filter_map(|leg| match leg {
            Leg::Ride(ride) => Some(ride.as_ref()),
            _ => None,
        })
    }

    /// Times one changes.
    pub fn changes(&self) -> usize {
        self.rides().count().saturating_sub(1)
    }

    /// 2: every vehicle is likely caught; 1: of some only the timetable tells; 0: one is tight.
    pub(super) fn certainty(&self) -> u8 {
        let of = |ride: &Ride| match ride.catch {
            Catch::Likely { .. } => 2,
            Catch::ByPlan { .. } => 1,
            Catch::Tight { .. } => 0,
        };
        self.rides().map(of).min().unwrap_or(2)
    }

    /// Whether everything that concerns boarding without a step is known.
    pub(super) fn is_known(&self) -> bool {
        !self.rests_on.iter().any(|on| matches!(on, RestsOn::UnknownFloor { .. } | RestsOn::UnknownBoarding { .. }))
    }
}

/// Seconds since 1970; what comes within a second comes at its beginning.
pub(super) fn whole_seconds(at: Instant) -> i64 {
    at.micros().div_euclid(1_000_000)
}

/// Times that a feed leaves out are interpolated; the search counts whole seconds.
fn nearest_second(at: Timestamp) -> Instant {
    let exact = Instant::from_timestamp(at);
    Instant::from_seconds((exact.micros() + 500_000).div_euclid(1_000_000)).unwrap_or(exact)
}

fn later(at: Instant, seconds: f64) -> Instant {
    Instant::from_micros(at.micros() + (seconds * 1e6) as i64, at.precision()).unwrap_or(at)
}

/// Tells what was found. `None` when it does not fit the network: never with a planner of its own.
pub(super) fn tell(network: &Network, world: &World<'_>, query: &Query<'_>, found: &Found) -> Option<Journey> {
    let (planner, live) = (world.planner, world.live);
    let mut rides: Vec<Ride> = Vec::new();
    for hop in &found.trail.hops {
        rides.push(ride(network, planner, live, world.line(hop.line).run(hop.trip), *hop)?);
    }
    let (first, last) = (rides.first()?, rides.last()?);
    let access = way(query.access, stop_of(network, first, first.calls.0))?;
    let egress = way(query.egress, stop_of(network, last, last.calls.1))?;
    let leave = leaves(first, access, query);
    let (arrive, within) = arrives(last, egress);
    let mut legs = vec![Leg::Walk(WalkLeg {
        from: None,
        to: Some(stop_of(network, first, first.calls.0).clone()),
        leave,
        walk: access.clone(),
    })];
    let mut there = Moment { planned: later(leave, f64::from(access.walk_s)), expected: None };
    there.expected = Some(exactly(there.planned));
    let mut need_s = 0.0;
    for (number, mut ride) in rides.iter().cloned().enumerate() {
        if let Some(before) = number.checked_sub(1).map(|before| &rides[before]) {
            let change = change(network, world, before, &ride)?;
            if let Leg::Change { takes_s, .. } = &change {
                need_s = *takes_s;
            }
            legs.push(change);
            there = before.alight;
        }
        ride.catch = caught(there, ride.board, need_s);
        legs.push(Leg::Ride(Box::new(ride)));
    }
    let (from, off) = (Some(stop_of(network, last, last.calls.1).clone()), last.alight.likely());
    legs.push(Leg::Walk(WalkLeg { from, to: None, leave: off, walk: egress.clone() }));
    let rests_on = rests_on(network, &legs, query.step_free);
    Some(Journey { leave, arrive, arrives_within: within, legs, rests_on })
}

/// So early that the first vehicle is caught nine times in ten, but not before it is asked.
fn leaves(first: &Ride, access: &Walk, query: &Query<'_>) -> Instant {
    let walk_s = f64::from(access.walk_s);
    let surely = later(first.board.range().earliest, -walk_s);
    let at_last = later(first.board.likely(), -walk_s);
    let leave = query.leave_at().map_or(surely, |at| if at.micros() > surely.micros() { at } else { surely });
    if leave.micros() > at_last.micros() { at_last } else { leave }
}

fn arrives(last: &Ride, egress: &Walk) -> (Instant, Option<Range>) {
    let walk_s = f64::from(egress.walk_s);
    let within = last.alight.expected.map(|range| Range {
        earliest: later(range.earliest, walk_s),
        likely: later(range.likely, walk_s),
        latest: later(range.latest, walk_s),
    });
    (later(last.alight.likely(), walk_s), within)
}

fn caught(there: Moment, board: Moment, need_s: f64) -> Catch {
    match (there.expected, board.expected) {
        (Some(there), Some(board)) => catch(probability(there, board, need_s)),
        _ => Catch::ByPlan { spare_s: board.likely().seconds_since(there.likely()) - need_s },
    }
}

fn stop_of<'a>(network: &'a Network, ride: &Ride, call: usize) -> &'a StopId {
    &network.pattern(ride.pattern).calls[call].stop
}

fn way<'a>(walks: &'a [super::StopWalk], stop: &StopId) -> Option<&'a Walk> {
    let ways = walks.iter().filter(|way| way.stop == *stop).map(|way| &way.walk);
    ways.min_by_key(|way| way.walk_s)
}

fn ride(network: &Network, planner: &Planner, live: &Live, run: Run, hop: Hop) -> Option<Ride> {
    let calls = (usize::from(hop.board), usize::from(hop.alight));
    let told = live.by_run.get(&run).map(|number| &live.runs[*number as usize]);
    let expected = |call: usize| {
        let told = told.filter(|told| told.state != RideState::Unknown)?;
        told.times.get(call.checked_sub(told.first)?).copied()
    };
    let planned = |call| network.planned(run, call);
    let (lane, _) = planner.lanes.places.get(&run.trip)?;
    Some(Ride {
        run,
        pattern: planner.lanes.lanes[*lane as usize].pattern,
        calls,
        board: Moment {
            planned: nearest_second(planned(calls.0)?.departure),
            expected: expected(calls.0).map(|(_, departure)| departure),
        },
        alight: Moment {
            planned: nearest_second(planned(calls.1)?.arrival),
            expected: expected(calls.1).map(|(arrival, _)| arrival),
        },
        vehicle: told.and_then(|told| told.vehicle.clone()),
        low_floor: told.map_or_else(|| by_timetable(network, run), |told| told.low_floor),
        state: told.map_or(RideState::Scheduled, |told| told.state),
        catch: Catch::ByPlan { spare_s: 0.0 },
    })
}

fn change(network: &Network, world: &World<'_>, before: &Ride, after: &Ride) -> Option<Leg> {
    let (from, to) = (stop_of(network, before, before.calls.1), stop_of(network, after, after.calls.0));
    let (lanes, footpaths) = (&world.planner.lanes, &world.planner.footpaths);
    let way = footpaths.between(*lanes.numbers.get(from)?, *lanes.numbers.get(to)?)?;
    let measured = way.basis != ChangeBasis::Pathways;
    Some(Leg::Change {
        from: from.clone(),
        to: to.clone(),
        length_m: measured.then_some(f64::from(way.length_m)),
        takes_s: f64::from(way.takes_s(world.demands.speed_m_s, footpaths.change_s)),
        basis: way.basis,
        step_free: way.step_free,
    })
}

fn rests_on(network: &Network, legs: &[Leg], step_free: bool) -> Vec<RestsOn> {
    let mut on = Vec::new();
    for (leg, part) in legs.iter().enumerate() {
        match part {
            Leg::Walk(walk) => {
                on.extend((walk.walk.basis == WalkBasis::Straight).then_some(RestsOn::StraightWalk { leg }));
                on.extend((!walk.walk.unmeasured.is_empty()).then_some(RestsOn::Unmeasured { leg }));
            }
            Leg::Change { basis, step_free: known, .. } => {
                on.extend((*basis == ChangeBasis::Straight).then_some(RestsOn::StraightWalk { leg }));
                on.extend((step_free && known.is_none()).then_some(RestsOn::UnknownSteps { leg }));
            }
            Leg::Ride(ride) => of_ride(network, ride, leg, step_free, &mut on),
        }
    }
    on
}

fn of_ride(network: &Network, ride: &Ride, leg: usize, step_free: bool, on: &mut Vec<RestsOn>) {
    match ride.state {
        RideState::Predicted { .. } => {}
        RideState::Scheduled => on.push(RestsOn::TimetableOnly { leg }),
        RideState::Unknown => on.push(RestsOn::NotConfirmed { leg }),
        RideState::Lost { .. } => on.push(RestsOn::Lost { leg }),
    }
    if !step_free {
        return;
    }
    let stops = &network.timetable().stops;
    let unknown = |call| {
        let stop = stops.get(stop_of(network, ride, call));
        stop.is_none_or(|stop| stop.wheelchair_boarding == WheelchairAccess::Unknown)
    };
    on.extend(ride.low_floor.is_none().then_some(RestsOn::UnknownFloor { leg }));
    on.extend((unknown(ride.calls.0) || unknown(ride.calls.1)).then_some(RestsOn::UnknownBoarding { leg }));
}
