//! `tracks.sqlite`: positions, readings and events.
//!
//! Rows are clustered by subject and time. Appending looks for the same key only
//! where a fix is not newer than all known of its subject.

mod events;
mod names;
mod positions;
mod readings;
mod scan;
mod tally;
mod visits;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use misto_model::{Event, Instant, Reading, Result, VehiclePosition};
use rusqlite::{Connection, Transaction};

use crate::geopackage::failure::Done;
use crate::geopackage::file::{File, Layout};
use crate::geopackage::pool::Pool;
use crate::subject::{EVENT, POSITION};
use crate::{Appended, EventQuery, PositionQuery, ReadingQuery, Series, SeriesPage};
use names::Names;

static LAYOUT: Layout = Layout {
    steps: &[include_str!("tracks.sql"), include_str!("tracks_2.sql"), include_str!("tracks_3.sql")],
    private: true,
    claim: crate::geopackage::claim_own,
    prepare,
};

/// The opened file. It tells where staff's vehicles were, so only its owner may read it.
pub(super) struct Tracks {
    writer: Pool,
    readers: Pool,
    names: Arc<Mutex<Names>>,
}

impl Tracks {
    /// See [`File::look`].
    pub(super) fn look(path: &Path) -> Result<()> {
        File::look(path, &LAYOUT)
    }

    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = Arc::new(File::open(path, &LAYOUT)?);
        let patience = Duration::from_secs(10);
        Ok(Self {
            writer: Pool::new(Arc::clone(&file), 1, patience),
            readers: Pool::new(file, 2, patience),
            names: Arc::default(),
        })
    }

    /// A write transaction with the names that are known so far.
    async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Transaction<'_>, &mut Names) -> Done<T> + Send + 'static,
    ) -> Result<T> {
        let shared = Arc::clone(&self.names);
        let work = move |transaction: &Transaction<'_>| {
            // Taken out meanwhile: when the transaction fails, what it named is forgotten with it.
            let mut names = std::mem::take(&mut *shared.lock().unwrap_or_else(PoisonError::into_inner));
            names.refresh(transaction)?;
            let value = job(transaction, &mut names)?;
            Ok((value, names))
        };
        let (value, names) = self.writer.transact(work).await?;
        *self.names.lock().unwrap_or_else(PoisonError::into_inner) = names;
        Ok(value)
    }
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    // 2 KB pages: a batch touches one page for each vehicle, so small pages halve what is written.
    connection.pragma_update(None, "page_size", 2_048)?;
    connection.pragma_update(None, "wal_autocheckpoint", 16_384)?;
    connection.pragma_update(None, "cache_size", -16_000)
}

#[async_trait]
impl Series for Tracks {
    async fn append_shared_positions(&self, batch: &[Arc<VehiclePosition>]) -> Result<Appended> {
        let rows = batch.iter().map(positions::Row::of).collect::<Result<Vec<_>>>()?;
        self.write(move |transaction, names| positions::append(transaction, names, &rows)).await
    }

    async fn append_readings(&self, batch: &[Reading]) -> Result<Appended> {
        let rows = batch.to_vec();
        self.write(move |transaction, names| readings::append(transaction, names, &rows)).await
    }

    async fn append_events(&self, batch: &[Event]) -> Result<Appended> {
        let rows = batch.to_vec();
        self.write(move |transaction, names| events::append(transaction, names, &rows)).await
    }

    async fn positions(&self, query: &PositionQuery) -> Result<SeriesPage<VehiclePosition>> {
        let query = query.clone();
        self.readers.snapshot(move |connection| positions::page(connection, &query)).await
    }

    async fn readings(&self, query: &ReadingQuery) -> Result<SeriesPage<Reading>> {
        let query = query.clone();
        self.readers.snapshot(move |connection| readings::page(connection, &query)).await
    }

    async fn events(&self, query: &EventQuery) -> Result<SeriesPage<Event>> {
        let query = query.clone();
        self.readers.snapshot(move |connection| events::page(connection, &query)).await
    }

    async fn latest_positions(&self) -> Result<Vec<VehiclePosition>> {
        self.readers.snapshot(|connection| positions::latest(connection)).await
    }

    async fn latest_readings(&self) -> Result<Vec<Reading>> {
        self.readers.snapshot(|connection| readings::latest(connection)).await
    }

    async fn count_positions(&self) -> Result<u64> {
        self.readers.snapshot(|connection| tally::total(connection, POSITION)).await
    }

    async fn count_events(&self) -> Result<u64> {
        self.readers.snapshot(|connection| tally::total(connection, EVENT)).await
    }

    async fn forget_received_before(&self, before: Instant) -> Result<u64> {
        let subjects = self.readers.snapshot(|connection| tally::subjects(connection)).await?;
        let mut gone = 0;
        // One subject a transaction, so that ingest gets its turn in between.
        for (subject, series) in subjects {
            gone += self
                .write(move |transaction, names| {
                    names.forget_newest();
                    tally::forget(transaction, &series, subject, before.micros())
                })
                .await?;
        }
        let days = self.readers.snapshot(move |connection| visits::days_before(connection, before.micros())).await?;
        for day in days {
            self.write(move |transaction, names| {
                names.forget_newest();
                visits::forget(transaction, day)
            })
            .await?;
        }
        Ok(gone)
    }

    async fn settle(&self, _now: Instant) -> Result<u64> {
        // Every fix is found by its place from the beginning.
        Ok(0)
    }
}
