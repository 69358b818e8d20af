//! The category of a place, from its tags. The first of these keys that is there tells it; values
//! in the table have a name of Misto's, others are their own name (`restaurant`), and a bare `yes`
//! is the name of the key.

use serde_json::Value;

use super::tags::Tags;

/// Keys that say what a place is, the more telling first.
pub(crate) const KEYS: [&str; 13] = [
    "amenity",
    "shop",
    "healthcare",
    "tourism",
    "leisure",
    "office",
    "craft",
    "historic",
    "railway",
    "public_transport",
    "highway",
    "entrance",
    "building",
];

/// Key, value (`*`: any) and category. Where a place was never in OpenStreetMap, its category
/// becomes the first tag that means it.
const NAMES: [(&str, &str, &str); 19] = [
    ("amenity", "pharmacy", "pharmacy"),
    ("amenity", "clinic", "clinic"),
    ("amenity", "doctors", "clinic"),
    ("amenity", "hospital", "clinic"),
    ("amenity", "townhall", "administration"),
    ("office", "government", "administration"),
    ("amenity", "bank", "bank"),
    ("amenity", "bus_station", "bus_station"),
    ("amenity", "cafe", "cafe"),
    ("amenity", "library", "library"),
    ("amenity", "post_office", "post"),
    ("amenity", "school", "school"),
    ("amenity", "theatre", "theatre"),
    ("tourism", "hotel", "hotel"),
    ("tourism", "museum", "museum"),
    ("leisure", "sports_centre", "sport"),
    ("leisure", "fitness_centre", "sport"),
    ("leisure", "stadium", "sport"),
    ("shop", "*", "shop"),
];

pub(super) fn read(tags: &Tags) -> Option<&str> {
    let (key, value) =
        KEYS.iter().find_map(|key| tags.get(*key).filter(|v| *v != "no").map(|value| (*key, value.as_str())))?;
    let named = NAMES.iter().find(|(k, v, _)| *k == key && (*v == value || *v == "*"));
    Some(match named {
        Some((_, _, name)) => name,
        None if value == "yes" => key,
        None => value,
    })
}

/// Only a place that no tag names gets one: what a mapper said is theirs to change.
pub(super) fn put(tags: &mut Tags, category: &Value) {
    if read(tags).is_some() {
        return;
    }
    let Some(category) = category.as_str() else { return };
    if let Some((key, value, _)) = NAMES.iter().find(|(_, _, name)| *name == category) {
        let value = if *value == "*" { "yes" } else { value };
        tags.insert((*key).to_owned(), value.to_owned());
    }
}
