//! OpenStreetMap extracts.

use std::collections::BTreeMap;

use geo_types::Geometry;
use misto_model::GeometryKind;

use super::{all, data, refused};
use crate::files::Options;

fn tags(filters: &[&str]) -> Options {
    Options { tags: filters.iter().map(|f| f.parse().unwrap()).collect(), ..Options::default() }
}

fn count<'a>(values: impl Iterator<Item = &'a serde_json::Value>) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    for value in values.filter_map(|v| v.as_str()) {
        *counts.entry(value).or_default() += 1;
    }
    counts
}

#[test]
fn wheelchair_yes_limited_and_no_are_kept_apart() {
    let Some(path) = data("osm-helsinki-prague/Helsinki.osm.pbf") else { return };
    let options = Options { points: true, ..tags(&["wheelchair"]) };
    let (report, rows) = all(&path, &options).unwrap();
    let found = count(rows.iter().map(|r| &r.properties["wheelchair"]));
    let kinds = count(rows.iter().map(|r| &r.properties["osm_type"]));
    println!("wheelchair {found:?} of {kinds:?}, refused {:?}", report.refused);
    assert_eq!((found["yes"], found["limited"], found["no"]), (317, 88, 79));
    assert_eq!(report.geometry, GeometryKind::Point);
    // Three ways and two relations are cut off by the extract: known, and without a place.
    assert_eq!((report.without_geometry, report.refused.total), (5, 0));
    for place in rows.iter().filter_map(|row| row.geometry.as_ref()) {
        let Geometry::Point(at) = place else { panic!("{place:?}") };
        assert!((24.9..25.0).contains(&at.x()) && (60.1..60.2).contains(&at.y()), "{at:?}");
    }
}

#[test]
fn buildings_are_areas_and_relations_with_courtyards_have_holes() {
    let Some(path) = data("osm-helsinki-prague/Helsinki.osm.pbf") else { return };
    let (report, rows) = all(&path, &tags(&["building"])).unwrap();
    println!("buildings: read {} kept {} refused {:?}", report.read, report.kept, report.refused);
    let holes =
        rows.iter().filter(|r| matches!(&r.geometry, Some(Geometry::Polygon(p)) if !p.interiors().is_empty())).count();
    assert!(holes > 0);
    assert!(
        report.notes.iter().all(|note| note.contains("has no place") || note.contains("tags") || note.contains("more"))
    );
}

#[test]
fn one_value_of_a_key_is_chosen_and_a_filter_is_needed() {
    let Some(path) = data("osm-helsinki-prague/test.osm.pbf") else { return };
    let (_, any) = all(&path, &tags(&["building"])).unwrap();
    let (_, some) = all(&path, &tags(&["building=yes", "power"])).unwrap();
    assert!(some.iter().all(|r| r.properties["building"] == "yes" || !r.properties["power"].is_null()));
    assert!(!some.is_empty() && any.len() > 2_000, "{} {}", some.len(), any.len());
    assert!(refused(all(&path, &Options::default())).contains("tags"));
}
