//! The features of a collection one after the other, a page in memory at a time.

use misto_ingest::files::write::Outgoing;
use misto_model::{Audience, CollectionId, FeatureId};
use misto_tiles::{Item, Items, ItemsQuery};

use crate::app::Shared;

/// Features of one page.
const PAGE: usize = 1_000;

/// Features in the order of their ids. Each is as it stands when its page is read,
/// so that a long export holds up no editor and shows no feature twice.
pub struct Pages {
    app: Shared,
    collection: CollectionId,
    audience: Audience,
    after: Option<FeatureId>,
    ended: bool,
    page: std::vec::IntoIter<Item>,
}

impl Pages {
    /// All features of a collection.
    pub fn new(app: Shared, collection: CollectionId, audience: Audience) -> Self {
        Self { app, collection, audience, after: None, ended: false, page: Vec::new().into_iter() }
    }

    fn turn(&mut self) -> misto_model::Result<()> {
        let query = ItemsQuery { after: self.after, limit: PAGE, ..ItemsQuery::default() };
        let Items { features, next, .. } = self.app.atlas.items(&self.collection, &query, self.audience)?;
        self.page = features.into_iter();
        self.after = next;
        self.ended = next.is_none();
        Ok(())
    }
}

impl Iterator for Pages {
    type Item = Outgoing;

    fn next(&mut self) -> Option<Outgoing> {
        loop {
            if let Some(item) = self.page.next() {
                return Some(Ok(item.feature()));
            }
            if self.ended {
                return None;
            }
            if let Err(removed) = self.turn() {
                self.ended = true;
                return Some(Err(removed.into()));
            }
        }
    }
}
