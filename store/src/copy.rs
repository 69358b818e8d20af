//! Moving everything from one store to another: resumable, and verified afterwards
//! by counting and hashing both.
//!
//! What is written carries its own key, so a copy that was interrupted goes on where
//! its notes say and writes nothing twice. Shapes are copied as Misto shows them:
//! heights and curves that another program stored are not.

mod digest;

use std::collections::BTreeSet;

use misto_model::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::{DocumentWrite, EventQuery, KeyedEntry, LogEntry, PositionQuery, ReadingQuery, Store};
pub use digest::{Digest, Sum};

/// Kind and key of the document in which the target notes how far a copy has come.
pub(crate) const NOTES: (&str, &str) = ("copy", "notes");
/// States of features that go into one transaction.
const STATES: usize = 4_000;
/// Rows of a series that go into one transaction.
const ROWS: usize = 10_000;
/// Entries of a log that go into one transaction.
const ENTRIES: usize = 5_000;

/// How far a copy has come; kept in the target until it is verified.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Notes {
    /// Which source, without its password.
    source: String,
    states: i64,
    positions: Option<String>,
    readings: Option<String>,
    events: Option<String>,
}

/// Told now and then: what is being copied and how many of it are done.
pub type Progress<'p> = &'p mut (dyn FnMut(&'static str, u64) + Send);

/// Copies everything from `from` to `to`, which must be empty or hold an unfinished
/// copy of the same source, and verifies it. Gives what both hold then.
///
/// # Errors
/// `Invalid` (field `to`) when the target holds something else, `Unavailable` when
/// the two differ afterwards, naming in what.
pub(crate) async fn copy(from: &Store, to: &Store, source: &str, progress: Progress<'_>) -> Result<Digest> {
    chains(from).await?;
    let mut notes = begin(to, source).await?;
    let moved = async {
        features(from, to, &mut notes, progress).await?;
        series(from, to, &mut notes, progress).await?;
        registry(from, to, progress).await
    };
    moved.await?;
    let there = Digest::of(from, "source verified", progress).await?;
    let here = Digest::of(to, "target verified", progress).await?;
    if let Some(difference) = there.difference(&here) {
        // From the beginning next time: what came meanwhile may lie anywhere.
        keep(to, &Notes { source: source.to_owned(), ..Notes::default() }).await?;
        let reason = format!(
            "the copy differs from its source in {difference}; stop Misto, then run it again; if it differs again, empty the target first"
        );
        return Err(Error::unavailable(reason, "sums differ"));
    }
    to.documents.take(NOTES.0, NOTES.1).await?;
    Ok(here)
}

/// A log that is not what was written would get a new chain in the target, and with it
/// the look of being whole.
async fn chains(from: &Store) -> Result<()> {
    for kind in from.log.kinds().await? {
        if let Some(broken) = from.log.verify(&kind).await?.broken {
            let reason = format!(
                "the log {kind} was changed by another program ({}); it is not copied as if it were whole",
                broken.reason
            );
            return Err(Error::unavailable(reason, "the chain of hashes is broken"));
        }
    }
    Ok(())
}

async fn begin(to: &Store, source: &str) -> Result<Notes> {
    if let Some(document) = to.documents.get(NOTES.0, NOTES.1).await? {
        let notes: Notes = serde_json::from_value(document.body)
            .map_err(|cause| Error::unavailable("the notes of the unfinished copy cannot be read", cause))?;
        if notes.source == source {
            return Ok(notes);
        }
        let reason = format!("holds an unfinished copy of {}; finish that or name an empty store", notes.source);
        return Err(Error::invalid("to", reason));
    }
    let kinds = to.documents.kinds().await?;
    let is_empty = to.features.collections().await?.is_empty()
        && to.series.count_positions().await? == 0
        && to.series.count_events().await? == 0
        && to.log.kinds().await?.is_empty()
        && kinds.is_empty();
    if !is_empty {
        return Err(Error::invalid("to", "holds something already: a copy needs an empty store"));
    }
    let notes = Notes { source: source.to_owned(), ..Notes::default() };
    keep(to, &notes).await?;
    Ok(notes)
}

async fn keep(to: &Store, notes: &Notes) -> Result<()> {
    let body = serde_json::to_value(notes).map_err(|cause| Error::unavailable("notes cannot be written", cause))?;
    let expected = to.documents.get(NOTES.0, NOTES.1).await?.map(|stands| stands.version);
    to.documents.put(NOTES.0, NOTES.1, expected, &body).await?;
    Ok(())
}

async fn features(from: &Store, to: &Store, notes: &mut Notes, progress: Progress<'_>) -> Result<()> {
    for collection in from.features.collections().await? {
        to.features.define(&collection).await?;
    }
    let mut done = 0;
    loop {
        let page = from.features.recorded(notes.states, STATES).await?;
        if page.upto == notes.states {
            return Ok(());
        }
        to.features.record(&page.entries).await?;
        done += page.entries.len() as u64;
        notes.states = page.upto;
        keep(to, notes).await?;
        progress("states of features", done);
    }
}

/// Pages of one series until there are no more. The note is the cursor of the page
/// that was written last; its rows are asked for again when the copy goes on.
macro_rules! series {
    ($from:ident, $to:ident, $notes:ident, $progress:ident, $what:literal, $note:ident, $ask:ident, $query:ident, $append:ident) => {{
        let mut done = 0;
        loop {
            let query = $query { after: $notes.$note.clone(), limit: ROWS, ..$query::default() };
            let page = $from.series.$ask(&query).await?;
            $to.series.$append(&page.rows).await?;
            done += page.rows.len() as u64;
            $progress($what, done);
            let Some(next) = page.next else { break };
            $notes.$note = Some(next);
            keep($to, $notes).await?;
        }
    }};
}

async fn series(from: &Store, to: &Store, notes: &mut Notes, progress: Progress<'_>) -> Result<()> {
    series!(from, to, notes, progress, "positions", positions, positions, PositionQuery, append_positions);
    series!(from, to, notes, progress, "readings", readings, readings, ReadingQuery, append_readings);
    series!(from, to, notes, progress, "events", events, events, EventQuery, append_events);
    Ok(())
}

/// Documents, log and blobs.
async fn registry(from: &Store, to: &Store, progress: Progress<'_>) -> Result<()> {
    remove_surplus(from, to).await?;
    let mut done = 0;
    for kind in from.documents.kinds().await?.into_iter().filter(|kind| kind != NOTES.0) {
        let documents = from.documents.list(&kind).await?;
        done += documents.len() as u64;
        let writes: Vec<DocumentWrite> =
            documents.into_iter().map(|document| DocumentWrite::Repeat { kind: kind.clone(), document }).collect();
        to.documents.write(&writes, &[]).await?;
        progress("documents", done);
    }
    done = 0;
    for (kind, key) in from.blobs.names().await? {
        let Some(blob) = from.blobs.get(&kind, &key).await? else { continue };
        let stands = to.blobs.get(&kind, &key).await?;
        if stands.is_none_or(|stands| stands.bytes != blob.bytes) {
            to.blobs.put(&kind, &key, &blob.bytes).await?;
        }
        done += 1;
        progress("files", done);
    }
    for kind in from.log.kinds().await? {
        log(from, to, &kind, progress).await?;
    }
    Ok(())
}

/// Documents that an earlier run copied and that have gone from the source since.
async fn remove_surplus(from: &Store, to: &Store) -> Result<()> {
    for kind in to.documents.kinds().await?.into_iter().filter(|kind| kind != NOTES.0) {
        let standing: BTreeSet<String> =
            from.documents.list(&kind).await?.into_iter().map(|document| document.key).collect();
        let surplus = to.documents.list(&kind).await?.into_iter().filter(|document| !standing.contains(&document.key));
        let removals: Vec<DocumentWrite> = surplus
            .map(|document| DocumentWrite::Remove { kind: kind.clone(), key: document.key, expected: document.version })
            .collect();
        if !removals.is_empty() {
            to.documents.write(&removals, &[]).await?;
        }
    }
    Ok(())
}

/// The entries of one kind. Those that were written before are counted, not compared.
async fn log(from: &Store, to: &Store, kind: &str, progress: Progress<'_>) -> Result<()> {
    let mut written = to.log.count(kind).await?;
    let (mut after, mut seen) = (None, 0);
    loop {
        let page = from.log.oldest(kind, after, ENTRIES).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.sequence);
        let skip = usize::try_from(written - seen.min(written)).unwrap_or(usize::MAX).min(page.len());
        seen += page.len() as u64;
        for group in alike(page.into_iter().skip(skip)) {
            written += group.len() as u64;
            append(to, kind, &group).await?;
        }
        progress("log entries", seen);
    }
}

/// Neighbours that were written at the same moment, all with a key or all without.
fn alike(entries: impl Iterator<Item = LogEntry>) -> Vec<Vec<LogEntry>> {
    let mut groups: Vec<Vec<LogEntry>> = Vec::new();
    let form = |entry: &LogEntry| (entry.at, entry.key.is_some());
    for entry in entries {
        match groups.last_mut() {
            Some(group) if group.last().map(form) == Some(form(&entry)) => group.push(entry),
            _ => groups.push(vec![entry]),
        }
    }
    groups
}

async fn append(to: &Store, kind: &str, group: &[LogEntry]) -> Result<()> {
    let Some(first) = group.first() else { return Ok(()) };
    let keyed = |entry: &LogEntry| {
        let (key, body) = (entry.key.clone()?, entry.body.clone());
        Some(KeyedEntry { key, body, told: entry.told })
    };
    match group.iter().map(keyed).collect::<Option<Vec<_>>>() {
        Some(entries) => to.log.append_once(kind, &entries, first.at, None).await.map(drop),
        None => {
            let entries: Vec<_> = group.iter().map(|entry| entry.body.clone()).collect();
            to.log.append(kind, &entries, first.at, None).await
        }
    }
}
