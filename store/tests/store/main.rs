//! What a store must do, as sentences. `conformance` asks it of any backend;
//! `geopackage` and `postgis` ask what only the
//! one or the other promises.

#![allow(
    clippy::unwrap_used,
    reason = "a test may stop where a promise is broken; clippy.toml covers only the cases themselves"
)]

mod conformance;
mod copies;
mod geopackage;
mod places;
mod postgis;
/// The same server that the stories use.
#[allow(dead_code, reason = "the stories need more of it")]
#[path = "../../../tests/harness/postgres.rs"]
mod postgres;
mod retention;
