use std::time::{Duration, Instant as Clock};

use geo_types::{Geometry, LineString, MultiPolygon, Polygon, line_string, point};
use misto_model::{Change, ChangeKind, Edit, Error, FeatureId, PropertyType, Version};
use misto_store::Store;
use serde_json::{Value, json};

use super::{ids, named, planner, properties, streets};

async fn with_streets(store: &Store, names: &[&str]) -> Vec<misto_model::Feature> {
    store.features.define(&streets()).await.unwrap();
    let edits = names.iter().map(|name| create(named(name))).collect();
    store.features.apply(&streets().id, edits, &planner("нова вулиця")).await.unwrap()
}

fn create(properties: misto_model::Properties) -> Edit {
    Edit::Create { geometry: Some(point!(x: 24.71, y: 48.92).into()), properties }
}

pub async fn what_is_written_is_read_back(store: Store) {
    store.features.define(&streets()).await.unwrap();
    assert_eq!(store.features.collections().await.unwrap(), [streets()]);
    let told = json!({
        "name": "вул. Ґалаґана «нова»\u{301}", "lanes": 9_007_199_254_740_993_i64, "width_m": 0.1 + 0.2, "oneway": true,
        "opened": "2026-02-28", "measured_at": "2026-07-04T01:04:42.931Z", "охорона": null
    });
    let geometry: Geometry = line_string![(x: 24.7, y: 48.9), (x: 24.8, y: 48.95)].into();
    let edit = Edit::Create { geometry: Some(geometry.clone()), properties: properties(told.clone()) };
    let written = store.features.apply(&streets().id, vec![edit], &planner("проба")).await.unwrap();
    assert_eq!(written[0].properties, properties(told));
    assert_eq!(written[0].geometry, Some(geometry));
    assert_eq!(written[0].version, Version(1));
    assert_eq!(store.features.get(&streets().id, &ids(&written)).await.unwrap(), written);
    let entry = &store.features.history(&streets().id, written[0].id).await.unwrap()[0];
    assert_eq!(entry.feature.properties["width_m"], json!(0.1 + 0.2));
    assert_eq!(entry.feature.properties["oneway"], json!(true));
    let extent = store.features.collections().await.unwrap()[0].extent.unwrap();
    assert_eq!(<[f64; 4]>::from(extent), [24.7, 48.9, 24.8, 48.95]);
}

pub async fn pages_follow_each_other_in_the_order_of_ids(store: Store) {
    let written = with_streets(&store, &["а", "б", "в", "г", "ґ"]).await;
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = store.features.page(&streets().id, after, 2).await.unwrap();
        assert!(page.features.len() <= 2);
        seen.extend(page.features);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, written);
    let absent = FeatureId(999);
    let some = store.features.get(&streets().id, &[written[3].id, absent, written[1].id]).await.unwrap();
    assert_eq!(some, [written[1].clone(), written[3].clone()]);
}

pub async fn a_stale_version_is_a_conflict_that_shows_what_stands(store: Store) {
    let written = with_streets(&store, &["стара назва"]).await;
    let id = written[0].id;
    let replace = |expected, name: &str| Edit::Replace {
        id,
        expected: Version(expected),
        geometry: None,
        properties: named(name),
    };
    let changed = store.features.apply(&streets().id, vec![replace(1, "нова назва")], &planner("")).await.unwrap();
    assert_eq!((changed[0].version, &changed[0].properties["lanes"]), (Version(2), &Value::Null));
    match store.features.apply(&streets().id, vec![replace(1, "запізніла")], &planner("")).await {
        Err(Error::Conflict { current: Some(current), .. }) => assert_eq!(*current, changed[0]),
        other => panic!("{other:?}"),
    }
    let deleted = store
        .features
        .apply(&streets().id, vec![Edit::Delete { id, expected: Version(2) }], &planner(""))
        .await
        .unwrap();
    assert_eq!((deleted[0].version, &deleted[0].properties["name"]), (Version(3), &json!("нова назва")));
    match store.features.apply(&streets().id, vec![replace(2, "після")], &planner("")).await {
        Err(Error::Conflict { current: None, .. }) => {}
        other => panic!("{other:?}"),
    }
    assert!(store.features.get(&streets().id, &[id]).await.unwrap().is_empty());
}

pub async fn what_never_was_is_not_found(store: Store) {
    let nowhere = "nowhere".parse().unwrap();
    assert!(matches!(store.features.page(&nowhere, None, 1).await, Err(Error::NotFound { .. })));
    assert!(matches!(store.features.get(&nowhere, &[FeatureId(1)]).await, Err(Error::NotFound { .. })));
    assert!(matches!(store.features.remove(&nowhere, &planner("")).await, Err(Error::NotFound { .. })));
    with_streets(&store, &[]).await;
    let edit = Edit::Delete { id: FeatureId(7), expected: Version(1) };
    assert!(matches!(store.features.apply(&streets().id, vec![edit], &planner("")).await, Err(Error::NotFound { .. })));
    assert!(matches!(store.features.history(&streets().id, FeatureId(7)).await, Err(Error::NotFound { .. })));
}

pub async fn a_wrong_attribute_is_named_with_what_would_be_right(store: Store) {
    with_streets(&store, &[]).await;
    for (told, field, hint) in [
        (json!({"lanes": "two"}), "lanes", "whole number"),
        (json!({"lanes": 2.5}), "lanes", "whole number"),
        (json!({"oneway": 1}), "oneway", "true or false"),
        (json!({"opened": "2026-02-30"}), "opened", "date"),
        (json!({"measured_at": "2026-07-04 01:04:42"}), "measured_at", "moment"),
        (json!({"name": 5}), "name", "text"),
        (json!({"width": 5}), "width", "width_m"),
    ] {
        match store.features.apply(&streets().id, vec![create(properties(told))], &planner("")).await {
            Err(Error::Invalid { field: named, reason }) => {
                assert_eq!(named, field);
                assert!(reason.contains(hint), "{reason}");
            }
            other => panic!("{other:?}"),
        }
    }
    let wide = store
        .features
        .apply(&streets().id, vec![create(properties(json!({"width_m": 5})))], &planner(""))
        .await
        .unwrap();
    assert_eq!(wide[0].properties["width_m"], json!(5.0));
    let nan = Edit::Create { geometry: Some(point!(x: f64::NAN, y: 1.0).into()), properties: named("ніде") };
    let refused = store.features.apply(&streets().id, vec![nan], &planner("")).await;
    assert!(matches!(refused, Err(Error::Invalid { ref field, .. }) if field == "geometry"), "{refused:?}");
}

pub async fn one_bad_edit_leaves_nothing_of_the_others(store: Store) {
    let written = with_streets(&store, &["перша"]).await;
    let before = store.features.newest_change().await.unwrap();
    let edits = vec![
        create(named("друга")),
        Edit::Delete { id: written[0].id, expected: Version(1) },
        create(properties(json!({"lanes": "багато"}))),
    ];
    assert!(store.features.apply(&streets().id, edits, &planner("")).await.is_err());
    assert_eq!(store.features.page(&streets().id, None, 10).await.unwrap().features, written);
    assert!(store.features.changes(before, 10).await.unwrap().changes.is_empty());
    let bulk = vec![(None, named("третя")), (None, properties(json!({"lanes": false})))];
    assert!(store.features.append(&streets().id, bulk, &planner("")).await.is_err());
    assert_eq!(store.features.page(&streets().id, None, 10).await.unwrap().features, written);
}

pub async fn the_history_tells_who_and_why(store: Store) {
    let written = with_streets(&store, &["Мазепи"]).await;
    let id = written[0].id;
    let edit =
        Edit::Replace { id, expected: Version(1), geometry: None, properties: named("Гетьмана Мазепи") };
    store.features.apply(&streets().id, vec![edit], &planner("рішення ради № 7")).await.unwrap();
    store
        .features
        .apply(&streets().id, vec![Edit::Delete { id, expected: Version(2) }], &planner("помилка"))
        .await
        .unwrap();
    let history = store.features.history(&streets().id, id).await.unwrap();
    let told: Vec<_> = history
        .iter()
        .map(|entry| {
            (
                entry.kind,
                entry.feature.version.0,
                entry.reason.as_deref().unwrap(),
                entry.feature.properties["name"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (ChangeKind::Delete, 3, "помилка", "Гетьмана Мазепи"),
            (ChangeKind::Update, 2, "рішення ради № 7", "Гетьмана Мазепи"),
            (ChangeKind::Insert, 1, "нова вулиця", "Мазепи"),
        ]
    );
    assert!(history.iter().all(|entry| entry.actor.0 == "Оксана"));
    assert_eq!(history[2].feature.geometry, written[0].geometry);
    assert_eq!(history[1].feature.geometry, None);
    let age = jiff::Timestamp::now().as_microsecond() - history[0].at.micros();
    assert!((0..60_000_000).contains(&age), "{age} µs");
}

pub async fn the_feed_tells_changes_in_commit_order(store: Store) {
    let start = store.features.newest_change().await.unwrap();
    let written = with_streets(&store, &["а", "б"]).await;
    let first = store.features.changes(start, 100).await.unwrap();
    assert!(first.redefined.contains(&streets().id));
    let told: Vec<_> = first.changes.iter().map(|change: &Change| (change.id, change.kind)).collect();
    assert_eq!(told, [(written[0].id, ChangeKind::Insert), (written[1].id, ChangeKind::Insert)]);
    assert_eq!(first.upto, store.features.newest_change().await.unwrap());
    let edits = vec![
        Edit::Delete { id: written[0].id, expected: Version(1) },
        Edit::Replace { id: written[1].id, expected: Version(1), geometry: None, properties: named("в") },
    ];
    store.features.apply(&streets().id, edits, &planner("")).await.unwrap();
    let one = store.features.changes(first.upto, 1).await.unwrap();
    assert_eq!((one.changes[0].kind, one.redefined.len(), one.upto), (ChangeKind::Delete, 0, first.upto + 1));
    let two = store.features.changes(one.upto, 10).await.unwrap();
    assert_eq!((two.changes.len(), two.changes[0].kind), (1, ChangeKind::Update));
    let end = store.features.changes(two.upto, 10).await.unwrap();
    assert_eq!((end.changes.len(), end.upto), (0, two.upto));
    // The same definition once more is no change.
    store.features.define(&streets()).await.unwrap();
    assert!(store.features.changes(two.upto, 10).await.unwrap().redefined.is_empty());
}

pub async fn whoever_waits_is_woken(store: Store) {
    with_streets(&store, &[]).await;
    let newest = store.features.newest_change().await.unwrap();
    let nothing = tokio::time::timeout(Duration::from_millis(300), store.features.wait_for_change(newest)).await;
    assert!(nothing.is_err(), "nothing changed");
    let features = store.features.clone();
    let waiting = tokio::spawn(async move {
        features.wait_for_change(newest).await;
        Clock::now()
    });
    tokio::time::sleep(Duration::from_millis(30)).await;
    store.features.apply(&streets().id, vec![create(named("а"))], &planner("")).await.unwrap();
    let committed = Clock::now();
    let woken = tokio::time::timeout(Duration::from_secs(5), waiting).await.unwrap().unwrap();
    assert!(woken.saturating_duration_since(committed) < Duration::from_secs(1));
    // A change that came before the waiting began is not waited for.
    tokio::time::timeout(Duration::from_secs(5), store.features.wait_for_change(newest)).await.unwrap();
}

pub async fn a_collection_is_extended_but_its_types_stay(store: Store) {
    let written = with_streets(&store, &["а"]).await;
    let mut more = streets();
    more.title_uk = "Вулиці та площі".to_owned();
    more.properties.push(misto_model::Property {
        name: "lit".to_owned(),
        kind: PropertyType::Boolean,
        audience: misto_model::Audience::Staff,
    });
    store.features.define(&more).await.unwrap();
    let stands = &store.features.collections().await.unwrap()[0];
    assert_eq!((&stands.title_uk, &stands.properties), (&more.title_uk, &more.properties));
    let kept = &store.features.get(&streets().id, &ids(&written)).await.unwrap()[0];
    assert_eq!((kept.version, &kept.properties["lit"]), (Version(1), &Value::Null));
    let lit = Edit::Replace {
        id: kept.id,
        expected: Version(1),
        geometry: None,
        properties: properties(json!({"lit": false})),
    };
    store.features.apply(&streets().id, vec![lit], &planner("")).await.unwrap();
    assert_eq!(
        store.features.history(&streets().id, kept.id).await.unwrap()[0].feature.properties["lit"],
        json!(false)
    );

    let mut other = streets();
    other.properties[1].kind = PropertyType::Text;
    assert!(matches!(store.features.define(&other).await, Err(Error::Invalid { field, .. }) if field == "lanes"));
    let mut shouting = streets();
    shouting.properties[0].name = "NAME".to_owned();
    assert!(matches!(store.features.define(&shouting).await, Err(Error::Invalid { .. })));
    let mut points = streets();
    points.geometry = misto_model::GeometryKind::Point;
    assert!(matches!(store.features.define(&points).await, Err(Error::Invalid { field, .. }) if field == "geometry"));
}

pub async fn a_removed_collection_is_gone_and_its_features_are_announced(store: Store) {
    let written = with_streets(&store, &["а", "б"]).await;
    let before = store.features.newest_change().await.unwrap();
    store.features.remove(&streets().id, &planner("не потрібна")).await.unwrap();
    assert!(store.features.collections().await.unwrap().is_empty());
    assert!(matches!(store.features.get(&streets().id, &ids(&written)).await, Err(Error::NotFound { .. })));
    let feed = store.features.changes(before, 10).await.unwrap();
    assert!(feed.redefined.contains(&streets().id));
    assert_eq!(
        feed.changes.iter().map(|change| change.kind).collect::<Vec<_>>(),
        [ChangeKind::Delete, ChangeKind::Delete]
    );
    // Versions go on where they were when the collection comes back.
    let again = with_streets(&store, &["а"]).await;
    assert_eq!(again[0].version, Version(if again[0].id == written[0].id { 3 } else { 1 }));
}

pub async fn empty_and_huge_geometries_return(store: Store) {
    store.features.define(&streets()).await.unwrap();
    let huge: Vec<(f64, f64)> =
        (0..200_000).map(|n| (24.7 + f64::from(n) * 1e-7, 48.9 + f64::from(n % 7) * 1e-5)).collect();
    let ring: LineString = vec![(1.0, 1.0), (2.0, 1.0), (2.0, 2.0), (1.0, 1.0)].into();
    let geometries: Vec<Option<Geometry>> = vec![
        None,
        Some(LineString::from(huge).into()),
        Some(LineString(Vec::new()).into()),
        Some(MultiPolygon(Vec::new()).into()),
        Some(MultiPolygon(vec![Polygon::new(ring.clone(), vec![]), Polygon::new(ring, vec![])]).into()),
        Some(Geometry::GeometryCollection(geo_types::GeometryCollection(vec![point!(x: -180.0, y: 90.0).into()]))),
    ];
    let edits = geometries.iter().map(|g| Edit::Create { geometry: g.clone(), properties: named("форма") }).collect();
    let written = store.features.apply(&streets().id, edits, &planner("")).await.unwrap();
    let read = store.features.get(&streets().id, &ids(&written)).await.unwrap();
    assert_eq!(read.into_iter().map(|feature| feature.geometry).collect::<Vec<_>>(), geometries);
}

pub async fn ten_thousand_features_are_loaded_at_once(store: Store) {
    store.features.define(&streets()).await.unwrap();
    let bulk = (0..10_000)
        .map(|n| (Some(point!(x: 24.0 + f64::from(n) * 1e-4, y: 48.9).into()), named(&format!("вулиця {n}"))));
    assert_eq!(store.features.append(&streets().id, bulk.collect(), &planner("завантаження")).await.unwrap(), 10_000);
    let all = store.features.page(&streets().id, None, 20_000).await.unwrap();
    assert_eq!((all.features.len(), all.next), (10_000, None));
    assert_eq!(all.features[9_999].properties["name"], "вулиця 9999");
    let history = store.features.history(&streets().id, all.features[5_000].id).await.unwrap();
    assert_eq!(history[0].reason.as_deref(), Some("завантаження"));
}
