//! Pages of a series in the order of time.

use misto_model::Instant;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::names::known_subject;
use super::table::Table;
use crate::SeriesPage;
use crate::cursor::{Cursor, Span};
use crate::postgis::Database;
use crate::postgis::failure::Done;
use crate::postgis::micros::Micros;
use crate::postgis::row_limit;
use crate::precision::instants;
use crate::subject::Whose;

/// What to look through: the table as `r` with its subject as `s`.
pub(super) struct Scan {
    pub(super) table: &'static Table,
    /// `FROM` of the rows beyond `r` and `s`, for example a join.
    pub(super) join: &'static str,
    /// Columns after the key; the first five are always source, owner, name, precision and receipt.
    pub(super) columns: &'static str,
    pub(super) whose: Whose,
    conditions: Vec<String>,
    parameters: Vec<Box<dyn ToSql + Sync + Send>>,
}

impl Scan {
    pub(super) fn new(table: &'static Table, join: &'static str, columns: &'static str, whose: Whose) -> Self {
        Self { table, join, columns, whose, conditions: Vec::new(), parameters: Vec::new() }
    }

    /// The number under which SQL finds the value.
    fn bind(&mut self, value: impl ToSql + Sync + Send + 'static) -> String {
        self.parameters.push(Box::new(value));
        format!("${}", self.parameters.len())
    }

    /// `left operator value` must hold.
    pub(super) fn holds(&mut self, left: &str, operator: &str, value: impl ToSql + Sync + Send + 'static) {
        let place = self.bind(value);
        self.conditions.push(format!("{left} {operator} {place}"));
    }

    /// `left` must be one of these.
    pub(super) fn is_among(&mut self, left: &str, values: Vec<i64>) {
        let place = self.bind(values);
        self.conditions.push(format!("{left} = ANY({place})"));
    }

    /// The page; `read` gives a row, whose columns begin after the key (time, subject, event, hash).
    pub(super) async fn page<T>(
        mut self,
        database: &Database,
        span: &Span<'_>,
        read: impl Fn(&Row) -> Done<T>,
    ) -> Done<SeriesPage<T>> {
        let start = span.start()?;
        let client = database.client().await?;
        if self.whose.is_one() {
            // By number, so that its track is read in the order of the key.
            match known_subject(&client, self.table.name, &self.whose).await? {
                Some(id) => self.holds("r.subject", "=", id),
                None => return Ok(SeriesPage { rows: Vec::new(), next: None }),
            }
        } else {
            let told: Vec<_> =
                self.whose.told().map(|(column, value)| (format!("s.{column}"), value.to_owned())).collect();
            told.into_iter().for_each(|(column, value)| self.holds(&column, "=", value));
        }
        let query = self.query(span, start);
        let query = client.prepare_cached(&query).await?;
        let parameters: Vec<&(dyn ToSql + Sync)> = self.parameters.iter().map(|p| p.as_ref() as _).collect();
        let found = client.query(&query, &parameters).await?;
        let rows = found.iter().map(|row| Ok((cursor(row)?, read(row)?))).collect::<Done<_>>()?;
        Ok(span.page(rows))
    }

    fn query(&mut self, span: &Span<'_>, start: Option<Cursor>) -> String {
        let time = format!("r.{}", self.table.time);
        if let Some(from) = span.from {
            self.holds(&time, ">=", Micros(from.micros()));
        }
        if let Some(to) = span.to {
            self.holds(&time, "<=", Micros(to.micros()));
        }
        if let Some(start) = start {
            // Said twice: the first bounds the index.
            self.holds(&time, ">=", Micros(start.time));
            let places = [
                self.bind(Micros(start.time)),
                self.bind(start.subject),
                self.bind(start.event),
                self.bind(start.hash),
            ];
            self.conditions.push(format!("({time}, r.subject, r.event, r.hash) > ({})", places.join(", ")));
        }
        let limit = self.bind(row_limit(span.wanted()));
        let conditions =
            if self.conditions.is_empty() { String::new() } else { format!("WHERE {}", self.conditions.join(" AND ")) };
        format!(
            "SELECT {time}, r.subject, r.event, r.hash, {} FROM {} {conditions}
             ORDER BY {time}, r.subject, r.event, r.hash LIMIT {limit}",
            self.columns,
            self.tables()
        )
    }

    fn tables(&self) -> String {
        let Self { table, join, .. } = self;
        format!("misto_private.{} AS r JOIN misto_private.subject AS s ON s.id = r.subject {join}", table.name)
    }

    /// The row of greatest time of every subject.
    pub(super) async fn latest<T>(&self, database: &Database, read: impl Fn(&Row) -> Done<T>) -> Done<Vec<T>> {
        let (time, columns, from) = (self.table.time, self.columns, self.tables());
        let query = format!(
            "SELECT DISTINCT ON (r.subject) r.{time}, r.subject, r.event, r.hash, {columns} FROM {from}
             WHERE s.series = $1 AND s.newest = r.{time} ORDER BY r.subject, r.event DESC, r.hash DESC"
        );
        let client = database.client().await?;
        client.query(&query, &[&self.table.name]).await?.iter().map(read).collect()
    }
}

fn cursor(row: &Row) -> Done<Cursor> {
    let Micros(time) = row.try_get(0)?;
    Ok(Cursor { time, subject: row.try_get(1)?, event: row.try_get(2)?, hash: row.try_get(3)? })
}

/// Time and receipt of a row.
pub(super) fn times(row: &Row) -> Done<(Instant, Instant)> {
    let (Micros(time), Micros(received)) = (row.try_get(0)?, row.try_get(8)?);
    Ok(instants(time, received, row.try_get(7)?)?)
}
