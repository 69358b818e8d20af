//! Collections (sets of features, as OGC says) and their schema.

use serde::{Deserialize, Serialize};

use crate::geometry::Bbox;

/// Why a text is no collection id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no collection id: use 1 to 60 small Latin letters, digits and _, beginning with a letter")]
pub struct InvalidCollectionId(pub String);

/// Name of a collection: small Latin letters, digits and `_`. Names beginning
/// with the prefixes that the stores keep for themselves are refused.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CollectionId(String);

/// Prefixes of tables that belong to SQLite, the GeoPackage standard and Misto.
const RESERVED: [&str; 5] = ["sqlite_", "gpkg_", "rtree_", "misto_", "pg_"];

impl CollectionId {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for CollectionId {
    type Err = InvalidCollectionId;
    fn from_str(text: &str) -> Result<Self, InvalidCollectionId> {
        let letters = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        let starts = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        let reserved = RESERVED.iter().any(|prefix| text.starts_with(prefix));
        if letters && starts && !reserved && text.len() <= 60 {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidCollectionId(text.chars().take(80).collect()))
        }
    }
}

impl TryFrom<String> for CollectionId {
    type Error = InvalidCollectionId;
    fn try_from(text: String) -> Result<Self, InvalidCollectionId> {
        text.parse()
    }
}

impl From<CollectionId> for String {
    fn from(id: CollectionId) -> String {
        id.0
    }
}

impl std::fmt::Display for CollectionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who may see something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// Everybody, without signing in.
    Public,
    /// Signed-in staff.
    Staff,
}

impl Audience {
    /// Whether this audience may see what is meant for `meant_for`: staff see all, the
    /// public what is public.
    pub fn may_see(self, meant_for: Self) -> bool {
        self == Self::Staff || meant_for == Self::Public
    }
}

/// What shapes a collection holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum GeometryKind {
    /// Points or multipoints.
    Point,
    /// Lines or multilines.
    Line,
    /// Polygons or multipolygons.
    Polygon,
    /// Anything.
    Any,
}

/// Type of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PropertyType {
    /// Text.
    Text,
    /// Whole number.
    Integer,
    /// Number.
    Real,
    /// True or false.
    Boolean,
    /// Calendar date, `YYYY-MM-DD`.
    Date,
    /// Moment, RFC 3339.
    DateTime,
}

/// One attribute of a collection's schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Property {
    /// Name as stored.
    pub name: String,
    /// Type.
    #[serde(rename = "type")]
    pub kind: PropertyType,
    /// Who may see it (the narrower of this and the collection's counts).
    pub audience: Audience,
}

/// A set of features with its schema and publication policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Collection {
    /// Name in routes and tables.
    pub id: CollectionId,
    /// Title in Ukrainian.
    pub title_uk: String,
    /// Title in English.
    pub title_en: String,
    /// What it holds and where it comes from; empty when nobody wrote it.
    pub description: String,
    /// Who may see it.
    pub audience: Audience,
    /// Shapes it holds.
    pub geometry: GeometryKind,
    /// Attributes, in order.
    pub properties: Vec<Property>,
    /// Whether the contents are invented sample data.
    pub sample: bool,
    /// Extent of the features when last computed; `None` while empty.
    pub extent: Option<Bbox>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_could_reach_other_tables_are_refused() {
        for bad in
            ["", "Roads", "roads; drop table", "gpkg_contents", "sqlite_master", "misto_change", "вулиці", "1a", "a\"b"]
        {
            assert!(bad.parse::<CollectionId>().is_err(), "{bad}");
        }
        assert_eq!("water_network".parse::<CollectionId>().unwrap().as_str(), "water_network");
    }
}
