//! The index over declared fields of documents, kept in the transaction of the documents.

use std::collections::HashMap;

use deadpool_postgres::{GenericClient, Transaction};
use serde_json::Value;
use tokio_postgres::Row;

use super::documents::all;
use super::failure::Done;
use crate::fields::{shared, standing, taken};
use crate::{DocumentWrite, Field};

/// The declared fields of a kind in the order of their names.
pub(super) async fn declared(client: &impl GenericClient, kind: &str) -> Done<Vec<Field>> {
    let fields = "SELECT field, pointer, is_unique FROM misto_private.declared_field WHERE kind = $1 ORDER BY field";
    let fields = client.prepare_cached(fields).await?;
    client.query(&fields, &[&kind]).await?.iter().map(field).collect()
}

fn field(row: &Row) -> Done<Field> {
    Ok(Field { name: row.try_get(0)?, pointer: row.try_get(1)?, unique: row.try_get(2)? })
}

/// Declares the fields and indexes what stands.
pub(super) async fn declare(transaction: &Transaction<'_>, kind: &str, wanted: &[Field]) -> Done<()> {
    if declared(transaction, kind).await? == wanted {
        return Ok(());
    }
    // Waits for all who write documents. Whoever writes after this reads the fields
    // after its document was let in, so it finds the new ones.
    transaction.batch_execute("LOCK TABLE misto_private.document IN SHARE ROW EXCLUSIVE MODE").await?;
    transaction.execute("DELETE FROM misto_private.document_field WHERE kind = $1", &[&kind]).await?;
    transaction.execute("DELETE FROM misto_private.declared_field WHERE kind = $1", &[&kind]).await?;
    for field in wanted {
        let declare = "INSERT INTO misto_private.declared_field VALUES ($1, $2, $3, $4)";
        transaction.execute(declare, &[&kind, &field.name, &field.pointer, &field.unique]).await?;
    }
    for document in all(transaction, kind).await? {
        if let Some(taken) = insert(transaction, wanted, kind, &document.key, &document.body).await? {
            let other = taken.other.unwrap_or_default();
            return Err(shared(kind, taken.field, &other, &document.key).into());
        }
    }
    Ok(())
}

/// Indexes what was written. All old values go first, so that documents may exchange theirs.
pub(super) async fn index(transaction: &Transaction<'_>, writes: &[DocumentWrite]) -> Done<()> {
    let standing = standing(writes);
    let (kinds, keys): (Vec<&str>, Vec<&str>) = standing.keys().copied().unzip();
    let sweep = "WITH old AS (DELETE FROM misto_private.document_field
            WHERE (kind, key) IN (SELECT * FROM unnest($1::text[], $2::text[])))
        SELECT field, pointer, is_unique, kind FROM misto_private.declared_field WHERE kind = ANY($1) ORDER BY field";
    let sweep = transaction.prepare_cached(sweep).await?;
    let mut fields: HashMap<String, Vec<Field>> = HashMap::new();
    for row in transaction.query(&sweep, &[&kinds, &keys]).await? {
        fields.entry(row.try_get(3)?).or_default().push(field(&row)?);
    }
    for ((kind, key), body) in standing {
        let Some(fields) = fields.get(kind) else { continue };
        if let Some(other) = insert(transaction, fields, kind, key, body).await? {
            return Err(taken(kind, key, other.field, other.other.as_deref()).into());
        }
    }
    Ok(())
}

/// A unique field whose value another document holds.
struct Taken<'a> {
    field: &'a str,
    other: Option<String>,
}

/// Indexes one document, unless a value is taken. Waits for another writer of the same value.
async fn insert<'a>(
    transaction: &Transaction<'_>,
    fields: &'a [Field],
    kind: &str,
    key: &str,
    body: &Value,
) -> Done<Option<Taken<'a>>> {
    for field in fields {
        let Some(value) = field.value_in(body)? else { continue };
        let insert = "INSERT INTO misto_private.document_field VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
        let insert = transaction.prepare_cached(insert).await?;
        if transaction.execute(&insert, &[&kind, &field.name, &value, &key, &field.unique]).await? == 0 {
            let other = "SELECT key FROM misto_private.document_field WHERE kind = $1 AND field = $2 AND value = $3";
            let other = transaction.query_opt(other, &[&kind, &field.name, &value]).await?;
            return Ok(Some(Taken { field: &field.name, other: other.map(|row| row.try_get(0)).transpose()? }));
        }
    }
    Ok(None)
}
