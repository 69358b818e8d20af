//! Follows what other programs did to the tables themselves.
//!
//! Edits of rows are recorded by the triggers. But a program may add a layer,
//! replace one (ogr2ogr -overwrite drops the table and our triggers with it),
//! alter its columns or drop it. Then the triggers are put right and the table is
//! compared with the last states in the history, so that the feed and the
//! versions stay whole.

use misto_model::{Audience, CollectionId};
use rusqlite::{Connection, TransactionBehavior, params};

use super::table;
use super::triggers::{self, properties_json};
use crate::geopackage::failure::Done;
use crate::schema::{Table, audience_name, geometry_kind, kind_name, literal, quoted};

/// Looks at all tables and puts right what is not. Writes only when it must.
pub(super) fn reconcile(connection: &mut Connection) -> Done<()> {
    let (tables, unusable) = table::all(connection)?;
    for refused in unusable {
        tracing::warn!(layer = refused.name, reason = refused.reason, "a layer of the GeoPackage is left out");
    }
    if gone(connection, &tables)?.is_empty() && strangers(connection, &tables)?.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Once more under the lock: another process may have done it meanwhile.
    let (tables, _) = table::all(&transaction)?;
    for id in gone(&transaction, &tables)? {
        tracing::info!(collection = id, "another program dropped the collection's table");
        record_gone(&transaction, &id, "0")?;
        transaction.execute("UPDATE misto_collection SET present = 0 WHERE id = ?1", [&id])?;
        announce(&transaction, &id)?;
    }
    for table in strangers(&transaction, &tables)? {
        tracing::info!(collection = %table.id, "another program added or changed the collection's table");
        follow(&transaction, table)?;
        announce_schema(&transaction, &table.id)?;
    }
    transaction.commit()?;
    Ok(())
}

/// Collections whose table stood before and does not now.
fn gone(connection: &Connection, tables: &[Table]) -> Done<Vec<String>> {
    let mut statement = connection.prepare_cached("SELECT id FROM misto_collection WHERE present = 1")?;
    let known = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(known.into_iter().filter(|id| !tables.iter().any(|table| table.id.as_str() == id)).collect())
}

/// Tables that are not followed, or not with the right columns.
fn strangers<'t>(connection: &Connection, tables: &'t [Table]) -> Done<Vec<&'t Table>> {
    let mut found = Vec::new();
    for table in tables {
        if !triggers::are_installed(connection, table)? || !is_present(connection, &table.id)? {
            found.push(table);
        }
    }
    Ok(found)
}

fn is_present(connection: &Connection, id: &CollectionId) -> Done<bool> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM misto_collection WHERE id = ?1 AND present = 1")?
        .exists([id.as_str()])?)
}

/// Begins to follow a table: triggers, and the difference to the history as changes.
pub(super) fn follow(connection: &Connection, table: &Table) -> Done<()> {
    let title = "COALESCE((SELECT identifier FROM gpkg_contents WHERE table_name = ?2), ?2)";
    connection.execute(
        &format!(
            "INSERT INTO misto_collection(id, title_uk, title_en, audience, sample, geometry, present)
             VALUES (?1, {title}, {title}, ?3, 0, ?4, 1)
             ON CONFLICT (id) DO UPDATE SET present = 1"
        ),
        params![
            table.id.as_str(),
            table.name,
            audience_name(Audience::Staff),
            kind_name(geometry_kind(&table.declared))
        ],
    )?;
    triggers::install(connection, table)?;
    record_gone(
        connection,
        table.id.as_str(),
        &format!("EXISTS (SELECT 1 FROM {} WHERE {} = last.fid)", quoted(&table.name), quoted(&table.key)),
    )?;
    record_differences(connection, table)
}

/// Records every feature of a collection as deleted.
pub(super) fn record_removal(connection: &Connection, table: &Table) -> Done<()> {
    record_gone(connection, table.id.as_str(), "0")
}

/// Records as deleted what the history has and `stands` denies.
fn record_gone(connection: &Connection, id: &str, stands: &str) -> Done<()> {
    connection.execute_batch(&format!(
        "INSERT INTO misto_change(collection, fid, kind, version, actor, reason, geometry, properties)
         SELECT last.collection, last.fid, 'delete', last.version + 1, {CONTEXT}, last.geometry, last.properties
         FROM misto_change AS last
         WHERE last.collection = {id} AND last.fid NOT NULL AND last.kind <> 'delete' AND {IS_LAST} AND NOT {stands}",
        id = literal(id),
    ))?;
    Ok(())
}

/// Records rows that the history does not have, or has otherwise.
fn record_differences(connection: &Connection, table: &Table) -> Done<()> {
    let (id, name, key, geometry) =
        (literal(table.id.as_str()), quoted(&table.name), quoted(&table.key), quoted(&table.geometry));
    let properties = properties_json(table, "t");
    connection.execute_batch(&format!(
        "INSERT INTO misto_change(collection, fid, kind, version, actor, reason, geometry, properties)
         SELECT {id}, t.{key}, CASE WHEN last.kind IS NULL OR last.kind = 'delete' THEN 'insert' ELSE 'update' END,
           COALESCE(last.version, 0) + 1, {CONTEXT}, t.{geometry}, {properties}
         FROM {name} AS t
         LEFT JOIN misto_change AS last ON last.collection = {id} AND last.fid = t.{key} AND {IS_LAST}
         WHERE last.kind IS NULL OR last.kind = 'delete' OR last.geometry IS NOT t.{geometry} OR last.properties IS NOT {properties}"
    ))?;
    Ok(())
}

/// Whether `last` is the newest state of its feature.
const IS_LAST: &str = "last.version = (SELECT max(version) FROM misto_change AS any WHERE any.collection = last.collection AND any.fid = last.fid)";

/// Actor and reason of the transaction.
const CONTEXT: &str =
    "COALESCE((SELECT actor FROM misto_context LIMIT 1), 'external'), (SELECT reason FROM misto_context LIMIT 1)";

/// Tells readers of the feed to read the collections anew.
pub(super) fn announce_schema(connection: &Connection, id: &CollectionId) -> Done<()> {
    announce(connection, id.as_str())
}

fn announce(connection: &Connection, id: &str) -> Done<()> {
    connection.execute(
        &format!("INSERT INTO misto_change(collection, kind, actor, reason) SELECT ?1, 'schema', {CONTEXT}"),
        [id],
    )?;
    Ok(())
}
