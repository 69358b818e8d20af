//! What the embedded files promise beyond the seam: GDAL reads and writes
//! `city.gpkg` while Misto has it open.

mod files;
mod foreign;
mod locks;
mod log;
mod migration;
mod standard;
mod tracks;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use misto_model::{Audience, Change, Collection, GeometryKind, Property, PropertyType};
use misto_store::{FeedPage, Store};

/// A store in a folder of its own.
pub struct City {
    pub store: Store,
    pub folder: tempfile::TempDir,
}

impl City {
    pub async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = misto_store::open(&url(folder.path())).await.unwrap();
        Self { store, folder }
    }

    pub fn gpkg(&self) -> PathBuf {
        self.folder.path().join("city.gpkg")
    }

    /// Waits for the feed beyond `after`; fails after 5 seconds.
    pub async fn next(&self, after: i64) -> FeedPage {
        tokio::time::timeout(Duration::from_secs(5), self.store.features.wait_for_change(after)).await.unwrap();
        self.store.features.changes(after, 10_000).await.unwrap()
    }

    /// Follows the feed until `enough` says so; fails after 10 seconds.
    pub async fn follow(&self, after: i64, enough: impl Fn(&[Change], bool) -> bool) -> Vec<Change> {
        let (start, mut upto, mut changes, mut schema) = (Instant::now(), after, Vec::new(), false);
        while !enough(&changes, schema) {
            assert!(start.elapsed() < Duration::from_secs(10), "only {changes:?}");
            let page = self.store.features.changes(upto, 10_000).await.unwrap();
            upto = page.upto;
            schema |= !page.redefined.is_empty();
            changes.extend(page.changes);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        changes
    }
}

pub fn url(folder: &Path) -> String {
    format!("geopackage:{}", folder.join("city.gpkg").display())
}

pub fn parks() -> Collection {
    let public = |name: &str, kind| Property { name: name.to_owned(), kind, audience: Audience::Public };
    Collection {
        id: "parks".parse().unwrap(),
        title_uk: "Парки".to_owned(),
        title_en: "Parks".to_owned(),
        description: "Зелені зони".to_owned(),
        audience: Audience::Public,
        geometry: GeometryKind::Point,
        properties: vec![public("name", PropertyType::Text), public("trees", PropertyType::Integer)],
        sample: true,
        extent: None,
    }
}

/// Runs a program of GDAL; a missing one fails with what to install.
pub fn gdal<S: AsRef<std::ffi::OsStr>>(program: &str, arguments: impl IntoIterator<Item = S>) -> String {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|cause| panic!("{program}: {cause}; install it with: apt-get install gdal-bin"));
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{program}: {text}");
    assert!(!text.contains("ERROR"), "{program}: {text}");
    text
}

/// Writes a GeoJSON file with points.
pub fn points(folder: &Path, file: &str, points: &[(&str, f64, f64)]) -> PathBuf {
    let features: Vec<_> = points
        .iter()
        .map(|(name, lon, lat)| {
            serde_json::json!({
                "type": "Feature", "properties": {"name": name},
                "geometry": {"type": "Point", "coordinates": [lon, lat]}
            })
        })
        .collect();
    let path = folder.join(file);
    std::fs::write(&path, serde_json::json!({"type": "FeatureCollection", "features": features}).to_string()).unwrap();
    path
}

/// A connection of another program, with the functions that programs of GIS bring along.
pub fn other_program(path: &Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.busy_timeout(Duration::from_secs(5)).unwrap();
    let flags = rusqlite::functions::FunctionFlags::default();
    for name in ["ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"] {
        // Enough for rows without geometry.
        connection.create_scalar_function(name, 1, flags, |_| Ok(true)).unwrap();
    }
    connection
}
