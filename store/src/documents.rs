//! Documents: versioned JSON by kind and key.

use async_trait::async_trait;
use misto_model::{Result, Version};
use serde_json::Value;

use crate::LogWrite;

/// One document.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Its key within its kind.
    pub key: String,
    /// How often it was saved.
    pub version: Version,
    /// What it holds.
    pub body: Value,
}

/// A member of the documents of a kind by which they are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// How it is asked for, 1 to 64 bytes.
    pub name: String,
    /// Where the bodies hold it: a JSON pointer (RFC 6901) to a text, number or truth.
    pub pointer: String,
    /// Whether no two documents of the kind may hold the same.
    pub unique: bool,
}

/// One step of a transaction.
#[derive(Debug, Clone, PartialEq)]
pub enum DocumentWrite {
    /// Writes a document.
    Put {
        /// Its kind.
        kind: String,
        /// Its key within its kind.
        key: String,
        /// The version the writer saw, `None` for a new one.
        expected: Option<Version>,
        /// What it shall hold.
        body: Value,
    },
    /// Writes a document as it stands in another store, with its version, whatever stands here.
    Repeat {
        /// Its kind.
        kind: String,
        /// As it stands there.
        document: Document,
    },
    /// Removes a document.
    Remove {
        /// Its kind.
        kind: String,
        /// Its key within its kind.
        key: String,
        /// The version the writer saw.
        expected: Version,
    },
}

impl DocumentWrite {
    /// Kind and key.
    pub(crate) fn names(&self) -> (&str, &str) {
        match self {
            Self::Put { kind, key, .. } | Self::Remove { kind, key, .. } => (kind, key),
            Self::Repeat { kind, document } => (kind, &document.key),
        }
    }
}

/// Accounts, sessions, the vehicle register, settings.
#[async_trait]
pub trait Documents: Send + Sync {
    /// One document, `None` when there is none.
    async fn get(&self, kind: &str, key: &str) -> Result<Option<Document>>;

    /// All of a kind in the order of their keys.
    async fn list(&self, kind: &str) -> Result<Vec<Document>>;

    /// All kinds of which there is a document, in order.
    async fn kinds(&self) -> Result<Vec<String>>;

    /// Those of a kind whose declared field has this value (1 and 1.0 differ), in the
    /// order of their keys. A member that is absent or null is no value.
    ///
    /// # Errors
    /// `Invalid` (field `field`) when the kind declares no such field.
    async fn find(&self, kind: &str, field: &str, value: &Value) -> Result<Vec<Document>>;

    /// Says by which fields the documents of a kind are found, in place of what was said
    /// before, and indexes what stands. To be said at every start; changes nothing when
    /// it was said already.
    ///
    /// # Errors
    /// `Invalid` (field: the field's name) when it cannot be declared or documents that
    /// stand break it: two hold the same, or one holds a list or an object.
    async fn declare(&self, kind: &str, fields: &[Field]) -> Result<()>;

    /// Documents and log in one transaction: all or nothing. Gives the version of each
    /// document written, of a removed one the version that went.
    ///
    /// # Errors
    /// `Conflict` when one is not at the version expected, or another document holds the
    /// value of a unique field (it names the field and the other's key). `Unavailable` when
    /// another transaction over the same documents or logs in another order was faster.
    async fn write(&self, documents: &[DocumentWrite], log: &[LogWrite]) -> Result<Vec<Version>>;

    /// Writes one document. `expected` is the version the writer saw, `None` for a
    /// new one; errors as [`Documents::write`].
    async fn put(&self, kind: &str, key: &str, expected: Option<Version>, body: &Value) -> Result<Version> {
        let (kind, key, body) = (kind.to_owned(), key.to_owned(), body.clone());
        let versions = self.write(&[DocumentWrite::Put { kind, key, expected, body }], &[]).await?;
        Ok(versions.into_iter().next().expect("one write gives one version"))
    }

    /// Removes a document and gives it back, `None` when there was none. Of two
    /// callers at once only one gets it (one-time links rest on this).
    async fn take(&self, kind: &str, key: &str) -> Result<Option<Document>>;
}
