//! Features in memory: spatial index, vector tiles, cache, exact invalidation.
//!
//! An [`Atlas`] holds every collection. Geometry is projected and quantised once,
//! when it arrives; a tile is drawn from memory, encoded and compressed once, and
//! kept until an edit touches it. The store is never asked for a tile.
//!
//! What must stay true:
//! * the same features give the same bytes, whatever edits led to them;
//! * once [`Atlas::apply`] has returned, nobody is served a tile from before it;
//! * an edit drops the tiles that its old or new shape reaches, and no others;
//! * what an [`Audience`](misto_model::Audience) may not see never enters its answer.

mod atlas;
mod attributes;
mod audience;
mod clip;
mod contents;
mod cover;
mod distance;
mod draw;
mod encoding;
mod filter;
mod grid;
mod item;
mod items;
mod layer;
mod loading;
mod locks;
mod mvt;
mod nearest;
mod questions;
mod selection;
mod shape;
mod shelf;
mod simplify;
mod sorting;
mod statistics;
mod tile;
mod tilejson;
mod touched;
mod view;
mod words;

pub use atlas::Atlas;
pub use attributes::Attribute;
pub use encoding::Encoding;
pub use filter::{Filter, Period, parse_wkt};
pub use item::Item;
pub use items::{Items, ItemsQuery};
pub use loading::Loading;
pub use questions::{Meeting, Meetings, MeetingsQuery, NearQuery, Reached, WithinQuery};
pub use selection::Selection;
pub use sorting::SortKey;
pub use statistics::{CollectionStatistics, Statistics};
pub use tile::Tile;
pub use tilejson::{TileJsonFields, VectorLayer};
pub use touched::{Touched, TouchedArea};
