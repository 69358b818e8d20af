//! Log: append-only entries by kind; the newest of a kind are kept up to a bound.

use std::collections::HashMap;

use async_trait::async_trait;
use misto_model::{Instant, Result};

/// One entry.
#[derive(Debug, Clone, PartialEq)]
pub struct LogEntry {
    /// Grows with every entry.
    pub sequence: i64,
    /// When it was written.
    pub at: Instant,
    /// What it says.
    pub body: serde_json::Value,
    /// BLAKE3 over the hash of the entry before it of its kind and what it says;
    /// `None` for entries that are older than the chain.
    pub hash: Option<[u8; 32]>,
    /// What it is known by; `None` when it was appended without.
    pub key: Option<String>,
    /// How often it was told: 1, and more when its key was told again. Neither this nor
    /// the key is part of the hash.
    pub told: u64,
}

/// An entry that may be told more than once, see [`Log::append_once`].
#[derive(Debug, Clone)]
pub struct KeyedEntry {
    /// What it is known by among the entries of its kind.
    pub key: String,
    /// What it says.
    pub body: serde_json::Value,
    /// How often it is told with this.
    pub told: u64,
}

/// Entries of one kind to be appended.
#[derive(Debug, Clone)]
pub struct LogWrite {
    /// Which log.
    pub kind: String,
    /// What they say, oldest first.
    pub entries: Vec<serde_json::Value>,
    /// When they were written.
    pub at: Instant,
    /// Older entries of the kind beyond this number are forgotten; `None` keeps all.
    pub keep: Option<u64>,
}

/// Entries of one kind as they are stored.
pub(crate) struct Batch {
    pub(crate) kind: String,
    /// Oldest first; no two have the same key.
    pub(crate) lines: Vec<Line>,
    pub(crate) at: Instant,
    pub(crate) keep: Option<i64>,
}

/// One entry of a batch.
pub(crate) struct Line {
    /// JSON text.
    pub(crate) body: String,
    pub(crate) key: Option<String>,
    pub(crate) told: i64,
}

impl Batch {
    pub(crate) fn new(kind: &str, entries: &[serde_json::Value], at: Instant, keep: Option<u64>) -> Self {
        let line = |entry: &serde_json::Value| Line { body: entry.to_string(), key: None, told: 1 };
        Self::of(kind, entries.iter().map(line).collect(), at, keep)
    }

    /// Of entries with keys; the first of a key says what it is, all count.
    pub(crate) fn once(kind: &str, entries: &[KeyedEntry], at: Instant, keep: Option<u64>) -> Self {
        let (mut lines, mut places) = (Vec::<Line>::with_capacity(entries.len()), HashMap::new());
        for entry in entries {
            let told = i64::try_from(entry.told).unwrap_or(i64::MAX);
            let place = *places.entry(&entry.key).or_insert(lines.len());
            match lines.get_mut(place) {
                Some(line) => line.told = line.told.saturating_add(told),
                None => lines.push(Line { body: entry.body.to_string(), key: Some(entry.key.clone()), told }),
            }
        }
        Self::of(kind, lines, at, keep)
    }

    fn of(kind: &str, lines: Vec<Line>, at: Instant, keep: Option<u64>) -> Self {
        let keep = keep.map(|keep| i64::try_from(keep).unwrap_or(i64::MAX));
        Self { kind: kind.to_owned(), lines, at, keep }
    }
}

impl From<&LogWrite> for Batch {
    fn from(write: &LogWrite) -> Self {
        Self::new(&write.kind, &write.entries, write.at, write.keep)
    }
}

/// What became of a kind's chain of hashes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chain {
    /// Entries from the oldest kept on that follow from one another.
    pub in_order: u64,
    /// Entries older than the chain: written before the store kept hashes.
    pub unchained: u64,
    /// Where it does not hold; `None` when all is in order.
    pub broken: Option<Broken>,
}

/// Where a chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The first entry that is not in order; `None` when the newest are missing.
    pub sequence: Option<i64>,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// Audit entries and the ledger of rejected messages. The entries of a kind are a
/// chain of hashes, whoever appends.
#[async_trait]
pub trait Log: Send + Sync {
    /// Appends entries of one kind in one transaction. With `keep`, older entries
    /// of the kind beyond that number are forgotten; without, all are kept.
    async fn append(&self, kind: &str, entries: &[serde_json::Value], at: Instant, keep: Option<u64>) -> Result<()>;

    /// [`Log::append`] of entries that may be told more than once: one whose key an entry
    /// of the kind has already adds nothing and is counted there ([`LogEntry::told`]).
    /// With an entry that is forgotten its key is forgotten too. Gives how many are new.
    async fn append_once(&self, kind: &str, entries: &[KeyedEntry], at: Instant, keep: Option<u64>) -> Result<u64>;

    /// At most `limit` entries older than `before` (newest first); `None` starts at the newest.
    async fn newest(&self, kind: &str, before: Option<i64>, limit: usize) -> Result<Vec<LogEntry>>;

    /// At most `limit` entries newer than `after` (oldest first); `None` starts at the oldest.
    async fn oldest(&self, kind: &str, after: Option<i64>, limit: usize) -> Result<Vec<LogEntry>>;

    /// All kinds of which there is an entry, in order.
    async fn kinds(&self) -> Result<Vec<String>>;

    /// How many entries of the kind are kept.
    async fn count(&self, kind: &str) -> Result<u64>;

    /// Computes the chain of a kind anew, from the oldest entry kept to the newest:
    /// an entry that was changed, removed or inserted by anything but `append` is
    /// noticed. Somebody who may write the whole store can write a whole new chain:
    /// keep a hash elsewhere to notice that.
    async fn verify(&self, kind: &str) -> Result<Chain>;
}
