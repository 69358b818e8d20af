//! An ESRI shapefile in a zip: `.shp`, `.shx`, `.dbf`, `.prj`, `.cpg` and a table of the
//! fields' names, since a field has only ten bytes for its own.
//!
//! Written here and not by the crate `shapefile` 0.9: it writes no null shape, so a feature
//! that nobody placed could not go out, and its counts wrap beyond 2 GB.

mod shapes;
mod table;

use std::io::Write;

use misto_model::{GeometryKind, Property};
use zip::write::{SimpleFileOptions, StreamWriter, ZipWriter};

use self::shapes::Shapes;
use self::table::Table;
use super::{Outgoing, WriteError};

/// WGS 84 as ESRI writes it.
const PRJ: &str = "GEOGCS[\"GCS_WGS_1984\",DATUM[\"D_WGS_1984\",SPHEROID[\"WGS_1984\",6378137.0,298.257223563]],\
    PRIMEM[\"Greenwich\",0.0],UNIT[\"Degree\",0.0174532925199433]]";
/// Most bytes of `.shp` and of `.dbf` that programs read, GDAL among them.
const MAX_BYTES: u64 = i32::MAX as u64;

/// Writes the zip; gives how many features it holds. Features wait in temporary files,
/// since how wide a field is and how long a file stands at its beginning.
///
/// One shapefile holds one kind of shape: points (multipoints as soon as one feature has
/// several), lines or polygons; a feature without a place is a null shape. What the table
/// cannot say: an empty text is read as unknown, a text ends after 254 bytes (`fields.csv`
/// counts those that were cut), a moment is a text.
///
/// # Errors
/// `Unfit` when the shapes are of several kinds, or there is more than a shapefile holds; when
/// the target, a temporary file or the source of features fails; when a value is not of its type.
pub fn shapefile(
    out: impl Write,
    name: &str,
    schema: &[Property],
    kind: GeometryKind,
    features: impl IntoIterator<Item = Outgoing>,
) -> Result<u64, WriteError> {
    let mut shapes = Shapes::new(kind)?;
    let mut table = Table::new(schema)?;
    for feature in features {
        let feature = feature.map_err(WriteError::Source)?;
        shapes.add(feature.id, feature.geometry.as_ref())?;
        table.add(&feature)?;
    }
    for (part, bytes) in [("shp", shapes.main_bytes()), ("dbf", table.bytes())] {
        if bytes > MAX_BYTES {
            let reason = format!("the .{part} would have {bytes} bytes, and a shapefile holds 2 GB");
            return Err(WriteError::Unfit(reason + "; export it as FlatGeobuf or GeoPackage"));
        }
    }
    let mut zip = Parts { zip: ZipWriter::new_stream(out), name };
    zip.part("shp", |out| shapes.write_main(out))?;
    zip.part("shx", |out| shapes.write_index(out))?;
    zip.part("dbf", |out| table.write(out))?;
    zip.part("prj", |out| Ok(out.write_all(PRJ.as_bytes())?))?;
    zip.part("cpg", |out| Ok(out.write_all(b"UTF-8")?))?;
    zip.part("fields.csv", |out| table.write_names(out))?;
    zip.zip.finish().map_err(failed)?.into_inner().flush()?;
    Ok(table.count())
}

struct Parts<'a, W: Write> {
    zip: ZipWriter<StreamWriter<W>>,
    name: &'a str,
}

type Part<'p, W> = &'p mut ZipWriter<StreamWriter<W>>;

impl<W: Write> Parts<'_, W> {
    fn part(
        &mut self,
        extension: &str,
        write: impl FnOnce(Part<'_, W>) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        self.zip.start_file(format!("{}.{extension}", self.name), SimpleFileOptions::default()).map_err(failed)?;
        write(&mut self.zip)
    }
}

fn failed(error: zip::result::ZipError) -> WriteError {
    match error {
        zip::result::ZipError::Io(error) => WriteError::Io(error),
        other => WriteError::Format(other.to_string()),
    }
}
