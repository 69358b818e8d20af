//! Follows what other programs did to the tables themselves.
//!
//! Edits of rows are recorded by the triggers. But a program may add a layer,
//! replace one, alter its columns or drop it. Then the triggers are put right and
//! the table is compared with the last states in the history, so that the feed and
//! the versions stay whole.

use deadpool_postgres::GenericClient;
use misto_model::{Audience, Result};

use super::table;
use crate::postgis::Database;
use crate::postgis::failure::Done;
use crate::schema::{Table, audience_name, geometry_kind, kind_name, literal, quoted};

/// Looks at all tables and puts right what is not. Writes only when it must.
pub(super) async fn reconcile(database: &Database) -> Result<()> {
    Ok(try_reconcile(database).await?)
}

async fn try_reconcile(database: &Database) -> Done<()> {
    let mut client = database.client().await?;
    let (tables, unusable) = table::all(&client).await?;
    for refused in unusable {
        tracing::warn!(layer = refused.name, reason = refused.reason, "a table of the database is left out");
    }
    if gone(&client, &tables).await?.is_empty() && strangers(&client, &tables).await?.is_empty() {
        return Ok(());
    }
    let transaction = client.transaction().await?;
    transaction.batch_execute("SELECT pg_advisory_xact_lock(1835627380, 3)").await?;
    // Once more under the lock: another process may have done it meanwhile.
    let (tables, _) = table::all(&transaction).await?;
    for id in gone(&transaction, &tables).await? {
        tracing::info!(collection = id, "another program dropped the collection's table");
        transaction.execute("SELECT misto_private.record_gone($1)", &[&id]).await?;
        transaction.execute("UPDATE misto_private.collection SET present = false WHERE id = $1", &[&id]).await?;
        announce_schema(&transaction, &id).await?;
    }
    for table in strangers(&transaction, &tables).await? {
        tracing::info!(collection = %table.id, "another program added or changed the collection's table");
        follow(&transaction, table).await?;
        announce_schema(&transaction, table.id.as_str()).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// Collections whose table stood before and does not now.
async fn gone(client: &impl GenericClient, tables: &[Table]) -> Done<Vec<String>> {
    let known = client.query("SELECT id FROM misto_private.collection WHERE present ORDER BY id", &[]).await?;
    let known = known.iter().map(|row| row.get::<_, String>(0));
    Ok(known.filter(|id| !tables.iter().any(|table| table.id.as_str() == id)).collect())
}

/// Tables that are not followed, or whose columns changed.
async fn strangers<'t>(client: &impl GenericClient, tables: &'t [Table]) -> Done<Vec<&'t Table>> {
    let mut found = Vec::new();
    for table in tables {
        let known = "SELECT signature FROM misto_private.collection WHERE id = $1 AND present";
        let known = client.query_opt(known, &[&table.id.as_str()]).await?;
        let signature: Option<String> = known.map(|row| row.try_get(0)).transpose()?.flatten();
        if signature != Some(self::signature(table)) || !is_recorded(client, table).await? {
            found.push(table);
        }
    }
    Ok(found)
}

/// Key, geometry column and attributes, as one text.
fn signature(table: &Table) -> String {
    let columns: String = table.columns.iter().map(|column| format!("\n{}\t{:?}", column.name, column.kind)).collect();
    format!("{}\t{}{columns}", table.key, table.geometry)
}

/// Whether the table has the triggers it should have.
async fn is_recorded(client: &impl GenericClient, table: &Table) -> Done<bool> {
    let triggers = "SELECT count(*) FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relname = $1 AND t.tgenabled IN ('O', 'A')
        AND (t.tgname = 'misto_record' AND t.tgargs = $2 OR t.tgname = 'misto_truncate' AND t.tgargs = $3)";
    let collection = format!("{}\0", table.id);
    let arguments = format!("{collection}{}\0{}\0", table.key, table.geometry);
    let count: i64 =
        client.query_one(triggers, &[&table.name, &arguments.as_bytes(), &collection.as_bytes()]).await?.try_get(0)?;
    Ok(count == 2)
}

/// Follows a table: triggers, and the difference to the history as changes.
pub(super) async fn follow(client: &impl GenericClient, table: &Table) -> Done<()> {
    let register =
        "INSERT INTO misto_private.collection(id, title_uk, title_en, audience, sample, geometry, present, signature)
        VALUES ($1, $2, $2, $3, false, $4, true, $5) ON CONFLICT (id) DO UPDATE SET present = true, signature = $5";
    let (staff, kind) = (audience_name(Audience::Staff), kind_name(geometry_kind(&table.declared)));
    client.execute(register, &[&table.id.as_str(), &table.name, &staff, &kind, &signature(table)]).await?;
    if is_recorded(client, table).await? {
        return Ok(());
    }
    let (on, id) = (quoted(&table.name), literal(table.id.as_str()));
    let (key, geometry) = (literal(&table.key), literal(&table.geometry));
    let install = format!(
        "DROP TRIGGER IF EXISTS misto_record ON public.{on};
         DROP TRIGGER IF EXISTS misto_truncate ON public.{on};
         CREATE CONSTRAINT TRIGGER misto_record AFTER INSERT OR UPDATE OR DELETE ON public.{on}
           DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION misto_private.record_row({id}, {key}, {geometry});
         CREATE TRIGGER misto_truncate AFTER TRUNCATE ON public.{on}
           FOR EACH STATEMENT EXECUTE FUNCTION misto_private.record_truncate({id});
         SELECT misto_private.feed_lock()"
    );
    client.batch_execute(&install).await?;
    record_differences(client, table).await
}

/// Records rows that the history does not have, has otherwise, or has and the table has not.
async fn record_differences(client: &impl GenericClient, table: &Table) -> Done<()> {
    let (id, name) = (literal(table.id.as_str()), quoted(&table.name));
    let (key, geometry) = (quoted(&table.key), quoted(&table.geometry));
    let blank = literal(&serde_json::json!({ &table.key: null, &table.geometry: null }).to_string());
    let last = format!(
        "SELECT DISTINCT ON (fid) fid, kind, version, geometry, properties FROM misto_private.change
         WHERE collection = {id} AND fid IS NOT NULL ORDER BY fid, version DESC"
    );
    let record = format!(
        "WITH last AS MATERIALIZED ({last}),
         stands AS MATERIALIZED (SELECT t.{key}::bigint AS fid, t.{geometry} AS geometry,
           jsonb_strip_nulls(to_jsonb(jsonb_populate_record(t, {blank}::jsonb))) AS properties FROM public.{name} AS t)
         INSERT INTO misto_private.change(collection, fid, kind, version, actor, reason, geometry, properties)
         SELECT {id}, fid, CASE WHEN s.properties IS NULL THEN 'delete' WHEN l.kind IS NULL OR l.kind = 'delete' THEN 'insert' ELSE 'update' END,
           coalesce(l.version, 0) + 1, misto_private.actor(), misto_private.reason(),
           CASE WHEN s.properties IS NULL THEN l.geometry ELSE s.geometry END, coalesce(s.properties, l.properties)
         FROM stands AS s FULL JOIN last AS l USING (fid)
         WHERE CASE WHEN s.properties IS NULL THEN l.kind <> 'delete'
           ELSE l.kind IS NULL OR l.kind = 'delete' OR l.properties <> s.properties
             OR ST_AsEWKB(l.geometry) IS DISTINCT FROM ST_AsEWKB(s.geometry) END
         ORDER BY fid"
    );
    client.batch_execute(&record).await?;
    Ok(())
}

/// Tells readers of the feed to read the collections anew.
pub(super) async fn announce_schema(client: &impl GenericClient, id: &str) -> Done<()> {
    client.execute("SELECT misto_private.announce_schema($1)", &[&id]).await?;
    Ok(())
}
