//! What of a collection a page of items shows, beyond box and plain conditions: `filter`,
//! `datetime`, `sortby`, `properties`, `skipGeometry`, and the place where a page ended.

use misto_model::FeatureId;
use misto_tiles::{ItemsQuery, SortKey};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::filtering::{filter, names};
use crate::problem::{Answer, Problem};

/// Parameters as they were sent, by name.
const NAMES: [&str; 7] = ["filter", "filter-lang", "filter-crs", "datetime", "sortby", "properties", "skipGeometry"];

/// The parameters of a request that refine its page.
#[derive(Debug, Default)]
pub struct Refinement {
    sent: Vec<(String, String)>,
}

impl Refinement {
    /// Takes the parameter if it is one of these.
    ///
    /// # Errors
    /// 400 when it was sent before.
    pub fn takes(&mut self, name: &str, value: &str) -> Answer<bool> {
        if !NAMES.contains(&name) {
            return Ok(false);
        }
        if self.sent.iter().any(|(sent, _)| sent == name) {
            return Err(Problem::invalid(name, "it was given twice"));
        }
        self.sent.push((name.to_owned(), value.to_owned()));
        Ok(true)
    }

    fn sent(&self, name: &str) -> Option<&str> {
        self.sent.iter().find(|(sent, _)| sent == name).map(|(_, value)| value.as_str())
    }

    /// The query with these parameters in it.
    ///
    /// # Errors
    /// 400 naming the parameter that cannot be used.
    pub fn apply(&self, query: ItemsQuery) -> Answer<ItemsQuery> {
        let skip_geometry = match self.sent("skipGeometry") {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(Problem::invalid("skipGeometry", "expected true or false")),
        };
        Ok(ItemsQuery {
            filter: filter(self.sent("filter"), self.sent("filter-lang"), self.sent("filter-crs"))?,
            datetime: self.sent("datetime").map(str::parse).transpose()?,
            sort: self.sent("sortby").map_or(Ok(Vec::new()), sort_keys)?,
            properties: names(self.sent("properties")),
            skip_geometry,
            ..query
        })
    }

    /// The same parameters for a link, each with `&` before it.
    pub fn href(&self) -> String {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        self.sent.iter().map(|(name, value)| format!("&{name}={}", encode(value))).collect()
    }
}

/// `+a,-b`: the least first, unless `-` stands before the name. A plus that nobody
/// encoded arrives as a space.
fn sort_keys(text: &str) -> Answer<Vec<SortKey>> {
    let key = |text: &str| {
        let (name, descending) = match text.strip_prefix('-') {
            Some(name) => (name, true),
            None => (text.strip_prefix(['+', ' ']).unwrap_or(text), false),
        };
        if name.is_empty() {
            return Err(Problem::invalid("sortby", "expected attributes such as +name,-levels"));
        }
        Ok(SortKey { name: name.to_owned(), descending })
    };
    text.split(',').map(key).collect()
}

/// Where a page ended, as `after` carries it: the feature's number, with what it was
/// sorted by as a JSON array.
pub fn after_text(id: FeatureId, values: &[Value]) -> String {
    if values.is_empty() {
        return id.to_string();
    }
    let all: Vec<Value> = std::iter::once(id.0.into()).chain(values.iter().cloned()).collect();
    Value::Array(all).to_string()
}

/// Reads [`after_text`].
///
/// # Errors
/// 400 for anything else.
pub fn parse_after(text: &str) -> Answer<(FeatureId, Vec<Value>)> {
    let wrong = || Problem::invalid("after", "expected a feature id, or what a next link says");
    if let Ok(id) = text.parse() {
        return Ok((FeatureId(id), Vec::new()));
    }
    let mut values: Vec<Value> = serde_json::from_str(text).map_err(|_| wrong())?;
    if values.is_empty() {
        return Err(wrong());
    }
    let id = values.remove(0).as_i64().ok_or_else(wrong)?;
    Ok((FeatureId(id), values))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_page_continues_where_it_ended() {
        for values in [vec![], vec![json!("Київ, \"центр\""), json!(null), json!(2.5)]] {
            let text = after_text(FeatureId(-7), &values);
            assert_eq!(parse_after(&text).unwrap(), (FeatureId(-7), values));
        }
        for wrong in ["", "x", "[]", "[\"a\"]", "{}", "[1"] {
            assert!(parse_after(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_order_is_read_with_and_without_its_signs() {
        let keys = sort_keys(" name,-levels,+rank,id").unwrap();
        let read: Vec<_> = keys.iter().map(|key| (key.name.as_str(), key.descending)).collect();
        assert_eq!(read, [("name", false), ("levels", true), ("rank", false), ("id", false)]);
        assert!(sort_keys("").is_err() && sort_keys("a,,b").is_err() && sort_keys("-").is_err());
    }
}
