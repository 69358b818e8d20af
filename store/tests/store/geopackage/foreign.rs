//! Other programs write to the file while Misto has it open.

use std::time::Instant;

use geo_types::{Geometry, point};
use misto_model::{Audience, ChangeKind, Edit, Error, Version};

use super::{City, gdal, other_program, parks, points};
use crate::conformance::{named, planner};

async fn with_park() -> City {
    let city = City::open().await;
    city.store.features.define(&parks()).await.unwrap();
    let edit = Edit::Create {
        geometry: Some(point!(x: 24.71, y: 48.92).into()), properties: named("Парк Шевченка")
    };
    city.store.features.apply(&parks().id, vec![edit], &planner("")).await.unwrap();
    city
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_ogr2ogr_appends_are_recorded_and_announced() {
    let city = with_park().await;
    let before = city.store.features.newest_change().await.unwrap();
    let file = points(city.folder.path(), "more.geojson", &[("Дем'янів Лаз", 24.75, 48.95), ("Сквер", 24.72, 48.91)]);
    gdal("ogr2ogr", ["-append".as_ref(), "-nln".as_ref(), "parks".as_ref(), city.gpkg().as_os_str(), file.as_os_str()]);
    let committed = Instant::now();
    let page = city.next(before).await;
    assert!(committed.elapsed().as_millis() < 1_000, "{:?}", committed.elapsed());
    assert_eq!(page.changes.iter().map(|change| change.kind).collect::<Vec<_>>(), [ChangeKind::Insert; 2]);
    let entry = &city.store.features.history(&parks().id, page.changes[0].id).await.unwrap()[0];
    assert_eq!((entry.actor.0.as_str(), &entry.reason, entry.feature.version), ("external", &None, Version(1)));
    assert_eq!(entry.feature.properties["name"], "Дем'янів Лаз");
    // Misto's own edit after a foreign one is its own again.
    let edit =
        Edit::Replace { id: page.changes[0].id, expected: Version(1), geometry: None, properties: named("Лаз") };
    city.store.features.apply(&parks().id, vec![edit], &planner("коротше")).await.unwrap();
    let history = city.store.features.history(&parks().id, page.changes[0].id).await.unwrap();
    assert_eq!((history[0].actor.0.as_str(), history[0].reason.as_deref()), ("Оксана", Some("коротше")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_by_gdal_makes_the_version_that_an_editor_saw_stale() {
    let city = with_park().await;
    let before = city.store.features.newest_change().await.unwrap();
    gdal(
        "ogrinfo",
        [city.gpkg().as_os_str(), "-sql".as_ref(), "UPDATE parks SET name = 'Парк ім. Шевченка', trees = 400".as_ref()],
    );
    let page = city.next(before).await;
    assert_eq!((page.changes.len(), page.changes[0].kind), (1, ChangeKind::Update));
    let edit = Edit::Delete { id: page.changes[0].id, expected: Version(1) };
    match city.store.features.apply(&parks().id, vec![edit], &planner("")).await {
        Err(Error::Conflict { current: Some(current), .. }) => {
            assert_eq!((current.version, &current.properties["trees"]), (Version(2), &400.into()));
        }
        other => panic!("{other:?}"),
    }
    gdal("ogrinfo", [city.gpkg().as_os_str(), "-sql".as_ref(), "DELETE FROM parks".as_ref()]);
    assert_eq!(city.next(page.upto).await.changes[0].kind, ChangeKind::Delete);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_layer_that_ogr2ogr_overwrites_is_compared_with_its_history() {
    let city = with_park().await;
    let before = city.store.features.newest_change().await.unwrap();
    let file =
        points(city.folder.path(), "new.geojson", &[("Парк Шевченка", 24.71, 48.92), ("Набережна", 24.69, 48.93)]);
    gdal(
        "ogr2ogr",
        ["-overwrite".as_ref(), "-nln".as_ref(), "parks".as_ref(), city.gpkg().as_os_str(), file.as_os_str()],
    );
    let changes = city.follow(before, |changes, schema| schema && changes.iter().any(|change| change.id.0 == 2)).await;
    assert!(changes.iter().any(|change| change.id.0 == 2 && change.kind == ChangeKind::Insert), "{changes:?}");
    let stands = city.store.features.page(&parks().id, None, 10).await.unwrap().features;
    assert_eq!(stands.len(), 2);
    assert!(stands.iter().all(|feature| feature.version.0 >= 1));
    let collection = &city.store.features.collections().await.unwrap()[0];
    assert_eq!((collection.title_uk.as_str(), collection.audience), ("Парки", Audience::Public), "the policy stays");
    // And from now on edits are followed again.
    let upto = city.store.features.newest_change().await.unwrap();
    gdal(
        "ogrinfo",
        [city.gpkg().as_os_str(), "-sql".as_ref(), "UPDATE parks SET name = 'Стометрівка' WHERE fid = 2".as_ref()],
    );
    let page = city.next(upto).await;
    assert_eq!((page.changes[0].id.0, page.changes[0].kind), (2, ChangeKind::Update));
    assert_eq!(
        other_program(&city.gpkg()).query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)).unwrap(),
        "ok"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_layer_that_another_program_adds_is_for_staff_only() {
    let city = with_park().await;
    let before = city.store.features.newest_change().await.unwrap();
    let file = points(city.folder.path(), "poles.geojson", &[("Опора 1", 24.7, 48.9)]);
    gdal(
        "ogr2ogr",
        [
            "-update".as_ref(),
            "-nln".as_ref(),
            "Poles".as_ref(),
            "-lco".as_ref(),
            "FID=ogc_fid".as_ref(),
            "-lco".as_ref(),
            "GEOMETRY_NAME=shape".as_ref(),
            city.gpkg().as_os_str(),
            file.as_os_str(),
        ],
    );
    let changes = city.follow(before, |changes, schema| schema && !changes.is_empty()).await;
    assert_eq!((changes[0].collection.as_str(), changes[0].kind), ("poles", ChangeKind::Insert));
    let poles =
        city.store.features.collections().await.unwrap().into_iter().find(|c| c.id.as_str() == "poles").unwrap();
    assert_eq!((poles.audience, poles.properties[0].audience), (Audience::Staff, Audience::Staff));
    let stands = city.store.features.get(&poles.id, &[changes[0].id]).await.unwrap();
    assert_eq!(stands[0].geometry, Some(point!(x: 24.7, y: 48.9).into()));
    let edit = Edit::Replace {
        id: stands[0].id,
        expected: stands[0].version,
        geometry: Some(point!(x: 24.6, y: 48.8).into()),
        properties: named("Опора 2"),
    };
    assert_eq!(
        city.store.features.apply(&poles.id, vec![edit], &planner("")).await.unwrap()[0].version.0,
        stands[0].version.0 + 1
    );
    assert!(gdal("ogrinfo", ["-al".as_ref(), city.gpkg().as_os_str(), "Poles".as_ref()]).contains("POINT (24.6 48.8)"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_layer_in_another_reference_system_is_left_out() {
    let city = with_park().await;
    let file = points(city.folder.path(), "mercator.geojson", &[("а", 24.7, 48.9)]);
    gdal(
        "ogr2ogr",
        [
            "-update".as_ref(),
            "-nln".as_ref(),
            "mercator".as_ref(),
            "-t_srs".as_ref(),
            "EPSG:3857".as_ref(),
            city.gpkg().as_os_str(),
            file.as_os_str(),
        ],
    );
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let ids: Vec<_> = city.store.features.collections().await.unwrap().into_iter().map(|c| c.id.to_string()).collect();
    assert_eq!(ids, ["parks"]);
    let refused = city.store.features.page(&"mercator".parse().unwrap(), None, 1).await.unwrap_err();
    assert!(refused.to_string().contains("4326"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn heights_and_curves_stay_unless_the_shape_is_edited() {
    let city = with_park().await;
    let csv = city.folder.path().join("high.csv");
    std::fs::write(
        &csv,
        "name;wkt\nвисоко;POINT Z (24.7 48.9 250)\nдуга;CIRCULARSTRING (0 0, 1 1, 2 0)\nпорожньо;POINT EMPTY\n",
    )
    .unwrap();
    gdal(
        "ogr2ogr",
        [
            "-update".as_ref(),
            "-nln".as_ref(),
            "high".as_ref(),
            "-a_srs".as_ref(),
            "EPSG:4326".as_ref(),
            "-oo".as_ref(),
            "GEOM_POSSIBLE_NAMES=wkt".as_ref(),
            "-oo".as_ref(),
            "KEEP_GEOM_COLUMNS=NO".as_ref(),
            "-oo".as_ref(),
            "SEPARATOR=SEMICOLON".as_ref(),
            city.gpkg().as_os_str(),
            csv.as_os_str(),
        ],
    );
    let changes = city
        .follow(0, |changes, _| changes.iter().filter(|change| change.collection.as_str() == "high").count() >= 3)
        .await;
    let high = changes.last().unwrap().collection.clone();
    let stands = city.store.features.page(&high, None, 10).await.unwrap().features;
    let shapes: Vec<Option<Geometry>> = stands.iter().map(|feature| feature.geometry.clone()).collect();
    assert_eq!(shapes, [Some(point!(x: 24.7, y: 48.9).into()), None, None]);
    let rename = |n: usize, name: &str| Edit::Replace {
        id: stands[n].id,
        expected: stands[n].version,
        geometry: shapes[n].clone(),
        properties: named(name),
    };
    city.store.features.apply(&high, vec![rename(0, "вище"), rename(1, "коло")], &planner("")).await.unwrap();
    let text = gdal("ogrinfo", ["-al".as_ref(), city.gpkg().as_os_str(), "high".as_ref()]);
    for expected in ["вище", "POINT Z (24.7 48.9 250)", "коло", "CIRCULARSTRING (0 0,1 1,2 0)"] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replace_by_another_program_is_an_update_and_a_dropped_table_a_removal() {
    let city = with_park().await;
    let before = city.store.features.newest_change().await.unwrap();
    let other = other_program(&city.gpkg());
    other.execute("INSERT OR REPLACE INTO parks(fid, name) VALUES (1, 'Інший'), (7, 'Сьомий')", []).unwrap();
    let page = city.next(before).await;
    let told: Vec<_> = page.changes.iter().map(|change| (change.id.0, change.kind)).collect();
    assert_eq!(told, [(1, ChangeKind::Update), (7, ChangeKind::Insert)]);
    other.execute_batch("UPDATE parks SET fid = 8 WHERE fid = 7").unwrap();
    let page = city.next(page.upto).await;
    let told: Vec<_> = page.changes.iter().map(|change| (change.id.0, change.kind)).collect();
    assert_eq!(told, [(7, ChangeKind::Delete), (8, ChangeKind::Insert)]);
    other.execute_batch(
        "ALTER TABLE parks ADD COLUMN keeper TEXT DEFAULT 'місто'; ALTER TABLE parks RENAME COLUMN trees TO дерева;",
    ).unwrap();
    let altered = city.follow(page.upto, |changes, schema| schema && changes.len() >= 2).await;
    let history = city.store.features.history(&parks().id, altered[0].id).await.unwrap();
    assert_eq!(history[0].feature.properties["keeper"], "місто");
    let upto = city.store.features.newest_change().await.unwrap();
    other.execute_batch("DELETE FROM gpkg_extensions WHERE table_name = 'parks'; DELETE FROM gpkg_geometry_columns WHERE table_name = 'parks'; DELETE FROM gpkg_contents WHERE table_name = 'parks'; DROP TABLE rtree_parks_geom; DROP TABLE parks;").unwrap();
    let gone = city.follow(upto, |changes, schema| schema && changes.len() >= 2).await;
    assert!(gone.iter().all(|change| change.kind == ChangeKind::Delete), "{gone:?}");
    assert!(city.store.features.collections().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_two_hundred_columns_is_followed() {
    let city = City::open().await;
    let mut wide = parks();
    wide.properties = (0..200)
        .map(|n| misto_model::Property {
            name: format!("п'ять \"{n}\""),
            kind: misto_model::PropertyType::Real,
            audience: Audience::Public,
        })
        .collect();
    city.store.features.define(&wide).await.unwrap();
    gdal(
        "ogrinfo",
        [
            city.gpkg().as_os_str(),
            "-sql".as_ref(),
            "INSERT INTO parks(\"п'ять \"\"0\"\"\", \"п'ять \"\"199\"\"\") VALUES (0.1, 1e300)".as_ref(),
        ],
    );
    let stands = city.store.features.page(&wide.id, None, 1).await.unwrap().features;
    assert_eq!(stands[0].properties.len(), 200);
    let history = city.store.features.history(&wide.id, stands[0].id).await.unwrap();
    assert_eq!(history[0].feature.properties["п'ять \"0\""], 0.1);
    assert_eq!(history[0].feature.properties["п'ять \"199\""], 1e300);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_geopackage_of_another_program_is_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let file = points(folder.path(), "a.geojson", &[("Ратуша", 24.71, 48.92), ("Вокзал", 24.72, 48.92)]);
    let gpkg = folder.path().join("city.gpkg");
    gdal("ogr2ogr", ["-nln".as_ref(), "landmarks".as_ref(), gpkg.as_os_str(), file.as_os_str()]);
    let store = misto_store::open(&super::url(folder.path())).await.unwrap();
    let found = store.features.collections().await.unwrap();
    assert_eq!((found[0].id.as_str(), found[0].audience, found.len()), ("landmarks", Audience::Staff, 1));
    let stands = store.features.page(&found[0].id, None, 10).await.unwrap().features;
    assert_eq!(stands.iter().map(|feature| feature.version.0).collect::<Vec<_>>(), [1, 1]);
    // Somebody says that everybody may see it.
    let mut told = found[0].clone();
    told.audience = Audience::Public;
    told.properties[0].audience = Audience::Public;
    store.features.define(&told).await.unwrap();
    assert_eq!(store.features.collections().await.unwrap(), [told]);
    let text = gdal("ogrinfo", ["-al".as_ref(), gpkg.as_os_str(), "landmarks".as_ref()]);
    assert!(text.contains("Ратуша") && text.contains("Feature Count: 2"), "{text}");
}
