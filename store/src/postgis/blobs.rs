//! Blobs in schema `misto_private`.

use async_trait::async_trait;
use misto_model::{Result, Version};
use tokio_postgres::Row;

use super::Database;
use super::failure::Done;
use crate::{Blob, Blobs};

#[async_trait]
impl Blobs for Database {
    async fn get(&self, kind: &str, key: &str) -> Result<Option<Blob>> {
        let found =
            self.blob("SELECT version, bytes FROM misto_private.blob WHERE kind = $1 AND key = $2", kind, key).await?;
        Ok(found.map(|row| Blob { version: Version(row.get(0)), bytes: row.get(1) }))
    }

    async fn version(&self, kind: &str, key: &str) -> Result<Option<Version>> {
        let found = self.blob("SELECT version FROM misto_private.blob WHERE kind = $1 AND key = $2", kind, key).await?;
        Ok(found.map(|row| Version(row.get(0))))
    }

    async fn names(&self) -> Result<Vec<(String, String)>> {
        let names = async {
            let client = self.client().await?;
            let rows = client.query("SELECT kind, key FROM misto_private.blob ORDER BY kind, key", &[]).await?;
            rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Done<_>>()
        };
        Ok(names.await?)
    }

    async fn put(&self, kind: &str, key: &str, bytes: &[u8]) -> Result<Version> {
        let put = async {
            let client = self.client().await?;
            let put = "INSERT INTO misto_private.blob AS b VALUES ($1, $2, 1, $3) ON CONFLICT (kind, key)
                DO UPDATE SET version = b.version + 1, bytes = excluded.bytes RETURNING version";
            let put = client.prepare_cached(put).await?;
            Done::Ok(Version(client.query_one(&put, &[&kind, &key, &bytes]).await?.try_get(0)?))
        };
        Ok(put.await?)
    }

    async fn remove(&self, kind: &str, key: &str) -> Result<bool> {
        let remove = async {
            let client = self.client().await?;
            let remove = "DELETE FROM misto_private.blob WHERE kind = $1 AND key = $2";
            let remove = client.prepare_cached(remove).await?;
            Done::Ok(client.execute(&remove, &[&kind, &key]).await? > 0)
        };
        Ok(remove.await?)
    }
}

impl Database {
    async fn blob(&self, query: &str, kind: &str, key: &str) -> Done<Option<Row>> {
        let client = self.client().await?;
        let query = client.prepare_cached(query).await?;
        Ok(client.query_opt(&query, &[&kind, &key]).await?)
    }
}
