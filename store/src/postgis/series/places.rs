//! Questions of place: a day that is over gets an index by cell of the map and time.
//!
//! Not while it is being written: every fix would pay for one more index, and what is
//! asked of today is usually a short stretch of time.

use deadpool_postgres::Client;

use super::days::{SHARED, is_over};
use crate::cells::CELL;
use crate::postgis::failure::Done;
use crate::postgis::micros::Micros;

/// A day is indexed when it was over so many microseconds ago: most late fixes have come.
const REST: i64 = 3_600_000_000;

/// Partitions without a whole index of places, and whether the beginning of one stands there.
const BARE: &str = "SELECT c.relname, x.oid IS NOT NULL FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
    LEFT JOIN pg_class AS x ON x.relnamespace = c.relnamespace AND x.relname = c.relname || '_place'
    LEFT JOIN pg_index AS n ON n.indexrelid = x.oid
    WHERE i.inhparent = 'misto_private.position'::regclass AND NOT coalesce(n.indisvalid, false) ORDER BY 1";

/// Indexes the days that are over; gives how many. Nobody who writes or reads waits for it.
pub(super) async fn settle(client: &Client, now: Micros) -> Done<u64> {
    let mut settled = 0;
    for row in client.query(BARE, &[]).await? {
        let (partition, is_begun): (&str, bool) = (row.try_get(0)?, row.try_get(1)?);
        if partition != SHARED && !is_over(partition, Micros(now.0 - REST)) {
            continue;
        }
        // It waits for all who have the partition open, so longer than a request may.
        client.batch_execute("SET lock_timeout = '60s'").await?;
        let indexed = index(client, partition, is_begun).await;
        client.batch_execute("RESET lock_timeout").await?;
        match indexed {
            Ok(()) => settled += 1,
            Err(failure) if failure.is_lock() => {
                tracing::info!(partition, "this day is in use: it is indexed by place next time");
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(settled)
}

async fn index(client: &Client, partition: &str, is_begun: bool) -> Done<()> {
    if is_begun {
        // A build that was interrupted leaves an index that nobody reads.
        client.batch_execute(&format!("DROP INDEX CONCURRENTLY IF EXISTS misto_private.{partition}_place")).await?;
    }
    let make = format!(
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS {partition}_place ON misto_private.{partition} ({CELL}, fix_time)"
    );
    client.batch_execute(&make).await?;
    // How many fixes a cell holds, which the planner cannot guess.
    client.batch_execute(&format!("ANALYZE misto_private.{partition}")).await?;
    Ok(())
}
