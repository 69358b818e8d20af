//! Features: versioned, with history and a change feed.

use std::collections::BTreeSet;

use async_trait::async_trait;
use misto_model::{Actor, Change, Collection, CollectionId, Edit, Feature, FeatureId, HistoryEntry, Result};

/// Who edits and why; written to the history in the same transaction.
#[derive(Debug, Clone)]
pub struct Context {
    /// Who.
    pub actor: Actor,
    /// Why, in their words.
    pub reason: Option<String>,
}

/// Features in the order of their ids.
#[derive(Debug, Clone, Default)]
pub struct FeaturePage {
    /// The features.
    pub features: Vec<Feature>,
    /// Ask again with this as `after`; `None` when these were the last.
    pub next: Option<FeatureId>,
}

/// A piece of the change feed.
#[derive(Debug, Clone, Default)]
pub struct FeedPage {
    /// Changes in commit order.
    pub changes: Vec<Change>,
    /// Collections to be read anew: made, described otherwise or removed, or their
    /// tables were replaced or altered by another program.
    pub redefined: BTreeSet<CollectionId>,
    /// Sequence up to which this page reaches; ask again with this as `after`.
    pub upto: i64,
}

/// A past state of a feature with its collection.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Where.
    pub collection: CollectionId,
    /// What became of it, who did it and why.
    pub entry: HistoryEntry,
}

/// A piece of the history of all collections.
#[derive(Debug, Clone, Default)]
pub struct RecordedPage {
    /// Past states in commit order, of collections that stand.
    pub entries: Vec<Recorded>,
    /// Sequence up to which this page reaches; ask again with this as `after` until
    /// it stays the same.
    pub upto: i64,
}

/// Features of all collections.
#[async_trait]
pub trait Features: Send + Sync {
    /// All collections, in the order of their ids. Feature tables that another
    /// program added are found too; they are staff-only until somebody says otherwise.
    async fn collections(&self) -> Result<Vec<Collection>>;

    /// Makes the collection, or checks that the one that stands fits: titles,
    /// audience and added attributes are taken over, a changed attribute type or
    /// geometry kind is `Invalid`. Attributes that stand but are not named stay as they are.
    async fn define(&self, collection: &Collection) -> Result<()>;

    /// Removes a collection with its features; `NotFound` when there is none.
    async fn remove(&self, collection: &CollectionId, context: &Context) -> Result<()>;

    /// At most `limit` features with ids above `after`.
    async fn page(&self, collection: &CollectionId, after: Option<FeatureId>, limit: usize) -> Result<FeaturePage>;

    /// Those of the ids that exist, in the order of their ids.
    async fn get(&self, collection: &CollectionId, ids: &[FeatureId]) -> Result<Vec<Feature>>;

    /// All edits or none, with history and reason in one transaction. Gives the
    /// features as they stand afterwards, one per edit, in order (for a delete: the
    /// last state, with the version that the delete itself counts as).
    ///
    /// # Errors
    /// `Conflict` with the current feature when an expected version is not the
    /// one that stands, `NotFound` when the feature never existed, `Invalid`
    /// when an attribute is not in the schema or of another type, `Unavailable`
    /// when another program holds the lock.
    async fn apply(&self, collection: &CollectionId, edits: Vec<Edit>, context: &Context) -> Result<Vec<Feature>>;

    /// Bulk load: appends features as new ones in transactions of a few thousand
    /// (`Create` only, same checks as [`Features::apply`]). Gives how many.
    async fn append(
        &self,
        collection: &CollectionId,
        features: Vec<(Option<misto_model::Geometry>, misto_model::Properties)>,
        context: &Context,
    ) -> Result<u64>;

    /// Past states of one feature, newest first.
    async fn history(&self, collection: &CollectionId, id: FeatureId) -> Result<Vec<HistoryEntry>>;

    /// Changes after `after`, at most `limit`, in commit order; changes made by
    /// other programs among them.
    async fn changes(&self, after: i64, limit: usize) -> Result<FeedPage>;

    /// Past states of the features of all collections that stand, in commit order.
    async fn recorded(&self, after: i64, limit: usize) -> Result<RecordedPage>;

    /// Repeats what another store recorded: features come to stand as the last of
    /// their states with their ids, and the history tells versions, times, actors
    /// and reasons as they were. In one transaction; what is recorded already is
    /// left alone. Gives how many were new.
    ///
    /// # Errors
    /// `NotFound` when a collection is not defined, `Invalid` when a state does not
    /// fit its schema; attributes that the schema does not have are left out.
    async fn record(&self, entries: &[Recorded]) -> Result<u64>;

    /// The sequence of the newest change.
    async fn newest_change(&self) -> Result<i64>;

    /// Returns once the feed reaches beyond `after`, at most a few hundred
    /// milliseconds after the change was committed, by this process or by another
    /// program. Returns at once when it already does, so that no change can slip
    /// through between reading the feed and waiting.
    async fn wait_for_change(&self, after: i64);
}
