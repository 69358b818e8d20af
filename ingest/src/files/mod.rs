//! Readers and writers of file formats, one module per format.
//!
//! Every reader goes over its file twice. [`survey`] reads everything, decides
//! which rows can be used, and learns the schema (types widen: whole number →
//! number → text); [`Survey::features`] then delivers the usable rows with
//! values of exactly that schema. A file broken anywhere is refused by the
//! survey, before the first row is delivered.
//!
//! Nothing is repaired silently: a row whose place is unreadable, out of range,
//! at 0,0, outside the given bounds or contradicted by the row itself is refused
//! with its reason, and the rest goes on. Whatever else changes on the way
//! (a renamed attribute, a dropped height) is said in [`Report::notes`].
//!
//! Memory is bounded by one row (OpenStreetMap extracts: by the referenced
//! nodes), never by a number that the file claims.

mod a11yjson;
mod angle;
mod annex_32;
mod csv;
mod error;
mod flatgeobuf;
mod geojson;
mod geopackage;
pub mod gtfs;
mod json_items;
mod json_table;
mod osm_pbf;
mod osm_venues;
mod place;
mod renamed;
mod report;
mod schema;
mod shape;
mod survey;
mod venue_table;
pub mod venues;
pub mod walking;
mod wkb;
mod wkt;
pub mod write;

use std::path::{Path, PathBuf};

use misto_model::{Bbox, Geometry, Properties};

pub use a11yjson::{FORMAT_VERSION as A11YJSON_VERSION, Parts};
pub use annex_32::{BUILDINGS as ANNEX_32_BUILDINGS, NORM_FINDINGS, PLACED_BY};
pub use error::FileError;
pub use geopackage::layers as geopackage_layers;
pub use osm_pbf::{InvalidTagFilter, TagFilter};
pub use renamed::{InvalidRename, Rename};
pub use report::{Refusal, Refusals, Report};
pub use survey::{Survey, survey};

/// One usable row of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// WGS 84 degrees; `None` where the file places nothing.
    pub geometry: Option<Geometry>,
    /// Values of the report's schema, in its order; null where unknown.
    pub properties: Properties,
}

/// The formats that can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// FlatGeobuf 3.
    FlatGeobuf,
    /// GeoJSON (RFC 7946), one document or newline-delimited.
    GeoJson,
    /// OGC GeoPackage 1.
    GeoPackage,
    /// Delimited text with a header line.
    Csv,
    /// OpenStreetMap extract, `.osm.pbf`.
    OsmPbf,
    /// Answer of the Overpass API, `.osm.json`.
    Overpass,
    /// A11yJSON, `.a11y.json`.
    A11yJson,
    /// A list of plain JSON objects.
    Json,
}

/// What the rows of a file are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reading {
    /// Features with the attributes that the file gives them.
    #[default]
    Plain,
    /// Venues: attributes with the names of [`venues::attributes`] have their types, whatever the
    /// rows hold; elements of OpenStreetMap are read as [`Reading::Osm`].
    Venues,
    /// Attributes are OpenStreetMap's tags and become those of venues.
    Osm,
    /// Buildings of decree 835, annex 32, which have no coordinates.
    Annex32,
}

impl Format {
    /// By the end of the file's name, whatever its case; `None` when it tells nothing.
    pub fn of_path(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        for (end, format) in
            [(".a11y.json", Self::A11yJson), (".a11yjson", Self::A11yJson), (".osm.json", Self::Overpass)]
        {
            if name.ends_with(end) {
                return Some(format);
            }
        }
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "fgb" => Some(Self::FlatGeobuf),
            "geojson" | "json" | "geojsonl" | "geojsons" | "ndjson" => Some(Self::GeoJson),
            "gpkg" => Some(Self::GeoPackage),
            "csv" | "tsv" | "txt" => Some(Self::Csv),
            "pbf" => Some(Self::OsmPbf),
            _ => None,
        }
    }
}

/// How to read a file.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The format, where the file's name does not tell it.
    pub format: Option<Format>,
    /// What the rows are.
    pub reading: Reading,
    /// Attributes that get another name.
    pub renames: Vec<Rename>,
    /// The findings of annex 32 that belong to the buildings.
    pub norms: Option<PathBuf>,
    /// Which layer of a GeoPackage; needed when it has several.
    pub layer: Option<String>,
    /// Which OpenStreetMap elements: those that fit any of the filters.
    pub tags: Vec<TagFilter>,
    /// Put OpenStreetMap ways and areas at a point inside them instead of drawing their shape.
    pub points: bool,
    /// Column of a CSV that holds the longitude, where its name is not recognised.
    pub lon_column: Option<String>,
    /// Column of a CSV that holds the latitude, where its name is not recognised.
    pub lat_column: Option<String>,
    /// Where the rows must lie; a row that does not touch this box is refused.
    pub bounds: Option<Bbox>,
}

/// [`survey`] and [`Survey::features`] in one call, for callers that need no schema beforehand.
///
/// # Errors
/// As those two.
pub fn read(
    path: &Path,
    options: &Options,
    each: &mut dyn FnMut(Imported) -> Result<(), BoxError>,
) -> Result<Report, FileError> {
    let mut survey = survey(path, options)?;
    survey.features(each)?;
    Ok(survey.report)
}

/// Whatever made the receiver of rows stop.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

#[cfg(test)]
pub(crate) mod tests;
