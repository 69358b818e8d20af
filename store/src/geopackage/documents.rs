//! Documents in `misto.sqlite`.

use async_trait::async_trait;
use misto_model::{Result, Version};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde_json::Value;

use super::failure::Done;
use super::registry::Registry;
use super::{fields, log};
use crate::fields::{changed, named, ordered};
use crate::log::Batch;
use crate::{Document, DocumentWrite, Documents, Field, LogWrite};

#[async_trait]
impl Documents for Registry {
    async fn get(&self, kind: &str, key: &str) -> Result<Option<Document>> {
        let (kind, key) = (kind.to_owned(), key.to_owned());
        self.readers
            .run(move |connection| {
                connection
                    .prepare_cached("SELECT key, version, body FROM document WHERE kind = ?1 AND key = ?2")?
                    .query_row([kind, key], raw)
                    .optional()?
                    .map(document)
                    .transpose()
            })
            .await
    }

    async fn list(&self, kind: &str) -> Result<Vec<Document>> {
        let kind = kind.to_owned();
        self.readers.run(move |connection| all(connection, &kind)).await
    }

    async fn kinds(&self) -> Result<Vec<String>> {
        self.readers
            .run(|connection| super::texts(connection, "SELECT DISTINCT kind FROM document ORDER BY kind"))
            .await
    }

    async fn find(&self, kind: &str, field: &str, value: &Value) -> Result<Vec<Document>> {
        let (kind, field, value) = (kind.to_owned(), field.to_owned(), value.clone());
        self.readers
            .snapshot(move |connection| {
                let declared = fields::declared(connection, &kind)?;
                let value = named(&declared, &kind, &field)?.text(&value)?;
                let mut rows = connection.prepare_cached(
                    "SELECT d.key, d.version, d.body FROM document_field AS f JOIN document AS d USING (kind, key)
                     WHERE f.kind = ?1 AND f.field = ?2 AND f.value = ?3 ORDER BY f.key",
                )?;
                let found = rows.query_map(params![kind, field, value], raw)?.collect::<rusqlite::Result<Vec<_>>>()?;
                found.into_iter().map(document).collect()
            })
            .await
    }

    async fn declare(&self, kind: &str, fields: &[Field]) -> Result<()> {
        let (kind, wanted) = (kind.to_owned(), ordered(fields)?);
        self.writer.transact(move |transaction| fields::declare(transaction, &kind, &wanted)).await
    }

    async fn write(&self, documents: &[DocumentWrite], log: &[LogWrite]) -> Result<Vec<Version>> {
        let documents = documents.to_vec();
        let log: Vec<Batch> = log.iter().map(Batch::from).collect();
        self.writer
            .transact(move |transaction| {
                let versions = documents.iter().map(|write| apply(transaction, write)).collect::<Done<_>>()?;
                fields::index(transaction, &documents)?;
                for batch in &log {
                    log::append(transaction, batch)?;
                }
                Ok(versions)
            })
            .await
    }

    async fn take(&self, kind: &str, key: &str) -> Result<Option<Document>> {
        let (kind, key) = (kind.to_owned(), key.to_owned());
        self.writer
            .transact(move |transaction| {
                transaction
                    .prepare_cached("DELETE FROM document WHERE kind = ?1 AND key = ?2 RETURNING key, version, body")?
                    .query_row([kind, key], raw)
                    .optional()?
                    .map(document)
                    .transpose()
            })
            .await
    }
}

/// One write, if the document stands at the version that the writer saw.
fn apply(transaction: &Transaction<'_>, write: &DocumentWrite) -> Done<Version> {
    let version = match write {
        DocumentWrite::Put { kind, key, expected: None, body } => transaction
            .prepare_cached("INSERT INTO document VALUES (?1, ?2, 1, ?3) ON CONFLICT DO NOTHING RETURNING version")?
            .query_row(params![kind, key, body.to_string()], |row| row.get(0)),
        DocumentWrite::Put { kind, key, expected: Some(expected), body } => transaction
            .prepare_cached(
                "UPDATE document SET version = version + 1, body = ?3 WHERE kind = ?1 AND key = ?2 AND version = ?4 RETURNING version",
            )?
            .query_row(params![kind, key, body.to_string(), expected.0], |row| row.get(0)),
        DocumentWrite::Repeat { kind, document: Document { key, version, body } } => transaction
            .prepare_cached("INSERT OR REPLACE INTO document VALUES (?1, ?2, ?3, ?4) RETURNING version")?
            .query_row(params![kind, key, version.0, body.to_string()], |row| row.get(0)),
        DocumentWrite::Remove { kind, key, expected } => transaction
            .prepare_cached("DELETE FROM document WHERE kind = ?1 AND key = ?2 AND version = ?3 RETURNING version")?
            .query_row(params![kind, key, expected.0], |row| row.get(0)),
    };
    let (kind, key) = write.names();
    Ok(Version(version.optional()?.ok_or_else(|| changed(kind, key))?))
}

/// All documents of a kind in the order of their keys.
pub(super) fn all(connection: &Connection, kind: &str) -> Done<Vec<Document>> {
    let mut rows = connection.prepare_cached("SELECT key, version, body FROM document WHERE kind = ?1 ORDER BY key")?;
    let found = rows.query_map([kind], raw)?.collect::<rusqlite::Result<Vec<_>>>()?;
    found.into_iter().map(document).collect()
}

fn raw(row: &Row<'_>) -> rusqlite::Result<(String, i64, String)> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

fn document((key, version, body): (String, i64, String)) -> Done<Document> {
    let body = super::parse_json(&body, || format!("document {key:?}"))?;
    Ok(Document { key, version: Version(version), body })
}
