//! The lines to the database, and the pulse that cuts them when it stands still.
//!
//! A database that was paused, or whose machine hangs, keeps its lines open and
//! answers nothing: whoever asks would wait without end. So one line does nothing
//! but ask whether it lives. When no answer comes, all lines are cut, everybody who
//! waits gets an error that says so, and what must be written is tried again.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::Connect;
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config};

use super::Driven;
use super::address::Address;
use super::failure::Done;

/// Between two questions.
const EVERY: Duration = Duration::from_secs(2);
/// A database that lives answers sooner, however busy it is.
const ANSWER_WITHIN: Duration = Duration::from_secs(8);

/// Opens lines that can be cut.
#[derive(Clone)]
pub(super) struct Lines {
    address: Address,
    cut: Arc<Notify>,
}

impl Lines {
    pub(super) fn new(address: Address) -> Self {
        Self { address, cut: Arc::default() }
    }

    /// Asks until dropped.
    pub(super) fn watch(&self) -> Pulse {
        let lines = self.clone();
        Pulse(tokio::spawn(async move {
            loop {
                // One that cannot be reached at all is noticed by everybody at once.
                if let Ok(Err(())) = lines.pulse().await {
                    tracing::error!("the database does not answer: all lines to it are cut and opened anew");
                    lines.cut.notify_waiters();
                }
                tokio::time::sleep(EVERY).await;
            }
        }))
    }

    /// One line, until it breaks, or until there is no answer (the inner error).
    async fn pulse(&self) -> Done<Result<(), ()>> {
        let Address { config, tls } = &self.address;
        let Ok(connected) = tokio::time::timeout(ANSWER_WITHIN, config.connect(tls.clone())).await else {
            return Ok(Err(()));
        };
        let (client, connection) = connected?;
        let _driven = Driven(tokio::spawn(connection.map(drop)));
        loop {
            match tokio::time::timeout(ANSWER_WITHIN, client.batch_execute("SELECT 1")).await {
                Ok(answered) => answered?,
                Err(_) => return Ok(Err(())),
            }
            tokio::time::sleep(EVERY).await;
        }
    }
}

impl Connect for Lines {
    fn connect(&self, config: &Config) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), tokio_postgres::Error>> {
        let config = config.clone();
        async move {
            let (client, connection) = config.connect(self.address.tls.clone()).await?;
            let cut = Arc::clone(&self.cut);
            let driving = tokio::spawn(async move {
                tokio::select! {
                    // What ends a line is told by the next question.
                    _ = connection => {}
                    () = cut.notified() => {}
                }
            });
            Ok((client, driving))
        }
        .boxed()
    }
}

/// Ends with the store.
pub(super) struct Pulse(JoinHandle<()>);

impl Drop for Pulse {
    fn drop(&mut self) {
        self.0.abort();
    }
}
