//! Retention: what was received before a moment goes, a whole day at once where all of it does.
//!
//! Vehicles go on sending meanwhile, also late fixes of the days that go. A day is
//! emptied under a lock of that day alone, after a second look; its empty table is
//! dropped under a short lock of all. What cannot be locked now goes next time.

use deadpool_postgres::{Client, GenericClient};

use super::days::{SHARED, is_over};
use super::table::Table;
use crate::postgis::failure::Done;
use crate::postgis::micros::Micros;

/// Removes positions received before; gives how many.
pub(super) async fn forget_positions(client: &mut Client, before: Micros) -> Done<u64> {
    let partitions = "SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'misto_private.position'::regclass ORDER BY 1";
    let mut gone = 0;
    for row in client.query(partitions, &[]).await? {
        let partition: &str = row.try_get(0)?;
        match forget_in(client, partition, before).await {
            Ok(rows) => gone += rows,
            Err(failure) if failure.is_lock() => {
                tracing::info!(partition, "old positions are being read or written: they are removed next time");
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(gone)
}

async fn forget_in(client: &mut Client, partition: &str, before: Micros) -> Done<u64> {
    let Contents { old, newer } = look(client, partition, before).await?;
    let mut gone = 0;
    if old > 0 && (newer > 0 || partition == SHARED) {
        let delete = format!("DELETE FROM misto_private.{partition} WHERE received_at < $1");
        return Ok(client.execute(&delete, &[&before]).await?);
    }
    if old > 0 {
        gone = empty(client, partition, before).await?;
    }
    // Before its day is over an empty one may be about to be filled.
    if newer == 0 && is_over(partition, before) {
        drop_empty(client, partition).await?;
    }
    Ok(gone)
}

/// How many rows of a partition were received before, and how many since.
struct Contents {
    old: i64,
    newer: i64,
}

async fn look(client: &impl GenericClient, partition: &str, before: Micros) -> Done<Contents> {
    let count = format!(
        "SELECT count(*) FILTER (WHERE received_at < $1), count(*) FILTER (WHERE received_at >= $1) FROM misto_private.{partition}"
    );
    let row = client.query_one(&count, &[&before]).await?;
    Ok(Contents { old: row.try_get(0)?, newer: row.try_get(1)? })
}

/// Empties the partition of a day unless something came since it was looked at.
async fn empty(client: &mut Client, partition: &str, before: Micros) -> Done<u64> {
    let transaction = client.transaction().await?;
    // Stops who writes to this day, not who reads it.
    let lock = format!("LOCK TABLE misto_private.{partition} IN SHARE ROW EXCLUSIVE MODE");
    transaction.batch_execute(&lock).await?;
    let Contents { old, newer } = look(&transaction, partition, before).await?;
    if newer > 0 {
        return Ok(0);
    }
    transaction.batch_execute(&format!("TRUNCATE misto_private.{partition}")).await?;
    transaction.commit().await?;
    Ok(u64::try_from(old).unwrap_or(0))
}

/// Drops the partition of a day that is empty still.
async fn drop_empty(client: &mut Client, partition: &str) -> Done<()> {
    let transaction = client.transaction().await?;
    // In this order, as whoever appends takes them; everybody waits behind, so not for long.
    let lock = "SET LOCAL lock_timeout = '500ms'; LOCK TABLE ONLY misto_private.position IN ACCESS EXCLUSIVE MODE";
    transaction.batch_execute(lock).await?;
    let any = format!("SELECT EXISTS (SELECT 1 FROM misto_private.{partition})");
    if !transaction.query_one(&any, &[]).await?.try_get::<_, bool>(0)? {
        transaction.batch_execute(&format!("DROP TABLE misto_private.{partition}")).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// Sets the greatest times of the subjects of a series whose newest row is gone.
pub(super) async fn look_up_newest(client: &mut Client, table: &Table) -> Done<()> {
    let (series, time) = (table.name, table.time);
    let behind = format!(
        "SELECT s.id FROM misto_private.subject AS s WHERE s.series = $1 AND s.newest IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM misto_private.{series} AS r WHERE r.subject = s.id AND r.{time} = s.newest)"
    );
    let ids: Vec<i64> =
        client.query(&behind, &[&series]).await?.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    if ids.is_empty() {
        return Ok(());
    }
    let transaction = client.transaction().await?;
    // Locked in the order of ids as appending does. Whoever appended first is waited for and
    // seen below; whoever comes later moves on from what is set here.
    let lock = "SELECT id FROM misto_private.subject WHERE id = ANY($1) ORDER BY id FOR UPDATE";
    transaction.query(lock, &[&ids]).await?;
    let set = format!(
        "UPDATE misto_private.subject AS s SET newest = (SELECT max(r.{time}) FROM misto_private.{series} AS r WHERE r.subject = s.id)
         WHERE s.id = ANY($1)"
    );
    transaction.execute(&set, &[&ids]).await?;
    transaction.commit().await?;
    Ok(())
}
