//! The index over declared fields of documents, kept in the transaction of the documents.

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde_json::Value;

use super::documents::all;
use super::failure::Done;
use crate::fields::{shared, standing, taken};
use crate::{DocumentWrite, Field};

/// The declared fields of a kind in the order of their names.
pub(super) fn declared(connection: &Connection, kind: &str) -> Done<Vec<Field>> {
    let mut fields = connection
        .prepare_cached("SELECT field, pointer, is_unique FROM declared_field WHERE kind = ?1 ORDER BY field")?;
    let fields = fields
        .query_map([kind], |row| Ok(Field { name: row.get(0)?, pointer: row.get(1)?, unique: row.get(2)? }))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(fields)
}

/// Declares the fields and indexes what stands.
pub(super) fn declare(transaction: &Transaction<'_>, kind: &str, wanted: &[Field]) -> Done<()> {
    if declared(transaction, kind)? == wanted {
        return Ok(());
    }
    transaction.execute("DELETE FROM document_field WHERE kind = ?1", [kind])?;
    transaction.execute("DELETE FROM declared_field WHERE kind = ?1", [kind])?;
    for field in wanted {
        transaction.execute(
            "INSERT INTO declared_field VALUES (?1, ?2, ?3, ?4)",
            params![kind, field.name, field.pointer, field.unique],
        )?;
    }
    for document in all(transaction, kind)? {
        if let Some(taken) = insert(transaction, wanted, kind, &document.key, &document.body)? {
            let other = taken.other.unwrap_or_default();
            return Err(shared(kind, taken.field, &other, &document.key).into());
        }
    }
    Ok(())
}

/// Indexes what was written. All old values go first, so that documents may exchange theirs.
pub(super) fn index(transaction: &Transaction<'_>, writes: &[DocumentWrite]) -> Done<()> {
    let standing = standing(writes);
    for (kind, key) in standing.keys() {
        transaction.prepare_cached("DELETE FROM document_field WHERE kind = ?1 AND key = ?2")?.execute([kind, key])?;
    }
    for ((kind, key), body) in standing {
        let fields = declared(transaction, kind)?;
        if let Some(other) = insert(transaction, &fields, kind, key, body)? {
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

/// Indexes one document, unless a value is taken.
fn insert<'a>(
    transaction: &Transaction<'_>,
    fields: &'a [Field],
    kind: &str,
    key: &str,
    body: &Value,
) -> Done<Option<Taken<'a>>> {
    for field in fields {
        let Some(value) = field.value_in(body)? else { continue };
        let inserted = transaction
            .prepare_cached("INSERT INTO document_field VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING")?
            .execute(params![kind, field.name, value, key, field.unique])?;
        if inserted == 0 {
            let other = transaction
                .prepare_cached("SELECT key FROM document_field WHERE kind = ?1 AND field = ?2 AND value = ?3")?
                .query_row([kind, &field.name, &value], |row| row.get(0))
                .optional()?;
            return Ok(Some(Taken { field: &field.name, other }));
        }
    }
    Ok(None)
}
