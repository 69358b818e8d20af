//! Writing a collection to a file format.

mod kept;
mod pages;
mod parts;
mod piped;

use std::io::{Read, Seek, SeekFrom, Write};

use clap::ValueEnum;
use misto_ingest::files::write::{
    Outgoing, WriteError, a11yjson, annex_32_buildings, csv, flatgeobuf, geojson, geojson_lines, osm_geojson, shapefile,
};
use misto_model::{Audience, Collection, Property};

pub use kept::{Kept, KeptFiles};
pub use pages::Pages;
pub use parts::PartsOfVenues;
pub use piped::piped;

/// The formats that a collection can be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum)]
pub enum ExportFormat {
    /// FlatGeobuf with an index.
    Flatgeobuf,
    /// GeoJSON (RFC 7946).
    Geojson,
    /// GeoJSON, a feature a line.
    Geojsonl,
    /// Comma-separated text; places as longitude and latitude or as WKT.
    Csv,
    /// OGC GeoPackage with one layer.
    Gpkg,
    /// ESRI shapefile, its parts in a zip (GDAL and QGIS read it so under a name that ends with .shp.zip).
    Shp,
    /// Venues as A11yJSON 31.
    A11yjson,
    /// Venues with OpenStreetMap's tags, GeoJSON.
    OsmGeojson,
    /// Buildings as decree 835, annex 32 wants them; their findings go to FILE.norms.csv.
    #[value(name = "annex-32")]
    Annex32,
}

impl ExportFormat {
    /// Those that any collection can be written to.
    pub const ALL: [Self; 6] = [Self::Flatgeobuf, Self::Gpkg, Self::Geojson, Self::Geojsonl, Self::Csv, Self::Shp];

    /// By the end of a file's name.
    pub fn of_extension(extension: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.extension() == extension)
    }

    /// The end of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Flatgeobuf => "fgb",
            Self::Geojson => "geojson",
            Self::Geojsonl => "geojsonl",
            Self::Csv => "csv",
            Self::Gpkg => "gpkg",
            Self::A11yjson => "a11y.json",
            Self::OsmGeojson => "osm.geojson",
            Self::Annex32 => "buildings.csv",
            Self::Shp => "shp",
        }
    }

    /// The end of the name under which a browser keeps the file.
    pub fn kept_extension(self) -> &'static str {
        if self == Self::Shp { "shp.zip" } else { self.extension() }
    }

    /// Media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Flatgeobuf => "application/vnd.flatgeobuf",
            Self::Geojson | Self::A11yjson | Self::OsmGeojson => "application/geo+json",
            Self::Geojsonl => "application/x-ndjson",
            Self::Csv | Self::Annex32 => "text/csv; charset=utf-8",
            Self::Gpkg => "application/geopackage+sqlite3",
            Self::Shp => "application/zip",
        }
    }

    /// Media type without parameters.
    pub fn bare_media_type(self) -> &'static str {
        self.media_type().split(';').next().unwrap_or_default()
    }

    /// Whether its beginning is known at the end only, so that it must be whole
    /// before the first byte goes out.
    pub fn is_indexed(self) -> bool {
        matches!(self, Self::Flatgeobuf | Self::Gpkg | Self::Shp)
    }
}

/// Writes features with the attributes that the audience may see; gives how many.
///
/// # Errors
/// When the output cannot be written or a value is not of its attribute's type.
pub fn write(
    mut out: impl Write,
    format: ExportFormat,
    collection: &Collection,
    audience: Audience,
    features: impl Iterator<Item = Outgoing>,
) -> Result<u64, WriteError> {
    let schema = schema(collection, audience);
    match format {
        ExportFormat::Flatgeobuf => flatgeobuf(out, collection.id.as_str(), &schema, features),
        ExportFormat::Geojson => geojson(out, &schema, features),
        ExportFormat::Geojsonl => geojson_lines(out, &schema, features),
        ExportFormat::Csv => csv(out, &schema, collection.geometry, features),
        ExportFormat::A11yjson => write_places(out, format, collection, audience, features, &PartsOfVenues::default()),
        ExportFormat::OsmGeojson => osm_geojson(out, &schema, features),
        ExportFormat::Annex32 => annex_32_buildings(out, &schema, features),
        ExportFormat::Shp => shapefile(out, collection.id.as_str(), &schema, collection.geometry, features),
        ExportFormat::Gpkg => {
            let (mut file, count) = geopackage(collection, schema, features)?;
            std::io::copy(&mut file, &mut out)?;
            out.flush()?;
            Ok(count)
        }
    }
}

/// Writes venues with the entrances and lifts that are features of their own; other formats than
/// A11yJSON keep those apart.
///
/// # Errors
/// As [`write`].
pub fn write_places(
    out: impl Write,
    format: ExportFormat,
    collection: &Collection,
    audience: Audience,
    features: impl Iterator<Item = Outgoing>,
    parts: &PartsOfVenues,
) -> Result<u64, WriteError> {
    match format {
        ExportFormat::A11yjson => a11yjson(out, &schema(collection, audience), features, |venue| parts.of_venue(venue)),
        other => write(out, other, collection, audience, features),
    }
}

/// The same into memory, for a page of features.
///
/// # Errors
/// As [`write`].
pub fn bytes(
    format: ExportFormat,
    collection: &Collection,
    audience: Audience,
    features: impl Iterator<Item = Outgoing>,
) -> Result<Vec<u8>, WriteError> {
    let mut bytes = Vec::new();
    write(&mut bytes, format, collection, audience, features)?;
    Ok(bytes)
}

/// The same into a file without a name, which goes when it is closed.
///
/// # Errors
/// As [`write`].
pub fn file(
    format: ExportFormat,
    collection: &Collection,
    audience: Audience,
    features: impl Iterator<Item = Outgoing>,
) -> Result<std::fs::File, WriteError> {
    if format == ExportFormat::Gpkg {
        return Ok(geopackage(collection, schema(collection, audience), features)?.0);
    }
    let mut file = tempfile::tempfile()?;
    write(std::io::BufWriter::new(&mut file), format, collection, audience, features)?;
    Ok(file)
}

fn schema(collection: &Collection, audience: Audience) -> Vec<Property> {
    let seen = |property: &&Property| audience.may_see(property.audience);
    collection.properties.iter().filter(seen).cloned().collect()
}

/// SQLite writes to a path; the file is opened again and its name forgotten.
fn geopackage(
    collection: &Collection,
    schema: Vec<Property>,
    features: impl Iterator<Item = Outgoing>,
) -> Result<(std::fs::File, u64), WriteError> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("layer.gpkg");
    let seen = Collection { properties: schema, ..collection.clone() };
    let count = misto_store::write_geopackage(&path, &seen, features).map_err(WriteError::Source)?;
    Ok((std::fs::File::open(&path)?, count))
}

/// BLAKE3 of a file, as the ETag of its bytes; the file stands at its beginning again.
///
/// # Errors
/// When it cannot be read.
pub fn fingerprint(file: &mut std::fs::File) -> std::io::Result<String> {
    let mut hash = blake3::Hasher::new();
    let mut block = vec![0; 1 << 16];
    file.seek(SeekFrom::Start(0))?;
    loop {
        match file.read(&mut block)? {
            0 => break,
            read => hash.update(&block[..read]),
        };
    }
    file.seek(SeekFrom::Start(0))?;
    Ok(format!("\"{}\"", &hash.finalize().to_hex()[..32]))
}
