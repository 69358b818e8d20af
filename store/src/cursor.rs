//! Pages of a series: which stretch is asked for and where a page ended.

use misto_model::{Error, Instant, Result};

use crate::{EventQuery, PositionQuery, ReadingQuery, SeriesPage};

/// What the queries of all series have in common.
pub(crate) struct Span<'a> {
    pub(crate) from: Option<Instant>,
    pub(crate) to: Option<Instant>,
    pub(crate) after: Option<&'a str>,
    pub(crate) limit: usize,
}

impl<'a> From<&'a PositionQuery> for Span<'a> {
    fn from(query: &'a PositionQuery) -> Self {
        Self { from: query.from, to: query.to, after: query.after.as_deref(), limit: query.limit }
    }
}

impl<'a> From<&'a ReadingQuery> for Span<'a> {
    fn from(query: &'a ReadingQuery) -> Self {
        Self { from: query.from, to: query.to, after: query.after.as_deref(), limit: query.limit }
    }
}

impl<'a> From<&'a EventQuery> for Span<'a> {
    fn from(query: &'a EventQuery) -> Self {
        Self { from: query.from, to: query.to, after: query.after.as_deref(), limit: query.limit }
    }
}

impl Span<'_> {
    /// Where the page before ended; `None` begins at the first row.
    pub(crate) fn start(&self) -> Result<Option<Cursor>> {
        self.after.map(Cursor::parse).transpose()
    }

    /// So many rows tell whether another page follows.
    pub(crate) fn wanted(&self) -> usize {
        self.limit.saturating_add(1)
    }

    /// The page of these rows, of which one too many was looked for.
    pub(crate) fn page<T>(&self, mut rows: Vec<(Cursor, T)>) -> SeriesPage<T> {
        let is_more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let next = rows.last().filter(|_| is_more).map(|(cursor, _)| cursor.to_string());
        SeriesPage { rows: rows.into_iter().map(|(_, row)| row).collect(), next }
    }
}

/// The whole key of a row; rows are ordered by time, subject, event, hash.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cursor {
    pub(crate) time: i64,
    pub(crate) subject: i64,
    pub(crate) event: String,
    pub(crate) hash: i64,
}

impl Cursor {
    fn parse(text: &str) -> Result<Self> {
        let mut parts = text.splitn(4, '.');
        let mut number = || parts.next().and_then(|part| part.parse::<i64>().ok());
        match (number(), number(), number(), parts.next()) {
            // PostgreSQL holds no NUL.
            (Some(time), Some(subject), Some(hash), Some(event)) if !event.contains('\0') => {
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
