//! Times on the wire to instants in UTC.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use misto_model::{Instant, Precision};

use super::refusal::Refusal;

/// A POSIX time above this cannot be seconds: it would be the year 5138.
const SECONDS_LIMIT: f64 = 1e11;
/// 2000-01-01T00:00:00Z in microseconds: no tracker's clock was right before.
const YEAR_2000_MICROS: i64 = 946_684_800_000_000;

/// A moment and whether its local time occurred twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told {
    pub at: Instant,
    /// The local time falls into the repeated hour; the earlier moment was taken.
    pub ambiguous: bool,
}

impl From<Instant> for Told {
    fn from(at: Instant) -> Self {
        Self { at, ambiguous: false }
    }
}

/// Whether the device's clock cannot have been right.
pub(super) fn clock_is_wrong(at: Instant) -> bool {
    at.micros() < YEAR_2000_MICROS
}

/// RFC 3339 with a zone.
pub(super) fn rfc3339(field: &str, text: &str) -> Result<Told, Refusal> {
    text.trim().parse::<Instant>().map(Told::from).map_err(|_| {
        Refusal::field(
            field,
            &format_args!("{text:?}"),
            "an RFC 3339 time with a zone, for example 2026-07-04T01:04:42Z",
        )
    })
}

/// Seconds since 1970 (POSIX), whole or with a fraction.
pub(super) fn posix_seconds(field: &str, seconds: f64) -> Result<Told, Refusal> {
    if seconds.abs() > SECONDS_LIMIT {
        return Err(Refusal::field(field, &seconds, "seconds since 1970; this looks like milliseconds"));
    }
    let precision = if seconds.fract() == 0.0 { Precision::Seconds } else { Precision::Milliseconds };
    let micros = if seconds.fract() == 0.0 { seconds * 1e6 } else { (seconds * 1e3).round() * 1e3 };
    instant(field, micros, precision)
}

/// Milliseconds since 1970.
pub(super) fn posix_millis(field: &str, millis: f64) -> Result<Told, Refusal> {
    instant(field, (millis * 1e3).round(), Precision::Milliseconds)
}

fn instant(field: &str, micros: f64, precision: Precision) -> Result<Told, Refusal> {
    // The cast saturates; a year that does not exist is refused by the type.
    Instant::from_micros(micros as i64, precision)
        .map(Told::from)
        .map_err(|_| Refusal::field(field, &format_args!("{micros} µs"), "a moment between the years -9999 and 9999"))
}

/// A local date and time without a zone, `YYYY-MM-DD HH:MM:SS[.fff]`, read in `zone`.
pub(super) fn local(field: &str, text: &str, zone: &TimeZone) -> Result<Told, Refusal> {
    let wrong =
        || Refusal::field(field, &format_args!("{text:?}"), "a local date and time, for example 2026-07-04 01:04:42");
    let trimmed = text.trim();
    let civil: DateTime = trimmed.parse().map_err(|_| wrong())?;
    // A date alone would be read as midnight: unknown must not become a time.
    if !trimmed.contains(':') {
        return Err(wrong());
    }
    in_zone(field, civil, digits_after_second(trimmed), zone)
}

/// By a format of `strptime` (jiff's `fmt::strtime`); without an offset in the
/// text the time is read in `zone`.
pub(super) fn by_format(field: &str, text: &str, format: &str, zone: &TimeZone) -> Result<Told, Refusal> {
    let wrong = |right: String| Refusal::field(field, &format_args!("{text:?}"), &right);
    let parts =
        jiff::fmt::strtime::parse(format, text.trim()).map_err(|_| wrong(format!("a time written {format}")))?;
    let precision = digits_after_second(text);
    if parts.offset().is_some() {
        let at = parts.to_timestamp().map_err(|_| wrong(format!("a time written {format}")))?;
        return instant(field, at.as_microsecond() as f64, precision);
    }
    let civil = parts.to_datetime().map_err(|_| wrong(format!("a date and time written {format}")))?;
    in_zone(field, civil, precision, zone)
}

fn in_zone(field: &str, civil: DateTime, precision: Precision, zone: &TimeZone) -> Result<Told, Refusal> {
    let placed = zone.to_ambiguous_timestamp(civil);
    let ambiguous = match placed.offset() {
        AmbiguousOffset::Unambiguous { .. } => false,
        AmbiguousOffset::Fold { .. } => true,
        AmbiguousOffset::Gap { .. } => {
            let name = zone.iana_name().unwrap_or("the zone of this source");
            return Err(Refusal::field(
                field,
                &civil,
                &format!("a time that exists in {name}: clocks went forward over it"),
            ));
        }
    };
    let at =
        placed.earlier().map_err(|_| Refusal::field(field, &civil, "a moment between the years -9999 and 9999"))?;
    let told = instant(field, at.as_microsecond() as f64, precision)?;
    Ok(Told { ambiguous, ..told })
}

/// Behind the last colon only: a date may be written with dots.
fn digits_after_second(text: &str) -> Precision {
    let seconds = text.rsplit_once(':').map_or("", |(_, seconds)| seconds);
    match seconds.split_once('.').map_or(0, |(_, rest)| rest.bytes().take_while(u8::is_ascii_digit).count()) {
        0 => Precision::Seconds,
        1..=3 => Precision::Milliseconds,
        _ => Precision::Microseconds,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kyiv() -> TimeZone {
        TimeZone::get("Europe/Kyiv").unwrap()
    }

    #[test]
    fn a_local_time_is_read_in_its_zone() {
        assert_eq!(local("time", "2026-07-04 01:04:42", &kyiv()).unwrap().at.to_string(), "2026-07-03T22:04:42Z");
        assert_eq!(
            local("time", "2026-01-04T01:04:42.250", &kyiv()).unwrap().at.to_string(),
            "2026-01-03T23:04:42.250Z"
        );
        for bad in ["2026-07-04", "", "04.07.2026 01:04", "2026-07-04T01:04:42Z", "2026-13-04 01:04:42"] {
            assert!(local("time", bad, &kyiv()).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_clock_change_is_not_guessed_over() {
        let twice = local("time", "2026-10-25 03:30:00", &kyiv()).unwrap();
        assert!(twice.ambiguous);
        assert_eq!(twice.at.to_string(), "2026-10-25T00:30:00Z");
        let never = local("time", "2026-03-29 03:30:00", &kyiv()).unwrap_err();
        assert!(never.detail.contains("clocks went forward"), "{}", never.detail);
    }

    #[test]
    fn milliseconds_in_a_field_of_seconds_are_named() {
        assert_eq!(posix_seconds("tst", 1_427_634_603.0).unwrap().at.to_string(), "2015-03-29T13:10:03Z");
        assert_eq!(posix_seconds("tst", 1_427_634_603.25).unwrap().at.to_string(), "2015-03-29T13:10:03.250Z");
        assert!(posix_seconds("tst", 1.427e12).unwrap_err().detail.contains("milliseconds"));
        assert_eq!(posix_millis("t", 1_427_634_603_250.0).unwrap().at.to_string(), "2015-03-29T13:10:03.250Z");
        assert!(posix_millis("t", 1e300).is_err());
    }

    #[test]
    fn a_format_of_their_own_is_followed() {
        let told = by_format("t", "04.07.2026 01:04:42", "%d.%m.%Y %H:%M:%S", &kyiv()).unwrap();
        assert_eq!(told.at.to_string(), "2026-07-03T22:04:42Z");
        let told = by_format("t", "2026-07-04 01:04:42+0000", "%Y-%m-%d %H:%M:%S%z", &kyiv()).unwrap();
        assert_eq!(told.at.to_string(), "2026-07-04T01:04:42Z");
        assert!(by_format("t", "yesterday", "%Y-%m-%d", &kyiv()).is_err());
    }

    #[test]
    fn a_clock_before_2000_is_wrong() {
        assert!(clock_is_wrong(Instant::from_seconds(0).unwrap()));
        assert!(!clock_is_wrong(Instant::from_seconds(946_684_800).unwrap()));
    }
}
