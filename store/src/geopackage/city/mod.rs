//! `city.gpkg`: features, their history and the change feed.

mod blob;
mod collections;
mod edits;
mod functions;
mod layer;
mod reading;
mod reconcile;
mod repeating;
mod table;
mod triggers;
mod values;
mod watcher;

pub(crate) use layer::write as write_layer;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use misto_model::{
    Collection, CollectionId, Edit, Error, Feature, FeatureId, Geometry, HistoryEntry, Properties, Result,
};
use rusqlite::{Connection, Transaction};
use tokio::sync::watch;

use crate::geopackage::failure::Done;
use crate::geopackage::file::{File, Layout};
use crate::geopackage::pool::Pool;
use crate::{Context, FeaturePage, Features, FeedPage, Recorded, RecordedPage};
use watcher::Watcher;

/// Features of a bulk load that go into one transaction.
const LOADED_AT_ONCE: usize = 4_000;

/// `GPKG` in ASCII (OGC 12-128r18, clause 1.1.1.1.1), and the ids of versions 1.0 and 1.1.
const APPLICATION_IDS: [i64; 3] = [0x4750_4b47, 0x4750_3130, 0x4750_3131];

static LAYOUT: Layout = Layout {
    steps: &[concat!(include_str!("standard.sql"), include_str!("city.sql"))],
    private: false,
    claim,
    prepare: functions::register,
};

/// The opened file.
pub(super) struct City {
    writer: Pool,
    readers: Pool,
    newest: watch::Sender<i64>,
    _watcher: Watcher,
}

impl City {
    /// See [`File::look`].
    pub(super) fn look(path: &Path) -> Result<()> {
        File::look(path, &LAYOUT)
    }

    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = Arc::new(File::open(path, &LAYOUT)?);
        let (newest, _) = watch::channel(0);
        let watcher = Watcher::start(Arc::clone(&file), newest.clone())?;
        let patience = Duration::from_secs(2);
        Ok(Self {
            writer: Pool::new(Arc::clone(&file), 1, patience),
            readers: Pool::new(file, 3, patience),
            newest,
            _watcher: watcher,
        })
    }

    /// A write transaction whose changes are recorded under `context` and announced.
    async fn edit<T: Send + 'static>(
        &self,
        context: Option<&Context>,
        job: impl FnOnce(&Transaction<'_>) -> Done<T> + Send + 'static,
    ) -> Result<T> {
        let context = context.cloned();
        let work = move |transaction: &Transaction<'_>| {
            if let Some(context) = &context {
                edits::begin(transaction, context)?;
            }
            let value = job(transaction)?;
            edits::end(transaction)?;
            Ok((value, reading::newest(transaction)?))
        };
        let (value, newest) = self.writer.transact(work).await?;
        self.newest.send_if_modified(|known| std::mem::replace(known, newest.max(*known)) < newest);
        Ok(value)
    }
}

/// An empty file becomes a GeoPackage, a GeoPackage is taken over, anything else refused.
fn claim(connection: &Connection) -> Done<()> {
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
    if tables == 0 {
        connection.pragma_update(None, "application_id", APPLICATION_IDS[0])?;
        connection.pragma_update(None, "user_version", 10_300)?;
        return Ok(());
    }
    let id: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if APPLICATION_IDS.contains(&id) {
        return Ok(());
    }
    let reason = "the file named in store.url is a SQLite database but no GeoPackage: name another file";
    Err(Error::unavailable(reason, format!("application_id is {id:#x}")).into())
}

#[async_trait]
impl Features for City {
    async fn collections(&self) -> Result<Vec<Collection>> {
        self.readers.snapshot(|connection| collections::all(connection)).await
    }

    async fn define(&self, collection: &Collection) -> Result<()> {
        let wanted = collection.clone();
        self.edit(None, move |transaction| collections::define(transaction, &wanted)).await
    }

    async fn remove(&self, collection: &CollectionId, context: &Context) -> Result<()> {
        let id = collection.clone();
        self.edit(Some(context), move |transaction| collections::remove(transaction, &id)).await
    }

    async fn page(&self, collection: &CollectionId, after: Option<FeatureId>, limit: usize) -> Result<FeaturePage> {
        let id = collection.clone();
        self.readers.snapshot(move |connection| reading::page(connection, &id, after, limit)).await
    }

    async fn get(&self, collection: &CollectionId, ids: &[FeatureId]) -> Result<Vec<Feature>> {
        let (id, ids) = (collection.clone(), ids.to_vec());
        self.readers.snapshot(move |connection| reading::get(connection, &id, &ids)).await
    }

    async fn apply(&self, collection: &CollectionId, edits: Vec<Edit>, context: &Context) -> Result<Vec<Feature>> {
        let id = collection.clone();
        self.edit(Some(context), move |transaction| edits::apply(transaction, &table::find(transaction, &id)?, edits))
            .await
    }

    async fn append(
        &self,
        collection: &CollectionId,
        features: Vec<(Option<Geometry>, Properties)>,
        context: &Context,
    ) -> Result<u64> {
        let id = collection.clone();
        // All are checked before the first is written, so that a wrong one leaves nothing behind.
        let (table, mut rows) = self
            .readers
            .snapshot(move |connection| {
                let table = table::find(connection, &id)?;
                let kind = collections::kind(connection, &table)?;
                let check = |(geometry, properties)| edits::Row::check(&table, kind, geometry, &properties);
                let rows = features.into_iter().map(check).collect::<Result<Vec<_>>>()?;
                Ok((Arc::new(table), rows))
            })
            .await?;
        let count = rows.len() as u64;
        while !rows.is_empty() {
            let rest = rows.split_off(rows.len().min(LOADED_AT_ONCE));
            let (table, some) = (Arc::clone(&table), std::mem::replace(&mut rows, rest));
            self.edit(Some(context), move |transaction| edits::append(transaction, &table, &some)).await?;
        }
        Ok(count)
    }

    async fn history(&self, collection: &CollectionId, id: FeatureId) -> Result<Vec<HistoryEntry>> {
        let collection = collection.clone();
        self.readers.snapshot(move |connection| reading::history(connection, &collection, id)).await
    }

    async fn changes(&self, after: i64, limit: usize) -> Result<FeedPage> {
        self.readers.snapshot(move |connection| reading::changes(connection, after, limit)).await
    }

    async fn recorded(&self, after: i64, limit: usize) -> Result<RecordedPage> {
        self.readers.snapshot(move |connection| reading::recorded(connection, after, limit)).await
    }

    async fn record(&self, entries: &[Recorded]) -> Result<u64> {
        let entries = entries.to_vec();
        self.edit(None, move |transaction| repeating::record(transaction, &entries)).await
    }

    async fn newest_change(&self) -> Result<i64> {
        self.readers.snapshot(|connection| reading::newest(connection)).await
    }

    async fn wait_for_change(&self, after: i64) {
        // Fails only when the sender is gone, and it lives as long as this.
        let _ = self.newest.subscribe().wait_for(|newest| *newest > after).await;
    }
}
