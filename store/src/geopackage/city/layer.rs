//! A GeoPackage with one layer and nothing of Misto's, to give away.

use std::path::Path;

use misto_model::{Collection, Error, Feature};
use rusqlite::{Connection, params};

use super::edits::{Desk, Row};
use super::{collections, functions, table};
use crate::geopackage::failure::{Done, Failure};
use crate::schema::names_for_key_and_geometry;

/// Whatever made the features end early.
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Writes the features with their ids into a new file; gives how many.
pub(crate) fn write(
    path: &Path,
    collection: &Collection,
    features: impl Iterator<Item = Result<Feature, BoxError>>,
) -> Result<u64, BoxError> {
    let tell = |failure: Failure| -> BoxError { failure.tell("the GeoPackage").into() };
    let mut connection = Connection::open(path).map_err(|cause| tell(cause.into()))?;
    prepare(&connection).map_err(tell)?;
    let transaction = connection.transaction().map_err(|cause| tell(cause.into()))?;
    let count = fill(&transaction, collection, features)?;
    transaction.commit().map_err(|cause| tell(cause.into()))?;
    Ok(count)
}

/// The file is given away when it is whole; one that is not is thrown away.
fn prepare(connection: &Connection) -> Done<()> {
    connection.execute_batch(
        "PRAGMA application_id = 0x47504b47; PRAGMA user_version = 10300; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;",
    )?;
    connection.execute_batch(include_str!("standard.sql"))?;
    functions::register(connection)?;
    Ok(())
}

fn fill(
    connection: &Connection,
    collection: &Collection,
    features: impl Iterator<Item = Result<Feature, BoxError>>,
) -> Result<u64, BoxError> {
    let tell = |failure: Failure| -> BoxError { failure.tell("the GeoPackage").into() };
    let table = define(connection, collection).map_err(tell)?;
    let mut desk = Desk::new(connection, &table);
    let mut count = 0;
    for feature in features {
        let Feature { id, geometry, properties, .. } = feature?;
        let known = crate::schema::known_properties(&table, &properties);
        let row = Row::check(&table, collection.geometry, geometry, &known)
            .map_err(|wrong: Error| format!("feature {id}: {wrong}"))?;
        desk.put(id, &row).map_err(tell)?;
        count += 1;
    }
    desk.finish().map_err(tell)?;
    Ok(count)
}

fn define(connection: &Connection, collection: &Collection) -> Done<crate::schema::Table> {
    let (key, geometry) = names_for_key_and_geometry(&collection.properties)?;
    collections::make_table(connection, collection, key, geometry)?;
    let title = if collection.title_uk.is_empty() { collection.id.as_str() } else { &collection.title_uk };
    connection.execute(
        "UPDATE gpkg_contents SET identifier = ?2, description = ?3 WHERE table_name = ?1",
        params![collection.id.as_str(), title, collection.description],
    )?;
    table::find(connection, &collection.id)
}

#[cfg(test)]
mod tests {
    use misto_model::{Audience, FeatureId, GeometryKind, Property, PropertyType, Version};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_layer_to_give_away_holds_the_features_and_nothing_of_ours() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.gpkg");
        let name = Property { name: "name".into(), kind: PropertyType::Text, audience: Audience::Public };
        let collection = Collection {
            id: "benches".parse().unwrap(),
            title_uk: "Лавки".into(),
            title_en: "Benches".into(),
            description: String::new(),
            audience: Audience::Public,
            geometry: GeometryKind::Point,
            properties: vec![name],
            sample: false,
            extent: None,
        };
        let bench = |id: i64, place: Option<(f64, f64)>| {
            let properties = [("name".to_owned(), json!(format!("лавка {id}")))].into_iter().collect();
            let geometry = place.map(|at| geo_types::Point::from(at).into());
            Ok(Feature { id: FeatureId(id), version: Version(3), geometry, properties })
        };
        let features = [bench(5, Some((24.7, 48.9))), bench(9, None)].into_iter();
        assert_eq!(write(&path, &collection, features).unwrap(), 2);
        let written = Connection::open(&path).unwrap();
        let one = |query: &str| written.query_row(query, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(one("SELECT sum(fid) FROM benches WHERE name LIKE 'лавка%'"), 14);
        assert_eq!(one("SELECT count(*) FROM rtree_benches_geom"), 1);
        assert_eq!(one("SELECT count(*) FROM gpkg_contents WHERE identifier = 'Лавки' AND min_x = 24.7"), 1);
        assert_eq!(one("SELECT count(*) FROM sqlite_master WHERE name LIKE 'misto%'"), 0);
        let broken = std::iter::once(Err("the source ended".into()));
        assert!(write(&folder.path().join("b.gpkg"), &collection, broken).is_err());
    }
}
