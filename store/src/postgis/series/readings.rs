//! Readings of sensors.

use misto_model::{DatastreamKey, Reading, Result};
use tokio_postgres::Row as SqlRow;
use tokio_postgres::types::Type;

use super::Tracks;
use super::page::{Scan, times};
use super::table::Table;
use crate::content::{ReadingContent, damaged, place};
use crate::postgis::Database;
use crate::postgis::failure::Done;
use crate::postgis::micros::Micros;
use crate::precision::precisions;
use crate::subject::{READING, SubjectName, Whose};
use crate::{Appended, ReadingQuery, SeriesPage};

pub(super) static TABLE: Table = Table {
    name: READING,
    time: "phenomenon_time",
    columns: &[
        ("subject", Type::INT8),
        ("phenomenon_time", Type::TIMESTAMPTZ),
        ("event", Type::TEXT),
        ("hash", Type::INT8),
        ("precision", Type::INT2),
        ("received_at", Type::TIMESTAMPTZ),
        ("truth", Type::BOOL),
        ("number", Type::FLOAT8),
        ("word", Type::TEXT),
        ("unit", Type::TEXT),
        ("lon", Type::FLOAT8),
        ("lat", Type::FLOAT8),
        ("flags", Type::TEXT),
    ],
};

/// Appends in one transaction. Sensors speak seldom: row by row where it is new.
pub(super) async fn append(tracks: &Tracks, batch: &[Reading]) -> Done<Appended> {
    let contents = batch.iter().map(ReadingContent::of).collect::<Result<Vec<_>>>()?;
    let whose: Vec<_> = batch.iter().map(|reading| SubjectName::from(&reading.datastream)).collect();
    let times: Vec<_> = batch.iter().map(|reading| Micros(reading.phenomenon_time.micros())).collect();
    TABLE
        .append(
            tracks,
            &whose,
            &times,
            &[
                &batch.iter().map(|reading| reading.event.as_str()).collect::<Vec<_>>(),
                &contents.iter().map(|content| content.hash).collect::<Vec<_>>(),
                &batch
                    .iter()
                    .map(|reading| precisions(reading.phenomenon_time, reading.received_at))
                    .collect::<Vec<_>>(),
                &batch.iter().map(|reading| Micros(reading.received_at.micros())).collect::<Vec<_>>(),
                &contents.iter().map(|content| content.truth).collect::<Vec<_>>(),
                &contents.iter().map(|content| content.number).collect::<Vec<_>>(),
                &contents.iter().map(|content| content.word.as_deref()).collect::<Vec<_>>(),
                &batch.iter().map(|reading| reading.unit.as_deref()).collect::<Vec<_>>(),
                &batch.iter().map(|reading| reading.position.map(|at| at.lon.degrees())).collect::<Vec<_>>(),
                &batch.iter().map(|reading| reading.position.map(|at| at.lat.degrees())).collect::<Vec<_>>(),
                &contents.iter().map(|content| content.flags.as_deref()).collect::<Vec<_>>(),
            ],
        )
        .await
}

const TOLD: &str =
    "s.source, s.owner, s.name, r.precision, r.received_at, r.truth, r.number, r.word, r.unit, r.lon, r.lat, r.flags";

/// A page of readings in the order of phenomenonTime.
pub(super) async fn page(database: &Database, query: &ReadingQuery) -> Done<SeriesPage<Reading>> {
    let whose = Whose::one_or_all(query.datastream.as_ref());
    Scan::new(&TABLE, "", TOLD, whose).page(database, &query.into(), read).await
}

/// The newest reading of every datastream.
pub(super) async fn latest(database: &Database) -> Done<Vec<Reading>> {
    Scan::new(&TABLE, "", TOLD, Whose::default()).latest(database, read).await
}

fn read(row: &SqlRow) -> Done<Reading> {
    let (phenomenon_time, received_at) = times(row)?;
    Ok(Reading {
        datastream: DatastreamKey {
            source: row.try_get::<_, &str>(4)?.parse().map_err(damaged)?,
            thing: row.try_get(5)?,
            observed_property: row.try_get(6)?,
        },
        phenomenon_time,
        received_at,
        result: ReadingContent::result(row.try_get(9)?, row.try_get(10)?, row.try_get(11)?)?,
        unit: row.try_get(12)?,
        position: place(row.try_get(13)?, row.try_get(14)?)?,
        flags: ReadingContent::parse_flags(row.try_get(15)?)?,
        event: row.try_get(2)?,
    })
}
