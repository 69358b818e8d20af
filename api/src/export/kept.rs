//! Whole files of collections as they stand, kept without a name until the
//! collection changes: a browser reads FlatGeobuf in many small ranges, and all
//! of them must be of one file.

use std::collections::HashMap;
use std::fs::File;
use std::sync::Arc;

use misto_ingest::files::write::WriteError;
use misto_model::{Audience, Collection, CollectionId};
use tokio::sync::Mutex;

use super::{ExportFormat, Pages, file, fingerprint};
use crate::app::Shared;

/// A finished file.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The file; read at places, never moved.
    pub file: Arc<File>,
    /// Its length, bytes.
    pub len: u64,
    /// Strong ETag of its bytes.
    pub etag: String,
    version: u64,
}

type Key = (CollectionId, Audience, ExportFormat);

/// The newest file of each collection, audience and format that was asked for.
#[derive(Debug, Default)]
pub struct KeptFiles(Mutex<HashMap<Key, Arc<Mutex<Option<Kept>>>>>);

impl KeptFiles {
    /// The file of the collection as it stands; parallel questions wait for one writer.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn get(
        &self,
        app: &Shared,
        format: ExportFormat,
        collection: &Arc<Collection>,
        audience: Audience,
    ) -> Result<Kept, WriteError> {
        let key = (collection.id.clone(), audience, format);
        let place = Arc::clone(self.0.lock().await.entry(key).or_default());
        let mut place = place.lock().await;
        let version = app.atlas.version(&collection.id).unwrap_or_default();
        if let Some(kept) = place.as_ref().filter(|kept| kept.version == version) {
            return Ok(kept.clone());
        }
        *place = None;
        let (pages, collection) = (Pages::new(app.clone(), collection.id.clone(), audience), Arc::clone(collection));
        let written = tokio::task::spawn_blocking(move || {
            let mut file = file(format, &collection, audience, pages)?;
            let etag = fingerprint(&mut file)?;
            Ok::<_, WriteError>(Kept { len: file.metadata()?.len(), file: Arc::new(file), etag, version })
        });
        let kept = written.await.map_err(|cause| WriteError::Format(cause.to_string()))??;
        *place = Some(kept.clone());
        Ok(kept)
    }
}
