//! Moments in time that remember how precisely they were told.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A text or number that is no moment in time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an RFC 3339 date and time with a zone, for example 2026-07-04T01:04:42Z")]
pub struct InvalidInstant(pub String);

/// Digits of a second the source gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// Whole seconds.
    Seconds,
    /// Thousandths.
    Milliseconds,
    /// Millionths.
    Microseconds,
}

/// A moment in UTC with microsecond resolution and the precision of its source.
///
/// Ordered and compared by the moment alone is *not* what `Eq` does: two instants
/// of different precision differ. Use [`Instant::micros`] to compare moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Instant {
    micros: i64,
    precision: Precision,
}

impl Instant {
    /// From microseconds since 1970 (POSIX).
    ///
    /// # Errors
    /// When the year is outside −9999…9999.
    pub fn from_micros(micros: i64, precision: Precision) -> Result<Self, InvalidInstant> {
        Timestamp::from_microsecond(micros).map_err(|_| InvalidInstant(format!("{micros} µs")))?;
        Ok(Self { micros, precision })
    }

    /// From whole seconds since 1970 (POSIX).
    ///
    /// # Errors
    /// When the year is outside −9999…9999.
    pub fn from_seconds(seconds: i64) -> Result<Self, InvalidInstant> {
        let micros = seconds.checked_mul(1_000_000).ok_or_else(|| InvalidInstant(format!("{seconds} s")))?;
        Self::from_micros(micros, Precision::Seconds)
    }

    /// From milliseconds since 1970 (POSIX).
    ///
    /// # Errors
    /// When the year is outside −9999…9999.
    pub fn from_millis(millis: i64) -> Result<Self, InvalidInstant> {
        let micros = millis.checked_mul(1_000).ok_or_else(|| InvalidInstant(format!("{millis} ms")))?;
        Self::from_micros(micros, Precision::Milliseconds)
    }

    /// From a library timestamp, cut to microseconds.
    pub fn from_timestamp(at: Timestamp) -> Self {
        Self { micros: at.as_microsecond(), precision: Precision::Microseconds }
    }

    /// Microseconds since 1970.
    pub fn micros(self) -> i64 {
        self.micros
    }

    /// How precisely the source told it.
    pub fn precision(self) -> Precision {
        self.precision
    }

    /// As a library timestamp.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.micros).expect("checked when it was made")
    }

    /// Seconds from `earlier` to this moment; negative when `earlier` is later.
    pub fn seconds_since(self, earlier: Self) -> f64 {
        (self.micros - earlier.micros) as f64 / 1e6
    }
}

impl std::str::FromStr for Instant {
    type Err = InvalidInstant;
    /// RFC 3339 with a zone. The digits after the second give the precision.
    fn from_str(text: &str) -> Result<Self, InvalidInstant> {
        let at: Timestamp = text.parse().map_err(|_| InvalidInstant(text.chars().take(40).collect()))?;
        let digits = text.split_once('.').map_or(0, |(_, rest)| rest.bytes().take_while(u8::is_ascii_digit).count());
        let precision = match digits {
            0 => Precision::Seconds,
            1..=3 => Precision::Milliseconds,
            _ => Precision::Microseconds,
        };
        Ok(Self { micros: at.as_microsecond(), precision })
    }
}

impl std::fmt::Display for Instant {
    /// RFC 3339 in UTC with the source's digits.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at = self.timestamp();
        match self.precision {
            Precision::Seconds => write!(f, "{at:.0}"),
            Precision::Milliseconds => write!(f, "{at:.3}"),
            Precision::Microseconds => write!(f, "{at:.6}"),
        }
    }
}

impl TryFrom<String> for Instant {
    type Error = InvalidInstant;
    fn try_from(text: String) -> Result<Self, InvalidInstant> {
        text.parse()
    }
}

impl From<Instant> for String {
    fn from(at: Instant) -> String {
        at.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_survives_the_round_trip() {
        for text in ["2024-02-13T16:32:59.931Z", "2020-02-27T11:00:18Z", "2024-06-20T08:48:38.863512Z"] {
            assert_eq!(text.parse::<Instant>().unwrap().to_string(), text);
        }
        assert_eq!("2020-02-27T13:00:18+02:00".parse::<Instant>().unwrap().to_string(), "2020-02-27T11:00:18Z");
    }

    #[test]
    fn a_local_time_without_zone_is_no_instant() {
        assert!("2026-07-04 01:04:42".parse::<Instant>().is_err());
        assert!(Instant::from_seconds(i64::MAX).is_err());
    }
}
