//! Pages of a series in the order of time, and what both series share.

use misto_model::{Error, Instant, Result};
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, Row, Transaction, params, params_from_iter};

use crate::SeriesPage;
use crate::geopackage::failure::Done;
use crate::geopackage::row_limit;

/// Microseconds in the first stretch of time that is looked through when all subjects are asked for.
const FIRST_STRETCH: i64 = 60_000_000;

/// Where a page ended: the whole key of its last row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cursor {
    pub(super) time: i64,
    pub(super) subject: i64,
    pub(super) hash: i64,
    pub(super) event: String,
}

impl Cursor {
    fn parse(text: &str) -> Result<Self> {
        let mut parts = text.splitn(4, '.');
        let mut number = || parts.next().and_then(|part| part.parse::<i64>().ok());
        match (number(), number(), number(), parts.next()) {
            (Some(time), Some(subject), Some(hash), Some(event)) => {
                Ok(Self { time, subject, hash, event: event.to_owned() })
            }
            _ => Err(Error::invalid("after", "is not what a page gave as next; begin without it")),
        }
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}.{}", self.time, self.subject, self.hash, self.event)
    }
}

/// What to look through: `table` joined as `r` with its subject as `s`.
pub(super) struct Scan<'a> {
    pub(super) table: &'static str,
    /// `FROM` of the rows beyond `r` and `s`, for example a join.
    pub(super) join: &'static str,
    pub(super) columns: &'static str,
    /// Subject number; `None` for all.
    pub(super) subject: Option<i64>,
    /// Further condition over `r` with parameters from ?9 on.
    pub(super) condition: &'static str,
    pub(super) parameters: Vec<Sql>,
    pub(super) from: Option<Instant>,
    pub(super) to: Option<Instant>,
    pub(super) after: Option<&'a str>,
    pub(super) limit: usize,
}

impl Scan<'_> {
    /// The page; `read` gives a row and is asked for all columns after the key (time, subject, hash, event).
    pub(super) fn page<T>(self, connection: &Connection, read: impl Fn(&Row<'_>) -> Done<T>) -> Done<SeriesPage<T>> {
        let mut rows: Vec<(Cursor, T)> = Vec::new();
        let mut after = self.after.map(Cursor::parse).transpose()?;
        let last = self.to.map_or(i64::MAX, Instant::micros);
        let wanted = self.limit.saturating_add(1);
        let mut stretch = FIRST_STRETCH;
        let mut from = self.from.map_or(i64::MIN, Instant::micros);
        from = after.as_ref().map_or(from, |cursor| cursor.time.max(from));
        // One subject is one stretch of the file. All subjects are sorted stretch by
        // stretch of time, so that the first page does not read the whole file.
        while rows.len() < wanted && from <= last {
            let to = match self.subject {
                Some(_) => last,
                None => match self.earliest(connection, from)? {
                    Some(earliest) if earliest <= last => {
                        from = earliest;
                        earliest.saturating_add(stretch).min(last)
                    }
                    _ => break,
                },
            };
            let mut more = self.stretch(connection, from, to, after.take(), wanted - rows.len(), &read)?;
            rows.append(&mut more);
            if to == i64::MAX {
                break;
            }
            (from, stretch) = (to + 1, stretch.saturating_mul(2));
        }
        let is_more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let next = rows.last().filter(|_| is_more).map(|(cursor, _)| cursor.to_string());
        Ok(SeriesPage { rows: rows.into_iter().map(|(_, row)| row).collect(), next })
    }

    /// The earliest time of any subject, not before `from`: one look-up for each subject.
    fn earliest(&self, connection: &Connection, from: i64) -> Done<Option<i64>> {
        let table = self.table;
        let mut statement = connection.prepare_cached(&format!(
            "SELECT min((SELECT min(r.time) FROM {table} AS r WHERE r.subject = s.id AND r.time >= ?1)) FROM subject AS s WHERE s.series = ?2"
        ))?;
        Ok(statement.query_row(params![from, table], |row| row.get(0))?)
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
        let Self { table, join, columns, condition, .. } = self;
        let subject = if self.subject.is_some() { "s.id = ?3" } else { "s.series = ?3" };
        // CROSS JOIN keeps the order: for each subject one range of its rows.
        let mut statement = connection.prepare_cached(&format!(
            "SELECT r.time, r.subject, r.hash, r.event, {columns}
             FROM subject AS s CROSS JOIN {table} AS r ON r.subject = s.id {join}
             WHERE {subject} AND r.time BETWEEN ?1 AND ?2 AND (r.time, r.subject, r.event, r.hash) > (?4, ?5, ?6, ?7) {condition}
             ORDER BY r.time, r.subject, r.event, r.hash LIMIT ?8"
        ))?;
        let start = after.unwrap_or(Cursor { time: i64::MIN, subject: i64::MIN, hash: i64::MIN, event: String::new() });
        let whose = self.subject.map_or_else(|| Sql::Text(table.to_string()), Sql::Integer);
        let mut parameters = vec![
            Sql::Integer(from),
            Sql::Integer(to),
            whose,
            Sql::Integer(start.time),
            Sql::Integer(start.subject),
            Sql::Text(start.event),
            Sql::Integer(start.hash),
            Sql::Integer(row_limit(limit)),
        ];
        parameters.extend(self.parameters.iter().cloned());
        let mut rows = statement.query(params_from_iter(parameters))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let cursor = Cursor { time: row.get(0)?, subject: row.get(1)?, hash: row.get(2)?, event: row.get(3)? };
            found.push((cursor, read(row)?));
        }
        Ok(found)
    }
}

/// The row of greatest time of every subject: one look-up for each.
pub(super) fn latest<T>(
    connection: &Connection,
    table: &str,
    join: &str,
    columns: &str,
    read: impl Fn(&Row<'_>) -> Done<T>,
) -> Done<Vec<T>> {
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

/// How many rows a series has.
pub(super) fn total(connection: &Connection, series: &str) -> Done<u64> {
    let rows: i64 =
        connection.prepare_cached("SELECT rows FROM total WHERE series = ?1")?.query_row([series], |row| row.get(0))?;
    Ok(u64::try_from(rows).unwrap_or(0))
}

/// Counts rows that came (or went, when negative).
pub(super) fn count(transaction: &Transaction<'_>, series: &str, more: i64) -> Done<()> {
    transaction
        .prepare_cached("UPDATE total SET rows = rows + ?2 WHERE series = ?1")?
        .execute(params![series, more])?;
    Ok(())
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
