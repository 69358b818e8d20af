//! The only crate that knows SQL.
//!
//! The store knows five shapes of data and nothing of buses or doors: *features*
//! (versioned, with history and a change feed), *series* (append-only, by subject
//! and time), *documents* (versioned JSON by kind and key), *log* (append-only)
//! and *blobs*. A new capability needs a new kind, not a new table and not a new
//! trait. [`open`] picks the backend from the address, at run time.

mod blobs;
mod cells;
mod chain;
mod content;
mod copy;
mod cursor;
mod documents;
mod features;
mod fields;
mod geopackage;
mod log;
mod postgis;
mod precision;
mod schema;
mod series;
mod subject;
mod wkb;

use std::path::Path;
use std::sync::Arc;

use misto_model::{Error, Result};

pub use blobs::{Blob, Blobs};
pub use copy::{Digest, Progress, Sum};
pub use documents::{Document, DocumentWrite, Documents, Field};
pub use features::{Context, FeaturePage, Features, FeedPage, Recorded, RecordedPage};
pub use log::{Broken, Chain, KeyedEntry, Log, LogEntry, LogWrite};
pub use postgis::{Holder, Work, share_out};
pub use series::{Appended, EventQuery, PositionQuery, ReadingQuery, Series, SeriesPage};

/// One opened store; cheap to clone.
#[derive(Clone)]
pub struct Store {
    /// Features, their history and the change feed.
    pub features: Arc<dyn Features>,
    /// Positions, readings and events.
    pub series: Arc<dyn Series>,
    /// Accounts, sessions, register, settings.
    pub documents: Arc<dyn Documents>,
    /// Audit and rejected messages.
    pub log: Arc<dyn Log>,
    /// Timetables.
    pub blobs: Arc<dyn Blobs>,
}

/// Opens the store at `url`, making and migrating it where needed.
///
/// `geopackage:PATH` keeps features in `PATH`, and documents and series in
/// `misto.sqlite` and `tracks.sqlite` beside it; `postgres://user@host/database`
/// keeps everything in a PostgreSQL database with PostGIS.
///
/// # Errors
/// `Invalid` (field `store.url`) when the address names no backend, `Unavailable`
/// when the files cannot be written or belong to a newer Misto.
pub async fn open(url: &str) -> Result<Store> {
    match Backend::of(url)? {
        Backend::Geopackage => geopackage::open(url).await,
        Backend::Postgis => postgis::open(url).await,
    }
}

/// Looks whether the store at `url` could be opened, in words; changes nothing.
///
/// # Errors
/// As [`open`].
pub async fn look(url: &str) -> Result<String> {
    match Backend::of(url)? {
        Backend::Geopackage => geopackage::look(url),
        Backend::Postgis => postgis::look(url).await,
    }
}

/// Copies everything from the store at `from` into the one at `to`, which must be
/// empty or hold an unfinished copy of the same, and verifies it.
///
/// # Errors
/// `Invalid` (field `from` or `to`) when a copy between them makes no sense,
/// `Unavailable` when the two differ afterwards.
pub async fn copy(from: &str, to: &str, progress: Progress<'_>) -> Result<Digest> {
    let place = |url: &str| match Backend::of(url)? {
        Backend::Geopackage => Ok(url.to_owned()),
        Backend::Postgis => postgis::place(url),
    };
    let source = place(from)?;
    if source == place(to)? {
        return Err(Error::invalid("to", "is the store that is copied: name another one"));
    }
    // Opening would make it.
    if let (Backend::Geopackage, Some(path)) = (Backend::of(from)?, from.strip_prefix("geopackage:"))
        && !Path::new(path).is_file()
    {
        return Err(Error::invalid("from", format!("{path} does not exist")));
    }
    copy::copy(&open(from).await?, &open(to).await?, &source, progress).await
}

/// Keeps a copy of the embedded store at `url` in the new folder `to` while programs
/// go on writing; gives its size in bytes. Blocks.
///
/// # Errors
/// `Invalid` (field `store.url`) for another store, (field `to`) when the folder exists.
pub fn back_up(url: &str, to: &Path, progress: Progress<'_>) -> Result<u64> {
    embedded_only(url, "pg_dump --format=custom --file=city.dump, and pg_restore for the way back")?;
    geopackage::back_up(url, to, progress)
}

/// Puts a kept copy in the place of an embedded store that does not exist; gives
/// its size in bytes. Blocks.
///
/// # Errors
/// `Invalid` (field `from`) when it is no whole backup, (field `store.url`) when a store stands there.
pub fn restore(from: &Path, url: &str, progress: Progress<'_>) -> Result<u64> {
    embedded_only(url, "pg_restore --dbname=city city.dump")?;
    geopackage::restore(from, url, progress)
}

/// Writes features with their ids into a new GeoPackage of one layer, without history
/// or anything else of Misto's; gives how many. Blocks.
///
/// # Errors
/// When the file cannot be written, a feature does not fit the schema, or the features end with an error.
pub fn write_geopackage(
    path: &Path,
    collection: &misto_model::Collection,
    features: impl Iterator<Item = std::result::Result<misto_model::Feature, BoxError>>,
) -> std::result::Result<u64, BoxError> {
    geopackage::write_layer(path, collection, features)
}

/// Whatever made a source of features end early.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

fn embedded_only(url: &str, instead: &str) -> Result<()> {
    match Backend::of(url)? {
        Backend::Geopackage => Ok(()),
        Backend::Postgis => {
            Err(Error::invalid("store.url", format!("is a database; its own tools keep and restore it: {instead}")))
        }
    }
}

enum Backend {
    Geopackage,
    Postgis,
}

impl Backend {
    fn of(url: &str) -> Result<Self> {
        match url.split_once(':') {
            Some(("geopackage", _)) => Ok(Self::Geopackage),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgis),
            // The address may hold a password: it is not repeated.
            _ => Err(Error::invalid(
                "store.url",
                "names no store; write geopackage:PATH, for example geopackage:./data/city.gpkg, or postgres://user@host/city",
            )),
        }
    }
}
