//! The ten nearest buildings: inside the process on both sides, so neither pays for HTTP.

use std::path::PathBuf;
use std::time::Instant;

use misto_model::{Audience, Collection, Feature, FeatureId, GeometryKind, Position, Version};
use misto_tests::psql;
use misto_tiles::Atlas;
use serde_json::Value;

use crate::city::{MIDDLE, REACH, lot};
use crate::table;

const QUESTIONS: usize = 2_000;

/// Beside a loop in PL/pgSQL that asks PostGIS by `<->` with the GiST index.
pub fn ten(database: &str, files: &[(&str, PathBuf)], rounds: usize) {
    let geometry = psql(database, "SELECT f_geometry_column FROM geometry_columns WHERE f_table_name = 'buildings'");
    let sql = format!(
        "CREATE OR REPLACE FUNCTION pg_temp.ask() RETURNS float AS $$ DECLARE begun timestamptz := clock_timestamp(); \
         row record; at geometry; BEGIN FOR i IN 1..{QUESTIONS} LOOP \
         at := ST_SetSRID(ST_MakePoint({} + (random() * 2 - 1) * {}, {} + (random() * 2 - 1) * {}), 4326); \
         FOR row IN SELECT b.ctid FROM buildings b ORDER BY b.{geometry} <-> at LIMIT 10 LOOP END LOOP; END LOOP; \
         RETURN extract(epoch FROM clock_timestamp() - begun); END $$ LANGUAGE plpgsql; SELECT pg_temp.ask()",
        MIDDLE.0, REACH.0, MIDDLE.1, REACH.1
    );
    let (atlas, id) = loaded(&files[0].1);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let seconds: f64 = psql(database, &sql).lines().last().and_then(|line| line.parse().ok()).expect("seconds");
        theirs.push(QUESTIONS as f64 / seconds);
        let mut state = round as u64;
        let begun = Instant::now();
        for _ in 0..QUESTIONS {
            let mut shift = || lot(&mut state) * 2.0 - 1.0;
            let at = Position::new(MIDDLE.0 + shift() * REACH.0, MIDDLE.1 + shift() * REACH.1).expect("a place");
            let found = atlas.nearest(&id, at, 10, f64::INFINITY, Audience::Public).expect("the collection");
            assert_eq!(found.len(), 10);
        }
        ours.push(QUESTIONS as f64 / begun.elapsed().as_secs_f64());
    }
    table::ratio(
        "nearest 10 buildings, in process on both sides; PostGIS GiST <-> in PL/pgSQL",
        "answers/s",
        &ours,
        &theirs,
    );
}

fn loaded(file: &PathBuf) -> (Atlas, misto_model::CollectionId) {
    let text = std::fs::read(file).expect("the file");
    let document: Value = serde_json::from_slice(&text).expect("GeoJSON");
    let features = document["features"].as_array().expect("features").iter().map(|feature| {
        let ring = feature["geometry"]["coordinates"][0].as_array().expect("a ring");
        let corner = |at: &Value| (at[0].as_f64().unwrap_or_default(), at[1].as_f64().unwrap_or_default());
        let shell: Vec<(f64, f64)> = ring.iter().map(corner).collect();
        Feature {
            id: FeatureId(feature["id"].as_i64().unwrap_or_default()),
            version: Version(1),
            geometry: Some(geo_types::Polygon::new(shell.into(), vec![]).into()),
            properties: feature["properties"].as_object().cloned().unwrap_or_default(),
        }
    });
    let id: misto_model::CollectionId = "buildings".parse().expect("a name");
    let collection = Collection {
        id: id.clone(),
        title_uk: String::new(),
        title_en: String::new(),
        description: String::new(),
        audience: Audience::Public,
        geometry: GeometryKind::Polygon,
        properties: Vec::new(),
        sample: true,
        extent: None,
    };
    let atlas = Atlas::new(0);
    atlas.load(collection, features.collect());
    (atlas, id)
}
