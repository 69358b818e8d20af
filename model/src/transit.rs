//! The timetable, in the terms of GTFS Schedule.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::geometry::Position;

mod merge;
mod realtime;
mod station;

pub use merge::{FeedName, InvalidFeedName, MergeConflict};
pub use realtime::{
    AlertCause, AlertEffect, CallMoment, CallRelation, CallUpdate, InformedEntity, ServiceAlert, TRIP_ID_KEY,
    Translations, TripReference, TripRelation, TripUpdate,
};
pub use station::{Level, Pathway, PathwayMode, Place, PlaceKind, StopDetails, Transfer, TransferKind};

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WheelchairAccess {
    /// Nobody said.
    #[default]
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
    /// What few stops have; `None` when there is none of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Box<StopDetails>>,
}

/// A row of agency.txt.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredAgency")]
pub struct Agency {
    /// `agency_id`; a feed of one agency may leave it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `agency_name`.
    pub name: String,
    /// `agency_url`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// `agency_lang`, for example `uk`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// `agency_phone`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// `agency_fare_url`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fare_url: Option<String>,
    /// `agency_email`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

impl From<&str> for Agency {
    fn from(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }
}

/// Timetables that were stored before agencies were kept whole hold their names alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum StoredAgency {
    Name(String),
    Whole {
        id: Option<String>,
        name: String,
        url: Option<String>,
        lang: Option<String>,
        phone: Option<String>,
        fare_url: Option<String>,
        email: Option<String>,
    },
}

impl From<StoredAgency> for Agency {
    fn from(stored: StoredAgency) -> Self {
        match stored {
            StoredAgency::Name(name) => Self { name, ..Self::default() },
            StoredAgency::Whole { id, name, url, lang, phone, fare_url, email } => {
                Self { id, name, url, lang, phone, fare_url, email }
            }
        }
    }
}

/// A row of routes.txt.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// `route_text_color`, `RRGGBB`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_color: Option<String>,
    /// `agency_id`; a feed of one agency may leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agency: Option<String>,
    /// `route_desc`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `route_url`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// `route_sort_order`: smaller comes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort_order: Option<u32>,
}

/// `pickup_type`, `drop_off_type`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Boarding {
    /// 0 or empty.
    #[default]
    Regular,
    /// 1: nobody boards, or alights, here.
    None,
    /// 2: a call to the agency first.
    PhoneAgency,
    /// 3: a sign to the driver.
    AskDriver,
}

impl Boarding {
    fn is_regular(&self) -> bool {
        *self == Self::Regular
    }
}

/// A row of stop_times.txt; seconds after noon minus 12 h of the service day (may pass 86 400).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopTime {
    /// Where.
    pub stop: StopId,
    /// `stop_sequence`.
    pub sequence: u32,
    /// `arrival_time`; `None` where the feed leaves it to interpolation.
    pub arrival_s: Option<u32>,
    /// `departure_time`; `None` where the feed leaves it to interpolation.
    pub departure_s: Option<u32>,
    /// `pickup_type`.
    #[serde(default, skip_serializing_if = "Boarding::is_regular")]
    pub pickup: Boarding,
    /// `drop_off_type`.
    #[serde(default, skip_serializing_if = "Boarding::is_regular")]
    pub drop_off: Boarding,
    /// `timepoint`: whether the times are held (true) or approximate; `None` where the feed does not say,
    /// which the reference reads as held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timepoint: Option<bool>,
    /// `stop_headsign`, where it differs from the trip's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headsign: Option<Box<str>>,
}

/// A row of trips.txt with its stop times in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// `trip_short_name`, for example a train's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short_name: Option<String>,
    /// `bikes_allowed`; `None` when nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bikes_allowed: Option<bool>,
    /// Stops in order.
    pub stop_times: Vec<StopTime>,
}

/// Days on which a service runs: calendar.txt with the exceptions of calendar_dates.txt.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceCalendar {
    /// Monday to Sunday.
    pub weekdays: [bool; 7],
    /// First and last day of the weekly pattern; `None` when the service lives from exceptions alone.
    pub period: Option<(Date, Date)>,
    /// Days added (true) or removed (false).
    pub exceptions: BTreeMap<Date, bool>,
}

/// Days that are looked through for the first or last one of a weekly service; more exceptions
/// in a row than a year has days are a service that does not run.
const LONGEST_LOOK: usize = 400;

impl ServiceCalendar {
    /// Whether the service runs on that service day.
    pub fn runs_on(&self, day: Date) -> bool {
        if let Some(&added) = self.exceptions.get(&day) {
            return added;
        }
        let weekday = day.weekday().to_monday_zero_offset() as usize;
        self.period.is_some_and(|(first, last)| (first..=last).contains(&day)) && self.weekdays[weekday]
    }

    /// The first day on which it runs.
    pub fn first_day(&self) -> Option<Date> {
        let added = self.exceptions.iter().filter(|(_, added)| **added).map(|(day, _)| *day).next();
        let weekly = self.period.and_then(|(first, last)| {
            first.series(1.day()).take_while(|day| *day <= last).take(LONGEST_LOOK).find(|day| self.runs_on(*day))
        });
        [added, weekly].into_iter().flatten().min()
    }

    /// The last day on which it runs.
    pub fn last_day(&self) -> Option<Date> {
        let added = self.exceptions.iter().rev().filter(|(_, added)| **added).map(|(day, _)| *day).next();
        let weekly = self.period.and_then(|(first, last)| {
            last.series(-1.day()).take_while(|day| *day >= first).take(LONGEST_LOOK).find(|day| self.runs_on(*day))
        });
        [added, weekly].into_iter().flatten().max()
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

/// The row of feed_info.txt.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FeedInfo {
    /// `feed_publisher_name`.
    pub publisher_name: String,
    /// `feed_publisher_url`.
    pub publisher_url: String,
    /// `feed_lang`; `mul` when the texts are in several.
    pub lang: String,
    /// `default_lang`.
    pub default_lang: Option<String>,
    /// `feed_start_date`: before it the feed does not promise to be whole.
    pub start_date: Option<Date>,
    /// `feed_end_date`: after it the feed does not promise to be whole.
    pub end_date: Option<Date>,
    /// `feed_version`.
    pub version: Option<String>,
    /// `feed_contact_email`.
    pub contact_email: Option<String>,
    /// `feed_contact_url`.
    pub contact_url: Option<String>,
}

/// One whole GTFS feed, read and checked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Timetable {
    /// `agency_timezone`, for example `Europe/Kyiv`.
    pub time_zone: String,
    /// The agencies, in the order of the feed.
    pub agencies: Vec<Agency>,
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
    /// Stations, entrances, nodes and boarding areas by id: the rows of stops.txt where nothing stops.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub places: BTreeMap<StopId, Place>,
    /// Floors by `level_id`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub levels: BTreeMap<String, Level>,
    /// Ways within stations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pathways: Vec<Pathway>,
    /// Rules for changing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transfers: Vec<Transfer>,
    /// Who publishes the feed and for which days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feed_info: Option<FeedInfo>,
}

impl Timetable {
    /// First and last day on which any service runs; `None` when none does.
    pub fn service_days(&self) -> Option<(Date, Date)> {
        let mut days = None;
        for service in self.services.values() {
            for day in [service.first_day(), service.last_day()].into_iter().flatten() {
                let (first, last) = days.get_or_insert((day, day));
                (*first, *last) = ((*first).min(day), (*last).max(day));
            }
        }
        days
    }
}
