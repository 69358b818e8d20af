//! Field types of GTFS: times, dates, coordinates, enumerations.

use jiff::civil::Date;
use misto_model::{Boarding, Position, WheelchairAccess};

use super::Problem;
use super::tables::Row;

/// Service days of real feeds end within three days; what is later is a slip of the pen.
const LATEST_S: u32 = 100 * 3_600;

/// `H:MM:SS` or `HH:MM:SS` after noon minus 12 h; may pass 24:00:00. `None` when empty.
pub(super) fn time(row: &Row<'_>, field: &str) -> Result<Option<u32>, Problem> {
    let text = row.text(field);
    if text.is_empty() {
        return Ok(None);
    }
    seconds(text)
        .map(Some)
        .ok_or_else(|| row.problem(field, format!("{text:?} is no time such as 07:05:00 or 25:10:00")))
}

fn seconds(text: &str) -> Option<u32> {
    let mut parts = text.split(':');
    let mut number = |width: std::ops::RangeInclusive<usize>, limit: u32| {
        let part = parts.next()?;
        let digits = part.bytes().all(|b| b.is_ascii_digit()) && width.contains(&part.len());
        digits.then(|| part.parse::<u32>().ok())?.filter(|n| *n <= limit)
    };
    let total = number(1..=3, 999)? * 3_600 + number(2..=2, 59)? * 60 + number(2..=2, 59)?;
    (parts.next().is_none() && total < LATEST_S).then_some(total)
}

/// `YYYYMMDD`.
pub(super) fn date(row: &Row<'_>, field: &str) -> Result<Date, Problem> {
    let text = row.text(field);
    let date = || {
        if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        Date::new(text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?).ok()
    };
    date().ok_or_else(|| row.problem(field, format!("{text:?} is no date such as 20260301")))
}

/// Degrees in two fields.
pub(super) fn position(row: &Row<'_>, lat: &str, lon: &str) -> Result<Position, Problem> {
    let degrees = |field: &str| {
        let text = required(row, field)?;
        text.parse::<f64>().map_err(|_| row.problem(field, format!("{text:?} is no number of degrees")))
    };
    let (y, x) = (degrees(lat)?, degrees(lon)?);
    let position = Position::new(x, y)
        .map_err(|e| row.problem(if e.to_string().starts_with("lat") { lat } else { lon }, e.to_string()))?;
    if position.is_null_island() {
        return Err(row.problem(lat, "the place is 0,0, where programs put what they could not place"));
    }
    Ok(position)
}

/// A whole number that is not negative.
pub(super) fn number<T: std::str::FromStr>(row: &Row<'_>, field: &str) -> Result<T, Problem> {
    let text = row.text(field);
    text.parse::<T>().map_err(|_| row.problem(field, format!("{text:?} is no whole number that fits here")))
}

/// As [`number`], `None` when empty.
pub(super) fn optional_number<T: std::str::FromStr>(row: &Row<'_>, field: &str) -> Result<Option<T>, Problem> {
    if row.text(field).is_empty() { Ok(None) } else { number(row, field).map(Some) }
}

/// A number with a fraction that is within `range`, `None` when empty.
pub(super) fn decimal(
    row: &Row<'_>,
    field: &str,
    range: std::ops::RangeInclusive<f64>,
) -> Result<Option<f64>, Problem> {
    let text = row.text(field);
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || row.problem(field, format!("{text:?} is no number from {} to {}", range.start(), range.end()));
    text.parse::<f64>().ok().filter(|number| range.contains(number)).map(Some).ok_or_else(wrong)
}

/// `YYYYMMDD`, `None` when empty.
pub(super) fn optional_date(row: &Row<'_>, field: &str) -> Result<Option<Date>, Problem> {
    if row.text(field).is_empty() { Ok(None) } else { date(row, field).map(Some) }
}

/// `RRGGBB` in capitals, `None` when empty.
pub(super) fn color(row: &Row<'_>, field: &str) -> Result<Option<String>, Problem> {
    let Some(color) = row.optional(field) else { return Ok(None) };
    if color.len() != 6 || !color.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(row.problem(field, format!("{color:?} is no colour such as 00539F")));
    }
    Ok(Some(color.to_uppercase()))
}

/// 0 or empty, 1, 2, 3.
pub(super) fn boarding(row: &Row<'_>, field: &str) -> Result<Boarding, Problem> {
    match row.text(field) {
        "" | "0" => Ok(Boarding::Regular),
        "1" => Ok(Boarding::None),
        "2" => Ok(Boarding::PhoneAgency),
        "3" => Ok(Boarding::AskDriver),
        other => Err(row.problem(field, format!("{other:?} is none of 0, 1, 2 and 3"))),
    }
}

/// 0 or empty = unknown, 1 yes, 2 no.
pub(super) fn allowed(row: &Row<'_>, field: &str) -> Result<Option<bool>, Problem> {
    Ok(match wheelchair(row, field)? {
        WheelchairAccess::Unknown => None,
        WheelchairAccess::Yes => Some(true),
        WheelchairAccess::No => Some(false),
    })
}

/// 0 or empty, 1, 2.
pub(super) fn wheelchair(row: &Row<'_>, field: &str) -> Result<WheelchairAccess, Problem> {
    match row.text(field) {
        "" | "0" => Ok(WheelchairAccess::Unknown),
        "1" => Ok(WheelchairAccess::Yes),
        "2" => Ok(WheelchairAccess::No),
        other => Err(row.problem(field, format!("{other:?} is none of 0, 1 and 2"))),
    }
}

/// 0 or 1.
pub(super) fn flag(row: &Row<'_>, field: &str) -> Result<bool, Problem> {
    match row.text(field) {
        "0" => Ok(false),
        "1" => Ok(true),
        other => Err(row.problem(field, format!("{other:?} is neither 0 nor 1"))),
    }
}

/// A text, which must not be empty.
pub(super) fn required(row: &Row<'_>, field: &str) -> Result<String, Problem> {
    row.optional(field).ok_or_else(|| row.problem(field, "this is required and empty"))
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn times_pass_midnight_and_nothing_else_is_a_time() {
        assert_eq!(seconds("7:05:09"), Some(25_509));
        assert_eq!(seconds("25:10:00"), Some(90_600));
        for bad in [
            "",
            "7:5:00",
            "07:60:00",
            "07:00:60",
            "-1:00:00",
            "07:00",
            "07:00:00:00",
            "+7:00:00",
            "100:00:00",
            "4294967295:00:00",
        ] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }
}
