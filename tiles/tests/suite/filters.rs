//! CQL2: what the standard's own examples say, what comes of a filter, and that nothing
//! a filter says can hurt.

use std::collections::BTreeSet;
use std::path::PathBuf;

use geo::Relate;
use geo_types::{Geometry, Point, Rect};
use misto_model::{
    Audience, Bbox, Collection, CollectionId, Error, Feature, FeatureId, Property, PropertyType, Version,
};
use misto_tiles::{Atlas, Filter, ItemsQuery, Selection, SortKey};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::city::{MIDDLE, any_shape, collection, feature, tile_at};
use crate::decode::decode;

fn vectors() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let folder = std::env::var_os("MISTO_TEST_DATA").map_or(beside, PathBuf::from).join("ogc-cql2");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("SKIPPED: no vectors of CQL2 at {}", folder.display());
    None
}

fn texts_of(folder: PathBuf) -> Vec<(String, String)> {
    let mut all: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.file_stem().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&path).unwrap())
        })
        .collect();
    all.sort();
    all
}

#[test]
fn every_example_of_the_standard_is_read_and_means_the_same_in_text_and_json() {
    let Some(folder) = vectors() else { return };
    let texts = texts_of(folder.join("text"));
    let jsons = texts_of(folder.join("json"));
    assert_eq!((texts.len(), jsons.len()), (120, 109));
    let mut pairs = 0;
    for (name, text) in &texts {
        let filter = Filter::parse_text(text.trim()).unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
        assert_eq!(Filter::parse_text(&filter.to_text()).unwrap(), filter, "{name}: {}", filter.to_text());
        assert_eq!(Filter::parse_json(&filter.to_json().to_string()).unwrap(), filter, "{name}");
        let pair = name.split("-alt").next().unwrap();
        let Some((_, json)) = jsons.iter().find(|(other, _)| other == pair) else { continue };
        let json = Filter::parse_json(json).unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
        assert_eq!(filter, json, "{name}: {} is not {}", filter.to_json(), json.to_json());
        pairs += 1;
    }
    assert_eq!(pairs, 120, "109 pairs and 11 other spellings");
}

/// Attributes of every type; what is null in one feature is known in another.
fn houses() -> (Atlas, CollectionId) {
    let property = |name: &str, kind| Property { name: name.into(), kind, audience: Audience::Public };
    let mut houses: Collection = collection("houses", Audience::Public);
    houses.properties.extend([
        property("built", PropertyType::Date),
        property("seen", PropertyType::DateTime),
        property("until", PropertyType::DateTime),
    ]);
    let house = |id: i64, values: Value| Feature {
        id: FeatureId(id),
        version: Version(1),
        geometry: (id != 4).then(|| Point::new(MIDDLE.0 + id as f64 * 1e-3, MIDDLE.1).into()),
        properties: values.as_object().unwrap().clone(),
    };
    let all = vec![
        house(
            1,
            json!({"name": "Ратуша", "levels": 4, "width_m": 20.5, "oneway": true, "built": "1932-05-01",
            "seen": "2026-03-31T08:00:00Z", "until": "2026-04-30T00:00:00+03:00", "keeper": "місто"}),
        ),
        house(
            2,
            json!({"name": "Straße 1", "levels": 5, "width_m": 5.0, "oneway": false, "built": "2015-01-01",
            "seen": "2026-03-31T23:59:59.5+03:00", "until": "2026-03-31T23:00:00Z"}),
        ),
        house(3, json!({"name": "100% кава", "levels": null, "width_m": null, "oneway": null, "built": null})),
        house(4, json!({"name": "Café 'Їжак'", "levels": -7, "rank": 9_007_199_254_740_993i64, "built": "2020-02-29"})),
    ];
    let atlas = Atlas::new(1 << 20);
    let id = houses.id.clone();
    atlas.load(houses, all);
    (atlas, id)
}

fn ask(filter: &str, audience: Audience) -> Result<Vec<i64>, Error> {
    let (atlas, id) = houses();
    let filter = Some(Filter::parse_text(filter)?);
    let items = atlas.items(&id, &ItemsQuery { filter, limit: 100, ..ItemsQuery::default() }, audience)?;
    assert_eq!(items.matched, items.features.len() as u64);
    Ok(items.features.iter().map(|feature| feature.id.0).collect())
}

#[test]
fn a_filter_finds_what_it_says() {
    let expected: [(&str, &[i64]); 56] = [
        ("levels = 4", &[1]),
        ("levels <> 4", &[2, 4]),
        ("NOT levels = 4", &[2, 4]),
        ("levels IS NULL", &[3]),
        ("levels IS NOT NULL", &[1, 2, 4]),
        ("geometry IS NULL", &[4]),
        ("levels > 3 AND NOT oneway", &[2]),
        ("levels > 3 OR levels IS NULL", &[1, 2, 3]),
        ("levels = 4 OR NOT (levels = 4)", &[1, 2, 4]),
        ("levels BETWEEN 4 AND 5", &[1, 2]),
        ("levels NOT BETWEEN 4 AND 5", &[4]),
        ("levels IN (4, 5.0)", &[1, 2]),
        ("levels NOT IN (4)", &[2, 4]),
        ("name IN ('Ратуша', 'нема')", &[1]),
        ("CASEI(name) IN (CASEI('STRASSE 1'))", &[2]),
        ("name LIKE 'Рат%'", &[1]),
        ("name NOT LIKE 'Рат%'", &[2, 3, 4]),
        ("name LIKE '%\\%%'", &[3]),
        ("name LIKE '_атуш_'", &[1]),
        ("CASEI(name) LIKE CASEI('рАТ%')", &[1]),
        ("name = 'Café ''Їжак'''", &[4]),
        ("ACCENTI(name) LIKE ACCENTI('Cafe%')", &[4]),
        ("levels * 2 = 8", &[1]),
        ("levels + width_m > 10.5", &[1]),
        ("levels / 0 > 1", &[]),
        ("levels / 2 = 2.5", &[2]),
        ("levels div 2 = 2", &[1, 2]),
        ("levels % 2 = 1", &[2]),
        ("levels % 2 = -1", &[4]),
        ("2 ^ levels = 16", &[1]),
        ("-levels = 7", &[4]),
        ("rank = 9007199254740993", &[4]),
        ("rank = 9007199254740992", &[]),
        ("oneway", &[1]),
        ("oneway = FALSE", &[2]),
        ("(levels > 4) = TRUE", &[2]),
        ("id IN (1, 3)", &[1, 3]),
        ("built = DATE('2015-01-01')", &[2]),
        ("built < '2015-01-01'", &[1]),
        ("T_AFTER(built, DATE('2014-12-31'))", &[2, 4]),
        ("T_BEFORE(built, TIMESTAMP('2015-01-01T12:00:00Z'))", &[1]),
        ("T_DURING(seen, INTERVAL('2026-03-31', '..'))", &[]),
        ("T_DURING(seen, INTERVAL('2026-03-30', '..'))", &[1, 2]),
        ("T_INTERSECTS(seen, INTERVAL('2026-03-31', '2026-03-31'))", &[1, 2]),
        ("seen = DATE('2026-03-31')", &[1, 2]),
        ("seen > TIMESTAMP('2026-03-31T08:00:00Z')", &[2]),
        ("T_CONTAINS(INTERVAL(seen, until), INTERVAL('2026-04-01', '2026-04-02'))", &[1]),
        ("T_DISJOINT(INTERVAL(seen, until), DATE('2026-04-01'))", &[2]),
        ("T_MEETS(INTERVAL('..', '2026-03-31'), INTERVAL(seen, until))", &[1, 2]),
        ("S_INTERSECTS(geometry, BBOX(24.7105, 48.9, 24.7125, 49.0))", &[1, 2]),
        ("S_WITHIN(geometry, BBOX(24.7105, 48.9, 24.7115, 49.0))", &[1]),
        ("S_CONTAINS(BBOX(24.7105, 48.9, 24.7115, 49.0), geometry)", &[1]),
        ("S_DISJOINT(geometry, BBOX(24.7105, 48.9, 24.7115, 49.0))", &[2, 3]),
        ("S_EQUALS(geometry, POINT(24.711 48.92)) OR name = 'Ратуша'", &[1]),
        ("NOT S_INTERSECTS(geometry, BBOX(170, 48.9, -170, 49.0))", &[1, 2, 3]),
        ("within_distance(geometry, POINT(24.711 48.92), 74)", &[1, 2]),
    ];
    for (filter, ids) in expected {
        assert_eq!(ask(filter, Audience::Public).unwrap(), ids, "{filter}");
    }
}

#[test]
fn what_cannot_be_asked_is_said_with_its_name() {
    let long = "a".repeat(1 << 20);
    let deep = format!("{}levels = 1{}", "(".repeat(10_000), ")".repeat(10_000));
    let nots = format!("{} levels = 1", "NOT ".repeat(7_000));
    let sum = format!("levels = {}1", "1+".repeat(10_000));
    let minus = format!("levels = {}1", "- ".repeat(10_000));
    let many = format!("levels = 1{}", " OR levels = 1".repeat(1_200));
    let collections = format!("s_intersects(geometry, {}", "GEOMETRYCOLLECTION(".repeat(1_000));
    let wrong = [
        ("keeper = 'місто'", "keeper"),
        ("nothing = 1", "nothing"),
        ("\"levels\"\"; DROP TABLE houses; --\" = 1", "levels\"; DROP TABLE houses; --"),
        ("levels = 'four'", "levels"),
        ("name > 5", "name"),
        ("name LIKE 5", "filter"),
        ("levels LIKE '5%'", "levels"),
        ("oneway + 1 = 2", "oneway"),
        ("built = 'yesterday'", "filter"),
        ("built = DATE('2026-02-30')", "filter"),
        ("s_intersects(name, POINT(1 1))", "name"),
        ("geometry = 1", "geometry"),
        ("s_intersects(geometry, POLYGON((0 0,1 1,0 1,1 0,0 0)))", "filter"),
        ("s_intersects(geometry, POLYGON((0 0,1 1)))", "filter"),
        ("s_intersects(geometry, BBOX(0,1,2,0))", "filter"),
        ("a_contains(name, ('a'))", "name"),
        ("nearby(geometry)", "filter"),
        ("within_distance(geometry, POINT(1 1), -1)", "filter"),
        ("levels = 1e999", "filter"),
        ("levels", "levels"),
        ("", "filter"),
        ("levels = 1 levels", "filter"),
        ("levels = 'x", "filter"),
        ("levels = 1; DROP TABLE houses", "filter"),
        (&long, "filter"),
        (&deep, "filter"),
        (&nots, "filter"),
        (&sum, "filter"),
        (&minus, "filter"),
        (&many, "filter"),
        (&collections, "filter"),
    ];
    for (filter, name) in wrong {
        match ask(filter, Audience::Public) {
            Err(Error::Invalid { field, reason }) => {
                assert!(field == name && !reason.is_empty() && reason.len() < 300, "{filter:.60}: {field}: {reason}");
            }
            other => panic!("{filter:.60} gave {other:?}"),
        }
    }
    assert_eq!(ask("keeper = 'місто'", Audience::Staff).unwrap(), [1]);
    let nested = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    for json in ["", "null", "{}", "{\"op\":\"=\"}", "{\"op\":\"and\",\"args\":[true]}", "{\"bbox\":[1]}", &nested] {
        assert!(matches!(Filter::parse_json(json), Err(Error::Invalid { .. })), "{json:.60}");
    }
}

#[test]
fn a_pattern_that_nearly_fits_takes_no_time() {
    let atlas = Atlas::new(0);
    let features = (1..=50).map(|id| {
        let mut feature = feature(id, Point::new(MIDDLE.0, MIDDLE.1));
        feature.properties.insert("name".into(), "a".repeat(5_000).into());
        feature
    });
    atlas.load(collection("roads", Audience::Public), features.collect());
    let pattern = format!("name LIKE '{}b'", "%a".repeat(400));
    let query = ItemsQuery { filter: Some(Filter::parse_text(&pattern).unwrap()), limit: 10, ..ItemsQuery::default() };
    let start = std::time::Instant::now();
    assert_eq!(atlas.items(&"roads".parse().unwrap(), &query, Audience::Public).unwrap().matched, 0);
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}

#[test]
fn a_filter_that_would_take_minutes_is_refused() {
    let atlas = Atlas::new(0);
    let features = (1..=200_001).map(|id| feature(id, Point::new(MIDDLE.0 + id as f64 * 1e-7, MIDDLE.1)));
    atlas.load(collection("roads", Audience::Public), features.collect());
    let costly = vec!["levels + 1 > 2"; 330].join(" AND ");
    let ask = |filter: &str| {
        let filter = Some(Filter::parse_text(filter).unwrap());
        atlas.items(
            &"roads".parse().unwrap(),
            &ItemsQuery { filter, limit: 1, ..ItemsQuery::default() },
            Audience::Public,
        )
    };
    assert!(matches!(ask(&costly), Err(Error::Invalid { field, .. }) if field == "filter"));
    let small = format!("{costly} AND S_INTERSECTS(geometry, BBOX(24.71, 48.9, 24.7101, 49.0))");
    assert_eq!(ask(&small).unwrap().matched, 999, "the smaller area is searched in the index");
}

fn condition() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (0i64..6).prop_map(|n| format!("levels > {n}")),
        Just("oneway".to_owned()),
        Just("rank < 3".to_owned()),
        Just("name LIKE '%1'".to_owned()),
        Just("width_m BETWEEN 1 AND 3".to_owned()),
        (0.0..0.02f64).prop_map(|d| format!("S_INTERSECTS(geometry, BBOX({},48.9,{},48.93))", 24.70 - d, 24.70 + d)),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|a| format!("NOT ({a})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) AND ({b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("({a}) OR ({b})")),
        ]
    })
}

fn shapes_with_gaps(shapes: &[Geometry<f64>]) -> Vec<Feature> {
    let some = |(id, shape): (i64, &Geometry<f64>)| {
        let mut feature = feature(id, shape.clone());
        for (n, name) in ["name", "levels", "width_m", "oneway"].iter().enumerate() {
            if id % (n as i64 + 3) == 0 {
                feature.properties.insert((*name).into(), Value::Null);
            }
        }
        if id % 2 == 0 {
            feature.properties.insert("rank".into(), (id % 5).into());
        }
        if id % 7 == 0 {
            feature.geometry = None;
        }
        feature
    };
    (1i64..).zip(shapes).map(some).collect()
}

fn found(atlas: &Atlas, filter: &str) -> BTreeSet<i64> {
    let filter = Some(Filter::parse_text(filter).unwrap());
    let query = ItemsQuery { filter, limit: 1000, ..ItemsQuery::default() };
    let items = atlas.items(&"shapes".parse().unwrap(), &query, Audience::Public).unwrap();
    items.features.iter().map(|feature| feature.id.0).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_laws_of_three_valued_logic_hold(
        shapes in prop::collection::vec(any_shape(), 1..40),
        a in condition(),
        b in condition(),
    ) {
        let atlas = Atlas::new(0);
        let features = shapes_with_gaps(&shapes);
        let all: BTreeSet<i64> = features.iter().map(|feature| feature.id.0).collect();
        atlas.load(collection("shapes", Audience::Public), features);
        let (yes, no, unknown) =
            (found(&atlas, &a), found(&atlas, &format!("NOT ({a})")), found(&atlas, &format!("({a}) IS NULL")));
        prop_assert!(yes.is_disjoint(&no) && yes.is_disjoint(&unknown) && no.is_disjoint(&unknown), "{}", a);
        let union: BTreeSet<i64> = yes.iter().chain(&no).chain(&unknown).copied().collect();
        prop_assert_eq!(union, all);
        prop_assert_eq!(&found(&atlas, &format!("NOT (NOT ({a}))")), &yes);
        for (one, other) in [
            (format!("NOT (({a}) AND ({b}))"), format!("NOT ({a}) OR NOT ({b})")),
            (format!("NOT (({a}) OR ({b}))"), format!("NOT ({a}) AND NOT ({b})")),
        ] {
            prop_assert_eq!(found(&atlas, &one), found(&atlas, &other));
        }
        let of_b = found(&atlas, &b);
        let intersection: BTreeSet<i64> = yes.intersection(&of_b).copied().collect();
        prop_assert_eq!(found(&atlas, &format!("({a}) AND ({b})")), intersection);
        let text = Filter::parse_text(&a).unwrap();
        prop_assert_eq!(&Filter::parse_text(&text.to_text()).unwrap(), &text);
        prop_assert_eq!(&Filter::parse_json(&text.to_json().to_string()).unwrap(), &text);
    }

    #[test]
    fn a_box_in_a_filter_is_the_bbox_of_items(
        shapes in prop::collection::vec(any_shape(), 0..60),
        corner in (-0.05..0.05, -0.05..0.05),
    ) {
        let atlas = Atlas::new(0);
        atlas.load(collection("shapes", Audience::Public), shapes_with_gaps(&shapes));
        let (west, south) = (MIDDLE.0 + corner.0, MIDDLE.1 + corner.1);
        let (east, north) = (west + 0.03, south + 0.02);
        let query = ItemsQuery { bbox: Some(Bbox::new(west, south, east, north).unwrap()), limit: 1000, ..ItemsQuery::default() };
        let items = atlas.items(&"shapes".parse().unwrap(), &query, Audience::Public).unwrap();
        let by_box: BTreeSet<i64> = items.features.iter().map(|feature| feature.id.0).collect();
        prop_assert_eq!(found(&atlas, &format!("S_INTERSECTS(geometry, BBOX({west},{south},{east},{north}))")), by_box);
    }

    #[test]
    fn relations_are_those_of_the_matrix(
        shapes in prop::collection::vec(any_shape(), 1..40),
        corner in (-0.05..0.05, -0.05..0.05),
    ) {
        let atlas = Atlas::new(0);
        let features: Vec<_> = (1i64..).zip(&shapes).map(|(id, shape)| feature(id, shape.clone())).collect();
        atlas.load(collection("shapes", Audience::Public), features);
        let (west, south) = (MIDDLE.0 + corner.0, MIDDLE.1 + corner.1);
        let (east, north) = (west + 0.03, south + 0.02);
        let area: Geometry<f64> = Rect::new((west, south), (east, north)).to_polygon().into();
        let by_matrix = |holds: fn(&geo::relate::IntersectionMatrix) -> bool| -> BTreeSet<i64> {
            (1i64..).zip(&shapes).filter(|(_, shape)| holds(&shape.relate(&area))).map(|(id, _)| id).collect()
        };
        let matrix: [(&str, BTreeSet<i64>); 6] = [
            ("S_WITHIN", by_matrix(|m| m.is_within())),
            ("S_CONTAINS", by_matrix(|m| m.is_contains())),
            ("S_CROSSES", by_matrix(|m| m.is_crosses())),
            ("S_OVERLAPS", by_matrix(|m| m.is_overlaps())),
            ("S_TOUCHES", by_matrix(|m| m.is_touches())),
            ("S_DISJOINT", by_matrix(|m| m.is_disjoint())),
        ];
        for (name, expected) in matrix {
            let filter = format!("{name}(geometry, BBOX({west},{south},{east},{north}))");
            prop_assert_eq!(found(&atlas, &filter), expected, "{}", filter);
        }
    }

    #[test]
    fn nothing_that_is_written_breaks_the_parser(text in "\\PC{0,60}", words in prop::collection::vec(
        prop_oneof![Just("("), Just(")"), Just(","), Just("NOT"), Just("AND"), Just("a"), Just("'b'"), Just("1"), Just("="),
            Just("-"), Just("IN"), Just("LIKE"), Just("POINT"), Just("INTERVAL"), Just("BBOX"), Just("DATE"), Just("IS NULL"),
            Just("BETWEEN"), Just("casei"), Just("s_within"), Just("MULTIPOINT"), Just("'..'")], 0..30)) {
        for text in [text, words.join(" ")] {
            if let Ok(filter) = Filter::parse_text(&text) {
                prop_assert_eq!(&Filter::parse_json(&filter.to_json().to_string()).unwrap(), &filter);
                if !text.contains('\\') {
                    prop_assert_eq!(&Filter::parse_text(&filter.to_text()).unwrap(), &filter, "{}", filter.to_text());
                }
            }
        }
    }

    #[test]
    fn sorted_pages_hold_every_untouched_feature_once_while_others_edit(
        levels in prop::collection::vec(prop::option::weighted(0.8, 0i64..5), 1..50),
        limit in 1usize..9,
        descending in any::<bool>(),
    ) {
        let atlas = Atlas::new(0);
        let id: CollectionId = "shapes".parse().unwrap();
        let with_levels = |n: i64, levels: Option<i64>| {
            let mut feature = feature(n, Point::new(MIDDLE.0, MIDDLE.1));
            feature.properties.insert("levels".into(), levels.map_or(Value::Null, Value::from));
            feature
        };
        let all: Vec<_> = (1i64..).zip(&levels).map(|(n, levels)| with_levels(n, *levels)).collect();
        atlas.load(collection("shapes", Audience::Public), all);
        let mut expected: Vec<(i64, i64, i64)> = (1i64..)
            .zip(&levels)
            .map(|(n, levels)| match levels {
                Some(levels) => (0, if descending { -levels } else { *levels }, n),
                None => (1, 0, n),
            })
            .collect();
        expected.sort_unstable();
        let sort = vec![SortKey { name: "levels".into(), descending }];
        let mut query = ItemsQuery { sort, limit, ..ItemsQuery::default() };
        let mut found = Vec::new();
        let mut round = 1_000;
        loop {
            let page = atlas.items(&id, &query, Audience::Public).unwrap();
            found.extend(page.features.iter().map(|feature| feature.id.0).filter(|id| *id < 1_000));
            let Some(next) = page.next else { break };
            (query.after, query.after_values) = (Some(next), serde_json::from_value(json!(page.next_values)).unwrap());
            // Somebody adds features before and after, and takes away the one the page ended
            // with, but not for ever.
            let news = [(round, Some(0)), (round + 1, Some(4)), (round + 2, None)];
            let changes = news.map(|(n, levels)| (FeatureId(n), Some(with_levels(n, levels))));
            if round < 1_030 {
                atlas.apply(&id, changes.to_vec()).unwrap();
            }
            atlas.apply(&id, vec![(next, None)]).unwrap();
            round += 3;
            prop_assert!(round < 1_500, "it never ends");
        }
        prop_assert_eq!(found, expected.into_iter().map(|(_, _, n)| n).collect::<Vec<_>>());
    }
}

#[test]
fn a_period_finds_what_lies_in_it_and_what_has_no_time() {
    let (atlas, id) = houses();
    let ask = |text: &str| {
        let query = ItemsQuery { datetime: Some(text.parse().unwrap()), limit: 10, ..ItemsQuery::default() };
        let items = atlas.items(&id, &query, Audience::Public).unwrap();
        items.features.iter().map(|feature| feature.id.0).collect::<Vec<_>>()
    };
    assert_eq!(ask("1932-05-01"), [1, 3]);
    assert_eq!(ask("2026-03-31T08:00:00Z"), [1, 3]);
    assert_eq!(ask("../2015-06-01"), [1, 2, 3]);
    assert_eq!(ask("2020-01-01T00:00:00Z/2021-01-01T00:00:00+02:00"), [3, 4]);
    assert_eq!(ask("2026-03-31/.."), [1, 2, 3]);
    for wrong in
        ["", "../..", "/", "yesterday", "2026-02-30", "2026-01-02/2026-01-01", "2026-01-01/2026-01-02/2026-01-03"]
    {
        assert!(wrong.parse::<misto_tiles::Period>().is_err(), "{wrong}");
    }
}

#[test]
fn a_tile_shows_what_is_selected_and_is_kept_apart() {
    let atlas = Atlas::new(1 << 24);
    let (roads, parks): (CollectionId, CollectionId) = ("roads".parse().unwrap(), "parks".parse().unwrap());
    let places =
        || (1..=9).map(|id| feature(id, Point::new(MIDDLE.0 + id as f64 * 1e-5, MIDDLE.1))).collect::<Vec<_>>();
    atlas.load(collection("roads", Audience::Public), places());
    let mut bare = collection("parks", Audience::Public);
    bare.properties.retain(|property| property.name != "levels");
    atlas.load(bare, places());
    let at = tile_at(14, MIDDLE.0, MIDDLE.1);
    let draw = |ids: &[CollectionId], filter: Option<&str>, properties: Option<&[&str]>, audience| {
        let filter = filter.map(|filter| Filter::parse_text(filter).unwrap());
        let properties = properties.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        let selection = Selection { filter, properties };
        atlas.selected_tile(ids, at, audience, misto_tiles::Encoding::Identity, &selection)
    };
    let tile = draw(std::slice::from_ref(&roads), Some("levels > 6"), Some(&["oneway", "levels"]), Audience::Public);
    let decoded = decode(&tile.unwrap().unwrap().bytes);
    assert_eq!(decoded["roads"].iter().map(|feature| feature.id).collect::<Vec<_>>(), [7, 8, 9]);
    assert!(
        decoded["roads"]
            .iter()
            .all(|feature| feature.attributes.keys().all(|name| name == "levels" || name == "oneway"))
    );
    let whole = draw(std::slice::from_ref(&roads), None, None, Audience::Public).unwrap().unwrap();
    assert_eq!(decode(&whole.bytes)["roads"].len(), 9);
    let made = atlas.statistics().tiles_made;
    draw(
        std::slice::from_ref(&roads),
        Some("(\"levels\">6.0)"),
        Some(&["levels", "oneway", "oneway"]),
        Audience::Public,
    )
    .unwrap();
    assert_eq!(atlas.statistics().tiles_made, made, "another spelling of the same selection");
    assert!(draw(std::slice::from_ref(&roads), Some("levels > 60"), None, Audience::Public).unwrap().is_none());
    for (filter, properties, field) in [
        (Some("levels > 6"), None, "levels"),
        (None, Some(&["levels"][..]), "levels"),
        (Some("keeper IS NULL"), None, "keeper"),
        (None, Some(&["keeper"][..]), "keeper"),
    ] {
        let refused = draw(&[roads.clone(), parks.clone()], filter, properties, Audience::Public);
        assert!(matches!(refused, Err(Error::Invalid { field: named, .. }) if named == field), "{field}");
    }
}
