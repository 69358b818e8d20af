//! Documents in `misto.sqlite`.

use async_trait::async_trait;
use misto_model::{Error, Result, Version};
use rusqlite::{OptionalExtension, Row, params};

use super::failure::Done;
use super::registry::Registry;
use crate::{Document, Documents};

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
        self.readers
            .run(move |connection| {
                let mut rows = connection
                    .prepare_cached("SELECT key, version, body FROM document WHERE kind = ?1 ORDER BY key")?;
                let found = rows.query_map([kind], raw)?.collect::<rusqlite::Result<Vec<_>>>()?;
                found.into_iter().map(document).collect()
            })
            .await
    }

    async fn put(&self, kind: &str, key: &str, expected: Option<Version>, body: &serde_json::Value) -> Result<Version> {
        let (kind, key, body) = (kind.to_owned(), key.to_owned(), body.to_string());
        self.writer
            .transact(move |transaction| {
                let stands: Option<i64> = transaction
                    .prepare_cached("SELECT version FROM document WHERE kind = ?1 AND key = ?2")?
                    .query_row([&kind, &key], |row| row.get(0))
                    .optional()?;
                if stands != expected.map(|version| version.0) {
                    return Err(Error::Conflict { what: format!("{kind} {key:?}"), current: None }.into());
                }
                let version = stands.unwrap_or(0) + 1;
                transaction
                    .prepare_cached("INSERT OR REPLACE INTO document VALUES (?1, ?2, ?3, ?4)")?
                    .execute(params![kind, key, version, body])?;
                Ok(Version(version))
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

fn raw(row: &Row<'_>) -> rusqlite::Result<(String, i64, String)> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

fn document((key, version, body): (String, i64, String)) -> Done<Document> {
    let body = super::parse_json(&body, || format!("document {key:?}"))?;
    Ok(Document { key, version: Version(version), body })
}
