//! What a TileJSON document says of a set of collections.

use std::collections::BTreeMap;

use misto_model::{Audience, Bbox, Collection, PropertyType};

use crate::audience::visible;

/// The members of TileJSON 3.0.0 that the features decide.
#[derive(Debug, Clone, PartialEq)]
pub struct TileJsonFields {
    /// Where there is anything, 3.3; `None` while everything is empty.
    pub bounds: Option<Bbox>,
    /// Least zoom, 3.12.
    pub minzoom: u8,
    /// Zoom from which maps stretch tiles, 3.11. Deeper ones are served too.
    pub maxzoom: u8,
    /// From this zoom on a tile holds everything that lies in it.
    pub whole_from: u8,
    /// Most bytes of a tile below that zoom before compression; what exceeds it is left
    /// out, the smallest first. `None`: nothing is left out at any zoom.
    pub tile_budget_bytes: Option<usize>,
    /// The layers, 3.19.
    pub vector_layers: Vec<VectorLayer>,
}

/// One layer of the tiles.
#[derive(Debug, Clone, PartialEq)]
pub struct VectorLayer {
    /// Name of the layer: the collection's id.
    pub id: String,
    /// The collection's description.
    pub description: String,
    /// Attributes the audience may see, each with `String`, `Number` or `Boolean`.
    pub fields: BTreeMap<String, &'static str>,
}

pub(crate) fn vector_layer(collection: &Collection, audience: Audience) -> VectorLayer {
    let field = |kind| match kind {
        PropertyType::Integer | PropertyType::Real => "Number",
        PropertyType::Boolean => "Boolean",
        PropertyType::Text | PropertyType::Date | PropertyType::DateTime => "String",
    };
    VectorLayer {
        id: collection.id.to_string(),
        description: collection.description.clone(),
        fields: visible(collection, audience).map(|p| (p.name.clone(), field(p.kind))).collect(),
    }
}
