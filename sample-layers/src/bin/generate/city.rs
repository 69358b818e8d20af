//! The whole sketch on the drawing board: hand-drawn frame, then what fills it.

use geo_types::{MultiPolygon, Polygon};
use misto_sample_layers::Chance;

use crate::addresses::Addresses;
use crate::blocks::{self, Block};
use crate::buildings::{self, Building};
use crate::network::{Grid, Line, Streets};
use crate::plane::{self, Point};
use crate::sketch::landmarks;
use crate::sketch::zones::Built;
use crate::sketch::{green::GREEN, on_board, rail, streets, water};

/// Everything that is drawn from streets, blocks and water.
pub struct City {
    pub rivers: Vec<Polygon<f64>>,
    pub streams: Vec<Vec<Point>>,
    pub lakes: Vec<Polygon<f64>>,
    /// Kind, name, English name and ground.
    pub green: Vec<(&'static str, &'static str, &'static str, MultiPolygon<f64>)>,
    pub rail: Vec<Vec<Point>>,
    pub streets: Streets,
    pub blocks: Vec<Block>,
    pub buildings: Vec<Building>,
    /// Address of each building; `None` on a nameless street.
    pub addresses: Vec<Option<String>>,
    /// Lawns of blocks of slabs.
    pub lawns: Vec<Polygon<f64>>,
}

impl City {
    pub fn draw() -> Self {
        let rivers: Vec<Polygon<f64>> = water::RIVERS.iter().map(|r| banks(r, 0.0)).collect();
        let streams: Vec<Vec<Point>> =
            water::STREAMS.iter().map(|s| plane::thin(&plane::smooth(&on_board(s.2), 25.0), 0.8)).collect();
        let lakes: Vec<Polygon<f64>> = water::LAKES
            .iter()
            .enumerate()
            .map(|(i, l)| {
                let mut lake = plane::polygon(round(&on_board(l.2)));
                if i == 0 {
                    let mut island = plane::polygon(round(&on_board(water::ISLAND))).exterior().clone();
                    island.0.reverse();
                    lake.interiors_push(island);
                }
                lake
            })
            .collect();
        let rail: Vec<Vec<Point>> =
            rail::LINES.iter().map(|l| plane::thin(&plane::smooth(&on_board(l.1), 30.0), 0.6)).collect();
        let mut lines: Vec<Line> = streets::STREETS
            .iter()
            .map(|s| Line {
                name: s.name,
                name_en: s.name_en,
                class: s.class,
                points: plane::thin(&plane::smooth(&on_board(s.middle), 25.0), 0.6)
                    .into_iter()
                    .map(plane::snap)
                    .collect(),
                drawn: true,
            })
            .collect();
        lines.push(Line {
            name: "площа Ринок",
            name_en: "Rynok Square",
            class: streets::Class::Footway,
            points: on_board(streets::MARKET_SQUARE),
            drawn: true,
        });
        let free = kept_free(&rivers, &lakes, &streams, &rail, &lines);
        let blocks = blocks::lay_out(&free, &mut lines);
        let mut buildings = buildings::fill(&blocks);
        buildings.extend(landmarks::buildings());
        let water = MultiPolygon(lakes.iter().chain(&rivers).cloned().collect());
        let green = green(&water);
        let streets = Streets::join(lines);
        clear_streets(&mut buildings, &streets);
        let mut numbers = Addresses::new(&streets);
        let addresses = buildings.iter().map(|b| numbers.of(b)).collect();
        let lawns = blocks.iter().filter(|b| b.built == Built::Slabs).flat_map(|b| lawn(&b.shape)).collect();
        Self { rivers, streams, lakes, green, rail, streets, blocks, buildings, addresses, lawns }
    }
}

/// Smooth closed shore through the corners.
fn round(corners: &[Point]) -> Vec<Point> {
    let n = corners.len();
    // Two corners more on each side make the curve close smoothly.
    let wrapped: Vec<Point> = (0..n + 5).map(|i| corners[(i + n - 2) % n]).collect();
    let curve = plane::smooth(&wrapped, 18.0);
    let find = |p: Point| curve.iter().position(|&q| plane::distance(p, q) < 0.02).unwrap_or(0);
    let start = find(wrapped[2]);
    let end = curve.len() - 1 - curve.iter().rev().position(|&q| plane::distance(wrapped[2], q) < 0.02).unwrap_or(0);
    let mut ring = plane::thin(&curve[start..=end], 0.5);
    // `thin` keeps both ends, which are the same place.
    if ring.len() < 4 {
        ring = curve[start..=end].to_vec();
    }
    let first = ring[0];
    if let Some(last) = ring.last_mut() {
        *last = first;
    }
    ring
}

/// The middle of a river with the bends that the control points leave out, and its
/// width in metres at each place.
fn middle(river: &water::River) -> (Vec<Point>, Vec<f64>) {
    let mut chance = Chance::new(river.name);
    let (mut control, mut widths) = (Vec::new(), Vec::new());
    let typed: Vec<Point> = river.middle.iter().map(|&(lon, lat, _)| plane::board(lon, lat)).collect();
    for i in 0..typed.len() {
        control.push(typed[i]);
        widths.push(river.middle[i].2);
        if i + 1 < typed.len() {
            let chord = typed[i + 1] - typed[i];
            let bend = if i % 2 == 0 { chance.between(0.03, 0.1) } else { chance.between(-0.1, -0.03) };
            control.push(typed[i] + chord * 0.5 + plane::left(chord) * bend);
            widths.push((river.middle[i].2 + river.middle[i + 1].2) / 2.0 * chance.between(0.85, 1.25));
        }
    }
    (control, widths)
}

/// The river between its banks, widened by `beyond` metres on each side.
fn banks(river: &water::River, beyond: f64) -> Polygon<f64> {
    let (control, widths) = middle(river);
    let line = plane::smooth(&control, 30.0);
    let stations: Vec<f64> = control.iter().map(|&p| plane::locate(&line, p).0).collect();
    let width_at = |m: f64| {
        let i = stations.windows(2).position(|w| m <= w[1]).unwrap_or(stations.len() - 2);
        let share = ((m - stations[i]) / (stations[i + 1] - stations[i]).max(1.0)).clamp(0.0, 1.0);
        widths[i] + (widths[i + 1] - widths[i]) * share + beyond * 2.0
    };
    let (mut left, mut right, mut walked) = (Vec::new(), Vec::new(), 0.0);
    for i in 0..line.len() {
        if i > 0 {
            walked += plane::distance(line[i - 1], line[i]);
        }
        let direction = plane::unit(line[(i + 1).min(line.len() - 1)] - line[i.saturating_sub(1)]);
        let half = plane::left(direction) * (width_at(walked) / 2.0);
        left.push(line[i] + half);
        right.push(line[i] - half);
    }
    let mut ring = plane::thin(&left, 0.7);
    right.reverse();
    ring.extend(plane::thin(&right, 0.7));
    plane::polygon(ring)
}

/// Ground on which no block may lie.
fn kept_free(
    rivers: &[Polygon<f64>],
    lakes: &[Polygon<f64>],
    streams: &[Vec<Point>],
    rail: &[Vec<Point>],
    lines: &[Line],
) -> MultiPolygon<f64> {
    let mut parts: Vec<Polygon<f64>> = rivers.iter().chain(lakes).cloned().collect();
    for river in water::RIVERS {
        parts.extend(plane::corridor(&plane::smooth(&middle(river).0, 40.0), 72.0));
    }
    streams.iter().for_each(|s| parts.extend(plane::corridor(s, 9.0)));
    rail.iter().for_each(|r| parts.extend(plane::corridor(r, 26.0)));
    let station = rail::STATIONS[0].1;
    parts.push(plane::rectangle(
        plane::board(station.0, station.1),
        plane::unit(Point { x: 0.62, y: -0.78 }),
        190.0,
        48.0,
    ));
    parts.extend(GREEN.iter().filter(|g| g.0 != "forest").map(|g| plane::polygon(on_board(g.3))));
    lines.iter().for_each(|l| parts.extend(plane::corridor(&l.points, l.class.half_corridor_m())));
    parts.push(plane::polygon(on_board(&streets::MARKET_SQUARE[..4])));
    geo::unary_union(&parts)
}

/// Parks and woods, and meadows along the rivers, without the water in them.
fn green(water: &MultiPolygon<f64>) -> Vec<(&'static str, &'static str, &'static str, MultiPolygon<f64>)> {
    let mut chance = Chance::new("edges of woods");
    let dry = |shape: Polygon<f64>| plane::without(&MultiPolygon(vec![shape]), water);
    let drawn = GREEN.iter().map(|&(kind, name, name_en, typed)| {
        let corners = on_board(typed);
        let outline = match kind {
            "forest" => round(&ragged(&corners, &mut chance)),
            "grass" => round(&corners),
            _ => corners,
        };
        (kind, name, name_en, dry(plane::polygon(outline)))
    });
    let drawn: Vec<_> = drawn.collect();
    let meadows = water::RIVERS.iter().map(|r| ("grass", "", "", dry(banks(r, 32.0))));
    meadows.chain(drawn).collect()
}

/// A corner more on each side, moved in or out.
fn ragged(corners: &[Point], chance: &mut Chance) -> Vec<Point> {
    (0..corners.len())
        .flat_map(|i| {
            let side = corners[(i + 1) % corners.len()] - corners[i];
            [
                corners[i],
                corners[i] + side * chance.between(0.35, 0.65) + plane::left(side) * chance.between(-0.16, 0.2),
            ]
        })
        .collect()
}

/// The ground of a block, a little way from the kerb.
fn lawn(block: &Polygon<f64>) -> Vec<Polygon<f64>> {
    let kerb = plane::corridor(&block.exterior().0, 5.0);
    plane::without(&MultiPolygon(vec![block.clone()]), &kerb)
        .into_iter()
        .filter(|p| geo::Area::unsigned_area(p) > 800.0)
        .map(|p| plane::polygon(plane::thin_ring(&p.exterior().0, 1.5)))
        .collect()
}

/// Takes away what stands where a street was drawn out to meet another.
fn clear_streets(buildings: &mut Vec<Building>, streets: &Streets) {
    const PAVEMENT_M: f64 = 1.0;
    let grid = Grid::of(streets.edges.iter().map(|e| e.points.as_slice()));
    let clear = |p: Point, q: Point| {
        grid.near(p, q).into_iter().all(|(edge, segment)| {
            let edge = &streets.edges[edge];
            let (a, b) = (edge.points[segment], edge.points[segment + 1]);
            let kerb = streets.class(edge).carriageway_m() / 2.0 + PAVEMENT_M;
            plane::crossing((p, q), (a, b)).is_none()
                && plane::nearest_on(p, a, b).1 > kerb
                && plane::nearest_on(a, p, q).1 > kerb
                && plane::nearest_on(b, p, q).1 > kerb
        })
    };
    buildings.retain(|b| (0..b.corners.len()).all(|i| clear(b.corners[i], b.corners[(i + 1) % b.corners.len()])));
}
