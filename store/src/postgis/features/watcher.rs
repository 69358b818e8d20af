//! Notices what other processes and programs commit.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::poll_fn;
use misto_model::Error;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_postgres::{AsyncMessage, Client};

use super::reconcile::reconcile;
use crate::postgis::address::Address;
use crate::postgis::failure::Done;
use crate::postgis::{Database, Driven};

/// Between two looks without a notification: a lost one loses nothing. Also how soon
/// a table that another program adds or alters is noticed.
const EVERY: Duration = Duration::from_millis(500);

/// Watches until dropped.
pub(super) struct Watcher(JoinHandle<()>);

impl Drop for Watcher {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Watcher {
    pub(super) fn start(database: Arc<Database>, address: Address, newest: watch::Sender<i64>) -> Self {
        Self(tokio::spawn(async move {
            let mut complaint = None;
            loop {
                if let Err(failure) = watch(&database, &address, &newest, &mut complaint).await {
                    let said = Some(Error::from(failure).to_string());
                    if said != complaint {
                        tracing::warn!(reason = said, "changes in the database cannot be followed for now");
                    }
                    complaint = said;
                }
                tokio::time::sleep(EVERY).await;
            }
        }))
    }
}

/// One connection, until it breaks.
async fn watch(
    database: &Database,
    address: &Address,
    newest: &watch::Sender<i64>,
    complaint: &mut Option<String>,
) -> Done<()> {
    let (client, mut connection) = address.config.connect(address.tls.clone()).await?;
    let (ring, mut bell) = watch::channel(());
    let driving = tokio::spawn(async move {
        let mut messages = poll_fn(|context| connection.poll_message(context));
        while let Some(Ok(message)) = messages.next().await {
            if matches!(message, AsyncMessage::Notification(_)) {
                ring.send_replace(());
            }
        }
    });
    let _driven = Driven(driving);
    client.batch_execute("LISTEN misto_change").await?;
    let mut tables = String::new();
    loop {
        look(database, &client, newest, &mut tables).await?;
        if complaint.take().is_some() {
            tracing::info!("changes in the database are followed again");
        }
        let rung = tokio::time::timeout(EVERY, bell.changed()).await;
        if rung.is_ok_and(|rung| rung.is_err()) {
            let gone = "the connection that hears of changes ended";
            return Err(Error::unavailable(gone, "the database closed it").into());
        }
    }
}

async fn look(database: &Database, client: &Client, newest: &watch::Sender<i64>, tables: &mut String) -> Done<()> {
    // Everything that decides whether and how a table is followed, in one word.
    let catalogue = "SELECT md5(coalesce(string_agg(concat_ws(':', c.oid, c.relname, a.attnum, a.attname, a.atttypid, a.attisdropped,
          (SELECT count(*) FROM pg_trigger AS t WHERE t.tgrelid = c.oid AND t.tgname LIKE 'misto%' AND t.tgenabled <> 'D')),
          ',' ORDER BY c.oid, a.attnum), '')), (SELECT coalesce(max(sequence), 0) FROM misto_private.change)
        FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'";
    let row = client.query_one(catalogue, &[]).await?;
    let (seen, reached): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
    newest.send_if_modified(|known| std::mem::replace(known, reached.max(*known)) < reached);
    if seen != *tables {
        reconcile(database).await?;
        *tables = seen;
    }
    Ok(())
}
