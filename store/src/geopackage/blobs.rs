//! Blobs in `misto.sqlite`.

use async_trait::async_trait;
use misto_model::{Result, Version};
use rusqlite::{OptionalExtension, params};

use super::registry::Registry;
use crate::{Blob, Blobs};

#[async_trait]
impl Blobs for Registry {
    async fn get(&self, kind: &str, key: &str) -> Result<Option<Blob>> {
        let (kind, key) = (kind.to_owned(), key.to_owned());
        self.readers
            .run(move |connection| {
                let found = connection
                    .prepare_cached("SELECT version, bytes FROM blob WHERE kind = ?1 AND key = ?2")?
                    .query_row([kind, key], |row| Ok(Blob { version: Version(row.get(0)?), bytes: row.get(1)? }))
                    .optional()?;
                Ok(found)
            })
            .await
    }

    async fn version(&self, kind: &str, key: &str) -> Result<Option<Version>> {
        let (kind, key) = (kind.to_owned(), key.to_owned());
        self.readers
            .run(move |connection| {
                let found = connection
                    .prepare_cached("SELECT version FROM blob WHERE kind = ?1 AND key = ?2")?
                    .query_row([kind, key], |row| row.get(0).map(Version))
                    .optional()?;
                Ok(found)
            })
            .await
    }

    async fn names(&self) -> Result<Vec<(String, String)>> {
        self.readers
            .run(|connection| {
                let mut names = connection.prepare_cached("SELECT kind, key FROM blob ORDER BY kind, key")?;
                let names = names.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
                Ok(names.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    async fn put(&self, kind: &str, key: &str, bytes: &[u8]) -> Result<Version> {
        let (kind, key, bytes) = (kind.to_owned(), key.to_owned(), bytes.to_vec());
        self.writer
            .transact(move |transaction| {
                let version = transaction
                    .prepare_cached(
                        "INSERT INTO blob VALUES (?1, ?2, 1, ?3) ON CONFLICT (kind, key) \
                         DO UPDATE SET version = version + 1, bytes = excluded.bytes RETURNING version",
                    )?
                    .query_row(params![kind, key, bytes], |row| row.get(0))?;
                Ok(Version(version))
            })
            .await
    }

    async fn remove(&self, kind: &str, key: &str) -> Result<bool> {
        let (kind, key) = (kind.to_owned(), key.to_owned());
        self.writer
            .transact(move |transaction| {
                let mut remove = transaction.prepare_cached("DELETE FROM blob WHERE kind = ?1 AND key = ?2")?;
                Ok(remove.execute([kind, key])? > 0)
            })
            .await
    }
}
