use geo_types::{line_string, point};
use misto_model::{Edit, GeometryKind, Version};

use super::{City, gdal, other_program, parks};
use crate::conformance::{named, planner};

#[tokio::test(flavor = "multi_thread")]
async fn gdal_reads_the_file_while_misto_has_it_open() {
    let city = City::open().await;
    city.store.features.define(&parks()).await.unwrap();
    let mut ways = parks();
    (ways.id, ways.geometry) = ("ways".parse().unwrap(), GeometryKind::Line);
    city.store.features.define(&ways).await.unwrap();
    let park = Edit::Create {
        geometry: Some(point!(x: 24.71, y: 48.92).into()), properties: named("Парк Шевченка")
    };
    city.store.features.apply(&parks().id, vec![park], &planner("перший")).await.unwrap();
    let way = line_string![(x: 24.7, y: 48.9), (x: 24.8, y: 48.95)];
    let edit = Edit::Create { geometry: Some(way.clone().into()), properties: named("Алея") };
    let written = city.store.features.apply(&ways.id, vec![edit], &planner("друга")).await.unwrap();
    assert_eq!(written[0].geometry, Some(way.into()), "a single line returns single");

    let text = gdal("ogrinfo", ["-al".as_ref(), city.gpkg().as_os_str()]);
    for expected in [
        "Layer name: parks",
        "Geometry: Point",
        "name (String) = Парк Шевченка",
        "POINT (24.71 48.92)",
        "trees: Integer64",
        "Layer name: ways",
        "Geometry: Multi Line String",
        "MULTILINESTRING ((24.7 48.9,24.8 48.95))",
        "ID[\"EPSG\",4326]",
        "FID Column = fid",
        "Layer name: misto_history",
        "reason (String) = перший",
    ] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
    assert!(!text.contains("misto_change") && !text.contains("Warning"), "{text}");
    // The spatial index answers, and through the names that the standard gives.
    let found = gdal(
        "ogrinfo",
        [
            "-so".as_ref(),
            "-spat".as_ref(),
            "24.6".as_ref(),
            "48.8".as_ref(),
            "24.75".as_ref(),
            "48.93".as_ref(),
            city.gpkg().as_os_str(),
            "parks".as_ref(),
        ],
    );
    assert!(found.contains("Feature Count: 1"), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_keeps_the_promises_of_the_standard() {
    let city = City::open().await;
    city.store.features.define(&parks()).await.unwrap();
    let create = |lon, lat| Edit::Create { geometry: Some(point!(x: lon, y: lat).into()), properties: named("а") };
    city.store.features.apply(&parks().id, vec![create(24.7, 48.9), create(24.8, 48.8)], &planner("")).await.unwrap();
    let other = other_program(&city.gpkg());
    let text = |sql: &str| other.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    let number = |sql: &str| other.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(text("PRAGMA integrity_check"), "ok");
    assert_eq!(number("SELECT count(*) FROM pragma_foreign_key_check"), 0);
    assert_eq!(number("PRAGMA application_id"), 0x4750_4b47);
    assert_eq!(number("PRAGMA user_version"), 10_300);
    assert_eq!(
        text("SELECT group_concat(srs_id) FROM (SELECT srs_id FROM gpkg_spatial_ref_sys ORDER BY srs_id)"),
        "-1,0,4326"
    );
    assert_eq!(
        text(
            "SELECT min_x || ' ' || min_y || ' ' || max_x || ' ' || max_y FROM gpkg_contents WHERE table_name = 'parks'"
        ),
        "24.7 48.8 24.8 48.9"
    );
    assert_eq!(number("SELECT count(*) FROM rtree_parks_geom"), 2);
    assert_eq!(text("SELECT extension_name FROM gpkg_extensions WHERE table_name = 'parks'"), "gpkg_rtree_index");
    let changed = text("SELECT last_change FROM gpkg_contents WHERE table_name = 'parks'");
    assert!(changed.ends_with('Z') && changed.len() == 24, "{changed}");
    let ids: Vec<_> = city.store.features.page(&parks().id, None, 10).await.unwrap().features;
    let edits = ids.iter().map(|feature| Edit::Delete { id: feature.id, expected: Version(1) }).collect();
    city.store.features.apply(&parks().id, edits, &planner("")).await.unwrap();
    assert_eq!(number("SELECT count(*) FROM rtree_parks_geom"), 0);
    assert_eq!(number("SELECT count(*) FROM gpkg_contents WHERE table_name = 'parks' AND min_x IS NULL"), 1);
    city.store.features.remove(&parks().id, &planner("")).await.unwrap();
    assert_eq!(number("SELECT count(*) FROM sqlite_master WHERE name LIKE '%parks%'"), 0);
    assert_eq!(number("SELECT count(*) FROM gpkg_extensions WHERE table_name = 'parks'"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_multipoint_widens_the_declared_type() {
    let city = City::open().await;
    city.store.features.define(&parks()).await.unwrap();
    let many: geo_types::Geometry = geo_types::MultiPoint::from(vec![(24.7, 48.9), (24.8, 48.8)]).into();
    let edit = Edit::Create { geometry: Some(many.clone()), properties: named("два входи") };
    let written = city.store.features.apply(&parks().id, vec![edit], &planner("")).await.unwrap();
    assert_eq!(written[0].geometry, Some(many));
    assert_eq!(city.store.features.collections().await.unwrap()[0].geometry, GeometryKind::Point);
    assert!(gdal("ogrinfo", ["-al".as_ref(), city.gpkg().as_os_str()]).contains("MULTIPOINT"));
    let line = line_string![(x: 24.7, y: 48.9), (x: 24.8, y: 48.95)];
    let edit = Edit::Create { geometry: Some(line.into()), properties: named("лінія") };
    let refused = city.store.features.apply(&parks().id, vec![edit], &planner("")).await;
    assert!(
        matches!(refused, Err(misto_model::Error::Invalid { ref field, .. }) if field == "geometry"),
        "{refused:?}"
    );
}
