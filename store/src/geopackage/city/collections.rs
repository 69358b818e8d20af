//! Collections: reading, making, extending and removing feature tables.

use std::collections::HashMap;

use misto_model::{Audience, Bbox, Collection, CollectionId, Error, GeometryKind, Property};
use rusqlite::{Connection, OptionalExtension, params};

use super::table::{self, sql_type};
use super::{reconcile, triggers};
use crate::geopackage::failure::{Done, Failure};
use crate::schema::shape::declared_type;
use crate::schema::{
    Table, audience_name, audience_named, check_names, geometry_kind, kind_name, kind_named, literal,
    names_for_key_and_geometry, quoted,
};

/// All usable collections.
pub(super) fn all(connection: &Connection) -> Done<Vec<Collection>> {
    let (tables, _) = table::all(connection)?;
    tables.iter().map(|table| describe(connection, table)).collect()
}

/// The kind of shapes a collection holds.
pub(super) fn kind(connection: &Connection, table: &Table) -> Done<GeometryKind> {
    let told: Option<String> = connection
        .prepare_cached("SELECT geometry FROM misto_collection WHERE id = ?1")?
        .query_row([table.id.as_str()], |row| row.get(0))
        .optional()?;
    Ok(told.as_deref().and_then(kind_named).unwrap_or_else(|| geometry_kind(&table.declared)))
}

fn describe(connection: &Connection, table: &Table) -> Done<Collection> {
    let mut policy =
        connection.prepare_cached("SELECT title_uk, title_en, audience, sample FROM misto_collection WHERE id = ?1")?;
    let policy: Option<(String, String, String, bool)> = policy
        .query_row([table.id.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let (identifier, description, extent): (Option<String>, Option<String>, Option<Bbox>) = connection
        .prepare_cached(
            "SELECT identifier, description, min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = ?1",
        )?
        .query_row([&table.name], |row| {
            Ok((row.get(0)?, row.get(1)?, bbox([row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?])))
        })?;
    let title = identifier.unwrap_or_else(|| table.name.clone());
    // A table that nobody has described yet may hold anything: staff only.
    let (title_uk, title_en, audience, sample) =
        policy.unwrap_or_else(|| (title.clone(), title, audience_name(Audience::Staff).to_owned(), false));
    let audiences = property_audiences(connection, &table.id)?;
    let properties = table.columns.iter().map(|column| Property {
        name: column.name.clone(),
        kind: column.kind,
        audience: audiences.get(&column.name).copied().unwrap_or(Audience::Staff),
    });
    Ok(Collection {
        id: table.id.clone(),
        title_uk,
        title_en,
        description: description.unwrap_or_default(),
        audience: audience_named(&audience),
        geometry: kind(connection, table)?,
        properties: properties.collect(),
        sample,
        extent,
    })
}

fn property_audiences(connection: &Connection, id: &CollectionId) -> Done<HashMap<String, Audience>> {
    let mut statement = connection.prepare_cached("SELECT name, audience FROM misto_property WHERE collection = ?1")?;
    let told =
        statement.query_map([id.as_str()], |row| Ok((row.get(0)?, audience_named(&row.get::<_, String>(1)?))))?;
    Ok(told.collect::<rusqlite::Result<_>>()?)
}

/// Makes or extends a collection, inside a transaction.
pub(super) fn define(connection: &Connection, wanted: &Collection) -> Done<()> {
    let before = match table::find(connection, &wanted.id) {
        Ok(table) => {
            let before = describe(connection, &table)?;
            extend(connection, &table, &before, wanted)?;
            Some(before)
        }
        Err(Failure::Told(Error::NotFound { .. })) => {
            create(connection, wanted)?;
            None
        }
        Err(failure) => return Err(failure),
    };
    write_policy(connection, wanted)?;
    let after = describe(connection, &table::find(connection, &wanted.id)?)?;
    if before.as_ref() != Some(&after) {
        reconcile::announce_schema(connection, &wanted.id)?;
    }
    Ok(())
}

fn create(connection: &Connection, wanted: &Collection) -> Done<()> {
    let id = wanted.id.as_str();
    if connection.prepare_cached("SELECT 1 FROM sqlite_master WHERE name = ?1 COLLATE NOCASE")?.exists([id])? {
        return Err(Error::invalid("id", format!("the file holds a table {id:?} that is no feature layer")).into());
    }
    let (key, geometry) = names_for_key_and_geometry(&wanted.properties)?;
    check_names(&wanted.properties, &[key, geometry], usize::MAX)?;
    make_table(connection, wanted, key, geometry)?;
    triggers::install(connection, &table::find(connection, &wanted.id)?)
}

/// The table of a collection with its registers and its spatial index.
pub(super) fn make_table(connection: &Connection, wanted: &Collection, key: &str, geometry: &str) -> Done<()> {
    let id = wanted.id.as_str();
    let columns: String =
        wanted.properties.iter().map(|p| format!(", {} {}", quoted(&p.name), sql_type(p.kind))).collect();
    let declared = declared_type(wanted.geometry);
    connection.execute_batch(&format!(
        "CREATE TABLE {table} ({key} INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, {geometry} {declared}{columns})",
        table = quoted(id)
    ))?;
    connection.execute(
        "INSERT INTO gpkg_contents(table_name, data_type, identifier, srs_id) VALUES (?1, 'features', ?1, 4326)",
        [id],
    )?;
    connection.execute(
        "INSERT INTO gpkg_geometry_columns VALUES (?1, ?2, ?3, 4326, 0, 0)",
        params![id, geometry, declared],
    )?;
    connection.execute_batch(&rtree(id, key, geometry))?;
    Ok(())
}

fn extend(connection: &Connection, table: &Table, stands: &Collection, wanted: &Collection) -> Done<()> {
    if stands.geometry != wanted.geometry {
        let reason = format!(
            "collection {} holds {} shapes; its kind cannot be changed to {}",
            table.id,
            kind_name(stands.geometry),
            kind_name(wanted.geometry)
        );
        return Err(Error::invalid("geometry", reason).into());
    }
    check_names(&wanted.properties, &[&table.key, &table.geometry], usize::MAX)?;
    let was_followed = triggers::are_installed(connection, table)?;
    for property in &wanted.properties {
        match table.columns.iter().find(|column| column.name.eq_ignore_ascii_case(&property.name)) {
            None => connection.execute_batch(&format!(
                "ALTER TABLE {} ADD COLUMN {} {}",
                quoted(&table.name),
                quoted(&property.name),
                sql_type(property.kind)
            ))?,
            Some(column) if column.name != property.name => {
                return Err(Error::invalid(
                    &property.name,
                    format!("the attribute is spelled {:?} already", column.name),
                )
                .into());
            }
            Some(column) if column.kind != property.kind => {
                let reason = format!("its type is {:?} and cannot be changed to {:?}", column.kind, property.kind);
                return Err(Error::invalid(&property.name, reason).into());
            }
            Some(_) => {}
        }
    }
    let table = table::find(connection, &wanted.id)?;
    // New columns are NULL everywhere, so nothing changed for the history.
    if was_followed { triggers::install(connection, &table) } else { reconcile::follow(connection, &table) }
}

fn write_policy(connection: &Connection, wanted: &Collection) -> Done<()> {
    let id = wanted.id.as_str();
    connection.execute(
        "INSERT OR REPLACE INTO misto_collection(id, title_uk, title_en, audience, sample, geometry, present) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1)",
        params![id, wanted.title_uk, wanted.title_en, audience_name(wanted.audience), wanted.sample, kind_name(wanted.geometry)],
    )?;
    for property in &wanted.properties {
        connection.execute(
            "INSERT OR REPLACE INTO misto_property VALUES (?1, ?2, ?3)",
            params![id, property.name, audience_name(property.audience)],
        )?;
    }
    connection.execute(
        "UPDATE gpkg_contents SET description = ?2 WHERE lower(table_name) = ?1 AND description IS NOT ?2",
        params![id, wanted.description],
    )?;
    Ok(())
}

/// Drops a collection with everything that belongs to it, inside a transaction.
pub(super) fn remove(connection: &Connection, id: &CollectionId) -> Done<()> {
    let table = table::find(connection, id)?;
    reconcile::record_removal(connection, &table)?;
    let rtree = format!("rtree_{}_{}", table.name, table.geometry);
    connection.execute_batch(&format!(
        "DROP TABLE IF EXISTS {}; DROP TABLE {};",
        quoted(&rtree),
        quoted(&table.name)
    ))?;
    for register in
        ["gpkg_ogr_contents", "gpkg_metadata_reference", "gpkg_extensions", "gpkg_geometry_columns", "gpkg_contents"]
    {
        if connection.prepare_cached("SELECT 1 FROM sqlite_master WHERE name = ?1")?.exists([register])? {
            connection
                .execute(&format!("DELETE FROM {register} WHERE table_name = ?1 COLLATE NOCASE"), [&table.name])?;
        }
    }
    connection.execute("DELETE FROM misto_property WHERE collection = ?1", [id.as_str()])?;
    connection.execute("DELETE FROM misto_collection WHERE id = ?1", [id.as_str()])?;
    reconcile::announce_schema(connection, id)
}

/// The rtree extension of one table (OGC 12-128r18, annex F.3).
fn rtree(table: &str, key: &str, geometry: &str) -> String {
    let name = format!("rtree_{table}_{geometry}");
    let (index, on, i, c) = (quoted(&name), quoted(table), quoted(key), quoted(geometry));
    let trigger = |what: &str| quoted(&format!("{name}_{what}"));
    let put = format!(
        "INSERT OR REPLACE INTO {index} VALUES (NEW.{i}, ST_MinX(NEW.{c}), ST_MaxX(NEW.{c}), ST_MinY(NEW.{c}), ST_MaxY(NEW.{c}));"
    );
    let there = format!("(NEW.{c} NOTNULL AND NOT ST_IsEmpty(NEW.{c}))");
    let gone = format!("(NEW.{c} ISNULL OR ST_IsEmpty(NEW.{c}))");
    format!(
        "CREATE VIRTUAL TABLE {index} USING rtree(id, minx, maxx, miny, maxy);
         CREATE TRIGGER {insert} AFTER INSERT ON {on} WHEN {there} BEGIN {put} END;
         CREATE TRIGGER {update1} AFTER UPDATE OF {c} ON {on} WHEN OLD.{i} = NEW.{i} AND {there} BEGIN {put} END;
         CREATE TRIGGER {update2} AFTER UPDATE OF {c} ON {on} WHEN OLD.{i} = NEW.{i} AND {gone}
           BEGIN DELETE FROM {index} WHERE id = OLD.{i}; END;
         CREATE TRIGGER {update3} AFTER UPDATE ON {on} WHEN OLD.{i} != NEW.{i} AND {there}
           BEGIN DELETE FROM {index} WHERE id = OLD.{i}; {put} END;
         CREATE TRIGGER {update4} AFTER UPDATE ON {on} WHEN OLD.{i} != NEW.{i} AND {gone}
           BEGIN DELETE FROM {index} WHERE id IN (OLD.{i}, NEW.{i}); END;
         CREATE TRIGGER {delete} AFTER DELETE ON {on} WHEN OLD.{c} NOT NULL BEGIN DELETE FROM {index} WHERE id = OLD.{i}; END;
         INSERT INTO gpkg_extensions VALUES ({t}, {g}, 'gpkg_rtree_index', 'http://www.geopackage.org/spec120/#extension_rtree', 'write-only');",
        insert = trigger("insert"),
        update1 = trigger("update1"),
        update2 = trigger("update2"),
        update3 = trigger("update3"),
        update4 = trigger("update4"),
        delete = trigger("delete"),
        t = literal(table),
        g = literal(geometry),
    )
}

fn bbox(edges: [Option<f64>; 4]) -> Option<Bbox> {
    let [Some(west), Some(south), Some(east), Some(north)] = edges else { return None };
    Bbox::new(west, south, east, north).ok()
}
