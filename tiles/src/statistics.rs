//! Figures for metrics.

use misto_model::CollectionId;

/// What the atlas holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistics {
    /// Each collection, by id.
    pub collections: Vec<CollectionStatistics>,
    /// Tiles in the cache, empty ones too.
    pub cached_tiles: u64,
    /// Bytes of the cache, with what belongs to its entries.
    pub cached_bytes: u64,
    /// Tiles answered from the cache, since the start.
    pub tile_hits: u64,
    /// Tiles made, since the start.
    pub tiles_made: u64,
    /// Tiles dropped because an edit or a load reached them, since the start.
    pub tiles_dropped: u64,
}

/// What the atlas holds of one collection.
#[derive(Debug, Clone, PartialEq)]
pub struct CollectionStatistics {
    /// Which.
    pub id: CollectionId,
    /// Features, also those not placed.
    pub features: u64,
    /// Vertices of all shapes.
    pub vertices: u64,
    /// Bytes that index and projected shapes take beside the features themselves (reckoned).
    pub index_bytes: u64,
}
