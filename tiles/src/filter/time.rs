//! Dates, moments and periods (OGC 21-065r2, 6.2.4 and 7.4).

use jiff::Timestamp;
use jiff::civil::Date;
use misto_model::{Error, Result};

use super::expression::Expression;
use super::invalid;

/// A moment as exactly as it is known: a date is any moment of its day (UTC). Microseconds
/// since 1970, both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instant {
    pub(crate) earliest: i64,
    pub(crate) latest: i64,
}

impl Instant {
    pub(crate) const BEGINNING: Self = Self { earliest: i64::MIN, latest: i64::MIN };
    pub(crate) const END: Self = Self { earliest: i64::MAX, latest: i64::MAX };

    pub(crate) fn of_timestamp(at: Timestamp) -> Self {
        Self { earliest: at.as_microsecond(), latest: at.as_microsecond() }
    }

    pub(crate) fn of_date(date: Date) -> Self {
        const DAY: i64 = 86_400_000_000;
        let days = jiff::civil::date(1970, 1, 1).until(date).map_or(0, |span| i64::from(span.get_days()));
        Self { earliest: days * DAY, latest: days * DAY + DAY - 1 }
    }

    pub(crate) fn is_before(self, other: Self) -> bool {
        self.latest < other.earliest
    }

    /// Whether both may be one moment.
    pub(crate) fn is(self, other: Self) -> bool {
        !self.is_before(other) && !other.is_before(self)
    }
}

/// The day of a stored date; `None` for what is none.
pub(crate) fn instant_of_date(text: &str) -> Option<Instant> {
    text.parse().ok().map(Instant::of_date)
}

/// The moment of a stored timestamp; `None` for what is none.
pub(crate) fn instant_of_timestamp(text: &str) -> Option<Instant> {
    text.parse().ok().map(Instant::of_timestamp)
}

/// From one moment to another; one moment is a period that begins and ends with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub(crate) start: Instant,
    pub(crate) end: Instant,
}

impl Period {
    pub(crate) fn at(instant: Instant) -> Self {
        Self { start: instant, end: instant }
    }

    pub(crate) fn intersects(self, other: Self) -> bool {
        !self.end.is_before(other.start) && !other.end.is_before(self.start)
    }
}

impl std::str::FromStr for Period {
    type Err = Error;

    /// The `datetime` parameter (OGC 17-069r4, 7.15.4): a date or a moment, or two with
    /// `/` between them, where `..` or nothing leaves an end open.
    fn from_str(text: &str) -> Result<Self> {
        let wrong = || {
            let reason = "expected a date or an RFC 3339 moment, or two of them with / between; .. leaves an end open";
            Error::invalid("datetime", reason)
        };
        let instant = |text: &str| instant_of_date_or_moment(text).ok_or_else(wrong);
        let Some((start, end)) = text.split_once('/') else { return Ok(Self::at(instant(text)?)) };
        let open = |text: &str| text.is_empty() || text == "..";
        if open(start) && open(end) {
            return Err(wrong());
        }
        let start = if open(start) { Instant::BEGINNING } else { instant(start)? };
        let end = if open(end) { Instant::END } else { instant(end)? };
        if end.is_before(start) {
            return Err(Error::invalid("datetime", "the period ends before it begins"));
        }
        Ok(Self { start, end })
    }
}

fn instant_of_date_or_moment(text: &str) -> Option<Instant> {
    if text.contains(['T', 't']) { instant_of_timestamp(text) } else { date(text).ok().map(Instant::of_date) }
}

pub(crate) fn date(text: &str) -> Result<Date> {
    let plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let date = if plain { text.parse().ok() } else { None };
    date.ok_or_else(|| invalid(format!("{:.60} is no date such as '2026-03-31'", format!("{text:?}"))))
}

pub(crate) fn timestamp(text: &str) -> Result<Timestamp> {
    text.parse()
        .map_err(|_| invalid(format!("{:.60} is no moment such as '2026-03-31T08:00:00Z'", format!("{text:?}"))))
}

/// An end of an interval as a text.
pub(crate) fn interval_end(text: &str) -> Result<Expression> {
    match text {
        ".." => Ok(Expression::Unbounded),
        _ if text.contains(['T', 't']) => timestamp(text).map(Expression::Timestamp),
        _ => date(text).map(Expression::Date),
    }
}
