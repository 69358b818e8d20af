//! calendar.txt and calendar_dates.txt; a feed may have either or both.

use std::collections::BTreeMap;

use misto_model::{ServiceCalendar, ServiceId};

use super::tables::{Problems, Row, Table};
use super::{Problem, fields};

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

pub(super) fn read(weekly: &Table, dates: &Table, problems: &mut Problems) -> BTreeMap<ServiceId, ServiceCalendar> {
    let mut services = BTreeMap::new();
    if weekly.is_missing() && dates.is_missing() {
        let reason = "neither calendar.txt nor calendar_dates.txt is there; one of them is required";
        problems.without(weekly, weekly.problem(0, "", reason));
    }
    let columns = [["service_id", "start_date", "end_date"].as_slice(), WEEKDAYS.as_slice()].concat();
    if !weekly.is_missing() && weekly.has_columns(&columns, problems) {
        weekly.each(problems, |row, problems| match weekly_service(row) {
            Ok((id, service)) => {
                if services.insert(id.clone(), service).is_some() {
                    problems.add(row.problem("service_id", format!("{id} stands in the file twice")));
                }
            }
            Err(problem) => problems.refuse(row, "service_id", problem),
        });
    }
    if !dates.is_missing() && dates.has_columns(&["service_id", "date", "exception_type"], problems) {
        dates.each(problems, |row, problems| {
            if let Err(problem) = exception(row, &mut services) {
                problems.refuse(row, "service_id", problem);
            }
        });
    }
    services
}

fn weekly_service(row: &Row<'_>) -> Result<(ServiceId, ServiceCalendar), Problem> {
    let mut weekdays = [false; 7];
    for (runs, day) in weekdays.iter_mut().zip(WEEKDAYS) {
        *runs = fields::flag(row, day)?;
    }
    let (first, last) = (fields::date(row, "start_date")?, fields::date(row, "end_date")?);
    if last < first {
        return Err(row.problem("end_date", format!("{last} lies before the start, {first}")));
    }
    let service = ServiceCalendar { weekdays, period: Some((first, last)), exceptions: BTreeMap::new() };
    Ok((ServiceId(fields::required(row, "service_id")?), service))
}

fn exception(row: &Row<'_>, services: &mut BTreeMap<ServiceId, ServiceCalendar>) -> Result<(), Problem> {
    let id = ServiceId(fields::required(row, "service_id")?);
    let date = fields::date(row, "date")?;
    let added = match row.text("exception_type") {
        "1" => true,
        "2" => false,
        other => return Err(row.problem("exception_type", format!("{other:?} is neither 1 (added) nor 2 (removed)"))),
    };
    let service = services.entry(id).or_insert_with(|| ServiceCalendar {
        weekdays: [false; 7],
        period: None,
        exceptions: BTreeMap::new(),
    });
    match service.exceptions.insert(date, added) {
        Some(before) if before != added => Err(row.problem("date", format!("{date} is both added and removed"))),
        _ => Ok(()),
    }
}
