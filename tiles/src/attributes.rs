//! Attributes in memory: a row of small values in the order of the schema.
//!
//! A map of names and values took ten times the memory of what it said, and every tile
//! looked the names up again.

use std::collections::HashMap;
use std::sync::Arc;

use arcstr::ArcStr;
use foldhash::fast::RandomState;
use misto_model::{Collection, Properties};
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::words::Words;

/// A value of one attribute of one feature: 16 bytes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    /// Nobody said anything of it.
    Absent,
    /// Said to be unknown.
    Null,
    Bool(bool),
    Whole(i64),
    /// A whole number beyond `i64`.
    Large(u64),
    Real(f64),
    Text(ArcStr),
    /// A list or an object, which no schema has a type for.
    Nested(Arc<Value>),
}

/// A value that is known or said to be unknown, borrowed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Attribute<'a> {
    /// Unknown.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Whole(i64),
    /// A whole number beyond `i64`.
    Large(u64),
    /// A number.
    Real(f64),
    /// A text.
    Text(&'a str),
    /// A list or an object.
    Nested(&'a Value),
}

impl Cell {
    fn of(value: Value, words: &Words) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::String(text) => Self::Text(words.keep(&text)),
            Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
                (Some(whole), _, _) => Self::Whole(whole),
                (_, Some(large), _) => Self::Large(large),
                (_, _, Some(real)) => Self::Real(real),
                _ => Self::Null,
            },
            nested => Self::Nested(Arc::new(nested)),
        }
    }

    /// `None` where nobody said anything.
    pub(crate) fn attribute(&self) -> Option<Attribute<'_>> {
        Some(match self {
            Self::Absent => return None,
            Self::Null => Attribute::Null,
            Self::Bool(value) => Attribute::Bool(*value),
            Self::Whole(value) => Attribute::Whole(*value),
            Self::Large(value) => Attribute::Large(*value),
            Self::Real(value) => Attribute::Real(*value),
            Self::Text(text) => Attribute::Text(text),
            Self::Nested(value) => Attribute::Nested(value),
        })
    }
}

impl<'a> Attribute<'a> {
    /// A JSON value.
    pub(crate) fn of(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::String(text) => Self::Text(text),
            Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
                (Some(whole), _, _) => Self::Whole(whole),
                (_, Some(large), _) => Self::Large(large),
                (_, _, Some(real)) => Self::Real(real),
                _ => Self::Null,
            },
            nested => Self::Nested(nested),
        }
    }

    /// As a JSON value.
    pub fn to_json(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => value.into(),
            Self::Whole(value) => value.into(),
            Self::Large(value) => value.into(),
            Self::Real(value) => value.into(),
            Self::Text(text) => text.into(),
            Self::Nested(value) => value.clone(),
        }
    }

    /// Any number as a double.
    pub(crate) fn as_f64(self) -> Option<f64> {
        match self {
            Self::Whole(value) => Some(value as f64),
            Self::Large(value) => Some(value as f64),
            Self::Real(value) => Some(value),
            _ => None,
        }
    }
}

impl Serialize for Attribute<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Whole(value) => serializer.serialize_i64(*value),
            Self::Large(value) => serializer.serialize_u64(*value),
            Self::Real(value) => serializer.serialize_f64(*value),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Nested(value) => value.serialize(serializer),
        }
    }
}

/// The attributes of one feature.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    cells: Box<[Cell]>,
    /// What the schema does not know: for staff only, since it has no audience.
    beyond: Option<Box<Properties>>,
}

impl Row {
    /// The value in a column; `None` where nobody said anything.
    pub(crate) fn get(&self, column: usize) -> Option<Attribute<'_>> {
        self.cells.get(column)?.attribute()
    }

    pub(crate) fn cell(&self, column: usize) -> &Cell {
        self.cells.get(column).unwrap_or(&Cell::Absent)
    }

    pub(crate) fn beyond(&self) -> Option<&Properties> {
        self.beyond.as_deref()
    }
}

/// Where the attributes of a collection's schema stand in its rows.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    names: Vec<String>,
    by_name: HashMap<String, usize, RandomState>,
    words: Words,
    /// The column of `rank`.
    pub(crate) rank: Option<usize>,
}

impl Columns {
    pub(crate) fn of(collection: &Collection) -> Self {
        let names: Vec<_> = collection.properties.iter().map(|property| property.name.clone()).collect();
        let by_name: HashMap<_, _, _> = names.iter().cloned().zip(0..).collect();
        Self { rank: by_name.get("rank").copied(), names, by_name, words: Words::default() }
    }

    /// Attributes nearly always come in the order of the schema, so that the next name is at hand.
    pub(crate) fn row(&self, properties: Properties) -> Row {
        let mut cells = vec![Cell::Absent; self.names.len()].into_boxed_slice();
        let mut beyond = Properties::new();
        let mut next = 0;
        for (name, value) in properties {
            let column = match self.names.get(next) {
                Some(expected) if *expected == name => Some(next),
                _ => self.by_name.get(&name).copied(),
            };
            match column {
                Some(column) => {
                    cells[column] = Cell::of(value, &self.words);
                    next = column + 1;
                }
                None => drop(beyond.insert(name, value)),
            }
        }
        Row { cells, beyond: (!beyond.is_empty()).then(|| Box::new(beyond)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_cell_takes_16_bytes() {
        assert_eq!(size_of::<Cell>(), 16);
    }

    #[test]
    fn values_come_back_as_they_were() {
        let words = Words::default();
        for value in [
            json!(null),
            json!(true),
            json!(-5),
            json!(u64::MAX),
            json!(5.0),
            json!(1e300),
            json!("є"),
            json!(["a", 1]),
        ] {
            let cell = Cell::of(value.clone(), &words);
            let attribute = cell.attribute().unwrap();
            assert_eq!(attribute, Attribute::of(&value));
            assert_eq!(attribute.to_json(), value);
            assert_eq!(serde_json::to_string(&attribute).unwrap(), value.to_string());
        }
    }
}
