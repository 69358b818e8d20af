//! Passenger transport: what the timetable promises, which trip a vehicle drives,
//! when it will be where, and how regular the service is.
//!
//! The files build on each other in this order: [`line`](mod@line) and [`network`] (geometry
//! and calendar of a timetable), `matching` (fix → trip), `visits` (what was observed
//! at stops), `travel_times` and `prediction` (when it arrives), `arrivals` (what a
//! resident is told), `headway` (what the city controls).

pub mod arrivals;
pub mod assignment;
pub mod departures;
#[cfg(test)]
mod example;
pub mod headway;
pub mod line;
pub mod matching;
pub mod network;
pub mod prediction;
pub mod travel_times;
pub mod visits;

pub use arrivals::{Arrival, ArrivalState, LowFloor, Tracked, board};
pub use assignment::{Assignment, Claim, Held, MatchReason, ServiceState, StopVisit};
pub use departures::{Departure, Departures};
pub use line::{Line, Projected};
pub use matching::{MatchRules, Matcher};
pub use network::{Call, CallTime, Network, Part, Pattern, PatternIndex, Planned, Run, TripIndex};
pub use prediction::{Predicted, Range, predict};
pub use travel_times::{DayKind, TravelTimes};
