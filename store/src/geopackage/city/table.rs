//! A feature table as it stands in the file, Misto's own or another program's.

use misto_model::{CollectionId, Error, PropertyType};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::geopackage::failure::Done;
use crate::schema::{Column, Table, collection_not_found};

/// A feature table that Misto cannot use, and why.
pub(super) struct Unusable {
    pub(super) name: String,
    pub(super) reason: String,
}

const REGISTERED: &str = "
    SELECT c.table_name, g.column_name, upper(g.geometry_type_name), g.srs_id, s.organization, s.organization_coordsys_id
    FROM gpkg_contents c
    LEFT JOIN gpkg_geometry_columns g ON g.table_name = c.table_name COLLATE NOCASE
    LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id
    WHERE c.data_type = 'features'";

/// A row of the registers of the standard.
struct Registered {
    name: String,
    geometry: Option<String>,
    declared: Option<String>,
    srs: Option<i64>,
    authority: Option<String>,
    code: Option<i64>,
}

impl Registered {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            name: row.get(0)?,
            geometry: row.get(1)?,
            declared: row.get(2)?,
            srs: row.get(3)?,
            authority: row.get(4)?,
            code: row.get(5)?,
        })
    }
}

/// The table of a collection; `NotFound` when there is none.
pub(super) fn find(connection: &Connection, id: &CollectionId) -> Done<Table> {
    let registered = connection
        .prepare_cached(&format!("{REGISTERED} AND lower(c.table_name) = ?1"))?
        .query_row([id.as_str()], Registered::read)
        .optional()?
        .ok_or_else(|| collection_not_found(id))?;
    match examine(connection, registered)? {
        Ok(table) => Ok(table),
        Err(unusable) => Err(Error::unavailable(
            format!("collection {:?} cannot be used: {}", id.as_str(), unusable.reason),
            "refused when the tables were examined",
        )
        .into()),
    }
}

/// All feature tables in the order of their ids, and those that cannot be used.
pub(super) fn all(connection: &Connection) -> Done<(Vec<Table>, Vec<Unusable>)> {
    let mut statement = connection.prepare_cached(&format!("{REGISTERED} ORDER BY lower(c.table_name)"))?;
    let registered = statement.query_map([], Registered::read)?.collect::<rusqlite::Result<Vec<_>>>()?;
    let (mut usable, mut unusable) = (Vec::new(), Vec::new());
    for one in registered {
        match examine(connection, one)? {
            Ok(table) => usable.push(table),
            Err(refused) => unusable.push(refused),
        }
    }
    Ok((usable, unusable))
}

fn examine(connection: &Connection, found: Registered) -> Done<Result<Table, Unusable>> {
    let refuse = |reason: String| Ok(Err(Unusable { name: found.name.clone(), reason }));
    let Ok(id) = found.name.to_ascii_lowercase().parse::<CollectionId>() else {
        return refuse("its name must be 1 to 60 Latin letters, digits and _, beginning with a letter".to_owned());
    };
    let (Some(geometry), Some(declared)) = (&found.geometry, &found.declared) else {
        return refuse("gpkg_geometry_columns does not name its geometry column".to_owned());
    };
    let is_wgs84 =
        found.authority.as_deref().is_some_and(|a| a.eq_ignore_ascii_case("EPSG")) && found.code == Some(4326);
    if !is_wgs84 {
        let srs = found.srs.map_or_else(|| "unknown".to_owned(), |srs| srs.to_string());
        return refuse(format!(
            "its spatial reference system is {srs}; only EPSG:4326 (WGS 84) is used, so reproject it"
        ));
    }
    let is_table = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1 COLLATE NOCASE";
    if !connection.prepare_cached(is_table)?.exists([&found.name])? {
        return refuse("it is a view or does not exist; only tables are used".to_owned());
    }
    let (mut key, mut placed, mut columns) = (None, false, Vec::new());
    for (name, declared, primary) in table_info(connection, &found.name)? {
        if primary > 0 {
            let is_integer = declared.eq_ignore_ascii_case("INTEGER");
            key = (primary == 1 && is_integer && key.is_none()).then_some(name);
            if key.is_none() {
                break;
            }
        } else if name.eq_ignore_ascii_case(geometry) {
            placed = true;
        } else if let Some(kind) = property_type(&declared) {
            columns.push(Column { name, kind });
        }
    }
    match key {
        Some(key) if placed => {
            let (geometry, declared) = (geometry.clone(), declared.clone());
            Ok(Ok(Table { id, name: found.name, key, geometry, declared, columns }))
        }
        Some(_) => refuse(format!("its geometry column {geometry:?} does not exist")),
        None => refuse("it has no single INTEGER PRIMARY KEY".to_owned()),
    }
}

/// Name, declared type and place in the primary key (0 = not part) of each column.
fn table_info(connection: &Connection, table: &str) -> Done<Vec<(String, String, i64)>> {
    let mut statement = connection.prepare_cached("SELECT name, type, pk FROM pragma_table_info(?1)")?;
    let columns = statement.query_map([table], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(columns.collect::<rusqlite::Result<_>>()?)
}

/// The type of an attribute from its declared SQL type (OGC 12-128r18, table 1);
/// `None` for binary columns.
fn property_type(declared: &str) -> Option<PropertyType> {
    let word = declared.split('(').next().unwrap_or_default().trim().to_ascii_uppercase();
    Some(match word.as_str() {
        "BOOLEAN" => PropertyType::Boolean,
        "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "INTEGER" | "BIGINT" => PropertyType::Integer,
        "FLOAT" | "DOUBLE" | "REAL" | "NUMERIC" => PropertyType::Real,
        "DATE" => PropertyType::Date,
        "DATETIME" | "TIMESTAMP" => PropertyType::DateTime,
        "BLOB" | "GEOMETRY" | "POINT" | "LINESTRING" | "POLYGON" | "MULTIPOINT" | "MULTILINESTRING"
        | "MULTIPOLYGON" => {
            return None;
        }
        _ => PropertyType::Text,
    })
}

/// The SQL type for an attribute (OGC 12-128r18, table 1).
pub(super) fn sql_type(kind: PropertyType) -> &'static str {
    match kind {
        PropertyType::Text => "TEXT",
        PropertyType::Integer => "INTEGER",
        PropertyType::Real => "REAL",
        PropertyType::Boolean => "BOOLEAN",
        PropertyType::Date => "DATE",
        PropertyType::DateTime => "DATETIME",
    }
}
