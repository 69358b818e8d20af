//! What all series share: pages in the order of time, counting, forgetting.

use misto_model::Instant;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, Row, Transaction, params, params_from_iter};

use super::names::Subject;
use crate::cursor::{Cursor, Span};
use crate::geopackage::failure::Done;
use crate::geopackage::row_limit;
use crate::precision::instants;
use crate::subject::Whose;
use crate::{Appended, SeriesPage};

/// Microseconds in the first stretch of time that is looked through when all subjects are asked for.
const FIRST_STRETCH: i64 = 60_000_000;

/// Which subjects of a series, and which of their rows: `table` as `r`, its subject as `s`.
pub(super) struct Scan {
    pub(super) table: &'static str,
    /// `FROM` of the rows beyond `r` and `s`, for example a join.
    pub(super) join: &'static str,
    /// Columns after the key; the first five are always source, owner, name, precision and receipt.
    pub(super) columns: &'static str,
    pub(super) whose: Whose,
    /// Column of `r`, operator, value: all must hold.
    pub(super) conditions: Vec<(&'static str, &'static str, Sql)>,
}

impl Scan {
    /// The page; `read` gives a row and is asked for all columns after the key (time, subject, hash, event).
    pub(super) fn page<T>(
        &self,
        connection: &Connection,
        span: &Span<'_>,
        read: impl Fn(&Row<'_>) -> Done<T>,
    ) -> Done<SeriesPage<T>> {
        let mut rows: Vec<(Cursor, T)> = Vec::new();
        let mut after = span.start()?;
        let last = span.to.map_or(i64::MAX, Instant::micros);
        let mut stretch = FIRST_STRETCH;
        let mut from = span.from.map_or(i64::MIN, Instant::micros);
        from = after.as_ref().map_or(from, |cursor| cursor.time.max(from));
        // One subject is one stretch of the file. Many subjects are sorted stretch by
        // stretch of time, so that the first page does not read the whole file.
        while rows.len() < span.wanted() && from <= last {
            let to = match self.whose.is_one() {
                true => last,
                false => match self.earliest(connection, from)? {
                    Some(earliest) if earliest <= last => {
                        from = earliest;
                        earliest.saturating_add(stretch).min(last)
                    }
                    _ => break,
                },
            };
            let mut more = self.stretch(connection, from, to, after.take(), span.wanted() - rows.len(), &read)?;
            rows.append(&mut more);
            if to == i64::MAX {
                break;
            }
            (from, stretch) = (to + 1, stretch.saturating_mul(2));
        }
        Ok(span.page(rows))
    }

    /// The earliest time of any subject, not before `from`: one look-up for each subject.
    fn earliest(&self, connection: &Connection, from: i64) -> Done<Option<i64>> {
        let table = self.table;
        let mut parameters = vec![Sql::Integer(from), Sql::Text(table.to_owned())];
        let whose = self.whose_sql(&mut parameters);
        let mut statement = connection.prepare_cached(&format!(
            "SELECT min((SELECT min(r.time) FROM {table} AS r WHERE r.subject = s.id AND r.time >= ?1)) FROM subject AS s WHERE s.series = ?2{whose}"
        ))?;
        Ok(statement.query_row(params_from_iter(parameters), |row| row.get(0))?)
    }

    fn stretch<T>(
        &self,
        connection: &Connection,
        from: i64,
        to: i64,
        after: Option<Cursor>,
        limit: usize,
        read: &impl Fn(&Row<'_>) -> Done<T>,
    ) -> Done<Vec<(Cursor, T)>> {
        let Self { table, join, columns, .. } = self;
        let start = after.unwrap_or(Cursor { time: i64::MIN, subject: i64::MIN, hash: i64::MIN, event: String::new() });
        let mut parameters = vec![
            Sql::Integer(from),
            Sql::Integer(to),
            Sql::Text((*table).to_owned()),
            Sql::Integer(start.time),
            Sql::Integer(start.subject),
            Sql::Text(start.event),
            Sql::Integer(start.hash),
            Sql::Integer(row_limit(limit)),
        ];
        let whose = self.whose_sql(&mut parameters);
        let mut conditions = String::new();
        for (column, operator, value) in &self.conditions {
            parameters.push(value.clone());
            conditions.push_str(&format!(" AND r.{column} {operator} ?{}", parameters.len()));
        }
        // CROSS JOIN keeps the order: for each subject one range of its rows.
        let mut statement = connection.prepare_cached(&format!(
            "SELECT r.time, r.subject, r.hash, r.event, {columns}
             FROM subject AS s CROSS JOIN {table} AS r ON r.subject = s.id {join}
             WHERE s.series = ?3{whose} AND r.time BETWEEN ?1 AND ?2
             AND (r.time, r.subject, r.event, r.hash) > (?4, ?5, ?6, ?7){conditions}
             ORDER BY r.time, r.subject, r.event, r.hash LIMIT ?8"
        ))?;
        let mut rows = statement.query(params_from_iter(parameters))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let cursor = Cursor { time: row.get(0)?, subject: row.get(1)?, hash: row.get(2)?, event: row.get(3)? };
            found.push((cursor, read(row)?));
        }
        Ok(found)
    }

    /// The condition over `s`; its values are added to the parameters.
    fn whose_sql(&self, parameters: &mut Vec<Sql>) -> String {
        let mut conditions = String::new();
        for (column, value) in self.whose.told() {
            parameters.push(Sql::Text(value.to_owned()));
            conditions.push_str(&format!(" AND s.{column} = ?{}", parameters.len()));
        }
        conditions
    }

    /// The row of greatest time of every subject: one look-up for each.
    pub(super) fn latest<T>(&self, connection: &Connection, read: impl Fn(&Row<'_>) -> Done<T>) -> Done<Vec<T>> {
        let Self { table, join, columns, .. } = self;
        let mut statement = connection.prepare_cached(&format!(
            "SELECT r.time, r.subject, r.hash, r.event, {columns} FROM subject AS s CROSS JOIN {table} AS r ON r.subject = s.id {join}
             WHERE s.series = ?1 AND (r.time, r.event, r.hash) =
               (SELECT n.time, n.event, n.hash FROM {table} AS n WHERE n.subject = s.id ORDER BY n.time DESC, n.event DESC, n.hash DESC LIMIT 1)
             ORDER BY s.id"
        ))?;
        let mut rows = statement.query([table])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(row)?);
        }
        Ok(found)
    }
}

/// Time and receipt of a row.
pub(super) fn times(row: &Row<'_>) -> Done<(Instant, Instant)> {
    let (time, received_after): (i64, i64) = (row.get(0)?, row.get(8)?);
    Ok(instants(time, time.saturating_add(received_after), row.get(7)?)?)
}

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
