//! Positions of vehicles.

use std::collections::BTreeMap;
use std::sync::Arc;

use deadpool_postgres::{GenericClient, Transaction};
use misto_model::{Position, SourceId, VehicleKey, VehiclePosition};
use tokio_postgres::Row as SqlRow;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};

use super::Tracks;
use super::names::{self, Subject, locked};
use super::page::{Scan, times};
use super::table::Table;
use crate::cells;
use crate::content::{PositionContent, Rest, damaged, known_word};
use crate::postgis::Database;
use crate::postgis::failure::{Done, Failure};
use crate::postgis::micros::Micros;
use crate::precision::precisions;
use crate::subject::{POSITION, Whose};
use crate::{Appended, PositionQuery, SeriesPage};

pub(super) static TABLE: Table = Table {
    name: POSITION,
    time: "fix_time",
    columns: &[
        ("subject", Type::INT8),
        ("fix_time", Type::TIMESTAMPTZ),
        ("event", Type::TEXT),
        ("hash", Type::INT8),
        ("precision", Type::INT2),
        ("received_at", Type::TIMESTAMPTZ),
        ("lon", Type::FLOAT8),
        ("lat", Type::FLOAT8),
        ("journey", Type::INT8),
        ("speed_m_s", Type::FLOAT8),
        ("bearing_deg", Type::FLOAT8),
        ("accuracy_m", Type::FLOAT8),
        ("odometer_m", Type::FLOAT8),
        ("delay_s", Type::INT4),
        ("doors_open", Type::BOOL),
        ("next_stop", Type::TEXT),
        ("rest", Type::TEXT),
    ],
};

/// A position ready to be stored.
struct Row<'a> {
    fix: &'a VehiclePosition,
    content: PositionContent,
    subject: Subject,
    journey: i64,
}

/// Appends in one transaction: what is newer than all of its subject by COPY, the
/// rest row by row where it is new.
pub(super) async fn append(tracks: &Tracks, batch: &[Arc<VehiclePosition>]) -> Done<Appended> {
    if batch.is_empty() {
        return Ok(Appended::default());
    }
    let mut client = tracks.database.client().await?;
    tracks.days.make(&mut client, batch).await?;
    let contents = batch.iter().map(|fix| PositionContent::of(fix)).collect::<Result<Vec<_>, _>>()?;
    let subjects = names::vehicles(&client, &tracks.names, batch).await?;
    let journeys = journeys(&client, tracks, batch, &contents).await?;
    let rows: Vec<Row<'_>> = batch
        .iter()
        .zip(contents)
        .zip(subjects)
        .zip(journeys)
        .map(|(((fix, content), subject), journey)| Row { fix, content, subject, journey })
        .collect();
    let (newer, others, newest) = sift(&rows);
    let transaction = client.transaction().await?;
    let copied = copy(&transaction, &newer).await;
    let done = match copied {
        Ok(()) => {
            let mut done = insert(&transaction, &others).await?;
            done.added += newer.len() as u64;
            names::advance(&transaction, &newest).await?;
            transaction.commit().await?;
            done
        }
        // Another process knew more than this one: row by row then.
        Err(failure) if failure.is_duplicate() => {
            transaction.rollback().await?;
            let transaction = client.transaction().await?;
            let done = insert(&transaction, &rows.iter().collect::<Vec<_>>()).await?;
            names::advance(&transaction, &newest).await?;
            transaction.commit().await?;
            done
        }
        Err(failure) => return Err(failure),
    };
    names::remember_vehicles(&tracks.names, batch, &newest);
    Ok(done)
}

/// Rows newer than all known of their subject, the others, and the subjects' new greatest times.
fn sift<'a, 'b>(rows: &'a [Row<'b>]) -> (Vec<&'a Row<'b>>, Vec<&'a Row<'b>>, BTreeMap<i64, i64>) {
    let (mut newer, mut others, mut newest) = (Vec::new(), Vec::new(), BTreeMap::new());
    for row in rows {
        let time = row.fix.fix_time.micros();
        let so_far = newest.entry(row.subject.id).or_insert(row.subject.newest);
        if time > *so_far {
            *so_far = time;
            newer.push(row);
        } else {
            others.push(row);
        }
    }
    newest.retain(|_, at| *at != i64::MIN);
    (newer, others, newest)
}

async fn copy(transaction: &Transaction<'_>, rows: &[&Row<'_>]) -> Done<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let types: Vec<Type> = TABLE.columns.iter().map(|(_, ty)| ty.clone()).collect();
    let columns = TABLE.column_names();
    let copy = format!("COPY misto_private.position ({columns}) FROM STDIN BINARY");
    let sink = transaction.copy_in(&transaction.prepare_cached(&copy).await?).await?;
    let writer = BinaryCopyInWriter::new(sink, &types);
    futures::pin_mut!(writer);
    for row in rows {
        let fix = row.fix;
        let direct: [&(dyn ToSql + Sync); 17] = [
            &row.subject.id,
            &Micros(fix.fix_time.micros()),
            &fix.event,
            &row.content.hash,
            &precisions(fix.fix_time, fix.received_at),
            &Micros(fix.received_at.micros()),
            &fix.position.lon.degrees(),
            &fix.position.lat.degrees(),
            &row.journey,
            &fix.speed_m_s,
            &fix.bearing_deg,
            &fix.accuracy_m,
            &fix.odometer_m,
            &fix.delay_s,
            &fix.doors_open,
            &fix.next_stop,
            &row.content.rest,
        ];
        writer.as_mut().write(&direct).await?;
    }
    writer.finish().await?;
    Ok(())
}

async fn insert(transaction: &Transaction<'_>, rows: &[&Row<'_>]) -> Done<Appended> {
    if rows.is_empty() {
        return Ok(Appended::default());
    }
    let of = |pick: fn(&VehiclePosition) -> Option<f64>| rows.iter().map(|row| pick(row.fix)).collect::<Vec<_>>();
    let arrays: [&(dyn ToSql + Sync); 17] = [
        &rows.iter().map(|row| row.subject.id).collect::<Vec<_>>(),
        &rows.iter().map(|row| Micros(row.fix.fix_time.micros())).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.fix.event.as_str()).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.content.hash).collect::<Vec<_>>(),
        &rows.iter().map(|row| precisions(row.fix.fix_time, row.fix.received_at)).collect::<Vec<_>>(),
        &rows.iter().map(|row| Micros(row.fix.received_at.micros())).collect::<Vec<_>>(),
        &of(|fix| Some(fix.position.lon.degrees())),
        &of(|fix| Some(fix.position.lat.degrees())),
        &rows.iter().map(|row| row.journey).collect::<Vec<_>>(),
        &of(|fix| fix.speed_m_s),
        &of(|fix| fix.bearing_deg),
        &of(|fix| fix.accuracy_m),
        &of(|fix| fix.odometer_m),
        &rows.iter().map(|row| row.fix.delay_s).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.fix.doors_open).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.fix.next_stop.as_deref()).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.content.rest.as_deref()).collect::<Vec<_>>(),
    ];
    TABLE.insert(transaction, rows.len(), &arrays).await
}

/// Numbers of the batch's journeys; new ones are made.
async fn journeys(
    client: &impl GenericClient,
    tracks: &Tracks,
    batch: &[Arc<VehiclePosition>],
    contents: &[PositionContent],
) -> Done<Vec<i64>> {
    let missing: BTreeMap<i64, (&VehiclePosition, &PositionContent)> = {
        let known = locked(&tracks.names);
        let pairs = batch.iter().zip(contents).filter(|(_, content)| !known.journeys.contains_key(&content.journey));
        pairs.map(|(fix, content)| (content.journey, (fix.as_ref(), content))).collect()
    };
    if !missing.is_empty() {
        let make = "INSERT INTO misto_private.journey(hash, kind, route, route_short_name, direction, headsign, trip_start, operating_day, plate)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
        let make = client.prepare_cached(make).await?;
        for (hash, (fix, content)) in &missing {
            let direction = fix.direction.map(i16::from);
            let told: [&(dyn ToSql + Sync); 9] = [
                hash,
                &content.kind,
                &fix.route,
                &fix.route_short_name,
                &direction,
                &fix.headsign,
                &fix.trip_start,
                &fix.operating_day,
                &fix.plate,
            ];
            client.execute(&make, &told).await?;
        }
        let hashes: Vec<i64> = missing.keys().copied().collect();
        let found = client.query("SELECT hash, id FROM misto_private.journey WHERE hash = ANY($1)", &[&hashes]).await?;
        let mut known = locked(&tracks.names);
        for row in found {
            known.journeys.insert(row.try_get(0)?, row.try_get(1)?);
        }
    }
    let known = locked(&tracks.names);
    let found = contents.iter().map(|content| known.journeys.get(&content.journey).copied());
    found.collect::<Option<Vec<_>>>().ok_or_else(|| Failure::Told(damaged("a journey is missing")))
}

const JOIN: &str = "JOIN misto_private.journey AS j ON j.id = r.journey";
const TOLD: &str = "s.source, s.owner, s.name, r.precision, r.received_at, r.lon, r.lat, r.speed_m_s, r.bearing_deg,
    r.accuracy_m, r.odometer_m, r.delay_s, r.doors_open, r.next_stop, r.rest,
    j.kind, j.route, j.route_short_name, j.direction, j.headsign, j.trip_start, j.operating_day, j.plate";

/// A page of positions in the order of fix time.
pub(super) async fn page(database: &Database, query: &PositionQuery) -> Done<SeriesPage<VehiclePosition>> {
    let mut scan = Scan::new(&TABLE, JOIN, TOLD, Whose::one_or_all(query.vehicle.as_ref()));
    if let Some(bbox) = query.bbox {
        scan.holds("r.lon", ">=", bbox.west());
        scan.holds("r.lon", "<=", bbox.east());
        scan.holds("r.lat", ">=", bbox.south());
        scan.holds("r.lat", "<=", bbox.north());
        if let Some(cells) = cells::cover(&bbox) {
            scan.is_among(cells::CELL, cells);
        }
    }
    scan.page(database, &query.into(), read).await
}

/// The fix of greatest fix time of every vehicle.
pub(super) async fn latest(database: &Database) -> Done<Vec<VehiclePosition>> {
    Scan::new(&TABLE, JOIN, TOLD, Whose::default()).latest(database, read).await
}

fn read(row: &SqlRow) -> Done<VehiclePosition> {
    let (fix_time, received_at) = times(row)?;
    let rest: Rest = Rest::parse(row.try_get(18)?)?;
    let kind: Option<&str> = row.try_get(19)?;
    let direction: Option<i16> = row.try_get(22)?;
    let source: SourceId = row.try_get::<_, &str>(4)?.parse().map_err(damaged)?;
    Ok(VehiclePosition {
        vehicle: VehicleKey::new(source, row.try_get(5)?, row.try_get(6)?).map_err(damaged)?,
        position: Position::new(row.try_get(9)?, row.try_get(10)?).map_err(damaged)?,
        fix_time,
        received_at,
        event: row.try_get(2)?,
        speed_m_s: row.try_get(11)?,
        bearing_deg: row.try_get(12)?,
        accuracy_m: row.try_get(13)?,
        odometer_m: row.try_get(14)?,
        delay_s: row.try_get(15)?,
        doors_open: row.try_get(16)?,
        next_stop: row.try_get(17)?,
        kind: kind.map(known_word).transpose()?,
        route: row.try_get(20)?,
        route_short_name: row.try_get(21)?,
        direction: direction.and_then(|direction| u8::try_from(direction).ok()),
        headsign: row.try_get(23)?,
        trip_start: row.try_get(24)?,
        operating_day: row.try_get(25)?,
        plate: row.try_get(26)?,
        job: rest.job,
        occupancy: rest.occupancy,
        flags: rest.flags,
        extra: rest.extra,
    })
}
