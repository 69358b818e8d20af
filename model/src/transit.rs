//! The timetable, in the terms of GTFS Schedule.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::geometry::Position;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// `stop_id`.
    StopId
);
text_id!(
    /// `route_id`.
    RouteId
);
text_id!(
    /// `trip_id`.
    TripId
);
text_id!(
    /// `service_id`.
    ServiceId
);

/// `wheelchair_boarding`, `wheelchair_accessible`: 0 or empty, 1, 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WheelchairAccess {
    /// Nobody said.
    Unknown,
    /// Possible.
    Yes,
    /// Not possible.
    No,
}

/// A row of stops.txt (stops and platforms).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stop {
    /// Its id.
    pub id: StopId,
    /// Its name.
    pub name: String,
    /// Number painted on the pole.
    pub code: Option<String>,
    /// Where.
    pub position: Position,
    /// Boarding with a wheelchair, inherited from the parent station where the row is silent.
    pub wheelchair_boarding: WheelchairAccess,
}

/// A row of routes.txt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Its id.
    pub id: RouteId,
    /// Number as passengers know it.
    pub short_name: String,
    /// From – to.
    pub long_name: String,
    /// `route_type`: 3 bus, 11 trolleybus, 0 tram …
    pub route_type: u16,
    /// `route_color`, `RRGGBB`.
    pub color: Option<String>,
}

/// A row of stop_times.txt; seconds after noon minus 12 h of the service day (may pass 86 400).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopTime {
    /// Where.
    pub stop: StopId,
    /// `stop_sequence`.
    pub sequence: u32,
    /// `arrival_time`; `None` where the feed leaves it to interpolation.
    pub arrival_s: Option<u32>,
    /// `departure_time`; `None` where the feed leaves it to interpolation.
    pub departure_s: Option<u32>,
}

/// A row of trips.txt with its stop times in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trip {
    /// Its id.
    pub id: TripId,
    /// Its route.
    pub route: RouteId,
    /// Days it runs.
    pub service: ServiceId,
    /// Text on the front.
    pub headsign: Option<String>,
    /// `direction_id`.
    pub direction: Option<u8>,
    /// `shape_id`.
    pub shape: Option<String>,
    /// `block_id`.
    pub block: Option<String>,
    /// Planned low-floor service.
    pub wheelchair_accessible: WheelchairAccess,
    /// Stops in order.
    pub stop_times: Vec<StopTime>,
}

/// Days on which a service runs: calendar.txt with the exceptions of calendar_dates.txt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceCalendar {
    /// Monday to Sunday.
    pub weekdays: [bool; 7],
    /// First and last day of the weekly pattern; `None` when the service lives from exceptions alone.
    pub period: Option<(Date, Date)>,
    /// Days added (true) or removed (false).
    pub exceptions: BTreeMap<Date, bool>,
}

impl ServiceCalendar {
    /// Whether the service runs on that service day.
    pub fn runs_on(&self, day: Date) -> bool {
        if let Some(&added) = self.exceptions.get(&day) {
            return added;
        }
        let weekday = day.weekday().to_monday_zero_offset() as usize;
        self.period.is_some_and(|(first, last)| (first..=last).contains(&day)) && self.weekdays[weekday]
    }
}

/// A polyline of shapes.txt in order.
pub type Shape = Vec<Position>;

/// A way that a route takes, with its stops but without times: what a city has that
/// publishes no timetable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trajectory {
    /// Whose way.
    pub route: RouteId,
    /// 0 there, 1 back.
    pub direction: Option<u8>,
    /// Text on the front.
    pub headsign: Option<String>,
    /// Its polyline in [`Timetable::shapes`].
    pub shape: Option<String>,
    /// Stops in order.
    pub stops: Vec<StopId>,
}

/// One whole GTFS feed, read and checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Timetable {
    /// `agency_timezone`, for example `Europe/Kyiv`.
    pub time_zone: String,
    /// `agency_name` of each agency.
    pub agencies: Vec<String>,
    /// Stops by id.
    pub stops: BTreeMap<StopId, Stop>,
    /// Routes by id.
    pub routes: BTreeMap<RouteId, Route>,
    /// Trips.
    pub trips: Vec<Trip>,
    /// Service days by id.
    pub services: BTreeMap<ServiceId, ServiceCalendar>,
    /// Polylines by `shape_id`.
    pub shapes: BTreeMap<String, Shape>,
    /// Ways of routes that have no timetable.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trajectories: Vec<Trajectory>,
}
