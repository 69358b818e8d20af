//! Features on their way into memory.

use std::sync::Arc;

use misto_model::{Collection, CollectionId, Feature};

use crate::attributes::Columns;
use crate::contents::{Placed, place_all};

/// A collection being read. A feature is packed as soon as it is added, so that no more than
/// a page of them stands in memory in its larger form.
pub struct Loading {
    pub(crate) collection: Collection,
    pub(crate) columns: Columns,
    pub(crate) placed: Vec<Arc<Placed>>,
}

impl Loading {
    /// None of its features yet.
    pub fn of(collection: Collection) -> Self {
        Self { columns: Columns::of(&collection), collection, placed: Vec::new() }
    }

    /// Projects and packs some of the features: some microseconds each. Of two with one
    /// number the later stays.
    pub fn add(&mut self, features: Vec<Feature>) {
        self.placed.extend(place_all(features, &self.columns));
    }

    /// Whose features.
    pub fn id(&self) -> &CollectionId {
        &self.collection.id
    }

    /// How many were added.
    pub fn len(&self) -> usize {
        self.placed.len()
    }

    /// Whether none was added.
    pub fn is_empty(&self) -> bool {
        self.placed.is_empty()
    }
}
