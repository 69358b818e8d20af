//! Events: what happened, to what, when.

use misto_model::Event;
use rusqlite::{Connection, Row as SqlRow, Transaction, params};

use super::names::Names;
use super::scan::{Scan, times};
use super::tally::Tally;
use crate::content::{EventContent, damaged, place};
use crate::geopackage::failure::Done;
use crate::precision::precisions;
use crate::subject::{EVENT, SubjectName, Whose};
use crate::{Appended, EventQuery, SeriesPage};

/// Appends events in one transaction.
pub(super) fn append(transaction: &Transaction<'_>, names: &mut Names, rows: &[Event]) -> Done<Appended> {
    let mut tally = Tally::new(transaction, EVENT);
    let mut insert = transaction
        .prepare_cached("INSERT INTO event VALUES (?1, ?2, '', ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING")?;
    for event in rows {
        let content = EventContent::of(event)?;
        let subject = names.subject(transaction, &SubjectName::from(event))?;
        let inserted = insert.execute(params![
            subject.id,
            event.time.micros(),
            content.hash,
            precisions(event.time, event.recorded_at),
            event.recorded_at.micros() - event.time.micros(),
            event.position.map(|at| at.lon.degrees()),
            event.position.map(|at| at.lat.degrees()),
            content.body,
        ])?;
        tally.row(inserted, subject, (event.time, "", content.hash))?;
    }
    tally.finish()
}

/// A page of events in the order of their time.
pub(super) fn page(connection: &Connection, query: &EventQuery) -> Done<SeriesPage<Event>> {
    let columns = "s.source, s.owner, s.name, r.precision, r.received_after, r.lon, r.lat, r.body";
    let whose = Whose::from(query);
    let scan = Scan { table: EVENT, join: "", columns, whose, conditions: Vec::new(), cells: None };
    scan.page(connection, &query.into(), read)
}

fn read(row: &SqlRow<'_>) -> Done<Event> {
    let (time, recorded_at) = times(row)?;
    Ok(Event {
        kind: row.get::<_, String>(4)?.parse().map_err(damaged)?,
        subject: row.get::<_, String>(6)?.parse().map_err(damaged)?,
        time,
        recorded_at,
        position: place(row.get(9)?, row.get(10)?)?,
        body: EventContent::parse(&row.get::<_, String>(11)?)?,
    })
}
