//! Items and nearest, against looking at every feature.

use geo::Intersects;
use geo_types::{Coord, Geometry, Point, Polygon, Rect};
use misto_model::{Audience, Bbox, CollectionId, Error, FeatureId, Position};
use misto_tiles::{Atlas, ItemsQuery};
use proptest::prelude::*;

use crate::city::{MIDDLE, any_shape, collection, feature, point};

fn atlas(shapes: &[Geometry<f64>]) -> (Atlas, CollectionId) {
    let atlas = Atlas::new(0);
    let features = (1..).zip(shapes).map(|(id, shape)| feature(id, shape.clone())).collect();
    atlas.load(collection("shapes", Audience::Public), features);
    (atlas, "shapes".parse().unwrap())
}

proptest! {
    #[test]
    fn pages_hold_every_match_once(
        shapes in prop::collection::vec(any_shape(), 0..60),
        limit in 1usize..20,
        corner in (-0.05..0.05, -0.05..0.05),
    ) {
        let (atlas, id) = atlas(&shapes);
        let (west, south) = (MIDDLE.0 + corner.0, MIDDLE.1 + corner.1);
        let bbox = Bbox::new(west, south, west + 0.03, south + 0.02).unwrap();
        let rect = Rect::new(Coord { x: west, y: south }, Coord { x: west + 0.03, y: south + 0.02 });
        let expected: Vec<_> = (1i64..).zip(&shapes).filter(|(_, shape)| shape.intersects(&rect)).map(|(id, _)| id).collect();
        let mut query = ItemsQuery { bbox: Some(bbox), limit, ..ItemsQuery::default() };
        let mut found = Vec::new();
        loop {
            let page = atlas.items(&id, &query, Audience::Public).unwrap();
            prop_assert_eq!(page.matched, expected.len() as u64);
            prop_assert!(page.features.len() <= limit);
            found.extend(page.features.iter().map(|feature| feature.id.0));
            match page.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
        prop_assert_eq!(&found, &expected);
        let each: Vec<_> = atlas.each(&id, Some(bbox), Audience::Public).unwrap().iter().map(|f| f.id.0).collect();
        prop_assert_eq!(each, expected);
    }

    #[test]
    fn the_nearest_are_the_nearest(
        shapes in prop::collection::vec(point(), 1..80),
        from in (-0.06..0.06, -0.06..0.06),
        limit in 1usize..12,
        most in 100.0..10_000.0,
    ) {
        let (atlas, id) = atlas(&shapes);
        let from = Position::new(MIDDLE.0 + from.0, MIDDLE.1 + from.1).unwrap();
        let metres = |shape: &Geometry<f64>| {
            let Geometry::Point(place) = shape else { unreachable!() };
            from.distance_m(Position::new(place.x(), place.y()).unwrap())
        };
        let mut expected: Vec<f64> = shapes.iter().map(metres).filter(|metres| *metres <= most).collect();
        expected.sort_by(f64::total_cmp);
        expected.truncate(limit);
        let found = atlas.nearest(&id, from, limit, most, Audience::Public).unwrap();
        prop_assert_eq!(found.len(), expected.len());
        for ((metres, _), expected) in found.iter().zip(expected) {
            prop_assert!((metres - expected).abs() < 0.02, "{} is not {}", metres, expected);
        }
    }
}

#[test]
fn within_a_polygon_is_no_distance_and_its_hole_is_one() {
    let (lon, lat) = MIDDLE;
    let ring = |half: f64| Rect::new((lon - half, lat - half), (lon + half, lat + half)).to_polygon().into_inner().0;
    let frame = Polygon::new(ring(0.01), vec![ring(0.005)]);
    let (atlas, id) = atlas(&[frame.into()]);
    let metres = |lon: f64, lat: f64| {
        atlas.nearest(&id, Position::new(lon, lat).unwrap(), 1, f64::INFINITY, Audience::Public).unwrap()[0].0
    };
    assert_eq!(metres(lon + 0.007, lat), 0.0);
    let to_edge = Position::new(lon, lat).unwrap().distance_m(Position::new(lon + 0.005, lat).unwrap());
    assert!((metres(lon, lat) - to_edge).abs() < 0.02);
}

#[test]
fn conditions_know_the_types_of_attributes() {
    let (atlas, id) = atlas(&(0..10).map(|i| Point::new(f64::from(i), 0.0).into()).collect::<Vec<_>>());
    let ask = |name: &str, value: &str| {
        let equals = vec![(name.to_owned(), value.to_owned())];
        atlas.items(&id, &ItemsQuery { equals, limit: 100, ..ItemsQuery::default() }, Audience::Public)
    };
    assert_eq!(ask("levels", "3").unwrap().features[0].id, FeatureId(3));
    assert_eq!(ask("oneway", "true").unwrap().matched, 5);
    assert_eq!(ask("width_m", "2.50").unwrap().matched, 10);
    assert_eq!(ask("name", "feature 4").unwrap().matched, 1);
    assert_eq!(ask("rank", "1").unwrap().matched, 0, "unknown equals nothing");
    for (name, value) in [("levels", "three"), ("oneway", "yes"), ("width_m", "wide"), ("colour", "red")] {
        let Err(Error::Invalid { field, reason }) = ask(name, value) else { panic!("{name}={value} was taken") };
        assert!(field == name && !reason.is_empty());
    }
}

#[test]
fn a_point_near_a_pole_is_an_item_though_no_tile_shows_it() {
    let (atlas, id) = atlas(&[Point::new(10.0, 89.0).into()]);
    let query = ItemsQuery { bbox: Some(Bbox::new(0.0, 88.0, 20.0, 90.0).unwrap()), limit: 5, ..ItemsQuery::default() };
    assert_eq!(atlas.items(&id, &query, Audience::Public).unwrap().matched, 1);
    assert!(
        atlas.nearest(&id, Position::new(10.0, 88.0).unwrap(), 1, f64::INFINITY, Audience::Public).unwrap().is_empty()
    );
}
