//! agency.txt and feed_info.txt.

use misto_model::{Agency, FeedInfo};

use super::tables::{Problems, Row, Table};
use super::{Problem, fields};

/// The agencies and the time zone, which all of them must share.
pub(super) fn read(table: &Table, notes: &mut Vec<String>, problems: &mut Problems) -> (Vec<Agency>, String) {
    let (mut agencies, mut zone) = (Vec::<Agency>::new(), String::new());
    if !table.required(problems) || !table.has_columns(&["agency_name", "agency_timezone"], problems) {
        return (agencies, zone);
    }
    table.each(problems, |row, problems| {
        match agency(row) {
            Ok(agency) if agencies.iter().any(|other| other.id == agency.id) => {
                let id = agency.id.unwrap_or_default();
                problems.add(row.problem("agency_id", format!("{id:?} stands in the file twice")));
            }
            Ok(agency) => agencies.push(agency),
            Err(problem) => return problems.refuse(row, "agency_id", problem),
        }
        match time_zone(row) {
            Ok(own) if zone.is_empty() => zone = own,
            Ok(own) if own == zone => {}
            Ok(own) => {
                let reason = format!("{own:?} differs from {zone:?} above; a feed has one time zone");
                problems.add(row.problem("agency_timezone", reason));
            }
            Err(problem) => problems.add(problem),
        }
    });
    if agencies.is_empty() {
        problems.add(table.problem(0, "", "there is no agency"));
    }
    if agencies.iter().any(|agency| agency.url.is_none()) {
        notes.push("agency.txt agency_url: the reference requires it and it is empty".to_owned());
    }
    (agencies, zone)
}

fn agency(row: &Row<'_>) -> Result<Agency, Problem> {
    Ok(Agency {
        id: row.optional("agency_id"),
        name: fields::required(row, "agency_name")?,
        url: row.optional("agency_url"),
        lang: row.optional("agency_lang"),
        phone: row.optional("agency_phone"),
        fare_url: row.optional("agency_fare_url"),
        email: row.optional("agency_email"),
    })
}

fn time_zone(row: &Row<'_>) -> Result<String, Problem> {
    let zone = fields::required(row, "agency_timezone")?;
    if jiff::tz::TimeZone::get(&zone).is_err() {
        return Err(row.problem("agency_timezone", format!("{zone:?} is no time zone such as Europe/Kyiv")));
    }
    Ok(zone)
}

/// The row of feed_info.txt, when the feed has it.
pub(super) fn feed_info(table: &Table, problems: &mut Problems) -> Option<FeedInfo> {
    let columns = ["feed_publisher_name", "feed_publisher_url", "feed_lang"];
    if table.is_missing() || !table.has_columns(&columns, problems) {
        return None;
    }
    let mut found = None;
    table.each(problems, |row, problems| match info(row) {
        Ok(_) if found.is_some() => problems.add(row.problem("", "the file has more than one row")),
        Ok(info) => found = Some(info),
        Err(problem) => problems.add(problem),
    });
    found
}

fn info(row: &Row<'_>) -> Result<FeedInfo, Problem> {
    let (start_date, end_date) =
        (fields::optional_date(row, "feed_start_date")?, fields::optional_date(row, "feed_end_date")?);
    if let (Some(first), Some(last)) = (start_date, end_date)
        && last < first
    {
        return Err(row.problem("feed_end_date", format!("{last} lies before the start, {first}")));
    }
    Ok(FeedInfo {
        publisher_name: fields::required(row, "feed_publisher_name")?,
        publisher_url: fields::required(row, "feed_publisher_url")?,
        lang: fields::required(row, "feed_lang")?,
        default_lang: row.optional("default_lang"),
        start_date,
        end_date,
        version: row.optional("feed_version"),
        contact_email: row.optional("feed_contact_email"),
        contact_url: row.optional("feed_contact_url"),
    })
}
