//! The log in schema `misto_private`.

use async_trait::async_trait;
use misto_model::{Instant, Result};
use tokio_postgres::types::Json;

use super::failure::Done;
use super::micros::Micros;
use super::{Database, row_limit};
use crate::precision::{digit, instant};
use crate::{Log, LogEntry};

#[async_trait]
impl Log for Database {
    async fn append(&self, kind: &str, entries: &[serde_json::Value], at: Instant, keep: Option<u64>) -> Result<()> {
        let append = async {
            let mut client = self.client().await?;
            let transaction = client.transaction().await?;
            let insert = "INSERT INTO misto_private.log(kind, at, precision, body)
                SELECT $1, $2, $3, told.body FROM unnest($4::json[]) WITH ORDINALITY AS told(body, place) ORDER BY place";
            let insert = transaction.prepare_cached(insert).await?;
            let bodies: Vec<_> = entries.iter().map(Json).collect();
            transaction.execute(&insert, &[&kind, &Micros(at.micros()), &digit(at), &bodies]).await?;
            if let Some(keep) = keep {
                let forget = "DELETE FROM misto_private.log WHERE kind = $1 AND sequence <=
                    (SELECT sequence FROM misto_private.log WHERE kind = $1 ORDER BY sequence DESC LIMIT 1 OFFSET $2)";
                let forget = transaction.prepare_cached(forget).await?;
                transaction.execute(&forget, &[&kind, &i64::try_from(keep).unwrap_or(i64::MAX)]).await?;
            }
            transaction.commit().await?;
            Done::Ok(())
        };
        Ok(append.await?)
    }

    async fn newest(&self, kind: &str, before: Option<i64>, limit: usize) -> Result<Vec<LogEntry>> {
        let newest = async {
            let client = self.client().await?;
            let query = "SELECT sequence, at, precision, body FROM misto_private.log
                WHERE kind = $1 AND sequence < $2 ORDER BY sequence DESC LIMIT $3";
            let query = client.prepare_cached(query).await?;
            let rows = client.query(&query, &[&kind, &before.unwrap_or(i64::MAX), &row_limit(limit)]).await?;
            let entries = rows.iter().map(|row| {
                let (Micros(at), Json(body)) = (row.try_get(1)?, row.try_get(3)?);
                Ok(LogEntry { sequence: row.try_get(0)?, at: instant(at, row.try_get(2)?)?, body })
            });
            entries.collect::<Done<Vec<_>>>()
        };
        Ok(newest.await?)
    }

    async fn count(&self, kind: &str) -> Result<u64> {
        let count = async {
            let client = self.client().await?;
            let query = client.prepare_cached("SELECT count(*) FROM misto_private.log WHERE kind = $1").await?;
            let count: i64 = client.query_one(&query, &[&kind]).await?.try_get(0)?;
            Done::Ok(u64::try_from(count).unwrap_or(0))
        };
        Ok(count.await?)
    }
}
