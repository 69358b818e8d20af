//! Why a command failed, in words for the person at the terminal.

/// A command's failure; exit code 1.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failure(String);

impl Failure {
    /// In words: what happened and what to do.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl From<misto_model::Error> for Failure {
    fn from(error: misto_model::Error) -> Self {
        match error {
            misto_model::Error::Unavailable { reason, cause } => Self(format!("{reason} ({cause})")),
            other => Self(other.to_string()),
        }
    }
}

impl From<crate::config::ConfigError> for Failure {
    fn from(error: crate::config::ConfigError) -> Self {
        Self(error.to_string())
    }
}
