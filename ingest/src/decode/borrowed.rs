//! JSON values whose texts stand in the payload: for formats that come by the
//! hundred thousand, where a tree of `serde_json::Value` costs an allocation for
//! every key and every text.

use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

use super::json;
use super::refusal::Refusal;

/// Fields that an object of a vehicle is expected to have.
const FIELDS: usize = 24;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Borrowed<'a> {
    Null,
    Truth(bool),
    Number(Number),
    /// Owned where the payload spells it with escapes.
    Text(Cow<'a, str>),
    List(Vec<Borrowed<'a>>),
    /// In the order of the payload.
    Object(Vec<(Cow<'a, str>, Borrowed<'a>)>),
}

impl<'a> Borrowed<'a> {
    /// Bytes to JSON.
    ///
    /// # Errors
    /// As [`json::parse`].
    pub fn parse(payload: &'a [u8]) -> Result<Self, Refusal> {
        let text = json::text(payload)?;
        serde_json::from_str(text).map_err(|error| json::syntax(text, &error))
    }

    /// Its fields, when it is an object.
    pub fn as_object(&self) -> Option<&[(Cow<'a, str>, Self)]> {
        match self {
            Self::Object(fields) => Some(fields),
            _ => None,
        }
    }

    /// Its text, when it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Its number, when it is a whole one.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// What it is, in words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Truth(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }

    /// A copy that does not need the payload.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Truth(truth) => Value::Bool(*truth),
            Self::Number(number) => Value::Number(number.clone()),
            Self::Text(text) => Value::from(text.as_ref()),
            Self::List(items) => items.iter().map(Self::to_value).collect(),
            Self::Object(fields) => {
                Value::Object(fields.iter().map(|(key, value)| (key.clone().into_owned(), value.to_value())).collect())
            }
        }
    }
}

/// The value under a key; of several the last counts, as in `serde_json::Map`.
pub(super) fn get<'v, 'a>(object: &'v [(Cow<'a, str>, Borrowed<'a>)], key: &str) -> Option<&'v Borrowed<'a>> {
    object.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
}

/// A text or a key: borrowed where it can be.
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(TextVisitor).map(Text)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Cow<'de, str>;
    fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str("a text")
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Borrowed<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Borrowed<'de>;
    fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Borrowed::Null)
    }
    fn visit_bool<E>(self, truth: bool) -> Result<Self::Value, E> {
        Ok(Borrowed::Truth(truth))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Borrowed::Number(number.into()))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Borrowed::Number(number.into()))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Number::from_f64(number).map_or(Borrowed::Null, Borrowed::Number))
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Borrowed::Text(Cow::Borrowed(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Borrowed::Text(Cow::Owned(text.to_owned())))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Borrowed::List(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some(Text(key)) = map.next_key()? {
            let value = map.next_value()?;
            // An object around the one that matters has a single field.
            if fields.len() == 1 {
                fields.reserve(FIELDS);
            }
            fields.push((key, value));
        }
        Ok(Borrowed::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_same_value_as_the_owned_one() {
        for text in [
            r#"{"VP":{"desi":"550","dl":-20,"spd":8.25,"stop":null,"list":[1,true,"a\tb",{"k":{}}],"veh":18446744073709551615}}"#,
            r#"{"a":1,"b":2,"a":3}"#,
            r#""ї\u0457""#,
            "[]",
            "-0.0",
        ] {
            let owned: Value = serde_json::from_str(text).unwrap();
            let borrowed = Borrowed::parse(text.as_bytes()).unwrap();
            assert_eq!(borrowed.to_value(), owned, "{text}");
            for (key, value) in owned.as_object().into_iter().flatten() {
                assert_eq!(&get(borrowed.as_object().unwrap(), key).unwrap().to_value(), value, "{text} {key}");
            }
        }
    }

    #[test]
    fn what_is_no_json_is_refused_in_the_same_words() {
        for text in ["", "{\"lat\":1", "{\"lat\":NaN}", "{\"lat\":1e400}", &"[".repeat(5_000)] {
            assert_eq!(
                Borrowed::parse(text.as_bytes()).unwrap_err(),
                json::parse(text.as_bytes()).unwrap_err(),
                "{text:.40}"
            );
        }
    }
}
