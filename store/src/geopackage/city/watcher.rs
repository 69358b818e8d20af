//! Notices what other programs commit to the file.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use misto_model::{Error, Result};
use rusqlite::Connection;
use tokio::sync::watch;

use super::reading;
use super::reconcile::reconcile;
use crate::geopackage::failure::Done;
use crate::geopackage::file::File;

/// How often the file is looked at.
const EVERY: Duration = Duration::from_millis(100);

/// A thread that looks at the file until this is dropped.
pub(super) struct Watcher {
    _stop: mpsc::Sender<()>,
}

impl Watcher {
    /// Looks once, then again and again; `newest` follows the end of the change feed.
    pub(super) fn start(file: Arc<File>, newest: watch::Sender<i64>) -> Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let mut eye = Eye { file, newest, connection: None, data: None, schema: None, complaint: None };
        eye.look();
        std::thread::Builder::new()
            .name("misto-watcher".to_owned())
            .spawn(move || {
                while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                    eye.look();
                }
            })
            .map_err(|cause| Error::unavailable("the store cannot be watched for changes", cause))?;
        Ok(Self { _stop: stop })
    }
}

struct Eye {
    file: Arc<File>,
    newest: watch::Sender<i64>,
    connection: Option<Connection>,
    /// `PRAGMA data_version` when last looked: changes with every commit of another connection.
    data: Option<i64>,
    /// `PRAGMA schema_version` when the tables were last found right.
    schema: Option<i64>,
    /// Said once, not ten times a second.
    complaint: Option<String>,
}

impl Eye {
    fn look(&mut self) {
        match self.try_look() {
            Ok(()) => self.complaint = None,
            Err(failure) => {
                // data_version means something on one connection only.
                (self.connection, self.data) = (None, None);
                let complaint = failure.tell(self.file.name()).to_string();
                if self.complaint.as_ref() != Some(&complaint) {
                    tracing::warn!(reason = complaint, "changes by other programs cannot be followed for now");
                }
                self.complaint = Some(complaint);
            }
        }
    }

    fn try_look(&mut self) -> Done<()> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(self.file.connect()?),
        };
        let data: i64 = connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
        if self.data == Some(data) {
            return Ok(());
        }
        // Read before reconciling: what is altered meanwhile is looked at next time.
        let schema: i64 = connection.pragma_query_value(None, "schema_version", |row| row.get(0))?;
        if self.schema != Some(schema) {
            reconcile(connection)?;
        }
        let newest = reading::newest(connection)?;
        self.newest.send_if_modified(|known| std::mem::replace(known, newest.max(*known)) < newest);
        (self.data, self.schema) = (Some(data), Some(schema));
        Ok(())
    }
}
