//! GTFS-Realtime 2.0 on the wire: the messages and fields that Misto reads and writes,
//! by the field numbers of its reference (gtfs.org/documentation/realtime/proto).
//!
//! Written as values with derived coding instead of being generated: the generator
//! needs `protoc` on every machine that builds Misto. Fields that are not named here
//! are skipped when read. As JSON they are written by the protobuf mapping
//! (lowerCamelCase, names of enumerations).

use prost::{Enumeration, Message};
use serde::{Serialize, Serializer};

/// Version that the header names.
pub const VERSION: &str = "2.0";

/// A whole feed.
#[derive(Clone, PartialEq, Message, Serialize)]
pub struct FeedMessage {
    /// What it is and of when.
    #[prost(message, required, tag = "1")]
    pub header: FeedHeader,
    /// Its contents.
    #[prost(message, repeated, tag = "2")]
    pub entity: Vec<FeedEntity>,
}

/// What a feed is and of when.
#[derive(Clone, PartialEq, Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FeedHeader {
    /// `2.0`
    #[prost(string, required, tag = "1")]
    pub gtfs_realtime_version: String,
    /// Whole or a difference.
    #[prost(enumeration = "Incrementality", optional, tag = "2")]
    #[serde(serialize_with = "name::<_, Incrementality>", skip_serializing_if = "Option::is_none")]
    pub incrementality: Option<i32>,
    /// When it was made, POSIX seconds.
    #[prost(uint64, optional, tag = "3")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<u64>,
}

/// One thing of a feed.
#[derive(Clone, PartialEq, Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FeedEntity {
    /// The same thing has the same id in every version of the feed.
    #[prost(string, required, tag = "1")]
    pub id: String,
    /// In a differential feed: the thing is gone.
    #[prost(bool, optional, tag = "2")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_deleted: Option<bool>,
    /// A trip with its times.
    #[prost(message, optional, tag = "3")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trip_update: Option<TripUpdate>,
    /// A vehicle.
    #[prost(message, optional, tag = "4")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vehicle: Option<VehiclePosition>,
    /// A notice.
    #[prost(message, optional, tag = "5")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert: Option<Alert>,
}

/// Times of one trip.
#[derive(Clone, PartialEq, Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TripUpdate {
    /// Which trip.
    #[prost(message, required, tag = "1")]
    pub trip: TripDescriptor,
    /// Which vehicle drives it.
    #[prost(message, optional, tag = "3")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vehicle: Option<VehicleDescriptor>,
    /// Stops in order.
    #[prost(message, repeated, tag = "2")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stop_time_update: Vec<StopTimeUpdate>,
    /// When the vehicle was measured, POSIX seconds.
    #[prost(uint64, optional, tag = "4")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<u64>,
    /// Seconds, positive = late.
    #[prost(int32, optional, tag = "5")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<i32>,
}

/// Times at one stop.
#[derive(Clone, PartialEq, Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StopTimeUpdate {
    /// As in stop_times.txt.
    #[prost(uint32, optional, tag = "1")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_sequence: Option<u32>,
    /// As in stops.txt.
    #[prost(string, optional, tag = "4")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_id: Option<String>,
    /// Arrival.
    #[prost(message, optional, tag = "2")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrival: Option<StopTimeEvent>,
    /// Departure.
    #[prost(message, optional, tag = "3")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub departure: Option<StopTimeEvent>,
    /// Scheduled, skipped or without data.
    #[prost(enumeration = "StopRelationship", optional, tag = "5")]
    #[serde(serialize_with = "name::<_, StopRelationship>", skip_serializing_if = "Option::is_none")]
    pub schedule_relationship: Option<i32>,
}

/// An arrival or a departure.
#[derive(Clone, Copy, PartialEq, Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StopTimeEvent {
    /// Seconds against the timetable, positive = late.
    #[prost(int32, optional, tag = "1")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<i32>,
    /// POSIX seconds.
    #[prost(int64, optional, tag = "2")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<i64>,
    /// Half of the range within which it is expected, seconds.
    #[prost(int32, optional, tag = "3")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncertainty: Option<i32>,
}

/// Where a vehicle is.
#[derive(Clone, PartialEq, Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VehiclePosition {
    /// Trip that it drives.
    #[prost(message, optional, tag = "1")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trip: Option<TripDescriptor>,
    /// Which vehicle.
    #[prost(message, optional, tag = "8")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vehicle: Option<VehicleDescriptor>,
    /// Where.
    #[prost(message, optional, tag = "2")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// Stop that it stands at or drives to, as in stop_times.txt.
    #[prost(uint32, optional, tag = "3")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_stop_sequence: Option<u32>,
    /// The same stop, as in stops.txt.
    #[prost(string, optional, tag = "7")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_id: Option<String>,
    /// How it stands to that stop.
    #[prost(enumeration = "VehicleStopStatus", optional, tag = "4")]
    #[serde(serialize_with = "name::<_, VehicleStopStatus>", skip_serializing_if = "Option::is_none")]
    pub current_status: Option<i32>,
    /// When it was measured, POSIX seconds.
    #[prost(uint64, optional, tag = "5")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<u64>,
    /// How full.
    #[prost(enumeration = "OccupancyStatus", optional, tag = "9")]
    #[serde(serialize_with = "name::<_, OccupancyStatus>", skip_serializing_if = "Option::is_none")]
    pub occupancy_status: Option<i32>,
}

/// A notice for passengers.
#[derive(Clone, PartialEq, Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Alert {
    /// When it holds; always when there is none.
    #[prost(message, repeated, tag = "1")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub active_period: Vec<TimeRange>,
    /// What it is about.
    #[prost(message, repeated, tag = "5")]
    pub informed_entity: Vec<EntitySelector>,
    /// Why.
    #[prost(enumeration = "Cause", optional, tag = "6")]
    #[serde(serialize_with = "name::<_, Cause>", skip_serializing_if = "Option::is_none")]
    pub cause: Option<i32>,
    /// What it means for passengers.
    #[prost(enumeration = "Effect", optional, tag = "7")]
    #[serde(serialize_with = "name::<_, Effect>", skip_serializing_if = "Option::is_none")]
    pub effect: Option<i32>,
    /// Where to read more.
    #[prost(message, optional, tag = "8")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<TranslatedString>,
    /// One line.
    #[prost(message, optional, tag = "10")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header_text: Option<TranslatedString>,
    /// The whole text.
    #[prost(message, optional, tag = "11")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description_text: Option<TranslatedString>,
}

/// From and until, POSIX seconds.
#[derive(Clone, Copy, PartialEq, Message, Serialize)]
pub struct TimeRange {
    /// Open when absent.
    #[prost(uint64, optional, tag = "1")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<u64>,
    /// Open when absent.
    #[prost(uint64, optional, tag = "2")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<u64>,
}

/// WGS 84.
#[derive(Clone, Copy, PartialEq, Message, Serialize)]
pub struct Position {
    /// Degrees north.
    #[prost(float, required, tag = "1")]
    pub latitude: f32,
    /// Degrees east.
    #[prost(float, required, tag = "2")]
    pub longitude: f32,
    /// Degrees clockwise from north.
    #[prost(float, optional, tag = "3")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bearing: Option<f32>,
    /// Metres.
    #[prost(double, optional, tag = "4")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub odometer: Option<f64>,
    /// Metres per second.
    #[prost(float, optional, tag = "5")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speed: Option<f32>,
}

/// Names a trip.
#[derive(Clone, PartialEq, Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TripDescriptor {
    /// As in trips.txt.
    #[prost(string, optional, tag = "1")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trip_id: Option<String>,
    /// As in routes.txt.
    #[prost(string, optional, tag = "5")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route_id: Option<String>,
    /// 0 or 1.
    #[prost(uint32, optional, tag = "6")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction_id: Option<u32>,
    /// `HH:MM:SS` of the service day.
    #[prost(string, optional, tag = "2")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_time: Option<String>,
    /// Service day, `YYYYMMDD`.
    #[prost(string, optional, tag = "3")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<String>,
    /// Planned, cancelled, added …
    #[prost(enumeration = "TripRelationship", optional, tag = "4")]
    #[serde(serialize_with = "name::<_, TripRelationship>", skip_serializing_if = "Option::is_none")]
    pub schedule_relationship: Option<i32>,
}

/// Names a vehicle.
#[derive(Clone, PartialEq, Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VehicleDescriptor {
    /// Not shown to passengers.
    #[prost(string, optional, tag = "1")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Painted on it.
    #[prost(string, optional, tag = "2")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Licence plate.
    #[prost(string, optional, tag = "3")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license_plate: Option<String>,
    /// Boarding with a wheelchair.
    #[prost(enumeration = "WheelchairAccessible", optional, tag = "4")]
    #[serde(serialize_with = "name::<_, WheelchairAccessible>", skip_serializing_if = "Option::is_none")]
    pub wheelchair_accessible: Option<i32>,
}

/// What a notice is about.
#[derive(Clone, PartialEq, Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EntitySelector {
    /// As in agency.txt.
    #[prost(string, optional, tag = "1")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agency_id: Option<String>,
    /// As in routes.txt.
    #[prost(string, optional, tag = "2")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route_id: Option<String>,
    /// As in routes.txt.
    #[prost(int32, optional, tag = "3")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route_type: Option<i32>,
    /// One trip.
    #[prost(message, optional, tag = "4")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trip: Option<TripDescriptor>,
    /// As in stops.txt.
    #[prost(string, optional, tag = "5")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_id: Option<String>,
}

/// A text in several languages.
#[derive(Clone, PartialEq, Message, Serialize)]
pub struct TranslatedString {
    /// One for each language.
    #[prost(message, repeated, tag = "1")]
    pub translation: Vec<Translation>,
}

/// A text in one language.
#[derive(Clone, PartialEq, Message, Serialize)]
pub struct Translation {
    /// The text.
    #[prost(string, required, tag = "1")]
    pub text: String,
    /// BCP 47; unknown when absent.
    #[prost(string, optional, tag = "2")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// Writes an enumeration by its name, a number that is none as it is.
fn name<S, E>(value: &Option<i32>, to: S) -> Result<S::Ok, S::Error>
where
    S: Serializer,
    E: TryFrom<i32> + Named,
{
    match value.map(|number| (number, E::try_from(number))) {
        Some((_, Ok(known))) => to.serialize_str(known.name()),
        Some((number, Err(_))) => to.serialize_i32(number),
        None => to.serialize_none(),
    }
}

/// An enumeration whose values have names on the wire.
trait Named {
    fn name(&self) -> &'static str;
}

macro_rules! enumeration {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $number:literal $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
        #[repr(i32)]
        #[expect(missing_docs, reason = "the names of the reference")]
        pub enum $name { $($variant = $number),+ }

        impl Named for $name {
            fn name(&self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl $name {
            /// The value of that name in the reference.
            pub fn of_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)+ _ => None }
            }

            /// Its name in the reference.
            pub fn as_str(self) -> &'static str {
                Named::name(&self)
            }
        }
    };
}

enumeration! {
    /// Whole feed or a difference.
    Incrementality { FullDataset = 0 "FULL_DATASET", Differential = 1 "DIFFERENTIAL" }
}
enumeration! {
    /// How a stop of a trip stands to the timetable.
    StopRelationship { Scheduled = 0 "SCHEDULED", Skipped = 1 "SKIPPED", NoData = 2 "NO_DATA", Unscheduled = 3 "UNSCHEDULED" }
}
enumeration! {
    /// How a trip stands to the timetable. `ADDED` is deprecated.
    TripRelationship {
        Scheduled = 0 "SCHEDULED", Added = 1 "ADDED", Unscheduled = 2 "UNSCHEDULED", Canceled = 3 "CANCELED",
        Replacement = 5 "REPLACEMENT", Duplicated = 6 "DUPLICATED", Deleted = 7 "DELETED", New = 8 "NEW",
    }
}
enumeration! {
    /// How a vehicle stands to its stop.
    VehicleStopStatus { IncomingAt = 0 "INCOMING_AT", StoppedAt = 1 "STOPPED_AT", InTransitTo = 2 "IN_TRANSIT_TO" }
}
enumeration! {
    /// How full.
    OccupancyStatus {
        Empty = 0 "EMPTY", ManySeatsAvailable = 1 "MANY_SEATS_AVAILABLE", FewSeatsAvailable = 2 "FEW_SEATS_AVAILABLE",
        StandingRoomOnly = 3 "STANDING_ROOM_ONLY", CrushedStandingRoomOnly = 4 "CRUSHED_STANDING_ROOM_ONLY",
        Full = 5 "FULL", NotAcceptingPassengers = 6 "NOT_ACCEPTING_PASSENGERS",
        NoDataAvailable = 7 "NO_DATA_AVAILABLE", NotBoardable = 8 "NOT_BOARDABLE",
    }
}
enumeration! {
    /// Boarding with a wheelchair: not the numbers of GTFS Schedule.
    WheelchairAccessible {
        NoValue = 0 "NO_VALUE", Unknown = 1 "UNKNOWN", Accessible = 2 "WHEELCHAIR_ACCESSIBLE",
        Inaccessible = 3 "WHEELCHAIR_INACCESSIBLE",
    }
}
enumeration! {
    /// Why.
    Cause {
        UnknownCause = 1 "UNKNOWN_CAUSE", OtherCause = 2 "OTHER_CAUSE", TechnicalProblem = 3 "TECHNICAL_PROBLEM",
        Strike = 4 "STRIKE", Demonstration = 5 "DEMONSTRATION", Accident = 6 "ACCIDENT", Holiday = 7 "HOLIDAY",
        Weather = 8 "WEATHER", Maintenance = 9 "MAINTENANCE", Construction = 10 "CONSTRUCTION",
        PoliceActivity = 11 "POLICE_ACTIVITY", MedicalEmergency = 12 "MEDICAL_EMERGENCY",
    }
}
enumeration! {
    /// What it means for passengers.
    Effect {
        NoService = 1 "NO_SERVICE", ReducedService = 2 "REDUCED_SERVICE", SignificantDelays = 3 "SIGNIFICANT_DELAYS",
        Detour = 4 "DETOUR", AdditionalService = 5 "ADDITIONAL_SERVICE", ModifiedService = 6 "MODIFIED_SERVICE",
        OtherEffect = 7 "OTHER_EFFECT", UnknownEffect = 8 "UNKNOWN_EFFECT", StopMoved = 9 "STOP_MOVED",
        NoEffect = 10 "NO_EFFECT", AccessibilityIssue = 11 "ACCESSIBILITY_ISSUE",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_is_written_read_and_shown() {
        let vehicle = VehiclePosition {
            current_status: Some(VehicleStopStatus::StoppedAt as i32),
            occupancy_status: Some(99),
            ..VehiclePosition::default()
        };
        let entity = FeedEntity { id: "v1".into(), vehicle: Some(vehicle), ..FeedEntity::default() };
        let header =
            FeedHeader { gtfs_realtime_version: VERSION.into(), timestamp: Some(1_790_000_000), ..Default::default() };
        let feed = FeedMessage { header, entity: vec![entity] };
        assert_eq!(FeedMessage::decode(feed.encode_to_vec().as_slice()).unwrap(), feed);
        assert_eq!(
            serde_json::to_value(&feed).unwrap(),
            serde_json::json!({
                "header": {"gtfsRealtimeVersion": "2.0", "timestamp": 1_790_000_000},
                "entity": [{"id": "v1", "vehicle": {"currentStatus": "STOPPED_AT", "occupancyStatus": 99}}],
            })
        );
    }

    #[test]
    fn names_are_those_of_the_reference() {
        assert_eq!(Effect::of_name("DETOUR"), Some(Effect::Detour));
        assert_eq!(Cause::of_name("WEEKEND"), None);
        assert_eq!(TripRelationship::Canceled.as_str(), "CANCELED");
    }
}
