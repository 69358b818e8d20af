//! The log in `misto.sqlite`.

use async_trait::async_trait;
use misto_model::{Instant, Result};
use rusqlite::params;

use super::registry::Registry;
use crate::{Log, LogEntry};

#[async_trait]
impl Log for Registry {
    async fn append(&self, kind: &str, entries: &[serde_json::Value], at: Instant, keep: Option<u64>) -> Result<()> {
        let kind = kind.to_owned();
        let bodies: Vec<String> = entries.iter().map(ToString::to_string).collect();
        self.writer
            .transact(move |transaction| {
                let mut insert = transaction.prepare_cached("INSERT INTO log(kind, at, body) VALUES (?1, ?2, ?3)")?;
                for body in bodies {
                    insert.execute(params![kind, at.to_string(), body])?;
                }
                if let Some(keep) = keep {
                    let oldest_gone =
                        "SELECT sequence FROM log WHERE kind = ?1 ORDER BY sequence DESC LIMIT 1 OFFSET ?2";
                    transaction
                        .prepare_cached(&format!("DELETE FROM log WHERE kind = ?1 AND sequence <= ({oldest_gone})"))?
                        .execute(params![kind, i64::try_from(keep).unwrap_or(i64::MAX)])?;
                }
                Ok(())
            })
            .await
    }

    async fn newest(&self, kind: &str, before: Option<i64>, limit: usize) -> Result<Vec<LogEntry>> {
        let kind = kind.to_owned();
        self.readers
            .run(move |connection| {
                let mut rows = connection.prepare_cached(
                    "SELECT sequence, at, body FROM log WHERE kind = ?1 AND sequence < ?2 ORDER BY sequence DESC LIMIT ?3",
                )?;
                let found = rows
                    .query_map(params![kind, before.unwrap_or(i64::MAX), super::row_limit(limit)], |row| {
                        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
                    })?
                    .collect::<rusqlite::Result<Vec<_>>>()?;
                found
                    .into_iter()
                    .map(|(sequence, at, body)| {
                        let what = || format!("log entry {sequence}");
                        Ok(LogEntry { sequence, at: super::parse_instant(&at, what)?, body: super::parse_json(&body, what)? })
                    })
                    .collect()
            })
            .await
    }

    async fn count(&self, kind: &str) -> Result<u64> {
        let kind = kind.to_owned();
        self.readers
            .run(move |connection| {
                let count: i64 = connection
                    .prepare_cached("SELECT count(*) FROM log WHERE kind = ?1")?
                    .query_row([kind], |row| row.get(0))?;
                Ok(u64::try_from(count).unwrap_or(0))
            })
            .await
    }
}
