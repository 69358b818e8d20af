//! Which features and which of their attributes are shown.

use std::sync::Arc;

use misto_model::{Audience, Collection, Feature, Property, Result};
use serde_json::json;

use crate::audience::{as_seen, visible};
use crate::contents::Entry;
use crate::filter::{Compiled, Filter, compile, unknown_attribute};

/// What of a tile's collections is shown; all of it unless it says otherwise.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Only features for which it is true, asked of each collection.
    pub filter: Option<Filter>,
    /// Only these attributes; each collection must have them all.
    pub properties: Option<Vec<String>>,
}

impl Selection {
    /// The same text for the same selection; `None` for all.
    pub(crate) fn spelled(&self) -> Option<Arc<str>> {
        if self.filter.is_none() && self.properties.is_none() {
            return None;
        }
        let mut properties = self.properties.clone();
        if let Some(names) = &mut properties {
            names.sort_unstable();
            names.dedup();
        }
        let filter = self.filter.as_ref().map(Filter::to_json);
        Some(json!({"filter": filter, "properties": properties}).to_string().into())
    }

    pub(crate) fn bind<'a>(&self, collection: &'a Collection, audience: Audience) -> Result<Bound<'a>> {
        let filter = self.filter.as_ref().map(|filter| compile(filter, collection, audience)).transpose()?;
        let attributes = attributes(collection, audience, self.properties.as_deref())?;
        Ok(Bound { filter, attributes: attributes.into_iter().map(|property| property.name.as_str()).collect() })
    }
}

/// A selection for one collection.
pub(crate) struct Bound<'a> {
    filter: Option<Compiled>,
    pub(crate) attributes: Vec<&'a str>,
}

impl Bound<'_> {
    /// Takes out what the filter does not hold for.
    pub(crate) fn keep(&self, entries: &mut Vec<Entry>) -> Result<()> {
        if let Some(filter) = &self.filter {
            filter.affordable(entries.len())?;
            entries.retain(|entry| filter.matches(&entry.placed));
        }
        Ok(())
    }
}

/// The attributes to be shown, in the order of the schema.
///
/// # Errors
/// `Invalid`, naming the first that the audience may not see or that is not there.
pub(crate) fn attributes<'a>(
    collection: &'a Collection,
    audience: Audience,
    names: Option<&[String]>,
) -> Result<Vec<&'a Property>> {
    let all: Vec<_> = visible(collection, audience).collect();
    let Some(names) = names else { return Ok(all) };
    if let Some(missing) = names.iter().find(|name| !all.iter().any(|property| property.name == **name)) {
        return Err(unknown_attribute(collection, missing));
    }
    Ok(all.into_iter().filter(|property| names.contains(&property.name)).collect())
}

/// How features are handed out to an audience.
pub(crate) struct Shown<'a> {
    collection: &'a Collection,
    audience: Audience,
    /// `None` for all.
    names: Option<Vec<&'a str>>,
    geometry: bool,
}

impl<'a> Shown<'a> {
    pub(crate) fn of(
        collection: &'a Collection,
        audience: Audience,
        properties: Option<&[String]>,
        geometry: bool,
    ) -> Result<Self> {
        let names = match properties {
            None => None,
            some => {
                Some(attributes(collection, audience, some)?.iter().map(|property| property.name.as_str()).collect())
            }
        };
        Ok(Self { collection, audience, names, geometry })
    }

    pub(crate) fn feature(&self, feature: &Arc<Feature>) -> Arc<Feature> {
        let seen = as_seen(self.collection, feature, self.audience);
        if self.names.is_none() && self.geometry {
            return seen;
        }
        let wanted = |name: &str| self.names.as_ref().is_none_or(|names| names.contains(&name));
        let properties = seen.properties.iter().filter(|(name, _)| wanted(name));
        Arc::new(Feature {
            id: seen.id,
            version: seen.version,
            geometry: if self.geometry { seen.geometry.clone() } else { None },
            properties: properties.map(|(name, value)| (name.clone(), value.clone())).collect(),
        })
    }
}
