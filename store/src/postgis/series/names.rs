//! Numbers for what repeats: vehicles, datastreams, journeys.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deadpool_postgres::GenericClient;
use misto_model::{VehicleKey, VehiclePosition};

use crate::postgis::failure::{Done, Failure};
use crate::postgis::micros::Micros;
use crate::subject::{POSITION, SubjectName, Whose};

/// Beyond so many names the memory is emptied and filled anew from the database.
const MOST: usize = 400_000;

/// Numbers known so far. Other processes may know more; `newest` is a hint that is
/// never above the truth by more than what retention removed.
#[derive(Default)]
pub(super) struct Names {
    pub(super) subjects: HashMap<SubjectName, Subject>,
    /// Vehicles once more by their own keys: a name would be written out for every fix.
    vehicles: HashMap<VehicleKey, Subject>,
    pub(super) journeys: HashMap<i64, i64>,
}

impl Names {
    /// Empties the memory when it holds too much.
    fn trim(&mut self) {
        if self.subjects.len() + self.vehicles.len() + self.journeys.len() > MOST {
            *self = Self::default();
        }
    }
}

/// A vehicle or a datastream.
#[derive(Clone, Copy)]
pub(super) struct Subject {
    pub(super) id: i64,
    /// Its greatest time as far as this process knows, microseconds.
    pub(super) newest: i64,
}

pub(super) fn locked(names: &Mutex<Names>) -> MutexGuard<'_, Names> {
    names.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The subjects of these names, in their order; new ones are made.
pub(super) async fn subjects(
    client: &impl GenericClient,
    names: &Mutex<Names>,
    series: &'static str,
    wanted: &[SubjectName],
) -> Done<Vec<Subject>> {
    let mut missing: Vec<&SubjectName> = {
        let mut known = locked(names);
        known.trim();
        wanted.iter().filter(|name| !known.subjects.contains_key(name)).collect()
    };
    missing.sort_by_key(|name| (&name.source, &name.owner, &name.name));
    missing.dedup();
    if !missing.is_empty() {
        let column = |pick: fn(&SubjectName) -> &str| missing.iter().map(|name| pick(name)).collect::<Vec<_>>();
        let (source, owner, name) = (column(|n| &n.source), column(|n| &n.owner), column(|n| &n.name));
        let make = "INSERT INTO misto_private.subject(series, source, owner, name)
            SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING";
        client.execute(make, &[&series, &source, &owner, &name]).await?;
        let find = "SELECT s.source, s.owner, s.name, s.id, s.newest FROM misto_private.subject AS s
            JOIN unnest($2::text[], $3::text[], $4::text[]) AS w(source, owner, name)
            ON s.source = w.source AND s.owner = w.owner AND s.name = w.name WHERE s.series = $1";
        let found = client.query(find, &[&series, &source, &owner, &name]).await?;
        let mut known = locked(names);
        for row in found {
            let name = SubjectName { series, source: row.try_get(0)?, owner: row.try_get(1)?, name: row.try_get(2)? };
            let newest: Option<Micros> = row.try_get(4)?;
            let subject = Subject { id: row.try_get(3)?, newest: newest.map_or(i64::MIN, |at| at.0) };
            known.subjects.insert(name, subject);
        }
    }
    let known = locked(names);
    let found = wanted.iter().map(|name| known.subjects.get(name).copied());
    found.collect::<Option<Vec<_>>>().ok_or_else(lost)
}

fn lost() -> Failure {
    misto_model::Error::unavailable("the database lost a vehicle's name meanwhile: try again", "subject is missing")
        .into()
}

/// The vehicles of these fixes, in their order; new ones are made.
pub(super) async fn vehicles(
    client: &impl GenericClient,
    names: &Mutex<Names>,
    batch: &[Arc<VehiclePosition>],
) -> Done<Vec<Subject>> {
    let missing: BTreeSet<&VehicleKey> = {
        let mut known = locked(names);
        known.trim();
        batch.iter().map(|fix| &fix.vehicle).filter(|vehicle| !known.vehicles.contains_key(vehicle)).collect()
    };
    if !missing.is_empty() {
        let wanted: Vec<_> = missing.iter().map(|vehicle| SubjectName::from(*vehicle)).collect();
        let found = subjects(client, names, POSITION, &wanted).await?;
        let mut known = locked(names);
        known.vehicles.extend(missing.into_iter().cloned().zip(found));
    }
    let known = locked(names);
    let found = batch.iter().map(|fix| known.vehicles.get(&fix.vehicle).copied());
    found.collect::<Option<Vec<_>>>().ok_or_else(lost)
}

/// The number of a subject; `None` when it was never heard of.
pub(super) async fn known_subject(client: &impl GenericClient, series: &str, whose: &Whose) -> Done<Option<i64>> {
    let find = "SELECT id FROM misto_private.subject WHERE series = $1 AND source = $2 AND owner = $3 AND name = $4";
    let find = client.prepare_cached(find).await?;
    let found = client.query_opt(&find, &[&series, &whose.source, &whose.owner, &whose.name]).await?;
    Ok(found.map(|row| row.try_get(0)).transpose()?)
}

/// Moves the subjects' greatest times on, in the transaction of the rows. Locked in
/// the order of ids, so that two processes cannot wait for each other.
pub(super) async fn advance(client: &impl GenericClient, newest: &BTreeMap<i64, i64>) -> Done<()> {
    let ids: Vec<i64> = newest.keys().copied().collect();
    let times: Vec<Micros> = newest.values().map(|at| Micros(*at)).collect();
    let advance = "WITH told AS (SELECT * FROM unnest($1::bigint[], $2::timestamptz[]) AS t(id, newest)),
        behind AS (SELECT s.id, t.newest FROM misto_private.subject AS s JOIN told AS t USING (id)
            WHERE s.newest IS NULL OR s.newest < t.newest ORDER BY s.id FOR UPDATE OF s)
        UPDATE misto_private.subject AS s SET newest = b.newest FROM behind AS b WHERE s.id = b.id";
    let advance = client.prepare_cached(advance).await?;
    client.execute(&advance, &[&ids, &times]).await?;
    Ok(())
}

/// Keeps the greatest times in mind, once they are committed.
pub(super) fn remember(names: &Mutex<Names>, whose: &[SubjectName], newest: &BTreeMap<i64, i64>) {
    let mut known = locked(names);
    for name in whose {
        if let Some(subject) = known.subjects.get_mut(name) {
            subject.newest = newest.get(&subject.id).map_or(subject.newest, |newest| subject.newest.max(*newest));
        }
    }
}

/// [`remember`] for the vehicles of these fixes.
pub(super) fn remember_vehicles(names: &Mutex<Names>, batch: &[Arc<VehiclePosition>], newest: &BTreeMap<i64, i64>) {
    let mut known = locked(names);
    for fix in batch {
        if let Some(subject) = known.vehicles.get_mut(&fix.vehicle) {
            subject.newest = newest.get(&subject.id).map_or(subject.newest, |newest| subject.newest.max(*newest));
        }
    }
}
