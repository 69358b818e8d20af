//! Pages of a series in the order of time.

use misto_model::{Error, Instant, Result};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::SeriesPage;
use crate::postgis::Database;
use crate::postgis::failure::Done;
use crate::postgis::micros::Micros;
use crate::postgis::row_limit;

/// What to look through: `table` joined as `r` with its subject as `s`.
pub(super) struct Page<'a> {
    pub(super) from_clause: &'static str,
    pub(super) columns: &'static str,
    pub(super) time: &'static str,
    pub(super) from: Option<Instant>,
    pub(super) to: Option<Instant>,
    pub(super) after: Option<&'a str>,
    pub(super) limit: usize,
    conditions: Vec<String>,
    parameters: Vec<Box<dyn ToSql + Sync + Send>>,
}

/// Where a page ended: the whole key of its last row.
struct Cursor {
    time: i64,
    subject: i64,
    hash: i64,
    event: String,
}

impl Cursor {
    fn parse(text: &str) -> Result<Self> {
        let mut parts = text.splitn(4, '.');
        let mut number = || parts.next().and_then(|part| part.parse::<i64>().ok());
        match (number(), number(), number(), parts.next()) {
            (Some(time), Some(subject), Some(hash), Some(event)) if !event.contains('\0') => {
                Ok(Self { time, subject, hash, event: event.to_owned() })
            }
            _ => Err(Error::invalid("after", "is not what a page gave as next; begin without it")),
        }
    }
}

impl<'a> Page<'a> {
    pub(super) fn new(from_clause: &'static str, columns: &'static str, time: &'static str) -> Self {
        let (conditions, parameters) = (Vec::new(), Vec::new());
        Self { from_clause, columns, time, from: None, to: None, after: None, limit: 0, conditions, parameters }
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

    /// The page; `read` gives a row, whose columns begin after the key (time, subject, event, hash).
    pub(super) async fn read<T>(mut self, database: &Database, read: impl Fn(&Row) -> Done<T>) -> Done<SeriesPage<T>> {
        let time = format!("r.{}", self.time);
        if let Some(from) = self.from {
            self.holds(&time, ">=", Micros(from.micros()));
        }
        if let Some(to) = self.to {
            self.holds(&time, "<=", Micros(to.micros()));
        }
        if let Some(cursor) = self.after.map(Cursor::parse).transpose()? {
            self.holds(&time, ">=", Micros(cursor.time));
            let places = [
                self.bind(Micros(cursor.time)),
                self.bind(cursor.subject),
                self.bind(cursor.event),
                self.bind(cursor.hash),
            ];
            self.conditions.push(format!("({time}, r.subject, r.event, r.hash) > ({})", places.join(", ")));
        }
        let limit = self.bind(row_limit(self.limit.saturating_add(1)));
        let conditions =
            if self.conditions.is_empty() { String::new() } else { format!("WHERE {}", self.conditions.join(" AND ")) };
        let query = format!(
            "SELECT {time}, r.subject, r.event, r.hash, {} FROM {} {conditions}
             ORDER BY {time}, r.subject, r.event, r.hash LIMIT {limit}",
            self.columns, self.from_clause
        );
        let client = database.client().await?;
        let query = client.prepare_cached(&query).await?;
        let parameters: Vec<&(dyn ToSql + Sync)> = self.parameters.iter().map(|p| p.as_ref() as _).collect();
        let mut found = client.query(&query, &parameters).await?;
        let is_more = found.len() > self.limit;
        found.truncate(self.limit);
        let next = match found.last().filter(|_| is_more) {
            None => None,
            Some(last) => {
                let (time, subject): (Micros, i64) = (last.try_get(0)?, last.try_get(1)?);
                let (event, hash): (String, i64) = (last.try_get(2)?, last.try_get(3)?);
                Some(format!("{}.{subject}.{hash}.{event}", time.0))
            }
        };
        Ok(SeriesPage { rows: found.iter().map(read).collect::<Done<_>>()?, next })
    }
}
