//! Features, their history and the feed, read.

use deadpool_postgres::GenericClient;
use misto_model::{
    Actor, Change, CollectionId, Error, Feature, FeatureId, Geometry, HistoryEntry, Instant, Properties, PropertyType,
    Version,
};
use serde_json::Value as Json;
use tokio_postgres::Row;
use tokio_postgres::types::Json as SqlJson;

use super::table;
use crate::postgis::failure::Done;
use crate::postgis::micros::{Micros, shortest};
use crate::postgis::row_limit;
use crate::schema::{Column, Table, change_kind, feature_not_found, quoted, shape};
use crate::wkb;
use crate::{FeaturePage, FeedPage, Recorded, RecordedPage};

/// What [`feature`] reads, of the table as `t`; $1 is the collection.
fn select(table: &Table) -> String {
    let columns: String = table
        .columns
        .iter()
        .map(|column| {
            let carrier = match column.kind {
                PropertyType::Text | PropertyType::Date => "text",
                PropertyType::Integer => "bigint",
                PropertyType::Real => "double precision",
                PropertyType::Boolean => "boolean",
                PropertyType::DateTime => "timestamptz",
            };
            format!(", t.{}::{carrier}", quoted(&column.name))
        })
        .collect();
    let key = quoted(&table.key);
    format!(
        "SELECT t.{key}::bigint, coalesce((SELECT c.version FROM misto_private.change AS c WHERE c.collection = $1 AND c.fid = t.{key}
           ORDER BY c.version DESC LIMIT 1), 1), ST_AsBinary(t.{}){columns} FROM public.{} AS t",
        quoted(&table.geometry),
        quoted(&table.name)
    )
}

fn feature(table: &Table, row: &Row) -> Done<Feature> {
    let id = FeatureId(row.try_get(0)?);
    let geometry: Option<&[u8]> = row.try_get(2)?;
    let mut properties = Properties::new();
    for (at, column) in table.columns.iter().enumerate() {
        properties.insert(column.name.clone(), value(column, row, at + 3)?);
    }
    let geometry = geometry.and_then(|bytes| self::geometry(table, id, bytes));
    Ok(Feature { id, version: Version(row.try_get(1)?), geometry, properties })
}

/// What JSON cannot hold (an infinite number or time) cannot be told: unknown.
fn value(column: &Column, row: &Row, at: usize) -> Done<Json> {
    Ok(match column.kind {
        PropertyType::Text | PropertyType::Date => row.try_get::<_, Option<String>>(at)?.into(),
        PropertyType::Integer => row.try_get::<_, Option<i64>>(at)?.into(),
        PropertyType::Real => row.try_get::<_, Option<f64>>(at)?.into(),
        PropertyType::Boolean => row.try_get::<_, Option<bool>>(at)?.into(),
        PropertyType::DateTime => {
            let moment = row.try_get::<_, Option<Micros>>(at)?.and_then(|at| shortest(at).ok());
            moment.map(|at| at.to_string()).into()
        }
    })
}

/// `None`, and a line in the log, when another program wrote a shape that Misto cannot show.
fn geometry(table: &Table, id: FeatureId, bytes: &[u8]) -> Option<Geometry> {
    match wkb::read(bytes) {
        Ok(geometry) => geometry.map(|geometry| shape::show(table, geometry)),
        Err(unreadable) => {
            tracing::warn!(collection = %table.id, feature = %id, reason = unreadable.0, "a geometry cannot be shown");
            None
        }
    }
}

/// Features after `after` in the order of their ids.
pub(super) async fn page(
    client: &impl GenericClient,
    id: &CollectionId,
    after: Option<FeatureId>,
    limit: usize,
) -> Done<FeaturePage> {
    let table = table::find(client, id).await?;
    let key = quoted(&table.key);
    let query = format!("{} WHERE t.{key} > $2::bigint OR $3 ORDER BY t.{key} LIMIT $4", select(&table));
    let query = client.prepare_cached(&query).await?;
    let from = after.map_or(i64::MIN, |after| after.0);
    let rows =
        client.query(&query, &[&id.as_str(), &from, &after.is_none(), &row_limit(limit.saturating_add(1))]).await?;
    let more = rows.len() > limit;
    let features = rows.iter().take(limit).map(|row| feature(&table, row)).collect::<Done<Vec<_>>>()?;
    let next = features.last().filter(|_| more).map(|last| last.id);
    Ok(FeaturePage { features, next })
}

/// Those of the ids that exist, in the order of their ids.
pub(super) async fn some(client: &impl GenericClient, table: &Table, ids: &[FeatureId]) -> Done<Vec<Feature>> {
    let key = quoted(&table.key);
    let query = format!("{} WHERE t.{key} = ANY($2::bigint[]) ORDER BY t.{key}", select(table));
    let query = client.prepare_cached(&query).await?;
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    client.query(&query, &[&table.id.as_str(), &ids]).await?.iter().map(|row| feature(table, row)).collect()
}

/// Whether the feature ever existed.
pub(super) async fn ever_existed(client: &impl GenericClient, id: &CollectionId, feature: FeatureId) -> Done<bool> {
    let query = "SELECT EXISTS (SELECT 1 FROM misto_private.change WHERE collection = $1 AND fid = $2)";
    Ok(client.query_one(&client.prepare_cached(query).await?, &[&id.as_str(), &feature.0]).await?.try_get(0)?)
}

/// Past states of one feature, newest first.
pub(super) async fn history(
    client: &impl GenericClient,
    collection: &CollectionId,
    id: FeatureId,
) -> Done<Vec<HistoryEntry>> {
    let table = table::find(client, collection).await?;
    let query =
        format!("SELECT {ENTRY} FROM misto_private.change WHERE collection = $1 AND fid = $2 ORDER BY version DESC");
    let rows = client.query(&client.prepare_cached(&query).await?, &[&collection.as_str(), &id.0]).await?;
    if rows.is_empty() {
        return Err(feature_not_found(collection, id).into());
    }
    rows.iter().map(|row| entry(&table, row)).collect()
}

/// What [`entry`] reads.
const ENTRY: &str = "sequence, kind, version, at, actor, reason, ST_AsBinary(geometry), properties, fid";

fn entry(table: &Table, row: &Row) -> Done<HistoryEntry> {
    let bytes: Option<&[u8]> = row.try_get(6)?;
    let SqlJson(told): SqlJson<Json> = row.try_get(7)?;
    let id = FeatureId(row.try_get(8)?);
    Ok(HistoryEntry {
        sequence: row.try_get(0)?,
        kind: change_kind(row.try_get(1)?),
        feature: Feature {
            id,
            version: Version(row.try_get(2)?),
            geometry: bytes.and_then(|bytes| geometry(table, id, bytes)),
            properties: from_history(table, told)?,
        },
        at: moment(row.try_get(3)?)?,
        actor: Actor(row.try_get(4)?),
        reason: row.try_get(5)?,
    })
}

/// Past states of all collections that stand, in commit order.
pub(super) async fn recorded(client: &impl GenericClient, after: i64, limit: usize) -> Done<RecordedPage> {
    let (tables, _) = table::all(client).await?;
    let query = format!(
        "SELECT {ENTRY}, collection FROM misto_private.change WHERE sequence > $1 AND fid IS NOT NULL ORDER BY sequence LIMIT $2"
    );
    let rows = client.query(&client.prepare_cached(&query).await?, &[&after, &row_limit(limit)]).await?;
    let mut page = RecordedPage { upto: after, ..RecordedPage::default() };
    for row in &rows {
        page.upto = row.try_get(0)?;
        let collection: &str = row.try_get(9)?;
        if let Some(table) = tables.iter().find(|table| table.id.as_str() == collection) {
            page.entries.push(Recorded { collection: table.id.clone(), entry: entry(table, row)? });
        }
    }
    Ok(page)
}

fn moment(at: Micros) -> Done<Instant> {
    Ok(crate::precision::instant(at.0, 2)?)
}

/// Attributes as a trigger wrote them, spelled as [`value`] spells them.
fn from_history(table: &Table, told: Json) -> Done<Properties> {
    let Json::Object(mut told) = told else {
        return Err(Error::unavailable("an entry of the history cannot be read", "properties are no object").into());
    };
    for column in &table.columns {
        let Some(value) = told.get_mut(&column.name) else { continue };
        match column.kind {
            PropertyType::Real => *value = value.as_f64().into(),
            PropertyType::DateTime => {
                let moment = value.as_str().and_then(|text| text.parse::<Instant>().ok());
                *value = moment.and_then(|at| shortest(Micros(at.micros())).ok()).map(|at| at.to_string()).into();
            }
            _ => {}
        }
    }
    Ok(told)
}

/// Changes after `after` in commit order.
pub(super) async fn changes(client: &impl GenericClient, after: i64, limit: usize) -> Done<FeedPage> {
    let query = "SELECT sequence, collection, fid, kind FROM misto_private.change WHERE sequence > $1 ORDER BY sequence LIMIT $2";
    let rows = client.query(&client.prepare_cached(query).await?, &[&after, &row_limit(limit)]).await?;
    let mut page = FeedPage { upto: after, ..FeedPage::default() };
    for row in rows {
        page.upto = row.try_get(0)?;
        let (collection, id): (&str, Option<i64>) = (row.try_get(1)?, row.try_get(2)?);
        match (collection.parse::<CollectionId>(), id) {
            (Ok(collection), Some(id)) => page.changes.push(Change {
                sequence: page.upto,
                collection,
                id: FeatureId(id),
                kind: change_kind(row.try_get(3)?),
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

/// The sequence of the newest change.
pub(super) async fn newest(client: &impl GenericClient) -> Done<i64> {
    let query = client.prepare_cached("SELECT coalesce(max(sequence), 0) FROM misto_private.change").await?;
    Ok(client.query_one(&query, &[]).await?.try_get(0)?)
}
