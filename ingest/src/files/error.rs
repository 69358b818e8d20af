//! Why a file as a whole cannot be read.

use super::BoxError;

/// Why a file as a whole cannot be read. (A single bad row is a [`super::Refusal`].)
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system did not give the file.
    #[error("cannot read {path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file, or what was asked of it, is of a kind that Misto cannot use; says what would be right.
    #[error("{0}")]
    Unsupported(String),
    /// An option does not fit the file: which, why, and what would be right.
    #[error("{option}: {reason}")]
    Option {
        /// The option.
        option: &'static str,
        /// Why it does not fit and what would.
        reason: String,
    },
    /// The file contradicts its own format.
    #[error("the file is damaged at {place}: {reason}")]
    Damaged {
        /// Where: byte, line or record.
        place: String,
        /// What is wrong there.
        reason: String,
    },
    /// The second reading gave other rows than the first.
    #[error("the file changed while it was being read; read it again")]
    Changed,
    /// The receiver of the rows refused to go on.
    #[error(transparent)]
    Stopped(BoxError),
}

impl FileError {
    /// Damage at a place.
    pub(super) fn damaged(place: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        Self::Damaged { place: place.into(), reason: reason.to_string() }
    }

    /// The operating system's answer about a path.
    pub(super) fn io(path: &std::path::Path, source: std::io::Error) -> Self {
        Self::Io { path: path.display().to_string(), source }
    }
}
