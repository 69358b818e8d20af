//! What of a collection an audience may see.

use misto_model::{Audience, Collection, Property};

/// Whether the audience may know of the collection at all.
pub(crate) fn may_see(collection: &Collection, audience: Audience) -> bool {
    audience.may_see(collection.audience)
}

/// The attributes the audience may see, in the order of the schema.
pub(crate) fn visible(collection: &Collection, audience: Audience) -> impl Iterator<Item = &Property> {
    collection.properties.iter().filter(move |property| audience.may_see(property.audience))
}

/// The same with the column of each in the rows.
pub(crate) fn visible_columns(collection: &Collection, audience: Audience) -> impl Iterator<Item = (usize, &Property)> {
    collection.properties.iter().enumerate().filter(move |(_, property)| audience.may_see(property.audience))
}
