//! When is a place open? The text of OpenStreetMap's key `opening_hours`, read by the
//! crate `opening-hours`, as instants of the days ahead.
//!
//! A text that cannot be read is unknown, never closed.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use opening_hours::localization::{Coordinates, Country, Localize};
use opening_hours::{Context, ContextHolidays, OpeningHours, RuleKind};
use opening_hours_syntax::rules::time::TimeEvent;
use serde::Serialize;

/// What is longer is no opening hours.
const MOST_BYTES: usize = 1_000;
/// More intervals than a text that is meant has in the days ahead.
const MOST_INTERVALS: usize = 500;

/// Days ahead that are told: a page that was opened once knows them without connection.
pub const AHEAD: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A time of which the text itself says that it is not certain, with its comment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Unclear(
    /// From.
    pub Timestamp,
    /// Until.
    pub Timestamp,
    /// As the text says: `by appointment`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub String,
);

/// When a place is open. Between what is listed it is closed.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Times {
    /// From and until.
    pub open: Vec<[Timestamp; 2]>,
    /// Perhaps open.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unclear: Vec<Unclear>,
}

/// Why nobody knows from this text when a place is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// It is not in the words of the key `opening_hours`.
    Syntax,
    /// It is about holidays that are not known here.
    Holidays,
    /// It is longer, or names more times, than can be meant.
    TooMuch,
}

impl Unreadable {
    /// Stable name.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Holidays => "holidays",
            Self::TooMuch => "too_much",
        }
    }
}

/// Where the clocks and the holidays are.
#[derive(Debug, Clone)]
pub struct Place {
    local: Local,
    holidays: Option<Country>,
}

impl Place {
    /// A place by its time zone; longitude and latitude tell sunrise and sunset. Holidays
    /// are known where the zone is one of Ukraine: those of the crate's calendar, which does not know that
    /// they are working days under martial law.
    pub fn new(zone: TimeZone, [lon, lat]: [f64; 2]) -> Self {
        let of_ukraine = ["Europe/Kyiv", "Europe/Kiev", "Europe/Uzhgorod", "Europe/Zaporozhye", "Europe/Simferopol"];
        let holidays = zone.iana_name().filter(|name| of_ukraine.contains(name)).map(|_| Country::UA);
        Self { local: Local { zone, coordinates: Coordinates::new(lat, lon) }, holidays }
    }

    /// When a place with this text is open between two moments.
    ///
    /// # Errors
    /// When the text does not tell.
    pub fn times(&self, text: &str, from: Timestamp, until: Timestamp) -> Result<Times, Unreadable> {
        if text.len() > MOST_BYTES {
            return Err(Unreadable::TooMuch);
        }
        let hours: OpeningHours = text.parse().map_err(|_| Unreadable::Syntax)?;
        if self.asks_for_unknown_holidays(text) {
            return Err(Unreadable::Holidays);
        }
        let holidays = self.holidays.map_or_else(ContextHolidays::default, Country::holidays);
        let hours = hours.with_context(Context::default().with_holidays(holidays).with_locale(self.local.clone()));
        let mut times = Times::default();
        for range in hours.iter_range(to_chrono(from), to_chrono(until)) {
            let [start, end] = [&range.range.start, &range.range.end].map(from_chrono);
            match range.kind {
                RuleKind::Open => times.open.push([start, end]),
                RuleKind::Unknown => times.unclear.push(Unclear(start, end, range.comment.to_string())),
                RuleKind::Closed => {}
            }
            if times.open.len() + times.unclear.len() > MOST_INTERVALS {
                return Err(Unreadable::TooMuch);
            }
        }
        Ok(times)
    }

    /// `PH` public, `SH` school holidays; the calendar of Ukraine has only the public ones.
    fn asks_for_unknown_holidays(&self, text: &str) -> bool {
        let mut words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
        words.any(|word| word == "SH" || word == "PH" && self.holidays.is_none())
    }
}

/// Local times of a zone and the sun over one point.
#[derive(Debug, Clone)]
struct Local {
    zone: TimeZone,
    coordinates: Option<Coordinates>,
}

impl Localize for Local {
    type DateTime = DateTime<Utc>;

    fn naive(&self, moment: DateTime<Utc>) -> NaiveDateTime {
        let ahead_s = i64::from(self.zone.to_offset(from_chrono(&moment)).seconds());
        DateTime::from_timestamp(moment.timestamp() + ahead_s, 0).unwrap_or(moment).naive_utc()
    }

    fn datetime(&self, naive: NaiveDateTime) -> DateTime<Utc> {
        let utc = naive.and_utc();
        let civil = TimeZone::UTC.to_datetime(from_chrono(&utc));
        // A time that the clocks skip is the one an hour later; one that they show twice is the first.
        self.zone.to_timestamp(civil).map_or(utc, to_chrono)
    }

    fn event_time(&self, date: NaiveDate, event: TimeEvent) -> Option<NaiveTime> {
        let moment = self.coordinates?.event_time(date, event)?;
        let time = self.naive(moment).time();
        NaiveTime::from_hms_opt(time.hour(), time.minute(), 0)
    }
}

fn to_chrono(moment: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp(moment.as_second(), 0).unwrap_or_default()
}

fn from_chrono(moment: &DateTime<Utc>) -> Timestamp {
    Timestamp::from_second(moment.timestamp()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kyiv() -> Place {
        Place::new(TimeZone::get("Europe/Kyiv").unwrap(), [24.71, 48.92])
    }

    fn open(text: &str, from: &str) -> Result<Vec<String>, Unreadable> {
        let from: Timestamp = from.parse().unwrap();
        let times = kyiv().times(text, from, from + AHEAD)?;
        Ok(times.open.iter().map(|[from, until]| format!("{from}/{until}")).collect())
    }

    #[test]
    fn hours_are_those_of_the_clocks_in_the_city() {
        let days = open("Mo-Fr 08:00-18:00", "2026-06-01T00:00:00Z").unwrap();
        assert_eq!(days.len(), 5, "{days:?}");
        assert_eq!(days[0], "2026-06-01T05:00:00Z/2026-06-01T15:00:00Z");
        let winter = open("Mo-Fr 08:00-18:00", "2026-12-01T12:00:00Z").unwrap();
        assert_eq!(winter[0], "2026-12-01T12:00:00Z/2026-12-01T16:00:00Z", "cut where the question begins");
    }

    #[test]
    fn a_day_on_which_the_clocks_change_keeps_its_local_times() {
        let days = open("Sa-Mo 10:00-20:00", "2026-10-24T00:00:00Z").unwrap();
        assert_eq!(days[0], "2026-10-24T07:00:00Z/2026-10-24T17:00:00Z");
        assert_eq!(days[1], "2026-10-25T08:00:00Z/2026-10-25T18:00:00Z");
    }

    #[test]
    fn over_midnight_and_round_the_clock_are_one_interval() {
        assert_eq!(open("24/7", "2026-06-01T00:00:00Z").unwrap(), ["2026-06-01T00:00:00Z/2026-06-08T00:00:00Z"]);
        let night = open("Mo 20:00-02:00", "2026-06-01T00:00:00Z").unwrap();
        assert_eq!(night, ["2026-06-01T17:00:00Z/2026-06-01T23:00:00Z"]);
    }

    #[test]
    fn public_holidays_of_ukraine_are_known_and_school_holidays_are_not() {
        let days = open("Mo-Su 09:00-17:00; PH off", "2026-08-23T21:00:00Z").unwrap();
        assert!(!days.iter().any(|day| day.starts_with("2026-08-24")), "Independence Day: {days:?}");
        assert_eq!(open("Mo-Fr 09:00-17:00; SH off", "2026-06-01T00:00:00Z"), Err(Unreadable::Holidays));
        let berlin = Place::new(TimeZone::get("Europe/Berlin").unwrap(), [13.4, 52.5]);
        let now: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
        assert_eq!(berlin.times("Mo-Su 09:00-17:00; PH off", now, now + AHEAD), Err(Unreadable::Holidays));
    }

    #[test]
    fn what_the_text_is_not_sure_of_is_neither_open_nor_closed() {
        let from: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
        let times = kyiv().times("Mo 10:00-12:00 unknown \"за домовленістю\"", from, from + AHEAD).unwrap();
        assert!(times.open.is_empty());
        assert_eq!(times.unclear.len(), 1);
        assert_eq!(times.unclear[0].2, "за домовленістю");
    }

    #[test]
    fn the_sun_is_that_of_the_city() {
        let day = open("Mo sunrise-sunset", "2026-06-22T00:00:00Z").unwrap();
        assert!(day[0].starts_with("2026-06-22T02:") && day[0].contains("/2026-06-22T18:"), "{day:?}");
    }

    #[test]
    fn what_cannot_be_read_is_said_and_never_closed() {
        for text in ["", "щодня до вечора", "Mo-Fr 25:61-99:00", "9-18", "Mo-Fr"] {
            let read = open(text, "2026-06-01T00:00:00Z");
            assert!(read != Ok(Vec::new()), "{text:?}: {read:?}");
        }
        assert_eq!(open("щодня до вечора", "2026-06-01T00:00:00Z"), Err(Unreadable::Syntax));
        assert_eq!(open(&"24/7;".repeat(300), "2026-06-01T00:00:00Z"), Err(Unreadable::TooMuch));
        let minutes: Vec<String> =
            (0..80).map(|n| format!("{:02}:{:02}-{:02}:{:02}", n / 6, n % 6 * 10, n / 6, n % 6 * 10 + 5)).collect();
        assert_eq!(open(&minutes.join(","), "2026-06-01T00:00:00Z"), Err(Unreadable::TooMuch));
    }
}
