//! Water mains from two pumping stations.

use serde_json::json;

use super::{Tap, Tree, age, size};
use crate::network::Streets;
use crate::plane::Point;
use crate::sketch::streets::Class;
use crate::write::Drawn;
use misto_sample_layers::Chance;

const ASIDE: Point = Point { x: 2.6, y: 1.4 };
const SIZES: &[(f64, i64)] =
    &[(40.0, 100), (160.0, 150), (500.0, 200), (1500.0, 300), (4000.0, 400), (f64::INFINITY, 600)];

pub fn draw(streets: &Streets, taps: &[Tap]) -> Vec<Drawn> {
    let mut chance = Chance::new("water network");
    let tree = Tree::grow(streets, &[(24.7410, 48.9090), (24.6870, 48.9090)], taps, f64::INFINITY, |e| {
        streets.class(e) != Class::Footway
    });
    let mut out = Vec::new();
    for (piece, load) in tree.pieces(ASIDE) {
        let diameter = size(load, SIZES);
        let material = if diameter >= 300 {
            *chance.one_of(&["steel", "cast_iron"])
        } else {
            *chance.one_of(&["polyethylene", "cast_iron", "steel"])
        };
        let mut row = vec![("kind", json!("main")), ("diameter_mm", json!(diameter)), ("material", json!(material))];
        row.extend(age(&mut chance, 1958, 2021));
        out.push(Drawn::line(&piece, row));
    }
    for tap in tree.all_taps() {
        let diameter = if tap.houses > 60.0 { 80 } else { 50 };
        let mut row =
            vec![("kind", json!("service")), ("diameter_mm", json!(diameter)), ("material", json!("polyethylene"))];
        row.extend(age(&mut chance, 1985, 2022));
        out.push(Drawn::line(&Tree::connection(tap, ASIDE), row));
    }
    for (&node, &met) in &tree.nodes() {
        let kind = if met >= 4 || (met == 3 && chance.happens(0.3)) {
            "valve"
        } else if chance.happens(0.22) {
            "hydrant"
        } else {
            continue;
        };
        let mut row = vec![("kind", json!(kind)), ("diameter_mm", json!(if kind == "valve" { 150 } else { 100 }))];
        row.extend(age(&mut chance, 1965, 2022));
        out.push(Drawn::point(streets.nodes[node] + ASIDE, row));
    }
    for (&node, kind) in tree.sources.iter().zip(["pumping_station", "reservoir"]) {
        let mut row = vec![("kind", json!(kind))];
        row.extend(age(&mut chance, 1961, 1990));
        out.push(Drawn::point(streets.nodes[node] + ASIDE, row));
    }
    out
}
