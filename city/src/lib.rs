//! The rules of the city: values in, values out.
//!
//! One file per concern; they do not import each other, only what a name and a number can mean
//! (and `journey`, which rides on `transit`). No rule reads a clock,
//! a file or a socket: `now` is an argument, so tests and replay use the same
//! code as production.

pub mod access;
pub mod addresses;
pub mod duplicates;
pub mod editing;
pub mod fleet;
pub mod journey;
pub mod names;
pub mod opening;
pub mod plausible;
pub mod publication;
pub mod reports;
pub mod sensors;
pub mod silence;
pub mod survey;
pub mod transit;
pub mod walking;
