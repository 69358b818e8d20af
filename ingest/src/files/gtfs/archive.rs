//! A feed on disk: a folder or a zip that nobody has looked into yet.
//!
//! Nothing is unpacked to disk. What a zip claims is believed only when it makes the feed
//! smaller; a file that grows more than text does, or a feed larger than any city's, is
//! refused before or while it is unpacked.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::tables::{Problems, Table};
use super::{FeedError, Problem};

/// All tables of a feed together may be this long; the largest city feeds are a tenth of it.
const MAX_FEED_BYTES: u64 = 1 << 30;
/// Tables of digits and commas shrink to a twentieth; a hundredth is no timetable.
const MAX_RATIO: u64 = 100;
/// Below this length the ratio says nothing: a small table of equal rows may shrink well.
const SMALL_BYTES: u64 = 4 << 20;
/// Feeds have some thirty files.
const MAX_ENTRIES: usize = 1_000;
/// The files that every feed has; they tell the folder a zip was packed with.
const ALWAYS: [&str; 5] = ["agency.txt", "stops.txt", "routes.txt", "trips.txt", "stop_times.txt"];

enum Content {
    Folder(PathBuf),
    Zip { archive: zip::ZipArchive<std::io::BufReader<std::fs::File>>, folder: String },
}

/// A feed on disk.
pub(super) struct Archive {
    content: Content,
    names: Vec<String>,
    left_bytes: u64,
}

impl Archive {
    pub(super) fn open(path: &Path) -> Result<Self, FeedError> {
        let unreadable = |e: &dyn std::fmt::Display| FeedError::Unreadable(format!("{}: {e}", path.display()));
        if path.is_dir() {
            let entries = std::fs::read_dir(path).map_err(|e| unreadable(&e))?;
            let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
            return Ok(Self { content: Content::Folder(path.to_owned()), names, left_bytes: MAX_FEED_BYTES });
        }
        let file = std::fs::File::open(path).map_err(|e| unreadable(&e))?;
        let archive = zip::ZipArchive::new(std::io::BufReader::new(file))
            .map_err(|e| unreadable(&format_args!("this is no zip file ({e}); a feed is a zip or a folder")))?;
        if archive.is_empty() {
            return Err(unreadable(&"the zip is empty; a feed has agency.txt, stops.txt, routes.txt and others"));
        }
        if archive.len() > MAX_ENTRIES {
            return Err(unreadable(&format_args!("the zip holds {} files, a feed has some thirty", archive.len())));
        }
        if let Some(name) = archive.file_names().find(|name| leads_out(name)) {
            return Err(unreadable(&format_args!(
                "the zip holds {name:?}, a name that leads out of it; no feed has such files"
            )));
        }
        // Many feeds are packed together with the folder they lay in.
        let folder = archive
            .file_names()
            .filter_map(|name| ALWAYS.iter().find_map(|file| name.strip_suffix(file)))
            .filter(|folder| folder.is_empty() || folder.ends_with('/'))
            .min_by_key(|folder| folder.len())
            .unwrap_or_default()
            .to_owned();
        let names = archive.file_names().filter_map(|name| name.strip_prefix(&folder)).map(str::to_owned).collect();
        Ok(Self { content: Content::Zip { archive, folder }, names, left_bytes: MAX_FEED_BYTES })
    }

    /// The table of that name; an absent file is a table that is missing, one that is no
    /// table is told and has no rows.
    pub(super) fn table(&mut self, name: &'static str, problems: &mut Problems) -> Result<Table, FeedError> {
        let bytes = self.bytes(name)?;
        if bytes.is_none()
            && let Some(other) = self.names.iter().find(|other| other.eq_ignore_ascii_case(name))
        {
            let reason = format!("the file is called {other}; rename it to {name}");
            problems.add(Problem { file: name.to_owned(), line: 0, field: String::new(), reason });
        }
        self.left_bytes -= bytes.as_ref().map_or(0, |bytes| bytes.len() as u64).min(self.left_bytes);
        Ok(Table::new(name, bytes, problems))
    }

    /// Tables of the feed that are none of `known`, in order.
    pub(super) fn others(&self, known: &[&str]) -> Vec<&str> {
        let table = |name: &&str| name.ends_with(".txt") && !name.contains('/') && !known.contains(name);
        let mut others: Vec<&str> = self.names.iter().map(String::as_str).filter(table).collect();
        others.sort_unstable();
        others
    }

    fn bytes(&mut self, name: &str) -> Result<Option<Vec<u8>>, FeedError> {
        let unreadable = |e: &dyn std::fmt::Display| FeedError::Unreadable(format!("{name}: {e}"));
        let left = self.left_bytes;
        match &mut self.content {
            Content::Folder(folder) => match std::fs::File::open(folder.join(name)) {
                Ok(file) => limited(file, name, left).map(Some),
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
                Err(e) => Err(unreadable(&e)),
            },
            Content::Zip { archive, folder } => match archive.by_name(&format!("{folder}{name}")) {
                Ok(file) => {
                    let grown = file.compressed_size().saturating_mul(MAX_RATIO).max(SMALL_BYTES);
                    if file.size() > left {
                        return Err(too_long(name, left));
                    }
                    if file.size() > grown {
                        return Err(grows(name));
                    }
                    match limited(file, name, left.min(grown)) {
                        // The claim was smaller than the file.
                        Err(_) if grown < left => Err(grows(name)),
                        read => read.map(Some),
                    }
                }
                Err(zip::result::ZipError::FileNotFound) => Ok(None),
                Err(e) => Err(unreadable(&e)),
            },
        }
    }
}

fn leads_out(name: &str) -> bool {
    let drive = name.as_bytes().get(1) == Some(&b':');
    drive || name.starts_with(['/', '\\']) || name.split(['/', '\\']).any(|part| part == "..")
}

fn grows(name: &str) -> FeedError {
    FeedError::Unreadable(format!(
        "{name} grows more than {MAX_RATIO} times when unpacked, as no timetable does; the file is not read"
    ))
}

fn too_long(name: &str, left: u64) -> FeedError {
    FeedError::Unreadable(format!(
        "{name} is longer than {} MB when unpacked; the tables of a feed may have {} MB together",
        left >> 20,
        MAX_FEED_BYTES >> 20
    ))
}

fn limited(reader: impl Read, name: &str, limit: u64) -> Result<Vec<u8>, FeedError> {
    let mut bytes = Vec::new();
    reader
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|e| FeedError::Unreadable(format!("{name}: {e}")))?;
    if bytes.len() as u64 > limit { Err(too_long(name, limit)) } else { Ok(bytes) }
}
