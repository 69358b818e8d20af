//! What a store must do, as sentences. `conformance` asks it of any backend;
//! `geopackage` asks what only the embedded files promise.

mod conformance;
mod geopackage;
