//! Repeating what another store recorded, with its versions, times, actors and reasons.

use std::collections::BTreeMap;

use misto_model::{ChangeKind, CollectionId, GeometryKind, HistoryEntry};
use rusqlite::{Connection, params};

use super::edits::{Desk, Row};
use super::{collections, table};
use crate::Recorded;
use crate::geopackage::failure::Done;
use crate::schema::{Table, known_properties};

/// Repeats the entries in order; gives how many were new.
pub(super) fn record(connection: &Connection, entries: &[Recorded]) -> Done<u64> {
    let mut tables: BTreeMap<&CollectionId, (Table, GeometryKind)> = BTreeMap::new();
    let mut new = 0;
    for Recorded { collection, entry } in entries {
        if !tables.contains_key(collection) {
            let table = table::find(connection, collection)?;
            let kind = collections::kind(connection, &table)?;
            tables.insert(collection, (table, kind));
        }
        let Some((table, kind)) = tables.get(collection) else { continue };
        if !is_recorded(connection, table, entry)? {
            new += u64::from(repeat(connection, table, *kind, entry)?);
        }
    }
    Ok(new)
}

fn is_recorded(connection: &Connection, table: &Table, entry: &HistoryEntry) -> Done<bool> {
    let mut recorded =
        connection.prepare_cached("SELECT 1 FROM misto_change WHERE collection = ?1 AND fid = ?2 AND version = ?3")?;
    Ok(recorded.exists(params![table.id.as_str(), entry.feature.id.0, entry.feature.version.0])?)
}

/// The triggers record the step; what they said of it is put right. Gives false for
/// the end of a feature that never stood here.
fn repeat(connection: &Connection, table: &Table, kind: GeometryKind, entry: &HistoryEntry) -> Done<bool> {
    let feature = &entry.feature;
    let mut desk = Desk::new(connection, table);
    let word = match entry.kind {
        ChangeKind::Delete => {
            if !desk.delete(feature.id)? {
                return Ok(false);
            }
            "delete"
        }
        ChangeKind::Insert | ChangeKind::Update => {
            let properties = known_properties(table, &feature.properties);
            desk.put(feature.id, &Row::check(table, kind, feature.geometry.clone(), &properties)?)?;
            if entry.kind == ChangeKind::Insert { "insert" } else { "update" }
        }
    };
    desk.finish()?;
    connection
        .prepare_cached(
            "UPDATE misto_change SET kind = ?1, version = ?2, at = ?3, actor = ?4, reason = ?5
             WHERE sequence = (SELECT seq FROM sqlite_sequence WHERE name = 'misto_change')",
        )?
        .execute(params![word, feature.version.0, entry.at.to_string(), entry.actor.0, entry.reason])?;
    Ok(true)
}
