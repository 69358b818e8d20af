//! What a file's rows are, in the words of the command line.

use clap::ValueEnum;
use misto_ingest::files::{Format, Reading};

/// The formats by name, where a file's own name does not tell.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum NamedFormat {
    /// FlatGeobuf.
    Flatgeobuf,
    /// GeoJSON.
    Geojson,
    /// A GeoPackage.
    Gpkg,
    /// Delimited text.
    Csv,
    /// An OpenStreetMap extract.
    OsmPbf,
    /// An answer of the Overpass API.
    Overpass,
    /// A11yJSON.
    A11yjson,
    /// A list of plain objects.
    Json,
}

impl From<NamedFormat> for Format {
    fn from(format: NamedFormat) -> Self {
        match format {
            NamedFormat::Flatgeobuf => Self::FlatGeobuf,
            NamedFormat::Geojson => Self::GeoJson,
            NamedFormat::Gpkg => Self::GeoPackage,
            NamedFormat::Csv => Self::Csv,
            NamedFormat::OsmPbf => Self::OsmPbf,
            NamedFormat::Overpass => Self::Overpass,
            NamedFormat::A11yjson => Self::A11yJson,
            NamedFormat::Json => Self::Json,
        }
    }
}

/// What the rows of a file are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum RowsAre {
    /// Features with the attributes that the file gives them.
    #[default]
    Plain,
    /// Venues in Misto's attributes; elements of OpenStreetMap become such.
    Venues,
    /// Venues in OpenStreetMap's tags, also in GeoJSON or CSV.
    Osm,
    /// Buildings of decree 835, annex 32.
    #[value(name = "annex-32")]
    Annex32,
}

impl From<RowsAre> for Reading {
    fn from(rows: RowsAre) -> Self {
        match rows {
            RowsAre::Plain => Self::Plain,
            RowsAre::Venues => Self::Venues,
            RowsAre::Osm => Self::Osm,
            RowsAre::Annex32 => Self::Annex32,
        }
    }
}
