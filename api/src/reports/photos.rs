//! Photos of reports: a blob each, and a document that says whose it is.

use misto_city::fleet::seconds_before;
use misto_city::reports::State;
use misto_model::{Error, Instant, Version};
use misto_store::DocumentWrite;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::kept::{Kept, attach};
use super::{KIND, picture};
use crate::app::{App, Shared};
use crate::problem::{Answer, Problem};

/// Kind of the documents and of the blobs.
pub const PHOTO: &str = "photo";
/// A photo that no report names for so long is removed, seconds.
const LOOSE_S: f64 = 86_400.0;
/// Photos that may wait for their report.
const MOST_LOOSE: usize = 1_000;
/// How long a photo may wait until those before it are unpacked.
const UNPACK_WITHIN: std::time::Duration = std::time::Duration::from_secs(20);

#[derive(Debug, Serialize, Deserialize)]
struct Said {
    kept_at: Instant,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    loose: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    report: Option<String>,
}

/// A photo that is kept.
pub struct Photo {
    version: Version,
    said: Said,
}

impl Photo {
    /// That it belongs to this report from now on.
    ///
    /// # Errors
    /// 400 when it belongs to another.
    pub fn attached(self, name: &str, report: &str) -> Answer<DocumentWrite> {
        if self.said.report.is_some() {
            return Err(Problem::invalid("photo", "another report has it already"));
        }
        let said = Said { loose: None, report: Some(report.to_owned()), ..self.said };
        let body = serde_json::to_value(said).map_err(|_| Problem::internal())?;
        Ok(attach(name, self.version, body))
    }

    /// Whether everybody may see it: its report was confirmed or accepted.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn is_public(&self, app: &App) -> misto_model::Result<bool> {
        let Some(report) = &self.said.report else { return Ok(false) };
        let kept = app.store.documents.get(KIND, report).await?.and_then(Kept::of);
        Ok(kept.is_some_and(|kept| matches!(kept.report.state, State::Confirmed | State::Accepted)))
    }
}

/// What is known of a photo.
///
/// # Errors
/// 400 naming `photo` when there is none of that name.
pub async fn photo(app: &App, name: &str) -> Answer<Photo> {
    let missing = || Problem::invalid("photo", "is not here (any more); send the photo first, then the report");
    let document = app.store.documents.get(PHOTO, name).await?.ok_or_else(missing)?;
    let said = serde_json::from_value(document.body).map_err(|_| Problem::internal())?;
    Ok(Photo { version: document.version, said })
}

/// Writes a photo anew and keeps it; gives its name.
///
/// # Errors
/// 400, 413 or 415 for what is no photo, 503 when too many wait.
pub async fn keep_photo(app: &Shared, bytes: axum::body::Bytes) -> Answer<String> {
    let loose = app.store.documents.find(PHOTO, "loose", &json!(true)).await?;
    if loose.len() >= MOST_LOOSE {
        return Err(Problem::unavailable("too many photos wait for their reports; send it later"));
    }
    let busy = || Problem::unavailable("other photos are being read; send it again in a moment");
    let turn = tokio::time::timeout(UNPACK_WITHIN, app.reports.unpacking.acquire()).await.map_err(|_| busy())?;
    let turn = turn.map_err(|_| busy())?;
    let written = tokio::task::spawn_blocking(move || picture::written_anew(&bytes));
    let written = written.await.map_err(|_| Problem::internal())??;
    drop(turn);
    let name = format!("{:032x}", rand::random::<u128>());
    let said = Said { kept_at: app.now(), loose: Some(true), report: None };
    let body = serde_json::to_value(said).map_err(|_| Problem::internal())?;
    // The document first: a blob without one would be found by nobody.
    app.store.documents.put(PHOTO, &name, None, &body).await?;
    app.store.blobs.put(PHOTO, &name, &written).await?;
    Ok(name)
}

/// Removes a photo.
///
/// # Errors
/// When the store cannot be written.
pub async fn remove_photo(app: &App, name: &str) -> misto_model::Result<()> {
    app.store.blobs.remove(PHOTO, name).await?;
    app.store.documents.take(PHOTO, name).await.map(|_| ())
}

/// Removes photos that no report named within a day; gives how many.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn remove_loose(app: &App) -> misto_model::Result<usize> {
    let before = seconds_before(app.now(), LOOSE_S);
    let mut removed = 0;
    for document in app.store.documents.find(PHOTO, "loose", &json!(true)).await? {
        let said: Said = serde_json::from_value(document.body)
            .map_err(|cause| Error::unavailable("a photo's document cannot be read", cause))?;
        if said.kept_at.micros() < before.micros() {
            // One that a report takes at this moment stays: the version tells.
            let remove =
                DocumentWrite::Remove { kind: PHOTO.to_owned(), key: document.key.clone(), expected: document.version };
            match app.store.documents.write(&[remove], &[]).await {
                Ok(_) => removed += usize::from(app.store.blobs.remove(PHOTO, &document.key).await?),
                Err(Error::Conflict { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(removed)
}
