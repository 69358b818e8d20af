//! Recordings, played back through a broker as the trackers once sent them.
//!
//! Lines `<receive time> <topic> <json>` (HFP dumps; the topic may hold blanks),
//! OwnTracks JSON lines, and tables (CSV) by a mapping. A line that cannot be
//! read is told with its number and reason, and the rest goes on.

mod lines;
mod play;
mod table;

pub use lines::LineReader;
pub use play::{InvalidSpeed, Progress, Speed, Summary, Told, play};
pub use table::TableReader;

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use misto_model::Instant;

use crate::decode::SourceConfig;

/// One message of a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// When it was received or measured; `None` when the recording does not tell: it is sent at once.
    pub at: Option<Instant>,
    /// Topic.
    pub topic: String,
    /// Payload.
    pub payload: Vec<u8>,
}

/// A line or row that cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct Unreadable {
    /// Line of the file, counted from 1.
    pub line: u64,
    /// What is wrong with it.
    pub reason: String,
}

/// Why a recording cannot be played at all.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// Opening or reading.
    #[error("{path}: {cause}")]
    File {
        /// Name of the file.
        path: String,
        /// Cause of the system.
        cause: std::io::Error,
    },
    /// A table needs a mapping.
    #[error("{0} is a table: a source with format mapped and a mapping must say what its columns mean")]
    NoMapping(String),
    /// The mapping or its source.
    #[error(transparent)]
    Source(#[from] crate::decode::InvalidSource),
    /// The table's head.
    #[error("{path}: {reason}")]
    Table {
        /// Name of the file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// The publisher.
    #[error(transparent)]
    Mqtt(#[from] crate::mqtt::MqttError),
}

/// A recording being read, one message at a time.
pub enum Recording {
    /// Lines.
    Lines(LineReader<BufReader<File>>),
    /// A table.
    Table(Box<TableReader<BufReader<File>>>),
}

impl Recording {
    /// Opens a file: a name that ends in `.csv` is a table and needs `source`
    /// with its mapping, anything else is lines. `now` bounds the times of a table.
    ///
    /// # Errors
    /// When the file cannot be opened, or a table lacks its mapping.
    pub fn open(path: &Path, source: Option<&SourceConfig>, now: Instant) -> Result<Self, ReplayError> {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|cause| ReplayError::File { path: name.clone(), cause })?;
        let reader = BufReader::with_capacity(64 * 1024, file);
        if !path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv")) {
            return Ok(Self::Lines(LineReader::new(reader)));
        }
        let source = source.filter(|source| source.mapping.is_some()).ok_or(ReplayError::NoMapping(name.clone()))?;
        Ok(Self::Table(Box::new(TableReader::new(reader, source, now, &name)?)))
    }

    /// Bytes read so far, for a progress bar.
    pub fn bytes_read(&self) -> u64 {
        match self {
            Self::Lines(lines) => lines.bytes_read(),
            Self::Table(table) => table.bytes_read(),
        }
    }
}

impl Iterator for Recording {
    type Item = Result<Entry, Unreadable>;
    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Lines(lines) => lines.next(),
            Self::Table(table) => table.next(),
        }
    }
}
