//! The only crate that knows SQL.
//!
//! The store knows five shapes of data and nothing of buses or doors: *features*
//! (versioned, with history and a change feed), *series* (append-only, by subject
//! and time), *documents* (versioned JSON by kind and key), *log* (append-only)
//! and *blobs*. A new capability needs a new kind, not a new table and not a new
//! trait. [`open`] picks the backend from the address, at run time.

mod blobs;
mod chain;
mod content;
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

use std::sync::Arc;

use misto_model::{Error, Result};

pub use blobs::{Blob, Blobs};
pub use documents::{Document, DocumentWrite, Documents, Field};
pub use features::{Context, FeaturePage, Features, FeedPage};
pub use log::{Broken, Chain, Log, LogEntry, LogWrite};
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
