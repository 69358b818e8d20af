//! What lies around stops: stations, entrances, levels, pathways, transfers.

use serde::{Deserialize, Serialize};

use super::{RouteId, StopId, TripId, WheelchairAccess};
use crate::geometry::Position;

/// What few rows of stops.txt have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StopDetails {
    /// `parent_station`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<StopId>,
    /// `platform_code`, without the word platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform_code: Option<String>,
    /// `level_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// `zone_id` of the fares.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// `stop_desc`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `stop_url`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// `tts_stop_name`: the name as it is spoken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spoken_name: Option<String>,
    /// `stop_timezone`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// `location_type` of what is no stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    /// 1.
    Station,
    /// 2.
    Entrance,
    /// 3: a point within a station that only pathways know.
    Node,
    /// 4: a part of a platform.
    BoardingArea,
}

/// A row of stops.txt where nothing stops.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Its id.
    pub id: StopId,
    /// What it is.
    pub kind: PlaceKind,
    /// Its name; nodes and boarding areas need none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Number at the door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Where; nodes and boarding areas need none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// Of a station: boarding at its platforms; of an entrance: reaching the platforms.
    pub wheelchair_boarding: WheelchairAccess,
    /// What few have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Box<StopDetails>>,
}

/// A row of levels.txt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// `level_index`: 0 is the ground, below it negative.
    pub index: f64,
    /// `level_name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// `pathway_mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PathwayMode {
    /// 1.
    Walkway,
    /// 2.
    Stairs,
    /// 3.
    MovingSidewalk,
    /// 4.
    Escalator,
    /// 5.
    Elevator,
    /// 6.
    FareGate,
    /// 7.
    ExitGate,
}

/// A row of pathways.txt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pathway {
    /// `pathway_id`.
    pub id: String,
    /// `from_stop_id`.
    pub from: StopId,
    /// `to_stop_id`.
    pub to: StopId,
    /// What one walks on.
    pub mode: PathwayMode,
    /// Whether it may be taken the other way too.
    pub bidirectional: bool,
    /// Metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length_m: Option<f64>,
    /// Seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traversal_s: Option<u32>,
    /// Steps, up from the first end to the second; negative = down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stairs: Option<i32>,
    /// `max_slope`, rise by run (0.06 = 6 %); negative = down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_slope: Option<f64>,
    /// Metres at the narrowest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_width_m: Option<f64>,
    /// `signposted_as`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signposted_as: Option<String>,
    /// `reversed_signposted_as`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversed_signposted_as: Option<String>,
}

/// `transfer_type`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferKind {
    /// 0 or empty: a good place to change.
    #[default]
    Recommended,
    /// 1: the second vehicle waits.
    Timed,
    /// 2: it takes at least the minimum time.
    MinimumTime,
    /// 3.
    Impossible,
    /// 4: passengers stay in their seats.
    InSeat,
    /// 5: one vehicle, but passengers must get off.
    NoInSeat,
}

/// A row of transfers.txt.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Transfer {
    /// `from_stop_id`: a stop or a station.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_stop: Option<StopId>,
    /// `to_stop_id`: a stop or a station.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_stop: Option<StopId>,
    /// `from_route_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_route: Option<RouteId>,
    /// `to_route_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_route: Option<RouteId>,
    /// `from_trip_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_trip: Option<TripId>,
    /// `to_trip_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_trip: Option<TripId>,
    /// What kind.
    pub kind: TransferKind,
    /// `min_transfer_time`, seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_transfer_s: Option<u32>,
}
