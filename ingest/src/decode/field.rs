//! Single fields of a JSON object: absent, null and (where the format allows
//! it) the empty string are unknown; anything else must be what was promised.

use serde_json::{Map, Value};

use super::refusal::Refusal;

/// How a format writes numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbers {
    /// As JSON numbers only.
    Strict,
    /// As JSON numbers or as text; an empty text is unknown.
    AlsoText,
}

/// A JSON object and how its numbers are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a> {
    object: &'a Map<String, Value>,
    numbers: Numbers,
}

impl<'a> Fields<'a> {
    /// # Errors
    /// When the value is no object; `what` names it.
    pub fn of(value: &'a Value, what: &str, numbers: Numbers) -> Result<Self, Refusal> {
        let object = value.as_object().ok_or_else(|| Refusal::field(what, &kind_of(value), "a JSON object"))?;
        Ok(Self { object, numbers })
    }

    /// The raw value; `None` when absent or null.
    pub fn get(&self, key: &str) -> Option<&'a Value> {
        self.object.get(key).filter(|value| !value.is_null())
    }

    /// A finite number.
    pub fn number(&self, key: &str) -> Result<Option<f64>, Refusal> {
        self.get(key).map_or(Ok(None), |value| number(key, value, self.numbers))
    }

    /// A finite number that must be there.
    pub fn needed_number(&self, key: &str, right: &str) -> Result<f64, Refusal> {
        self.number(key)?.ok_or_else(|| Refusal::missing(key, right))
    }

    /// A text; empty or blank is unknown.
    pub fn text(&self, key: &str) -> Result<Option<&'a str>, Refusal> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
            Some(other) => Err(Refusal::field(key, &kind_of(other), "a text in quotes")),
        }
    }

    /// A text or a whole number, as a name.
    pub fn name(&self, key: &str) -> Result<Option<String>, Refusal> {
        self.get(key).map_or(Ok(None), |value| name(key, value))
    }
}

/// A finite number; `None` for an empty text where texts are numbers.
pub(super) fn number(field: &str, value: &Value, numbers: Numbers) -> Result<Option<f64>, Refusal> {
    match value {
        Value::Null => Ok(None),
        Value::Number(number) => finite(field, number).map(Some),
        Value::String(text) if numbers == Numbers::AlsoText => {
            let text = text.trim();
            if text.is_empty() {
                return Ok(None);
            }
            // Rust's parser takes "NaN" and "inf" and turns 1e400 into infinity: none is a measurement.
            text.parse::<f64>()
                .ok()
                .filter(|number| number.is_finite())
                .map(Some)
                .ok_or_else(|| Refusal::field(field, &format_args!("{text:?}"), "a finite number"))
        }
        Value::String(text) => Err(number_in_quotes(field, text)),
        other => Err(Refusal::field(field, &kind_of(other), "a number")),
    }
}

/// A number as a double.
pub(super) fn finite(field: &str, number: &serde_json::Number) -> Result<f64, Refusal> {
    let double = number.as_f64().filter(|double| double.is_finite());
    double.ok_or_else(|| Refusal::field(field, number, "a finite number"))
}

/// A text where a format writes numbers without quotes.
pub(super) fn number_in_quotes(field: &str, text: &str) -> Refusal {
    Refusal::field(field, &format_args!("the text {text:?}"), "a number without quotes")
}

/// A text, or a whole number written as one; empty is unknown.
pub(super) fn name(field: &str, value: &Value) -> Result<Option<String>, Refusal> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Value::Number(number) => Ok(Some(number.to_string())),
        Value::Bool(truth) => Ok(Some(truth.to_string())),
        other => Err(Refusal::field(field, &kind_of(other), "a text or a number")),
    }
}

/// What a value is, in words.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(value: Value, numbers: Numbers, expected: Result<Option<f64>, &str>) {
        match (number("speed", &value, numbers), expected) {
            (Ok(found), Ok(wanted)) => assert_eq!(found, wanted, "{value}"),
            (Err(refusal), Err(part)) => assert!(refusal.detail.contains(part), "{}", refusal.detail),
            (found, wanted) => panic!("{value}: {found:?} but wanted {wanted:?}"),
        }
    }

    #[test]
    fn numbers_are_finite_or_refused() {
        check(json!(1.5), Numbers::Strict, Ok(Some(1.5)));
        check(json!(null), Numbers::Strict, Ok(None));
        check(json!("1.5"), Numbers::Strict, Err("speed is the text \"1.5\""));
        check(json!("1.5"), Numbers::AlsoText, Ok(Some(1.5)));
        check(json!(""), Numbers::AlsoText, Ok(None));
        for text in ["NaN", "Infinity", "-inf", "1e400", "12,5", "fast"] {
            check(json!(text), Numbers::AlsoText, Err("finite number"));
        }
        check(json!([1]), Numbers::AlsoText, Err("a list"));
    }
}
