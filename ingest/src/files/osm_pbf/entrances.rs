//! Doors of buildings: nodes with `entrance` on the outline of an element that is taken belong to
//! it; others are places of their own where the filter means them.

use std::collections::HashMap;
use std::path::Path;

use geo_types::Geometry;
use serde_json::json;

use super::super::FileError;
use super::{Element, TagFilter, extract};

/// What is a venue where nobody says which elements to take.
const VENUES: [&str; 10] = [
    "amenity",
    "shop",
    "healthcare",
    "tourism",
    "leisure",
    "office",
    "craft",
    "wheelchair",
    "railway=subway_entrance",
    "public_transport=station",
];

/// The elements with their doors.
pub(super) fn read(path: &Path, filters: &[TagFilter]) -> Result<Vec<Element>, FileError> {
    let wanted: Vec<TagFilter> = if filters.is_empty() {
        VENUES.iter().filter_map(|filter| filter.parse().ok()).collect()
    } else {
        filters.to_vec()
    };
    let doors: Vec<TagFilter> = "entrance".parse().into_iter().collect();
    let elements = extract::read(path, &[&wanted[..], &doors[..]].concat(), true)?;
    Ok(attached(elements, &wanted))
}

fn attached(elements: Vec<Element>, wanted: &[TagFilter]) -> Vec<Element> {
    let mut taken: Vec<Element> = Vec::new();
    let mut doors: Vec<Element> = Vec::new();
    for element in elements {
        if is_door(&element) {
            doors.push(element);
        } else if fits(&element, wanted) {
            taken.push(element);
        }
    }
    let mut of_node: HashMap<i64, Vec<usize>> = HashMap::new();
    for (index, element) in taken.iter_mut().enumerate() {
        for node in std::mem::take(&mut element.outline) {
            let places = of_node.entry(node).or_default();
            if places.last() != Some(&index) {
                places.push(index);
            }
        }
    }
    for door in doors {
        match of_node.get(&door.id) {
            Some(places) => places.iter().for_each(|index| taken[*index].ways_in.extend(as_way_in(&door))),
            None if fits(&door, wanted) => taken.push(door),
            None => {}
        }
    }
    taken
}

fn is_door(element: &Element) -> bool {
    element.kind == "node" && element.tags.iter().any(|(key, value)| key == "entrance" && value != "no")
}

fn fits(element: &Element, wanted: &[TagFilter]) -> bool {
    wanted.iter().any(|filter| filter.fits(element.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()))))
}

fn as_way_in(door: &Element) -> Option<serde_json::Value> {
    let Ok(Geometry::Point(at)) = &door.geometry else { return None };
    let tags: HashMap<&str, &str> = door.tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    Some(json!({"id": door.id, "position": [at.x(), at.y()], "tags": tags}))
}
