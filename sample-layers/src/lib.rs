//! The demo city: a hand sketch of Ivano-Frankivsk filled in by a generator,
//! with a timetable, a fleet that publishes like real trackers, and sensors.
//!
//! Nothing here is measured or surveyed; README.md tells the origin of every
//! geometry. The files in `layers/` and `gtfs/` and `fleet.json` are written by
//! the `generate` binary of this crate.

mod chance;
mod feed;
mod fleet;
mod layers;
mod register;

pub use chance::Chance;
pub use feed::{calendar, gtfs};
pub use fleet::{Fleet, FleetMessage};
pub use layers::{SampleLayer, collections, layers};
pub use register::{DemoFleet, DemoVehicle, SampleDatastream, SampleSensor, register, sensors};
