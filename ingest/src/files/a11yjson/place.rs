//! One `PlaceInfo` and the attributes of one venue. What A11yJSON cannot say of an attribute goes
//! into `tags` under `misto:`; what no attribute holds goes into the attribute `a11y_rest`.

use serde_json::{Map, Value};

use super::fields::{ENTRANCE, Field, LIFT, PLACE};
use super::{lens, paths};
use crate::files::venues::{A11Y_REST, ENTRANCES, LIFTS, is_way_in, object, objects, same};

/// The edition that is written.
pub const FORMAT_VERSION: &str = "31.1";
/// Where the ways in stand.
const WAYS_IN: &str = "properties/accessibility/entrances";
/// Where lifts and other equipment stand.
const EQUIPMENT: &str = "properties/accessibility/availableEquipment";
const TAGS: &str = "properties/tags";
/// Begins the name of a tag that holds an attribute of Misto.
const PREFIX: &str = "misto:";
/// Stands in the list of equipment where a lift was.
const LIFT_STOOD_HERE: &str = "misto:lift";

/// A list of attributes.
pub type Attributes = Map<String, Value>;

/// The attributes of a place; `place` is the whole item but its geometry.
pub(super) fn read(mut place: Value) -> Attributes {
    let tags = taken_tags(&mut place);
    let ways_in = taken_ways_in(&mut place);
    let lifts = taken_lifts(&mut place);
    let mut attributes = lens::get(PLACE, &place);
    let mut ways_in: Vec<Attributes> = ways_in.into_iter().map(|way| read_part(ENTRANCE, way)).collect();
    let mut lifts: Vec<Attributes> = lifts.into_iter().map(|lift| read_part(LIFT, lift)).collect();
    apply(tags, &mut attributes, &mut ways_in, &mut lifts);
    lens::strip(PLACE, &mut place, &attributes);
    for (path, value) in [("formatVersion", FORMAT_VERSION), ("properties/category", "undefined")] {
        if paths::at(&place, path) == [value] {
            paths::remove(&mut place, path);
        }
    }
    if let Some(rest) = flat(&mut ways_in, &mut attributes) {
        paths::put(&mut place, WAYS_IN, Value::Array(vec![Value::Object(rest)]));
    }
    for (name, parts) in [(ENTRANCES, ways_in), (LIFTS, lifts)] {
        if !parts.is_empty() {
            attributes.insert(name.to_owned(), serde_json::json!(parts).to_string().into());
        }
    }
    if place.as_object().is_some_and(|rest| !rest.is_empty()) {
        attributes.insert(A11Y_REST.to_owned(), place.to_string().into());
    }
    attributes
}

/// The only way in, where nothing tells it from the venue, is the venue's own; gives what is left of it.
fn flat(ways_in: &mut Vec<Attributes>, attributes: &mut Attributes) -> Option<Attributes> {
    let plain = |way: &Attributes| way.keys().all(|name| is_way_in(name) || name == A11Y_REST);
    if ways_in.len() != 1 || !ways_in.iter().all(plain) || attributes.keys().any(|name| is_way_in(name)) {
        return None;
    }
    let mut way = ways_in.pop()?;
    let rest = way.shift_remove(A11Y_REST).and_then(|rest| rest.as_object().cloned()).unwrap_or_default();
    // A way in that says nothing at all is kept as that.
    let kept = (!rest.is_empty() || way.is_empty()).then_some(rest);
    attributes.extend(way);
    kept
}

fn read_part(fields: &[Field], mut part: Value) -> Attributes {
    let mut attributes = lens::get(fields, &part);
    lens::strip(fields, &mut part, &attributes);
    if let Some(position) = point(&part) {
        attributes.insert("position".to_owned(), position);
        paths::remove(&mut part, "geometry");
    }
    if part.as_object().is_some_and(|rest| !rest.is_empty()) {
        attributes.insert(A11Y_REST.to_owned(), part);
    }
    attributes
}

/// The position of a part, where its geometry is a plane point and nothing else.
fn point(part: &Value) -> Option<Value> {
    let geometry = part.get("geometry")?.as_object()?;
    let at = geometry.get("coordinates")?.as_array()?;
    let plane = at.len() == 2 && at.iter().all(Value::is_number);
    (geometry.len() == 2 && geometry.get("type")? == "Point" && plane).then(|| Value::Array(at.clone()))
}

/// The place of the attributes, with the entrances and lifts that are features of their own.
/// Its geometry is left to who writes it.
pub(super) fn write(attributes: &Attributes, more_ways_in: &[Attributes], more_lifts: &[Attributes]) -> Value {
    let mut place = Value::Object(object(attributes, A11Y_REST));
    lens::put(PLACE, &mut place, attributes);
    let mut ways_in = objects(attributes, ENTRANCES);
    ways_in.extend(more_ways_in.iter().cloned());
    put_ways_in(&mut place, attributes, &ways_in);
    let mut lifts = objects(attributes, LIFTS);
    lifts.extend(more_lifts.iter().cloned());
    put_lifts(&mut place, &lifts);
    for (path, value) in [("formatVersion", FORMAT_VERSION), ("properties/category", "undefined")] {
        if paths::at(&place, path).is_empty() {
            paths::put(&mut place, path, value.into());
        }
    }
    put_tags(&mut place, attributes, &ways_in, &lifts);
    place
}

fn put_ways_in(place: &mut Value, attributes: &Attributes, ways_in: &[Attributes]) {
    let rest_of_the_only_one = || paths::at(place, WAYS_IN).first().and_then(|list| list.get(0)).cloned();
    if !ways_in.is_empty() {
        let written = ways_in.iter().map(|way| write_part(ENTRANCE, way)).collect();
        paths::put(place, WAYS_IN, Value::Array(written));
        return;
    }
    let rest = rest_of_the_only_one();
    let own: Attributes = attributes
        .iter()
        .filter(|(name, value)| is_way_in(name) && !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if rest.is_none() && own.is_empty() {
        return;
    }
    let mut way = rest.unwrap_or_else(|| Value::Object(Map::new()));
    lens::put(&ENTRANCE[1..], &mut way, &own);
    paths::put(place, WAYS_IN, Value::Array(vec![way]));
}

fn write_part(fields: &[Field], part: &Attributes) -> Value {
    let mut written = Value::Object(object(part, A11Y_REST));
    lens::put(fields, &mut written, part);
    if let Some(at @ Value::Array(_)) = part.get("position").filter(|_| std::ptr::eq(fields, ENTRANCE)) {
        paths::put(&mut written, "geometry", serde_json::json!({"type": "Point", "coordinates": at}));
    }
    written
}

fn put_lifts(place: &mut Value, lifts: &[Attributes]) {
    let kept = paths::at(place, EQUIPMENT).first().and_then(|list| list.as_array()).cloned();
    if kept.is_none() && lifts.is_empty() {
        return;
    }
    let mut lifts = lifts.iter().map(|lift| {
        let mut written = write_part(LIFT, lift);
        paths::put(&mut written, "category", "elevator".into());
        written
    });
    let mut equipment = Vec::new();
    for item in kept.unwrap_or_default() {
        match item {
            Value::String(mark) if mark == LIFT_STOOD_HERE => equipment.extend(lifts.next()),
            other => equipment.push(other),
        }
    }
    equipment.extend(lifts);
    paths::put(place, EQUIPMENT, Value::Array(equipment));
}

fn taken_ways_in(place: &mut Value) -> Vec<Value> {
    let all_objects = |list: &&Value| list.as_array().is_some_and(|l| !l.is_empty() && l.iter().all(Value::is_object));
    let Some(list) = paths::at(place, WAYS_IN).first().copied().filter(all_objects).cloned() else { return Vec::new() };
    paths::remove(place, WAYS_IN);
    list.as_array().cloned().unwrap_or_default()
}

fn taken_lifts(place: &mut Value) -> Vec<Value> {
    let is_lift = |item: &Value| item["category"] == "elevator";
    let Some(items) = paths::at(place, EQUIPMENT).first().and_then(|list| list.as_array()).cloned() else {
        return Vec::new();
    };
    if !items.iter().any(is_lift) {
        return Vec::new();
    }
    let mark = |item: &Value| if is_lift(item) { LIFT_STOOD_HERE.into() } else { item.clone() };
    if items.iter().all(is_lift) {
        paths::remove(place, EQUIPMENT);
    } else {
        paths::put(place, EQUIPMENT, Value::Array(items.iter().map(mark).collect()));
    }
    let mut lifts: Vec<Value> = items.into_iter().filter(is_lift).collect();
    lifts.iter_mut().for_each(|lift| paths::remove(lift, "category"));
    lifts
}

/// Attributes that a program which knows Misto wrote as tags.
fn taken_tags(place: &mut Value) -> Vec<(String, Value)> {
    let Some(tags) = paths::at(place, TAGS).first().and_then(|tags| tags.as_object()).cloned() else {
        return Vec::new();
    };
    let mut ours = Vec::new();
    for (name, value) in tags {
        let (Some(attribute), Some(text)) = (name.strip_prefix(PREFIX), value.as_str()) else { continue };
        ours.push((attribute.to_owned(), from_text(text)));
        if let Some(tags) = place["properties"]["tags"].as_object_mut() {
            tags.shift_remove(&name);
        }
    }
    if !ours.is_empty() && place["properties"]["tags"].as_object().is_some_and(Map::is_empty) {
        paths::remove(place, TAGS);
    }
    ours
}

fn apply(tags: Vec<(String, Value)>, venue: &mut Attributes, ways_in: &mut [Attributes], lifts: &mut [Attributes]) {
    for (name, value) in tags {
        let mut steps = name.splitn(3, '/');
        let target = match (steps.next(), steps.next().and_then(|n| n.parse::<usize>().ok()), steps.next()) {
            (Some("entrances"), Some(index), Some(name)) => ways_in.get_mut(index).map(|way| (way, name)),
            (Some("lifts"), Some(index), Some(name)) => lifts.get_mut(index).map(|lift| (lift, name)),
            _ => Some((&mut *venue, name.as_str())),
        };
        match target {
            // These are read from their own places only.
            Some((_, A11Y_REST | ENTRANCES | LIFTS)) | None => {}
            Some((attributes, name)) if value.is_null() => {
                attributes.shift_remove(name);
            }
            Some((attributes, name)) => {
                attributes.insert(name.to_owned(), value);
            }
        }
    }
}

/// What the place does not say as the attributes do: written beside it.
fn put_tags(place: &mut Value, attributes: &Attributes, ways_in: &[Attributes], lifts: &[Attributes]) {
    let again = read(place.clone());
    let mut tags = Vec::new();
    differences("", attributes, &again, &|name| !is_way_in(name), &mut tags);
    if ways_in.is_empty() {
        // The venue's own way in is the only entrance there.
        differences("entrances/0/", attributes, &again, &is_way_in, &mut tags);
    } else {
        differences("", attributes, &Map::new(), &is_way_in, &mut tags);
    }
    for (list, parts) in [(ENTRANCES, ways_in), (LIFTS, lifts)] {
        let mut read_again = objects(&again, list);
        if read_again.is_empty() && list == ENTRANCES && parts.len() == 1 {
            read_again.push(again.iter().filter(|(name, _)| is_way_in(name)).map(owned).collect());
        }
        for (index, part) in parts.iter().enumerate() {
            let none = Map::new();
            let again = read_again.get(index).unwrap_or(&none);
            differences(&format!("{list}/{index}/"), part, again, &|_| true, &mut tags);
        }
    }
    for (name, value) in tags {
        if !place["properties"]["tags"].is_object() {
            paths::put(place, TAGS, Value::Object(Map::new()));
        }
        if let Some(tags) = place["properties"]["tags"].as_object_mut() {
            tags.insert(format!("{PREFIX}{name}"), value.into());
        }
    }
}

fn owned((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

fn differences(
    prefix: &str,
    wanted: &Attributes,
    said: &Attributes,
    counts: &dyn Fn(&str) -> bool,
    tags: &mut Vec<(String, String)>,
) {
    let names = wanted.keys().chain(said.keys().filter(|name| !wanted.contains_key(*name)));
    for name in names {
        if [A11Y_REST, ENTRANCES, LIFTS].contains(&name.as_str()) || !counts(name) {
            continue;
        }
        let (want, say) = (wanted.get(name).unwrap_or(&Value::Null), said.get(name).unwrap_or(&Value::Null));
        if !same(want, say) {
            tags.push((format!("{prefix}{name}"), to_text(want)));
        }
    }
}

/// A value as the text of a tag: a text is itself unless it would be read as something else.
fn to_text(value: &Value) -> String {
    match value {
        Value::String(text) if serde_json::from_str::<Value>(text).is_err() => text.clone(),
        other => other.to_string(),
    }
}

fn from_text(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}
