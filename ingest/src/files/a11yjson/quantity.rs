//! A11yJSON's `Quantity`. Only what says one number in a unit that is known is a measurement;
//! a text, a comparison (`<`), a range or a foreign unit is kept as it was given and is no number.

use serde_json::{Map, Value, json};

use crate::files::venues::number;

/// Metres of the units of length that js-quantities, the validator's library, knows by these names.
const METRES: [(&[&str], f64); 8] = [
    (&["m", "meter", "meters", "metre", "metres"], 1.0),
    (&["cm", "centimeter", "centimeters", "centimetre", "centimetres"], 0.01),
    (&["mm", "millimeter", "millimeters", "millimetre", "millimetres"], 0.001),
    (&["dm", "decimeter", "decimeters", "decimetre", "decimetres"], 0.1),
    (&["km", "kilometer", "kilometers", "kilometre", "kilometres"], 1000.0),
    (&["in", "inch", "inches", "\""], 0.0254),
    (&["ft", "foot", "feet", "'"], 0.3048),
    (&["yd", "yard", "yards"], 0.9144),
];

/// Metres of one unit of length; `None` when it is not known.
pub(crate) fn metres(unit: &str) -> Option<f64> {
    METRES.iter().find(|(names, _)| names.contains(&unit)).map(|(_, metres)| *metres)
}

/// A length as `per_metre` units of a metre (100: centimetres); null where it is no measurement.
pub(super) fn length(value: &Value, per_metre: f64) -> Value {
    let read = || {
        let quantity = value.as_object()?;
        let amount = exact(quantity)?;
        let factor = match quantity.get("unit") {
            None => 1.0,
            Some(unit) => metres(unit.as_str()?)?,
        };
        (amount >= 0.0).then(|| scaled(amount, factor * per_metre))
    };
    read().unwrap_or(Value::Null)
}

/// An amount in another unit; one that needs no arithmetic stays as it was given.
pub(crate) fn scaled(amount: f64, factor: f64) -> Value {
    if (factor - 1.0).abs() < 1e-12 { plain(amount) } else { number(amount * factor) }
}

fn plain(amount: f64) -> Value {
    if amount.fract() == 0.0 && amount.abs() < 9e15 { Value::from(amount as i64) } else { Value::from(amount) }
}

/// A slope in percent; null where it is no measurement. A whole that says percent in its
/// `rawValue` means that number, since degrees of it were rounded.
pub(super) fn slope_percent(value: &Value) -> Value {
    let read = || {
        let quantity = value.as_object()?;
        let amount = exact(quantity)?;
        if amount < 0.0 {
            return None;
        }
        match quantity.get("unit").map(|unit| unit.as_str().unwrap_or("?")) {
            Some("%" | "percent") => Some(plain(amount)),
            None | Some("deg" | "degree" | "degrees" | "°") if amount < 90.0 => {
                let percent = amount.to_radians().tan() * 100.0;
                let raw = quantity.get("rawValue").and_then(Value::as_str).and_then(percent_of);
                Some(raw.filter(|raw| (raw - percent).abs() < 1e-3).map_or_else(|| number(percent), plain))
            }
            _ => None,
        }
    };
    read().unwrap_or(Value::Null)
}

fn percent_of(raw: &str) -> Option<f64> {
    raw.strip_suffix('%')?.trim().parse().ok().filter(|percent: &f64| percent.is_finite())
}

/// The number of a quantity that compares and ranges nothing.
fn exact(quantity: &Map<String, Value>) -> Option<f64> {
    let is = matches!(quantity.get("operator").map(Value::as_str), None | Some(Some("=" | "==")));
    let ranges = quantity.contains_key("min") || quantity.contains_key("max");
    if !is || ranges {
        return None;
    }
    quantity.get("value")?.as_f64().filter(|amount| amount.is_finite())
}

/// A length as a quantity.
pub(super) fn of_length(value: &Value, unit: &str) -> Option<Value> {
    value.as_f64().map(|amount| json!({"value": plain(amount), "unit": unit}))
}

/// A slope as a quantity in degrees, which are the unit there, with the percent beside it.
pub(super) fn of_slope(percent: &Value) -> Option<Value> {
    let amount = percent.as_f64()?;
    let degrees = (amount / 100.0).atan().to_degrees();
    let degrees = (degrees * 1e6).round() / 1e6;
    Some(json!({"value": plain(degrees), "unit": "deg", "rawValue": format!("{} %", plain(amount))}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_converted_by_their_unit_and_metres_are_the_default() {
        for (quantity, centimetres) in [
            (json!({"value": 0.9}), json!(90)),
            (json!({"value": 0.9, "unit": "m", "precision": 0.01}), json!(90)),
            (json!({"value": 87.5, "unit": "cm", "operator": "=="}), json!(87.5)),
            (json!({"value": 905, "unit": "mm"}), json!(90.5)),
            (json!({"value": 36, "unit": "inch"}), json!(91.44)),
            (json!({"value": 3, "unit": "ft"}), json!(91.44)),
        ] {
            assert_eq!(length(&quantity, 100.0), centimetres, "{quantity}");
        }
    }

    #[test]
    fn what_says_no_single_number_is_unknown() {
        for quantity in [
            json!("90 cm"),
            json!(0.9),
            json!({"value": 0.9, "operator": "<"}),
            json!({"value": 0.9, "operator": "~"}),
            json!({"value": 0.9, "operator": 7}),
            json!({"value": 0.9, "min": 0.8}),
            json!({"value": "0.9"}),
            json!({"value": 3, "unit": "furlong"}),
            json!({"value": 3, "unit": null}),
            json!({"value": -1}),
            json!({"unit": "m"}),
            json!(null),
        ] {
            assert_eq!(length(&quantity, 100.0), Value::Null, "{quantity}");
        }
    }

    #[test]
    fn slopes_come_back_as_given_in_either_unit() {
        for percent in [json!(0), json!(5), json!(8.3), json!(100)] {
            assert_eq!(slope_percent(&of_slope(&percent).unwrap()), percent);
        }
        assert_eq!(slope_percent(&json!({"value": 5, "unit": "deg"})), json!(8.748_866));
        assert_eq!(slope_percent(&json!({"value": 5})), json!(8.748_866));
        assert_eq!(slope_percent(&json!({"value": 7, "unit": "%"})), json!(7));
        for quantity in [json!("5°"), json!({"value": 95}), json!({"value": 5, "unit": "rad"})] {
            assert_eq!(slope_percent(&quantity), Value::Null, "{quantity}");
        }
    }
}
