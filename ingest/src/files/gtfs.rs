//! A whole GTFS Schedule feed (gtfs.org/documentation/schedule/reference), zip
//! or folder, to a [`Timetable`].
//!
//! All problems of a feed are gathered and told together with file, line and
//! field; a feed with one problem gives no timetable, never half of one.

use std::collections::HashSet;
use std::path::Path;

use jiff::civil::Date;
use misto_model::{Timetable, Transfer, Trip, TripId};

mod agency;
mod archive;
mod calendar;
mod doubts;
mod fields;
mod frequencies;
mod shapes;
mod stations;
mod stops;
mod tables;
mod text;
mod trips;
pub mod ways;
mod write;

pub use write::{Written, write};

use archive::Archive;
use tables::Problems;

/// The tables that are read.
const TABLES: [&str; 13] = [
    "agency.txt",
    "stops.txt",
    "routes.txt",
    "trips.txt",
    "stop_times.txt",
    "calendar.txt",
    "calendar_dates.txt",
    "frequencies.txt",
    "shapes.txt",
    "transfers.txt",
    "pathways.txt",
    "levels.txt",
    "feed_info.txt",
];

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

impl Feed {
    /// What the calendars say on that day beside the notes: whether anything still runs, or
    /// already does. The reader knows no clock.
    pub fn notes_on(&self, today: Date) -> Vec<String> {
        let mut notes = Vec::new();
        match self.timetable.service_days() {
            Some((_, last)) if last < today => {
                notes.push(format!("the timetable has expired: its last day was {last}"))
            }
            Some((first, _)) if first > today => notes.push(format!("the timetable begins in the future: on {first}")),
            _ => {}
        }
        let end = self.timetable.feed_info.as_ref().and_then(|info| info.end_date);
        if let Some(end) = end.filter(|end| *end < today) {
            notes.push(format!("feed_info.txt feed_end_date: the feed promised to be whole until {end}"));
        }
        notes
    }
}

/// Reads a zip file or a folder. Fare tables and others that Misto does not use are left
/// alone and told in the notes.
///
/// # Errors
/// When it cannot be opened, or with the list of what is wrong in it.
pub fn read(path: &Path) -> Result<Feed, FeedError> {
    let mut archive = Archive::open(path)?;
    let mut problems = Problems::default();
    let problems = &mut problems;
    let mut counts = Counts::default();
    let mut notes = Vec::new();

    let (agencies, time_zone) = agency::read(&archive.table("agency.txt", problems)?, &mut notes, problems);
    counts.agencies = agencies.len() as u64;
    let levels = stations::levels(&archive.table("levels.txt", problems)?, problems);
    let locations = stops::read(&archive.table("stops.txt", problems)?, &levels, problems);
    counts.stops = locations.len() as u64;
    let routes = trips::routes(&archive.table("routes.txt", problems)?, &agencies, problems);
    counts.routes = routes.len() as u64;
    let (weekly, dates) = (archive.table("calendar.txt", problems)?, archive.table("calendar_dates.txt", problems)?);
    let services = calendar::read(&weekly, &dates, problems);
    let shapes = shapes::read(&archive.table("shapes.txt", problems)?, problems);
    let mut drafts = trips::read(&archive.table("trips.txt", problems)?, &routes, &services, &shapes, problems);
    counts.trips = drafts.len() as u64;
    counts.stop_times =
        trips::stop_times(&archive.table("stop_times.txt", problems)?, &mut drafts, &locations, problems);
    let pathways = stations::pathways(&archive.table("pathways.txt", problems)?, &locations, problems);
    let table = archive.table("transfers.txt", problems)?;
    let mut transfers = stations::transfers(&table, &locations, &routes, &drafts, problems);
    let feed_info = agency::feed_info(&archive.table("feed_info.txt", problems)?, problems);
    let frequencies = archive.table("frequencies.txt", problems)?;
    let mut trips = drafts.into_values().map(|draft| draft.trip).collect();
    frequencies::expand(&frequencies, &mut trips, &mut notes, problems);
    std::mem::take(problems).into_result()?;

    trips.sort_by(|a, b| a.id.cmp(&b.id));
    keep_transfers(&trips, &mut transfers, &mut notes);
    let others = archive.others(&TABLES);
    if !others.is_empty() {
        notes.push(format!("not read: {}", others.join(", ")));
    }
    let timetable = Timetable {
        time_zone,
        agencies,
        stops: locations.stops,
        routes,
        trips,
        services,
        shapes,
        trajectories: Vec::new(),
        places: locations.places,
        levels,
        pathways,
        transfers,
        feed_info,
    };
    notes.extend(doubts::of(&timetable));
    Ok(Feed { timetable, counts, notes })
}

/// A trip that repeats at a headway was written out under other ids, so a rule about it names nobody.
fn keep_transfers(trips: &[Trip], transfers: &mut Vec<Transfer>, notes: &mut Vec<String>) {
    let known: HashSet<&TripId> = trips.iter().map(|trip| &trip.id).collect();
    let before = transfers.len();
    transfers.retain(|rule| [&rule.from_trip, &rule.to_trip].into_iter().flatten().all(|id| known.contains(id)));
    if transfers.len() < before {
        let gone = before - transfers.len();
        notes.push(format!("{gone} rules of transfers.txt name trips that repeat at a headway and are left out"));
    }
}

#[cfg(test)]
mod tests;
