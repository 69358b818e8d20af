//! Positions of vehicles.

use misto_model::{Position, Result, SourceId, VehicleKey, VehiclePosition};
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, Transaction, params};

use super::names::{Names, SubjectName};
use super::scan::{self, Scan};
use super::{differs, instants, precisions};
use crate::content::{PositionContent, Rest, damaged, known_word};
use crate::geopackage::failure::Done;
use crate::{Appended, PositionQuery, SeriesPage};

const SERIES: &str = "position";

/// A position ready to be stored.
pub(super) struct Row {
    subject: SubjectName,
    fix: VehiclePosition,
    content: PositionContent,
}

impl Row {
    /// Hashes and encodes, on the caller's thread rather than under the lock.
    pub(super) fn of(fix: &VehiclePosition) -> Result<Self> {
        Ok(Self { subject: subject_name(&fix.vehicle), fix: fix.clone(), content: PositionContent::of(fix)? })
    }
}

fn subject_name(vehicle: &VehicleKey) -> SubjectName {
    SubjectName {
        series: SERIES,
        source: vehicle.source().to_string(),
        owner: vehicle.operator().to_owned(),
        name: vehicle.vehicle().to_owned(),
    }
}

/// Appends rows in one transaction.
pub(super) fn append(transaction: &Transaction<'_>, names: &mut Names, rows: &[Row]) -> Done<Appended> {
    let mut done = Appended::default();
    let mut insert = transaction.prepare_cached(
        "INSERT INTO position VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) ON CONFLICT DO NOTHING",
    )?;
    for row in rows {
        let fix = &row.fix;
        let journey = names.journey(transaction, row.content.journey, || insert_journey(transaction, row))?;
        let subject = names.subject(transaction, &row.subject)?;
        let time = fix.fix_time.micros();
        let added = insert.execute(params![
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
        if added == 0 {
            done.redelivered += 1;
            continue;
        }
        done.added += 1;
        if time > subject.newest {
            subject.newest = time;
        } else if differs(transaction, SERIES, subject.id, time, &fix.event, row.content.hash)? {
            done.differing += 1;
        }
    }
    scan::count(transaction, SERIES, i64::try_from(done.added).unwrap_or(i64::MAX))?;
    Ok(done)
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

/// A page of positions in the order of fix time.
pub(super) fn page(connection: &Connection, query: &PositionQuery) -> Done<SeriesPage<VehiclePosition>> {
    let subject = match &query.vehicle {
        None => None,
        Some(vehicle) => match known_subject(connection, &subject_name(vehicle))? {
            Some(id) => Some(id),
            None => return Ok(SeriesPage { rows: Vec::new(), next: None }),
        },
    };
    let (condition, parameters) = match query.bbox {
        None => ("", Vec::new()),
        Some(bbox) => (
            "AND r.lon BETWEEN ?9 AND ?10 AND r.lat BETWEEN ?11 AND ?12",
            [bbox.west(), bbox.east(), bbox.south(), bbox.north()].map(Sql::Real).to_vec(),
        ),
    };
    let scan = Scan {
        table: SERIES,
        join: JOIN,
        columns: COLUMNS,
        subject,
        condition,
        parameters,
        from: query.from,
        to: query.to,
        after: query.after.as_deref(),
        limit: query.limit,
    };
    scan.page(connection, read)
}

/// The number of a subject; `None` when it was never heard of.
pub(super) fn known_subject(connection: &Connection, name: &SubjectName) -> Done<Option<i64>> {
    let mut statement = connection
        .prepare_cached("SELECT id FROM subject WHERE series = ?1 AND source = ?2 AND owner = ?3 AND name = ?4")?;
    Ok(statement.query_row(params![name.series, name.source, name.owner, name.name], |row| row.get(0)).optional()?)
}

/// The newest fix of every vehicle.
pub(super) fn latest(connection: &Connection) -> Done<Vec<VehiclePosition>> {
    scan::latest(connection, SERIES, JOIN, COLUMNS, read)
}

fn read(row: &SqlRow<'_>) -> Done<VehiclePosition> {
    let (fix_time, received_at) = instants(row.get(0)?, row.get(8)?, row.get(7)?)?;
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
