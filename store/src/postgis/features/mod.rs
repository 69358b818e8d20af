//! Features in tables of schema `public`, their history and the change feed.

mod collections;
mod edits;
mod reading;
mod reconcile;
mod repeating;
mod table;
mod watcher;

use std::sync::Arc;

use async_trait::async_trait;
use deadpool_postgres::Transaction;
use misto_model::{Collection, CollectionId, Edit, Feature, FeatureId, Geometry, HistoryEntry, Properties, Result};
use tokio::sync::watch;

use super::Database;
use super::address::Address;
use super::failure::Done;
use crate::{Context, FeaturePage, Features, FeedPage, Recorded, RecordedPage};
use watcher::Watcher;

/// Features of a bulk load that go into one transaction.
const LOADED_AT_ONCE: usize = 4_000;

/// The tables, and the feed as far as it is known to reach.
pub(super) struct Tables {
    database: Arc<Database>,
    newest: watch::Sender<i64>,
    _watcher: Watcher,
}

impl Tables {
    pub(super) async fn open(database: Arc<Database>, address: Address) -> Result<Self> {
        let (newest, _) = watch::channel(0);
        reconcile::reconcile(&database).await?;
        let watcher = Watcher::start(Arc::clone(&database), address, newest.clone());
        Ok(Self { database, newest, _watcher: watcher })
    }

    /// Announces what a transaction of this process committed.
    async fn committed(&self, transaction: Transaction<'_>) -> Done<()> {
        let newest = reading::newest(&transaction).await?;
        transaction.commit().await?;
        self.newest.send_if_modified(|known| std::mem::replace(known, newest.max(*known)) < newest);
        Ok(())
    }
}

#[async_trait]
impl Features for Tables {
    async fn collections(&self) -> Result<Vec<Collection>> {
        let collections = async {
            let client = self.database.client().await?;
            collections::all(&client).await
        };
        Ok(collections.await?)
    }

    async fn define(&self, collection: &Collection) -> Result<()> {
        let define = async {
            let mut client = self.database.client().await?;
            let transaction = client.transaction().await?;
            collections::define(&transaction, collection).await?;
            self.committed(transaction).await
        };
        Ok(define.await?)
    }

    async fn remove(&self, collection: &CollectionId, context: &Context) -> Result<()> {
        let remove = async {
            let mut client = self.database.client().await?;
            let transaction = client.transaction().await?;
            edits::begin(&transaction, context).await?;
            collections::remove(&transaction, collection).await?;
            self.committed(transaction).await
        };
        Ok(remove.await?)
    }

    async fn page(&self, collection: &CollectionId, after: Option<FeatureId>, limit: usize) -> Result<FeaturePage> {
        let page = async {
            let client = self.database.client().await?;
            reading::page(&client, collection, after, limit).await
        };
        Ok(page.await?)
    }

    async fn get(&self, collection: &CollectionId, ids: &[FeatureId]) -> Result<Vec<Feature>> {
        let get = async {
            let client = self.database.client().await?;
            let table = table::find(&client, collection).await?;
            reading::some(&client, &table, ids).await
        };
        Ok(get.await?)
    }

    async fn apply(&self, collection: &CollectionId, edits: Vec<Edit>, context: &Context) -> Result<Vec<Feature>> {
        let apply = async {
            let mut client = self.database.client().await?;
            let transaction = client.transaction().await?;
            let table = table::find(&transaction, collection).await?;
            edits::lock(&transaction, &table, &edits).await?;
            edits::begin(&transaction, context).await?;
            let features = edits::apply(&transaction, &table, edits).await?;
            self.committed(transaction).await?;
            Done::Ok(features)
        };
        Ok(apply.await?)
    }

    async fn append(
        &self,
        collection: &CollectionId,
        features: Vec<(Option<Geometry>, Properties)>,
        context: &Context,
    ) -> Result<u64> {
        let append = async {
            let mut client = self.database.client().await?;
            let table = table::find(&client, collection).await?;
            let kind = collections::kind(&client, &table).await?;
            // All are checked before the first is written.
            let rows = features
                .into_iter()
                .map(|(geometry, properties)| edits::Row::check(&table, kind, geometry, &properties))
                .collect::<Result<Vec<_>>>()?;
            for some in rows.chunks(LOADED_AT_ONCE) {
                let transaction = client.transaction().await?;
                edits::begin(&transaction, context).await?;
                edits::widen(&transaction, &table, some).await?;
                edits::insert(&transaction, &table, some).await?;
                self.committed(transaction).await?;
            }
            Done::Ok(rows.len() as u64)
        };
        Ok(append.await?)
    }

    async fn history(&self, collection: &CollectionId, id: FeatureId) -> Result<Vec<HistoryEntry>> {
        let history = async {
            let client = self.database.client().await?;
            reading::history(&client, collection, id).await
        };
        Ok(history.await?)
    }

    async fn changes(&self, after: i64, limit: usize) -> Result<FeedPage> {
        let changes = async {
            let client = self.database.client().await?;
            reading::changes(&client, after, limit).await
        };
        Ok(changes.await?)
    }

    async fn recorded(&self, after: i64, limit: usize) -> Result<RecordedPage> {
        let recorded = async {
            let client = self.database.client().await?;
            reading::recorded(&client, after, limit).await
        };
        Ok(recorded.await?)
    }

    async fn record(&self, entries: &[Recorded]) -> Result<u64> {
        let record = async {
            let mut client = self.database.client().await?;
            let transaction = client.transaction().await?;
            let new = repeating::record(&transaction, entries).await?;
            self.committed(transaction).await?;
            Done::Ok(new)
        };
        Ok(record.await?)
    }

    async fn newest_change(&self) -> Result<i64> {
        let newest = async {
            let client = self.database.client().await?;
            reading::newest(&client).await
        };
        Ok(newest.await?)
    }

    async fn wait_for_change(&self, after: i64) {
        let mut newest = self.newest.subscribe();
        // The sender lives as long as self: an error cannot be.
        let _reached = newest.wait_for(|newest| *newest > after).await;
    }
}
