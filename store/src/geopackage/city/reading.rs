//! Reading features, their history and the change feed.

use misto_model::{Actor, Change, CollectionId, Feature, FeatureId, Geometry, HistoryEntry, Properties, Version};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{blob, table, values};
use crate::geopackage::failure::Done;
use crate::geopackage::{parse_instant, parse_json, row_limit};
use crate::schema::{Table, change_kind, feature_not_found, quoted, shape};
use crate::{FeaturePage, FeedPage, Recorded, RecordedPage};

/// Columns of a feature in the order that [`feature`] reads them; `?1` is the collection.
fn columns(table: &Table) -> String {
    let key = quoted(&table.key);
    let version =
        format!("COALESCE((SELECT max(version) FROM misto_change WHERE collection = ?1 AND fid = t.{key}), 0)");
    let attributes: String = table.columns.iter().map(|column| format!(", t.{}", quoted(&column.name))).collect();
    format!("t.{key}, {version}, t.{}{attributes}", quoted(&table.geometry))
}

fn feature(table: &Table, row: &Row<'_>) -> rusqlite::Result<Feature> {
    let id = FeatureId(row.get(0)?);
    let mut properties = Properties::new();
    for (index, column) in table.columns.iter().enumerate() {
        properties.insert(column.name.clone(), values::from_sql(column.kind, row.get_ref(3 + index)?));
    }
    let geometry = row.get_ref(2)?.as_blob_or_null().unwrap_or(None).and_then(|blob| geometry(table, id, blob));
    Ok(Feature { id, version: Version(row.get(1)?), geometry, properties })
}

/// `None`, and a line in the log, when another program wrote a shape that Misto cannot show.
fn geometry(table: &Table, id: FeatureId, blob: &[u8]) -> Option<Geometry> {
    match blob::decode(blob) {
        Ok(geometry) => geometry.map(|geometry| shape::show(table, geometry)),
        Err(unreadable) => {
            tracing::warn!(collection = %table.id, feature = %id, reason = unreadable.0, "a geometry cannot be shown");
            None
        }
    }
}

/// Features after `after` in the order of their ids.
pub(super) fn page(
    connection: &Connection,
    id: &CollectionId,
    after: Option<FeatureId>,
    limit: usize,
) -> Done<FeaturePage> {
    let table = table::find(connection, id)?;
    let key = quoted(&table.key);
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {} FROM {} AS t WHERE t.{key} > ?2 OR ?3 ORDER BY t.{key} LIMIT ?4",
        columns(&table),
        quoted(&table.name)
    ))?;
    let from = after.map_or(i64::MIN, |after| after.0);
    let mut features = statement
        .query_map(params![id.as_str(), from, after.is_none(), row_limit(limit.saturating_add(1))], |row| {
            feature(&table, row)
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let more = features.len() > limit;
    features.truncate(limit);
    let next = features.last().filter(|_| more).map(|last| last.id);
    Ok(FeaturePage { features, next })
}

/// Those of the ids that exist.
pub(super) fn get(connection: &Connection, id: &CollectionId, ids: &[FeatureId]) -> Done<Vec<Feature>> {
    let table = table::find(connection, id)?;
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let found = ids.into_iter().map(|id| one(connection, &table, id));
    found.filter_map(Done::transpose).collect()
}

/// One feature as it stands.
pub(super) fn one(connection: &Connection, table: &Table, id: FeatureId) -> Done<Option<Feature>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {} FROM {} AS t WHERE t.{} = ?2",
        columns(table),
        quoted(&table.name),
        quoted(&table.key)
    ))?;
    Ok(statement.query_row(params![table.id.as_str(), id.0], |row| feature(table, row)).optional()?)
}

/// Whether the feature ever existed.
pub(super) fn ever_existed(connection: &Connection, table: &Table, id: FeatureId) -> Done<bool> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM misto_change WHERE collection = ?1 AND fid = ?2")?;
    Ok(statement.exists(params![table.id.as_str(), id.0])?)
}

/// What [`entry`] reads.
const ENTRY: &str = "sequence, kind, version, at, actor, reason, geometry, properties, fid";

/// Past states of one feature, newest first.
pub(super) fn history(connection: &Connection, collection: &CollectionId, id: FeatureId) -> Done<Vec<HistoryEntry>> {
    let table = table::find(connection, collection)?;
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {ENTRY} FROM misto_change WHERE collection = ?1 AND fid = ?2 ORDER BY version DESC"
    ))?;
    let mut rows = statement.query(params![collection.as_str(), id.0])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(entry(&table, row)?);
    }
    if entries.is_empty() { Err(feature_not_found(collection, id).into()) } else { Ok(entries) }
}

/// A row of [`ENTRY`].
fn entry(table: &Table, row: &Row<'_>) -> Done<HistoryEntry> {
    let sequence: i64 = row.get(0)?;
    let what = || format!("history entry {sequence}");
    let properties: Properties = parse_json(&row.get::<_, String>(7)?, what)?;
    let blob: Option<Vec<u8>> = row.get(6)?;
    let id = FeatureId(row.get(8)?);
    Ok(HistoryEntry {
        sequence,
        kind: change_kind(&row.get::<_, String>(1)?),
        feature: Feature {
            id,
            version: Version(row.get(2)?),
            geometry: blob.and_then(|blob| geometry(table, id, &blob)),
            properties: values::from_history(table, properties),
        },
        at: parse_instant(&row.get::<_, String>(3)?, what)?,
        actor: Actor(row.get(4)?),
        reason: row.get(5)?,
    })
}

/// Past states of all collections that stand, in commit order.
pub(super) fn recorded(connection: &Connection, after: i64, limit: usize) -> Done<RecordedPage> {
    let (tables, _) = table::all(connection)?;
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {ENTRY}, collection FROM misto_change WHERE sequence > ?1 AND fid NOT NULL ORDER BY sequence LIMIT ?2"
    ))?;
    let mut rows = statement.query(params![after, row_limit(limit)])?;
    let mut page = RecordedPage { upto: after, ..RecordedPage::default() };
    while let Some(row) = rows.next()? {
        page.upto = row.get(0)?;
        let collection: String = row.get(9)?;
        if let Some(table) = tables.iter().find(|table| table.id.as_str() == collection) {
            page.entries.push(Recorded { collection: table.id.clone(), entry: entry(table, row)? });
        }
    }
    Ok(page)
}

/// Changes after `after` in commit order: there is one writer at a time, so
/// sequence numbers are given in that order.
pub(super) fn changes(connection: &Connection, after: i64, limit: usize) -> Done<FeedPage> {
    let mut statement = connection.prepare_cached(
        "SELECT sequence, collection, fid, kind FROM misto_change WHERE sequence > ?1 ORDER BY sequence LIMIT ?2",
    )?;
    let mut rows = statement.query(params![after, row_limit(limit)])?;
    let mut page = FeedPage { upto: after, ..FeedPage::default() };
    while let Some(row) = rows.next()? {
        page.upto = row.get(0)?;
        let (collection, id): (String, Option<i64>) = (row.get(1)?, row.get(2)?);
        match (collection.parse::<CollectionId>(), id) {
            (Ok(collection), Some(id)) => page.changes.push(Change {
                sequence: page.upto,
                collection,
                id: FeatureId(id),
                kind: change_kind(&row.get::<_, String>(3)?),
            }),
            (Ok(collection), None) => {
                page.redefined.insert(collection);
            }
            // No collection of Misto's.
            (Err(_), _) => {}
        }
    }
    Ok(page)
}

/// The greatest sequence given so far.
pub(super) fn newest(connection: &Connection) -> Done<i64> {
    let newest: Option<i64> = connection
        .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'misto_change'")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(newest.unwrap_or(0))
}
