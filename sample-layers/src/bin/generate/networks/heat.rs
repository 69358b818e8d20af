//! District heating of the centre and the districts of slabs.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Tap, Tree, age, size};
use crate::city::City;
use crate::plane::Point;
use crate::sketch::LonLat;
use crate::sketch::streets::Class;
use crate::sketch::zones::Built;
use crate::write::Drawn;
use misto_sample_layers::Chance;

const SUPPLY: Point = Point { x: 1.4, y: -2.6 };
const RETURN: Point = Point { x: 2.2, y: -3.3 };
const SIZES: &[(f64, i64)] = &[(60.0, 80), (200.0, 150), (600.0, 250), (1500.0, 400), (f64::INFINITY, 600)];
const BOILER_HOUSES: &[LonLat] = &[
    (24.6966, 48.8990),
    (24.7396, 48.9310),
    (24.7450, 48.9130),
    (24.6890, 48.9442),
    (24.7165, 48.9264),
    (24.7114, 48.9070),
    (24.6888, 48.9172),
];
/// How far a boiler house reaches, metres of pipe weighed by street class.
const REACH_M: f64 = 1_700.0;

pub fn draw(city: &City, taps: &[Tap]) -> Vec<Drawn> {
    let mut chance = Chance::new("heat network");
    let streets = &city.streets;
    let heated: Vec<Tap> = taps
        .iter()
        .filter(|t| matches!(city.blocks[t.block].built, Built::Slabs | Built::Perimeter))
        .cloned()
        .collect();
    let tree = Tree::grow(streets, BOILER_HOUSES, &heated, REACH_M, |e| streets.class(e) != Class::Footway);
    let mut out = Vec::new();
    for (kind, aside) in [("supply", SUPPLY), ("return", RETURN)] {
        for (piece, load) in tree.pieces(aside) {
            let mut row = vec![("kind", json!(kind)), ("diameter_mm", json!(size(load, SIZES)))];
            row.extend(age(&mut chance, 1966, 2021));
            out.push(Drawn::line(&piece, row));
        }
        for tap in tree.all_taps() {
            let mut row = vec![("kind", json!(kind)), ("diameter_mm", json!(80))];
            row.extend(age(&mut chance, 1970, 2021));
            out.push(Drawn::line(&Tree::connection(tap, aside), row));
        }
    }
    for (&node, &met) in &tree.nodes() {
        if met >= 3 {
            let mut row = vec![("kind", json!("chamber"))];
            row.extend(age(&mut chance, 1966, 2010));
            out.push(Drawn::point(streets.nodes[node] + SUPPLY, row));
        }
    }
    for &node in tree.sources.iter().collect::<BTreeSet<_>>() {
        let mut row = vec![("kind", json!("boiler_house"))];
        row.extend(age(&mut chance, 1964, 1998));
        out.push(Drawn::point(streets.nodes[node] + SUPPLY, row));
    }
    out
}
