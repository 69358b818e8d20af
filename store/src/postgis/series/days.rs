//! Partitions of positions: one for each day of fix time.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use deadpool_postgres::Client;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use misto_model::VehiclePosition;

use crate::postgis::failure::Done;
use crate::postgis::micros::Micros;

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;
/// A day gets its own partition while it is at most so many days before its receipt.
/// What comes later (recordings, wrong clocks) shares one: days are never many.
const OWN_FOR_DAYS: i64 = 30;

/// The partition that other days share.
pub(super) const SHARED: &str = "position_other";

/// Days known to have a partition.
#[derive(Default)]
pub(super) struct Days(Mutex<HashSet<i64>>);

impl Days {
    /// Makes partitions for the days of a batch where they are missing. A day whose
    /// partition cannot be made now goes to the shared one: no fix waits for it.
    pub(super) async fn make(&self, client: &mut Client, batch: &[Arc<VehiclePosition>]) -> Done<()> {
        let wanted: HashSet<i64> = {
            let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let own = batch.iter().filter_map(|fix| {
                let (day, received) = (fix.fix_time.micros().div_euclid(DAY), fix.received_at.micros().div_euclid(DAY));
                (received - OWN_FOR_DAYS..=received + 1).contains(&day).then_some(day)
            });
            own.filter(|day| !known.contains(day)).collect()
        };
        for day in wanted {
            if let Err(failure) = make_day(client, day).await {
                let error = misto_model::Error::from(failure);
                tracing::warn!(%error, day, "positions of this day go to the shared partition");
            }
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(day);
        }
        Ok(())
    }

    /// Forgets which days have a partition, because some were dropped.
    pub(super) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Whether the day of a partition was over at that moment; the shared one is no day.
pub(super) fn is_over(partition: &str, moment: Micros) -> bool {
    let Ok(moment) = Timestamp::from_microsecond(moment.0) else { return false };
    partition != SHARED && partition < name(moment.to_zoned(TimeZone::UTC).date()).as_str()
}

/// The partition of a day.
fn name(day: Date) -> String {
    format!("position_{}", day.strftime("%Y%m%d"))
}

async fn make_day(client: &mut Client, day: i64) -> Done<()> {
    let Ok(begin) = Timestamp::from_microsecond(day.saturating_mul(DAY)) else { return Ok(()) };
    let date = begin.to_zoned(TimeZone::UTC).date();
    let name = name(date);
    let transaction = client.transaction().await?;
    transaction.batch_execute("SELECT pg_advisory_xact_lock(1835627380, 2)").await?;
    let stands = format!(
        "SELECT to_regclass('misto_private.{name}') IS NOT NULL
         OR EXISTS (SELECT 1 FROM misto_private.position_other WHERE fix_time >= $1 AND fix_time < $2)"
    );
    let (from, to) = (Micros(day * DAY), Micros((day + 1) * DAY));
    let stands: bool = transaction.query_one(&stands, &[&from, &to]).await?.try_get(0)?;
    if !stands {
        // Attached, because that does not stop readers as CREATE … PARTITION OF would.
        let make = format!(
            "CREATE TABLE misto_private.{name} (LIKE misto_private.position INCLUDING ALL);
             ALTER TABLE misto_private.position ATTACH PARTITION misto_private.{name}
             FOR VALUES FROM ('{date} 00:00:00+00') TO ('{next} 00:00:00+00')",
            next = date.saturating_add(jiff::Span::new().days(1))
        );
        transaction.batch_execute(&make).await?;
    }
    transaction.commit().await?;
    Ok(())
}
