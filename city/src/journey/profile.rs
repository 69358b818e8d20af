//! Departures over a period: every way that is not beaten by one that leaves later, arrives
//! earlier or has fewer rides.

use super::search::{Search, Trail};
use super::world::{NEVER, World};

/// A way with the moment at which one leaves the door for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) leaves: i32,
    pub(super) trail: Trail,
}

/// What a search is asked: ways on foot to stops and from stops, seconds, and the number of rides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Doors<'a> {
    pub(super) access: &'a [(u32, i32)],
    pub(super) egress: &'a [(u32, i32)],
    pub(super) rides: usize,
}

/// Ways that leave the door from `from` on and before `to`, the latest first, and the earliest
/// end of those that leave at `to` or later. What ends after `bound` is not looked for.
pub(super) fn between(world: &World<'_>, doors: &Doors<'_>, (from, to): (i32, i32), bound: i32) -> (Vec<Found>, i32) {
    let mut search = Search::<false>::new(world, doors.rides, doors.egress, bound.saturating_add(1));
    for &(stop, walk_s) in doors.access {
        search.start(stop, to + walk_s);
    }
    // What leaves later beats what arrives no earlier; these themselves are told another time.
    let later = search.run();
    let earliest = later.iter().map(|rides| search.trail(*rides).ends).min().unwrap_or(NEVER);
    let mut found = Vec::new();
    for at_once in departures(world, doors.access, from, to).chunk_by(|a, b| a.0 == b.0) {
        for &(leaves, stop, walk_s) in at_once {
            search.start(stop, leaves + walk_s);
        }
        let better = search.run();
        found.extend(better.into_iter().map(|rides| Found { leaves: at_once[0].0, trail: search.trail(rides) }));
    }
    (found, earliest)
}

/// Moments at which one may leave the door to catch something, the latest first, with the stop.
fn departures(world: &World<'_>, access: &[(u32, i32)], from: i32, to: i32) -> Vec<(i32, u32, i32)> {
    let mut all = Vec::new();
    for &(stop, walk_s) in access.iter().filter(|(stop, _)| world.is_usable(*stop)) {
        for (line, call) in world.lines_at(stop) {
            let (line, call) = (world.line(line), usize::from(call));
            if line.takes_on::<false>(call) {
                let leave = line.departures(call, from + walk_s, to + walk_s);
                all.extend(leave.map(|at| (at - walk_s, stop, walk_s)));
            }
        }
    }
    all.sort_unstable_by(|a, b| b.cmp(a));
    all.dedup();
    all
}

/// The ways that leave the door at a moment or later and end earliest, by number of rides.
pub(super) fn earliest(world: &World<'_>, doors: &Doors<'_>, at: i32, bound: i32) -> Vec<Trail> {
    let mut search = Search::<false>::new(world, doors.rides, doors.egress, bound.saturating_add(1));
    for &(stop, walk_s) in doors.access {
        search.start(stop, at + walk_s);
    }
    let better = search.run();
    better.into_iter().map(|rides| search.trail(rides)).collect()
}

/// The latest moment at which one may leave the door and be at the other by `deadline`.
pub(super) fn latest_departure(world: &World<'_>, doors: &Doors<'_>, deadline: i32, not_before: i32) -> Option<i32> {
    let mut search = Search::<true>::new(world, doors.rides, doors.access, (-not_before).saturating_add(1));
    for &(stop, walk_s) in doors.egress {
        search.start(stop, -(deadline - walk_s));
    }
    let better = search.run();
    better.into_iter().map(|rides| -search.trail(rides).ends).max()
}

/// The earliest arrival by ride at each stop that is reached before `bound`.
pub(super) fn arrivals(world: &World<'_>, doors: &Doors<'_>, at: i32, bound: i32) -> Vec<(u32, i32)> {
    let mut search = Search::<false>::new(world, doors.rides, doors.egress, bound.saturating_add(1));
    for &(stop, walk_s) in doors.access {
        search.start(stop, at + walk_s);
    }
    search.run();
    let reached = (0..world.stops() as u32).map(|stop| (stop, search.arrival(stop)));
    reached.filter(|(_, at)| *at < NEVER).collect()
}
