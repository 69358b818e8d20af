//! An edit makes the tiles it reaches new, and no others.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::SeqCst};

use geo::{Intersects, MapCoords};
use geo_types::{Coord, Geometry, LineString, Point, Rect};
use misto_model::{Audience, CollectionId, Feature, FeatureId, TileCoord};
use misto_tiles::{Atlas, Encoding, Filter, Selection, TouchedArea};
use proptest::prelude::*;

use crate::city::{MIDDLE, any_shape, collection, feature, on_tile, tile_at};
use crate::decode::decode;

fn roads() -> CollectionId {
    "roads".parse().unwrap()
}

fn parks() -> CollectionId {
    "parks".parse().unwrap()
}

/// Tiles around the middle at every zoom to 17.
fn pyramid() -> Vec<TileCoord> {
    let around = |zoom: u32| {
        let middle = tile_at(zoom, MIDDLE.0, MIDDLE.1);
        (-1i64..=1).flat_map(move |dx| (-1i64..=1).map(move |dy| (dx, dy))).filter_map(move |(dx, dy)| {
            let beside = |v: u32, step: i64| u32::try_from(i64::from(v) + step).ok();
            TileCoord::new(zoom, beside(middle.x(), dx)?, beside(middle.y(), dy)?).ok()
        })
    };
    (0..=17).flat_map(around).collect()
}

type Variant = (Vec<CollectionId>, TileCoord, Audience, Encoding, Selection);

/// What both collections have; false for some features, true for others, unknown for none.
fn selected() -> Selection {
    let filter = Filter::parse_text("levels > 3 AND NOT oneway OR name LIKE '%1'").unwrap();
    Selection { filter: Some(filter), properties: Some(vec!["name".into()]) }
}

fn variants() -> Vec<Variant> {
    let mut all = Vec::new();
    for at in pyramid() {
        for ids in [vec![roads()], vec![parks()], vec![parks(), roads()]] {
            for audience in [Audience::Public, Audience::Staff] {
                for encoding in Encoding::ALL {
                    all.push((ids.clone(), at, audience, encoding, Selection::default()));
                }
                all.push((ids.clone(), at, audience, Encoding::Identity, selected()));
            }
        }
    }
    all
}

/// Whether a shape comes within so many units of a tile, told by another library.
fn reaches(shape: &Geometry<f64>, at: TileCoord, units: f64) -> bool {
    let local = shape.map_coords(|place| on_tile(at, place).into());
    local.intersects(&Rect::new(Coord { x: -units, y: -units }, Coord { x: 4096.0 + units, y: 4096.0 + units }))
}

fn check_edit(before: &[Feature], id: i64, new: Option<Feature>) -> Result<(), TestCaseError> {
    let atlas = Atlas::new(1 << 30);
    let park = feature(1, Point::new(MIDDLE.0, MIDDLE.1));
    atlas.load(collection("roads", Audience::Public), before.to_vec());
    atlas.load(collection("parks", Audience::Public), vec![park.clone()]);
    let ask = |atlas: &Atlas, (ids, at, audience, encoding, selection): &Variant| {
        let tile = atlas.selected_tile(ids, *at, *audience, *encoding, selection).unwrap();
        tile.map(|tile| (tile.bytes, tile.etag))
    };
    let all = variants();
    all.iter().for_each(|variant| drop(ask(&atlas, variant)));
    let made_before = atlas.statistics().tiles_made;

    let touched = atlas.apply(&roads(), vec![(FeatureId(id), new.clone())]).unwrap();

    let shapes: Vec<_> =
        before.iter().filter(|f| f.id.0 == id).chain(&new).filter_map(|f| f.geometry.clone()).collect();
    let mut dropped = BTreeSet::new();
    for (ids, at, audience, encoding, selection) in &all {
        let kept = atlas.kept_selected_tile(ids, *at, *audience, *encoding, selection).unwrap().is_some();
        let concerns = ids.contains(&roads());
        let may = concerns && shapes.iter().any(|shape| reaches(shape, *at, 68.0));
        let must = concerns && shapes.iter().any(|shape| reaches(shape, *at, 64.0));
        prop_assert!(may || kept, "{} was dropped without need", at);
        prop_assert!(!must || !kept, "{} was kept", at);
        if !kept {
            // A tile is one whatever it is encoded in.
            dropped.insert((ids, at, *audience == Audience::Staff, selection.filter.is_some()));
        }
        if let (TouchedArea::Tiles(tiles), true) = (&touched.area, *ids == [roads()] && at.z() <= Atlas::MAX_ZOOM) {
            prop_assert_eq!(tiles.contains(at), !kept, "{} is told wrongly", at);
        }
    }
    let dropped = dropped.len() as u64;
    prop_assert_eq!(atlas.statistics().tiles_dropped, dropped);

    let mut now: BTreeMap<_, _> = before.iter().map(|f| (f.id, f.clone())).collect();
    match new {
        Some(new) => now.insert(new.id, new),
        None => now.remove(&FeatureId(id)),
    };
    let rebuilt = Atlas::new(1 << 30);
    rebuilt.load(collection("roads", Audience::Public), now.into_values().rev().collect());
    rebuilt.load(collection("parks", Audience::Public), vec![park]);
    for variant in &all {
        prop_assert_eq!(ask(&atlas, variant), ask(&rebuilt, variant), "{} differs from a rebuild", variant.1);
    }
    prop_assert_eq!(atlas.statistics().tiles_made, made_before + dropped);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn exactly_the_reached_tiles_are_made_anew(
        shapes in prop::collection::vec(any_shape(), 1..12),
        id in 1i64..14,
        new in prop::option::weighted(0.8, any_shape()),
    ) {
        let before: Vec<_> = (1..).zip(shapes).map(|(id, shape)| feature(id, shape)).collect();
        check_edit(&before, id, new.map(|shape| feature(id, shape)))?;
    }

    #[test]
    fn a_short_edit_names_its_tiles(place in any_shape()) {
        let atlas = Atlas::new(1 << 20);
        atlas.load(collection("roads", Audience::Public), vec![]);
        let touched = atlas.apply(&roads(), vec![(FeatureId(1), Some(feature(1, place.clone())))]).unwrap();
        match touched.area {
            TouchedArea::Tiles(tiles) => {
                prop_assert!(tiles.len() <= 256 && tiles.iter().all(|at| reaches(&place, *at, 68.0)));
                prop_assert!(tiles.contains(&TileCoord::new(0, 0, 0).unwrap()));
            }
            TouchedArea::Bbox(_) => prop_assert!(!matches!(place, Geometry::Point(_))),
            TouchedArea::None => prop_assert!(false, "a new feature reaches something"),
        }
    }
}

#[test]
fn many_edits_leave_what_a_rebuild_gives() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut next = |strategy: &BoxedStrategy<Geometry<f64>>| strategy.new_tree(&mut runner).unwrap().current();
    let shapes = any_shape().boxed();
    let mut now: BTreeMap<i64, Feature> = (1..=120).map(|id| (id, feature(id, next(&shapes)))).collect();
    let atlas = Atlas::new(1 << 30);
    atlas.load(collection("roads", Audience::Public), now.values().cloned().collect());
    for round in 0..40i64 {
        let changes: Vec<_> = (0..5i64)
            .map(|i| {
                let id = (round * 31 + i * 17) % 140 + 1;
                (FeatureId(id), ((round + i) % 4 != 0).then(|| feature(id, next(&shapes))))
            })
            .collect();
        for (id, new) in &changes {
            match new {
                Some(new) => now.insert(id.0, new.clone()),
                None => now.remove(&id.0),
            };
        }
        atlas.apply(&roads(), changes).unwrap();
        let rebuilt = Atlas::new(1 << 30);
        rebuilt.load(collection("roads", Audience::Public), now.values().cloned().collect());
        for at in pyramid() {
            let ask = |atlas: &Atlas| {
                atlas.tile(&[roads()], at, Audience::Public, Encoding::Identity).unwrap().map(|tile| tile.etag)
            };
            assert_eq!(ask(&atlas), ask(&rebuilt), "round {round}, {at}");
        }
        assert_eq!(atlas.count(&roads()), Some(now.len() as u64));
        assert_eq!(atlas.extent(&roads()), rebuilt.extent(&roads()));
    }
}

#[test]
fn nobody_is_served_a_tile_from_before_an_edit_that_is_done() {
    let atlas = Atlas::new(1 << 24);
    let at = tile_at(13, MIDDLE.0, MIDDLE.1);
    let numbered = |levels: i64| {
        let mut numbered = feature(1, Point::new(MIDDLE.0, MIDDLE.1));
        numbered.properties.insert("levels".into(), levels.into());
        numbered
    };
    let crowd = (2..3000).map(|id| feature(id, Point::new(MIDDLE.0 + id as f64 * 1e-6, MIDDLE.1)));
    atlas.load(collection("roads", Audience::Public), std::iter::once(numbered(0)).chain(crowd).collect());
    let (done, stop) = (AtomicI64::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !stop.load(SeqCst) {
                    let least = done.load(SeqCst);
                    let tile = atlas.tile(&[roads()], at, Audience::Public, Encoding::Identity).unwrap().unwrap();
                    let shown = decode(&tile.bytes)["roads"][0].attributes["levels"].int_value.unwrap();
                    assert!(shown >= least, "shows {shown} after {least}");
                }
            });
        }
        for levels in 1..=150 {
            atlas.apply(&roads(), vec![(FeatureId(1), Some(numbered(levels)))]).unwrap();
            done.store(levels, SeqCst);
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        stop.store(true, SeqCst);
    });
}

#[test]
fn many_who_miss_one_tile_wait_for_one_computation() {
    let atlas = Atlas::new(1 << 24);
    let features = (1..5000).map(|id| feature(id, Point::new(MIDDLE.0 + id as f64 * 1e-6, MIDDLE.1))).collect();
    atlas.load(collection("roads", Audience::Public), features);
    let at = tile_at(12, MIDDLE.0, MIDDLE.1);
    let barrier = Barrier::new(16);
    let tags: BTreeSet<_> = std::thread::scope(|scope| {
        let ask = || {
            barrier.wait();
            atlas.tile(&[roads()], at, Audience::Public, Encoding::Gzip).unwrap().unwrap().etag
        };
        let running: Vec<_> = (0..16).map(|_| scope.spawn(ask)).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!((tags.len(), atlas.statistics().tiles_made), (1, 1));
}

#[test]
fn an_edit_that_shows_nowhere_drops_nothing() {
    let atlas = Atlas::new(1 << 24);
    let shown = feature(1, Point::new(MIDDLE.0, MIDDLE.1));
    atlas.load(collection("roads", Audience::Public), vec![shown.clone()]);
    let touched = atlas.apply(&roads(), vec![(FeatureId(1), Some(shown))]).unwrap();
    assert_eq!(touched.area, TouchedArea::None);
    let mut unplaced = feature(2, Point::new(0.0, 0.0));
    unplaced.geometry = None;
    let touched = atlas.apply(&roads(), vec![(FeatureId(2), Some(unplaced))]).unwrap();
    assert_eq!(touched.area, TouchedArea::None);
    assert_eq!(atlas.count(&roads()), Some(2));
    assert!(atlas.apply(&roads(), vec![(FeatureId(3), Some(feature(4, Point::new(0.0, 0.0))))]).is_err());
}

#[test]
fn a_river_through_the_city_is_edited_beside_thousands_of_deep_tiles() {
    let atlas = Atlas::new(1 << 30);
    let bend =
        |i: i32, shift: f64| (MIDDLE.0 + f64::from(i) * 4e-5, MIDDLE.1 + (f64::from(i) / 300.0).sin() / 25.0 + shift);
    let river = |shift: f64| feature(1, (0..5_000).map(|i| bend(i, shift)).collect::<LineString<f64>>());
    atlas.load(collection("roads", Audience::Public), vec![river(0.0)]);
    let corner = tile_at(20, MIDDLE.0, MIDDLE.1);
    for i in 0..20_000u32 {
        let at = TileCoord::new(20, corner.x() + i % 200, corner.y() + i / 200).unwrap();
        atlas.tile(&[roads()], at, Audience::Public, Encoding::Gzip).unwrap();
    }
    let start = std::time::Instant::now();
    let touched = atlas.apply(&roads(), vec![(FeatureId(1), Some(river(1e-4)))]).unwrap();
    let took = start.elapsed();
    assert!(matches!(touched.area, TouchedArea::Bbox(_)));
    let dropped = atlas.statistics().tiles_dropped;
    assert!((100..3000).contains(&dropped), "{dropped}");
    assert!(took.as_millis() < 2000, "{took:?}, even unoptimised");
}

#[test]
fn loading_and_removing_drop_a_collections_tiles_and_no_others() {
    let atlas = Atlas::new(1 << 24);
    let at = tile_at(12, MIDDLE.0, MIDDLE.1);
    let place = || vec![feature(1, Point::new(MIDDLE.0, MIDDLE.1))];
    let first = atlas.load(collection("roads", Audience::Public), place());
    atlas.load(collection("parks", Audience::Public), place());
    let ask = |ids: &[CollectionId]| atlas.tile(ids, at, Audience::Public, Encoding::Gzip);
    ask(&[roads()]).unwrap();
    ask(&[parks()]).unwrap();
    ask(&[roads(), parks()]).unwrap();
    let again = atlas.load(collection("roads", Audience::Public), vec![]);
    assert!(again.version > first.version && atlas.version(&roads()) == Some(again.version));
    assert!(matches!(again.area, TouchedArea::Bbox(_)));
    assert_eq!((atlas.statistics().cached_tiles, atlas.statistics().tiles_dropped), (1, 2));
    assert!(ask(&[roads()]).unwrap().is_none());
    atlas.remove(&parks());
    assert!(ask(&[parks()]).is_err());
    assert_eq!(atlas.statistics().cached_tiles, 1);
}

#[test]
fn the_cache_keeps_to_its_bytes() {
    let atlas = Atlas::new(100_000);
    let features = (1..2000).map(|id| feature(id, Point::new(MIDDLE.0 + id as f64 * 1e-5, MIDDLE.1))).collect();
    atlas.load(collection("roads", Audience::Public), features);
    let corner = tile_at(18, MIDDLE.0, MIDDLE.1);
    for i in 0..3000 {
        let at = TileCoord::new(18, corner.x() + i % 60, corner.y() + i / 60).unwrap();
        atlas.tile(&[roads()], at, Audience::Public, Encoding::Identity).unwrap();
        let bytes = atlas.statistics().cached_bytes;
        assert!(bytes <= 100_000, "{bytes}");
    }
    // What was evicted is made again, and edits still reach everything.
    atlas.apply(&roads(), vec![(FeatureId(1), None)]).unwrap();
    let tile = atlas.tile(&[roads()], corner, Audience::Public, Encoding::Identity).unwrap();
    assert!(tile.is_none_or(|tile| decode(&tile.bytes)["roads"].iter().all(|feature| feature.id != 1)));
}

#[test]
fn random_edits_under_load_leave_what_a_rebuild_gives_and_touch_nothing_else() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut next = |strategy: &BoxedStrategy<Geometry<f64>>| strategy.new_tree(&mut runner).unwrap().current();
    let shapes = any_shape().boxed();
    let mut now: BTreeMap<i64, Feature> = (1..=60).map(|id| (id, feature(id, next(&shapes)))).collect();
    let atlas = Atlas::new(1 << 30);
    atlas.load(collection("roads", Audience::Public), now.values().cloned().collect());
    atlas.load(collection("parks", Audience::Public), vec![feature(1, Point::new(MIDDLE.0, MIDDLE.1))]);
    let tiles = pyramid();
    let ask = |atlas: &Atlas, ids: &[CollectionId], at, encoding| {
        atlas.tile(ids, at, Audience::Public, encoding).unwrap().map(|tile| (tile.bytes, tile.etag))
    };
    tiles.iter().for_each(|&at| drop(ask(&atlas, &[parks()], at, Encoding::Zstd)));
    let (stop, asked) = (AtomicBool::new(false), AtomicI64::new(0));
    std::thread::scope(|scope| {
        for thread in 0..4usize {
            let (atlas, tiles, stop, asked, ask) = (&atlas, &tiles, &stop, &asked, &ask);
            scope.spawn(move || {
                for n in (0..).map(|n: usize| n.wrapping_mul(2_654_435_761).wrapping_add(thread)) {
                    let ids: &[CollectionId] = if n % 3 == 0 { &[roads(), parks()] } else { &[roads()] };
                    ask(atlas, ids, tiles[n % tiles.len()], Encoding::ALL[n % 4]);
                    asked.fetch_add(1, SeqCst);
                    if stop.load(SeqCst) {
                        return;
                    }
                }
            });
        }
        for round in 0..150i64 {
            let id = (round * 31) % 80 + 1;
            let new = (round % 5 != 0).then(|| feature(id, next(&shapes)));
            match &new {
                Some(new) => now.insert(id, new.clone()),
                None => now.remove(&id),
            };
            atlas.apply(&roads(), vec![(FeatureId(id), new)]).unwrap();
            // However busy the machine is, tiles are drawn between any two edits.
            let before = asked.load(SeqCst);
            while asked.load(SeqCst) < before + 4 {
                std::thread::yield_now();
            }
        }
        stop.store(true, SeqCst);
    });
    let kept = |at: &&TileCoord| atlas.kept_tile(&[parks()], **at, Audience::Public, Encoding::Zstd).unwrap().is_some();
    assert_eq!(tiles.iter().filter(kept).count(), tiles.len(), "tiles of another collection were dropped");
    let rebuilt = Atlas::new(1 << 30);
    rebuilt.load(collection("roads", Audience::Public), now.into_values().collect());
    rebuilt.load(collection("parks", Audience::Public), vec![feature(1, Point::new(MIDDLE.0, MIDDLE.1))]);
    for at in tiles {
        for encoding in Encoding::ALL {
            for ids in [&[roads()][..], &[roads(), parks()][..]] {
                assert!(ask(&atlas, ids, at, encoding) == ask(&rebuilt, ids, at, encoding), "{at} in {encoding:?}");
            }
        }
    }
}
