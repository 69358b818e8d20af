//! Collections seen together, and their tiles.

use std::sync::{Arc, RwLock};

use misto_model::{Audience, Collection, Result, TileCoord};

use crate::contents::Contents;
use crate::grid::{BUFFER, Frame};
use crate::layer::{Layer, Schema};
use crate::locks::read;
use crate::selection::Selection;
use crate::shelf::Key;
use crate::statistics::CollectionStatistics;

/// A collection and its features.
pub(crate) struct Held {
    /// Differs for every load, so that tiles of different loads never mix.
    pub(crate) number: u32,
    pub(crate) collection: Arc<Collection>,
    pub(crate) contents: RwLock<Contents>,
}

/// Collections seen together by an audience.
pub(crate) struct View {
    pub(crate) held: Vec<Arc<Held>>,
    pub(crate) audience: Audience,
}

impl View {
    pub(crate) fn key(&self, at: TileCoord, selection: &Selection) -> Key {
        let collections = self.held.iter().map(|held| held.number).collect();
        Key { collections, at, audience: self.audience, selection: selection.spelled() }
    }

    /// Plain bytes, and whether features were left out.
    pub(crate) fn render(&self, at: TileCoord, budget: usize, selection: &Selection) -> Result<(Vec<u8>, bool)> {
        let layer = |held: &Arc<Held>, budget| held.layer(at, self.audience, budget, selection);
        let mut layers = self.held.iter().map(|held| layer(held, budget)).collect::<Result<Vec<_>>>()?;
        let share = fair_share(layers.iter().map(|layer| layer.bytes.len()).collect(), budget);
        for (layer_of, held) in layers.iter_mut().zip(&self.held) {
            if layer_of.bytes.len() > share {
                *layer_of = layer(held, share)?;
            }
        }
        let thinned = layers.iter().any(|layer| layer.thinned);
        Ok((layers.into_iter().map(|layer| layer.bytes).collect::<Vec<_>>().concat(), thinned))
    }
}

/// The most that each may take so that all together keep to the budget.
fn fair_share(mut sizes: Vec<usize>, budget: usize) -> usize {
    sizes.sort_unstable();
    let mut left = budget;
    for (i, size) in sizes.iter().enumerate() {
        let share = left / (sizes.len() - i);
        if *size > share {
            return share;
        }
        left -= size;
    }
    usize::MAX
}

impl Held {
    fn layer(&self, at: TileCoord, audience: Audience, budget: usize, selection: &Selection) -> Result<Layer> {
        let bound = selection.bind(&self.collection, audience)?;
        let frame = Frame::of(at);
        // The lock is held for the search alone, not for drawing.
        let mut entries = read(&self.contents).within(frame.padded(BUFFER));
        bound.keep(&mut entries)?;
        if entries.is_empty() {
            return Ok(Layer::default());
        }
        let schema = Schema { name: self.collection.id.as_str(), attributes: bound.attributes };
        Ok(Layer::encode(&schema, &frame, entries, budget))
    }

    pub(crate) fn statistics(&self) -> CollectionStatistics {
        let contents = read(&self.contents);
        CollectionStatistics {
            id: self.collection.id.clone(),
            features: contents.len() as u64,
            vertices: contents.vertices() as u64,
            index_bytes: contents.index_bytes() as u64,
        }
    }
}
