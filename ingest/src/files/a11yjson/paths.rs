//! Places inside a JSON document: names separated by `/`; `*` is every item of a list, `@` the
//! toilet that is meant (the first that a wheelchair user can use, else the first).

use serde_json::{Map, Value};

/// All values at a path.
pub(super) fn at<'a>(root: &'a Value, path: &str) -> Vec<&'a Value> {
    let mut found = vec![root];
    for step in path.split('/') {
        found = found.into_iter().flat_map(|value| inside(value, step)).collect();
    }
    found
}

fn inside<'a>(value: &'a Value, step: &str) -> Vec<&'a Value> {
    match (step, value) {
        ("*", Value::Array(items)) => items.iter().collect(),
        ("@", Value::Array(items)) => items.get(meant(items)).into_iter().collect(),
        (name, Value::Object(object)) => object.get(name).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn meant(restrooms: &[Value]) -> usize {
    let accessible = |room: &Value| room["isAccessibleWithWheelchair"] == Value::Bool(true);
    restrooms.iter().position(accessible).unwrap_or(0)
}

/// Puts a value at a path; what is missing on the way is made, in lists the first item is taken.
pub(super) fn put(root: &mut Value, path: &str, value: Value) {
    match path.split_once('/') {
        None => {
            entered(root).insert(path.to_owned(), value);
        }
        Some((name, rest)) => {
            let next = entered(root).entry(name).or_insert(Value::Null);
            match rest.split_once('/') {
                Some((step @ ("*" | "@"), rest)) => put(item(next, step), rest, value),
                _ => put(next, rest, value),
            }
        }
    }
}

/// The value as an object; what is none makes room.
fn entered(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    value.as_object_mut().expect("it was just made one")
}

fn item<'a>(value: &'a mut Value, step: &str) -> &'a mut Value {
    if value.as_array().is_none_or(Vec::is_empty) {
        *value = Value::Array(vec![Value::Object(Map::new())]);
    }
    let items = value.as_array_mut().expect("it was just made one");
    let index = if step == "@" { meant(items) } else { 0 };
    &mut items[index]
}

/// Takes away what stands at a path, and the objects that this leaves empty (items of lists stay).
pub(super) fn remove(root: &mut Value, path: &str) {
    let (name, rest) = path.split_once('/').map_or((path, None), |(name, rest)| (name, Some(rest)));
    match (name, rest, root) {
        ("*", Some(rest), Value::Array(items)) => items.iter_mut().for_each(|item| remove(item, rest)),
        ("@", Some(rest), Value::Array(items)) => {
            let index = meant(items);
            if let Some(item) = items.get_mut(index) {
                remove(item, rest);
            }
        }
        (name, Some(rest), Value::Object(object)) => {
            let Some(next) = object.get_mut(name) else { return };
            let was_empty = next.as_object().is_some_and(Map::is_empty);
            remove(next, rest);
            if !was_empty && next.as_object().is_some_and(Map::is_empty) {
                object.shift_remove(name);
            }
        }
        (name, None, Value::Object(object)) => {
            object.shift_remove(name);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_put_is_found_and_leaves_nothing_when_removed() {
        let mut root = json!({"door": {}});
        put(&mut root, "stairs/count", json!(3));
        put(&mut root, "rooms/@/toilet/height", json!(50));
        assert_eq!(at(&root, "rooms/@/toilet/height"), [&json!(50)]);
        remove(&mut root, "stairs/count");
        remove(&mut root, "rooms/@/toilet/height");
        remove(&mut root, "nothing/here");
        assert_eq!(root, json!({"door": {}, "rooms": [{}]}), "what was empty stays, items stay");
    }

    #[test]
    fn every_item_is_looked_at_and_the_accessible_toilet_is_meant() {
        let root = json!({"m": [{"a": true}, {}, {"a": false}], "r": [{"w": 1}, {"isAccessibleWithWheelchair": true, "w": 2}]});
        assert_eq!(at(&root, "m/*/a"), [&json!(true), &json!(false)]);
        assert_eq!(at(&root, "r/@/w"), [&json!(2)]);
    }
}
