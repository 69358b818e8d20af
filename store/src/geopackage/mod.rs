//! The embedded store: three SQLite files side by side.
//!
//! - `city.gpkg` (or as the address says): a GeoPackage with the features, their
//!   history and nothing else, so that QGIS and GDAL on the same machine may open
//!   it while Misto runs (a local disk is needed: write-ahead logs do not work
//!   over network drives);
//! - `misto.sqlite`: documents, log and blobs;
//! - `tracks.sqlite`: series.
//!
//! No transaction spans files. `file.rs` says what survives a crash.

mod backup;
mod blobs;
mod city;
mod documents;
mod failure;
mod fields;
mod file;
mod log;
mod pool;
mod registry;
mod tracks;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use misto_model::{Error, Instant, Result};
use rusqlite::Connection;

use crate::Store;
use crate::copy::Progress;
use city::City;
pub(crate) use city::write_layer;
use failure::Done;
use registry::Registry;
use tracks::Tracks;

/// Opens `geopackage:PATH`.
pub(crate) async fn open(url: &str) -> Result<Store> {
    let path = PathBuf::from(path_of(url)?);
    tokio::task::spawn_blocking(move || open_beside(&path))
        .await
        .map_err(|cause| Error::unavailable("the store could not be opened", cause))?
}

/// Looks without opening: opening would make the files.
pub(crate) fn look(url: &str) -> Result<String> {
    let path = PathBuf::from(path_of(url)?);
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let wrong =
        |what: &str, cause: std::io::Error| Error::unavailable(format!("{} {what}: {cause}", path.display()), cause);
    City::look(&path)?;
    Registry::look(&path.with_file_name("misto.sqlite"))?;
    Tracks::look(&path.with_file_name("tracks.sqlite"))?;
    match (path.try_exists(), folder.try_exists()) {
        (Ok(true), _) => match std::fs::OpenOptions::new().read(true).write(true).open(&path) {
            Ok(_) => Ok(format!("{} can be written", path.display())),
            Err(cause) => Err(wrong("cannot be written", cause)),
        },
        (Ok(false), Ok(_)) => Ok(format!("{} will be made", path.display())),
        (Err(cause), _) | (_, Err(cause)) => Err(wrong("cannot be looked at", cause)),
    }
}

/// Keeps a copy of the running store in a new folder; gives its size in bytes.
pub(crate) fn back_up(url: &str, to: &Path, progress: Progress<'_>) -> Result<u64> {
    backup::back_up(Path::new(path_of(url)?), to, progress)
}

/// Puts a kept copy in the place of a store that does not exist; gives its size in bytes.
pub(crate) fn restore(from: &Path, url: &str, progress: Progress<'_>) -> Result<u64> {
    backup::restore(from, Path::new(path_of(url)?), progress)
}

fn open_beside(path: &Path) -> Result<Store> {
    let registry = Arc::new(Registry::open(&path.with_file_name("misto.sqlite"))?);
    Ok(Store {
        features: Arc::new(City::open(path)?),
        series: Arc::new(Tracks::open(&path.with_file_name("tracks.sqlite"))?),
        documents: Arc::clone(&registry) as _,
        log: Arc::clone(&registry) as _,
        blobs: registry,
    })
}

fn path_of(url: &str) -> Result<&str> {
    let path = url.strip_prefix("geopackage:").unwrap_or(url);
    let name = Path::new(path).file_name().map(|name| name.to_string_lossy().to_lowercase());
    match name.as_deref() {
        None => Err(Error::invalid(
            "store.url",
            "geopackage: needs the path of a file, for example geopackage:./data/city.gpkg",
        )),
        Some("misto.sqlite" | "tracks.sqlite") => Err(Error::invalid(
            "store.url",
            "misto.sqlite and tracks.sqlite hold other things; name the file for features city.gpkg",
        )),
        Some(_) => Ok(path),
    }
}

/// Takes a file that is empty; refuses one that another program filled.
fn claim_own(connection: &Connection) -> Done<()> {
    let foreign: i64 = connection.query_row(
        "SELECT count(*) FROM sqlite_master WHERE NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'misto_schema')",
        [],
        |row| row.get(0),
    )?;
    if foreign == 0 {
        return Ok(());
    }
    let reason = "the file in the place of misto.sqlite or tracks.sqlite belongs to another program: move it away or choose another folder";
    Err(Error::unavailable(reason, format!("{:?} has tables but no misto_schema", connection.path())).into())
}

/// A limit as SQLite counts rows.
fn row_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// The texts of the one column of a query.
fn texts(connection: &Connection, query: &str) -> Done<Vec<String>> {
    let mut rows = connection.prepare_cached(query)?;
    let texts = rows.query_map([], |row| row.get(0))?;
    Ok(texts.collect::<rusqlite::Result<_>>()?)
}

/// JSON that Misto wrote itself. Broken JSON means a damaged file.
fn parse_json<T: serde::de::DeserializeOwned>(text: &str, what: impl Fn() -> String) -> Done<T> {
    serde_json::from_str(text)
        .map_err(|cause| Error::unavailable(format!("{} in the store cannot be read", what()), cause).into())
}

/// A moment that Misto or a trigger wrote.
fn parse_instant(text: &str, what: impl Fn() -> String) -> Done<Instant> {
    text.parse().map_err(|cause| Error::unavailable(format!("{} in the store cannot be read", what()), cause).into())
}
