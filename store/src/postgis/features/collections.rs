//! Collections: reading, making, extending and removing feature tables.

use std::collections::HashMap;

use deadpool_postgres::GenericClient;
use misto_model::{Audience, Bbox, Collection, CollectionId, Error, GeometryKind, Property};

use super::reconcile;
use super::table::{self, sql_type};
use crate::postgis::failure::{Done, Failure};
use crate::schema::shape::declared_type;
use crate::schema::{
    Table, audience_name, audience_named, check_names, geometry_kind, kind_name, kind_named,
    names_for_key_and_geometry, quoted,
};

/// Longer names are cut by PostgreSQL.
const MOST_NAME_BYTES: usize = 63;

/// All usable collections.
pub(super) async fn all(client: &impl GenericClient) -> Done<Vec<Collection>> {
    let (tables, _) = table::all(client).await?;
    let mut collections = Vec::with_capacity(tables.len());
    for table in &tables {
        collections.push(describe(client, table).await?);
    }
    Ok(collections)
}

/// The kind of shapes a collection holds.
pub(super) async fn kind(client: &impl GenericClient, table: &Table) -> Done<GeometryKind> {
    let told = client.prepare_cached("SELECT geometry FROM misto_private.collection WHERE id = $1").await?;
    let told: Option<String> =
        client.query_opt(&told, &[&table.id.as_str()]).await?.map(|row| row.try_get(0)).transpose()?;
    Ok(told.as_deref().and_then(kind_named).unwrap_or_else(|| geometry_kind(&table.declared)))
}

async fn describe(client: &impl GenericClient, table: &Table) -> Done<Collection> {
    let id = table.id.as_str();
    let policy = "SELECT title_uk, title_en, audience, sample, description FROM misto_private.collection WHERE id = $1";
    let policy = client.query_opt(&client.prepare_cached(policy).await?, &[&id]).await?;
    // A table that nobody has described yet may hold anything: staff only.
    let (title_uk, title_en, audience, sample, description) = match policy {
        Some(row) => {
            (row.try_get(0)?, row.try_get(1)?, audience_named(row.try_get(2)?), row.try_get(3)?, row.try_get(4)?)
        }
        None => (table.name.clone(), table.name.clone(), Audience::Staff, false, String::new()),
    };
    let told = client.prepare_cached("SELECT name, audience FROM misto_private.property WHERE collection = $1").await?;
    let told = client.query(&told, &[&id]).await?;
    let audiences: HashMap<String, Audience> =
        told.iter().map(|row| (row.get(0), audience_named(row.get(1)))).collect();
    let properties = table.columns.iter().map(|column| Property {
        name: column.name.clone(),
        kind: column.kind,
        audience: audiences.get(&column.name).copied().unwrap_or(Audience::Staff),
    });
    Ok(Collection {
        id: table.id.clone(),
        title_uk,
        title_en,
        description,
        audience,
        geometry: kind(client, table).await?,
        properties: properties.collect(),
        sample,
        extent: extent(client, table).await?,
    })
}

async fn extent(client: &impl GenericClient, table: &Table) -> Done<Option<Bbox>> {
    let query = format!(
        "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM (SELECT ST_Extent({}) AS e FROM public.{}) AS all_of_it",
        quoted(&table.geometry),
        quoted(&table.name)
    );
    let row = client.query_one(&query, &[]).await?;
    let edge = |at| row.try_get::<_, Option<f64>>(at);
    let (Some(west), Some(south), Some(east), Some(north)) = (edge(0)?, edge(1)?, edge(2)?, edge(3)?) else {
        return Ok(None);
    };
    Ok(Bbox::new(west, south, east, north).ok())
}

/// Makes or extends a collection, inside a transaction.
pub(super) async fn define(client: &impl GenericClient, wanted: &Collection) -> Done<()> {
    // Two processes that define at once: one after the other.
    client.batch_execute("SELECT pg_advisory_xact_lock(1835627380, 3); SET CONSTRAINTS ALL IMMEDIATE").await?;
    let before = match table::find(client, &wanted.id).await {
        Ok(table) => {
            let before = describe(client, &table).await?;
            extend(client, &table, &before, wanted).await?;
            Some(before)
        }
        Err(Failure::Told(Error::NotFound { .. })) => {
            create(client, wanted).await?;
            None
        }
        Err(failure) => return Err(failure),
    };
    write_policy(client, wanted).await?;
    let table = table::find(client, &wanted.id).await?;
    // New columns are unknown everywhere, so nothing changed for the history; a table
    // that was not followed before is compared with it.
    reconcile::follow(client, &table).await?;
    let after = describe(client, &table).await?;
    if before.as_ref() != Some(&after) {
        reconcile::announce_schema(client, wanted.id.as_str()).await?;
    }
    Ok(())
}

async fn create(client: &impl GenericClient, wanted: &Collection) -> Done<()> {
    let id = wanted.id.as_str();
    let taken =
        "SELECT EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace AND lower(relname) = $1)";
    if client.query_one(taken, &[&id]).await?.try_get(0)? {
        return Err(Error::invalid("id", format!("the database holds a table {id:?} that is no feature layer")).into());
    }
    let (key, geometry) = names_for_key_and_geometry(&wanted.properties)?;
    check_names(&wanted.properties, &[key, geometry], MOST_NAME_BYTES)?;
    let columns: String =
        wanted.properties.iter().map(|p| format!(", {} {}", quoted(&p.name), sql_type(p.kind))).collect();
    let make = format!(
        "CREATE TABLE public.{table} ({key} bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, {geometry} public.geometry({declared}, 4326){columns});
         CREATE INDEX ON public.{table} USING gist ({geometry})",
        table = quoted(id),
        declared = declared_type(wanted.geometry),
    );
    client.batch_execute(&make).await?;
    Ok(())
}

async fn extend(client: &impl GenericClient, table: &Table, stands: &Collection, wanted: &Collection) -> Done<()> {
    if stands.geometry != wanted.geometry {
        let reason = format!(
            "collection {} holds {} shapes; its kind cannot be changed to {}",
            table.id,
            kind_name(stands.geometry),
            kind_name(wanted.geometry)
        );
        return Err(Error::invalid("geometry", reason).into());
    }
    check_names(&wanted.properties, &[&table.key, &table.geometry], MOST_NAME_BYTES)?;
    for property in &wanted.properties {
        match table.columns.iter().find(|column| column.name.to_lowercase() == property.name.to_lowercase()) {
            None => {
                let add = format!(
                    "ALTER TABLE public.{} ADD COLUMN {} {}",
                    quoted(&table.name),
                    quoted(&property.name),
                    sql_type(property.kind)
                );
                client.batch_execute(&add).await?;
            }
            Some(column) if column.name != property.name => {
                let reason = format!("the attribute is spelled {:?} already", column.name);
                return Err(Error::invalid(&property.name, reason).into());
            }
            Some(column) if column.kind != property.kind => {
                let reason = format!("its type is {:?} and cannot be changed to {:?}", column.kind, property.kind);
                return Err(Error::invalid(&property.name, reason).into());
            }
            Some(_) => {}
        }
    }
    Ok(())
}

async fn write_policy(client: &impl GenericClient, wanted: &Collection) -> Done<()> {
    let id = wanted.id.as_str();
    let policy =
        "INSERT INTO misto_private.collection(id, title_uk, title_en, description, audience, sample, geometry, present)
        VALUES ($1, $2, $3, $4, $5, $6, $7, true) ON CONFLICT (id) DO UPDATE SET title_uk = excluded.title_uk,
        title_en = excluded.title_en, description = excluded.description, audience = excluded.audience,
        sample = excluded.sample, geometry = excluded.geometry, present = true";
    let (audience, kind) = (audience_name(wanted.audience), kind_name(wanted.geometry));
    client
        .execute(
            policy,
            &[&id, &wanted.title_uk, &wanted.title_en, &wanted.description, &audience, &wanted.sample, &kind],
        )
        .await?;
    let names: Vec<&str> = wanted.properties.iter().map(|property| property.name.as_str()).collect();
    let audiences: Vec<&str> = wanted.properties.iter().map(|property| audience_name(property.audience)).collect();
    let properties = "INSERT INTO misto_private.property SELECT $1, * FROM unnest($2::text[], $3::text[])
        ON CONFLICT (collection, name) DO UPDATE SET audience = excluded.audience";
    client.execute(properties, &[&id, &names, &audiences]).await?;
    Ok(())
}

/// Drops a collection with everything that belongs to it, inside a transaction.
pub(super) async fn remove(client: &impl GenericClient, id: &CollectionId) -> Done<()> {
    let table = table::find(client, id).await?;
    client.execute("SELECT misto_private.record_gone($1)", &[&id.as_str()]).await?;
    client.batch_execute(&format!("DROP TABLE public.{}", quoted(&table.name))).await?;
    client.execute("DELETE FROM misto_private.property WHERE collection = $1", &[&id.as_str()]).await?;
    client.execute("DELETE FROM misto_private.collection WHERE id = $1", &[&id.as_str()]).await?;
    reconcile::announce_schema(client, id.as_str()).await
}
