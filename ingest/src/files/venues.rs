//! What all readers and writers of venues share: the names and types of the attributes
//! (`misto_model::Venue`), and numbers as they are written into other formats.

use misto_model::PropertyType;
use serde_json::{Map, Value};

use super::schema::Cell;

/// Attribute: the parts of a place's A11yJSON that no attribute of Misto holds, JSON.
pub const A11Y_REST: &str = "a11y_rest";
/// Attribute: the tags of an OpenStreetMap element that no attribute of Misto holds, JSON.
pub const OSM_REST: &str = "osm_rest";
/// Attribute: several ways in, a JSON array.
pub const ENTRANCES: &str = "entrances";
/// Attribute: the lifts, a JSON array.
pub const LIFTS: &str = "lifts";

use PropertyType::{Boolean, Date, Integer, Real, Text};

/// What a place is called, where to find more, and who says so.
const DESCRIBED: [(&str, PropertyType); 16] = [
    ("name", Text),
    ("name_en", Text),
    ("category", Text),
    ("address", Text),
    ("description", Text),
    ("description_en", Text),
    ("phone", Text),
    ("website", Text),
    ("info_url", Text),
    ("opening_hours", Text),
    // An opinion of whoever mapped it, never a measurement: the verdict does not read it.
    ("wheelchair", Text),
    ("wheelchair_description", Text),
    ("source", Text),
    ("original_id", Text),
    ("same_as", Text),
    ("ids", Text),
];

/// Attributes of one way in, in the order of `misto_model::WayIn`.
pub(super) const WAY_IN: [(&str, PropertyType); 21] = [
    ("door_width_cm", Real),
    ("threshold_height_cm", Real),
    ("door_automatic", Boolean),
    ("door_revolving", Boolean),
    ("door_sliding", Boolean),
    ("door_opens_outward", Boolean),
    ("door_turning_space_cm", Real),
    ("entrance_steps", Integer),
    ("step_height_cm", Real),
    ("step_handrail", Boolean),
    ("has_ramp", Boolean),
    ("ramp_portable", Boolean),
    ("ramp_slope_percent", Real),
    ("ramp_length_cm", Real),
    ("ramp_width_cm", Real),
    ("ramp_handrails", Boolean),
    ("has_hoist", Boolean),
    ("approach_surface", Text),
    ("help_can_be_called", Boolean),
    ("bell_height_cm", Real),
    ("has_intercom", Boolean),
];

/// Parking, toilet, information, staff and provenance.
const INSIDE: [(&str, PropertyType); 38] = [
    ("accessible_parking_spaces", Integer),
    ("parking_distance_m", Real),
    ("parking_width_cm", Real),
    ("parking_length_cm", Real),
    ("parking_max_height_cm", Real),
    ("parking_signed", Boolean),
    ("accessible_toilet", Boolean),
    ("toilet_door_width_cm", Real),
    ("toilet_turning_space_cm", Real),
    ("toilet_seat_height_cm", Real),
    ("toilet_grab_bars", Boolean),
    ("washbasin_height_cm", Real),
    ("toilet_emergency_call", Boolean),
    ("audio_information", Boolean),
    ("induction_loop", Boolean),
    ("audio_description", Boolean),
    ("audio_signs", Boolean),
    ("visual_information", Boolean),
    ("large_print", Boolean),
    ("captions", Boolean),
    ("high_contrast_signs", Boolean),
    ("pictograms", Boolean),
    ("visual_announcements", Boolean),
    ("tactile_information", Boolean),
    ("tactile_strips", Boolean),
    ("tactile_signs", Boolean),
    ("braille", Boolean),
    ("lift_required", Boolean),
    ("staff_see_visitors", Boolean),
    ("staff_assist", Boolean),
    ("staff_languages", Text),
    ("measured_by", Text),
    ("measured_on", Date),
    ("measured_how", Text),
    ("photo", Text),
    ("provenance", Text),
    (ENTRANCES, Text),
    (LIFTS, Text),
];

/// The attributes of `venues` with their types: what places are called, then what was measured.
pub fn attributes() -> impl Iterator<Item = (&'static str, PropertyType)> {
    DESCRIBED.into_iter().chain(WAY_IN).chain(INSIDE)
}

/// The columns that a file of venues declares, and the names of what else it keeps.
pub(super) fn columns(more: &[(&'static str, PropertyType)]) -> Vec<(String, Option<PropertyType>)> {
    attributes().chain(more.iter().copied()).map(|(name, kind)| (name.to_owned(), Some(kind))).collect()
}

/// Whether the attribute is one of a way in.
pub(super) fn is_way_in(name: &str) -> bool {
    WAY_IN.iter().any(|(attribute, _)| *attribute == name)
}

/// The values of one venue as a row's cells.
pub(super) fn cells(attributes: Map<String, Value>) -> Vec<(String, Cell)> {
    attributes.into_iter().map(|(name, value)| (name, cell(value))).collect()
}

fn cell(value: Value) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Bool(value) => Cell::Boolean(value),
        Value::String(text) => Cell::Text(text),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Cell::Integer(whole),
            (None, Some(real)) => Cell::Real(real),
            _ => Cell::Text(number.to_string()),
        },
        nested => Cell::Text(nested.to_string()),
    }
}

/// A number without a fraction that it does not need; a millionth is what arithmetic of units may add.
pub(super) fn number(value: f64) -> Value {
    let value = (value * 1e6).round() / 1e6;
    if value.fract() == 0.0 && value.abs() < 9e15 {
        // Exact: it is whole and small.
        Value::from(value as i64)
    } else {
        serde_json::Number::from_f64(value).map_or(Value::Null, Value::Number)
    }
}

/// Whether two values of an attribute say the same: 90 and 90.0 do.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-6_f64.max(a.abs() * 1e-12),
        _ => a == b,
    }
}

/// The JSON object in a text attribute; empty where it is absent or somebody spoilt it.
pub(super) fn object(attributes: &Map<String, Value>, name: &str) -> Map<String, Value> {
    match attributes.get(name) {
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
        Some(Value::Object(object)) => object.clone(),
        _ => Map::new(),
    }
}

/// The JSON objects of a list in a text attribute.
pub(super) fn objects(attributes: &Map<String, Value>, name: &str) -> Vec<Map<String, Value>> {
    match attributes.get(name) {
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
        Some(list @ Value::Array(_)) => serde_json::from_value(list.clone()).unwrap_or_default(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use misto_model::Venue;

    use super::*;

    #[test]
    fn the_attributes_are_those_of_the_model() {
        let mut venue = serde_json::to_value(Venue {
            measured: misto_model::Measured {
                measured_by: Some(String::new()),
                measured_on: Some(String::new()),
                measured_how: Some(String::new()),
                photo: Some(String::new()),
            },
            ..Venue::default()
        })
        .unwrap();
        let venue = venue.as_object_mut().unwrap();
        for absent_when_empty in ["provenance", ENTRANCES, LIFTS] {
            venue.insert(absent_when_empty.to_owned(), Value::Null);
        }
        // Said by residents' reports for some days, by no table.
        let reported = venue.remove("ramp_blocked");
        assert!(reported.is_some());
        let model: BTreeSet<&str> = venue.keys().map(String::as_str).collect();
        let here: BTreeSet<&str> = WAY_IN.iter().chain(&INSIDE).map(|(name, _)| *name).collect();
        assert_eq!(here, model);
        for (name, kind) in WAY_IN.iter().chain(&INSIDE).filter(|(_, kind)| *kind != Date) {
            let sample = match kind {
                Boolean => Value::Bool(true),
                Integer => Value::from(2),
                Real => Value::from(2.5),
                _ if ["provenance"].contains(name) => Value::from("{}"),
                _ if [ENTRANCES, LIFTS].contains(name) => Value::from("[]"),
                _ => Value::from("x"),
            };
            let one: Map<String, Value> = [((*name).to_owned(), sample)].into_iter().collect();
            serde_json::from_value::<Venue>(Value::Object(one)).unwrap_or_else(|e| panic!("{name}: {e}"));
        }
    }

    #[test]
    fn numbers_keep_no_dust_of_arithmetic() {
        assert_eq!(number(1.1 * 100.0), 110);
        assert_eq!(number(8.748_866_352_592_401), 8.748_866);
        assert!(same(&Value::from(90), &Value::from(90.0)) && !same(&Value::Null, &Value::from(0)));
    }
}
