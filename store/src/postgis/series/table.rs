//! What the tables of all series have in common: their first columns are subject,
//! time, event and hash, and these are the key.

use std::collections::{BTreeMap, HashMap};

use deadpool_postgres::GenericClient;
use tokio_postgres::types::{ToSql, Type};

use super::Tracks;
use super::names;
use crate::Appended;
use crate::postgis::failure::Done;
use crate::postgis::micros::Micros;
use crate::subject::SubjectName;

/// One of them.
pub(super) struct Table {
    /// Name of the table and of its series.
    pub(super) name: &'static str,
    /// Column of the time that orders it.
    pub(super) time: &'static str,
    /// All columns in their order.
    pub(super) columns: &'static [(&'static str, Type)],
}

impl Table {
    /// Names of all columns, for SQL.
    pub(super) fn column_names(&self) -> String {
        self.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    /// Appends a batch in one transaction, row by row where it is new. `rest` holds the
    /// columns after subject and time as arrays, each as long as `whose`.
    pub(super) async fn append(
        &self,
        tracks: &Tracks,
        whose: &[SubjectName],
        times: &[Micros],
        rest: &[&(dyn ToSql + Sync)],
    ) -> Done<Appended> {
        if whose.is_empty() {
            return Ok(Appended::default());
        }
        let mut client = tracks.database.client().await?;
        let subjects = names::subjects(&client, &tracks.names, self.name, whose).await?;
        let ids: Vec<i64> = subjects.iter().map(|subject| subject.id).collect();
        let mut newest = BTreeMap::new();
        for (id, time) in ids.iter().zip(times) {
            let so_far = newest.entry(*id).or_insert(time.0);
            *so_far = time.0.max(*so_far);
        }
        let columns: Vec<&(dyn ToSql + Sync)> =
            [&ids as _, &times as _].into_iter().chain(rest.iter().copied()).collect();
        let transaction = client.transaction().await?;
        let done = self.insert(&transaction, whose.len(), &columns).await?;
        names::advance(&transaction, &newest).await?;
        transaction.commit().await?;
        names::remember(&tracks.names, whose, &newest);
        Ok(done)
    }

    /// Puts rows in where they are new. `columns` holds all columns as arrays of `rows` values.
    pub(super) async fn insert(
        &self,
        client: &impl GenericClient,
        rows: usize,
        columns: &[&(dyn ToSql + Sync)],
    ) -> Done<Appended> {
        let arrays: Vec<String> =
            self.columns.iter().zip(1..).map(|((_, ty), place)| format!("${place}::{}[]", ty.name())).collect();
        let insert = format!(
            "INSERT INTO misto_private.{} ({}) SELECT * FROM unnest({}) ON CONFLICT DO NOTHING RETURNING subject, {}, event",
            self.name,
            self.column_names(),
            arrays.join(", "),
            self.time
        );
        let insert = client.prepare_cached(&insert).await?;
        let added = client.query(&insert, columns).await?;
        let mut by_key: HashMap<Key, i64> = HashMap::new();
        for row in &added {
            *by_key.entry((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)).or_default() += 1;
        }
        let differing = self.differing(client, &by_key).await?;
        let new = added.len() as u64;
        Ok(Appended { added: new, redelivered: rows as u64 - new, differing })
    }

    /// Among the added rows, those whose key another row has: all of a key that stood
    /// before, all but one of a key that is new.
    async fn differing(&self, client: &impl GenericClient, added: &HashMap<Key, i64>) -> Done<u64> {
        if added.is_empty() {
            return Ok(0);
        }
        let standing = format!(
            "SELECT k.place, count(*) FROM unnest($1::bigint[], $2::timestamptz[], $3::text[]) WITH ORDINALITY AS k(subject, time, event, place)
             JOIN misto_private.{} AS r ON r.subject = k.subject AND r.{} = k.time AND r.event = k.event GROUP BY k.place HAVING count(*) > 1",
            self.name, self.time
        );
        let standing = client.prepare_cached(&standing).await?;
        let keys: Vec<_> = added.keys().collect();
        let subjects: Vec<i64> = keys.iter().map(|key| key.0).collect();
        let times: Vec<Micros> = keys.iter().map(|key| key.1).collect();
        let events: Vec<&str> = keys.iter().map(|key| key.2.as_str()).collect();
        let mut differing = 0;
        for row in client.query(&standing, &[&subjects, &times, &events]).await? {
            let (place, total): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
            let key = usize::try_from(place - 1).ok().and_then(|at| keys.get(at));
            let added = key.and_then(|key| added.get(*key)).copied().unwrap_or(0);
            differing += if total > added { added } else { added - 1 };
        }
        Ok(u64::try_from(differing).unwrap_or(0))
    }
}

/// Subject, time, event.
type Key = (i64, Micros, String);
