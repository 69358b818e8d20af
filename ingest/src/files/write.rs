//! Writers of whole collections. Features come one at a time and go out one at
//! a time; an unknown value stays unknown (null, an absent attribute, an empty field).

use misto_model::Feature;

use super::BoxError;

mod annex_32;
mod csv;
mod flatgeobuf;
mod geojson;
mod places;
mod shapefile;

pub use annex_32::{annex_32_buildings, annex_32_norms};
pub use csv::csv;
pub use flatgeobuf::flatgeobuf;
pub use geojson::{geojson, geojson_lines};
pub use places::{a11yjson, osm_geojson};
pub use shapefile::shapefile;

/// Why an export ended early. What was written until then is no whole file.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The target did not take the bytes.
    #[error("cannot write: {0}")]
    Io(#[from] std::io::Error),
    /// The features did not come to their end.
    #[error(transparent)]
    Source(BoxError),
    /// A feature's attribute is not of the type that the schema gives it.
    #[error("feature {feature}: {property} is no {kind:?}")]
    Value {
        /// Which feature.
        feature: misto_model::FeatureId,
        /// Which attribute.
        property: String,
        /// What the schema says.
        kind: misto_model::PropertyType,
    },
    /// The format cannot hold what the collection holds: why, and what would.
    #[error("{0}")]
    Unfit(String),
    /// The format's writer failed.
    #[error("{0}")]
    Format(String),
}

/// A feature on its way out, or why no more come.
pub type Outgoing = Result<Feature, BoxError>;
