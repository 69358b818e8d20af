//! Documents in schema `misto_private`.

use async_trait::async_trait;
use deadpool_postgres::{GenericClient, Transaction};
use misto_model::{Result, Version};
use serde_json::Value;
use tokio_postgres::Row;
use tokio_postgres::types::{Json, ToSql};

use super::failure::Done;
use super::{Database, fields, log};
use crate::fields::{changed, named, ordered};
use crate::{Document, DocumentWrite, Documents, Field, LogWrite};

#[async_trait]
impl Documents for Database {
    async fn get(&self, kind: &str, key: &str) -> Result<Option<Document>> {
        let query = "SELECT key, version, body FROM misto_private.document WHERE kind = $1 AND key = $2";
        Ok(self.one_document(query, kind, key).await?)
    }

    async fn list(&self, kind: &str) -> Result<Vec<Document>> {
        let listed = async { all(&self.client().await?, kind).await };
        Ok(listed.await?)
    }

    async fn kinds(&self) -> Result<Vec<String>> {
        Ok(self.texts("SELECT DISTINCT kind FROM misto_private.document ORDER BY kind").await?)
    }

    async fn find(&self, kind: &str, field: &str, value: &Value) -> Result<Vec<Document>> {
        let found = async {
            let client = self.client().await?;
            let declared = fields::declared(&client, kind).await?;
            let value = named(&declared, kind, field)?.text(value)?;
            let query = "SELECT d.key, d.version, d.body FROM misto_private.document_field AS f
                JOIN misto_private.document AS d USING (kind, key)
                WHERE f.kind = $1 AND f.field = $2 AND f.value = $3 ORDER BY f.key";
            documents(&client, query, &[&kind, &field, &value]).await
        };
        Ok(found.await?)
    }

    async fn declare(&self, kind: &str, fields: &[Field]) -> Result<()> {
        let wanted = ordered(fields)?;
        let declare = async {
            let mut client = self.client().await?;
            let transaction = client.transaction().await?;
            fields::declare(&transaction, kind, &wanted).await?;
            transaction.commit().await?;
            Done::Ok(())
        };
        Ok(declare.await?)
    }

    async fn write(&self, documents: &[DocumentWrite], log: &[LogWrite]) -> Result<Vec<Version>> {
        let write = async {
            let mut client = self.client().await?;
            let transaction = client.transaction().await?;
            let mut versions = Vec::with_capacity(documents.len());
            for write in documents {
                versions.push(apply(&transaction, write).await?);
            }
            fields::index(&transaction, documents).await?;
            for write in log {
                log::append(&transaction, &write.into()).await?;
            }
            transaction.commit().await?;
            Done::Ok(versions)
        };
        Ok(write.await?)
    }

    async fn take(&self, kind: &str, key: &str) -> Result<Option<Document>> {
        let query = "DELETE FROM misto_private.document WHERE kind = $1 AND key = $2 RETURNING key, version, body";
        Ok(self.one_document(query, kind, key).await?)
    }
}

impl Database {
    async fn one_document(&self, query: &str, kind: &str, key: &str) -> Done<Option<Document>> {
        Ok(documents(&self.client().await?, query, &[&kind, &key]).await?.pop())
    }
}

/// One write in one statement: of two writers at once only one finds what it expects.
async fn apply(transaction: &Transaction<'_>, write: &DocumentWrite) -> Done<Version> {
    let insert = "INSERT INTO misto_private.document(kind, key, version, body) VALUES ($1, $2, 1, $3)
        ON CONFLICT DO NOTHING RETURNING version";
    let update = "UPDATE misto_private.document SET version = version + 1, body = $3
        WHERE kind = $1 AND key = $2 AND version = $4 RETURNING version";
    let remove = "DELETE FROM misto_private.document WHERE kind = $1 AND key = $2 AND version = $3 RETURNING version";
    let repeat = "INSERT INTO misto_private.document(kind, key, version, body) VALUES ($1, $2, $4, $3)
        ON CONFLICT (kind, key) DO UPDATE SET version = $4, body = $3 RETURNING version";
    let (kind, key) = write.names();
    let written = match write {
        DocumentWrite::Put { expected: None, body, .. } => {
            let insert = transaction.prepare_cached(insert).await?;
            transaction.query_opt(&insert, &[&kind, &key, &Json(body)]).await?
        }
        DocumentWrite::Put { expected: Some(expected), body, .. } => {
            let update = transaction.prepare_cached(update).await?;
            transaction.query_opt(&update, &[&kind, &key, &Json(body), &expected.0]).await?
        }
        DocumentWrite::Repeat { document: Document { version, body, .. }, .. } => {
            let repeat = transaction.prepare_cached(repeat).await?;
            transaction.query_opt(&repeat, &[&kind, &key, &Json(body), &version.0]).await?
        }
        DocumentWrite::Remove { expected, .. } => {
            let remove = transaction.prepare_cached(remove).await?;
            transaction.query_opt(&remove, &[&kind, &key, &expected.0]).await?
        }
    };
    Ok(Version(written.ok_or_else(|| changed(kind, key))?.try_get(0)?))
}

/// All documents of a kind in the order of their keys.
pub(super) async fn all(client: &impl GenericClient, kind: &str) -> Done<Vec<Document>> {
    let query = "SELECT key, version, body FROM misto_private.document WHERE kind = $1 ORDER BY key";
    documents(client, query, &[&kind]).await
}

async fn documents(
    client: &impl GenericClient,
    query: &str,
    parameters: &[&(dyn ToSql + Sync)],
) -> Done<Vec<Document>> {
    let query = client.prepare_cached(query).await?;
    client.query(&query, parameters).await?.iter().map(document).collect()
}

fn document(row: &Row) -> Done<Document> {
    let Json(body) = row.try_get(2)?;
    Ok(Document { key: row.try_get(0)?, version: Version(row.try_get(1)?), body })
}
