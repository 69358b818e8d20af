//! What a store must do, as sentences. `conformance` asks it of any backend;
//! `geopackage` asks what only the embedded files promise.

#![allow(
    clippy::unwrap_used,
    reason = "a test may stop where a promise is broken; clippy.toml covers only the cases themselves"
)]

mod conformance;
mod geopackage;
