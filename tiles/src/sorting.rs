//! The order of features on pages, and the place of one in it.

use std::cmp::Ordering;

use misto_model::{Audience, Collection, Error, FeatureId, PropertyType, Result};
use serde_json::Value;

use crate::attributes::Attribute;
use crate::audience::visible_columns;
use crate::contents::Placed;
use crate::filter::{ID, Known, known, unknown_attribute};

/// An attribute to sort by. Unknown comes last in either direction; texts are ordered by
/// their characters' numbers in Unicode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortKey {
    /// The attribute, or `id`.
    pub name: String,
    /// The greatest first.
    pub descending: bool,
}

/// Keys checked against a collection; what is alike in all of them comes by number.
pub(crate) struct Sorting {
    keys: Vec<Key>,
}

struct Key {
    /// Its column; `None`: the feature's number.
    attribute: Option<(usize, PropertyType)>,
    descending: bool,
}

/// The values a feature is sorted by.
pub(crate) struct Rank<'f> {
    values: Vec<Option<Known<'f>>>,
    id: FeatureId,
}

impl Sorting {
    /// Most keys of one order.
    const MAX_KEYS: usize = 8;

    pub(crate) fn of(collection: &Collection, keys: &[SortKey], audience: Audience) -> Result<Self> {
        if keys.len() > Self::MAX_KEYS {
            return Err(Error::invalid("sortby", format!("at most {} attributes", Self::MAX_KEYS)));
        }
        let key = |key: &SortKey| {
            let found = visible_columns(collection, audience).find(|(_, property)| property.name == key.name);
            let attribute = match found {
                Some((column, property)) => Some((column, property.kind)),
                None if key.name == ID => None,
                None => return Err(unknown_attribute(collection, &key.name)),
            };
            Ok(Key { attribute, descending: key.descending })
        };
        Ok(Self { keys: keys.iter().map(key).collect::<Result<_>>()? })
    }

    pub(crate) fn is_by_number(&self) -> bool {
        self.keys.is_empty()
    }

    pub(crate) fn rank<'f>(&self, placed: &'f Placed) -> Rank<'f> {
        let value = |key: &Key| placed.row.get(key.attribute?.0);
        let values = self.keys.iter().map(|key| key.read(value(key), placed.id)).collect();
        Rank { values, id: placed.id }
    }

    /// The values of a feature as a link carries them.
    pub(crate) fn values(&self, placed: &Placed) -> Vec<Value> {
        let value = |key: &Key| placed.row.get(key.attribute?.0);
        self.keys.iter().map(|key| value(key).map_or(Value::Null, Attribute::to_json)).collect()
    }

    /// The rank that a link carries.
    pub(crate) fn rank_of<'f>(&self, values: &'f [Value], id: FeatureId) -> Result<Rank<'f>> {
        if values.len() != self.keys.len() {
            return Err(Error::invalid("after", "it belongs to another sortby; take it from a next link"));
        }
        let read = |(key, value): (&Key, &'f Value)| key.read(Some(Attribute::of(value)), id);
        Ok(Rank { values: self.keys.iter().zip(values).map(read).collect(), id })
    }

    pub(crate) fn order(&self, a: &Rank<'_>, b: &Rank<'_>) -> Ordering {
        for (key, (a, b)) in self.keys.iter().zip(a.values.iter().zip(&b.values)) {
            let order = match (a, b) {
                (Some(a), Some(b)) if key.descending => order(b, a),
                (Some(a), Some(b)) => order(a, b),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => Ordering::Equal,
            };
            if order.is_ne() {
                return order;
            }
        }
        a.id.cmp(&b.id)
    }
}

impl Key {
    fn read<'f>(&self, value: Option<Attribute<'f>>, id: FeatureId) -> Option<Known<'f>> {
        match self.attribute {
            Some((_, kind)) => known(value?, kind),
            None => Some(Known::of_id(id)),
        }
    }
}

fn order(a: &Known<'_>, b: &Known<'_>) -> Ordering {
    match (a, b) {
        (Known::Text(a), Known::Text(b)) => a.cmp(b),
        (Known::Number(a), Known::Number(b)) => a.order(*b),
        (Known::Boolean(a), Known::Boolean(b)) => a.cmp(b),
        (Known::Time(a), Known::Time(b)) => a.earliest.cmp(&b.earliest),
        _ => Ordering::Equal, // of one attribute all are of one kind
    }
}
