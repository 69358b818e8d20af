//! Positions, readings and events in schema `misto_private`.

mod days;
mod events;
mod names;
mod page;
mod places;
mod positions;
mod readings;
mod retention;
mod table;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use misto_model::{Event, Instant, Reading, Result, VehiclePosition};

use super::Database;
use super::failure::Done;
use super::micros::Micros;
use crate::subject::{EVENT, POSITION, READING};
use crate::{Appended, EventQuery, PositionQuery, ReadingQuery, Series, SeriesPage};
use days::Days;
use names::Names;

/// The series, with what is known of their subjects so far.
pub(super) struct Tracks {
    database: Arc<Database>,
    names: Mutex<Names>,
    days: Days,
}

impl Tracks {
    pub(super) fn new(database: Arc<Database>) -> Self {
        Self { database, names: Mutex::default(), days: Days::default() }
    }

    async fn count(&self, series: &str) -> Done<u64> {
        let client = self.database.client().await?;
        let count = format!("SELECT count(*) FROM misto_private.{series}");
        let count: i64 = client.query_one(&count, &[]).await?.try_get(0)?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    async fn forget(&self, before: Micros) -> Done<u64> {
        let mut client = self.database.client().await?;
        let mut gone = retention::forget_positions(&mut client, before).await?;
        self.days.forget();
        for series in [READING, EVENT] {
            let old = format!("DELETE FROM misto_private.{series} WHERE received_at < $1");
            gone += client.execute(&old, &[&before]).await?;
        }
        for table in [&positions::TABLE, &readings::TABLE, &events::TABLE] {
            retention::look_up_newest(&mut client, table).await?;
        }
        Ok(gone)
    }
}

#[async_trait]
impl Series for Tracks {
    async fn append_shared_positions(&self, batch: &[Arc<VehiclePosition>]) -> Result<Appended> {
        Ok(positions::append(self, batch).await?)
    }

    async fn append_readings(&self, batch: &[Reading]) -> Result<Appended> {
        Ok(readings::append(self, batch).await?)
    }

    async fn append_events(&self, batch: &[Event]) -> Result<Appended> {
        Ok(events::append(self, batch).await?)
    }

    async fn positions(&self, query: &PositionQuery) -> Result<SeriesPage<VehiclePosition>> {
        Ok(positions::page(&self.database, query).await?)
    }

    async fn readings(&self, query: &ReadingQuery) -> Result<SeriesPage<Reading>> {
        Ok(readings::page(&self.database, query).await?)
    }

    async fn events(&self, query: &EventQuery) -> Result<SeriesPage<Event>> {
        Ok(events::page(&self.database, query).await?)
    }

    async fn latest_positions(&self) -> Result<Vec<VehiclePosition>> {
        Ok(positions::latest(&self.database).await?)
    }

    async fn latest_readings(&self) -> Result<Vec<Reading>> {
        Ok(readings::latest(&self.database).await?)
    }

    async fn count_positions(&self) -> Result<u64> {
        Ok(self.count(POSITION).await?)
    }

    async fn count_events(&self) -> Result<u64> {
        Ok(self.count(EVENT).await?)
    }

    async fn forget_received_before(&self, before: Instant) -> Result<u64> {
        Ok(self.forget(Micros(before.micros())).await?)
    }

    async fn settle(&self, now: Instant) -> Result<u64> {
        let settle = async {
            let client = self.database.client().await?;
            places::settle(&client, Micros(now.micros())).await
        };
        Ok(settle.await?)
    }
}
