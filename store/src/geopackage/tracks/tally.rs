//! Counting rows as they come and go.

use misto_model::Instant;
use rusqlite::{Connection, Transaction, params};

use super::names::Subject;
use crate::Appended;
use crate::geopackage::failure::Done;

/// How many rows a series has.
pub(super) fn total(connection: &Connection, series: &str) -> Done<u64> {
    let rows: i64 =
        connection.prepare_cached("SELECT rows FROM total WHERE series = ?1")?.query_row([series], |row| row.get(0))?;
    Ok(u64::try_from(rows).unwrap_or(0))
}

/// Counts rows that came (or went, when negative).
fn count(transaction: &Transaction<'_>, series: &str, more: i64) -> Done<()> {
    transaction
        .prepare_cached("UPDATE total SET rows = rows + ?2 WHERE series = ?1")?
        .execute(params![series, more])?;
    Ok(())
}

/// Counts what becomes of the rows of one batch.
pub(super) struct Tally<'a> {
    transaction: &'a Transaction<'a>,
    series: &'static str,
    done: Appended,
}

impl<'a> Tally<'a> {
    pub(super) fn new(transaction: &'a Transaction<'_>, series: &'static str) -> Self {
        Self { transaction, series, done: Appended::default() }
    }

    /// `inserted` is how many rows SQLite wrote: none when this very row stood already.
    pub(super) fn row(
        &mut self,
        inserted: usize,
        subject: &mut Subject,
        (time, event, hash): (Instant, &str, i64),
    ) -> Done<()> {
        if inserted == 0 {
            self.done.redelivered += 1;
            return Ok(());
        }
        self.done.added += 1;
        if time.micros() > subject.newest {
            subject.newest = time.micros();
        } else if self.differs(subject.id, time.micros(), event, hash)? {
            self.done.differing += 1;
        }
        Ok(())
    }

    /// Whether another row has the same key and other content.
    fn differs(&self, subject: i64, time: i64, event: &str, hash: i64) -> Done<bool> {
        let series = self.series;
        let other = format!("SELECT 1 FROM {series} WHERE subject = ?1 AND time = ?2 AND event = ?3 AND hash <> ?4");
        Ok(self.transaction.prepare_cached(&other)?.exists(params![subject, time, event, hash])?)
    }

    pub(super) fn finish(self) -> Done<Appended> {
        count(self.transaction, self.series, i64::try_from(self.done.added).unwrap_or(i64::MAX))?;
        Ok(self.done)
    }
}

/// All subjects with their series.
pub(super) fn subjects(connection: &Connection) -> Done<Vec<(i64, String)>> {
    let mut statement = connection.prepare_cached("SELECT id, series FROM subject ORDER BY id")?;
    let found = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// Removes the rows of one subject that were received before; gives how many.
pub(super) fn forget(transaction: &Transaction<'_>, series: &str, subject: i64, before: i64) -> Done<u64> {
    let gone = transaction
        .prepare_cached(&format!("DELETE FROM {series} WHERE subject = ?1 AND time + received_after < ?2"))?
        .execute(params![subject, before])?;
    count(transaction, series, -i64::try_from(gone).unwrap_or(i64::MAX))?;
    Ok(gone as u64)
}
