//! Positions of vehicles.

use misto_model::{
    Error, FixFlag, Job, OccupancyStatus, Position, Result, SourceId, VehicleKey, VehicleKind, VehiclePosition,
};
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, Transaction, params};
use serde::{Deserialize, Serialize};

use super::content::Content;
use super::names::{Names, SubjectName};
use super::scan::{self, Scan};
use super::{differs, instants, precisions};
use crate::geopackage::failure::Done;
use crate::geopackage::parse_json;
use crate::{Appended, PositionQuery, SeriesPage};

const SERIES: &str = "position";

/// What few messages tell, as one JSON text. Names of members are part of the file's format.
#[derive(Default, Serialize, Deserialize, PartialEq)]
#[serde(default)]
struct Rest {
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<Job>,
    #[serde(skip_serializing_if = "Option::is_none")]
    occupancy: Option<OccupancyStatus>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    flags: Vec<FixFlag>,
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    extra: serde_json::Map<String, serde_json::Value>,
}

/// A position ready to be stored.
pub(crate) struct Row {
    subject: SubjectName,
    fix: VehiclePosition,
    kind: Option<String>,
    rest: Option<String>,
    journey: i64,
    hash: i64,
}

impl Row {
    /// Hashes and encodes, on the caller's thread rather than under the lock.
    pub(super) fn of(fix: &VehiclePosition) -> Result<Self> {
        let kind = fix.kind.map(|kind| word(&kind)).transpose()?;
        let journey = Content::new()
            .text(kind.as_deref())
            .text(fix.route.as_deref())
            .text(fix.route_short_name.as_deref())
            .number(fix.direction.map(f64::from))
            .text(fix.headsign.as_deref())
            .text(fix.trip_start.as_deref())
            .text(fix.operating_day.as_deref())
            .text(fix.plate.as_deref())
            .hash();
        let mut rest = Rest { job: fix.job, occupancy: fix.occupancy, flags: Vec::new(), extra: fix.extra.clone() };
        // What the message said: without the receipt and without what Misto noted.
        let said = encode(&rest)?;
        let hash = Content::new()
            .number(Some(fix.position.lon.degrees()))
            .number(Some(fix.position.lat.degrees()))
            .number(Some(f64::from_bits(journey as u64)))
            .number(fix.speed_m_s)
            .number(fix.bearing_deg)
            .number(fix.accuracy_m)
            .number(fix.odometer_m)
            .number(fix.delay_s.map(f64::from))
            .number(fix.doors_open.map(|open| f64::from(u8::from(open))))
            .text(fix.next_stop.as_deref())
            .text(said.as_deref())
            .hash();
        let rest = if fix.flags.is_empty() {
            said
        } else {
            rest.flags.clone_from(&fix.flags);
            encode(&rest)?
        };
        let subject = subject_name(&fix.vehicle);
        Ok(Self { subject, fix: fix.clone(), kind, rest, journey, hash })
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

/// `None` when there is nothing to tell.
fn encode(rest: &Rest) -> Result<Option<String>> {
    if *rest == Rest::default() {
        return Ok(None);
    }
    serde_json::to_string(rest).map(Some).map_err(|cause| Error::invalid("extra", cause.to_string()))
}

/// Appends rows in one transaction.
pub(super) fn append(transaction: &Transaction<'_>, names: &mut Names, rows: &[Row]) -> Done<Appended> {
    let mut done = Appended::default();
    let mut insert = transaction.prepare_cached(
        "INSERT INTO position VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) ON CONFLICT DO NOTHING",
    )?;
    for row in rows {
        let fix = &row.fix;
        let journey = names.journey(transaction, row.journey, || insert_journey(transaction, row))?;
        let subject = names.subject(transaction, &row.subject)?;
        let time = fix.fix_time.micros();
        let added = insert.execute(params![
            subject.id,
            time,
            fix.event,
            row.hash,
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
            row.rest,
        ])?;
        if added == 0 {
            done.redelivered += 1;
            continue;
        }
        done.added += 1;
        if time > subject.newest {
            subject.newest = time;
        } else if differs(transaction, SERIES, subject.id, time, &fix.event, row.hash)? {
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
            row.journey,
            row.kind,
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
    let rest: Rest = rest.map_or_else(|| Ok(Rest::default()), |text| parse_json(&text, || "a position".to_owned()))?;
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
        kind: kind.map(|word| known::<VehicleKind>(&word)).transpose()?,
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

pub(super) fn damaged(cause: impl std::fmt::Display) -> Error {
    Error::unavailable("a row of tracks.sqlite cannot be read", cause)
}

/// The word that a value is written as on every wire.
fn word(value: &impl Serialize) -> Result<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        other => Err(Error::invalid("kind", format!("{other:?} is no word"))),
    }
}

fn known<T: serde::de::DeserializeOwned>(word: &str) -> Done<T> {
    serde_json::from_value(word.into()).map_err(|cause| damaged(cause).into())
}
