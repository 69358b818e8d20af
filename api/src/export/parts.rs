//! Entrances and lifts that are features of their own, by the venue they belong to, with all the
//! attributes that an audience may see.

use std::collections::HashMap;
use std::sync::Arc;

use misto_ingest::files::Parts;
use misto_model::{Audience, Feature, FeatureId, Properties};
use misto_tiles::Atlas;

use crate::access::{VENUE_ID, entrances_id, lifts_id};

/// Parts of all venues.
#[derive(Default)]
pub struct PartsOfVenues(HashMap<i64, Parts>);

impl PartsOfVenues {
    /// As an audience sees them. A city without these collections has none.
    pub fn of(atlas: &Atlas, audience: Audience) -> Self {
        let each = |id| atlas.each(&id, None, audience).unwrap_or_default();
        let mut parts = Self::default();
        parts.take(each(entrances_id()).iter().map(Arc::as_ref), |parts| &mut parts.entrances);
        parts.take(each(lifts_id()).iter().map(Arc::as_ref), |parts| &mut parts.lifts);
        parts
    }

    /// Adds features that name their venue.
    pub fn take<'a>(
        &mut self,
        features: impl IntoIterator<Item = &'a Feature>,
        list: impl Fn(&mut Parts) -> &mut Vec<Properties>,
    ) {
        for feature in features {
            let Some(venue) = feature.properties.get(VENUE_ID).and_then(serde_json::Value::as_i64) else { continue };
            list(self.0.entry(venue).or_default()).push(attributes(feature));
        }
    }

    /// The parts of one venue.
    pub fn of_venue(&self, venue: FeatureId) -> Parts {
        self.0.get(&venue.0).cloned().unwrap_or_default()
    }
}

fn attributes(feature: &Feature) -> Properties {
    let told = feature.properties.iter().filter(|(name, value)| *name != VENUE_ID && !value.is_null());
    let mut attributes: Properties = told.map(|(name, value)| (name.clone(), value.clone())).collect();
    if let Some(geo_types::Geometry::Point(at)) = &feature.geometry
        && !attributes.contains_key("position")
    {
        attributes.insert("position".to_owned(), serde_json::json!([at.x(), at.y()]));
    }
    attributes
}
