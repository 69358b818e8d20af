//! The vocabulary of Misto.
//!
//! Plain values that cannot hold nonsense: a [`Longitude`] is in range, a
//! [`TileCoord`] exists, an [`Instant`] knows how precisely it was told. No I/O,
//! no async, no SQL, no HTTP, no clock.
//!
//! Three states everywhere: yes, no and *unknown* (`None`, absent). Unknown is
//! never turned into no, zero or now.

mod access;
mod collection;
mod error;
mod event;
mod feature;
mod geometry;
mod instant;
mod principal;
mod rejection;
mod sensor;
mod tile;
mod transit;
mod vehicle;
mod walking;

pub use access::{AccessProfile, Entrance, Information, Lift, Measured, Parking, StepsAllowed, Toilet, Venue, WayIn};
pub use collection::{Audience, Collection, CollectionId, GeometryKind, InvalidCollectionId, Property, PropertyType};
pub use error::{Error, Result};
pub use event::{Event, EventKind, EventSubject, InvalidEvent};
pub use feature::{Actor, Change, ChangeKind, Edit, Feature, FeatureId, HistoryEntry, Properties, Version};
pub use geometry::{Bbox, InvalidBbox, InvalidCoordinate, Latitude, Longitude, Position};
pub use instant::{Instant, InvalidInstant, Precision};
pub use principal::{Principal, Role};
pub use rejection::{Rejection, RejectionReason};
pub use sensor::{DatastreamKey, Reading, ReadingFlag, ReadingValue};
pub use tile::{InvalidTile, TileCoord};
pub use transit::{
    Agency, AlertCause, AlertEffect, Boarding, CallMoment, CallRelation, CallUpdate, FeedInfo, FeedName,
    InformedEntity, InvalidFeedName, Level, MergeConflict, Pathway, PathwayMode, Place, PlaceKind, Route, RouteId,
    ServiceAlert, ServiceCalendar, ServiceId, Shape, Stop, StopDetails, StopId, StopTime, TRIP_ID_KEY, Timetable,
    Trajectory, Transfer, TransferKind, Translations, Trip, TripId, TripReference, TripRelation, TripUpdate,
    WheelchairAccess,
};
pub use vehicle::{
    FixFlag, InvalidVehicleKey, Job, OccupancyStatus, SourceId, VehicleKey, VehicleKind, VehiclePosition,
    VehicleRegistration,
};
pub use walking::{
    Kerb, Obstacle, SidewalkSide, Smoothness, Surface, WalkDirection, WalkingEdge, WalkingNode, WayKind, WrongValue,
};

/// The geometry type used throughout Misto: WGS 84 longitude/latitude, degrees.
pub type Geometry = geo_types::Geometry<f64>;
