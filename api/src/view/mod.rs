//! Values as the outside reads them: GeoJSON of features, vehicles and sensors, and pages to read.

pub mod feature;
pub mod html;
pub mod sensor;
pub mod vehicle;
