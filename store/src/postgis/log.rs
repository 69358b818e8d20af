//! The log in schema `misto_private`.

use std::collections::HashSet;

use async_trait::async_trait;
use deadpool_postgres::Transaction;
use futures::TryStreamExt;
use misto_model::{Error, Instant, Result};
use tokio_postgres::types::Json;
use tokio_postgres::{IsolationLevel, Row};

use super::failure::Done;
use super::micros::Micros;
use super::{Database, row_limit};
use crate::chain::{self, Ends, Walk};
use crate::log::{Batch, Line};
use crate::precision::{digit, instant};
use crate::{Chain, KeyedEntry, Log, LogEntry};

#[async_trait]
impl Log for Database {
    async fn append(&self, kind: &str, entries: &[serde_json::Value], at: Instant, keep: Option<u64>) -> Result<()> {
        let append = async {
            let mut client = self.client().await?;
            let transaction = client.transaction().await?;
            append(&transaction, &Batch::new(kind, entries, at, keep)).await?;
            transaction.commit().await?;
            Done::Ok(())
        };
        Ok(append.await?)
    }

    async fn append_once(&self, kind: &str, entries: &[KeyedEntry], at: Instant, keep: Option<u64>) -> Result<u64> {
        let append = async {
            let mut client = self.client().await?;
            let transaction = client.transaction().await?;
            let added = append(&transaction, &Batch::once(kind, entries, at, keep)).await?;
            transaction.commit().await?;
            Done::Ok(added)
        };
        Ok(append.await?)
    }

    async fn newest(&self, kind: &str, before: Option<i64>, limit: usize) -> Result<Vec<LogEntry>> {
        let order = "sequence < $2 ORDER BY sequence DESC";
        Ok(self.entries(kind, order, before.unwrap_or(i64::MAX), limit).await?)
    }

    async fn oldest(&self, kind: &str, after: Option<i64>, limit: usize) -> Result<Vec<LogEntry>> {
        let order = "sequence > $2 ORDER BY sequence";
        Ok(self.entries(kind, order, after.unwrap_or(i64::MIN), limit).await?)
    }

    async fn kinds(&self) -> Result<Vec<String>> {
        Ok(self.texts("SELECT DISTINCT kind FROM misto_private.log ORDER BY kind").await?)
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

    async fn verify(&self, kind: &str) -> Result<Chain> {
        Ok(self.verify_chain(kind).await?)
    }
}

/// Appends within a transaction; gives how many entries are new. Whoever comes second
/// waits for the row of the kind.
pub(super) async fn append(transaction: &Transaction<'_>, batch: &Batch) -> Done<u64> {
    let Batch { kind, lines, at, keep } = batch;
    let Ends { last, .. } = lock(transaction, kind).await?;
    let standing = tell_again(transaction, kind, lines).await?;
    let stands = |line: &&Line| line.key.as_ref().is_some_and(|key| standing.contains(key));
    let new: Vec<&Line> = lines.iter().filter(|line| !stands(line)).collect();
    let bodies: Vec<&str> = new.iter().map(|line| line.body.as_str()).collect();
    let keys: Vec<Option<&str>> = new.iter().map(|line| line.key.as_deref()).collect();
    let told: Vec<i64> = new.iter().map(|line| line.told).collect();
    let hashes = chain::links(last, kind, &at.to_string(), bodies.iter().copied());
    let stored: Vec<&[u8]> = hashes.iter().map(|hash| hash.as_slice()).collect();
    let insert = "INSERT INTO misto_private.log(kind, at, precision, body, hash, key, told)
        SELECT $1, $2, $3, new.body::json, new.hash, new.key, new.told
        FROM unnest($4::text[], $5::bytea[], $6::text[], $7::bigint[]) WITH ORDINALITY AS new(body, hash, key, told, place) ORDER BY place";
    let insert = transaction.prepare_cached(insert).await?;
    transaction.execute(&insert, &[kind, &Micros(at.micros()), &digit(*at), &bodies, &stored, &keys, &told]).await?;
    let move_on = "WITH newest_gone AS (SELECT sequence, hash FROM misto_private.log
            WHERE kind = $1 AND $3::bigint IS NOT NULL ORDER BY sequence DESC LIMIT 1 OFFSET coalesce($3, 0)),
        gone AS (DELETE FROM misto_private.log WHERE kind = $1 AND sequence <= (SELECT sequence FROM newest_gone))
        UPDATE misto_private.log_chain SET last = $2, before = coalesce((SELECT hash FROM newest_gone), before) WHERE kind = $1";
    let move_on = transaction.prepare_cached(move_on).await?;
    let last = hashes.last().unwrap_or(&last).as_slice();
    transaction.execute(&move_on, &[kind, &last, keep]).await?;
    Ok(new.len() as u64)
}

/// Counts the entries whose key stands already; gives these keys.
async fn tell_again(transaction: &Transaction<'_>, kind: &str, lines: &[Line]) -> Done<HashSet<String>> {
    let keyed = lines.iter().filter_map(|line| Some((line.key.as_deref()?, line.told)));
    let (keys, told): (Vec<&str>, Vec<i64>) = keyed.unzip();
    if keys.is_empty() {
        return Ok(HashSet::new());
    }
    let again = "UPDATE misto_private.log AS l SET told = l.told + again.told FROM unnest($2::text[], $3::bigint[]) AS again(key, told)
        WHERE l.kind = $1 AND l.key = again.key RETURNING l.key";
    let again = transaction.prepare_cached(again).await?;
    let standing = transaction.query(&again, &[&kind, &keys, &told]).await?;
    standing.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Both ends of a kind's chain, which nobody else moves until the transaction ends.
async fn lock(transaction: &Transaction<'_>, kind: &str) -> Done<Ends> {
    let lock = "SELECT since, before, last FROM misto_private.log_chain WHERE kind = $1 FOR UPDATE";
    let lock = transaction.prepare_cached(lock).await?;
    if let Some(row) = transaction.query_opt(&lock, &[&kind]).await? {
        return ends(&row);
    }
    let begin = "INSERT INTO misto_private.log_chain(kind, before, last) VALUES ($1, $2, $2) ON CONFLICT DO NOTHING";
    transaction.execute(begin, &[&kind, &chain::BEGINNING.as_slice()]).await?;
    ends(&transaction.query_one(&lock, &[&kind]).await?)
}

fn ends(row: &Row) -> Done<Ends> {
    let hash = |place: usize| {
        let hash: &[u8] = row.try_get(place)?;
        Done::Ok(hash.try_into().map_err(|cause| Error::unavailable("the chain of a log cannot be read", cause))?)
    };
    Ok(Ends { since: row.try_get(0)?, before: hash(1)?, last: hash(2)? })
}

impl Database {
    async fn entries(&self, kind: &str, order: &str, from: i64, limit: usize) -> Done<Vec<LogEntry>> {
        let client = self.client().await?;
        let query = format!(
            "SELECT sequence, at, precision, body, hash, key, told FROM misto_private.log WHERE kind = $1 AND {order} LIMIT $3"
        );
        let query = client.prepare_cached(&query).await?;
        client.query(&query, &[&kind, &from, &row_limit(limit)]).await?.iter().map(entry).collect()
    }

    async fn verify_chain(&self, kind: &str) -> Done<Chain> {
        let mut client = self.client().await?;
        let snapshot = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
        let snapshot = snapshot.start().await?;
        let both = "SELECT since, before, last FROM misto_private.log_chain WHERE kind = $1";
        let ends = snapshot.query_opt(both, &[&kind]).await?.as_ref().map(ends).transpose()?;
        let mut walk = Walk::new(kind, ends.unwrap_or_default());
        let all =
            "SELECT sequence, at, precision, body::text, hash FROM misto_private.log WHERE kind = $1 ORDER BY sequence";
        let all = snapshot.prepare_cached(all).await?;
        let rows = snapshot.query_raw(&all, [kind]).await?;
        futures::pin_mut!(rows);
        while let Some(row) = rows.try_next().await? {
            let (Micros(at), body): (_, &str) = (row.try_get(1)?, row.try_get(3)?);
            let at = instant(at, row.try_get(2)?)?.to_string();
            if !walk.step(row.try_get(0)?, at.as_bytes(), body.as_bytes(), row.try_get(4)?) {
                break;
            }
        }
        Ok(walk.end())
    }
}

fn entry(row: &Row) -> Done<LogEntry> {
    let (Micros(at), Json(body)) = (row.try_get(1)?, row.try_get(3)?);
    let hash: Option<&[u8]> = row.try_get(4)?;
    let hash = hash.and_then(|hash| hash.try_into().ok());
    let (at, told): (_, i64) = (instant(at, row.try_get(2)?)?, row.try_get(6)?);
    let told = u64::try_from(told).unwrap_or(0);
    Ok(LogEntry { sequence: row.try_get(0)?, at, body, hash, key: row.try_get(5)?, told })
}
