//! A whole GTFS Schedule feed (gtfs.org/documentation/schedule/reference), zip
//! or folder, to a [`Timetable`].
//!
//! All problems of a feed are gathered and told together with file, line and
//! field; a feed with one problem gives no timetable, never half of one.

use std::path::Path;

use misto_model::Timetable;

mod agency;
mod calendar;
mod fields;
mod frequencies;
mod stops;
mod tables;
mod trips;

use tables::{Archive, Problems, Table};

/// Something in the feed that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which file of the feed.
    pub file: String,
    /// Its line, counted from 1 (the header); 0 for the file as a whole.
    pub line: u64,
    /// The column; empty for the row or file as a whole.
    pub field: String,
    /// What is wrong and what would be right.
    pub reason: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        if !self.field.is_empty() {
            write!(f, " {}", self.field)?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// Why a feed gives no timetable.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The feed cannot be opened or unpacked.
    #[error("cannot read the feed: {0}")]
    Unreadable(String),
    /// The feed breaks the rules; the first problems are told, all are counted.
    #[error("the feed has {total} problems, the first: {}", .problems.first().map(ToString::to_string).unwrap_or_default())]
    Invalid {
        /// The first of them, in the order of the files.
        problems: Vec<Problem>,
        /// How many there are.
        total: u64,
    },
}

/// Rows of the feed's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// agency.txt.
    pub agencies: u64,
    /// routes.txt.
    pub routes: u64,
    /// stops.txt, stations and entrances among them.
    pub stops: u64,
    /// trips.txt.
    pub trips: u64,
    /// stop_times.txt.
    pub stop_times: u64,
}

/// A feed that was read.
#[derive(Debug, Clone)]
pub struct Feed {
    /// The timetable.
    pub timetable: Timetable,
    /// Rows of the source files.
    pub counts: Counts,
    /// What a planner should know although it breaks no rule.
    pub notes: Vec<String>,
}

/// Reads a zip file or a folder.
///
/// # Errors
/// When it cannot be opened, or with the list of what is wrong in it.
pub fn read(path: &Path) -> Result<Feed, FeedError> {
    let mut archive = Archive::open(path)?;
    let mut problems = Problems::default();
    let mut counts = Counts::default();
    let mut notes = Vec::new();

    let (agencies, time_zone) = agency::read(&archive.table("agency.txt")?, &mut problems);
    counts.agencies = agencies.len() as u64;
    let all_stops = stops::read(&archive.table("stops.txt")?, &mut problems);
    counts.stops = all_stops.len() as u64;
    let routes = trips::routes(&archive.table("routes.txt")?, &mut problems);
    counts.routes = routes.len() as u64;
    let services =
        calendar::read(&archive.table("calendar.txt")?, &archive.table("calendar_dates.txt")?, &mut problems);
    let shapes = stops::shapes(&archive.table("shapes.txt")?, &mut problems);
    let mut trips = trips::read(&archive.table("trips.txt")?, &routes, &services, &shapes, &mut problems);
    counts.trips = trips.len() as u64;
    counts.stop_times = trips::stop_times(&archive.table("stop_times.txt")?, &mut trips, &all_stops, &mut problems);
    let frequencies = archive.table("frequencies.txt")?;
    let mut trips = trips.into_values().map(|t| t.trip).collect();
    frequencies::expand(&frequencies, &mut trips, &mut notes, &mut problems);
    problems.into_result()?;

    trips.sort_by(|a, b| a.id.cmp(&b.id));
    let silent = trips.iter().filter(|t| t.stop_times.is_empty()).count();
    if silent > 0 {
        notes.push(format!("{silent} trips have no stop times"));
    }
    let stops = all_stops.into_iter().filter_map(|(id, stop)| stop.boarding.map(|stop| (id, stop))).collect();
    let trajectories = Vec::new();
    let timetable = Timetable { time_zone, agencies, stops, routes, trips, services, shapes, trajectories };
    Ok(Feed { timetable, counts, notes })
}

fn required(table: &Table, problems: &mut Problems) -> bool {
    if table.is_missing() {
        problems.add(table.problem(0, "", "this file is required and missing"));
    }
    !table.is_missing()
}

#[cfg(test)]
mod tests;
