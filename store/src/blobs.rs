//! Blobs: bytes by kind and key (timetables, photos).

use async_trait::async_trait;
use misto_model::{Result, Version};

/// One blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// How often it was saved.
    pub version: Version,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Timetables and photos.
#[async_trait]
pub trait Blobs: Send + Sync {
    /// One blob, `None` when there is none.
    async fn get(&self, kind: &str, key: &str) -> Result<Option<Blob>>;

    /// Its version alone, `None` when there is none.
    async fn version(&self, kind: &str, key: &str) -> Result<Option<Version>>;

    /// Kind and key of every blob, in order.
    async fn names(&self) -> Result<Vec<(String, String)>>;

    /// Writes a blob; the last writer stands.
    async fn put(&self, kind: &str, key: &str, bytes: &[u8]) -> Result<Version>;

    /// Removes a blob; says whether there was one. Written again it begins at version 1.
    async fn remove(&self, kind: &str, key: &str) -> Result<bool>;
}
