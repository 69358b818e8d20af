//! Documents in schema `misto_private`.

use async_trait::async_trait;
use misto_model::{Error, Result, Version};
use tokio_postgres::Row;
use tokio_postgres::types::Json;

use super::Database;
use super::failure::Done;
use crate::{Document, Documents};

#[async_trait]
impl Documents for Database {
    async fn get(&self, kind: &str, key: &str) -> Result<Option<Document>> {
        let query = "SELECT key, version, body FROM misto_private.document WHERE kind = $1 AND key = $2";
        Ok(self.one_document(query, kind, key).await?)
    }

    async fn list(&self, kind: &str) -> Result<Vec<Document>> {
        let listed = async {
            let client = self.client().await?;
            let query = "SELECT key, version, body FROM misto_private.document WHERE kind = $1 ORDER BY key";
            let query = client.prepare_cached(query).await?;
            client.query(&query, &[&kind]).await?.iter().map(document).collect::<Done<_>>()
        };
        Ok(listed.await?)
    }

    async fn put(&self, kind: &str, key: &str, expected: Option<Version>, body: &serde_json::Value) -> Result<Version> {
        let put = async {
            let client = self.client().await?;
            let body = Json(body);
            // One statement either way: of two writers at once only one finds what it expects.
            let written = match expected {
                None => {
                    let insert = "INSERT INTO misto_private.document(kind, key, version, body) VALUES ($1, $2, 1, $3)
                        ON CONFLICT DO NOTHING RETURNING version";
                    client.query_opt(&client.prepare_cached(insert).await?, &[&kind, &key, &body]).await?
                }
                Some(expected) => {
                    let update = "UPDATE misto_private.document SET version = version + 1, body = $3
                        WHERE kind = $1 AND key = $2 AND version = $4 RETURNING version";
                    let update = client.prepare_cached(update).await?;
                    client.query_opt(&update, &[&kind, &key, &body, &expected.0]).await?
                }
            };
            let conflict = || Error::Conflict { what: format!("{kind} {key:?}"), current: None };
            Done::Ok(Version(written.ok_or_else(conflict)?.get(0)))
        };
        Ok(put.await?)
    }

    async fn take(&self, kind: &str, key: &str) -> Result<Option<Document>> {
        let query = "DELETE FROM misto_private.document WHERE kind = $1 AND key = $2 RETURNING key, version, body";
        Ok(self.one_document(query, kind, key).await?)
    }
}

impl Database {
    async fn one_document(&self, query: &str, kind: &str, key: &str) -> Done<Option<Document>> {
        let client = self.client().await?;
        let query = client.prepare_cached(query).await?;
        client.query_opt(&query, &[&kind, &key]).await?.as_ref().map(document).transpose()
    }
}

fn document(row: &Row) -> Done<Document> {
    let Json(body) = row.try_get(2)?;
    Ok(Document { key: row.try_get(0)?, version: Version(row.try_get(1)?), body })
}
