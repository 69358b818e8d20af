//! Readings of sensors.

use misto_model::{DatastreamKey, Position, Reading};
use rusqlite::{Connection, Row as SqlRow, Transaction, params};

use super::names::{Names, SubjectName};
use super::positions::known_subject;
use super::scan::{self, Scan};
use super::{differs, instants, precisions};
use crate::content::{ReadingContent, damaged};
use crate::geopackage::failure::Done;
use crate::{Appended, ReadingQuery, SeriesPage};

const SERIES: &str = "reading";

/// Appends readings in one transaction.
pub(super) fn append(transaction: &Transaction<'_>, names: &mut Names, rows: &[Reading]) -> Done<Appended> {
    let mut done = Appended::default();
    let mut insert = transaction.prepare_cached(
        "INSERT INTO reading VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT DO NOTHING",
    )?;
    for reading in rows {
        let content = ReadingContent::of(reading)?;
        let place = reading.position.map(|at| (at.lon.degrees(), at.lat.degrees()));
        let subject = names.subject(transaction, &subject_name(&reading.datastream))?;
        let time = reading.phenomenon_time.micros();
        let added = insert.execute(params![
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
        if added == 0 {
            done.redelivered += 1;
            continue;
        }
        done.added += 1;
        if time > subject.newest {
            subject.newest = time;
        } else if differs(transaction, SERIES, subject.id, time, &reading.event, content.hash)? {
            done.differing += 1;
        }
    }
    scan::count(transaction, SERIES, i64::try_from(done.added).unwrap_or(i64::MAX))?;
    Ok(done)
}

fn subject_name(datastream: &DatastreamKey) -> SubjectName {
    SubjectName {
        series: SERIES,
        source: datastream.source.to_string(),
        owner: datastream.thing.clone(),
        name: datastream.observed_property.clone(),
    }
}

const COLUMNS: &str = "s.source, s.owner, s.name, r.precision, r.received_after, r.truth, r.number, r.word, r.unit, r.lon, r.lat, r.flags";

/// A page of readings in the order of phenomenonTime.
pub(super) fn page(connection: &Connection, query: &ReadingQuery) -> Done<SeriesPage<Reading>> {
    let subject = match &query.datastream {
        None => None,
        Some(datastream) => match known_subject(connection, &subject_name(datastream))? {
            Some(id) => Some(id),
            None => return Ok(SeriesPage { rows: Vec::new(), next: None }),
        },
    };
    let scan = Scan {
        table: SERIES,
        join: "",
        columns: COLUMNS,
        subject,
        condition: "",
        parameters: Vec::new(),
        from: query.from,
        to: query.to,
        after: query.after.as_deref(),
        limit: query.limit,
    };
    scan.page(connection, read)
}

/// The newest reading of every datastream.
pub(super) fn latest(connection: &Connection) -> Done<Vec<Reading>> {
    scan::latest(connection, SERIES, "", COLUMNS, read)
}

fn read(row: &SqlRow<'_>) -> Done<Reading> {
    let (phenomenon_time, received_at) = instants(row.get(0)?, row.get(8)?, row.get(7)?)?;
    let flags: Option<String> = row.get(15)?;
    let result = ReadingContent::result(row.get(9)?, row.get(10)?, row.get(11)?)?;
    let position = match (row.get(13)?, row.get(14)?) {
        (Some(lon), Some(lat)) => Some(Position::new(lon, lat).map_err(damaged)?),
        _ => None,
    };
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
        position,
        flags: ReadingContent::parse_flags(flags.as_deref())?,
        event: row.get(3)?,
    })
}
