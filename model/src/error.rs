//! One error vocabulary for every seam (store, tiles, rules).

use crate::feature::Feature;

/// What can go wrong, in the words a caller can act on.
///
/// The display text is meant for the person outside; the cause of
/// [`Error::Unavailable`] is meant for the log.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The thing asked for does not exist (or the asker may not know that it does).
    #[error("{what} was not found")]
    NotFound {
        /// What was looked for, for example `collection "roads"`.
        what: String,
    },
    /// Somebody else was first. Holds the feature that stands now.
    #[error("{what}")]
    Conflict {
        /// What stands in the way, for example `account "оля" has changed since it was read`.
        what: String,
        /// The feature as it stands now; `None` when it was deleted meanwhile or it is no feature.
        current: Option<Box<Feature>>,
    },
    /// The input cannot be used: which field, why, and what would be right.
    #[error("{field}: {reason}")]
    Invalid {
        /// The field, as the caller named it.
        field: String,
        /// Why it cannot be used and what would be right.
        reason: String,
    },
    /// The principal may not do this.
    #[error("not allowed: {reason}")]
    Forbidden {
        /// What would be needed.
        reason: String,
    },
    /// Not now: a lock, a full disk, a lost connection. Trying again may help.
    #[error("{reason}")]
    Unavailable {
        /// What a person outside may read.
        reason: String,
        /// The inner cause, for the log only.
        cause: String,
    },
}

/// A result over the one error vocabulary.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// `what` does not exist.
    pub fn not_found(what: impl Into<String>) -> Self {
        Self::NotFound { what: what.into() }
    }

    /// `what` is not as it was read; `current` is the feature as it stands now.
    pub fn changed(what: impl std::fmt::Display, current: Option<Feature>) -> Self {
        Self::Conflict { what: format!("{what} has changed since it was read"), current: current.map(Box::new) }
    }

    /// `field` cannot be used because of `reason`.
    pub fn invalid(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), reason: reason.into() }
    }

    /// Not now; `reason` for the person, `cause` for the log.
    pub fn unavailable(reason: impl Into<String>, cause: impl std::fmt::Display) -> Self {
        Self::Unavailable { reason: reason.into(), cause: cause.to_string() }
    }
}
