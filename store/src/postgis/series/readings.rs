//! Readings of sensors.

use std::collections::{BTreeMap, HashMap};

use misto_model::{DatastreamKey, Position, Reading};
use tokio_postgres::Row as SqlRow;
use tokio_postgres::types::ToSql;

use super::Tracks;
use super::names::{self, SubjectName, known_subject, locked};
use super::page::Page;
use super::positions::differing;
use crate::content::{ReadingContent, damaged};
use crate::postgis::Database;
use crate::postgis::failure::Done;
use crate::postgis::micros::{Micros, instant, precisions};
use crate::{Appended, ReadingQuery, SeriesPage};

const SERIES: &str = "reading";

/// Appends in one transaction. Sensors speak seldom: row by row where it is new.
pub(super) async fn append(tracks: &Tracks, batch: &[Reading]) -> Done<Appended> {
    if batch.is_empty() {
        return Ok(Appended::default());
    }
    let mut client = tracks.database.client().await?;
    let contents = batch.iter().map(ReadingContent::of).collect::<Result<Vec<_>, _>>()?;
    let names: Vec<SubjectName> = batch.iter().map(|reading| subject_name(&reading.datastream)).collect();
    let subjects = names::subjects(&client, &tracks.names, SERIES, &names).await?;
    let mut newest = BTreeMap::new();
    for (subject, reading) in subjects.iter().zip(batch) {
        let so_far = newest.entry(subject.id).or_insert(subject.newest);
        *so_far = reading.phenomenon_time.micros().max(*so_far);
    }
    let transaction = client.transaction().await?;
    let insert = "INSERT INTO misto_private.reading SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::bigint[],
        $5::smallint[], $6::timestamptz[], $7::boolean[], $8::double precision[], $9::text[], $10::text[],
        $11::double precision[], $12::double precision[], $13::text[]) ON CONFLICT DO NOTHING RETURNING subject, phenomenon_time, event";
    let insert = transaction.prepare_cached(insert).await?;
    let arrays: [&(dyn ToSql + Sync); 13] = [
        &subjects.iter().map(|subject| subject.id).collect::<Vec<_>>(),
        &batch.iter().map(|reading| Micros(reading.phenomenon_time.micros())).collect::<Vec<_>>(),
        &batch.iter().map(|reading| reading.event.as_str()).collect::<Vec<_>>(),
        &contents.iter().map(|content| content.hash).collect::<Vec<_>>(),
        &batch.iter().map(|reading| precisions(reading.phenomenon_time, reading.received_at)).collect::<Vec<_>>(),
        &batch.iter().map(|reading| Micros(reading.received_at.micros())).collect::<Vec<_>>(),
        &contents.iter().map(|content| content.truth).collect::<Vec<_>>(),
        &contents.iter().map(|content| content.number).collect::<Vec<_>>(),
        &contents.iter().map(|content| content.word.as_deref()).collect::<Vec<_>>(),
        &batch.iter().map(|reading| reading.unit.as_deref()).collect::<Vec<_>>(),
        &batch.iter().map(|reading| reading.position.map(|at| at.lon.degrees())).collect::<Vec<_>>(),
        &batch.iter().map(|reading| reading.position.map(|at| at.lat.degrees())).collect::<Vec<_>>(),
        &contents.iter().map(|content| content.flags.as_deref()).collect::<Vec<_>>(),
    ];
    let added = transaction.query(&insert, &arrays).await?;
    let mut by_key: HashMap<(i64, i64, String), i64> = HashMap::new();
    for row in &added {
        let (subject, time, event): (i64, Micros, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        *by_key.entry((subject, time.0, event)).or_default() += 1;
    }
    let differing = differing(&transaction, SERIES, "phenomenon_time", &by_key).await?;
    names::advance(&transaction, &newest).await?;
    transaction.commit().await?;
    let mut known = locked(&tracks.names);
    for (name, subject) in names.iter().zip(&subjects) {
        if let (Some(known), Some(newest)) = (known.subjects.get_mut(name), newest.get(&subject.id)) {
            known.newest = known.newest.max(*newest);
        }
    }
    let new = added.len() as u64;
    Ok(Appended { added: new, redelivered: batch.len() as u64 - new, differing })
}

fn subject_name(datastream: &DatastreamKey) -> SubjectName {
    SubjectName {
        series: SERIES,
        source: datastream.source.to_string(),
        owner: datastream.thing.clone(),
        name: datastream.observed_property.clone(),
    }
}

const FROM: &str = "misto_private.reading AS r JOIN misto_private.subject AS s ON s.id = r.subject";
const TOLD: &str =
    "s.source, s.owner, s.name, r.precision, r.received_at, r.truth, r.number, r.word, r.unit, r.lon, r.lat, r.flags";

/// A page of readings in the order of phenomenonTime.
pub(super) async fn page(database: &Database, query: &ReadingQuery) -> Done<SeriesPage<Reading>> {
    let mut page = Page::new(FROM, TOLD, "phenomenon_time");
    if let Some(datastream) = &query.datastream {
        let client = database.client().await?;
        match known_subject(&client, &subject_name(datastream)).await? {
            Some(id) => page.holds("r.subject", "=", id),
            None => return Ok(SeriesPage { rows: Vec::new(), next: None }),
        }
    }
    (page.from, page.to, page.after, page.limit) = (query.from, query.to, query.after.as_deref(), query.limit);
    page.read(database, read).await
}

/// The newest reading of every datastream.
pub(super) async fn latest(database: &Database) -> Done<Vec<Reading>> {
    let client = database.client().await?;
    let query = format!(
        "SELECT DISTINCT ON (r.subject) r.phenomenon_time, r.subject, r.event, r.hash, {TOLD} FROM {FROM}
         WHERE s.series = 'reading' AND s.newest = r.phenomenon_time ORDER BY r.subject, r.event DESC, r.hash DESC"
    );
    client.query(&query, &[]).await?.iter().map(read).collect()
}

fn read(row: &SqlRow) -> Done<Reading> {
    let precision: i16 = row.try_get(7)?;
    let place: (Option<f64>, Option<f64>) = (row.try_get(13)?, row.try_get(14)?);
    let position = match place {
        (Some(lon), Some(lat)) => Some(Position::new(lon, lat).map_err(damaged)?),
        _ => None,
    };
    Ok(Reading {
        datastream: DatastreamKey {
            source: row.try_get::<_, &str>(4)?.parse().map_err(damaged)?,
            thing: row.try_get(5)?,
            observed_property: row.try_get(6)?,
        },
        phenomenon_time: instant(row.try_get(0)?, precision / 10)?,
        received_at: instant(row.try_get(8)?, precision % 10)?,
        result: ReadingContent::result(row.try_get(9)?, row.try_get(10)?, row.try_get(11)?)?,
        unit: row.try_get(12)?,
        position,
        flags: ReadingContent::parse_flags(row.try_get(15)?)?,
        event: row.try_get(2)?,
    })
}
