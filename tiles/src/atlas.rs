//! All collections in memory, and the answers from them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, RwLock};

use misto_model::{Audience, Bbox, Collection, CollectionId, Error, Feature, FeatureId, Position, Result, TileCoord};

use crate::audience::may_see;
use crate::contents::{Contents, Placed};
use crate::cover::Outline;
use crate::encoding::Encoding;
use crate::item::Shown;
use crate::items::{self, Items, ItemsQuery};
use crate::loading::Loading;
use crate::locks::{read, write};
use crate::nearest;
use crate::selection::Selection;
use crate::shelf::Shelf;
use crate::simplify::EDIT_ZOOM;
use crate::statistics::Statistics;
use crate::tile::Tile;
use crate::tilejson::{TileJsonFields, vector_layer};
use crate::touched::{Touched, TouchedArea, touched_area};
use crate::view::{Held, View};

/// Every collection of the city in memory, its spatial index and its tiles.
///
/// Share it in an [`Arc`]. Readers wait for a writer only while the index takes one
/// batch of edits; writers of one collection are expected to be one at a time, since
/// they follow one change feed.
pub struct Atlas {
    collections: RwLock<BTreeMap<CollectionId, Arc<Held>>>,
    shelf: Shelf,
    tile_budget_bytes: usize,
    last_number: AtomicU32,
    last_version: AtomicU64,
}

impl Atlas {
    /// Zoom from which maps stretch tiles (`maxzoom` of TileJSON). Deeper ones are served too.
    pub const MAX_ZOOM: u8 = 16;
    /// An edit that reaches more tiles tells its box instead.
    pub const MOST_TOUCHED_TILES: usize = 256;
    /// Bytes of a tile below zoom 14 before compression, unless told otherwise.
    pub const TILE_BUDGET_BYTES: usize = 500_000;

    /// An atlas without collections that keeps at most so many bytes of finished tiles.
    pub fn new(cache_bytes: u64) -> Self {
        Self::with_tile_budget(cache_bytes, Self::TILE_BUDGET_BYTES)
    }

    /// The same with another budget for tiles below zoom 14; `usize::MAX` never thins.
    pub fn with_tile_budget(cache_bytes: u64, tile_budget_bytes: usize) -> Self {
        Self {
            collections: RwLock::default(),
            shelf: Shelf::new(cache_bytes),
            tile_budget_bytes,
            last_number: AtomicU32::new(0),
            last_version: AtomicU64::new(0),
        }
    }

    /// Puts a collection with all its features in the place of what was there, and drops
    /// the tiles of that. Readers see the old state until the new one stands.
    pub fn load(&self, collection: Collection, features: Vec<Feature>) -> Touched {
        let mut loading = Loading::of(collection);
        loading.add(features);
        self.put(loading)
    }

    /// The same with features that were added page by page.
    pub fn put(&self, loading: Loading) -> Touched {
        let Loading { collection, columns, placed } = loading;
        let version = self.next_version();
        let id = collection.id.clone();
        let contents = Contents::load(columns, placed, version);
        let bounds = contents.bounds();
        let held = Arc::new(Held {
            number: self.last_number.fetch_add(1, Relaxed) + 1,
            collection: Arc::new(collection),
            contents: RwLock::new(contents),
        });
        let old = write(&self.collections).insert(id, held);
        let old_bounds = old.and_then(|old| {
            self.shelf.drop_collection(old.number);
            read(&old.contents).bounds()
        });
        let all = [bounds, old_bounds].into_iter().flatten().reduce(|a, b| a.union(&b));
        Touched { version, area: all.and_then(|all| all.degrees()).map_or(TouchedArea::None, TouchedArea::Bbox) }
    }

    /// Forgets a collection and its tiles.
    pub fn remove(&self, id: &CollectionId) {
        if let Some(held) = write(&self.collections).remove(id) {
            self.shelf.drop_collection(held.number);
        }
    }

    /// Takes over changed features (`None`: deleted) and drops every tile, in each
    /// combination, audience and encoding, that comes within the buffer of an old or new
    /// shape, and no other. When it returns, nobody is served an older tile.
    ///
    /// # Errors
    /// `NotFound` for an unknown collection; `Invalid` when a feature stands under a
    /// number that is not its own (then nothing has changed).
    pub fn apply(&self, id: &CollectionId, changes: Vec<(FeatureId, Option<Feature>)>) -> Result<Touched> {
        let held = self.held(id)?;
        if let Some((key, _)) = changes.iter().find(|(key, new)| new.as_ref().is_some_and(|new| new.id != *key)) {
            return Err(Error::invalid("id", format!("the feature given for {key} has another number")));
        }
        let columns = read(&held.contents).columns();
        let placed = |new: Option<Feature>| new.map(|new| Placed::new(new, &columns));
        let changes: Vec<_> = changes.into_iter().map(|(id, new)| (id, placed(new))).collect();
        let mut reached: Vec<Arc<Placed>> = Vec::new();
        let version = {
            let mut contents = write(&held.contents);
            for (id, new) in changes {
                let old = contents.replace(id, new.clone());
                if !matches!((&old, &new), (Some(old), Some(new)) if old.looks_like(new)) {
                    reached.extend(old.into_iter().chain(new));
                }
            }
            contents.version = self.next_version();
            contents.version
        };
        let outlines: Vec<_> = reached.iter().map(|placed| Outline::of(&placed.shape)).collect();
        self.shelf.drop_reached(held.number, &outlines);
        Ok(Touched { version, area: touched_area(&outlines, &reached) })
    }

    /// All collections, by id.
    pub fn collections(&self) -> Vec<Arc<Collection>> {
        read(&self.collections).values().map(|held| Arc::clone(&held.collection)).collect()
    }

    /// One collection. Its `extent` is as it was loaded; see [`Atlas::extent`].
    pub fn collection(&self, id: &CollectionId) -> Option<Arc<Collection>> {
        read(&self.collections).get(id).map(|held| Arc::clone(&held.collection))
    }

    /// A tile of these collections together, one layer each; their order and repetition
    /// do not matter. `None` when nothing lies in it. Below zoom 14 it keeps to the
    /// byte budget.
    ///
    /// Makes the tile unless it is kept or being made: some milliseconds of computing, so
    /// not for an asynchronous thread; see [`Atlas::kept_tile`].
    ///
    /// # Errors
    /// `NotFound` when the audience may not see one of the collections or there is no
    /// such collection; `Invalid` when none is named.
    pub fn tile(
        &self,
        ids: &[CollectionId],
        at: TileCoord,
        audience: Audience,
        encoding: Encoding,
    ) -> Result<Option<Tile>> {
        self.selected_tile(ids, at, audience, encoding, &Selection::default())
    }

    /// The same with only what the selection shows.
    ///
    /// # Errors
    /// As [`Atlas::tile`], and `Invalid` when one of the collections lacks an attribute
    /// that the selection names, or the audience may not see it.
    pub fn selected_tile(
        &self,
        ids: &[CollectionId],
        at: TileCoord,
        audience: Audience,
        encoding: Encoding,
        selection: &Selection,
    ) -> Result<Option<Tile>> {
        let view = self.view(ids, audience)?;
        self.shelf.obtain(&view.key(at, selection), encoding, || view.render(at, self.tile_budget_bytes, selection))
    }

    /// The same tile if it is at hand, without computing: the outer `None` says that it
    /// is not, the inner one that the tile is empty.
    ///
    /// # Errors
    /// As [`Atlas::tile`].
    pub fn kept_tile(
        &self,
        ids: &[CollectionId],
        at: TileCoord,
        audience: Audience,
        encoding: Encoding,
    ) -> Result<Option<Option<Tile>>> {
        self.kept_selected_tile(ids, at, audience, encoding, &Selection::default())
    }

    /// As [`Atlas::kept_tile`], of [`Atlas::selected_tile`].
    ///
    /// # Errors
    /// As [`Atlas::tile`].
    pub fn kept_selected_tile(
        &self,
        ids: &[CollectionId],
        at: TileCoord,
        audience: Audience,
        encoding: Encoding,
        selection: &Selection,
    ) -> Result<Option<Option<Tile>>> {
        Ok(self.shelf.get(&self.view(ids, audience)?.key(at, selection), encoding))
    }

    /// What TileJSON says of these collections to this audience.
    ///
    /// # Errors
    /// As [`Atlas::tile`].
    pub fn tilejson_fields(&self, ids: &[CollectionId], audience: Audience) -> Result<TileJsonFields> {
        let view = self.view(ids, audience)?;
        let bounds = view.held.iter().filter_map(|held| read(&held.contents).bounds()).reduce(|a, b| a.union(&b));
        Ok(TileJsonFields {
            bounds: bounds.and_then(|bounds| bounds.degrees()),
            minzoom: 0,
            maxzoom: Self::MAX_ZOOM,
            whole_from: EDIT_ZOOM,
            tile_budget_bytes: (self.tile_budget_bytes != usize::MAX).then_some(self.tile_budget_bytes),
            vector_layers: view.held.iter().map(|held| vector_layer(&held.collection, audience)).collect(),
        })
    }

    /// One page of a collection's features.
    ///
    /// # Errors
    /// `NotFound` as [`Atlas::tile`]; `Invalid` (the attribute's name) when something
    /// names an attribute that the audience may not see, or a value not of its type;
    /// `Invalid` (`filter`) when it would take too long.
    pub fn items(&self, id: &CollectionId, query: &ItemsQuery, audience: Audience) -> Result<Items> {
        let held = self.seen(id, audience)?;
        items::page(&held, query, audience)
    }

    /// One feature as the audience sees it.
    pub fn get(&self, id: &CollectionId, feature: FeatureId, audience: Audience) -> Option<Arc<Feature>> {
        let held = self.seen(id, audience).ok()?;
        let found = Arc::clone(read(&held.contents).get(feature)?);
        Some(Shown::all(&held.collection, audience).feature(&found))
    }

    /// The nearest features with their distances in metres, nearest first; 0 inside a polygon.
    ///
    /// # Errors
    /// `NotFound` as [`Atlas::tile`].
    pub fn nearest(
        &self,
        id: &CollectionId,
        from: Position,
        limit: usize,
        max_distance_m: f64,
        audience: Audience,
    ) -> Result<Vec<(f64, Arc<Feature>)>> {
        let held = self.seen(id, audience)?;
        let found = nearest::nearest(&read(&held.contents), from, limit, max_distance_m);
        let shown = Shown::all(&held.collection, audience);
        Ok(found.into_iter().map(|(metres, placed)| (metres, shown.feature(&placed))).collect())
    }

    /// Every feature, or every one that intersects the box, ordered by number.
    ///
    /// # Errors
    /// `NotFound` as [`Atlas::tile`].
    pub fn each(&self, id: &CollectionId, bbox: Option<Bbox>, audience: Audience) -> Result<Vec<Arc<Feature>>> {
        let held = self.seen(id, audience)?;
        let found: Vec<Arc<Placed>> = match bbox {
            None => read(&held.contents).following(None).cloned().collect(),
            Some(bbox) => items::intersecting(&read(&held.contents), &bbox),
        };
        let shown = Shown::all(&held.collection, audience);
        Ok(found.iter().map(|placed| shown.feature(placed)).collect())
    }

    /// How many features a collection has.
    pub fn count(&self, id: &CollectionId) -> Option<u64> {
        Some(read(&self.held(id).ok()?.contents).len() as u64)
    }

    /// The box around a collection's features as they are now; `None` when nothing is
    /// placed, or for an unknown collection.
    pub fn extent(&self, id: &CollectionId) -> Option<Bbox> {
        read(&self.held(id).ok()?.contents).bounds()?.degrees()
    }

    /// The version of a collection: grows with each edit and load.
    pub fn version(&self, id: &CollectionId) -> Option<u64> {
        Some(read(&self.held(id).ok()?.contents).version)
    }

    /// What is held, for metrics.
    pub fn statistics(&self) -> Statistics {
        let held: Vec<_> = read(&self.collections).values().cloned().collect();
        let (cached_tiles, cached_bytes) = self.shelf.size();
        let counters = &self.shelf.counters;
        Statistics {
            collections: held.iter().map(|held| held.statistics()).collect(),
            cached_tiles,
            cached_bytes,
            tile_hits: counters.hits.load(Relaxed),
            tiles_made: counters.made.load(Relaxed),
            tiles_dropped: counters.dropped.load(Relaxed),
        }
    }

    fn next_version(&self) -> u64 {
        self.last_version.fetch_add(1, Relaxed) + 1
    }

    pub(crate) fn held(&self, id: &CollectionId) -> Result<Arc<Held>> {
        read(&self.collections).get(id).cloned().ok_or_else(|| unknown(id))
    }

    /// The same answer for what does not exist and for what the audience may not see.
    pub(crate) fn seen(&self, id: &CollectionId, audience: Audience) -> Result<Arc<Held>> {
        self.held(id).ok().filter(|held| may_see(&held.collection, audience)).ok_or_else(|| unknown(id))
    }

    fn view(&self, ids: &[CollectionId], audience: Audience) -> Result<View> {
        let mut held = ids.iter().map(|id| self.seen(id, audience)).collect::<Result<Vec<_>>>()?;
        held.sort_unstable_by(|a, b| a.collection.id.cmp(&b.collection.id));
        held.dedup_by_key(|held| held.number);
        if held.is_empty() {
            return Err(Error::invalid("collections", "name at least one collection"));
        }
        // What looks the same to everybody is kept once.
        let differs = held.iter().any(|held| held.collection.properties.iter().any(|p| p.audience == Audience::Staff));
        let audience = if differs { audience } else { Audience::Public };
        Ok(View { held, audience })
    }
}

fn unknown(id: &CollectionId) -> Error {
    Error::not_found(format!("collection \"{id}\""))
}
