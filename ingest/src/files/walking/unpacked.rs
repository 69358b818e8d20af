//! The GeoJSON files of a dataset: named one by one, in a folder, or in a zip, which is
//! unpacked into a folder that goes away.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::super::FileError;

/// A dataset of a large city is a tenth of it.
const MAX_BYTES: u64 = 2 << 30;
/// Datasets have six files.
const MAX_ENTRIES: usize = 1_000;

/// Files to read, and the folder that holds them while they are read.
pub(super) struct Unpacked {
    pub files: Vec<PathBuf>,
    _folder: Option<TempDir>,
}

pub(super) fn files(named: &[PathBuf]) -> Result<Unpacked, FileError> {
    match named {
        [folder] if folder.is_dir() => {
            let entries = std::fs::read_dir(folder).map_err(|cause| FileError::io(folder, cause))?;
            let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
            files.retain(|file| is_geojson(file));
            files.sort();
            Ok(Unpacked { files, _folder: None })
        }
        [zip] if zip.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip")) => unpack(zip),
        files => Ok(Unpacked { files: files.to_vec(), _folder: None }),
    }
}

fn is_geojson(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    ["geojson", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// Names in the zip are not used as paths: only the last part of each, beside a number.
fn unpack(path: &Path) -> Result<Unpacked, FileError> {
    let file = File::open(path).map_err(|cause| FileError::io(path, cause))?;
    let damaged = |cause: &dyn std::fmt::Display| FileError::damaged(path.display().to_string(), cause);
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(|cause| damaged(&cause))?;
    if archive.len() > MAX_ENTRIES {
        return Err(FileError::Unsupported(format!("the zip holds {} files, a dataset has six", archive.len())));
    }
    let folder = TempDir::new().map_err(|cause| FileError::io(path, cause))?;
    let (mut files, mut left) = (Vec::new(), MAX_BYTES);
    for number in 0..archive.len() {
        let mut entry = archive.by_index(number).map_err(|cause| damaged(&cause))?;
        let name = Path::new(entry.name()).to_owned();
        if entry.is_dir() || !is_geojson(&name) || entry.name().starts_with("__MACOSX") {
            continue;
        }
        let to = folder.path().join(format!("{number}-{}", super::name_of(&name)));
        let mut out = File::create(&to).map_err(|cause| FileError::io(&to, cause))?;
        let written = std::io::copy(&mut entry.by_ref().take(left + 1), &mut out).map_err(|cause| damaged(&cause))?;
        if written > left {
            return Err(FileError::Unsupported(format!("the zip unpacks to more than {} GB", MAX_BYTES >> 30)));
        }
        left -= written;
        files.push(to);
    }
    Ok(Unpacked { files, _folder: Some(folder) })
}
