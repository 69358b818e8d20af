//! Distances and meetings, against looking at every feature.

use std::collections::BTreeSet;

use geo::{Closest, Densify, Distance, Euclidean, Geodesic, HaversineClosestPoint, InteriorPoint, Intersects};
use geo_types::{Geometry, LineString, Point, Polygon, Rect};
use misto_model::{Audience, CollectionId, Error};
use misto_tiles::{Atlas, Filter, MeetingsQuery, NearQuery, WithinQuery, parse_wkt};
use proptest::prelude::*;

use crate::city::{MIDDLE, any_shape, collection, feature, line, point};

fn atlas(shapes: &[Geometry<f64>]) -> (Atlas, CollectionId) {
    let atlas = Atlas::new(0);
    let features = (1..).zip(shapes).map(|(id, shape)| feature(id, shape.clone())).collect();
    atlas.load(collection("shapes", Audience::Public), features);
    (atlas, "shapes".parse().unwrap())
}

/// Metres on the ellipsoid from a point to the closest spot of a shape, by another
/// library's search. Its edges are arcs of great circles, ours are straight on the map:
/// pieces of 20 m are both.
fn metres(from: Point<f64>, shape: &Geometry<f64>) -> f64 {
    let pieces: Geometry<f64> = match shape {
        Geometry::LineString(line) => Euclidean.densify(line, 2e-4).into(),
        Geometry::Polygon(polygon) => Euclidean.densify(polygon, 2e-4).into(),
        other => other.clone(),
    };
    match pieces.haversine_closest_point(&from) {
        Closest::Intersection(_) => 0.0,
        Closest::SinglePoint(at) => Geodesic.distance(from, at),
        Closest::Indeterminate => f64::INFINITY,
    }
}

fn close(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 0.02 + expected * 1e-3
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_nearest_to_a_point_are_the_nearest(
        shapes in prop::collection::vec(any_shape(), 1..60),
        from in (-0.06..0.06, -0.06..0.06),
        limit in 1usize..12,
    ) {
        let (atlas, id) = atlas(&shapes);
        let from = Point::new(MIDDLE.0 + from.0, MIDDLE.1 + from.1);
        let query = NearQuery { to: from.into(), filter: None, max_distance_m: 50_000.0, limit };
        let found = atlas.nearest_to(&id, &query, Audience::Public).unwrap();
        let mut expected: Vec<f64> = shapes.iter().map(|shape| metres(from, shape)).collect();
        expected.sort_by(f64::total_cmp);
        expected.truncate(limit);
        prop_assert_eq!(found.len(), expected.len());
        for ((metres, _), expected) in found.iter().zip(expected) {
            prop_assert!(close(*metres, expected), "{} is not {}", metres, expected);
        }
    }

    #[test]
    fn what_is_near_a_line_is_near_its_densified_points(
        shapes in prop::collection::vec(point(), 1..40),
        along in line(),
        distance in 1.0..3_000.0,
    ) {
        let (atlas, id) = atlas(&shapes);
        let query = WithinQuery { of: along.clone(), distance_m: distance, filter: None, after: None, limit: 3 };
        let mut found = Vec::new();
        let mut page = query;
        loop {
            let reached = atlas.within(&id, &page, Audience::Public).unwrap();
            found.extend(reached.features.iter().map(|(metres, feature)| (feature.id.0, *metres)));
            match reached.next {
                Some(next) => page.after = Some(next),
                None => { prop_assert_eq!(reached.matched, found.len() as u64); break }
            }
        }
        let by_id: std::collections::BTreeMap<i64, f64> = found.into_iter().collect();
        for (id, shape) in (1i64..).zip(&shapes) {
            let Geometry::Point(at) = shape else { unreachable!() };
            let expected = metres(*at, &along);
            match by_id.get(&id) {
                Some(metres) => prop_assert!(close(*metres, expected), "{} is not {}", metres, expected),
                None => prop_assert!(expected > distance * 0.999 - 0.02, "{} was left out of {}", expected, distance),
            }
        }
    }

    #[test]
    fn meetings_are_those_of_every_pair(
        ours in prop::collection::vec(any_shape(), 0..25),
        theirs in prop::collection::vec(any_shape(), 0..25),
        limit in 1usize..6,
    ) {
        let (atlas, id) = atlas(&ours);
        let others = (1..).zip(&theirs).map(|(id, shape)| feature(id, shape.clone())).collect();
        atlas.load(collection("roads", Audience::Public), others);
        let mut query = MeetingsQuery { other: "roads".parse().unwrap(), buffer_m: 0.0, bbox: None, filter: None, after: None, limit };
        let mut found = BTreeSet::new();
        loop {
            let page = atlas.meetings(&id, &query, Audience::Public).unwrap();
            prop_assert!(page.meetings.len() <= limit);
            for meeting in &page.meetings {
                found.extend(meeting.meets.iter().map(|other| (meeting.feature.id.0, other.0)));
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
        let mut expected = BTreeSet::new();
        for (a, one) in (1i64..).zip(&ours) {
            expected.extend((1i64..).zip(&theirs).filter(|(_, other)| one.intersects(*other)).map(|(b, _)| (a, b)));
        }
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn areas_cover_and_their_holes_do_not() {
    let (lon, lat) = MIDDLE;
    let ring = |half: f64| Rect::new((lon - half, lat - half), (lon + half, lat + half)).to_polygon().into_inner().0;
    let frame: Geometry<f64> = Polygon::new(ring(0.01), vec![ring(0.005)]).into();
    let (atlas, id) = atlas(&[
        Point::new(lon, lat).into(),
        Point::new(lon + 0.007, lat).into(),
        frame.interior_point().unwrap().into(),
    ]);
    let query = WithinQuery { of: frame.clone(), distance_m: 0.0, filter: None, after: None, limit: 10 };
    let reached = atlas.within(&id, &query, Audience::Public).unwrap();
    assert_eq!(
        reached.features.iter().map(|(metres, feature)| (*metres, feature.id.0)).collect::<Vec<_>>(),
        [(0.0, 2), (0.0, 3)]
    );
    let query = NearQuery {
        to: frame,
        filter: Some(Filter::parse_text("levels = 1").unwrap()),
        max_distance_m: 1000.0,
        limit: 1,
    };
    let (to_hole, feature) = atlas.nearest_to(&id, &query, Audience::Public).unwrap().remove(0);
    let edge = Geodesic.distance(Point::new(lon, lat), Point::new(lon + 0.005, lat));
    assert!(close(to_hole, edge) && feature.id.0 == 1, "{to_hole} is not {edge}");
}

#[test]
fn a_buffer_is_in_metres() {
    let street: LineString<f64> = vec![(24.70, 48.92), (24.72, 48.92)].into();
    let (atlas, id) = atlas(&[Point::new(24.71, 48.920_09).into(), Point::new(24.71, 48.921).into()]);
    atlas.load(collection("roads", Audience::Public), vec![feature(5, street)]);
    let ask = |buffer_m: f64| {
        let other = "roads".parse().unwrap();
        let query = MeetingsQuery { other, buffer_m, bbox: None, filter: None, after: None, limit: 10 };
        atlas
            .meetings(&id, &query, Audience::Public)
            .unwrap()
            .meetings
            .iter()
            .map(|m| m.feature.id.0)
            .collect::<Vec<_>>()
    };
    // 0.00009° of latitude are 10.01 m here, 0.001° are 111.2 m.
    assert_eq!((ask(9.9), ask(10.1), ask(111.3)), (vec![], vec![1], vec![1, 2]));
}

#[test]
fn questions_are_bounded_and_say_so() {
    let (atlas, id) = atlas(&[Point::new(MIDDLE.0, MIDDLE.1).into()]);
    let long: LineString<f64> = (0..1_001).map(|i| (f64::from(i) * 1e-3, 0.0)).collect();
    let near = |to: Geometry<f64>, max_distance_m| {
        atlas.nearest_to(&id, &NearQuery { to, filter: None, max_distance_m, limit: 1 }, Audience::Public)
    };
    for (asked, name) in [
        (near(long.into(), 1.0), "to"),
        (near(Point::new(0.0, 89.0).into(), 1.0), "to"),
        (near(Point::new(0.0, 0.0).into(), f64::NAN), "max_distance_m"),
        (near(Point::new(0.0, 0.0).into(), 1e6), "max_distance_m"),
    ] {
        assert!(matches!(asked, Err(Error::Invalid { field, .. }) if field == name), "{name}");
    }
    for wrong in ["", "POINT", "POINT(1)", "POINT(1 2) x", "LINESTRING(1 2)", "POLYGON((0 0,1 1,2 2))", "24.7,48.9"] {
        assert!(matches!(parse_wkt("of", wrong), Err(Error::Invalid { field, .. }) if field == "of"), "{wrong}");
    }
}
