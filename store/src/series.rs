//! Series: append-only, by subject and time.

use std::sync::Arc;

use async_trait::async_trait;
use misto_model::{
    Bbox, DatastreamKey, Event, EventKind, EventSubject, Instant, Reading, Result, VehicleKey, VehiclePosition,
};

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

/// Which events.
#[derive(Debug, Clone, Default)]
pub struct EventQuery {
    /// One kind, or all.
    pub kind: Option<EventKind>,
    /// What they are about, or anything.
    pub subject: Option<EventSubject>,
    /// When they happened, inclusive.
    pub from: Option<Instant>,
    /// When they happened, inclusive.
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

/// Positions, readings and events.
///
/// The key of a position is (vehicle, fix time, event), of a reading
/// (datastream, phenomenonTime, event), of an event (kind, subject, time). The same
/// key with the same content is a redelivery and adds nothing (`received_at` and
/// `recorded_at` are not content); with other content both are kept, told apart by
/// a hash of the content.
#[async_trait]
pub trait Series: Send + Sync {
    /// One transaction; when this returns the batch survives a crash of the process.
    async fn append_shared_positions(&self, batch: &[Arc<VehiclePosition>]) -> Result<Appended>;

    /// [`Series::append_shared_positions`] of fixes that nobody else holds.
    async fn append_positions(&self, batch: &[VehiclePosition]) -> Result<Appended> {
        let batch: Vec<_> = batch.iter().cloned().map(Arc::new).collect();
        self.append_shared_positions(&batch).await
    }

    /// One transaction; when this returns the batch survives a crash of the process.
    async fn append_readings(&self, batch: &[Reading]) -> Result<Appended>;

    /// One transaction; when this returns the batch survives a crash of the process.
    async fn append_events(&self, batch: &[Event]) -> Result<Appended>;

    /// Positions in the order of fix time.
    async fn positions(&self, query: &PositionQuery) -> Result<SeriesPage<VehiclePosition>>;

    /// Readings in the order of phenomenonTime.
    async fn readings(&self, query: &ReadingQuery) -> Result<SeriesPage<Reading>>;

    /// Events in the order of the time they happened.
    async fn events(&self, query: &EventQuery) -> Result<SeriesPage<Event>>;

    /// The fix of greatest fix time of every vehicle ever known.
    async fn latest_positions(&self) -> Result<Vec<VehiclePosition>>;

    /// The newest reading of every datastream ever known.
    async fn latest_readings(&self) -> Result<Vec<Reading>>;

    /// How many positions are kept.
    async fn count_positions(&self) -> Result<u64>;

    /// How many events are kept.
    async fn count_events(&self) -> Result<u64>;

    /// Removes positions and readings received before `before` and events recorded
    /// before it; gives how many went.
    async fn forget_received_before(&self, before: Instant) -> Result<u64>;

    /// Prepares days that are over for questions of place, where that is not done with
    /// each fix; gives how many days. To be called now and then; may take minutes, while
    /// nobody who appends or reads waits. What it has not done yet is found all the same.
    async fn settle(&self, now: Instant) -> Result<u64>;
}
