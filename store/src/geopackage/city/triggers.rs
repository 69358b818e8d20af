//! The triggers that write the change feed and the history.
//!
//! They run inside whatever program edits the table (Misto, QGIS, ogr2ogr with
//! SQLite 3.40), so they use built-in functions only.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use crate::geopackage::failure::Done;
use crate::schema::{Table, literal, quoted};

/// json_object takes at most 127 arguments in SQLite before 3.48.
const COLUMNS_PER_OBJECT: usize = 60;

/// Whether the table has exactly the triggers it should have.
pub(super) fn are_installed(connection: &Connection, table: &Table) -> Done<bool> {
    Ok(installed(connection, table)? == wanted(table))
}

/// Puts the triggers right.
pub(super) fn install(connection: &Connection, table: &Table) -> Done<()> {
    for name in installed(connection, table)?.keys() {
        connection.execute_batch(&format!("DROP TRIGGER {}", quoted(name)))?;
    }
    for sql in wanted(table).values() {
        connection.execute_batch(sql)?;
    }
    Ok(())
}

/// Misto's triggers of the table: SQL by name.
fn installed(connection: &Connection, table: &Table) -> Done<BTreeMap<String, String>> {
    let mut statement = connection.prepare_cached(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE AND name LIKE 'misto\\_%' ESCAPE '\\'",
    )?;
    let found = statement.query_map(params![table.name], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

fn wanted(table: &Table) -> BTreeMap<String, String> {
    let (on, key) = (quoted(&table.name), quoted(&table.key));
    let new =
        record(table, "NEW", "CASE WHEN last.kind IS NULL OR last.kind = 'delete' THEN 'insert' ELSE 'update' END");
    let old = record(table, "OLD", "'delete'");
    let one = |what: &str, when: String, body: String| {
        let name = format!("misto_{}_{what}", table.id);
        let sql = format!("CREATE TRIGGER {} {when} BEGIN {body} END", quoted(&name));
        (name, sql)
    };
    BTreeMap::from([
        // REPLACE does not fire the delete trigger (recursive_triggers is off), so an insert may be an update.
        one("insert", format!("AFTER INSERT ON {on}"), new.clone()),
        one("update", format!("AFTER UPDATE ON {on} WHEN OLD.{key} = NEW.{key}"), new.clone()),
        one("renumber", format!("AFTER UPDATE ON {on} WHEN OLD.{key} <> NEW.{key}"), format!("{old} {new}")),
        one("delete", format!("AFTER DELETE ON {on}"), old),
    ])
}

/// The statement that records the state of `row` (NEW or OLD).
fn record(table: &Table, row: &str, kind: &str) -> String {
    let (id, key, geometry) = (literal(table.id.as_str()), quoted(&table.key), quoted(&table.geometry));
    let properties = properties_json(table, row);
    format!(
        "INSERT INTO misto_change(collection, fid, kind, version, actor, reason, geometry, properties) \
         SELECT {id}, {row}.{key}, {kind}, COALESCE(last.version, 0) + 1, \
         COALESCE((SELECT actor FROM misto_context LIMIT 1), 'external'), (SELECT reason FROM misto_context LIMIT 1), \
         {row}.{geometry}, {properties} \
         FROM (SELECT 1) LEFT JOIN (SELECT kind, version FROM misto_change \
         WHERE collection = {id} AND fid = {row}.{key} ORDER BY version DESC LIMIT 1) AS last;"
    )
}

/// SQL for the attributes of `row` as a JSON object without nulls.
pub(super) fn properties_json(table: &Table, row: &str) -> String {
    table.columns.chunks(COLUMNS_PER_OBJECT).fold("'{}'".to_owned(), |so_far, chunk| {
        let members: Vec<String> = chunk
            .iter()
            .map(|column| {
                format!("{}, {}", literal(&column.name), value_json(&format!("{row}.{}", quoted(&column.name))))
            })
            .collect();
        // RFC 7396: a null in the patch leaves the member out, so unknown values cost nothing.
        format!("json_patch({so_far}, json_object({}))", members.join(", "))
    })
}

/// Numbers keep all their digits (json_object alone writes 15); what JSON cannot hold becomes null.
fn value_json(value: &str) -> String {
    format!(
        "CASE typeof({value}) WHEN 'real' THEN CASE WHEN abs({value}) <= 1.7976931348623157e308 \
         THEN json(printf('%!.17g', {value})) END WHEN 'blob' THEN hex({value}) ELSE {value} END"
    )
}
