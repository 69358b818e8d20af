//! What the drawing promises.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use geo_types::Geometry;

use super::*;
use crate::buildings::holds;
use crate::network::Grid;
use crate::plane::Point;
use crate::write::Drawn;

static CITY: LazyLock<City> = LazyLock::new(City::draw);

/// Runs of the generator that differ would make every commit a new city.
#[test]
fn the_committed_files_are_what_the_generator_draws() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, bytes) in files().unwrap() {
        let committed = std::fs::read(folder.join(&name)).unwrap();
        assert!(committed == bytes, "{name} differs: run `cargo run -p misto-sample-layers --bin generate`");
        assert!(bytes.len() < 3_000_000, "{name} has {} bytes", bytes.len());
        assert!(!name.ends_with("fgb") || bytes.len() < 2_000_000, "{name} has {} bytes", bytes.len());
    }
}

#[test]
fn the_city_has_the_size_of_one() {
    let count = |kind: &str| CITY.buildings.iter().filter(|b| b.kind == kind).count();
    assert!((6_000..9_500).contains(&CITY.buildings.len()), "{}", CITY.buildings.len());
    for (kind, least) in [("residential", 4_000), ("commercial", 200), ("public", 100), ("industrial", 300)] {
        assert!(count(kind) >= least, "{kind}: {}", count(kind));
    }
    assert!(CITY.streets.edges.len() > 1_500, "{}", CITY.streets.edges.len());
    let named: BTreeSet<&str> = CITY.streets.edges.iter().map(|e| CITY.streets.name(e)).collect();
    for name in [
        "вул. Незалежності",
        "вул. Галицька",
        "вул. Гетьмана Мазепи",
        "вул. Вовчинецька",
        "вул. Коновальця",
        "площа Ринок",
    ] {
        assert!(named.contains(name), "{name}");
    }
}

#[test]
fn no_building_stands_in_water_on_a_street_or_on_the_railway() {
    let edges = &CITY.streets.edges;
    let streets = Grid::of(edges.iter().map(|e| e.points.as_slice()));
    let rails = Grid::of(CITY.rail.iter().map(Vec::as_slice));
    let waters: Vec<&[Point]> = CITY.rivers.iter().chain(&CITY.lakes).map(|p| p.exterior().0.as_slice()).collect();
    for b in &CITY.buildings {
        let n = b.corners.len();
        let sides: Vec<(Point, Point)> = (0..n).map(|i| (b.corners[i], b.corners[(i + 1) % n])).collect();
        for &(p, q) in &sides {
            assert!(waters.iter().all(|w| !holds(w, p)), "in water: {:?}", plane::degrees(p));
            for (edge, segment) in streets.near(p, q) {
                let e = &edges[edge];
                let w = (e.points[segment], e.points[segment + 1]);
                assert!(plane::crossing((p, q), w).is_none(), "on a street: {:?}", plane::degrees(p));
                let gap = plane::nearest_on(p, w.0, w.1).1;
                let kerb = CITY.streets.class(e).carriageway_m() / 2.0;
                assert!(
                    gap >= kerb,
                    "{gap} m from the middle of a street {kerb} m wide to its kerb: {:?}",
                    plane::degrees(p)
                );
            }
            for (line, segment) in rails.near(p, q) {
                let w = (CITY.rail[line][segment], CITY.rail[line][segment + 1]);
                assert!(
                    plane::crossing((p, q), w).is_none() && plane::nearest_on(p, w.0, w.1).1 > 5.0,
                    "on the railway: {:?}",
                    plane::degrees(p)
                );
            }
        }
    }
}

#[test]
fn no_two_buildings_of_a_block_overlap() {
    let mut blocks: BTreeMap<Option<usize>, Vec<&[Point]>> = BTreeMap::new();
    for b in &CITY.buildings {
        blocks.entry(b.block).or_default().push(&b.corners);
    }
    for outlines in blocks.values() {
        for (i, a) in outlines.iter().enumerate() {
            for b in &outlines[i + 1..] {
                assert!(!buildings::overlap(a, b, 0.0), "{:?}", plane::degrees(a[0]));
            }
        }
    }
}

/// A place in whole centimetres.
type Place = (i64, i64);

/// Ends of lines, and places of points.
fn ends(network: &[Drawn]) -> (Vec<Place>, BTreeSet<Place>) {
    let (mut ends, mut points) = (Vec::new(), BTreeSet::new());
    for feature in network {
        match &feature.geometry {
            Geometry::LineString(line) => ends.extend([plane::key(line.0[0]), plane::key(line.0[line.0.len() - 1])]),
            Geometry::Point(p) => {
                points.insert(plane::key(p.0));
            }
            other => panic!("{other:?} in a network"),
        }
    }
    (ends, points)
}

#[test]
fn pipes_and_cables_share_their_ends() {
    let taps = networks::taps(&CITY);
    let walls: BTreeSet<(i64, i64)> = taps.iter().map(|t| plane::key(plane::snap(t.wall))).collect();
    for (name, network) in [
        ("water", networks::water::draw(&CITY.streets, &taps)),
        ("sewer", networks::sewer::draw(&CITY.streets, &taps)),
        ("heat", networks::heat::draw(&CITY, &taps)),
        ("power", networks::power::draw(&CITY, &taps)),
    ] {
        let (ends, points) = ends(&network);
        let mut met: BTreeMap<(i64, i64), usize> = BTreeMap::new();
        ends.iter().for_each(|&end| *met.entry(end).or_default() += 1);
        // What ends at a house ends where it should; every other end must meet another end or a node.
        let inner: Vec<_> = ends.iter().filter(|end| !walls.contains(end)).collect();
        let shared = inner.iter().filter(|end| met[end] > 1 || points.contains(end)).count();
        assert!(shared * 100 >= inner.len() * 95, "{name}: {shared} of {} ends are shared", inner.len());
    }
}

#[test]
fn every_block_is_reached_by_water_sewer_and_power() {
    let taps = networks::taps(&CITY);
    let built: BTreeSet<usize> = CITY.buildings.iter().filter_map(|b| b.block).collect();
    let connected: BTreeSet<usize> = taps.iter().map(|t| t.block).collect();
    let lonely: Vec<_> = built.difference(&connected).collect();
    assert!(lonely.len() * 50 < built.len(), "{} of {} blocks without a street near", lonely.len(), built.len());
    for (name, network) in [
        ("water", networks::water::draw(&CITY.streets, &taps)),
        ("sewer", networks::sewer::draw(&CITY.streets, &taps)),
        ("power", networks::power::draw(&CITY, &taps)),
    ] {
        let (ends, _) = ends(&network);
        let ends: BTreeSet<_> = ends.into_iter().collect();
        let missing = taps.iter().filter(|t| !ends.contains(&plane::key(plane::snap(t.wall)))).count();
        assert_eq!(missing, 0, "{name} reaches not every block");
    }
}

#[test]
fn stops_lie_at_the_kerb_a_walk_apart() {
    let transit = Transit::draw(&CITY);
    assert_eq!(transit.ways.len(), 20);
    for way in &transit.ways {
        assert!(way.stops.len() >= 8, "{}: {} stops", way.shape_id(), way.stops.len());
        let gaps: Vec<f64> = way.stops.windows(2).map(|w| w[1].1 - w[0].1).collect();
        assert!(gaps.iter().all(|&g| (CLOSEST..1_200.0).contains(&g)), "{}: {gaps:?}", way.shape_id());
        let usual = gaps.iter().filter(|&&g| g <= 650.0).count();
        assert!(usual * 100 >= gaps.len() * 85, "{}: {gaps:?}", way.shape_id());
        for &(stop, _) in &way.stops {
            let off = plane::locate(&way.line, transit.stops[stop].place).1;
            assert!(off < 16.0, "{} m from the line", off);
        }
    }
}

const CLOSEST: f64 = 269.0;

#[test]
fn utility_vehicles_keep_to_the_streets() {
    let place = |p: Point| {
        let d = plane::degrees(p);
        ((d.x * 1e6).round() as i64, (d.y * 1e6).round() as i64)
    };
    let steps: BTreeSet<(Place, Place)> = CITY
        .streets
        .edges
        .iter()
        .flat_map(|e| e.points.windows(2).flat_map(|w| [(place(w[0]), place(w[1])), (place(w[1]), place(w[0]))]))
        .collect();
    let transit = Transit::draw(&CITY);
    let file: misto_sample_layers::DemoFleet =
        serde_json::from_slice(&fleet::file(&CITY, &timetable::blocks(&transit)).unwrap()).unwrap();
    let circuits: Vec<_> = file.vehicles.iter().filter(|v| v.block.is_none()).collect();
    assert_eq!(circuits.len(), 15);
    for v in circuits {
        assert_eq!(v.circuit.first(), v.circuit.last());
        let whole = |p: &[f64; 2]| ((p[0] * 1e6).round() as i64, (p[1] * 1e6).round() as i64);
        for w in v.circuit.windows(2) {
            assert!(steps.contains(&(whole(&w[0]), whole(&w[1]))), "{}: {w:?}", v.registration.public_id);
        }
    }
}
