//! Features, their versions, their history and the change feed.

use serde::{Deserialize, Serialize};

use crate::Geometry;
use crate::collection::CollectionId;
use crate::instant::Instant;

/// The number of a feature inside its collection: the primary key of its table
/// (`fid` in a GeoPackage) and the id in vector tiles. A number the source used
/// is kept as an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FeatureId(pub i64);

impl std::fmt::Display for FeatureId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Counts the saves of one feature, from 1. Its text in quotes is the feature's ETag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub i64);

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Attributes by name, in the order of the collection's schema. A key that is
/// absent and a key that is null both mean *unknown*.
pub type Properties = serde_json::Map<String, serde_json::Value>;

/// One thing of the city with its place and attributes.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    /// Its number in the collection.
    pub id: FeatureId,
    /// How often it was saved.
    pub version: Version,
    /// WGS 84 degrees; `None` when nobody placed it yet.
    pub geometry: Option<Geometry>,
    /// Attributes; scalars (text, number, true/false), null where unknown.
    pub properties: Properties,
}

/// Who changed something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor(pub String);

impl Actor {
    /// A program other than Misto wrote to the store (QGIS, ogr2ogr, psql).
    pub fn external() -> Self {
        Self("external".to_owned())
    }
}

/// What an edit does.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// A new feature; the store numbers it.
    Create {
        /// Its place.
        geometry: Option<Geometry>,
        /// Its attributes.
        properties: Properties,
    },
    /// Everything new, for the version the editor saw.
    Replace {
        /// Which.
        id: FeatureId,
        /// The version the editor saw (If-Match).
        expected: Version,
        /// The new place.
        geometry: Option<Geometry>,
        /// The new attributes; those left out become unknown.
        properties: Properties,
    },
    /// Removal of the version the editor saw.
    Delete {
        /// Which.
        id: FeatureId,
        /// The version the editor saw (If-Match).
        expected: Version,
    },
}

/// Kind of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// A feature came.
    Insert,
    /// A feature changed.
    Update,
    /// A feature went.
    Delete,
}

/// One entry of the change feed: says that a feature changed, not how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Grows with every change of the store, in commit order.
    pub sequence: i64,
    /// Where.
    pub collection: CollectionId,
    /// Which.
    pub id: FeatureId,
    /// How.
    pub kind: ChangeKind,
}

/// One past state of a feature.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryEntry {
    /// The feed's sequence of this change.
    pub sequence: i64,
    /// How it changed.
    pub kind: ChangeKind,
    /// The state after the change; for a delete the last state.
    pub feature: Feature,
    /// Who.
    pub actor: Actor,
    /// Why, in the editor's words; `None` for an external program.
    pub reason: Option<String>,
    /// When it was committed.
    pub at: Instant,
}
