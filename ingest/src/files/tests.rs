//! Real files beside the checkout, and files damaged on purpose.

use std::path::{Path, PathBuf};

use misto_model::{Bbox, GeometryKind};

use super::{FileError, Imported, Options, Report, read};

mod broken;
mod geopackages;
mod names;
mod osm;
mod round_trip;
mod vectors;
mod venues;
mod walking;

/// A file of the test data that lies beside the checkout; `None`, said plainly, when it is not there.
pub(crate) fn data(path: &str) -> Option<PathBuf> {
    let base = std::env::var_os("MISTO_TEST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let file = base.join(path);
    if !file.exists() {
        println!("SKIPPED: {} is not there", file.display());
        return None;
    }
    Some(file)
}

/// Everything the file holds.
fn all(path: &Path, options: &Options) -> Result<(Report, Vec<Imported>), FileError> {
    let mut rows = Vec::new();
    let report = read(path, options, &mut |row| {
        rows.push(row);
        Ok(())
    })?;
    assert_eq!(report.kept, rows.len() as u64);
    assert_eq!(report.read, report.kept + report.refused.total);
    assert_eq!(report.without_geometry, rows.iter().filter(|row| row.geometry.is_none()).count() as u64);
    for row in &rows {
        let names: Vec<_> = row.properties.keys().map(String::as_str).collect();
        let schema: Vec<_> = report.schema.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, schema);
    }
    Ok((report, rows))
}

fn layer(name: &str) -> Options {
    Options { layer: Some(name.to_owned()), ..Options::default() }
}

/// A file with that content, in a folder that goes away.
fn written(name: &str, content: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    (folder, path)
}

fn refused(result: Result<(Report, Vec<Imported>), FileError>) -> String {
    result.err().map(|e| e.to_string()).expect("the file is refused")
}

fn region() -> Bbox {
    Bbox::new(23.5, 47.7, 25.7, 49.6).unwrap()
}

fn is_point(report: &Report) -> bool {
    report.geometry == GeometryKind::Point
}
