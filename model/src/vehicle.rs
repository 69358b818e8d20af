//! Vehicles, their fixes and what the register says of them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::geometry::Position;
use crate::instant::Instant;

/// Name of a configured source of messages: small letters, digits, `_`, `-`. Every fix
/// carries one, so a copy shares the text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SourceId(Arc<str>);

/// Why a text names no vehicle or source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidVehicleKey {
    /// Not a source name.
    #[error("{0:?} is no source name: use 1 to 40 small Latin letters, digits, _ and -")]
    Source(String),
    /// Not `<source>:<operator>/<vehicle>`.
    #[error("{0:?} is no vehicle id: the form is <source>:<operator>/<vehicle>")]
    Form(String),
    /// The vehicle part is empty or too long.
    #[error("a vehicle needs a name of 1 to 128 characters without control characters")]
    Vehicle,
}

impl SourceId {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for SourceId {
    type Error = InvalidVehicleKey;
    fn try_from(text: String) -> Result<Self, InvalidVehicleKey> {
        let fits = (1..=40).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-');
        if fits { Ok(Self(text.into())) } else { Err(InvalidVehicleKey::Source(text.chars().take(60).collect())) }
    }
}

impl std::str::FromStr for SourceId {
    type Err = InvalidVehicleKey;
    fn from_str(text: &str) -> Result<Self, InvalidVehicleKey> {
        text.to_owned().try_into()
    }
}

impl From<SourceId> for String {
    fn from(id: SourceId) -> String {
        id.0.as_ref().to_owned()
    }
}

impl std::fmt::Display for SourceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A vehicle as its source names it. Its text is `<source>:<operator>/<vehicle>`;
/// the operator is empty where the source knows none. Staff see it; the public
/// sees the register's public id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VehicleKey {
    source: SourceId,
    operator: String,
    vehicle: String,
}

impl VehicleKey {
    /// # Errors
    /// When the vehicle's name is empty, holds control characters or is too long, or the operator holds `/`.
    pub fn new(source: SourceId, operator: &str, vehicle: &str) -> Result<Self, InvalidVehicleKey> {
        let fits = |text: &str| text.chars().count() <= 128 && !text.chars().any(char::is_control);
        if vehicle.is_empty() || !fits(vehicle) || !fits(operator) || operator.contains('/') {
            return Err(InvalidVehicleKey::Vehicle);
        }
        Ok(Self { source, operator: operator.to_owned(), vehicle: vehicle.to_owned() })
    }

    /// Configured source.
    pub fn source(&self) -> &SourceId {
        &self.source
    }
    /// Operator (HFP operator number, OwnTracks user); empty when unknown.
    pub fn operator(&self) -> &str {
        &self.operator
    }
    /// The vehicle's own name (number, device, IMEI).
    pub fn vehicle(&self) -> &str {
        &self.vehicle
    }
}

impl std::fmt::Display for VehicleKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}/{}", self.source, self.operator, self.vehicle)
    }
}

impl std::str::FromStr for VehicleKey {
    type Err = InvalidVehicleKey;
    fn from_str(text: &str) -> Result<Self, InvalidVehicleKey> {
        let form = || InvalidVehicleKey::Form(text.chars().take(80).collect());
        let (source, rest) = text.split_once(':').ok_or_else(form)?;
        let (operator, vehicle) = rest.split_once('/').ok_or_else(form)?;
        Self::new(source.parse()?, operator, vehicle)
    }
}

impl TryFrom<String> for VehicleKey {
    type Error = InvalidVehicleKey;
    fn try_from(text: String) -> Result<Self, InvalidVehicleKey> {
        text.parse()
    }
}

impl Serialize for VehicleKey {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for VehicleKey {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What kind of vehicle it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VehicleKind {
    /// Bus.
    Bus,
    /// Trolleybus.
    Trolleybus,
    /// Tram.
    Tram,
    /// Other passenger transport (train, ferry, metro).
    OtherTransit,
    /// Snow plough.
    Plough,
    /// Salt or sand spreader.
    Spreader,
    /// Waste collection.
    WasteTruck,
    /// Street sweeper or washer.
    Sweeper,
    /// Emergency repair crew.
    RepairCrew,
    /// Other municipal vehicle.
    OtherUtility,
}

impl VehicleKind {
    /// All kinds.
    pub const ALL: [Self; 10] = [
        Self::Bus,
        Self::Trolleybus,
        Self::Tram,
        Self::OtherTransit,
        Self::Plough,
        Self::Spreader,
        Self::WasteTruck,
        Self::Sweeper,
        Self::RepairCrew,
        Self::OtherUtility,
    ];

    /// The word that it is written as on every wire and in the history.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bus => "bus",
            Self::Trolleybus => "trolleybus",
            Self::Tram => "tram",
            Self::OtherTransit => "other_transit",
            Self::Plough => "plough",
            Self::Spreader => "spreader",
            Self::WasteTruck => "waste_truck",
            Self::Sweeper => "sweeper",
            Self::RepairCrew => "repair_crew",
            Self::OtherUtility => "other_utility",
        }
    }

    /// Whether it carries passengers (its position is public by default).
    pub fn is_transit(self) -> bool {
        matches!(self, Self::Bus | Self::Trolleybus | Self::Tram | Self::OtherTransit)
    }
}

/// What a utility vehicle is doing, as its equipment or driver says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Job {
    /// Clearing snow.
    Ploughing,
    /// Spreading salt or sand.
    Spreading,
    /// Collecting waste.
    Collecting,
    /// Sweeping.
    Sweeping,
    /// Washing.
    Washing,
    /// Repairing.
    Repairing,
    /// Driving without working.
    Driving,
    /// Standing ready.
    Idle,
    /// Off shift.
    Off,
}

/// How full, as GTFS-Realtime names it (OccupancyStatus).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OccupancyStatus {
    /// Few or no passengers.
    Empty,
    /// Many seats.
    ManySeatsAvailable,
    /// Few seats.
    FewSeatsAvailable,
    /// Standing room.
    StandingRoomOnly,
    /// Crushed standing room.
    CrushedStandingRoomOnly,
    /// Full.
    Full,
}

/// Something known about a fix that keeps it out of live state or must be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FixFlag {
    /// The tracker's clock cannot be right; the fix is history, never live.
    ClockWrong,
    /// The speed was given but could not be (negative or over 100 m/s), so it is unknown.
    SpeedImplausible,
    /// The local time falls into the repeated hour of the clock change; the earlier one was taken.
    AmbiguousLocalTime,
}

/// One fix of one vehicle, normalised: metres per second, degrees clockwise from
/// north, WGS 84, UTC. Every `None` means unknown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VehiclePosition {
    /// Whose.
    pub vehicle: VehicleKey,
    /// Where.
    pub position: Position,
    /// When the tracker says it was there.
    pub fix_time: Instant,
    /// When Misto received it.
    pub received_at: Instant,
    /// What the message reports (HFP event such as `vp`, OwnTracks `location`); part of the key in the history.
    pub event: String,
    /// Metres per second.
    pub speed_m_s: Option<f64>,
    /// Degrees clockwise from north, 0 ≤ b < 360.
    pub bearing_deg: Option<f64>,
    /// Radius of uncertainty, metres.
    pub accuracy_m: Option<f64>,
    /// Metres.
    pub odometer_m: Option<f64>,
    /// Kind as the message tells it.
    pub kind: Option<VehicleKind>,
    /// Job as the message tells it.
    pub job: Option<Job>,
    /// Route as the source names it (HFP route, GTFS route id).
    pub route: Option<String>,
    /// Route as passengers know it.
    pub route_short_name: Option<String>,
    /// GTFS direction, 0 or 1.
    pub direction: Option<u8>,
    /// Text on the front.
    pub headsign: Option<String>,
    /// Local start of the trip, `HH:MM`.
    pub trip_start: Option<String>,
    /// Operating day, `YYYY-MM-DD`.
    pub operating_day: Option<String>,
    /// Next stop as the source names it.
    pub next_stop: Option<String>,
    /// Seconds behind schedule, positive = late.
    pub delay_s: Option<i32>,
    /// Whether doors are open.
    pub doors_open: Option<bool>,
    /// How full, only where a sensor measured it.
    pub occupancy: Option<OccupancyStatus>,
    /// Licence plate (staff only).
    pub plate: Option<String>,
    /// Further fields worth keeping, as the source names them (staff only).
    pub extra: serde_json::Map<String, serde_json::Value>,
    /// What must be known about this fix.
    pub flags: Vec<FixFlag>,
}

/// What the city's register says of a vehicle; every `None` means unknown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VehicleRegistration {
    /// Whose.
    pub vehicle: VehicleKey,
    /// Id that the public may see: neither IMEI nor plate.
    pub public_id: String,
    /// Number or name painted on it.
    pub label: Option<String>,
    /// Kind.
    pub kind: Option<VehicleKind>,
    /// Whether one boards without a step.
    pub low_floor: Option<bool>,
    /// Licence plate (staff only).
    pub plate: Option<String>,
    /// Carrier or municipal company.
    pub operator_name: Option<String>,
    /// Whether it is invented sample data.
    #[serde(default)]
    pub sample: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_one_word_everywhere() {
        for kind in VehicleKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }

    #[test]
    fn a_vehicle_id_survives_text() {
        for text in ["hfp:0018/00423", "owntracks:jane/phone", "if-operator:/353173060780531", "plough:/Машина 7/2"]
        {
            assert_eq!(text.parse::<VehicleKey>().unwrap().to_string(), text);
        }
        for text in ["", "hfp", "hfp:0018", "HFP:1/2", "hfp:1/"] {
            assert!(text.parse::<VehicleKey>().is_err(), "{text}");
        }
    }
}
