//! Readings of sensors.

use misto_model::{DatastreamKey, Reading};
use rusqlite::{Connection, Row as SqlRow, Transaction, params};

use super::names::Names;
use super::scan::{Scan, times};
use super::tally::Tally;
use crate::content::{ReadingContent, damaged, place};
use crate::geopackage::failure::Done;
use crate::precision::precisions;
use crate::subject::{READING, SubjectName, Whose};
use crate::{Appended, ReadingQuery, SeriesPage};

/// Appends readings in one transaction.
pub(super) fn append(transaction: &Transaction<'_>, names: &mut Names, rows: &[Reading]) -> Done<Appended> {
    let mut tally = Tally::new(transaction, READING);
    let mut insert = transaction.prepare_cached(
        "INSERT INTO reading VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT DO NOTHING",
    )?;
    for reading in rows {
        let content = ReadingContent::of(reading)?;
        let place = reading.position.map(|at| (at.lon.degrees(), at.lat.degrees()));
        let subject = names.subject(transaction, &SubjectName::from(&reading.datastream))?;
        let time = reading.phenomenon_time.micros();
        let inserted = insert.execute(params![
            subject.id,
            time,
            reading.event,
            content.hash,
            precisions(reading.phenomenon_time, reading.received_at),
            reading.received_at.micros() - time,
            content.truth,
            content.number,
            content.word,
            reading.unit,
            place.map(|(lon, _)| lon),
            place.map(|(_, lat)| lat),
            content.flags,
        ])?;
        tally.row(inserted, subject, (reading.phenomenon_time, &reading.event, content.hash))?;
    }
    tally.finish()
}

const COLUMNS: &str = "s.source, s.owner, s.name, r.precision, r.received_after, r.truth, r.number, r.word, r.unit, r.lon, r.lat, r.flags";

fn scan(whose: Whose) -> Scan {
    Scan { table: READING, join: "", columns: COLUMNS, whose, conditions: Vec::new(), cells: None }
}

/// A page of readings in the order of phenomenonTime.
pub(super) fn page(connection: &Connection, query: &ReadingQuery) -> Done<SeriesPage<Reading>> {
    scan(Whose::one_or_all(query.datastream.as_ref())).page(connection, &query.into(), read)
}

/// The newest reading of every datastream.
pub(super) fn latest(connection: &Connection) -> Done<Vec<Reading>> {
    scan(Whose::default()).latest(connection, read)
}

fn read(row: &SqlRow<'_>) -> Done<Reading> {
    let (phenomenon_time, received_at) = times(row)?;
    let flags: Option<String> = row.get(15)?;
    let result = ReadingContent::result(row.get(9)?, row.get(10)?, row.get(11)?)?;
    Ok(Reading {
        datastream: DatastreamKey {
            source: row.get::<_, String>(4)?.parse().map_err(damaged)?,
            thing: row.get(5)?,
            observed_property: row.get(6)?,
        },
        phenomenon_time,
        received_at,
        result,
        unit: row.get(12)?,
        position: place(row.get(13)?, row.get(14)?)?,
        flags: ReadingContent::parse_flags(flags.as_deref())?,
        event: row.get(3)?,
    })
}
