//! Pages of a series in the order of time, and the newest rows.

use misto_model::Instant;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, Row, params_from_iter};

use super::visits;
use crate::SeriesPage;
use crate::cursor::{Cursor, Span};
use crate::geopackage::failure::Done;
use crate::geopackage::row_limit;
use crate::precision::instants;
use crate::subject::Whose;

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
    /// Cells of the map that hold all that is wanted; `None` anywhere. For positions only.
    pub(super) cells: Option<Vec<i64>>,
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
            let longest = if self.cells.is_some() { visits::DAY } else { i64::MAX };
            (from, stretch) = (to + 1, stretch.saturating_mul(2).min(longest));
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
        // CROSS JOIN keeps the order: for each subject, or each of its visits, one range of its rows.
        let tables = match &self.cells {
            Some(cells) if !self.whose.is_one() => {
                let visits = visits::within(cells, from, to, &mut parameters);
                format!(
                    "{visits} CROSS JOIN {table} AS r ON r.subject = k.subject
                     AND r.time BETWEEN max(?1, k.since) AND min(?2, k.until) CROSS JOIN subject AS s ON s.id = r.subject"
                )
            }
            _ => format!("subject AS s CROSS JOIN {table} AS r ON r.subject = s.id AND r.time BETWEEN ?1 AND ?2"),
        };
        let mut statement = connection.prepare_cached(&format!(
            "SELECT r.time, r.subject, r.hash, r.event, {columns} FROM {tables} {join} WHERE s.series = ?3{whose}
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
