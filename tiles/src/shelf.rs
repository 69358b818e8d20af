//! Finished tiles, kept until an edit reaches them.
//!
//! A tile is registered before its features are read. An edit first changes the
//! features and then takes the registration of every tile that it reaches, finished
//! or still being made. A tile is kept only while registered: so what was made from
//! the state before an edit is never kept after it, and nobody who comes after the
//! edit waits for it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use foldhash::fast::RandomState;
use misto_model::{Audience, Result, TileCoord};
use moka::sync::Cache;

use crate::cover::Outline;
use crate::encoding::Encoding;
use crate::locks::locked;
use crate::tile::{Forms, Tile};

/// One variant of one tile; it is kept in the encodings that were asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    /// Numbers of the collections, as the atlas gave them out.
    pub(crate) collections: Arc<[u32]>,
    pub(crate) at: TileCoord,
    pub(crate) audience: Audience,
    /// What is shown of them, spelled one way; `None` for all.
    pub(crate) selection: Option<Arc<str>>,
}

/// What a kept tile takes beside its bytes: key, forms and their tags, entries of the
/// map and the index.
const OVERHEAD_BYTES: usize = 800;

#[derive(Clone)]
struct Kept {
    /// `None`: nothing lies in it.
    forms: Option<Arc<Forms>>,
    ticket: u64,
}

/// What drawing gives: the plain bytes, and whether features were left out.
pub(crate) type Drawn = Result<(Vec<u8>, bool)>;
type Outcome = Result<Option<Arc<Forms>>>;

/// A tile being made, and those who wait for it.
struct Flight {
    ticket: u64,
    outcome: OnceLock<Outcome>,
}

struct Registration {
    key: Key,
    ticket: u64,
    /// `None` once it is finished and kept.
    flight: Option<Arc<Flight>>,
}

#[derive(Default)]
struct Index {
    last_ticket: u64,
    /// By [`spot`], so that a tile and all below it stand together.
    tiles: BTreeMap<u64, Vec<Registration>>,
}

/// Counters of the shelf, since the start.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) hits: AtomicU64,
    pub(crate) made: AtomicU64,
    pub(crate) dropped: AtomicU64,
}

pub(crate) struct Shelf {
    kept: Cache<Key, Kept, RandomState>,
    index: Mutex<Index>,
    /// Tiles that had to make room. The cache tells of them inside its own calls, where
    /// the index may be locked, so they are taken out of it at the next occasion.
    evicted: Arc<Mutex<Vec<(TileCoord, u64)>>>,
    pub(crate) counters: Counters,
}

enum Found {
    Kept(Kept),
    Flight(Arc<Flight>),
}

impl Shelf {
    pub(crate) fn new(bytes: u64) -> Self {
        let evicted = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&evicted);
        let kept = Cache::builder()
            .max_capacity(bytes)
            .weigher(|key: &Key, kept: &Kept| {
                let bytes = kept.forms.as_ref().map_or(0, |forms| forms.bytes());
                let spelled = key.selection.as_ref().map_or(0, |selection| selection.len());
                u32::try_from(bytes + spelled + OVERHEAD_BYTES).unwrap_or(u32::MAX)
            })
            .eviction_listener(move |key, kept, cause| {
                if cause.was_evicted() {
                    locked(&told).push((key.at, kept.ticket));
                }
            })
            .build_with_hasher(RandomState::default());
        Self { kept, index: Mutex::default(), evicted, counters: Counters::default() }
    }

    /// The tile if it is kept in this encoding; the inner `None` is an empty tile.
    pub(crate) fn get(&self, key: &Key, encoding: Encoding) -> Option<Option<Tile>> {
        let found = match self.kept.get(key)?.forms {
            None => None,
            Some(forms) => Some(forms.made(encoding)?.clone()),
        };
        self.counters.hits.fetch_add(1, Relaxed);
        Some(found)
    }

    /// The tile, drawn by `draw` unless it is kept or being drawn, in whatever encodings.
    pub(crate) fn obtain(&self, key: &Key, encoding: Encoding, draw: impl FnOnce() -> Drawn) -> Result<Option<Tile>> {
        if let Some(kept) = self.kept.get(key) {
            return self.form(key, kept.forms.as_ref(), encoding);
        }
        let flight = match self.join(key) {
            Found::Kept(kept) => return self.form(key, kept.forms.as_ref(), encoding),
            Found::Flight(flight) => flight,
        };
        let outcome = flight.outcome.get_or_init(|| {
            self.counters.made.fetch_add(1, Relaxed);
            let outcome = draw().and_then(|(plain, thinned)| finished(plain, thinned, encoding));
            self.land(key, flight.ticket, &outcome);
            outcome
        });
        match outcome {
            Ok(forms) => self.form(key, forms.as_ref(), encoding),
            Err(cause) => Err(cause.clone()),
        }
    }

    /// The tile in one encoding; a form that is made now grows the entry.
    fn form(&self, key: &Key, forms: Option<&Arc<Forms>>, encoding: Encoding) -> Result<Option<Tile>> {
        let Some(forms) = forms else {
            self.counters.hits.fetch_add(1, Relaxed);
            return Ok(None);
        };
        let (tile, made) = forms.form(encoding);
        if made {
            self.weigh_again(key, forms);
        } else {
            self.counters.hits.fetch_add(1, Relaxed);
        }
        tile.map(Some)
    }

    /// Puts a tile that has grown in its own place, if it is still kept. It gets a new
    /// ticket: word of its eviction that is still under way must not reach the new entry.
    fn weigh_again(&self, key: &Key, forms: &Arc<Forms>) {
        let mut index = self.index();
        let Some(kept) = self.kept.get(key) else { return };
        if !kept.forms.as_ref().is_some_and(|kept| Arc::ptr_eq(kept, forms)) {
            return;
        }
        index.last_ticket += 1;
        let ticket = index.last_ticket;
        let registrations = index.tiles.get_mut(&spot(key.at)).into_iter().flatten();
        if let Some(registration) = registrations.into_iter().find(|r| r.ticket == kept.ticket) {
            registration.ticket = ticket;
            self.kept.insert(key.clone(), Kept { ticket, ..kept });
        }
    }

    fn join(&self, key: &Key) -> Found {
        let mut index = self.index();
        if let Some(kept) = self.kept.get(key) {
            return Found::Kept(kept);
        }
        index.last_ticket += 1;
        let ticket = index.last_ticket;
        let registrations = index.tiles.entry(spot(key.at)).or_default();
        if let Some(flight) = registrations.iter().find(|r| r.key == *key).and_then(|r| r.flight.as_ref()) {
            return Found::Flight(Arc::clone(flight));
        }
        registrations.retain(|r| r.key != *key); // evicted, and not yet told
        let flight = Arc::new(Flight { ticket, outcome: OnceLock::new() });
        registrations.push(Registration { key: key.clone(), ticket, flight: Some(Arc::clone(&flight)) });
        Found::Flight(flight)
    }

    fn land(&self, key: &Key, ticket: u64, outcome: &Outcome) {
        let mut index = self.index();
        let Some(registrations) = index.tiles.get_mut(&spot(key.at)) else { return };
        let Some(at) = registrations.iter().position(|r| r.ticket == ticket) else { return };
        match outcome {
            Ok(forms) => {
                registrations[at].flight = None;
                self.kept.insert(key.clone(), Kept { forms: forms.clone(), ticket });
            }
            Err(_) => index.forget(key.at, |r| r.ticket == ticket, |_| ()),
        }
    }

    /// Drops every tile with this collection that an outline reaches.
    pub(crate) fn drop_reached(&self, collection: u32, outlines: &[Outline]) {
        let mut index = self.index();
        let mut reached = Vec::new();
        for outline in outlines {
            let mut wanted = |at| index.tiles.range(spot(at)..end_of_spots(at)).next().is_some();
            outline.walk(TileCoord::MAX_ZOOM, &mut wanted, &mut |at| reached.push(at));
        }
        for at in reached {
            index.forget(at, |r| r.key.collections.contains(&collection), |key| self.discard(key));
        }
    }

    /// Drops every tile with this collection.
    pub(crate) fn drop_collection(&self, collection: u32) {
        let mut index = self.index();
        index.tiles.retain(|_, registrations| {
            registrations.retain(|r| {
                let other = !r.key.collections.contains(&collection);
                if !other {
                    self.discard(&r.key);
                }
                other
            });
            !registrations.is_empty()
        });
    }

    fn discard(&self, key: &Key) {
        self.kept.invalidate(key);
        self.counters.dropped.fetch_add(1, Relaxed);
    }

    /// The index, without the tiles that were evicted.
    fn index(&self) -> MutexGuard<'_, Index> {
        let mut index = locked(&self.index);
        let evicted = std::mem::take(&mut *locked(&self.evicted));
        for (at, ticket) in evicted {
            index.forget(at, |r| r.ticket == ticket, |_| ());
        }
        index
    }

    /// How many tiles are kept (empty ones too), and their bytes with all that belongs to them.
    pub(crate) fn size(&self) -> (u64, u64) {
        self.kept.run_pending_tasks();
        (self.kept.entry_count(), self.kept.weighted_size())
    }
}

/// A drawn tile with its first form, of which others can be made.
fn finished(plain: Vec<u8>, thinned: bool, encoding: Encoding) -> Outcome {
    if plain.is_empty() {
        return Ok(None);
    }
    let forms = Forms::new(plain.into(), thinned);
    forms.form(encoding).0?;
    forms.settle();
    Ok(Some(Arc::new(forms)))
}

impl Index {
    fn forget(&mut self, at: TileCoord, which: impl Fn(&Registration) -> bool, mut told: impl FnMut(&Key)) {
        if let Some(registrations) = self.tiles.get_mut(&spot(at)) {
            registrations.retain(|r| {
                let gone = which(r);
                if gone {
                    told(&r.key);
                }
                !gone
            });
            if registrations.is_empty() {
                self.tiles.remove(&spot(at));
            }
        }
    }
}

/// A number by which a tile comes right before all tiles below it: the Morton code of
/// its north-west corner at the deepest zoom, then its zoom.
fn spot(at: TileCoord) -> u64 {
    let down = TileCoord::MAX_ZOOM - at.z();
    let spread =
        |v: u32| (0..u32::from(TileCoord::MAX_ZOOM)).fold(0u64, |sum, bit| sum | u64::from(v >> bit & 1) << (2 * bit));
    (spread(at.x() << down) | spread(at.y() << down) << 1) << 8 | u64::from(at.z())
}

fn end_of_spots(at: TileCoord) -> u64 {
    ((spot(at) >> 8) + (1 << (2 * (TileCoord::MAX_ZOOM - at.z())))) << 8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(x: u32) -> Key {
        let at = TileCoord::new(12, x, 7).unwrap();
        Key { collections: Arc::new([1]), at, audience: Audience::Public, selection: None }
    }

    const PLAIN: Encoding = Encoding::Identity;

    fn nothing() -> Drawn {
        Ok((Vec::new(), false))
    }

    #[test]
    fn a_tile_is_drawn_once_for_all_encodings() {
        let shelf = Shelf::new(1 << 20);
        let content: Vec<u8> = (0..40_000u32).map(|i| (i * i / 7 % 251) as u8).collect();
        let barrier = std::sync::Barrier::new(16);
        std::thread::scope(|scope| {
            for i in 0..16 {
                let (shelf, content, barrier) = (&shelf, &content, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    let encoding = Encoding::ALL[i % 4];
                    let tile = shelf.obtain(&key(1), encoding, || Ok((content.clone(), false))).unwrap().unwrap();
                    assert_eq!(tile.encoding.undo(&tile.bytes, content.len()).unwrap(), *content);
                });
            }
        });
        assert_eq!(shelf.counters.made.load(Relaxed), 1);
        let bytes = |encoding| shelf.get(&key(1), encoding).unwrap().unwrap().bytes.len() as u64;
        let all: u64 = Encoding::ALL.into_iter().map(bytes).sum();
        assert_eq!(shelf.size(), (1, all + OVERHEAD_BYTES as u64), "every form counts");
        shelf.drop_collection(1);
        assert!(Encoding::ALL.iter().all(|&encoding| shelf.get(&key(1), encoding).is_none()));
    }

    #[test]
    fn a_tile_stands_right_before_those_below_it() {
        let at = |z, x, y| spot(TileCoord::new(z, x, y).unwrap());
        let above = TileCoord::new(3, 5, 2).unwrap();
        let below = spot(above)..end_of_spots(above);
        for (spot, is_below) in [
            (at(3, 5, 2), true),
            (at(4, 10, 4), true),
            (at(24, 12_582_911, 6_291_455), true),
            (at(2, 2, 1), false),
            (at(3, 6, 2), false),
            (at(4, 10, 6), false),
        ] {
            assert_eq!(below.contains(&spot), is_below);
        }
    }

    #[test]
    fn the_index_forgets_what_was_evicted() {
        let shelf = Shelf::new(20 * OVERHEAD_BYTES as u64);
        for x in 0..4000 {
            shelf.obtain(&key(x), PLAIN, nothing).unwrap();
        }
        let (kept, _) = shelf.size();
        let registered: usize = shelf.index().tiles.values().map(Vec::len).sum();
        assert!(kept <= 20 && registered as u64 == kept, "{registered} registered, {kept} kept");
    }

    #[test]
    fn a_tile_that_was_reached_while_being_made_is_not_kept() {
        let shelf = Shelf::new(1 << 20);
        shelf
            .obtain(&key(1), PLAIN, || {
                shelf.drop_collection(1);
                nothing()
            })
            .unwrap();
        assert!(shelf.get(&key(1), PLAIN).is_none());
        shelf.obtain(&key(1), PLAIN, nothing).unwrap();
        assert!(shelf.get(&key(1), PLAIN).is_some());
    }

    #[test]
    fn a_failure_is_not_kept() {
        let shelf = Shelf::new(1 << 20);
        let broken = || Err(misto_model::Error::unavailable("no", "test"));
        assert!(shelf.obtain(&key(1), PLAIN, broken).is_err());
        assert!(shelf.obtain(&key(1), PLAIN, nothing).is_ok());
    }
}
