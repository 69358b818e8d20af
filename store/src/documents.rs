//! Documents: versioned JSON by kind and key.

use async_trait::async_trait;
use misto_model::{Result, Version};

/// One document.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Its key within its kind.
    pub key: String,
    /// How often it was saved.
    pub version: Version,
    /// What it holds.
    pub body: serde_json::Value,
}

/// Accounts, sessions, the vehicle register, settings.
#[async_trait]
pub trait Documents: Send + Sync {
    /// One document, `None` when there is none.
    async fn get(&self, kind: &str, key: &str) -> Result<Option<Document>>;

    /// All of a kind in the order of their keys.
    async fn list(&self, kind: &str) -> Result<Vec<Document>>;

    /// Writes a document. `expected` is the version the writer saw, `None` for a
    /// new one; `Conflict` when it is not what stands.
    async fn put(&self, kind: &str, key: &str, expected: Option<Version>, body: &serde_json::Value) -> Result<Version>;

    /// Removes a document and gives it back, `None` when there was none. Of two
    /// callers at once only one gets it (one-time links rest on this).
    async fn take(&self, kind: &str, key: &str) -> Result<Option<Document>>;
}
