//! Tags come back as they were written, and no tag says nothing.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::tags::{Tags, read, unread, write};
use crate::files::venues::OSM_REST;

fn tags(pairs: &[(&str, &str)]) -> Tags {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn said(pairs: &[(&str, &str)]) -> Map<String, Value> {
    let mut attributes = read(&tags(pairs));
    attributes.shift_remove(OSM_REST);
    attributes
}

#[test]
fn tags_become_attributes() {
    let attributes = said(&[
        ("amenity", "pharmacy"),
        ("name", "Аптека"),
        ("name:uk", "Аптека"),
        ("name:en", "Pharmacy"),
        ("addr:street", "вулиця Шевченка"),
        ("addr:housenumber", "5"),
        ("wheelchair", "limited"),
        ("wheelchair:description:uk", "Одна сходинка"),
        ("door:width", "90 cm"),
        ("door", "hinged"),
        ("automatic_door", "button"),
        ("step_count", "1"),
        ("step:height", "0.07"),
        ("handrail", "left"),
        ("ramp", "yes"),
        ("ramp:portable", "yes"),
        ("ramp:incline", "8%"),
        ("capacity:disabled", "2"),
        ("toilets:wheelchair", "yes"),
        ("tactile_paving", "no"),
        ("opening_hours", "24/7"),
    ]);
    let expected = json!({
        "name": "Аптека", "name_en": "Pharmacy", "category": "pharmacy", "address": "вулиця Шевченка, 5",
        "opening_hours": "24/7", "wheelchair": "limited", "wheelchair_description": "Одна сходинка",
        "door_width_cm": 90, "door_automatic": true, "door_revolving": false, "door_sliding": false,
        "entrance_steps": 1, "step_height_cm": 7, "step_handrail": true, "has_ramp": true, "ramp_portable": true,
        "ramp_slope_percent": 8, "accessible_parking_spaces": 2, "accessible_toilet": true, "tactile_strips": false
    });
    assert_eq!(Value::Object(attributes), expected);
}

#[test]
fn no_tag_and_no_plain_word_is_unknown() {
    assert_eq!(said(&[]), Map::new());
    let attributes = said(&[
        ("shop", "yes"),
        ("toilets:wheelchair", "limited"),
        ("door:width", "wide"),
        ("step_count", "3-4"),
        ("incline", "8%"),
        ("ramp", "yes"),
        ("ramp:stroller", "yes"),
        ("door", "yes"),
        ("surface", "grass"),
        ("capacity:disabled", "yes"),
    ]);
    assert_eq!(Value::Object(attributes), json!({"category": "shop"}));
    let named: Vec<&str> = unread(&tags(&[("door:width", "wide"), ("step_count", "3-4"), ("incline", "up")]))
        .into_iter()
        .map(|(key, _)| key)
        .collect();
    assert_eq!(named, ["door:width", "step_count"], "a slope without a ramp is none of a ramp");
}

#[test]
fn a_revolving_door_beside_another_is_not_alone() {
    assert_eq!(said(&[("door", "revolving")])["door_revolving"], true);
    let beside = said(&[("door", "revolving;hinged")]);
    assert_eq!((&beside["door_revolving"], &beside["door_sliding"]), (&json!(false), &json!(false)));
}

#[test]
fn an_edit_changes_its_tag_and_a_place_of_ours_gets_its_category() {
    let mut attributes = read(&tags(&[("shop", "bakery"), ("door:width", "0.90"), ("note", "x")]));
    assert_eq!(write(&attributes)["door:width"], "0.90");
    attributes.insert("door_width_cm".to_owned(), json!(85));
    attributes.insert("wheelchair".to_owned(), json!("no"));
    assert_eq!(
        write(&attributes),
        tags(&[("shop", "bakery"), ("door:width", "0.85"), ("note", "x"), ("wheelchair", "no")])
    );
    let ours: Map<String, Value> =
        serde_json::from_value(json!({"category": "administration", "name": "ЦНАП", "door_revolving": false})).unwrap();
    assert_eq!(write(&ours), tags(&[("amenity", "townhall"), ("name", "ЦНАП")]));
}

proptest! {
    #[test]
    fn tags_come_back_as_they_were_written(pairs in prop::collection::hash_map(key(), value(), 0..10)) {
        let tags: Tags = pairs.into_iter().collect();
        let attributes = read(&tags);
        prop_assert_eq!(write(&attributes), tags);
    }
}

fn key() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "name",
        "name:uk",
        "name:en",
        "wheelchair",
        "door",
        "door:width",
        "step_count",
        "step:height",
        "ramp",
        "ramp:wheelchair",
        "ramp:portable",
        "ramp:stroller",
        "ramp:incline",
        "incline",
        "handrail",
        "entrance",
        "surface",
        "amenity",
        "shop",
        "addr:street",
        "addr:housenumber",
        "addr:full",
        "automatic_door",
        "capacity:disabled",
        "toilets:wheelchair",
        "tactile_paving",
        "description",
        "description:uk",
        "other",
    ])
    .prop_map(str::to_owned)
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "yes",
            "no",
            "limited",
            "0.9",
            "90 cm",
            "3'",
            "2'6\"",
            "8%",
            "-8 %",
            "5°",
            "up",
            "revolving",
            "sliding",
            "revolving;hinged",
            "hinged",
            "3",
            "03",
            "1.20",
            "button",
            "",
            "separate",
            "main",
            "pharmacy",
        ])
        .prop_map(str::to_owned),
        "[a-z0-9.'\"%° -]{0,6}",
    ]
}
