//! Readings of sensors.

use misto_model::{DatastreamKey, Error, Position, Reading, ReadingFlag, ReadingValue, Result};
use rusqlite::{Connection, Row as SqlRow, Transaction, params};

use super::content::Content;
use super::names::{Names, SubjectName};
use super::positions::{damaged, known_subject};
use super::scan::{self, Scan};
use super::{differs, instants, precisions};
use crate::geopackage::failure::Done;
use crate::geopackage::parse_json;
use crate::{Appended, ReadingQuery, SeriesPage};

const SERIES: &str = "reading";

/// Appends readings in one transaction.
pub(super) fn append(transaction: &Transaction<'_>, names: &mut Names, rows: &[Reading]) -> Done<Appended> {
    let mut done = Appended::default();
    let mut insert = transaction.prepare_cached(
        "INSERT INTO reading VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT DO NOTHING",
    )?;
    for reading in rows {
        let (truth, number, word) = split(&reading.result)?;
        let place = reading.position.map(|at| (at.lon.degrees(), at.lat.degrees()));
        let hash = hash(reading, truth, number, word, place);
        let subject = names.subject(transaction, &subject_name(&reading.datastream))?;
        let time = reading.phenomenon_time.micros();
        let added = insert.execute(params![
            subject.id,
            time,
            reading.event,
            hash,
            precisions(reading.phenomenon_time, reading.received_at),
            reading.received_at.micros() - time,
            truth,
            number,
            word,
            reading.unit,
            place.map(|(lon, _)| lon),
            place.map(|(_, lat)| lat),
            flags(&reading.flags)?,
        ])?;
        if added == 0 {
            done.redelivered += 1;
            continue;
        }
        done.added += 1;
        if time > subject.newest {
            subject.newest = time;
        } else if differs(transaction, SERIES, subject.id, time, &reading.event, hash)? {
            done.differing += 1;
        }
    }
    scan::count(transaction, SERIES, i64::try_from(done.added).unwrap_or(i64::MAX))?;
    Ok(done)
}

/// What the message said: without the receipt and without what Misto noted.
fn hash(
    reading: &Reading,
    truth: Option<bool>,
    number: Option<f64>,
    word: Option<&str>,
    place: Option<(f64, f64)>,
) -> i64 {
    Content::new()
        .number(truth.map(|truth| f64::from(u8::from(truth))))
        .number(number)
        .text(word)
        .text(reading.unit.as_deref())
        .number(place.map(|(lon, _)| lon))
        .number(place.map(|(_, lat)| lat))
        .hash()
}

fn split(result: &ReadingValue) -> Result<(Option<bool>, Option<f64>, Option<&str>)> {
    match result {
        ReadingValue::Truth(truth) => Ok((Some(*truth), None, None)),
        ReadingValue::Number(number) if number.is_finite() => Ok((None, Some(*number), None)),
        ReadingValue::Number(number) => Err(Error::invalid("result", format!("{number} is no finite number"))),
        ReadingValue::Text(word) => Ok((None, None, Some(word))),
    }
}

fn flags(flags: &[ReadingFlag]) -> Result<Option<String>> {
    if flags.is_empty() {
        return Ok(None);
    }
    serde_json::to_string(flags).map(Some).map_err(|cause| Error::invalid("flags", cause.to_string()))
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
    let result = match (row.get(9)?, row.get(10)?, row.get::<_, Option<String>>(11)?) {
        (Some(truth), ..) => ReadingValue::Truth(truth),
        (_, Some(number), _) => ReadingValue::Number(number),
        (.., Some(word)) => ReadingValue::Text(word),
        (None, None, None) => return Err(damaged("a reading without a result").into()),
    };
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
        flags: flags.map_or_else(|| Ok(Vec::new()), |text| parse_json(&text, || "a reading".to_owned()))?,
        event: row.get(3)?,
    })
}
