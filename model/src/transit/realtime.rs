//! What a feed says of today, in the terms of GTFS-Realtime.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{RouteId, StopId, TripId, WheelchairAccess};
use crate::instant::Instant;

/// Key of `VehiclePosition::extra` under which a source that tells GTFS trip ids keeps them.
pub const TRIP_ID_KEY: &str = "trip_id";

/// Names a trip on a day; every `None` means that it is not said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct TripReference {
    /// Trip.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trip: Option<TripId>,
    /// Route.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<RouteId>,
    /// 0 or 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<u8>,
    /// Service day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<Date>,
    /// Start, seconds after noon minus 12 h of the service day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_s: Option<u32>,
}

/// How a trip stands to the timetable.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TripRelation {
    /// As planned, or near it.
    #[default]
    Scheduled,
    /// Of a route that runs at headways.
    Unscheduled,
    /// Does not run.
    Canceled,
    /// Runs beside the timetable.
    New,
    /// Runs instead of the planned trip, with other times or stops.
    Replacement,
    /// Runs like the planned trip, once more at another time.
    Duplicated,
    /// Does not run, and passengers shall not be told that it ever should have.
    Deleted,
}

/// How a call of a trip stands to the timetable.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallRelation {
    /// As planned, or near it.
    #[default]
    Scheduled,
    /// The vehicle does not stop.
    Skipped,
    /// Nothing is known of today.
    NoData,
    /// Of a trip that runs at headways.
    Unscheduled,
}

/// An arrival or departure of today; every `None` means that it is not said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CallMoment {
    /// Seconds behind the timetable, positive = late.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay_s: Option<i32>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
    /// Seconds by which it may be wrong; 0 = it has happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncertainty_s: Option<u32>,
}

/// One call of a trip of today. It names its stop by at least one of the two.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CallUpdate {
    /// `stop_sequence` of the timetable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u32>,
    /// Stop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop: Option<StopId>,
    /// Whether it happens.
    pub relation: CallRelation,
    /// Arrival.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrival: Option<CallMoment>,
    /// Departure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub departure: Option<CallMoment>,
}

/// One trip of today as a feed tells it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TripUpdate {
    /// The entity's id in the feed.
    pub id: String,
    /// Which trip.
    pub trip: TripReference,
    /// Whether it runs.
    pub relation: TripRelation,
    /// Who drives it, as the source names the vehicle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vehicle: Option<String>,
    /// Whether a wheelchair can board that vehicle; overrides the timetable.
    pub wheelchair_accessible: WheelchairAccess,
    /// Seconds behind the timetable, positive = late, where the feed tells no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay_s: Option<i32>,
    /// When this was known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known_at: Option<Instant>,
    /// Calls, in the order of the trip; those between hold on to the one before.
    pub calls: Vec<CallUpdate>,
}

/// `cause` of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the names of the reference")]
pub enum AlertCause {
    OtherCause,
    TechnicalProblem,
    Strike,
    Demonstration,
    Accident,
    Holiday,
    Weather,
    Maintenance,
    Construction,
    PoliceActivity,
    MedicalEmergency,
}

/// `effect` of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the names of the reference")]
pub enum AlertEffect {
    NoService,
    ReducedService,
    SignificantDelays,
    Detour,
    AdditionalService,
    ModifiedService,
    OtherEffect,
    StopMoved,
    NoEffect,
    AccessibilityIssue,
}

/// A text by its language (BCP 47); `und` where the feed does not say which.
pub type Translations = BTreeMap<String, String>;

/// Part of the network; what is `None` is not narrowed down.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InformedEntity {
    /// `agency_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agency: Option<String>,
    /// Route.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<RouteId>,
    /// `route_type`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route_type: Option<u16>,
    /// One trip.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trip: Option<TripReference>,
    /// Stop or station.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop: Option<StopId>,
}

/// A notice for passengers as a feed tells it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceAlert {
    /// The entity's id in the feed.
    pub id: String,
    /// From and until, either open; none at all = as long as the feed has it.
    pub active: Vec<(Option<Instant>, Option<Instant>)>,
    /// Why; `None` when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<AlertCause>,
    /// What it means; `None` when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<AlertEffect>,
    /// One line.
    pub header: Translations,
    /// The whole text.
    pub description: Translations,
    /// Where to read more.
    pub url: Translations,
    /// Whom it concerns, at least one.
    pub informed: Vec<InformedEntity>,
}
