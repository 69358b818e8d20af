//! Repeating what another store recorded, with its versions, times, actors and reasons.

use std::collections::BTreeSet;

use deadpool_postgres::GenericClient;
use misto_model::{ChangeKind, CollectionId};
use tokio_postgres::types::ToSql;

use super::edits::{self, Row};
use super::{collections, table};
use crate::Recorded;
use crate::postgis::failure::Done;
use crate::postgis::micros::Micros;
use crate::schema::{Table, known_properties, literal, quoted};

/// Repeats the entries in order; gives how many were new.
pub(super) async fn record(client: &impl GenericClient, entries: &[Recorded]) -> Done<u64> {
    client.batch_execute("SET CONSTRAINTS ALL IMMEDIATE; SELECT misto_private.feed_lock()").await?;
    let mut new = 0;
    for run in runs(entries) {
        let Some(first) = run.first() else { continue };
        let table = table::find(client, &first.collection).await?;
        let unrecorded = unrecorded(client, &first.collection, run).await?;
        repeat(client, &table, &unrecorded).await?;
        new += unrecorded.len() as u64;
    }
    Ok(new)
}

/// Stretches of one collection in which each feature occurs once, all deleted or none.
fn runs(entries: &[Recorded]) -> Vec<&[Recorded]> {
    let mut runs = Vec::new();
    let mut rest = entries;
    while let Some(first) = rest.first() {
        let mut seen = BTreeSet::new();
        let fits = |one: &&Recorded| {
            one.collection == first.collection
                && is_delete(one) == is_delete(first)
                && seen.insert(one.entry.feature.id)
        };
        let (run, after) = rest.split_at(rest.iter().take_while(fits).count());
        runs.push(run);
        rest = after;
    }
    runs
}

fn is_delete(recorded: &Recorded) -> bool {
    recorded.entry.kind == ChangeKind::Delete
}

async fn unrecorded<'r>(
    client: &impl GenericClient,
    collection: &CollectionId,
    run: &'r [Recorded],
) -> Done<Vec<&'r Recorded>> {
    let known = "SELECT c.fid, c.version FROM misto_private.change AS c
        JOIN unnest($2::bigint[], $3::bigint[]) AS told(fid, version) ON c.fid = told.fid AND c.version = told.version
        WHERE c.collection = $1";
    let (fids, versions): (Vec<i64>, Vec<i64>) =
        run.iter().map(|one| (one.entry.feature.id.0, one.entry.feature.version.0)).unzip();
    let known = client.query(&client.prepare_cached(known).await?, &[&collection.as_str(), &fids, &versions]).await?;
    let known: BTreeSet<(i64, i64)> = known.iter().map(|row| (row.get(0), row.get(1))).collect();
    Ok(run.iter().filter(|one| !known.contains(&(one.entry.feature.id.0, one.entry.feature.version.0))).collect())
}

/// The triggers record the steps; what they said of them is put right.
async fn repeat(client: &impl GenericClient, table: &Table, run: &[&Recorded]) -> Done<()> {
    let Some(first) = run.first() else { return Ok(()) };
    let mark: i64 =
        client.query_one("SELECT coalesce(max(sequence), 0) FROM misto_private.change", &[]).await?.try_get(0)?;
    let fids: Vec<i64> = run.iter().map(|one| one.entry.feature.id.0).collect();
    let key = quoted(&table.key);
    if is_delete(first) {
        let delete = format!("DELETE FROM public.{} WHERE {key} = ANY($1::bigint[])", quoted(&table.name));
        client.execute(&client.prepare_cached(&delete).await?, &[&fids]).await?;
    } else {
        let kind = collections::kind(client, table).await?;
        let check = |one: &&Recorded| {
            let feature = &one.entry.feature;
            Row::check(table, kind, feature.geometry.clone(), &known_properties(table, &feature.properties))
        };
        let rows = run.iter().map(check).collect::<misto_model::Result<Vec<_>>>()?;
        edits::widen(client, table, &rows).await?;
        edits::put(client, table, &fids, &rows).await?;
        // New features get numbers beyond those that were repeated.
        let after = format!(
            "SELECT setval(pg_get_serial_sequence({table}, {column}), max({key})) FROM public.{name} HAVING max({key}) > 0",
            table = literal(&format!("public.{}", quoted(&table.name))),
            column = literal(&table.key),
            name = quoted(&table.name)
        );
        client.batch_execute(&after).await?;
    }
    let put_right = "UPDATE misto_private.change AS c
        SET kind = told.kind, version = told.version, at = told.at, actor = told.actor, reason = told.reason
        FROM unnest($3::bigint[], $4::text[], $5::bigint[], $6::timestamptz[], $7::text[], $8::text[])
            AS told(fid, kind, version, at, actor, reason)
        WHERE c.collection = $1 AND c.sequence > $2 AND c.fid = told.fid";
    let told: [&(dyn ToSql + Sync); 8] = [
        &table.id.as_str(),
        &mark,
        &fids,
        &run.iter().map(|one| word(one.entry.kind)).collect::<Vec<_>>(),
        &run.iter().map(|one| one.entry.feature.version.0).collect::<Vec<_>>(),
        &run.iter().map(|one| Micros(one.entry.at.micros())).collect::<Vec<_>>(),
        &run.iter().map(|one| one.entry.actor.0.as_str()).collect::<Vec<_>>(),
        &run.iter().map(|one| one.entry.reason.as_deref()).collect::<Vec<_>>(),
    ];
    client.execute(&client.prepare_cached(put_right).await?, &told).await?;
    Ok(())
}

fn word(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Insert => "insert",
        ChangeKind::Update => "update",
        ChangeKind::Delete => "delete",
    }
}
