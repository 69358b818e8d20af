//! Numbers as mappers write them (wiki.openstreetmap.org/wiki/Map_features/Units): metres unless
//! a unit stands there, percent or degrees for slopes.

use serde_json::Value;

use crate::files::a11yjson::quantity::{metres, scaled};
use crate::files::venues::number;

/// A length in centimetres: `0.9`, `0.9 m`, `90 cm`, `3'`, `2'6"`; `None` where it is none.
pub(super) fn length(text: &str) -> Option<Value> {
    let text = text.trim();
    if let Some((feet, inches)) = text.split_once('\'') {
        let inches = inches.trim().trim_end_matches('"').trim();
        let inches = if inches.is_empty() { 0.0 } else { amount(inches)? };
        return Some(number((amount(feet)? * 12.0 + inches) * 2.54));
    }
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let unit = unit.trim();
    let factor = if unit.is_empty() { 1.0 } else { metres(unit)? };
    Some(scaled(amount(digits)?, factor * 100.0))
}

/// How steep: `8%`, `8 %`, `-8%`, `5°`; a direction alone (`up`) is no number.
pub(super) fn incline(text: &str) -> Option<Value> {
    let text = text.trim();
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    if let Some(percent) = text.strip_suffix('%') {
        return Some(scaled(amount(percent)?, 1.0));
    }
    let degrees = amount(text.strip_suffix('°')?).filter(|degrees| *degrees < 90.0)?;
    Some(number(degrees.to_radians().tan() * 100.0))
}

/// A number of things; `no` is none of them.
pub(super) fn count(text: &str) -> Option<Value> {
    if text == "no" {
        return Some(Value::from(0));
    }
    text.trim().parse::<u32>().ok().map(Value::from)
}

/// Centimetres as metres, the unit of the map.
pub(super) fn of_length(centimetres: &Value) -> Option<String> {
    centimetres.as_f64().map(|cm| number(cm / 100.0).to_string())
}

fn amount(text: &str) -> Option<f64> {
    let text = text.trim();
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    text.parse::<f64>().ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lengths_are_metres_unless_they_say_otherwise() {
        for (text, centimetres) in [
            ("0.9", 90.0),
            ("0.9 m", 90.0),
            ("90 cm", 90.0),
            ("90cm", 90.0),
            ("905 mm", 90.5),
            ("3'", 91.44),
            ("2'6\"", 76.2),
            ("36 in", 91.44),
            ("700", 70_000.0),
        ] {
            assert!(length(text).unwrap().as_f64() == Some(centimetres), "{text}: {:?}", length(text));
        }
        for text in ["", "wide", "0,9", "~0.9", "<1", "0.8-0.9", "-1", "1e3", "9 parsec", "."] {
            assert_eq!(length(text), None, "{text}");
        }
    }

    #[test]
    fn slopes_and_counts_are_numbers_or_nothing() {
        assert_eq!(incline("8%"), Some(json!(8)));
        assert_eq!(incline("-8.5 %"), Some(json!(8.5)));
        assert_eq!(incline("5°"), Some(json!(8.748_866)));
        assert_eq!((incline("up"), incline("8"), incline("120°")), (None, None, None));
        assert_eq!((count("3"), count("no")), (Some(json!(3)), Some(json!(0))));
        assert_eq!((count("yes"), count("3-4"), count("-1")), (None, None, None));
    }
}
