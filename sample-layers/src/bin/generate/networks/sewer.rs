//! Sewers that run to one treatment plant.

use serde_json::json;

use super::{Tap, Tree, age, size};
use crate::network::Streets;
use crate::plane::Point;
use crate::sketch::streets::Class;
use crate::write::Drawn;
use misto_sample_layers::Chance;

const ASIDE: Point = Point { x: -2.4, y: -1.8 };
const SIZES: &[(f64, i64)] =
    &[(60.0, 200), (250.0, 300), (900.0, 400), (2500.0, 600), (6000.0, 800), (f64::INFINITY, 1200)];
/// From this load on a sewer is a collector.
const COLLECTOR: f64 = 900.0;

pub fn draw(streets: &Streets, taps: &[Tap]) -> Vec<Drawn> {
    let mut chance = Chance::new("sewer network");
    let tree = Tree::grow(streets, &[(24.7445, 48.9421)], taps, f64::INFINITY, |e| streets.class(e) != Class::Footway);
    let mut out = Vec::new();
    for (piece, load) in tree.pieces(ASIDE) {
        let kind = if load >= COLLECTOR { "collector" } else { "branch" };
        let material = if load >= COLLECTOR {
            *chance.one_of(&["reinforced_concrete", "concrete"])
        } else {
            *chance.one_of(&["ceramic", "pvc", "concrete"])
        };
        let mut row =
            vec![("kind", json!(kind)), ("diameter_mm", json!(size(load, SIZES))), ("material", json!(material))];
        row.extend(age(&mut chance, 1955, 2018));
        out.push(Drawn::line(&piece, row));
    }
    for tap in tree.all_taps() {
        let mut row = vec![
            ("kind", json!("branch")),
            ("diameter_mm", json!(150)),
            ("material", json!(*chance.one_of(&["ceramic", "pvc"]))),
        ];
        row.extend(age(&mut chance, 1965, 2020));
        out.push(Drawn::line(&Tree::connection(tap, ASIDE), row));
    }
    for (&node, &met) in &tree.nodes() {
        if met == 2 && chance.happens(0.5) {
            continue;
        }
        let mut row = vec![("kind", json!("manhole")), ("diameter_mm", json!(1000))];
        row.extend(age(&mut chance, 1955, 2018));
        out.push(Drawn::point(streets.nodes[node] + ASIDE, row));
    }
    let plant = vec![("kind", json!("treatment")), ("year", json!(1972)), ("status", json!("in_service"))];
    out.push(Drawn::point(streets.nodes[tree.sources[0]] + ASIDE, plant));
    for place in [(24.6900, 48.9330), (24.6832, 48.9042), (24.7720, 48.9214)] {
        let node = streets.nearest_node(crate::plane::board(place.0, place.1), |e| streets.class(e) != Class::Footway);
        let station = vec![
            ("kind", json!("pumping_station")),
            ("year", json!(chance.whole(1968, 1999))),
            ("status", json!("in_service")),
        ];
        out.push(Drawn::point(streets.nodes[node] + ASIDE, station));
    }
    out
}
