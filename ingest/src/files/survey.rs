//! The two readings that every format goes through.

use std::path::Path;

use geo_types::Geometry;
use misto_model::{Bbox, GeometryKind, PropertyType};

use super::schema::{Cell, Schema};
use super::{BoxError, FileError, Format, Imported, Options, Reading, Refusal, Refusals, Report};
use super::{
    a11yjson, annex_32, csv, flatgeobuf, geojson, geopackage, json_table, osm_pbf, osm_venues, renamed, venue_table,
};
use super::{place, shape};
use crate::crs::Transform;

/// One row as the file holds it, before anything was checked.
pub(super) struct Row {
    /// Counted from 1.
    pub number: u64,
    /// The shape in the file's own coordinates, or the field at fault and why it cannot be read.
    pub geometry: Result<Option<Geometry>, (Option<String>, shape::Refused)>,
    /// Values by the source's names.
    pub cells: Vec<(String, Cell)>,
    /// Heights or measures were left out.
    pub flattened: bool,
}

/// What a file says about itself before its rows.
#[derive(Default)]
pub(super) struct Head {
    /// Declared attributes.
    pub columns: Vec<(String, Option<PropertyType>)>,
    /// From the file's coordinates to WGS 84.
    pub transform: Transform,
    pub skipped_layers: Vec<String>,
    pub notes: Vec<String>,
}

/// Where one row after the other goes.
pub(super) type EachRow<'a> = &'a mut dyn FnMut(Row) -> Result<(), FileError>;

/// A file that can be read again and again, giving the same rows.
pub(super) trait Source {
    fn head(&self) -> &Head;
    fn rows(&mut self, each: EachRow<'_>) -> Result<(), FileError>;
}

/// A file that was read once: what it holds is known, nothing was delivered.
pub struct Survey {
    /// What was found.
    pub report: Report,
    source: Box<dyn Source + Send>,
    schema: Schema,
    bounds: Option<Bbox>,
}

/// Reads the whole file and says what it holds.
///
/// # Errors
/// When the file cannot be read, is damaged, is of a kind that is not
/// understood, or an option does not fit it.
pub fn survey(path: &Path, options: &Options) -> Result<Survey, FileError> {
    let mut source = open(path, options)?;
    let head = source.head();
    let mut schema = Schema::declared(&head.columns)?;
    let mut report = Report {
        read: 0,
        kept: 0,
        refused: Refusals::default(),
        skipped_layers: head.skipped_layers.clone(),
        notes: head.notes.clone(),
        schema: Vec::new(),
        geometry: GeometryKind::Any,
        without_geometry: 0,
    };
    let transform = head.transform.clone();
    let mut kind = None;
    let (mut flattened, mut settled) = (0_u64, 0_u64);
    source.rows(&mut |row| {
        report.read += 1;
        flattened += u64::from(row.flattened);
        match usable(row.geometry, &row.cells, &transform, options.bounds.as_ref()) {
            Ok(geometry) => {
                schema.observe(&row.cells)?;
                report.kept += 1;
                match geometry {
                    Some((geometry, moved)) => {
                        kind = merged(kind, place::kind(&geometry));
                        settled += u64::from(moved);
                    }
                    None => report.without_geometry += 1,
                }
            }
            Err((field, reason)) => report.refused.add(Refusal { row: row.number, field, reason }),
        }
        Ok(())
    })?;
    if flattened > 0 {
        report.notes.push(format!("heights or measures of {flattened} rows were left out: places are two-dimensional"));
    }
    if settled > 0 {
        report
            .notes
            .push(format!("{settled} rows reached less than a millimetre beyond 180 or 90 degrees and now end there"));
    }
    let (properties, notes) = schema.properties();
    report.schema = properties;
    report.notes.extend(notes);
    report.geometry = kind.unwrap_or(GeometryKind::Any);
    Ok(Survey { report, source, schema, bounds: options.bounds })
}

impl Survey {
    /// Reads the file again and delivers every usable row in the file's order.
    /// May be called more than once. Whoever stores the rows keeps none of them
    /// when this fails.
    ///
    /// # Errors
    /// As [`survey`]; [`FileError::Changed`] when the file is no longer what it
    /// was; [`FileError::Stopped`] with the receiver's own error.
    pub fn features(&mut self, each: &mut dyn FnMut(Imported) -> Result<(), BoxError>) -> Result<(), FileError> {
        let transform = self.source.head().transform.clone();
        let (schema, bounds) = (&self.schema, self.bounds.as_ref());
        let mut kept = 0_u64;
        self.source.rows(&mut |row| {
            let Ok(geometry) = usable(row.geometry, &row.cells, &transform, bounds) else { return Ok(()) };
            let properties = schema.convert(row.cells).ok_or(FileError::Changed)?;
            kept += 1;
            each(Imported { geometry: geometry.map(|(geometry, _)| geometry), properties }).map_err(FileError::Stopped)
        })?;
        if kept == self.report.kept { Ok(()) } else { Err(FileError::Changed) }
    }
}

/// The shape, and whether it was settled on the edge of the world; or the field at fault and why.
type Usable = Result<Option<(Geometry, bool)>, (Option<String>, shape::Refused)>;

/// The row's shape in WGS 84 and whether rounding was undone in it; or the field
/// at fault and why the row cannot be used.
fn usable(
    geometry: Result<Option<Geometry>, (Option<String>, shape::Refused)>,
    cells: &[(String, Cell)],
    transform: &Transform,
    bounds: Option<&Bbox>,
) -> Usable {
    if let Some((name, _)) = cells.iter().find(|(_, cell)| cell.text().is_some_and(|text| text.contains('\0'))) {
        return Err((Some(name.clone()), "the text holds the character NUL, which no database keeps".to_owned()));
    }
    let Some(geometry) = geometry?.filter(|g| !shape::is_empty(g)) else { return Ok(None) };
    let geometry = transform.to_wgs84(geometry).map_err(|reason| (None, reason))?;
    let (geometry, settled) = match place::settled(&geometry) {
        Some(settled) => (settled, true),
        None => (geometry, false),
    };
    place::check(&geometry, bounds).map_err(|reason| (None, reason))?;
    place::check_against_text(&geometry, cells).map_err(|(field, reason)| (Some(field), reason))?;
    Ok(Some((geometry, settled)))
}

fn merged(sofar: Option<GeometryKind>, kind: GeometryKind) -> Option<GeometryKind> {
    Some(if sofar.is_none_or(|sofar| sofar == kind) { kind } else { GeometryKind::Any })
}

fn open(path: &Path, options: &Options) -> Result<Box<dyn Source + Send>, FileError> {
    let format = options.format.or_else(|| Format::of_path(path)).ok_or_else(|| {
        FileError::Unsupported(format!(
            "{} has no name that tells its format: .fgb, .geojson, .gpkg, .csv, .osm.pbf, .osm.json and .a11y.json can be read",
            path.display()
        ))
    })?;
    if options.layer.is_some() && format != Format::GeoPackage {
        return Err(FileError::Option {
            option: "layer",
            reason: "only a GeoPackage has layers to choose from".to_owned(),
        });
    }
    if !options.tags.is_empty() && format != Format::OsmPbf {
        return Err(FileError::Option {
            option: "tags",
            reason: "only an OpenStreetMap extract has tags to choose by".to_owned(),
        });
    }
    let source = opened(path, format, options)?;
    let source = if options.renames.is_empty() { source } else { renamed::Renamed::boxed(source, &options.renames) };
    let of_osm = matches!(format, Format::OsmPbf | Format::Overpass);
    Ok(match options.reading {
        Reading::Plain => source,
        Reading::Venues if format == Format::A11yJson => source,
        Reading::Venues if !of_osm => Box::new(venue_table::VenueTable::of(source)),
        Reading::Venues | Reading::Osm => Box::new(osm_venues::OsmVenues::of(source)?),
        Reading::Annex32 => Box::new(annex_32::Annex32::of(source, options.norms.as_deref())?),
    })
}

/// A file of that format, as it is.
fn opened(path: &Path, format: Format, options: &Options) -> Result<Box<dyn Source + Send>, FileError> {
    Ok(match format {
        Format::A11yJson => Box::new(a11yjson::A11yJson::open(path)?),
        Format::Overpass => Box::new(osm_venues::overpass::Overpass::open(path)),
        Format::Json => Box::new(json_table::JsonTable::open(path, "buildings", options)?),
        Format::FlatGeobuf => Box::new(flatgeobuf::FlatGeobuf::open(path)?),
        Format::GeoJson => Box::new(geojson::GeoJson::open(path)?),
        Format::GeoPackage => Box::new(geopackage::Layer::open(path, options.layer.as_deref())?),
        Format::Csv => Box::new(csv::Csv::open(path, options)?),
        Format::OsmPbf => Box::new(osm_pbf::Extract::open(path, options)?),
    })
}
