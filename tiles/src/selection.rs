//! Which features and which of their attributes are shown.

use std::sync::Arc;

use misto_model::{Audience, Collection, Property, Result};
use serde_json::json;

use crate::audience::visible_columns;
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
        let named = |(column, property): (usize, &'a Property)| (property.name.as_str(), column);
        Ok(Bound { filter, attributes: attributes.into_iter().map(named).collect() })
    }
}

/// A selection for one collection.
pub(crate) struct Bound<'a> {
    filter: Option<Compiled>,
    /// Names and columns.
    pub(crate) attributes: Vec<(&'a str, usize)>,
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

/// The attributes to be shown with their columns, in the order of the schema.
///
/// # Errors
/// `Invalid`, naming the first that the audience may not see or that is not there.
pub(crate) fn attributes<'a>(
    collection: &'a Collection,
    audience: Audience,
    names: Option<&[String]>,
) -> Result<Vec<(usize, &'a Property)>> {
    let all: Vec<_> = visible_columns(collection, audience).collect();
    let Some(names) = names else { return Ok(all) };
    if let Some(missing) = names.iter().find(|name| !all.iter().any(|(_, property)| property.name == **name)) {
        return Err(unknown_attribute(collection, missing));
    }
    Ok(all.into_iter().filter(|(_, property)| names.contains(&property.name)).collect())
}
