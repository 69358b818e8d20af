//! Venues as the rules read them: each with the features of `entrances` and `lifts`
//! that name it. Read once for each edit, not once for each question.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use geo_types::Geometry;
use misto_model::{Audience, CollectionId, Entrance, Feature, FeatureId, Lift, Venue};
use misto_tiles::Atlas;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Attribute of an entrance or a lift: the id of the feature of `venues` that it belongs to.
pub const VENUE_ID: &str = "venue_id";

/// Id of the collection of venues.
pub fn venues_id() -> CollectionId {
    id("venues")
}

/// Id of the collection of entrances, each a place of its own.
pub fn entrances_id() -> CollectionId {
    id("entrances")
}

/// Id of the collection of lifts.
pub fn lifts_id() -> CollectionId {
    id("lifts")
}

fn id(name: &str) -> CollectionId {
    name.parse().expect("a valid collection id")
}

/// A venue as it was read.
#[derive(Debug, Clone)]
pub struct ReadVenue {
    /// What was measured.
    pub venue: Arc<Venue>,
    /// Attributes whose values cannot be read; the rules take them as unknown.
    pub unreadable: Arc<[String]>,
}

/// Venues as one audience sees them, and the versions of the collections they were read at.
#[derive(Default)]
struct Page {
    versions: [Option<u64>; 3],
    read: HashMap<FeatureId, (Arc<Feature>, ReadVenue)>,
}

/// All venues that were read.
#[derive(Default)]
pub struct VenueBook {
    public: Mutex<Page>,
    staff: Mutex<Page>,
}

impl VenueBook {
    /// The features' venues in the same order; features are those of `venues` as the audience sees them.
    pub fn read(&self, atlas: &Atlas, features: &[Arc<Feature>], audience: Audience) -> Vec<ReadVenue> {
        let page = if audience == Audience::Public { &self.public } else { &self.staff };
        let mut page = page.lock().unwrap_or_else(PoisonError::into_inner);
        let versions = [venues_id(), entrances_id(), lifts_id()].map(|id| atlas.version(&id));
        let parts_changed = versions[1..] != page.versions[1..];
        if parts_changed || versions[0] != page.versions[0] && page.read.len() > 2 * features.len() + 1_000 {
            page.read.clear();
        }
        page.versions = versions;
        let mut parts: Option<Parts> = None;
        features
            .iter()
            .map(|feature| match page.read.get(&feature.id) {
                Some((kept, read)) if same(kept, feature) => read.clone(),
                _ => {
                    let parts = parts.get_or_insert_with(|| Parts::of(atlas, audience));
                    let read = read(feature, parts);
                    page.read.insert(feature.id, (feature.clone(), read.clone()));
                    read
                }
            })
            .collect()
    }
}

/// Whether it says the same. A version does not tell: it begins anew when a collection is replaced.
fn same(kept: &Arc<Feature>, now: &Arc<Feature>) -> bool {
    Arc::ptr_eq(kept, now) || kept.properties == now.properties
}

/// Entrances and lifts by the venue they belong to.
struct Parts {
    entrances: HashMap<i64, Vec<Entrance>>,
    lifts: HashMap<i64, Vec<Lift>>,
}

impl Parts {
    fn of(atlas: &Atlas, audience: Audience) -> Self {
        let mut parts = Self { entrances: HashMap::new(), lifts: HashMap::new() };
        // A city without these collections has none.
        for feature in atlas.each(&entrances_id(), None, audience).unwrap_or_default() {
            let (mut entrance, _): (Entrance, _) = readable(&feature.properties);
            entrance.position = entrance.position.or_else(|| position(&feature));
            entrance.feature_id = Some(feature.id.0);
            if let Some(venue) = owner(&feature) {
                parts.entrances.entry(venue).or_default().push(entrance);
            }
        }
        for feature in atlas.each(&lifts_id(), None, audience).unwrap_or_default() {
            let (mut lift, _): (Lift, _) = readable(&feature.properties);
            lift.position = lift.position.or_else(|| position(&feature));
            lift.feature_id = Some(feature.id.0);
            if let Some(venue) = owner(&feature) {
                parts.lifts.entry(venue).or_default().push(lift);
            }
        }
        parts
    }
}

fn owner(part: &Feature) -> Option<i64> {
    part.properties.get(VENUE_ID)?.as_i64()
}

fn position(feature: &Feature) -> Option<[f64; 2]> {
    match feature.geometry.as_ref()? {
        Geometry::Point(point) => Some([point.x(), point.y()]),
        _ => None,
    }
}

fn read(feature: &Feature, parts: &Parts) -> ReadVenue {
    let (mut venue, unreadable): (Venue, _) = readable(&feature.properties);
    venue.entrances.extend(parts.entrances.get(&feature.id.0).cloned().unwrap_or_default());
    venue.lifts.extend(parts.lifts.get(&feature.id.0).cloned().unwrap_or_default());
    if !unreadable.is_empty() {
        tracing::warn!(venue = %feature.id, attributes = ?unreadable, "measurements cannot be read");
    }
    ReadVenue { venue: Arc::new(venue), unreadable: unreadable.into() }
}

/// What can be read of the attributes, and the names of those that cannot: a value that
/// cannot be read is one that nobody knows, and takes no other with it.
fn readable<T: DeserializeOwned + Default>(properties: &Map<String, Value>) -> (T, Vec<String>) {
    if let Ok(whole) = serde_json::from_value(Value::Object(properties.clone())) {
        return (whole, Vec::new());
    }
    let alone = |name: &String, value: &Value| {
        let one: Map<String, Value> = [(name.clone(), value.clone())].into_iter().collect();
        serde_json::from_value::<T>(Value::Object(one)).is_ok()
    };
    let (good, bad): (Vec<_>, Vec<_>) = properties.iter().partition(|(name, value)| alone(name, value));
    let good: Map<String, Value> = good.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let names = bad.into_iter().map(|(name, _)| name.clone()).collect();
    (serde_json::from_value(Value::Object(good)).unwrap_or_default(), names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_that_cannot_be_read_takes_no_other_with_it() {
        let properties = json!({"door_width_cm": 90, "entrance_steps": "several", "name": 7, "has_ramp": null});
        let (venue, unreadable): (Venue, _) = readable(properties.as_object().unwrap());
        assert_eq!((venue.way_in.door_width_cm, venue.way_in.entrance_steps), (Some(90.0), None));
        assert_eq!(unreadable, ["entrance_steps"]);
    }
}
