//! OGC GeoPackage (OGC 12-128r18) written by other programs, opened read-only.

use std::io::Read;
use std::path::Path;

use misto_model::PropertyType;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use super::schema::Cell;
use super::shape::Refused;
use super::survey::{EachRow, Head, Row, Source};
use super::{FileError, wkb};
use crate::crs::Transform;

/// One layer of a file.
pub(super) struct Layer {
    connection: Connection,
    head: Head,
    columns: Vec<Column>,
    select: String,
    /// Bytes of the file.
    length: u64,
}

/// Steps of SQLite's machine between two looks at how many there were.
const STEPS_A_ROUND: i32 = 100_000;
/// A small file gets ten million steps.
const FREE_ROUNDS: u64 = 100;
/// One round more for so many bytes: a hundred steps a byte, where a row takes some tens.
const BYTES_A_ROUND: u64 = 1_000;
/// SQLite's own statements need some room, bytes.
const SMALLEST_LIMIT: i32 = 1 << 20;

struct Column {
    name: String,
    kind: Option<PropertyType>,
}

/// Names of the feature layers in a GeoPackage, in their order.
///
/// # Errors
/// When the file cannot be read or is no GeoPackage.
pub fn layers(path: &Path) -> Result<Vec<String>, FileError> {
    Ok(contents(&opened(path)?)?.0)
}

impl Layer {
    pub(super) fn open(path: &Path, wanted: Option<&str>) -> Result<Self, FileError> {
        let connection = opened(path)?;
        let (layers, skipped_layers) = contents(&connection)?;
        let table = choose(&layers, wanted)?;
        let (geometry_column, srs) = connection
            .query_row("SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?1", [table], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
            })
            .map_err(|e| FileError::damaged("table gpkg_geometry_columns", format!("layer {table:?}: {e}")))?;
        let transform = transform(&connection, srs)?;
        let (columns, notes) = columns(&connection, table, &geometry_column)?;
        let selected: Vec<String> =
            std::iter::once(&geometry_column).chain(columns.iter().map(|c| &c.name)).map(|name| quoted(name)).collect();
        let select = format!("SELECT {} FROM {}", selected.join(", "), quoted(table));
        let declared = columns.iter().map(|c| (c.name.clone(), c.kind)).collect();
        let head = Head { columns: declared, transform, skipped_layers, notes };
        Ok(Self { connection, head, columns, select, length: length(path) })
    }
}

impl Source for Layer {
    fn head(&self) -> &Head {
        &self.head
    }

    fn rows(&mut self, each: EachRow<'_>) -> Result<(), FileError> {
        let mut number = 0;
        bounded(&mut self.connection, self.length).map_err(|e| damaged(number, &e))?;
        let mut statement = self.connection.prepare(&self.select).map_err(|e| damaged(number, &e))?;
        let mut rows = statement.query([]).map_err(|e| damaged(number, &e))?;
        while let Some(row) = rows.next().map_err(|e| damaged(number, &e))? {
            number += 1;
            let mut flattened = false;
            let shape = row.get_ref(0).map_err(|e| damaged(number, &e))?;
            let mut geometry = geometry(shape, &mut flattened).map_err(|reason| (None, reason));
            let mut cells = Vec::with_capacity(self.columns.len());
            for (index, column) in self.columns.iter().enumerate() {
                match cell(row.get_ref(index + 1).map_err(|e| damaged(number, &e))?, column.kind) {
                    Ok(cell) => cells.push((column.name.clone(), cell)),
                    Err(reason) => geometry = Err((Some(column.name.clone()), reason)),
                }
            }
            each(Row { number, geometry, cells, flattened })?;
        }
        Ok(())
    }
}

fn damaged(row: u64, error: &rusqlite::Error) -> FileError {
    let place = if row == 0 { "the database".to_owned() } else { format!("row {row}") };
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::OperationInterrupted) => FileError::damaged(
            place,
            "reading takes more steps than the file's length explains; is it a view without end?",
        ),
        _ => FileError::damaged(place, error),
    }
}

/// A view is a program of the file's author: it gets steps in proportion to the
/// file, and no value longer than the file.
fn bounded(connection: &mut Connection, length: u64) -> rusqlite::Result<()> {
    let longest = i32::try_from(length).unwrap_or(i32::MAX).max(SMALLEST_LIMIT);
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, longest)?;
    let (mut rounds, most) = (0_u64, FREE_ROUNDS + length / BYTES_A_ROUND);
    connection.progress_handler(
        STEPS_A_ROUND,
        Some(move || {
            rounds += 1;
            rounds > most
        }),
    )
}

/// Bytes of the database and of what is not yet merged into it.
fn length(path: &Path) -> u64 {
    let bytes = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
    bytes(path) + bytes(&wal(path))
}

fn wal(path: &Path) -> std::path::PathBuf {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    wal.into()
}

fn opened(path: &Path) -> Result<Connection, FileError> {
    let mut magic = Vec::new();
    let file = std::fs::File::open(path).map_err(|e| FileError::io(path, e))?;
    file.take(16).read_to_end(&mut magic).map_err(|e| FileError::io(path, e))?;
    if magic != b"SQLite format 3\0" {
        return Err(FileError::Unsupported("this is no GeoPackage: the file is no SQLite database".to_owned()));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|e| damaged(0, &e))?;
    let usable = |connection: &Connection| {
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))
    };
    let mut connection = match usable(&connection) {
        Ok(_) => connection,
        // A database in WAL mode wants to write beside itself even to be read. Where
        // it may not and nobody is writing, it is as good as unchangeable.
        Err(_) if !wal_beside(path) => {
            let uri = format!("file:{}?immutable=1", percent_encoded(path));
            let connection =
                Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI).map_err(|e| damaged(0, &e))?;
            usable(&connection).map_err(|e| damaged(0, &e))?;
            connection
        }
        Err(e) => return Err(damaged(0, &e)),
    };
    // Functions that could do harm are not called from views and defaults of a foreign file.
    connection.pragma_update(None, "trusted_schema", false).map_err(|e| damaged(0, &e))?;
    bounded(&mut connection, length(path)).map_err(|e| damaged(0, &e))?;
    Ok(connection)
}

fn wal_beside(path: &Path) -> bool {
    std::fs::metadata(wal(path)).is_ok_and(|wal| wal.len() > 0)
}

fn percent_encoded(path: &Path) -> String {
    let safe = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'-' | b'_');
    path.to_string_lossy()
        .bytes()
        .map(|b| if safe(b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

/// Feature layers, and the other tables with their kind.
fn contents(connection: &Connection) -> Result<(Vec<String>, Vec<String>), FileError> {
    let no_geopackage = |e: rusqlite::Error| match e {
        rusqlite::Error::SqliteFailure(ref failure, _) if failure.code == rusqlite::ErrorCode::DatabaseCorrupt => {
            damaged(0, &e)
        }
        e => FileError::Unsupported(format!("this is no GeoPackage: its table of contents cannot be read ({e})")),
    };
    let mut statement =
        connection.prepare("SELECT table_name, data_type FROM gpkg_contents ORDER BY rowid").map_err(no_geopackage)?;
    let rows = statement
        .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
        .map_err(no_geopackage)?;
    let (mut layers, mut others) = (Vec::new(), Vec::new());
    for row in rows {
        let (table, kind) = row.map_err(no_geopackage)?;
        if kind == "features" {
            layers.push(table);
        } else {
            others.push(format!("{table} ({kind})"));
        }
    }
    Ok((layers, others))
}

fn choose<'a>(layers: &'a [String], wanted: Option<&str>) -> Result<&'a str, FileError> {
    let option = |reason: String| FileError::Option { option: "layer", reason };
    match (wanted, layers) {
        (_, []) => Err(FileError::Unsupported("the GeoPackage has no layer of features".to_owned())),
        (Some(wanted), _) => layers
            .iter()
            .find(|layer| layer.as_str() == wanted)
            .map(String::as_str)
            .ok_or_else(|| option(format!("there is no layer {wanted:?}; the layers are {}", layers.join(", ")))),
        (None, [one]) => Ok(one),
        (None, _) => Err(option(format!("the file has several layers, choose one of {}", layers.join(", ")))),
    }
}

fn transform(connection: &Connection, srs: i64) -> Result<Transform, FileError> {
    let (organisation, code) = connection
        .query_row(
            "SELECT organization, organization_coordsys_id FROM gpkg_spatial_ref_sys WHERE srs_id = ?1",
            [srs],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)),
        )
        .map_err(|e| FileError::damaged("table gpkg_spatial_ref_sys", format!("coordinate system {srs}: {e}")))?;
    if srs <= 0 {
        return Err(FileError::Unsupported(format!(
            "the layer's coordinate system is undefined (srs_id {srs}); say which it is, for example with: \
             ogr2ogr -a_srs EPSG:4326 defined.gpkg FILE"
        )));
    }
    Transform::of_name(&format!("{organisation}:{code}")).map_err(FileError::Unsupported)
}

fn columns(
    connection: &Connection,
    table: &str,
    geometry_column: &str,
) -> Result<(Vec<Column>, Vec<String>), FileError> {
    let mut statement =
        connection.prepare("SELECT name, type FROM pragma_table_info(?1)").map_err(|e| damaged(0, &e))?;
    let rows = statement
        .query_map([table], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
        .map_err(|e| damaged(0, &e))?;
    let (mut columns, mut notes, mut placed) = (Vec::new(), Vec::new(), false);
    for row in rows {
        let (name, declared) = row.map_err(|e| damaged(0, &e))?;
        let declared = declared.to_ascii_uppercase();
        if name.eq_ignore_ascii_case(geometry_column) {
            placed = true;
        } else if declared.contains("BLOB") {
            notes.push(format!("attribute {name:?} holds binary data and is left out"));
        } else {
            columns.push(Column { name, kind: kind(&declared) });
        }
    }
    if !placed {
        return Err(FileError::damaged(format!("layer {table:?}"), format!("it has no column {geometry_column:?}")));
    }
    Ok((columns, notes))
}

/// Column types of GeoPackage 1.3 (table 1), and those that other programs write.
fn kind(declared: &str) -> Option<PropertyType> {
    let has = |parts: &[&str]| parts.iter().any(|part| declared.contains(part));
    match declared {
        "BOOLEAN" => Some(PropertyType::Boolean),
        "DATE" => Some(PropertyType::Date),
        "DATETIME" | "TIMESTAMP" => Some(PropertyType::DateTime),
        _ if has(&["INT"]) => Some(PropertyType::Integer),
        _ if has(&["CHAR", "CLOB", "TEXT"]) => Some(PropertyType::Text),
        _ if has(&["REAL", "FLOA", "DOUB"]) => Some(PropertyType::Real),
        _ => None,
    }
}

fn cell(value: ValueRef<'_>, kind: Option<PropertyType>) -> Result<Cell, Refused> {
    Ok(match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number @ (0 | 1)) if kind == Some(PropertyType::Boolean) => Cell::Boolean(number == 1),
        ValueRef::Integer(number) => Cell::Integer(number),
        ValueRef::Real(number) => Cell::Real(number),
        ValueRef::Text(bytes) => {
            Cell::Text(std::str::from_utf8(bytes).map_err(|_| "the text is not UTF-8".to_owned())?.to_owned())
        }
        ValueRef::Blob(_) => return Err("this holds binary data, which no attribute can".to_owned()),
    })
}

/// The header of a GeoPackage geometry (clause 2.1.3) and the shape after it.
fn geometry(value: ValueRef<'_>, flattened: &mut bool) -> Result<Option<geo_types::Geometry>, Refused> {
    let bytes = match value {
        ValueRef::Null => return Ok(None),
        ValueRef::Blob(bytes) => bytes,
        _ => return Err("the geometry is no binary data".to_owned()),
    };
    let [b'G', b'P', _version, flags, _, _, _, _, rest @ ..] = bytes else {
        return Err("the geometry does not begin as a GeoPackage geometry does".to_owned());
    };
    if flags & 0b0010_0000 != 0 {
        return Err("the geometry is of a kind that only an extension of GeoPackage explains".to_owned());
    }
    let envelope = match (flags >> 1) & 0b111 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        other => return Err(format!("{other} is no kind of envelope")),
    };
    let shape = rest.get(envelope..).ok_or("the geometry ends inside its envelope")?;
    wkb::read(shape, flattened)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
