//! Declared fields of documents: what both backends index, and what they say when
//! a field that may be held once is held twice.

use std::collections::BTreeMap;

use misto_model::{Error, Result};
use serde_json::Value;

use crate::{DocumentWrite, Field};

/// Bytes of a value's JSON text that an index holds.
const LONGEST: usize = 1_024;

impl Field {
    /// What the index holds of a document: the JSON text of the member. `None` when the
    /// member is absent or null: unknown is not a value.
    ///
    /// # Errors
    /// `Invalid` (field: the field's name) for a list, an object or more than 1 024 bytes.
    pub(crate) fn value_in(&self, body: &Value) -> Result<Option<String>> {
        body.pointer(&self.pointer).map_or(Ok(None), |value| self.text(value))
    }

    /// The text under which documents with this value are found.
    pub(crate) fn text(&self, value: &Value) -> Result<Option<String>> {
        match value {
            Value::Null => Ok(None),
            Value::Array(_) | Value::Object(_) => {
                Err(Error::invalid(&self.name, "is declared as a field, so it must be a text, a number, true or false"))
            }
            scalar => Some(scalar.to_string()).filter(|text| text.len() <= LONGEST).map(Some).ok_or_else(|| {
                Error::invalid(&self.name, format!("is declared as a field, so it may have at most {LONGEST} bytes"))
            }),
        }
    }

    fn check(&self) -> Result<()> {
        let names = 1..=64;
        if !names.contains(&self.name.len()) || self.name.chars().any(char::is_control) {
            return Err(Error::invalid("name", "a field needs a name of 1 to 64 bytes without control characters"));
        }
        let escapes = self.pointer.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        if !self.pointer.starts_with('/') || !escapes || self.pointer.contains('\0') {
            let reason = format!("{:?} is no JSON pointer (RFC 6901) to a member, for example /email", self.pointer);
            return Err(Error::invalid(&self.name, reason));
        }
        Ok(())
    }
}

/// The fields in the order of their names.
///
/// # Errors
/// `Invalid` when one cannot be declared or a name comes twice.
pub(crate) fn ordered(fields: &[Field]) -> Result<Vec<Field>> {
    fields.iter().try_for_each(Field::check)?;
    let mut ordered = fields.to_vec();
    ordered.sort_by(|one, other| one.name.cmp(&other.name));
    match ordered.windows(2).find(|two| two[0].name == two[1].name) {
        Some(two) => Err(Error::invalid(&two[0].name, "is declared twice")),
        None => Ok(ordered),
    }
}

/// The field of that name.
pub(crate) fn named<'a>(fields: &'a [Field], kind: &str, name: &str) -> Result<&'a Field> {
    let undeclared = || Error::invalid("field", format!("documents of kind {kind:?} declare no field {name:?}"));
    fields.iter().find(|field| field.name == name).ok_or_else(undeclared)
}

/// What stands of each document after all writes; removed ones are left out.
pub(crate) fn standing(writes: &[DocumentWrite]) -> BTreeMap<(&str, &str), &Value> {
    let mut standing = BTreeMap::new();
    for write in writes {
        match write {
            DocumentWrite::Put { kind, key, body, .. } => standing.insert((kind.as_str(), key.as_str()), body),
            DocumentWrite::Repeat { kind, document } => {
                standing.insert((kind.as_str(), document.key.as_str()), &document.body)
            }
            DocumentWrite::Remove { kind, key, .. } => standing.remove(&(kind.as_str(), key.as_str())),
        };
    }
    standing
}

/// Not the version that the writer saw.
pub(crate) fn changed(kind: &str, key: &str) -> Error {
    Error::changed(format!("{kind} {key:?}"), None)
}

/// Another document holds the value of a unique field; `other` is its key when it still stands.
pub(crate) fn taken(kind: &str, key: &str, field: &str, other: Option<&str>) -> Error {
    let other = other.map_or_else(|| "another".to_owned(), |other| format!("{other:?}"));
    let what =
        format!("{kind} {key:?} cannot be written: {kind} {other} has the same {field}, which only one may have");
    Error::Conflict { what, current: None }
}

/// Two documents that stand hold the same value of a field that is to be unique.
pub(crate) fn shared(kind: &str, field: &str, one: &str, other: &str) -> Error {
    Error::invalid(field, format!("cannot be unique: {kind} {one:?} and {kind} {other:?} hold the same"))
}
