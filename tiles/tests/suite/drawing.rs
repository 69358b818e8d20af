//! A tile shows what lies there.

use geo_types::{Coord, Geometry, GeometryCollection, LineString, MultiPoint, Point, Polygon};
use geozero::mvt::tile::GeomType;
use misto_model::{Audience, TileCoord};
use misto_tiles::{Atlas, Encoding};
use proptest::prelude::*;
use std::io::Read;

use crate::city::{MIDDLE, collection, feature, line, on_tile, point, polygon, tile_at};
use crate::decode::{Decoded, decode};

/// An eighth of a 256-pixel tile's pixel for simplification, one unit for rounding twice.
const TOLERANCE: f64 = 3.0;

fn drawn(geometry: &Geometry<f64>, at: TileCoord) -> Vec<Decoded> {
    let atlas = Atlas::new(1 << 20);
    atlas.load(collection("shapes", Audience::Public), vec![feature(7, geometry.clone())]);
    let tile = atlas.tile(&["shapes".parse().unwrap()], at, Audience::Public, Encoding::Identity).unwrap();
    tile.map_or_else(Vec::new, |tile| decode(&tile.bytes).remove("shapes").unwrap())
}

fn distance(p: [f64; 2], a: [f64; 2], b: [f64; 2]) -> f64 {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length = dx * dx + dy * dy;
    let t = if length == 0.0 { 0.0 } else { (((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length).clamp(0.0, 1.0) };
    (a[0] + t * dx - p[0]).hypot(a[1] + t * dy - p[1])
}

fn distance_to_line(p: [f64; 2], line: &[[f64; 2]]) -> f64 {
    line.windows(2).map(|pair| distance(p, pair[0], pair[1])).fold(f64::INFINITY, f64::min)
}

fn inside(p: [f64; 2], rings: &[Vec<[f64; 2]>]) -> bool {
    let crossings = |ring: &Vec<[f64; 2]>| {
        (0..ring.len())
            .filter(|&i| {
                let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
                (a[1] > p[1]) != (b[1] > p[1]) && a[0] + (p[1] - a[1]) / (b[1] - a[1]) * (b[0] - a[0]) > p[0]
            })
            .count()
    };
    rings.iter().map(crossings).sum::<usize>() % 2 == 1
}

fn doubles(runs: &[Vec<[i32; 2]>]) -> Vec<Vec<[f64; 2]>> {
    runs.iter().map(|run| run.iter().map(|at| at.map(f64::from)).collect()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_point_stands_where_it_is(geometry in point(), zoom in 0u32..=24) {
        let Geometry::Point(place) = &geometry else { unreachable!() };
        let at = tile_at(zoom, place.x(), place.y());
        let tile = drawn(&geometry, at);
        prop_assert_eq!((tile.len(), tile[0].id, tile[0].kind), (1, 7, GeomType::Point));
        let (shown, true_place) = (tile[0].runs[0][0].map(f64::from), on_tile(at, place.0));
        // Half a unit of rounding, and half a cell of 9 mm, which is 8 units at zoom 24.
        let off = 0.5 + 0.01 + 0.5 * f64::from(zoom as i32 - 20).exp2();
        prop_assert!((shown[0] - true_place[0]).abs() <= off && (shown[1] - true_place[1]).abs() <= off);
    }

    #[test]
    fn a_line_runs_where_it_runs(geometry in line(), zoom in 8u32..=18) {
        let Geometry::LineString(line) = &geometry else { unreachable!() };
        let at = tile_at(zoom, line.0[0].x, line.0[0].y);
        let source: Vec<_> = line.0.iter().map(|place| on_tile(at, *place)).collect();
        let tile = drawn(&geometry, at);
        let shown: Vec<_> = tile.iter().flat_map(|decoded| doubles(&decoded.runs)).collect();
        for place in shown.iter().flatten() {
            prop_assert!(distance_to_line(*place, &source) <= TOLERANCE, "{place:?} is not on the line");
        }
        for pair in source.windows(2) {
            for step in 0..=20 {
                let t = f64::from(step) / 20.0;
                let place = [pair[0][0] + t * (pair[1][0] - pair[0][0]), pair[0][1] + t * (pair[1][1] - pair[0][1])];
                if place.iter().all(|v| (0.0..=4096.0).contains(v)) {
                    let off = shown.iter().map(|run| distance_to_line(place, run)).fold(f64::INFINITY, f64::min);
                    prop_assert!(off <= TOLERANCE, "{place:?} is missing, {off}");
                }
            }
        }
    }

    #[test]
    fn a_polygon_fills_what_it_fills(geometry in polygon(), zoom in 8u32..=18, dx in -1i64..=1, dy in -1i64..=1) {
        let Geometry::Polygon(polygon) = &geometry else { unreachable!() };
        let near = tile_at(zoom, polygon.exterior().0[0].x, polygon.exterior().0[0].y);
        let beside = |v: u32, step: i64| (i64::from(v) + step) as u32;
        let at = TileCoord::new(zoom, beside(near.x(), dx), beside(near.y(), dy)).unwrap();
        let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
        let source: Vec<Vec<_>> = rings.map(|ring| ring.0.iter().map(|place| on_tile(at, *place)).collect()).collect();
        let shown: Vec<_> = drawn(&geometry, at).iter().flat_map(|decoded| doubles(&decoded.runs)).collect();
        for step in 0..400u32 {
            let place = [f64::from(step % 20) * 215.0 + 3.3, f64::from(step / 20) * 215.0 + 3.3];
            let to_edge = source.iter().map(|ring| distance_to_line(place, ring)).fold(f64::INFINITY, f64::min);
            if to_edge > TOLERANCE {
                prop_assert_eq!(inside(place, &source), inside(place, &shown), "{:?}, {} from the edge", place, to_edge);
            }
        }
    }
}

/// A place of nobody's validation: beyond the world, on its edges, no number, or in the city.
fn any_place() -> impl Strategy<Value = Coord<f64>> {
    let number = |reach: f64, middle: f64| {
        prop_oneof![
            4 => -reach..reach,
            4 => middle - 0.02..middle + 0.02,
            1 => prop::sample::select(vec![-180.0, 180.0, 0.0, 90.0, -90.0, 85.051_128_779, f64::NAN, f64::INFINITY, 1e300, middle]),
        ]
    };
    (number(400.0, MIDDLE.0), number(200.0, MIDDLE.1)).prop_map(|(x, y)| Coord { x, y })
}

fn any_run() -> impl Strategy<Value = LineString<f64>> {
    prop::collection::vec(any_place(), 0..12).prop_map(LineString)
}

/// Rings that cross themselves and each other, holes anywhere, members without a vertex.
fn broken_shape() -> impl Strategy<Value = Geometry<f64>> {
    let polygon =
        || (any_run(), prop::collection::vec(any_run(), 0..3)).prop_map(|(shell, holes)| Polygon::new(shell, holes));
    prop_oneof![
        any_place().prop_map(|at| Point(at).into()),
        any_run().prop_map(Geometry::from),
        polygon().prop_map(Geometry::from),
        prop::collection::vec(polygon(), 0..4).prop_map(|all| Geometry::from(geo_types::MultiPolygon(all))),
        prop::collection::vec(any_run(), 0..4).prop_map(|all| Geometry::from(geo_types::MultiLineString(all))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// The decoder of these tests complains of what the specification forbids.
    #[test]
    fn whatever_the_geometry_the_tile_is_valid(geometry in broken_shape(), zoom in 0u32..=24) {
        drawn(&geometry, tile_at(zoom, MIDDLE.0, MIDDLE.1));
        drawn(&geometry, TileCoord::new(zoom, 0, 0).unwrap());
        let last = (1u32 << zoom) - 1;
        drawn(&geometry, TileCoord::new(zoom, last, last).unwrap());
    }

    #[test]
    fn whatever_the_geometry_every_question_has_an_answer(geometry in broken_shape()) {
        let atlas = Atlas::new(1 << 20);
        let id = "shapes".parse().unwrap();
        atlas.load(collection("shapes", Audience::Public), vec![feature(7, geometry), feature(8, Point::new(MIDDLE.0, MIDDLE.1))]);
        let near = misto_model::Position::new(MIDDLE.0, MIDDLE.1).unwrap();
        prop_assert!(!atlas.nearest(&id, near, 5, f64::INFINITY, Audience::Public).unwrap().is_empty());
        for text in ["S_INTERSECTS(geometry, BBOX(24, 48, 25, 49))", "S_WITHIN(geometry, BBOX(-180, -85, 180, 85))"] {
            let filter = Some(misto_tiles::Filter::parse_text(text).unwrap());
            let query = misto_tiles::ItemsQuery { filter, limit: 10, ..Default::default() };
            let found = atlas.items(&id, &query, Audience::Public).unwrap();
            prop_assert!(found.features.iter().any(|item| item.id.0 == 8), "the other one is found beside it");
            let finite = |item: &misto_tiles::Item| {
                item.geometry().is_none_or(|shape| geo::CoordsIter::coords_iter(shape).all(|at| at.x.is_finite() && at.y.is_finite()))
            };
            prop_assert!(found.features.iter().all(finite), "what is no number is no place");
        }
    }
}

#[test]
fn attributes_keep_their_types_and_unknown_is_absent() {
    let at = tile_at(14, MIDDLE.0, MIDDLE.1);
    let tile = drawn(&Point::new(MIDDLE.0, MIDDLE.1).into(), at);
    let attributes = &tile[0].attributes;
    assert_eq!(attributes["name"].string_value.as_deref(), Some("feature 7"));
    assert_eq!(attributes["levels"].int_value, Some(7));
    assert_eq!(attributes["width_m"].double_value, Some(2.5));
    assert_eq!(attributes["oneway"].bool_value, Some(false));
    assert!(!attributes.contains_key("rank"));
}

#[test]
fn a_mixed_collection_becomes_one_feature_a_kind() {
    let (lon, lat) = MIDDLE;
    let square = |size: f64| geo_types::Rect::new((lon, lat), (lon + size, lat + size)).to_polygon();
    let mixed = GeometryCollection(vec![
        Geometry::MultiPoint(MultiPoint::from(vec![(lon, lat), (lon + 1e-4, lat)])),
        square(1e-3).into(),
        LineString::from(vec![(lon, lat), (lon + 1e-3, lat)]).into(),
        Geometry::GeometryCollection(GeometryCollection(vec![square(2e-3).into()])),
    ]);
    let tile = drawn(&Geometry::GeometryCollection(mixed), tile_at(15, lon, lat));
    let kinds: Vec<_> = tile.iter().map(|decoded| (decoded.id, decoded.kind, decoded.runs.len())).collect();
    assert_eq!(kinds, [(7, GeomType::Point, 1), (7, GeomType::Linestring, 1), (7, GeomType::Polygon, 2)]);
}

#[test]
fn nothing_is_too_small_to_be_seen() {
    let (lon, lat) = MIDDLE;
    let speck = Polygon::new(LineString::from(vec![(lon, lat), (lon + 1e-9, lat), (lon, lat + 1e-9)]), vec![]);
    let tick = LineString::from(vec![(lon, lat), (lon, lat)]);
    for zoom in [3, 13, 14, 18, 24] {
        assert_eq!(drawn(&speck.clone().into(), tile_at(zoom, lon, lat)).len(), 1);
        assert_eq!(drawn(&tick.clone().into(), tile_at(zoom, lon, lat)).len(), 1);
    }
}

#[test]
fn strange_geometry_gives_a_sane_tile() {
    let world = TileCoord::new(0, 0, 0).unwrap();
    let ring = |places: &[(f64, f64)]| Polygon::new(LineString::from(places.to_vec()), vec![]);
    let antarctica = ring(&[(-180.0, -90.0), (-180.0, -70.0), (180.0, -70.0), (180.0, -90.0)]);
    assert_eq!(drawn(&antarctica.into(), world)[0].runs[0].len(), 4);
    let bow_tie = ring(&[(0.0, 0.0), (40.0, 40.0), (40.0, 0.0), (0.0, 30.0)]);
    assert_eq!(drawn(&bow_tie.into(), world).len(), 1);
    let across = ring(&[(170.0, 10.0), (190.0, 10.0), (190.0, 20.0), (170.0, 20.0)]);
    assert_eq!(drawn(&across.into(), world).len(), 1);
    let hole_outside = Polygon::new(
        LineString::from(vec![(0.0, 0.0), (10.0, 0.0), (10.0, 10.0)]),
        vec![LineString::from(vec![(50.0, 50.0), (90.0, 50.0), (90.0, 80.0)])],
    );
    drawn(&hole_outside.into(), world);
    for nothing in [
        Geometry::GeometryCollection(GeometryCollection(vec![])),
        Point::new(f64::NAN, 0.0).into(),
        Point::new(0.0, 89.9).into(),
        LineString::<f64>(vec![]).into(),
        LineString::from(vec![(f64::INFINITY, 0.0), (1.0, f64::NAN)]).into(),
    ] {
        assert!(drawn(&nothing, world).is_empty(), "{nothing:?}");
    }
}

#[test]
fn a_million_vertices_are_drawn_on_every_zoom() {
    let spiral: LineString<f64> = (0..1_000_000)
        .map(|i| {
            let turn = f64::from(i) / 500.0;
            Coord { x: MIDDLE.0 + turn / 2e4 * turn.cos(), y: MIDDLE.1 + turn / 2e4 * turn.sin() }
        })
        .collect();
    let atlas = Atlas::new(1 << 24);
    let ids = ["shapes".parse().unwrap()];
    atlas.load(collection("shapes", Audience::Public), vec![feature(1, spiral)]);
    for zoom in 0..=20 {
        let at = tile_at(zoom, MIDDLE.0, MIDDLE.1);
        let tile = atlas.tile(&ids, at, Audience::Public, Encoding::Identity).unwrap().expect("something");
        assert_eq!(decode(&tile.bytes)["shapes"].len(), 1);
    }
}

#[test]
fn gzip_holds_the_same_tile_under_another_tag() {
    let atlas = Atlas::new(1 << 20);
    let ids = ["shapes".parse().unwrap()];
    atlas.load(collection("shapes", Audience::Public), vec![feature(1, Point::new(MIDDLE.0, MIDDLE.1))]);
    let at = tile_at(12, MIDDLE.0, MIDDLE.1);
    let plain = atlas.tile(&ids, at, Audience::Public, Encoding::Identity).unwrap().unwrap();
    let packed = atlas.tile(&ids, at, Audience::Public, Encoding::Gzip).unwrap().unwrap();
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&packed.bytes[..]).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain.bytes);
    assert_ne!(plain.etag, packed.etag);
    assert!(packed.etag.starts_with('"') && packed.etag.ends_with('"'));
}
