//! Log: append-only entries by kind; the newest of a kind are kept up to a bound.

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
}

/// Audit entries and the ledger of rejected messages.
#[async_trait]
pub trait Log: Send + Sync {
    /// Appends entries of one kind in one transaction. With `keep`, older entries
    /// of the kind beyond that number are forgotten; without, all are kept.
    async fn append(&self, kind: &str, entries: &[serde_json::Value], at: Instant, keep: Option<u64>) -> Result<()>;

    /// At most `limit` entries older than `before` (newest first); `None` starts at the newest.
    async fn newest(&self, kind: &str, before: Option<i64>, limit: usize) -> Result<Vec<LogEntry>>;

    /// How many entries of the kind are kept.
    async fn count(&self, kind: &str) -> Result<u64>;
}
