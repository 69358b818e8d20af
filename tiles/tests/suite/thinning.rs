//! Low zooms keep to a budget and say so; where people edit nothing is left out.

use std::collections::BTreeSet;

use geo_types::{Point, Rect};
use misto_model::{Audience, CollectionId, Feature};
use misto_tiles::{Atlas, Encoding, Tile};

use crate::city::{MIDDLE, collection, feature, tile_at};
use crate::decode::decode;

const BUDGET: usize = 50_000;

/// Houses in rows, the hundredth of each hundred four times as wide.
fn houses(count: i64) -> Vec<Feature> {
    let house = |id: i64| {
        let (lon, lat) = (MIDDLE.0 + (id % 100) as f64 * 3e-4, MIDDLE.1 - (id / 100) as f64 * 3e-4);
        let size = if id % 100 == 99 { 2.4e-4 } else { 6e-5 + (id % 7) as f64 * 1e-6 };
        feature(id, Rect::new((lon, lat), (lon + size, lat + size)).to_polygon())
    };
    (1..=count).map(house).collect()
}

fn ask(atlas: &Atlas, ids: &[CollectionId], zoom: u32) -> Option<Tile> {
    atlas.tile(ids, tile_at(zoom, MIDDLE.0 + 1e-4, MIDDLE.1 - 1e-4), Audience::Public, Encoding::Identity).unwrap()
}

fn numbers(tile: &Tile, layer: &str) -> BTreeSet<u64> {
    decode(&tile.bytes)[layer].iter().map(|feature| feature.id).collect()
}

#[test]
fn the_smallest_go_first_and_the_tile_says_so() {
    let atlas = Atlas::with_tile_budget(1 << 30, BUDGET);
    let ids = ["houses".parse().unwrap()];
    atlas.load(collection("houses", Audience::Public), houses(10_000));
    let tile = ask(&atlas, &ids, 10).unwrap();
    let shown = numbers(&tile, "houses");
    assert!(tile.thinned && tile.bytes.len() <= BUDGET && tile.bytes.len() > BUDGET / 2, "{}", tile.bytes.len());
    assert!((1..=100).all(|row| shown.contains(&(row * 100 - 1))), "the wide ones stay");
    let deep = ask(&atlas, &ids, 14).unwrap();
    assert!(!deep.thinned && deep.bytes.len() > BUDGET);
}

#[test]
fn points_go_by_rank_and_what_stays_stays_at_the_next_zoom() {
    let atlas = Atlas::with_tile_budget(1 << 30, BUDGET);
    let ids = ["places".parse().unwrap()];
    let places = (1..=20_000i64).map(|id| {
        let mut place =
            feature(id, Point::new(MIDDLE.0 + (id % 150) as f64 * 1e-5, MIDDLE.1 - (id / 150) as f64 * 1e-5));
        if id % 1000 == 0 {
            place.properties.insert("rank".into(), 1.into());
        }
        place
    });
    atlas.load(collection("places", Audience::Public), places.collect());
    let shown = numbers(&ask(&atlas, &ids, 8).unwrap(), "places");
    assert!(shown.len() > 500 && (1..=20).all(|n| shown.contains(&(n * 1000))));
    let closer = numbers(&ask(&atlas, &ids, 11).unwrap(), "places");
    assert!(shown.is_subset(&closer) || closer.is_subset(&shown));
    assert_eq!(numbers(&ask(&atlas, &ids, 14).unwrap(), "places").len(), 20_000);
}

#[test]
fn layers_of_one_tile_share_its_budget_and_a_small_one_stays_whole() {
    let atlas = Atlas::with_tile_budget(1 << 30, BUDGET);
    let (big, small): (CollectionId, CollectionId) = ("houses".parse().unwrap(), "places".parse().unwrap());
    atlas.load(collection("houses", Audience::Public), houses(10_000));
    atlas.load(
        collection("places", Audience::Public),
        (1..=50).map(|id| feature(id, Point::new(MIDDLE.0, MIDDLE.1))).collect(),
    );
    let tile = ask(&atlas, &[small.clone(), big.clone(), small.clone()], 10).unwrap();
    assert!(tile.thinned && tile.bytes.len() <= BUDGET);
    assert_eq!(numbers(&tile, "places").len(), 50);
    assert!(numbers(&tile, "houses").len() > 200);
    assert_eq!(tile.etag, ask(&atlas, &[big, small], 10).unwrap().etag, "order does not matter");
}

#[test]
fn without_a_budget_nothing_is_missing() {
    let atlas = Atlas::with_tile_budget(1 << 30, usize::MAX);
    let ids = ["houses".parse().unwrap()];
    atlas.load(collection("houses", Audience::Public), houses(3000));
    for zoom in [3, 10, 12] {
        let tile = ask(&atlas, &ids, zoom).unwrap();
        assert_eq!((numbers(&tile, "houses").len(), tile.thinned), (3000, false), "zoom {zoom}");
    }
}

#[test]
fn a_city_far_below_a_pixel_is_a_few_specks() {
    let atlas = Atlas::with_tile_budget(1 << 30, BUDGET);
    let ids = ["houses".parse().unwrap()];
    atlas.load(collection("houses", Audience::Public), houses(10_000));
    for zoom in [0, 3, 5] {
        let tile = ask(&atlas, &ids, zoom).unwrap();
        let features = &decode(&tile.bytes)["houses"];
        let corner = |run: &Vec<[i32; 2]>| (run.iter().map(|at| at[0]).min(), run.iter().map(|at| at[1]).min());
        let spots: BTreeSet<_> = features.iter().map(|feature| corner(&feature.runs[0])).collect();
        // At zoom 5 the houses cover 11 × 17 tile units and their edges: no unit has two specks.
        let most = 12 * 18;
        assert!(
            tile.thinned && spots.len() == features.len() && features.len() <= most,
            "zoom {zoom}: {} features on {} spots",
            features.len(),
            spots.len()
        );
    }
}
