//! What both backends know of a feature table: its columns, which attributes and
//! shapes fit it, and how policies are spelled.

mod attributes;
mod policy;
pub(crate) mod shape;

use misto_model::{CollectionId, Error, FeatureId, GeometryKind, Properties, PropertyType};

pub(crate) use attributes::{Value, check_names, check_values, names_for_key_and_geometry};
pub(crate) use policy::{audience_name, audience_named, change_kind, kind_name, kind_named};

/// What SQL needs to know of a feature table.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) id: CollectionId,
    /// Name as written; differs from the id in the case of letters at most.
    pub(crate) name: String,
    /// Integer primary key (`fid`, `ogc_fid`, `id`).
    pub(crate) key: String,
    /// Geometry column (`geom`, `geometry`).
    pub(crate) geometry: String,
    /// Declared geometry type, capitals (`POINT`, `MULTIPOLYGON`, `GEOMETRY`).
    pub(crate) declared: String,
    /// Attributes in order; binary columns are left alone.
    pub(crate) columns: Vec<Column>,
}

/// An attribute column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: PropertyType,
}

impl Table {
    /// The column of an attribute.
    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// Those of the attributes that the table has.
pub(crate) fn known_properties(table: &Table, properties: &Properties) -> Properties {
    let known = properties.iter().filter(|(name, _)| table.column(name).is_some());
    known.map(|(name, value)| (name.clone(), value.clone())).collect()
}

pub(crate) fn collection_not_found(id: &CollectionId) -> Error {
    Error::not_found(format!("collection {:?}", id.as_str()))
}

pub(crate) fn feature_not_found(collection: &CollectionId, id: FeatureId) -> Error {
    Error::not_found(format!("feature {id} of collection {:?}", collection.as_str()))
}

/// Quoted as an SQL name.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Quoted as an SQL text.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The kind of shapes a declared geometry type holds.
pub(crate) fn geometry_kind(declared: &str) -> GeometryKind {
    match declared {
        "POINT" | "MULTIPOINT" => GeometryKind::Point,
        "LINESTRING" | "MULTILINESTRING" => GeometryKind::Line,
        "POLYGON" | "MULTIPOLYGON" => GeometryKind::Polygon,
        _ => GeometryKind::Any,
    }
}
