//! Electricity: a 110 kV ring of substations, 10 kV cables to transformers, 0.4 kV to houses.

use serde_json::json;

use super::{Tap, Tree, age};
use crate::city::City;
use crate::plane::{self, Point};
use crate::sketch::LonLat;
use crate::sketch::on_board;
use crate::sketch::streets::Class;
use crate::sketch::zones::Built;
use crate::write::Drawn;
use misto_sample_layers::Chance;

const ASIDE: Point = Point { x: -1.6, y: 3.0 };
const SUBSTATIONS: &[LonLat] =
    &[(24.7240, 48.9410), (24.7600, 48.9300), (24.7446, 48.8992), (24.6860, 48.8912), (24.6812, 48.9370)];
/// The 110 kV ring between the substations.
const RING: &[&[LonLat]] = &[
    &[(24.7240, 48.9410), (24.7400, 48.9460), (24.7560, 48.9360), (24.7600, 48.9300)],
    &[(24.7600, 48.9300), (24.7590, 48.9140), (24.7530, 48.9030), (24.7446, 48.8992)],
    &[(24.7446, 48.8992), (24.7330, 48.8920), (24.7180, 48.8840), (24.6960, 48.8870), (24.6860, 48.8912)],
    &[(24.6860, 48.8912), (24.6730, 48.8960), (24.6740, 48.9120), (24.6800, 48.9260), (24.6812, 48.9370)],
];
const POLE_EVERY_M: f64 = 230.0;

pub fn draw(city: &City, taps: &[Tap]) -> Vec<Drawn> {
    let mut chance = Chance::new("power network");
    let streets = &city.streets;
    let tree = Tree::grow(streets, SUBSTATIONS, taps, f64::INFINITY, |e| streets.class(e) != Class::Footway);
    let mut out = Vec::new();
    let substations: Vec<Point> = tree.sources.iter().map(|&n| plane::snap(streets.nodes[n] + ASIDE)).collect();
    for (piece, _) in tree.pieces(ASIDE) {
        let mut row = vec![("kind", json!("cable_10kv")), ("voltage_kv", json!(10.0))];
        row.extend(age(&mut chance, 1968, 2022));
        out.push(Drawn::line(&piece, row));
    }
    for tap in tree.all_taps() {
        let from = plane::snap(tap.street + ASIDE);
        let mut row = vec![("kind", json!("transformer")), ("voltage_kv", json!(10.0))];
        row.extend(age(&mut chance, 1968, 2022));
        out.push(Drawn::point(from, row));
        let mut row = vec![("kind", json!("cable_04kv")), ("voltage_kv", json!(0.4))];
        row.extend(age(&mut chance, 1968, 2022));
        out.push(Drawn::line(&[from, plane::snap(tap.wall)], row));
        if matches!(city.blocks[tap.block].built, Built::Village) {
            out.push(Drawn::point(
                plane::snap(tap.wall),
                vec![("kind", json!("pole")), ("voltage_kv", json!(0.4)), ("status", json!("in_service"))],
            ));
        }
    }
    for &place in &substations {
        let mut row = vec![("kind", json!("substation")), ("voltage_kv", json!(110.0))];
        row.extend(age(&mut chance, 1962, 1999));
        out.push(Drawn::point(place, row));
    }
    for (number, stretch) in RING.iter().enumerate() {
        let mut line = on_board(stretch);
        let last = line.len() - 1;
        line[0] = substations[number];
        line[last] = substations[number + 1];
        let long = plane::line_length(&line);
        let spans = (long / POLE_EVERY_M).ceil();
        for k in 1..spans as usize {
            let pole = plane::at(&line, long * k as f64 / spans).0;
            out.push(Drawn::point(
                plane::snap(pole),
                vec![("kind", json!("pole")), ("voltage_kv", json!(110.0)), ("status", json!("in_service"))],
            ));
        }
        out.push(Drawn::line(
            &line,
            vec![
                ("kind", json!("line_110kv")),
                ("voltage_kv", json!(110.0)),
                ("year", json!(1974)),
                ("status", json!("in_service")),
            ],
        ));
    }
    out
}
