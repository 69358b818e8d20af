//! The log in `misto.sqlite`.

use async_trait::async_trait;
use misto_model::{Instant, Result};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::failure::Done;
use super::registry::Registry;
use crate::chain::{self, Ends, Hash, Walk};
use crate::log::{Batch, Line};
use crate::{Chain, KeyedEntry, Log, LogEntry};

#[async_trait]
impl Log for Registry {
    async fn append(&self, kind: &str, entries: &[serde_json::Value], at: Instant, keep: Option<u64>) -> Result<()> {
        let batch = Batch::new(kind, entries, at, keep);
        self.writer.transact(move |transaction| append(transaction, &batch)).await?;
        Ok(())
    }

    async fn append_once(&self, kind: &str, entries: &[KeyedEntry], at: Instant, keep: Option<u64>) -> Result<u64> {
        let batch = Batch::once(kind, entries, at, keep);
        self.writer.transact(move |transaction| append(transaction, &batch)).await
    }

    async fn newest(&self, kind: &str, before: Option<i64>, limit: usize) -> Result<Vec<LogEntry>> {
        let order = "sequence < ?2 ORDER BY sequence DESC";
        self.entries(kind, order, before.unwrap_or(i64::MAX), limit).await
    }

    async fn oldest(&self, kind: &str, after: Option<i64>, limit: usize) -> Result<Vec<LogEntry>> {
        let order = "sequence > ?2 ORDER BY sequence";
        self.entries(kind, order, after.unwrap_or(i64::MIN), limit).await
    }

    async fn kinds(&self) -> Result<Vec<String>> {
        self.readers.run(|connection| super::texts(connection, "SELECT DISTINCT kind FROM log ORDER BY kind")).await
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

    async fn verify(&self, kind: &str) -> Result<Chain> {
        let kind = kind.to_owned();
        self.readers.snapshot(move |connection| verify(connection, &kind)).await
    }
}

impl Registry {
    async fn entries(&self, kind: &str, order: &'static str, from: i64, limit: usize) -> Result<Vec<LogEntry>> {
        let kind = kind.to_owned();
        self.readers
            .run(move |connection| {
                let mut rows = connection.prepare_cached(&format!(
                    "SELECT sequence, at, body, hash, key, told FROM log WHERE kind = ?1 AND {order} LIMIT ?3"
                ))?;
                let mut rows = rows.query(params![kind, from, super::row_limit(limit)])?;
                let mut found = Vec::new();
                while let Some(row) = rows.next()? {
                    found.push(entry(row)?);
                }
                Ok(found)
            })
            .await
    }
}

/// Appends within a transaction; gives how many entries are new. SQLite lets one write
/// at a time, so the chain is one.
pub(super) fn append(transaction: &Transaction<'_>, batch: &Batch) -> Done<u64> {
    let Batch { kind, lines, at, keep } = batch;
    let at = at.to_string();
    let Ends { since, mut before, mut last } = ends(transaction, kind)?;
    let mut again = transaction.prepare_cached("UPDATE log SET told = told + ?3 WHERE kind = ?1 AND key = ?2")?;
    let mut insert = transaction
        .prepare_cached("INSERT INTO log(kind, at, body, hash, key, told) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    let mut added = 0;
    for Line { body, key, told } in lines {
        if key.is_some() && again.execute(params![kind, key, told])? > 0 {
            continue;
        }
        last = chain::link(&last, kind, at.as_bytes(), body.as_bytes());
        insert.execute(params![kind, at, body, last, key, told])?;
        added += 1;
    }
    if let Some(keep) = keep {
        before = forget(transaction, kind, *keep)?.unwrap_or(before);
    }
    transaction
        .prepare_cached("INSERT OR REPLACE INTO log_chain VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![kind, since, before, last])?;
    Ok(added)
}

/// Forgets the oldest; gives the hash of the newest that went.
fn forget(transaction: &Transaction<'_>, kind: &str, keep: i64) -> Done<Option<Hash>> {
    let newest_gone: Option<(i64, Option<Hash>)> = transaction
        .prepare_cached("SELECT sequence, hash FROM log WHERE kind = ?1 ORDER BY sequence DESC LIMIT 1 OFFSET ?2")?
        .query_row(params![kind, keep], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((sequence, hash)) = newest_gone else { return Ok(None) };
    transaction
        .prepare_cached("DELETE FROM log WHERE kind = ?1 AND sequence <= ?2")?
        .execute(params![kind, sequence])?;
    Ok(hash)
}

fn ends(connection: &Connection, kind: &str) -> Done<Ends> {
    let ends = connection
        .prepare_cached("SELECT since, before, last FROM log_chain WHERE kind = ?1")?
        .query_row([kind], |row| Ok(Ends { since: row.get(0)?, before: row.get(1)?, last: row.get(2)? }))
        .optional()?;
    Ok(ends.unwrap_or_default())
}

fn verify(connection: &Connection, kind: &str) -> Done<Chain> {
    let mut walk = Walk::new(kind, ends(connection, kind)?);
    let mut rows =
        connection.prepare_cached("SELECT sequence, at, body, hash FROM log WHERE kind = ?1 ORDER BY sequence")?;
    let mut rows = rows.query([kind])?;
    while let Some(row) = rows.next()? {
        let bytes = |column| row.get_ref(column).map(|value| value.as_bytes_or_null().ok().flatten());
        let (at, body) = (bytes(1)?.unwrap_or_default(), bytes(2)?.unwrap_or_default());
        if !walk.step(row.get(0)?, at, body, bytes(3)?) {
            break;
        }
    }
    Ok(walk.end())
}

fn entry(row: &Row<'_>) -> Done<LogEntry> {
    let (sequence, at, body): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let what = || format!("log entry {sequence}");
    let hash: Option<Vec<u8>> = row.get(3)?;
    Ok(LogEntry {
        sequence,
        at: super::parse_instant(&at, what)?,
        body: super::parse_json(&body, what)?,
        hash: hash.and_then(|hash| hash.try_into().ok()),
        key: row.get(4)?,
        told: u64::try_from(row.get::<_, i64>(5)?).unwrap_or(0),
    })
}
