//! What an edit reached.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use misto_model::{Bbox, TileCoord};

use crate::Atlas;
use crate::contents::Placed;
use crate::cover::Outline;

/// What an edit reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Touched {
    /// The collection's version after it; grows with every edit and load of any collection.
    pub version: u64,
    /// Which tiles a map that shows the collection has to fetch anew.
    pub area: TouchedArea,
}

/// The tiles an edit reached.
#[derive(Debug, Clone, PartialEq)]
pub enum TouchedArea {
    /// None: nothing that a map shows has changed.
    None,
    /// These, at zooms 0 to [`Atlas::MAX_ZOOM`]: at most [`Atlas::MOST_TOUCHED_TILES`], sorted.
    Tiles(Vec<TileCoord>),
    /// Too many to name: every tile around this box.
    Bbox(Bbox),
}

/// The tiles to tell of, from the outlines of all old and new shapes.
pub(crate) fn touched_area(outlines: &[Outline], reached: &[Arc<Placed>]) -> TouchedArea {
    let tiles = RefCell::new(BTreeSet::new());
    for outline in outlines {
        let mut few = |_| tiles.borrow().len() <= Atlas::MOST_TOUCHED_TILES;
        outline.walk(Atlas::MAX_ZOOM, &mut few, &mut |at| {
            tiles.borrow_mut().insert(at);
        });
    }
    let tiles = tiles.into_inner();
    if tiles.len() <= Atlas::MOST_TOUCHED_TILES {
        return if tiles.is_empty() { TouchedArea::None } else { TouchedArea::Tiles(tiles.into_iter().collect()) };
    }
    let bounds = reached.iter().filter_map(|placed| placed.bounds()).reduce(|a, b| a.union(&b));
    bounds.and_then(|bounds| bounds.degrees()).map_or(TouchedArea::None, TouchedArea::Bbox)
}
