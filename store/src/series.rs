//! Series: append-only, by subject and time.

use async_trait::async_trait;
use misto_model::{Bbox, DatastreamKey, Instant, Reading, Result, VehicleKey, VehiclePosition};

/// What became of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Appended {
    /// Rows that are new.
    pub added: u64,
    /// The same key with the same content: redelivered, nothing added.
    pub redelivered: u64,
    /// Among `added`: the key was there with other content; both are kept.
    pub differing: u64,
}

/// Which positions.
#[derive(Debug, Clone, Default)]
pub struct PositionQuery {
    /// One vehicle, or all.
    pub vehicle: Option<VehicleKey>,
    /// Fix time, inclusive.
    pub from: Option<Instant>,
    /// Fix time, inclusive.
    pub to: Option<Instant>,
    /// Inside this box.
    pub bbox: Option<Bbox>,
    /// Continue after the page that gave this.
    pub after: Option<String>,
    /// At most so many.
    pub limit: usize,
}

/// Which readings.
#[derive(Debug, Clone, Default)]
pub struct ReadingQuery {
    /// One datastream, or all.
    pub datastream: Option<DatastreamKey>,
    /// phenomenonTime, inclusive.
    pub from: Option<Instant>,
    /// phenomenonTime, inclusive.
    pub to: Option<Instant>,
    /// Continue after the page that gave this.
    pub after: Option<String>,
    /// At most so many.
    pub limit: usize,
}

/// Rows in the order of their time.
#[derive(Debug, Clone)]
pub struct SeriesPage<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Ask again with this as `after`; `None` when these were the last.
    pub next: Option<String>,
}

/// Positions and readings.
///
/// The key of a position is (vehicle, fix time, event), of a reading
/// (datastream, phenomenonTime, event). The same key with the same content is a
/// redelivery and adds nothing (`received_at` is not content); with other content
/// both are kept, told apart by a hash of the content.
#[async_trait]
pub trait Series: Send + Sync {
    /// One transaction; when this returns the batch survives a crash of the process.
    async fn append_positions(&self, batch: &[VehiclePosition]) -> Result<Appended>;

    /// One transaction; when this returns the batch survives a crash of the process.
    async fn append_readings(&self, batch: &[Reading]) -> Result<Appended>;

    /// Positions in the order of fix time.
    async fn positions(&self, query: &PositionQuery) -> Result<SeriesPage<VehiclePosition>>;

    /// Readings in the order of phenomenonTime.
    async fn readings(&self, query: &ReadingQuery) -> Result<SeriesPage<Reading>>;

    /// The fix of greatest fix time of every vehicle ever known.
    async fn latest_positions(&self) -> Result<Vec<VehiclePosition>>;

    /// The newest reading of every datastream ever known.
    async fn latest_readings(&self) -> Result<Vec<Reading>>;

    /// How many positions are kept.
    async fn count_positions(&self) -> Result<u64>;

    /// Removes rows received before `before`; gives how many went.
    async fn forget_received_before(&self, before: Instant) -> Result<u64>;
}
