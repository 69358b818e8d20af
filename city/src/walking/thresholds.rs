//! The numbers of walking, each with where it comes from and when it was last read there.
//! They are data: a city that knows better changes them here and nowhere else.

use serde::Serialize;

/// Of the whole table: grows when a number changes, so that answers can be compared.
pub const VERSION: &str = "2026-11";

/// A number, its unit in its name, and its source.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Figure {
    /// The number.
    pub value: f64,
    /// Where it stands.
    pub source: &'static str,
    /// When it was last read there, `YYYY-MM`.
    pub as_of: &'static str,
}

const fn figure(value: f64, source: &'static str) -> Figure {
    Figure { value, source, as_of: "2026-11" }
}

const OWN: &str = "Misto's own assumption, to be confirmed with users";
const ACCESSMAP: &str = "AccessMap, default profiles";
const OTP: &str = "OpenTripPlanner 2, wheelchair and walk preferences";

/// Metres a second of somebody who needs nothing.
pub const WALK_M_S: Figure = figure(1.33, OTP);
/// Metres a second of somebody who uses a chair.
pub const CHAIR_M_S: Figure = figure(0.8, ACCESSMAP);
/// Metres a second of somebody who takes few steps.
pub const CANE_M_S: Figure = figure(1.0, ACCESSMAP);
/// Steepest way up for a chair when nobody says otherwise.
pub const CHAIR_UP_PERCENT: Figure = figure(8.0, "DBN V.2.2-40:2018 (secondary source); AccessMap has the same");
/// Steepest way down for a chair when nobody says otherwise.
pub const CHAIR_DOWN_PERCENT: Figure = figure(10.0, ACCESSMAP);
/// Clear width for a chair of unknown width.
pub const CHAIR_CLEAR_WIDTH_CM: Figure = figure(80.0, "ISO 21542:2021, wheelchair footprint 0.8 m x 1.3 m");
/// Room for both hands beside the wheels, as at a door.
pub const HAND_CLEARANCE_CM: Figure = figure(5.0, OWN);
/// Highest kerb a chair rolls over.
pub const KERB_CM: Figure = figure(3.0, "OpenStreetMap wiki, Key:kerb: lowered is about 3 cm");
/// What one barrier costs, seconds: a way around it of nearly three kilometres is better.
pub const BARRIER_S: Figure = figure(3_600.0, "OpenTripPlanner 2, wheelchairAccessibility inaccessibleCost 3600");
/// What a place costs where nobody gets through (a report, a lift out of order), seconds.
pub const CLOSED_S: Figure = figure(14_400.0, OWN);
/// What steps cost of which nobody knows whether they are too many, seconds.
pub const UNKNOWN_STEPS_S: Figure = figure(600.0, "OpenTripPlanner 2, wheelchairAccessibility unknownCost 600");
/// What any other unmeasured place costs, seconds: a kerb, a signal, a gate.
pub const UNKNOWN_PLACE_S: Figure = figure(30.0, OWN);
/// Share of walking time that each unmeasured attribute of a way adds.
pub const UNKNOWN_SHARE: Figure = figure(0.25, OWN);
/// Each percent above the limit doubles the time, up to five of them.
pub const STEEP_DOUBLINGS: Figure = figure(5.0, "OpenTripPlanner 2, slopeExceeded: each percent above doubles");
/// Seconds of one step for somebody who takes steps, above the time of its length.
pub const STEP_S: Figure = figure(0.5, OWN);
/// Times the walking time that steps feel like to somebody who takes them.
pub const STEPS_RELUCTANCE: Figure = figure(2.0, "OpenTripPlanner 2, walk.stairsReluctance 2.0");
/// Seconds of waiting for and riding a lift.
pub const LIFT_S: Figure = figure(60.0, OWN);
/// Seconds of waiting at a crossing.
pub const CROSSING_S: Figure = figure(10.0, OWN);
/// Seconds that a crossing without marks feels longer.
pub const UNMARKED_S: Figure = figure(10.0, OWN);
/// Times the time that the carriageway of a quiet street feels like.
pub const ROAD_FACTOR: Figure = figure(1.3, OWN);
/// The same of a busy street.
pub const BUSY_ROAD_FACTOR: Figure = figure(3.0, OWN);
/// Times the time that a chair needs on setts, fine gravel and other rough ways.
pub const ROUGH_FACTOR: Figure = figure(1.5, OWN);
/// How far the nearest way may lie from where somebody stands, metres.
pub const SNAP_WITHIN_M: Figure = figure(100.0, OWN);
