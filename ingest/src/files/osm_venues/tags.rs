//! OpenStreetMap's tags and the attributes of a venue, both ways. A tag whose value an attribute
//! gives back exactly is the attribute; every other tag stays, as it was written, in `osm_rest`.
//! No tag is unknown: nothing is concluded from what is not there.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::category;
use super::measures::{self, count, incline, length};
use crate::files::venues::{OSM_REST, object, same};

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

/// How a tag's value is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// yes, no; what else means yes.
    Flag(&'static [&'static str]),
    /// A length in centimetres: metres unless it says otherwise.
    Length,
    /// A whole number; `no` is none.
    Count,
    /// Any text.
    Text,
    /// Any text, where the element is an entrance: elsewhere the key says something of the whole place.
    AtEntrance,
    /// The kind of door.
    Door(&'static str),
    /// Whether there is a ramp that a wheelchair can use.
    Ramp,
    /// The slope of that ramp.
    Incline,
    /// The category, by the table in `category.rs`.
    Category,
    /// Street and house.
    Address,
}

/// One attribute: read from the first key that says something, written to the first that is
/// there, else to the last.
struct Tag {
    attribute: &'static str,
    keys: &'static [&'static str],
    kind: Kind,
}

const fn tag(attribute: &'static str, kind: Kind, keys: &'static [&'static str]) -> Tag {
    Tag { attribute, keys, kind }
}

use Kind::{Address, AtEntrance, Category, Count, Door, Flag, Incline, Length, Ramp, Text};

const TAGS: &[Tag] = &[
    tag("name", Text, &["name:uk", "name"]),
    tag("name_en", Text, &["name:en"]),
    tag("category", Category, &[]),
    tag("address", Address, &["addr:full"]),
    tag("description", Text, &["description:uk", "description"]),
    tag("description_en", Text, &["description:en"]),
    tag("phone", Text, &["contact:phone", "phone"]),
    tag("website", Text, &["contact:website", "website"]),
    tag("opening_hours", Text, &["opening_hours"]),
    tag("wheelchair", Text, &["wheelchair"]),
    tag("wheelchair_description", Text, &["wheelchair:description:uk", "wheelchair:description"]),
    tag("door_width_cm", Length, &["door:width"]),
    tag("threshold_height_cm", Length, &["door:threshold", "threshold:height"]),
    tag("door_automatic", Flag(&["button", "motion", "continuous", "slowdown_button", "floor"]), &["automatic_door"]),
    tag("door_revolving", Door("revolving"), &["door"]),
    tag("door_sliding", Door("sliding"), &["door"]),
    tag("entrance_steps", Count, &["step_count"]),
    tag("step_height_cm", Length, &["step:height"]),
    tag("step_handrail", Flag(&["left", "right", "both", "center"]), &["handrail"]),
    tag("has_ramp", Ramp, &["ramp:wheelchair"]),
    tag("ramp_portable", Flag(&[]), &["ramp:portable"]),
    tag("ramp_slope_percent", Incline, &["ramp:incline", "incline"]),
    tag("ramp_width_cm", Length, &["ramp:width"]),
    tag("approach_surface", AtEntrance, &["surface"]),
    tag("accessible_parking_spaces", Count, &["capacity:disabled"]),
    tag("accessible_toilet", Flag(&["designated"]), &["toilets:wheelchair"]),
    tag("tactile_strips", Flag(&[]), &["tactile_paving"]),
    tag("induction_loop", Flag(&[]), &["audio_loop"]),
    tag("audio_signs", Flag(&[]), &["speech_output"]),
    tag("braille", Flag(&[]), &["tactile_writing:braille"]),
];

/// What an element's tags say, with the tags that no attribute holds.
pub(super) fn read(tags: &Tags) -> Map<String, Value> {
    let known = |tag: &Tag| (tag.attribute.to_owned(), value(tag, tags));
    let mut attributes: Map<String, Value> = TAGS.iter().map(known).filter(|(_, value)| !value.is_null()).collect();
    let rest = stripped(tags, &attributes);
    if !rest.is_empty() {
        attributes.insert(OSM_REST.to_owned(), serde_json::json!(rest).to_string().into());
    }
    attributes
}

/// The tags of a venue. What its attributes say as the tags did stays as it was written there.
pub(super) fn write(attributes: &Map<String, Value>) -> Tags {
    let rest = object(attributes, OSM_REST);
    let text = |(key, value): (String, Value)| Some((key, value.as_str()?.to_owned()));
    let mut tags: Tags = rest.into_iter().filter_map(text).collect();
    for tag in TAGS {
        put(tag, &mut tags, attributes);
    }
    tags
}

/// Keys whose value was expected to say something that can be measured and does not.
pub(super) fn unread(tags: &Tags) -> Vec<(&'static str, String)> {
    let measured = |tag: &&Tag| matches!(tag.kind, Length | Count | Incline);
    let told = |tag: &Tag| {
        let key = *tag.keys.iter().find(|key| tags.contains_key(**key))?;
        let of_no_ramp = tag.kind == Incline && !has_ramp(tags);
        (!of_no_ramp && value(tag, tags).is_null()).then(|| (key, tags[key].clone()))
    };
    TAGS.iter().filter(measured).filter_map(told).collect()
}

fn put(tag: &Tag, tags: &mut Tags, attributes: &Map<String, Value>) {
    let now = attributes.get(tag.attribute).unwrap_or(&Value::Null);
    if same(&value(tag, tags), now) {
        return;
    }
    if tag.kind == Category {
        category::put(tags, now);
        return;
    }
    let Some(written) = written(tag, now, tags) else {
        tag.keys.iter().for_each(|key| {
            tags.remove(*key);
        });
        return;
    };
    let first = tag.keys.iter().find(|key| tags.contains_key(**key)).or(tag.keys.last());
    if let Some(key) = first {
        tags.insert((*key).to_owned(), written);
    }
}

/// The tags without those that the attributes give back exactly.
fn stripped(tags: &Tags, attributes: &Map<String, Value>) -> Tags {
    let mut rest = tags.clone();
    for tag in TAGS.iter().filter(|tag| !matches!(tag.kind, Category | Address)) {
        let mut anew = Tags::new();
        put(tag, &mut anew, attributes);
        if tag.keys.iter().all(|key| anew.get(*key) == tags.get(*key)) {
            tag.keys.iter().for_each(|key| {
                rest.remove(*key);
            });
        }
    }
    // What was taken out must not change what the others say.
    if written_onto(&rest, attributes) == *tags { rest } else { tags.clone() }
}

fn written_onto(rest: &Tags, attributes: &Map<String, Value>) -> Tags {
    let mut tags = rest.clone();
    TAGS.iter().for_each(|tag| put(tag, &mut tags, attributes));
    tags
}

fn value(tag: &Tag, tags: &Tags) -> Value {
    let texts = || tag.keys.iter().filter_map(|key| tags.get(*key)).map(String::as_str);
    let flag = |more: &[&str], text: &str| match text {
        "yes" => Some(true),
        "no" => Some(false),
        other => more.contains(&other).then_some(true),
    };
    let read = match tag.kind {
        Flag(more) => texts().find_map(|text| flag(more, text)).map(Value::Bool),
        Length => texts().find_map(length),
        Count => texts().find_map(count),
        Text => texts().find(|text| !text.is_empty()).map(Value::from),
        AtEntrance => texts().next().filter(|_| is_entrance(tags)).map(Value::from),
        Door(kind) => texts().next().and_then(|text| door(text, kind)).map(Value::Bool),
        Ramp => ramp(tags).map(Value::Bool),
        Incline => texts().find_map(incline).filter(|_| has_ramp(tags)),
        Category => category::read(tags).map(Value::from),
        Address => address(tags).map(Value::from),
    };
    read.unwrap_or(Value::Null)
}

fn written(tag: &Tag, value: &Value, tags: &Tags) -> Option<String> {
    let yes_or_no = |value: &Value| value.as_bool().map(|yes| if yes { "yes" } else { "no" }.to_owned());
    match tag.kind {
        Flag(_) | Ramp => yes_or_no(value),
        Length => measures::of_length(value),
        Incline => value.as_f64().map(|_| format!("{value}%")),
        Count => count(&value.to_string()).map(|count| count.to_string()),
        Text | Address => value.as_str().map(str::to_owned),
        AtEntrance => value.as_str().filter(|_| is_entrance(tags)).map(str::to_owned),
        // That a door is none of one kind does not say of which it is.
        Door(kind) => (*value == Value::Bool(true)).then(|| kind.to_owned()),
        Category => None,
    }
}

/// Whether the element is a door and not a whole place.
pub(super) fn is_entrance(tags: &Tags) -> bool {
    tags.get("entrance").is_some_and(|kind| kind != "no")
        || tags.get("railway").is_some_and(|kind| kind == "subway_entrance")
}

const DOORS: [&str; 8] =
    ["hinged", "revolving", "sliding", "folding", "overhead", "swinging", "trapdoor", "loadingdock"];

fn door(text: &str, kind: &str) -> Option<bool> {
    let mut kinds = text.split(';').map(str::trim);
    if kinds.clone().any(|one| one == kind) {
        // Another door beside a revolving one lets people pass.
        let alone = kinds.clone().count() == 1;
        return (alone || kind != "revolving").then_some(true).or(Some(false));
    }
    kinds.all(|one| DOORS.contains(&one)).then_some(false)
}

/// A ramp says for whom it is; one only for prams or bicycles is none for a chair.
fn ramp(tags: &Tags) -> Option<bool> {
    let said = |key: &str| tags.get(key).map(String::as_str);
    match (said("ramp:wheelchair"), said("ramp:portable"), said("ramp")) {
        (Some("yes"), _, _) | (None, Some("yes"), _) => Some(true),
        (Some("no"), _, _) => Some(false),
        (None, _, Some("no")) => Some(false),
        (None, _, Some("yes" | "separate")) if said("ramp:stroller").or(said("ramp:bicycle")).is_none() => Some(true),
        _ => None,
    }
}

fn has_ramp(tags: &Tags) -> bool {
    ramp(tags) == Some(true) || tags.contains_key("ramp:incline")
}

fn address(tags: &Tags) -> Option<String> {
    let said = |key: &str| tags.get(key).map(String::as_str).filter(|text| !text.is_empty());
    if let Some(full) = said("addr:full") {
        return Some(full.to_owned());
    }
    let street = said("addr:street:uk").or(said("addr:street")).or(said("addr:place"));
    match (street, said("addr:housenumber")) {
        (Some(street), Some(house)) => Some(format!("{street}, {house}")),
        (street, _) => street.map(str::to_owned),
    }
}
