//! Positions of vehicles.

use std::sync::Arc;

use misto_model::{Position, Result, SourceId, VehicleKey, VehiclePosition};
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, Row as SqlRow, Transaction, params};

use super::names::Names;
use super::scan::{Scan, times};
use super::tally::Tally;
use super::visits::Visit;
use crate::cells;
use crate::content::{PositionContent, Rest, damaged, known_word};
use crate::geopackage::failure::Done;
use crate::precision::precisions;
use crate::subject::{POSITION, Whose};
use crate::{Appended, PositionQuery, SeriesPage};

/// A position ready to be stored.
pub(super) struct Row {
    fix: Arc<VehiclePosition>,
    content: PositionContent,
}

impl Row {
    /// Hashes and encodes, on the caller's thread rather than under the lock.
    pub(super) fn of(fix: &Arc<VehiclePosition>) -> Result<Self> {
        Ok(Self { fix: Arc::clone(fix), content: PositionContent::of(fix)? })
    }
}

/// Appends rows in one transaction.
pub(super) fn append(transaction: &Transaction<'_>, names: &mut Names, rows: &[Row]) -> Done<Appended> {
    let mut tally = Tally::new(transaction, POSITION);
    let mut insert = transaction.prepare_cached(
        "INSERT INTO position VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) ON CONFLICT DO NOTHING",
    )?;
    for row in rows {
        let fix = &row.fix;
        let journey = names.journey(transaction, row.content.journey, || insert_journey(transaction, row))?;
        let subject = names.vehicle(transaction, &fix.vehicle)?;
        let time = fix.fix_time.micros();
        let inserted = insert.execute(params![
            subject.id,
            time,
            fix.event,
            row.content.hash,
            precisions(fix.fix_time, fix.received_at),
            fix.received_at.micros() - time,
            fix.position.lon.degrees(),
            fix.position.lat.degrees(),
            journey,
            fix.speed_m_s,
            fix.bearing_deg,
            fix.accuracy_m,
            fix.odometer_m,
            fix.delay_s,
            fix.doors_open,
            fix.next_stop,
            row.content.rest,
        ])?;
        Visit::of(time, fix.position.lon.degrees(), fix.position.lat.degrees()).note(transaction, subject)?;
        tally.row(inserted, subject, (fix.fix_time, &fix.event, row.content.hash))?;
    }
    tally.finish()
}

fn insert_journey(transaction: &Transaction<'_>, row: &Row) -> Done<i64> {
    let fix = &row.fix;
    let mut statement = transaction.prepare_cached(
        "INSERT INTO journey(hash, kind, route, route_short_name, direction, headsign, trip_start, operating_day, plate)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) RETURNING id",
    )?;
    let id = statement.query_row(
        params![
            row.content.journey,
            row.content.kind,
            fix.route,
            fix.route_short_name,
            fix.direction,
            fix.headsign,
            fix.trip_start,
            fix.operating_day,
            fix.plate
        ],
        |row| row.get(0),
    )?;
    Ok(id)
}

const JOIN: &str = "JOIN journey AS j ON j.id = r.journey";
const COLUMNS: &str =
    "s.source, s.owner, s.name, r.precision, r.received_after, r.lon, r.lat, r.speed_m_s, r.bearing_deg,
    r.accuracy_m, r.odometer_m, r.delay_s, r.doors_open, r.next_stop, r.rest,
    j.kind, j.route, j.route_short_name, j.direction, j.headsign, j.trip_start, j.operating_day, j.plate";

fn scan(whose: Whose) -> Scan {
    Scan { table: POSITION, join: JOIN, columns: COLUMNS, whose, conditions: Vec::new(), cells: None }
}

/// A page of positions in the order of fix time.
pub(super) fn page(connection: &Connection, query: &PositionQuery) -> Done<SeriesPage<VehiclePosition>> {
    let mut scan = scan(Whose::one_or_all(query.vehicle.as_ref()));
    if let Some(bbox) = query.bbox {
        scan.cells = cells::cover(&bbox);
        scan.conditions = vec![
            ("lon", ">=", Sql::Real(bbox.west())),
            ("lon", "<=", Sql::Real(bbox.east())),
            ("lat", ">=", Sql::Real(bbox.south())),
            ("lat", "<=", Sql::Real(bbox.north())),
        ];
    }
    scan.page(connection, &query.into(), read)
}

/// The newest fix of every vehicle.
pub(super) fn latest(connection: &Connection) -> Done<Vec<VehiclePosition>> {
    scan(Whose::default()).latest(connection, read)
}

fn read(row: &SqlRow<'_>) -> Done<VehiclePosition> {
    let (fix_time, received_at) = times(row)?;
    let rest: Option<String> = row.get(18)?;
    let rest = Rest::parse(rest.as_deref())?;
    let kind: Option<String> = row.get(19)?;
    let source: SourceId = row.get::<_, String>(4)?.parse().map_err(damaged)?;
    Ok(VehiclePosition {
        vehicle: VehicleKey::new(source, &row.get::<_, String>(5)?, &row.get::<_, String>(6)?).map_err(damaged)?,
        position: Position::new(row.get(9)?, row.get(10)?).map_err(damaged)?,
        fix_time,
        received_at,
        event: row.get(3)?,
        speed_m_s: row.get(11)?,
        bearing_deg: row.get(12)?,
        accuracy_m: row.get(13)?,
        odometer_m: row.get(14)?,
        delay_s: row.get(15)?,
        doors_open: row.get(16)?,
        next_stop: row.get(17)?,
        kind: kind.map(|word| known_word(&word)).transpose()?,
        route: row.get(20)?,
        route_short_name: row.get(21)?,
        direction: row.get(22)?,
        headsign: row.get(23)?,
        trip_start: row.get(24)?,
        operating_day: row.get(25)?,
        plate: row.get(26)?,
        job: rest.job,
        occupancy: rest.occupancy,
        flags: rest.flags,
        extra: rest.extra,
    })
}
