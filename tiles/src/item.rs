//! Features as they are handed out to an audience.

use std::sync::Arc;

use misto_model::{Audience, Collection, Feature, FeatureId, Geometry, Result, Version};

use crate::attributes::Attribute;
use crate::contents::Placed;
use crate::selection::attributes;

/// A feature as an audience sees it. It points into memory; [`Item::feature`] copies it out.
#[derive(Clone)]
pub struct Item {
    /// Its number in the collection.
    pub id: FeatureId,
    /// How often it was saved.
    pub version: Version,
    placed: Arc<Placed>,
    shown: Arc<Shown>,
}

impl Item {
    /// WGS 84 degrees; `None` when nobody placed it, or when it was asked for without geometry.
    pub fn geometry(&self) -> Option<&Geometry> {
        self.placed.geometry.as_ref().filter(|_| self.shown.geometry)
    }

    /// The attributes that the audience may see and that were asked for, in the order of the
    /// schema; those of which nothing was ever said are left out.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, Attribute<'_>)> {
        let row = &self.placed.row;
        let names = &self.shown.collection.properties;
        let known = self.shown.columns.iter().filter_map(|&at| Some((names.get(at)?.name.as_str(), row.get(at)?)));
        let beyond = row.beyond().filter(|_| self.shown.beyond).into_iter().flatten();
        known.chain(beyond.map(|(name, value)| (name.as_str(), Attribute::of(value))))
    }

    /// A copy that stands for itself.
    pub fn feature(&self) -> Feature {
        Feature {
            id: self.id,
            version: self.version,
            geometry: self.geometry().cloned(),
            properties: self.attributes().map(|(name, value)| (name.to_owned(), value.to_json())).collect(),
        }
    }
}

/// Says nothing of what the audience may not see.
impl std::fmt::Debug for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.feature().fmt(f)
    }
}

/// What of a collection's features is shown.
#[derive(Debug)]
pub(crate) struct Shown {
    collection: Arc<Collection>,
    /// Columns in the order of the schema.
    columns: Vec<usize>,
    /// Also what the schema does not know. That has no audience, so the public does not get it.
    beyond: bool,
    geometry: bool,
}

impl Shown {
    /// All that the audience may see.
    pub(crate) fn all(collection: &Arc<Collection>, audience: Audience) -> Arc<Self> {
        let may_see = |at: &usize| audience.may_see(collection.properties[*at].audience);
        Arc::new(Self {
            collection: Arc::clone(collection),
            columns: (0..collection.properties.len()).filter(may_see).collect(),
            beyond: audience == Audience::Staff,
            geometry: true,
        })
    }

    /// The named attributes of it; `None` for all.
    ///
    /// # Errors
    /// `Invalid`, naming the first that the audience may not see or that is not there.
    pub(crate) fn of(
        collection: &Arc<Collection>,
        audience: Audience,
        names: Option<&[String]>,
        geometry: bool,
    ) -> Result<Arc<Self>> {
        Ok(Arc::new(Self {
            collection: Arc::clone(collection),
            columns: attributes(collection, audience, names)?.into_iter().map(|(column, _)| column).collect(),
            beyond: audience == Audience::Staff && names.is_none(),
            geometry,
        }))
    }

    pub(crate) fn item(self: &Arc<Self>, placed: &Arc<Placed>) -> Item {
        Item { id: placed.id, version: placed.version, placed: Arc::clone(placed), shown: Arc::clone(self) }
    }

    pub(crate) fn feature(self: &Arc<Self>, placed: &Arc<Placed>) -> Arc<Feature> {
        Arc::new(self.item(placed).feature())
    }
}
