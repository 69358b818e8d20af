//! A feature table as it stands in schema `public`, Misto's own or another program's.

use deadpool_postgres::GenericClient;
use misto_model::{CollectionId, Error, PropertyType};

use crate::postgis::failure::Done;
use crate::schema::{Column, Table, collection_not_found};

/// A feature table that Misto cannot use, and why.
pub(super) struct Unusable {
    pub(super) name: String,
    pub(super) reason: String,
}

/// One row for each column of a table with a geometry column.
const COLUMNS: &str = "
    SELECT c.relname, a.attname, format_type(a.atttypid, NULL), postgis_typmod_type(a.atttypmod), postgis_typmod_srid(a.atttypmod),
      coalesce(a.attnum = ANY(i.indkey), false), coalesce(array_length(i.indkey::int2[], 1), 0), pg_has_role(c.relowner, 'USAGE')
    FROM pg_class AS c
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_index AS i ON i.indrelid = c.oid AND i.indisprimary
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
    AND EXISTS (SELECT 1 FROM pg_attribute AS g WHERE g.attrelid = c.oid AND g.attnum > 0 AND NOT g.attisdropped
      AND g.atttypid = 'public.geometry'::regtype)";

/// The table of a collection; `NotFound` when there is none.
pub(super) async fn find(client: &impl GenericClient, id: &CollectionId) -> Done<Table> {
    let query =
        client.prepare_cached(&format!("{COLUMNS} AND lower(c.relname) = $1 ORDER BY c.relname, a.attnum")).await?;
    let rows = client.query(&query, &[&id.as_str()]).await?;
    let columns = rows.iter().map(Found::read).collect::<Done<Vec<_>>>()?;
    match columns.chunk_by(|a, b| a.table == b.table).map(examine).next() {
        None => Err(collection_not_found(id).into()),
        Some(Ok(table)) => Ok(table),
        Some(Err(unusable)) => Err(Error::unavailable(
            format!("collection {:?} cannot be used: {}", id.as_str(), unusable.reason),
            "refused when the tables were examined",
        )
        .into()),
    }
}

/// All feature tables in the order of their ids, and those that cannot be used.
pub(super) async fn all(client: &impl GenericClient) -> Done<(Vec<Table>, Vec<Unusable>)> {
    let query = client.prepare_cached(&format!("{COLUMNS} ORDER BY c.relname COLLATE \"C\", a.attnum")).await?;
    let rows = client.query(&query, &[]).await?;
    let columns = rows.iter().map(Found::read).collect::<Done<Vec<_>>>()?;
    let (mut usable, mut unusable) = (Vec::new(), Vec::new());
    for columns in columns.chunk_by(|a, b| a.table == b.table) {
        match examine(columns) {
            Ok(table) => usable.push(table),
            Err(refused) => unusable.push(refused),
        }
    }
    usable.sort_by(|a, b| a.id.cmp(&b.id));
    Ok((usable, unusable))
}

/// A column as the catalogue tells it.
struct Found {
    table: String,
    name: String,
    sql_type: String,
    /// Of a geometry column.
    declared: Option<String>,
    srid: Option<i32>,
    is_key: bool,
    key_columns: i32,
    /// Whether Misto's user may put triggers on the table.
    is_ours: bool,
}

impl Found {
    fn read(row: &tokio_postgres::Row) -> Done<Self> {
        Ok(Self {
            table: row.try_get(0)?,
            name: row.try_get(1)?,
            sql_type: row.try_get(2)?,
            declared: row.try_get(3)?,
            srid: row.try_get(4)?,
            is_key: row.try_get(5)?,
            key_columns: row.try_get(6)?,
            is_ours: row.try_get(7)?,
        })
    }
}

fn examine(found: &[Found]) -> Result<Table, Unusable> {
    let name = found.first().map(|column| column.table.clone()).unwrap_or_default();
    let refuse = |reason: &str| Unusable { name: name.clone(), reason: reason.to_owned() };
    let Ok(id) = name.to_ascii_lowercase().parse::<CollectionId>() else {
        return Err(refuse("its name must be 1 to 60 Latin letters, digits and _, beginning with a letter"));
    };
    if found.iter().any(|column| !column.is_ours) {
        return Err(refuse(
            "it belongs to another database user; give it to Misto's (ALTER TABLE … OWNER TO) to have it followed",
        ));
    }
    let is_geometry = |column: &&Found| column.sql_type == "geometry";
    let mut geometries = found.iter().filter(is_geometry);
    let (Some(geometry), None) = (geometries.next(), geometries.next()) else {
        return Err(refuse("it has several geometry columns; only tables with one are used"));
    };
    if geometry.srid != Some(4326) {
        let srid = geometry.srid.unwrap_or(0);
        return Err(refuse(&format!("its SRID is {srid}; only 4326 (WGS 84) is used, so reproject it")));
    }
    let is_whole = |column: &Found| matches!(column.sql_type.as_str(), "smallint" | "integer" | "bigint");
    let Some(key) = found.iter().find(|column| column.is_key && column.key_columns == 1 && is_whole(column)) else {
        return Err(refuse("it has no primary key of one integer column"));
    };
    let attributes = found.iter().filter(|column| !column.is_key && !is_geometry(column));
    let columns = attributes
        .filter_map(|column| property_type(&column.sql_type).map(|kind| Column { name: column.name.clone(), kind }));
    let declared = geometry.declared.as_deref().unwrap_or("Geometry").to_ascii_uppercase();
    Ok(Table {
        id,
        key: key.name.clone(),
        geometry: geometry.name.clone(),
        declared: declared.trim_end_matches(['Z', 'M']).to_owned(),
        columns: columns.collect(),
        name,
    })
}

/// The type of an attribute from its SQL type; `None` for what is left alone:
/// times without a zone, binary, JSON, arrays, types of other extensions.
fn property_type(sql_type: &str) -> Option<PropertyType> {
    Some(match sql_type {
        "text" | "character varying" | "character" => PropertyType::Text,
        "smallint" | "integer" | "bigint" => PropertyType::Integer,
        "real" | "double precision" | "numeric" => PropertyType::Real,
        "boolean" => PropertyType::Boolean,
        "date" => PropertyType::Date,
        "timestamp with time zone" => PropertyType::DateTime,
        _ => return None,
    })
}

/// The SQL type for an attribute.
pub(super) fn sql_type(kind: PropertyType) -> &'static str {
    match kind {
        PropertyType::Text => "text",
        PropertyType::Integer => "bigint",
        PropertyType::Real => "double precision",
        PropertyType::Boolean => "boolean",
        PropertyType::Date => "date",
        PropertyType::DateTime => "timestamptz",
    }
}
