//! Writing a collection to a file format.

use std::io::Write;

use clap::ValueEnum;
use misto_ingest::files::write::{WriteError, csv, flatgeobuf, geojson};
use misto_model::{Audience, Collection, Feature, Property};

/// The formats that a collection can be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// FlatGeobuf with an index.
    Flatgeobuf,
    /// GeoJSON (RFC 7946).
    Geojson,
    /// Comma-separated text; places as longitude and latitude or as WKT.
    Csv,
}

impl ExportFormat {
    /// By the end of a file's name.
    pub fn of_extension(extension: &str) -> Option<Self> {
        match extension {
            "fgb" => Some(Self::Flatgeobuf),
            "geojson" => Some(Self::Geojson),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }

    /// Media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Flatgeobuf => "application/vnd.flatgeobuf",
            Self::Geojson => "application/geo+json",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }
}

/// Writes features with the attributes that the audience may see; gives how many.
///
/// # Errors
/// When the output cannot be written or a value is not of its attribute's type.
pub fn write(
    out: impl Write,
    format: ExportFormat,
    collection: &Collection,
    audience: Audience,
    features: impl Iterator<Item = Feature>,
) -> Result<u64, WriteError> {
    let schema: Vec<Property> = collection
        .properties
        .iter()
        .filter(|property| audience == Audience::Staff || property.audience == Audience::Public)
        .cloned()
        .collect();
    let features = features.map(Ok);
    match format {
        ExportFormat::Flatgeobuf => flatgeobuf(out, collection.id.as_str(), &schema, features),
        ExportFormat::Geojson => geojson(out, &schema, features),
        ExportFormat::Csv => csv(out, &schema, collection.geometry, features),
    }
}
