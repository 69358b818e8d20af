//! Shares of one kind of work, divided among the processes of one database.
//!
//! Each share is a session-level advisory lock, each process that takes part holds
//! one more lock in common with the others, so everybody sees how many there are.
//! Nobody keeps more than an even part; what nobody holds is taken within a round.
//! PostgreSQL frees the locks of a process that dies, or whose machine does.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use async_trait::async_trait;
use misto_model::{Error, Result};
use tokio_postgres::Client;

use super::PATIENCE;
use super::address::Address;
use super::failure::Done;

/// Between two looks at who holds what.
const ROUND: Duration = Duration::from_millis(500);
/// A machine that vanished without a word is given up after some ten seconds.
const KEEPALIVES: &str = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3";

/// Kinds of work that are shared out. Kept apart by the first key of their locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Sessions with the broker that bring in raw messages.
    Sessions,
    /// Shards of the fleet whose rules are followed.
    Shards,
}

impl Work {
    fn key(self) -> i32 {
        match self {
            Self::Sessions => 1_835_627_381,
            Self::Shards => 1_835_627_382,
        }
    }
}

/// Who does the work.
#[async_trait]
pub trait Holder: Send {
    /// From now on the shares of these numbers are this process's and no others;
    /// none when others hold them all. Returns once nothing is done for any other share.
    async fn hold(&mut self, numbers: &BTreeSet<u32>);

    /// Told after `hold` of nothing, when it cannot be known who holds what.
    fn interrupted(&mut self, cause: &Error);
}

/// Takes part in the work until `stopping` resolves; then gives up everything.
///
/// # Errors
/// `Invalid` (field `store.url`) when the store is none that processes share.
pub async fn share_out(
    url: &str,
    work: Work,
    total: u32,
    holder: &mut dyn Holder,
    stopping: impl Future<Output = ()>,
) -> Result<()> {
    if url.starts_with("geopackage:") {
        return Err(Error::invalid(
            "store.url",
            "the embedded store serves one process (role all); several share a database: postgres://user@host/city",
        ));
    }
    let address = Address::parse(url)?;
    tokio::pin!(stopping);
    loop {
        match take_part(&address, work, total, holder, stopping.as_mut()).await {
            Ok(()) => return Ok(()),
            Err(failure) => holder.interrupted(&Error::from(failure)),
        }
        tokio::select! {
            () = tokio::time::sleep(ROUND) => {}
            () = stopping.as_mut() => return Ok(()),
        }
    }
}

/// One connection, until it breaks or `stopping` resolves. The work ends before the
/// locks are given back, so that nobody begins it while it is still done here.
async fn take_part(
    address: &Address,
    work: Work,
    total: u32,
    holder: &mut dyn Holder,
    stopping: Pin<&mut impl Future<Output = ()>>,
) -> Done<()> {
    let mut config = address.config.clone();
    config.options(KEEPALIVES).application_name(format!("misto {work:?}").to_lowercase());
    let (client, connection) = config.connect(address.tls.clone()).await?;
    let _driven = super::Driven(tokio::spawn(async move {
        // What ends it is told by the next question.
        let _ = connection.await;
    }));
    let locks = Locks { client, work };
    let ended = tokio::select! {
        Err(failure) = rounds(&locks, total, holder) => Err(failure),
        () = stopping => Ok(()),
    };
    holder.hold(&BTreeSet::new()).await;
    ended
}

enum Never {}

/// Takes and gives up shares for as long as the connection stands.
async fn rounds(locks: &Locks, total: u32, holder: &mut dyn Holder) -> Done<Never> {
    within(locks.join()).await?;
    let mut held = BTreeSet::new();
    let mut is_first = true;
    loop {
        let part = within(locks.even_part(total)).await?;
        let surplus: Vec<u32> = held.iter().copied().skip(part).collect();
        let taken = within(locks.take(total, &held, part.saturating_sub(held.len()))).await?;
        if is_first || !surplus.is_empty() || !taken.is_empty() {
            held.extend(taken);
            held.retain(|number| !surplus.contains(number));
            holder.hold(&held).await;
            within(locks.give_up(&surplus)).await?;
        }
        is_first = false;
        tokio::time::sleep(ROUND).await;
    }
}

/// A database that does not answer knows nothing of its locks.
async fn within<T>(question: impl Future<Output = Done<T>>) -> Done<T> {
    tokio::time::timeout(PATIENCE, question)
        .await
        .map_err(|late| Error::unavailable("the database does not answer: what this process holds is given up", late))?
}

/// The locks of one connection.
struct Locks {
    client: Client,
    work: Work,
}

impl Locks {
    async fn join(&self) -> Done<()> {
        self.client.execute("SELECT pg_advisory_lock_shared($1, 0)", &[&self.work.key()]).await?;
        Ok(())
    }

    /// How many shares each of those present may hold.
    async fn even_part(&self, total: u32) -> Done<usize> {
        let present = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid = $1::int4::oid
            AND objid = 0 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        let present: i64 = self.client.query_one(present, &[&self.work.key()]).await?.try_get(0)?;
        Ok(total.div_ceil(u32::try_from(present).unwrap_or(total).max(1)) as usize)
    }

    /// At most `most` further shares that nobody holds.
    async fn take(&self, total: u32, held: &BTreeSet<u32>, most: usize) -> Done<Vec<u32>> {
        let mut taken = Vec::new();
        for number in (0..total).filter(|number| !held.contains(number)) {
            if taken.len() == most {
                break;
            }
            let lock = "SELECT pg_try_advisory_lock($1, $2)";
            if self.client.query_one(lock, &[&self.work.key(), &key(number)]).await?.try_get(0)? {
                taken.push(number);
            }
        }
        Ok(taken)
    }

    async fn give_up(&self, numbers: &[u32]) -> Done<()> {
        for number in numbers {
            self.client.execute("SELECT pg_advisory_unlock($1, $2)", &[&self.work.key(), &key(*number)]).await?;
        }
        Ok(())
    }
}

/// Second key of a share's lock; 0 is the one that all hold in common.
fn key(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX - 1) + 1
}
