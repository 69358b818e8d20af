//! Connections to one file, lent to jobs that run off the async threads.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use misto_model::{Error, Result};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::Semaphore;

use super::failure::{Done, Failure};
use super::file::File;

/// At most so many connections, opened when first needed.
pub(super) struct Pool {
    file: Arc<File>,
    idle: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
    patience: Duration,
}

impl Pool {
    /// A job waits at most `patience` for its turn.
    pub(super) fn new(file: Arc<File>, size: usize, patience: Duration) -> Self {
        Self { file, idle: Arc::default(), permits: Arc::new(Semaphore::new(size)), patience }
    }

    /// Runs a job on a connection, on a thread that may block.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Done<T> + Send + 'static,
    ) -> Result<T> {
        let turn = tokio::time::timeout(self.patience, Arc::clone(&self.permits).acquire_owned()).await;
        let Ok(Ok(permit)) = turn else {
            let reason = format!("too many wait for {}: try again in a moment", self.file.name());
            return Err(Error::unavailable(reason, format!("no turn within {:?}", self.patience)));
        };
        let (file, idle) = (Arc::clone(&self.file), Arc::clone(&self.idle));
        let ran = tokio::task::spawn_blocking(move || {
            // Held until the connection is back, even when nobody awaits the answer any more.
            let _permit = permit;
            let spare = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut connection = spare.map_or_else(|| file.connect(), Ok)?;
            let done = job(&mut connection);
            // After an unexpected failure the connection is not trusted again; the next job opens a new one.
            if !matches!(&done, Err(failure @ Failure::Sqlite(_)) if !failure.is_lock()) {
                idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            }
            done
        });
        match ran.await {
            Ok(done) => done.map_err(|failure| failure.tell(self.file.name())),
            Err(cause) => Err(Error::unavailable(format!("{} could not be read or written", self.file.name()), cause)),
        }
    }

    /// Runs a job in a write transaction: committed when it succeeds, undone when it fails.
    pub(super) async fn transact<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Transaction<'_>) -> Done<T> + Send + 'static,
    ) -> Result<T> {
        self.run(move |connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = job(&transaction)?;
            transaction.commit()?;
            Ok(value)
        })
        .await
    }

    /// Runs a job on one consistent state of the file, whatever is committed meanwhile.
    pub(super) async fn snapshot<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Transaction<'_>) -> Done<T> + Send + 'static,
    ) -> Result<T> {
        self.run(move |connection| job(&connection.transaction()?)).await
    }
}
