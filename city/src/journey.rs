//! From door to door: walk, ride, change, ride, walk.
//!
//! The search is RAPTOR (Delling, Pagel, Werneck: Round-Based Public Transit Routing, 2012)
//! over the timetable as it is laid out by [`transit::Network`](crate::transit::Network):
//! round k finds what is reached with k rides. What is known of the vehicles lies over it as
//! [`Live`]: runs that a vehicle drives have its predicted times, cancelled runs and those
//! that nobody drives are left out, by the rule of the boards at stops
//! ([`arrivals`](crate::transit::arrivals)).
//!
//! Walking is an argument: whoever knows the walking network tells which stops are reached
//! and what lies on the way. What is not known is said in [`Journey::rests_on`], never guessed.
//!
//! The files build on each other in this order: `footpaths` and `lanes` (once a timetable:
//! [`Planner`]), `live` (once a look at the fleet), `days` and `world` (once a question),
//! `search` (rounds), `profile` (departures over a period), `told` and `chance` (what a person
//! is told), `plan`.

mod chance;
mod days;
mod footpaths;
mod lanes;
mod live;
mod plan;
mod profile;
mod search;
mod told;
mod walking;
mod world;

use crate::transit::Network;

pub use chance::{Catch, LIKELY};
pub use footpaths::{ChangeBasis, ChangeRules};
pub use live::{Live, Picture};
pub use plan::{NoJourney, Query, When, last_departure, plan, reach};
pub use told::{Journey, Leg, Moment, RestsOn, Ride, RideState, WalkLeg};
pub use walking::{StopWalk, Walk, WalkBasis, straight_walk, straight_walks};

/// What the search needs of a timetable, made once: about ten bytes for each stop time.
/// Good for the network it was made of only.
#[derive(Debug)]
pub struct Planner {
    pub(crate) lanes: lanes::Lanes,
    pub(crate) footpaths: footpaths::Footpaths,
}

impl Planner {
    /// Lays out a timetable for the search.
    pub fn new(network: &Network, rules: &ChangeRules) -> Self {
        let lanes = lanes::Lanes::new(network);
        let footpaths = footpaths::Footpaths::new(network.timetable(), &lanes, rules);
        Self { lanes, footpaths }
    }

    /// Bytes of memory that the planner takes beside the network.
    pub fn memory_bytes(&self) -> usize {
        self.lanes.memory_bytes() + self.footpaths.memory_bytes()
    }

    /// Stops at which something stops.
    pub fn stops(&self) -> usize {
        self.lanes.stops.len()
    }
}
