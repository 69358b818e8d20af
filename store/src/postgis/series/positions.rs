//! Positions of vehicles.

use std::collections::{BTreeMap, HashMap};

use deadpool_postgres::{GenericClient, Transaction};
use misto_model::{Position, SourceId, VehicleKey, VehiclePosition};
use tokio_postgres::Row as SqlRow;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};

use super::Tracks;
use super::names::{self, Names, Subject, SubjectName, known_subject, locked};
use super::page::Page;
use crate::content::{PositionContent, Rest, damaged, known_word};
use crate::postgis::Database;
use crate::postgis::failure::{Done, Failure};
use crate::postgis::micros::{Micros, instant, precisions};
use crate::{Appended, PositionQuery, SeriesPage};

const SERIES: &str = "position";

/// Columns of `misto_private.position`, their types, and as arrays in SQL.
const COLUMNS: [(&str, Type, &str); 17] = [
    ("subject", Type::INT8, "bigint"),
    ("fix_time", Type::TIMESTAMPTZ, "timestamptz"),
    ("event", Type::TEXT, "text"),
    ("hash", Type::INT8, "bigint"),
    ("precision", Type::INT2, "smallint"),
    ("received_at", Type::TIMESTAMPTZ, "timestamptz"),
    ("lon", Type::FLOAT8, "double precision"),
    ("lat", Type::FLOAT8, "double precision"),
    ("journey", Type::INT8, "bigint"),
    ("speed_m_s", Type::FLOAT8, "double precision"),
    ("bearing_deg", Type::FLOAT8, "double precision"),
    ("accuracy_m", Type::FLOAT8, "double precision"),
    ("odometer_m", Type::FLOAT8, "double precision"),
    ("delay_s", Type::INT4, "integer"),
    ("doors_open", Type::BOOL, "boolean"),
    ("next_stop", Type::TEXT, "text"),
    ("rest", Type::TEXT, "text"),
];

/// A position ready to be stored.
struct Row<'a> {
    fix: &'a VehiclePosition,
    content: PositionContent,
    subject: Subject,
    journey: i64,
}

/// Appends in one transaction: what is newer than all of its subject by COPY, the
/// rest row by row where it is new.
pub(super) async fn append(tracks: &Tracks, batch: &[VehiclePosition]) -> Done<Appended> {
    if batch.is_empty() {
        return Ok(Appended::default());
    }
    let mut client = tracks.database.client().await?;
    tracks.days.make(&mut client, batch).await?;
    let contents = batch.iter().map(PositionContent::of).collect::<Result<Vec<_>, _>>()?;
    let names: Vec<SubjectName> = batch.iter().map(|fix| subject_name(&fix.vehicle)).collect();
    let subjects = names::subjects(&client, &tracks.names, SERIES, &names).await?;
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
    let mut known: std::sync::MutexGuard<'_, Names> = locked(&tracks.names);
    for (row, name) in rows.iter().zip(&names) {
        if let (Some(subject), Some(newest)) = (known.subjects.get_mut(name), newest.get(&row.subject.id)) {
            subject.newest = subject.newest.max(*newest);
        }
    }
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
    let types = COLUMNS.map(|(_, ty, _)| ty);
    let columns = COLUMNS.map(|(name, ..)| name).join(", ");
    let sink = transaction.copy_in(&format!("COPY misto_private.position ({columns}) FROM STDIN BINARY")).await?;
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
    let columns = COLUMNS.map(|(name, ..)| name).join(", ");
    let arrays: Vec<String> =
        COLUMNS.iter().enumerate().map(|(at, (_, _, name))| format!("${}::{name}[]", at + 1)).collect();
    let insert = format!(
        "INSERT INTO misto_private.position ({columns}) SELECT * FROM unnest({}) ON CONFLICT DO NOTHING
         RETURNING subject, fix_time, event",
        arrays.join(", ")
    );
    let insert = transaction.prepare_cached(&insert).await?;
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
    let added = transaction.query(&insert, &arrays).await?;
    let mut by_key: HashMap<(i64, i64, String), i64> = HashMap::new();
    for row in &added {
        let (subject, time, event): (i64, Micros, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        *by_key.entry((subject, time.0, event)).or_default() += 1;
    }
    let differing = differing(transaction, "position", "fix_time", &by_key).await?;
    let distinct = added.len() as u64;
    Ok(Appended { added: distinct, redelivered: rows.len() as u64 - distinct, differing })
}

/// Among the added rows, those whose key another row has: all of a key that stood
/// before, all but one of a key that is new.
pub(super) async fn differing(
    client: &impl GenericClient,
    series: &str,
    time: &str,
    added: &HashMap<(i64, i64, String), i64>,
) -> Done<u64> {
    if added.is_empty() {
        return Ok(0);
    }
    let keys: Vec<_> = added.keys().collect();
    let standing = format!(
        "SELECT k.place, count(*) FROM unnest($1::bigint[], $2::timestamptz[], $3::text[]) WITH ORDINALITY AS k(subject, time, event, place)
         JOIN misto_private.{series} AS r ON r.subject = k.subject AND r.{time} = k.time AND r.event = k.event GROUP BY k.place HAVING count(*) > 1"
    );
    let standing = client.prepare_cached(&standing).await?;
    let rows = client
        .query(
            &standing,
            &[
                &keys.iter().map(|key| key.0).collect::<Vec<_>>(),
                &keys.iter().map(|key| Micros(key.1)).collect::<Vec<_>>(),
                &keys.iter().map(|key| key.2.as_str()).collect::<Vec<_>>(),
            ],
        )
        .await?;
    let mut differing = 0;
    for row in rows {
        let (place, total): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        let key = usize::try_from(place - 1).ok().and_then(|at| keys.get(at));
        let added = key.and_then(|key| added.get(*key)).copied().unwrap_or(0);
        differing += if total > added { added } else { added - 1 };
    }
    Ok(u64::try_from(differing).unwrap_or(0))
}

/// Numbers of the batch's journeys; new ones are made.
async fn journeys(
    client: &impl GenericClient,
    tracks: &Tracks,
    batch: &[VehiclePosition],
    contents: &[PositionContent],
) -> Done<Vec<i64>> {
    let missing: BTreeMap<i64, (&VehiclePosition, &PositionContent)> = {
        let known = locked(&tracks.names);
        let pairs = batch.iter().zip(contents).filter(|(_, content)| !known.journeys.contains_key(&content.journey));
        pairs.map(|(fix, content)| (content.journey, (fix, content))).collect()
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

fn subject_name(vehicle: &VehicleKey) -> SubjectName {
    SubjectName {
        series: SERIES,
        source: vehicle.source().to_string(),
        owner: vehicle.operator().to_owned(),
        name: vehicle.vehicle().to_owned(),
    }
}

const FROM: &str = "misto_private.position AS r JOIN misto_private.subject AS s ON s.id = r.subject JOIN misto_private.journey AS j ON j.id = r.journey";
const TOLD: &str = "s.source, s.owner, s.name, r.precision, r.received_at, r.lon, r.lat, r.speed_m_s, r.bearing_deg,
    r.accuracy_m, r.odometer_m, r.delay_s, r.doors_open, r.next_stop, r.rest,
    j.kind, j.route, j.route_short_name, j.direction, j.headsign, j.trip_start, j.operating_day, j.plate";

/// A page of positions in the order of fix time.
pub(super) async fn page(database: &Database, query: &PositionQuery) -> Done<SeriesPage<VehiclePosition>> {
    let mut page = Page::new(FROM, TOLD, "fix_time");
    if let Some(vehicle) = &query.vehicle {
        let client = database.client().await?;
        match known_subject(&client, &subject_name(vehicle)).await? {
            Some(id) => page.holds("r.subject", "=", id),
            None => return Ok(SeriesPage { rows: Vec::new(), next: None }),
        }
    }
    if let Some(bbox) = query.bbox {
        page.holds("r.lon", ">=", bbox.west());
        page.holds("r.lon", "<=", bbox.east());
        page.holds("r.lat", ">=", bbox.south());
        page.holds("r.lat", "<=", bbox.north());
    }
    (page.from, page.to, page.after, page.limit) = (query.from, query.to, query.after.as_deref(), query.limit);
    page.read(database, read).await
}

/// The fix of greatest fix time of every vehicle.
pub(super) async fn latest(database: &Database) -> Done<Vec<VehiclePosition>> {
    let client = database.client().await?;
    let query = format!(
        "SELECT DISTINCT ON (r.subject) r.fix_time, r.subject, r.event, r.hash, {TOLD} FROM {FROM}
         WHERE s.series = 'position' AND s.newest = r.fix_time ORDER BY r.subject, r.event DESC, r.hash DESC"
    );
    client.query(&query, &[]).await?.iter().map(read).collect()
}

fn read(row: &SqlRow) -> Done<VehiclePosition> {
    let precision: i16 = row.try_get(7)?;
    let rest: Rest = Rest::parse(row.try_get(18)?)?;
    let kind: Option<&str> = row.try_get(19)?;
    let direction: Option<i16> = row.try_get(22)?;
    let source: SourceId = row.try_get::<_, &str>(4)?.parse().map_err(damaged)?;
    Ok(VehiclePosition {
        vehicle: VehicleKey::new(source, row.try_get(5)?, row.try_get(6)?).map_err(damaged)?,
        position: Position::new(row.try_get(9)?, row.try_get(10)?).map_err(damaged)?,
        fix_time: instant(row.try_get(0)?, precision / 10)?,
        received_at: instant(row.try_get(8)?, precision % 10)?,
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
