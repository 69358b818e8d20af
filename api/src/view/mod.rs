//! Values as the outside reads them: GeoJSON of features, vehicles and sensors.

pub mod feature;
pub mod sensor;
pub mod vehicle;
