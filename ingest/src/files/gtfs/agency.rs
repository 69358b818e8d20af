//! agency.txt.

use super::required;
use super::tables::{Problems, Table};

/// Names of the agencies and the time zone, which all of them must share.
pub(super) fn read(table: &Table, problems: &mut Problems) -> (Vec<String>, String) {
    let (mut names, mut zone) = (Vec::new(), String::new());
    if !required(table, problems) || !table.has_columns(&["agency_name", "agency_timezone"], problems) {
        return (names, zone);
    }
    table.each(problems, |row, problems| {
        let own = row.text("agency_timezone");
        if own.is_empty() {
            problems.add(row.problem("agency_timezone", "this is required and empty"));
        } else if jiff::tz::TimeZone::get(own).is_err() {
            problems.add(row.problem("agency_timezone", format!("{own:?} is no time zone such as Europe/Kyiv")));
        } else if zone.is_empty() {
            zone = own.to_owned();
        } else if zone != own {
            problems.add(
                row.problem(
                    "agency_timezone",
                    format!("{own:?} differs from {zone:?} above; a feed has one time zone"),
                ),
            );
        }
        names.push(row.text("agency_name").to_owned());
    });
    if names.is_empty() {
        problems.add(table.problem(0, "", "there is no agency"));
    }
    (names, zone)
}
