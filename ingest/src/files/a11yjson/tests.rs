//! Round trips: nothing that a source says is lost, nothing that it does not say appears.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::place::{Attributes, read, write};
use super::{Parts, place_info};
use crate::files::venues::{self, A11Y_REST, ENTRANCES, LIFTS, object, objects};

fn again(attributes: &Attributes) -> Attributes {
    read(write(attributes, &[], &[]))
}

/// A place that says everything of the mapping, and much that has no attribute.
fn everything() -> Value {
    serde_json::from_str(include_str!("tests/everything.a11y.json")).unwrap()
}

#[test]
fn everything_a_source_says_comes_back_as_it_was_given() {
    let mut place = everything();
    let written = {
        place.as_object_mut().unwrap().shift_remove("type");
        let attributes = read(place.clone());
        assert_eq!(again(&attributes), attributes);
        write(&attributes, &[], &[])
    };
    assert_eq!(written, place);
}

#[test]
fn every_attribute_of_the_mapping_is_read() {
    let attributes = read(everything());
    let expected: Map<String, Value> = serde_json::from_str(
        r#"{
        "category": "pharmacy", "name": "Аптека", "name_en": "Pharmacy", "address": "вулиця Шевченка, 5",
        "description": "Опис", "description_en": "Description", "phone": "+380 342 000000",
        "website": "https://example.org/", "info_url": "https://example.org/info", "source": "source-1",
        "original_id": "42", "same_as": "[\"https://example.org/same\"]", "ids": "{\"wikidata\":\"Q1\"}",
        "wheelchair": "limited",
        "accessible_parking_spaces": 2, "parking_distance_m": 12.5, "parking_width_cm": 350, "parking_length_cm": 500,
        "parking_max_height_cm": 210, "parking_signed": true,
        "accessible_toilet": true, "toilet_door_width_cm": 85, "toilet_turning_space_cm": 150,
        "toilet_seat_height_cm": 48, "toilet_grab_bars": true, "washbasin_height_cm": 80,
        "toilet_emergency_call": false,
        "audio_information": true, "induction_loop": true, "audio_description": false, "audio_signs": true,
        "large_print": true, "captions": true, "high_contrast_signs": true, "pictograms": true,
        "visual_announcements": false, "tactile_information": false, "tactile_strips": true, "tactile_signs": false,
        "braille": true, "staff_see_visitors": true, "staff_assist": false, "staff_languages": "uk, en"
    }"#,
    )
    .unwrap();
    for (name, value) in &expected {
        assert_eq!(attributes.get(name), Some(value), "{name}");
    }
    let ways_in = objects(&attributes, ENTRANCES);
    let main: Map<String, Value> = serde_json::from_value(json!({
        "name": "Головний", "position": [24.71, 48.92], "door_width_cm": 90, "threshold_height_cm": 2,
        "door_automatic": true, "door_revolving": false, "door_sliding": true, "door_opens_outward": true,
        "door_turning_space_cm": 160, "entrance_steps": 3, "step_height_cm": 15, "step_handrail": true,
        "has_ramp": true, "ramp_portable": false, "ramp_slope_percent": 8.748_866, "has_hoist": false,
        "help_can_be_called": true, "bell_height_cm": 110, "has_intercom": true
    }))
    .unwrap();
    for (name, value) in &main {
        assert_eq!(ways_in[0].get(name), Some(value), "{name}");
    }
    assert_eq!(ways_in[1].get("door_width_cm"), None, "a width with an operator is no measurement");
    assert_eq!(ways_in[1].get("entrance_steps"), Some(&json!(0)), "a level way has no steps");
    let lift: Map<String, Value> = serde_json::from_value(json!({
        "name": "Ліфт", "is_working": false, "out_of_order_reason": "ремонт",
        "state_at": "2026-03-01T10:00:00Z", "works_again_on": "2026-04-01", "other_way": "другий вхід",
        "lift_door_width_cm": 80, "car_width_cm": 110, "car_depth_cm": 140
    }))
    .unwrap();
    for (name, value) in &lift {
        assert_eq!(objects(&attributes, LIFTS)[0].get(name), Some(value), "{name}");
    }
}

#[test]
fn a_measurement_takes_the_place_of_what_was_given_and_nothing_else_changes() {
    let mut attributes = read(everything());
    let mut ways_in = objects(&attributes, ENTRANCES);
    ways_in[1].insert("door_width_cm".to_owned(), json!(82));
    ways_in[0].shift_remove("door_width_cm");
    attributes.insert(ENTRANCES.to_owned(), json!(ways_in).to_string().into());
    attributes.insert("parking_width_cm".to_owned(), json!(300));
    let written = write(&attributes, &[], &[]);
    let inside = &written["properties"]["accessibility"];
    assert_eq!(inside["entrances"][1]["properties"]["door"]["width"], json!({"value": 82, "unit": "cm"}));
    assert_eq!(inside["entrances"][0]["properties"]["door"]["width"], Value::Null);
    assert_eq!(inside["parking"]["forWheelchairUsers"]["width"], json!({"value": 300, "unit": "cm"}));
    assert_eq!(
        inside["parking"]["forWheelchairUsers"]["length"],
        everything()["properties"]["accessibility"]["parking"]["forWheelchairUsers"]["length"]
    );
}

#[test]
fn what_a11yjson_cannot_say_travels_in_tags() {
    let attributes: Map<String, Value> = serde_json::from_value(json!({
        "name": "Кав’ярня", "category": "cafe", "wheelchair": "designated", "has_ramp": true, "ramp_width_cm": 120.5,
        "ramp_handrails": true, "entrance_steps": 0, "help_can_be_called": false, "measured_by": "123",
        "visual_information": false, "lift_required": true, "some_column": "true", "other_column": true
    }))
    .unwrap();
    let written = place_info(None, &attributes, &Parts::default());
    assert_eq!(written["properties"]["tags"]["misto:entrances/0/ramp_width_cm"], "120.5");
    assert_eq!(written["geometry"], Value::Null);
    let mut place = written;
    place.as_object_mut().unwrap().retain(|name, _| name != "type" && name != "geometry");
    assert_eq!(read(place), attributes);
}

#[test]
fn a_name_in_english_alone_does_not_become_the_ukrainian_one() {
    let attributes: Attributes = [("name_en".to_owned(), "Tourist office".into())].into_iter().collect();
    assert_eq!(again(&attributes), attributes);
    let foreign = read(json!({"properties": {"category": "cafe", "name": {"de": "Haus", "pl": "Dom"}}}));
    assert_eq!((&foreign["name"], foreign.get("name_en")), (&json!("Haus"), None));
}

#[test]
fn entrances_and_lifts_of_their_own_are_written_with_their_places() {
    let part = |value: Value| value.as_object().cloned().unwrap();
    let attributes = part(json!({"name": "Вокзал", "door_width_cm": 70}));
    let parts = Parts {
        entrances: vec![part(json!({"door_width_cm": 90, "position": [24.7, 48.9], "ramp_length_cm": 300}))],
        lifts: vec![part(json!({"is_working": true, "position": [24.7, 48.9]}))],
    };
    let written = place_info(None, &attributes, &parts);
    let inside = &written["properties"]["accessibility"];
    assert_eq!(inside["entrances"].as_array().unwrap().len(), 1);
    assert_eq!(inside["availableEquipment"], json!([{"isWorking": true, "category": "elevator"}]));
    let mut place = written;
    place.as_object_mut().unwrap().retain(|name, _| name != "type" && name != "geometry");
    let back = read(place);
    assert_eq!(objects(&back, ENTRANCES), parts.entrances);
    assert_eq!(objects(&back, LIFTS), parts.lifts);
    assert_eq!(back["door_width_cm"], 70);
}

#[test]
fn what_somebody_spoilt_is_no_reason_to_fail() {
    for rest in ["not json", "[]", "7", "null"] {
        let attributes: Attributes =
            [(A11Y_REST.to_owned(), rest.into()), ("name".to_owned(), "X".into())].into_iter().collect();
        assert_eq!(write(&attributes, &[], &[])["properties"]["name"]["uk"], "X");
        assert!(object(&attributes, A11Y_REST).is_empty());
    }
}

/// JSON of any kind, small.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (-5_i64..400).prop_map(Value::from),
        (0_u32..4000).prop_map(|n| json!(f64::from(n) / 16.0)),
        "[a-zа-я0-9 %<]{0,6}".prop_map(Value::String),
        quantity(),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::hash_map(name(), inner, 0..4).prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

fn quantity() -> impl Strategy<Value = Value> {
    let unit = prop::sample::select(vec![
        json!("m"),
        json!("cm"),
        json!("inch"),
        json!("deg"),
        json!("%"),
        json!("ell"),
        Value::Null,
    ]);
    let operator = prop::sample::select(vec![Value::Null, json!("<"), json!("=="), json!("~")]);
    ((0_u32..4000), unit, operator).prop_map(|(amount, unit, operator)| {
        let mut quantity = Map::new();
        quantity.insert("value".to_owned(), json!(f64::from(amount) / 16.0));
        for (name, value) in [("unit", unit), ("operator", operator)] {
            if !value.is_null() {
                quantity.insert(name.to_owned(), value);
            }
        }
        Value::Object(quantity)
    })
}

/// Names that the mapping knows, and one that it does not.
fn name() -> impl Strategy<Value = String> {
    let mut names: Vec<String> =
        ["uk", "en", "de", "unknown", "category", "geometry", "type"].map(str::to_owned).to_vec();
    for field in super::fields::PLACE.iter().chain(super::fields::ENTRANCE).chain(super::fields::LIFT) {
        names.extend(field.paths.iter().flat_map(|path| path.split('/')).filter(|s| s.len() > 1).map(str::to_owned));
    }
    names.sort();
    names.dedup();
    prop::sample::select(names)
}

/// A place whose every path of the mapping may hold anything.
fn place() -> impl Strategy<Value = Value> {
    let paths: Vec<&'static str> = super::fields::PLACE.iter().flat_map(|field| field.paths).copied().collect();
    let ways: Vec<&'static str> = super::fields::ENTRANCE.iter().flat_map(|field| field.paths).copied().collect();
    let way = prop::collection::vec((prop::sample::select(ways), anything()), 0..5);
    let said = prop::collection::vec((prop::sample::select(paths), anything()), 0..8);
    (said, prop::collection::vec(way, 0..3), anything()).prop_map(|(said, ways, foreign)| {
        let mut place = json!({"properties": {}});
        for (path, value) in said {
            super::paths::put(&mut place, path, value);
        }
        let ways: Vec<Value> = ways
            .into_iter()
            .map(|way| {
                let mut entrance = json!({});
                way.into_iter().for_each(|(path, value)| super::paths::put(&mut entrance, path, value));
                entrance
            })
            .collect();
        if !ways.is_empty() {
            super::paths::put(&mut place, "properties/accessibility/entrances", Value::Array(ways));
        }
        super::paths::put(&mut place, "properties/foreign", foreign);
        place
    })
}

/// Any attributes of the model.
fn attributes() -> impl Strategy<Value = Attributes> {
    use misto_model::PropertyType::{Boolean, Integer, Real};
    let one = venues::attributes()
        .filter(|(name, _)| ![ENTRANCES, LIFTS, "same_as", "ids"].contains(name))
        .collect::<Vec<_>>();
    prop::collection::vec((prop::sample::select(one), any::<bool>(), 0_u32..4000, "[a-zа-я0-9,]{1,6}"), 0..20).prop_map(
        |said| {
            said.into_iter()
                .map(|((name, kind), yes, number, text)| {
                    let value = match kind {
                        Boolean => json!(yes),
                        Integer => json!(number),
                        Real => json!(f64::from(number) / 16.0),
                        _ => json!(text),
                    };
                    (name.to_owned(), value)
                })
                .collect()
        },
    )
}

fn alike(a: &Attributes, b: &Attributes) -> bool {
    a.len() == b.len() && a.iter().all(|(name, value)| b.get(name).is_some_and(|other| venues::same(value, other)))
}

proptest! {
    #[test]
    fn no_source_loses_anything(place in place()) {
        let attributes = read(place.clone());
        let mut written = write(&attributes, &[], &[]);
        prop_assert_eq!(&read(written.clone()), &attributes);
        // What Misto adds where the source says nothing.
        for (path, value) in [("formatVersion", "31.1"), ("properties/category", "undefined")] {
            if super::paths::at(&place, path).is_empty() && super::paths::at(&written, path) == [&json!(value)] {
                super::paths::remove(&mut written, path);
            }
        }
        let mut place = place;
        for document in [&mut place, &mut written] {
            if document["properties"].as_object().is_some_and(Map::is_empty) {
                super::paths::remove(document, "properties");
            }
        }
        prop_assert_eq!(written, place);
    }

    #[test]
    fn no_attribute_is_lost(attributes in attributes()) {
        let back = again(&attributes);
        prop_assert!(alike(&back, &attributes), "{back:?}\n{attributes:?}");
    }
}
