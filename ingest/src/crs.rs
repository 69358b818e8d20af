//! Coordinate reference systems, by name, and the ways between them and WGS 84
//! longitude and latitude: of files that are read, and of features that are
//! answered and taken in.

mod definition;
mod known;
mod transform;

pub use known::{CRS84, Crs, UnknownCrs, offered};
pub use transform::Transform;
