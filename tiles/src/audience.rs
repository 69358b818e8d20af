//! What of a collection an audience may see.

use std::sync::Arc;

use misto_model::{Audience, Collection, Feature, Property};

/// Whether the audience may know of the collection at all.
pub(crate) fn may_see(collection: &Collection, audience: Audience) -> bool {
    audience.may_see(collection.audience)
}

/// The attributes the audience may see, in the order of the schema.
pub(crate) fn visible(collection: &Collection, audience: Audience) -> impl Iterator<Item = &Property> {
    collection.properties.iter().filter(move |property| audience.may_see(property.audience))
}

/// The feature with no attribute but those the audience may see. An attribute that
/// the schema does not know has no audience, so the public does not get it.
pub(crate) fn as_seen(collection: &Collection, feature: &Arc<Feature>, audience: Audience) -> Arc<Feature> {
    let public = |name: &String| visible(collection, Audience::Public).any(|property| property.name == *name);
    if audience == Audience::Staff || feature.properties.keys().all(public) {
        return Arc::clone(feature);
    }
    let seen = feature.properties.iter().filter(|(name, _)| public(name));
    Arc::new(Feature {
        id: feature.id,
        version: feature.version,
        geometry: feature.geometry.clone(),
        properties: seen.map(|(name, value)| (name.clone(), value.clone())).collect(),
    })
}
