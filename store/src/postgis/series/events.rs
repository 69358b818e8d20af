//! Events: what happened, to what, when.

use misto_model::{Event, Result};
use tokio_postgres::Row as SqlRow;
use tokio_postgres::types::Type;

use super::Tracks;
use super::page::{Scan, times};
use super::table::Table;
use crate::content::{EventContent, damaged, place};
use crate::postgis::Database;
use crate::postgis::failure::Done;
use crate::postgis::micros::Micros;
use crate::precision::precisions;
use crate::subject::{EVENT, SubjectName, Whose};
use crate::{Appended, EventQuery, SeriesPage};

pub(super) static TABLE: Table = Table {
    name: EVENT,
    time: "time",
    columns: &[
        ("subject", Type::INT8),
        ("time", Type::TIMESTAMPTZ),
        ("event", Type::TEXT),
        ("hash", Type::INT8),
        ("precision", Type::INT2),
        ("received_at", Type::TIMESTAMPTZ),
        ("lon", Type::FLOAT8),
        ("lat", Type::FLOAT8),
        ("body", Type::TEXT),
    ],
};

/// Appends in one transaction.
pub(super) async fn append(tracks: &Tracks, batch: &[Event]) -> Done<Appended> {
    let contents = batch.iter().map(EventContent::of).collect::<Result<Vec<_>>>()?;
    let whose: Vec<_> = batch.iter().map(SubjectName::from).collect();
    let times: Vec<_> = batch.iter().map(|event| Micros(event.time.micros())).collect();
    TABLE
        .append(
            tracks,
            &whose,
            &times,
            &[
                &vec![""; batch.len()],
                &contents.iter().map(|content| content.hash).collect::<Vec<_>>(),
                &batch.iter().map(|event| precisions(event.time, event.recorded_at)).collect::<Vec<_>>(),
                &batch.iter().map(|event| Micros(event.recorded_at.micros())).collect::<Vec<_>>(),
                &batch.iter().map(|event| event.position.map(|at| at.lon.degrees())).collect::<Vec<_>>(),
                &batch.iter().map(|event| event.position.map(|at| at.lat.degrees())).collect::<Vec<_>>(),
                &contents.iter().map(|content| content.body.as_str()).collect::<Vec<_>>(),
            ],
        )
        .await
}

/// A page of events in the order of their time.
pub(super) async fn page(database: &Database, query: &EventQuery) -> Done<SeriesPage<Event>> {
    let columns = "s.source, s.owner, s.name, r.precision, r.received_at, r.lon, r.lat, r.body";
    Scan::new(&TABLE, "", columns, Whose::from(query)).page(database, &query.into(), read).await
}

fn read(row: &SqlRow) -> Done<Event> {
    let (time, recorded_at) = times(row)?;
    Ok(Event {
        kind: row.try_get::<_, &str>(4)?.parse().map_err(damaged)?,
        subject: row.try_get::<_, &str>(6)?.parse().map_err(damaged)?,
        time,
        recorded_at,
        position: place(row.try_get(9)?, row.try_get(10)?)?,
        body: EventContent::parse(row.try_get(11)?)?,
    })
}
