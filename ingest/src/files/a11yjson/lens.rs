//! Reads attributes out of a document and puts them back. What the document says already is left
//! as it was given, in its unit; what an attribute says now takes the place of what was said before.

use serde_json::{Map, Value, json};

use super::fields::{Field, Kind};
use super::{paths, quantity};
use crate::files::venues::same;

/// What is read of a document: known values only.
pub(super) fn get(fields: &[Field], root: &Value) -> Map<String, Value> {
    let known = |field: &Field| (field.attribute.to_owned(), read(field, root));
    fields.iter().map(known).filter(|(_, value)| !value.is_null()).collect()
}

/// Puts the attributes into a document that holds what no attribute says.
pub(super) fn put(fields: &[Field], root: &mut Value, attributes: &Map<String, Value>) {
    for field in fields {
        put_one(field, root, attributes);
    }
}

fn put_one(field: &Field, root: &mut Value, attributes: &Map<String, Value>) {
    let now = |name: &str| attributes.get(name).cloned().unwrap_or(Value::Null);
    if field.kind == Kind::Portable {
        return;
    }
    let mut stands = same(&read(field, root), &now(field.attribute));
    if field.kind == Kind::Ramp {
        stands &= same(&ramp(field, root).1, &now("ramp_portable"));
    }
    if stands {
        return;
    }
    let value = now(field.attribute);
    match field.kind {
        Kind::Local => return put_language(root, field, "uk", value),
        Kind::English => return put_language(root, field, "en", value),
        Kind::Address => return put_address(root, field, value),
        _ => {}
    }
    field.paths.iter().for_each(|path| paths::remove(root, path));
    match field.kind {
        Kind::Ramp => put_ramp(field, root, &value, &now("ramp_portable")),
        Kind::Steps => put_steps(field, root, &value),
        _ => {
            if let (Some(written), Some(path)) = (written(field.kind, &value), field.paths.first()) {
                paths::put(root, path, written);
            }
        }
    }
}

/// Takes out of a document what the attributes give back exactly, so that the rest is small.
/// A list goes or stays as a whole: its items belong together.
pub(super) fn strip(fields: &[Field], root: &mut Value, attributes: &Map<String, Value>) {
    for field in fields {
        if field.paths.iter().any(|path| path.contains(['*', '@'])) {
            continue;
        }
        let mut anew = Value::Object(Map::new());
        let twin = fields.iter().filter(|other| other.paths == field.paths);
        twin.clone().for_each(|field| put_one(field, &mut anew, attributes));
        let back = |path: &&&str| paths::at(&anew, path) == paths::at(root, path);
        if field.paths.iter().all(|path| back(&path)) {
            field.paths.iter().for_each(|path| paths::remove(root, path));
        }
    }
    let mut anew = Value::Object(Map::new());
    put(fields, &mut anew, attributes);
    for list in fields.iter().flat_map(|field| field.paths).filter_map(|path| list_of(path)) {
        if paths::at(&anew, list) == paths::at(root, list) {
            paths::remove(root, list);
        }
    }
}

/// The path of the list that a path goes through.
fn list_of(path: &str) -> Option<&str> {
    let step = path.find("/*").into_iter().chain(path.find("/@")).min()?;
    path.get(..step)
}

/// What one field says; null where it is unknown.
pub(super) fn read(field: &Field, root: &Value) -> Value {
    match field.kind {
        Kind::Ramp => return ramp(field, root).0,
        Kind::Portable => return ramp(field, root).1,
        Kind::Any => return any(field, root),
        Kind::Steps => return steps(field, root),
        _ => {}
    }
    let values = field.paths.iter().flat_map(|path| paths::at(root, path));
    values.map(|value| simple(field.kind, value)).find(|value| !value.is_null()).unwrap_or(Value::Null)
}

/// Whether something stands there that is no value of the attribute.
pub(super) fn unread<'a>(field: &Field, root: &'a Value) -> Option<&'a Value> {
    if !read(field, root).is_null() || matches!(field.kind, Kind::Yes | Kind::Ramp | Kind::Portable | Kind::English) {
        return None;
    }
    let says = |value: &&Value| !value.is_null() && **value != Value::Bool(false) && **value != json!("undefined");
    field.paths.iter().flat_map(|path| paths::at(root, path)).find(says)
}

fn simple(kind: Kind, value: &Value) -> Value {
    let text = || value.as_str().filter(|text| !text.is_empty());
    let read = match kind {
        Kind::Flag => value.as_bool().map(Value::Bool),
        Kind::Yes => value.as_bool().filter(|yes| *yes).map(Value::Bool),
        Kind::Centimetres => Some(quantity::length(value, 100.0)),
        Kind::Metres => Some(quantity::length(value, 1.0)),
        Kind::Slope => Some(quantity::slope_percent(value)),
        Kind::Count => count(value).map(Value::from),
        Kind::Text | Kind::Url => text().map(Value::from),
        Kind::Category => text().filter(|text| *text != "undefined").map(Value::from),
        Kind::Grade => {
            text().and_then(|text| GRADES.iter().find(|(there, _)| *there == text)).map(|(_, here)| Value::from(*here))
        }
        Kind::Local => local(value).map(Value::from),
        Kind::Address => address(value).map(Value::from),
        Kind::English => value.get("en").and_then(Value::as_str).map(Value::from),
        Kind::List => list(value).map(Value::from),
        Kind::Json => (!value.is_null()).then(|| Value::from(value.to_string())),
        Kind::Any | Kind::Steps | Kind::Ramp | Kind::Portable => None,
    };
    read.unwrap_or(Value::Null)
}

const GRADES: [(&str, &str); 3] = [("fully", "yes"), ("partially", "limited"), ("not", "no")];

fn count(value: &Value) -> Option<i64> {
    let whole = |number: f64| (number.fract() == 0.0 && (0.0..=4e9).contains(&number)).then_some(number as i64);
    whole(value.as_f64()?)
}

/// The Ukrainian text, else the first; texts without a language are older than A11yJSON 4.
fn local(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Object(languages) => languages.get("uk").or_else(|| languages.values().next())?.as_str(),
        _ => None,
    }
}

fn address(value: &Value) -> Option<String> {
    if let Some(text) = value.get("text").and_then(local) {
        return Some(text.to_owned());
    }
    let part = |name: &str| value.get(name).and_then(local).map(str::to_owned);
    match (part("street"), part("house")) {
        (Some(street), Some(house)) => Some(format!("{street}, {house}")),
        (street, _) => street.or_else(|| local(value).filter(|_| value.is_string()).map(str::to_owned)),
    }
}

/// The text of the address; its parts stay.
fn put_address(root: &mut Value, field: &Field, value: Value) {
    let Some(path) = field.paths.first() else { return };
    match value {
        Value::String(_) => paths::put(root, &format!("{path}/text/uk"), value),
        _ => paths::remove(root, path),
    }
}

fn list(value: &Value) -> Option<String> {
    let items: Option<Vec<&str>> = value.as_array()?.iter().map(Value::as_str).collect();
    items
        .filter(|items| !items.is_empty() && items.iter().all(|item| !item.contains(", ")))
        .map(|items| items.join(", "))
}

fn any(field: &Field, root: &Value) -> Value {
    let said: Vec<bool> =
        field.paths.iter().flat_map(|path| paths::at(root, path)).filter_map(Value::as_bool).collect();
    if said.contains(&true) {
        Value::Bool(true)
    } else if said.is_empty() {
        Value::Null
    } else {
        Value::Bool(false)
    }
}

fn steps(field: &Field, root: &Value) -> Value {
    let [stairs, level] = field.paths else { return Value::Null };
    let counted = paths::at(root, stairs).first().and_then(|value| count(value));
    let is_level = || paths::at(root, level).first().is_some_and(|value| **value == Value::Bool(true));
    counted.or_else(|| is_level().then_some(0)).map_or(Value::Null, Value::from)
}

fn put_steps(field: &Field, root: &mut Value, value: &Value) {
    let [stairs, level] = field.paths else { return };
    match count(value) {
        Some(0) => paths::put(root, level, Value::Bool(true)),
        Some(steps) => paths::put(root, stairs, Value::from(steps)),
        None => {}
    }
}

/// Whether there is a ramp and whether it is a removable one. That there is no fixed ramp does
/// not say that there is none.
fn ramp(field: &Field, root: &Value) -> (Value, Value) {
    let said = |path: &&str| paths::at(root, path).first().and_then(|value| value.as_bool());
    match (field.paths.first().and_then(said), field.paths.get(1).and_then(said)) {
        (Some(true), _) => (Value::Bool(true), Value::Bool(false)),
        (_, Some(true)) => (Value::Bool(true), Value::Bool(true)),
        (Some(false), Some(false)) => (Value::Bool(false), Value::Null),
        _ => (Value::Null, Value::Null),
    }
}

fn put_ramp(field: &Field, root: &mut Value, has_ramp: &Value, portable: &Value) {
    let [fixed, removable] = field.paths else { return };
    match (has_ramp.as_bool(), portable.as_bool()) {
        (Some(true), Some(true)) => paths::put(root, removable, Value::Bool(true)),
        (Some(true), _) => paths::put(root, fixed, Value::Bool(true)),
        (Some(false), _) => [fixed, removable].into_iter().for_each(|path| paths::put(root, path, Value::Bool(false))),
        (None, _) => {}
    }
}

/// One language of a text; the other ones stay.
fn put_language(root: &mut Value, field: &Field, language: &str, value: Value) {
    let Some(path) = field.paths.first() else { return };
    let at = format!("{path}/{language}");
    match value {
        Value::String(_) => paths::put(root, &at, value),
        // The first of other languages was shown; somebody emptied it.
        _ if language == "uk" && paths::at(root, &at).is_empty() => {
            field.paths.iter().for_each(|path| paths::remove(root, path));
        }
        _ => paths::remove(root, &at),
    }
}

/// A whole address with a host; the schema of A11yJSON takes no other.
fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    host.is_some_and(|host| host.contains('.')) && !text.contains(char::is_whitespace)
}

fn written(kind: Kind, value: &Value) -> Option<Value> {
    match kind {
        Kind::Flag | Kind::Any => value.is_boolean().then(|| value.clone()),
        Kind::Yes => (*value == Value::Bool(true)).then(|| value.clone()),
        Kind::Centimetres => quantity::of_length(value, "cm"),
        Kind::Metres => quantity::of_length(value, "m"),
        Kind::Slope => quantity::of_slope(value),
        Kind::Count => count(value).map(Value::from),
        Kind::Text => value.is_string().then(|| value.clone()),
        Kind::Url => value.as_str().filter(|text| is_url(text)).map(Value::from),
        Kind::Category => Some(value.as_str().filter(|text| !text.is_empty()).unwrap_or("undefined").into()),
        Kind::Grade => {
            let grade = GRADES.iter().find(|(_, here)| value == here || (value == "designated" && *here == "yes"));
            grade.map(|(there, _)| Value::from(*there))
        }
        Kind::List => {
            let items = value.as_str()?.split(',').map(str::trim).filter(|item| !item.is_empty());
            Some(items.map(Value::from).collect::<Vec<_>>()).filter(|items| !items.is_empty()).map(Value::Array)
        }
        Kind::Json => serde_json::from_str(value.as_str()?).ok(),
        Kind::Local | Kind::English | Kind::Address | Kind::Steps | Kind::Ramp | Kind::Portable => None,
    }
}
