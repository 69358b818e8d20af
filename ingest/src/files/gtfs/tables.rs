//! The files of a feed as tables, and the list of what is wrong in them.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::{FeedError, Problem};

/// One unpacked file may be this long; the largest national feeds stay below.
const MAX_FILE_BYTES: u64 = 2 << 30;
/// So many problems are told; a planner mends the first and reads again.
const MAX_PROBLEMS: usize = 200;

/// Problems of a feed: all counted, the first kept.
#[derive(Default)]
pub(super) struct Problems {
    first: Vec<Problem>,
    total: u64,
}

impl Problems {
    pub(super) fn add(&mut self, problem: Problem) {
        self.total += 1;
        if self.first.len() < MAX_PROBLEMS {
            self.first.push(problem);
        }
    }

    pub(super) fn into_result(self) -> Result<(), FeedError> {
        if self.total == 0 { Ok(()) } else { Err(FeedError::Invalid { problems: self.first, total: self.total }) }
    }
}

/// A feed on disk.
pub(super) enum Archive {
    Folder(PathBuf),
    Zip { archive: zip::ZipArchive<std::io::BufReader<std::fs::File>>, folder: String },
}

impl Archive {
    pub(super) fn open(path: &Path) -> Result<Self, FeedError> {
        let unreadable = |e: &dyn std::fmt::Display| FeedError::Unreadable(format!("{}: {e}", path.display()));
        if path.is_dir() {
            return Ok(Self::Folder(path.to_owned()));
        }
        let file = std::fs::File::open(path).map_err(|e| unreadable(&e))?;
        let archive = zip::ZipArchive::new(std::io::BufReader::new(file)).map_err(|e| unreadable(&e))?;
        // Many feeds are packed together with the folder they lay in.
        let folder =
            archive.file_names().find_map(|name| name.strip_suffix("stops.txt")).unwrap_or_default().to_owned();
        Ok(Self::Zip { archive, folder })
    }

    /// The table of that name; an absent file is a table that is missing.
    pub(super) fn table(&mut self, name: &'static str) -> Result<Table, FeedError> {
        let unreadable = |e: &dyn std::fmt::Display| FeedError::Unreadable(format!("{name}: {e}"));
        let bytes = match self {
            Self::Folder(folder) => match std::fs::File::open(folder.join(name)) {
                Ok(file) => Some(limited(file, name)?),
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
                Err(e) => return Err(unreadable(&e)),
            },
            Self::Zip { archive, folder } => match archive.by_name(&format!("{folder}{name}")) {
                Ok(file) => Some(limited(file, name)?),
                Err(zip::result::ZipError::FileNotFound) => None,
                Err(e) => return Err(unreadable(&e)),
            },
        };
        Table::new(name, bytes)
    }
}

fn limited(reader: impl Read, name: &str) -> Result<Vec<u8>, FeedError> {
    let mut bytes = Vec::new();
    reader
        .take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| FeedError::Unreadable(format!("{name}: {e}")))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(FeedError::Unreadable(format!("{name} is longer than {} MB when unpacked", MAX_FILE_BYTES >> 20)));
    }
    Ok(bytes)
}

/// One file of the feed.
pub(super) struct Table {
    name: &'static str,
    columns: HashMap<String, usize>,
    bytes: Option<Vec<u8>>,
}

impl Table {
    pub(super) fn new(name: &'static str, bytes: Option<Vec<u8>>) -> Result<Self, FeedError> {
        let mut table = Self { name, columns: HashMap::new(), bytes };
        if let Some(bytes) = &table.bytes {
            let mut reader = reader(bytes);
            let headers = reader.byte_headers().map_err(|e| FeedError::Unreadable(format!("{name}: {e}")))?;
            for (index, header) in headers.iter().enumerate() {
                let header = String::from_utf8_lossy(header).trim().to_owned();
                table.columns.entry(header).or_insert(index);
            }
        }
        Ok(table)
    }

    /// Whether the feed lacks the file.
    pub(super) fn is_missing(&self) -> bool {
        self.bytes.is_none()
    }

    pub(super) fn problem(&self, line: u64, field: &str, reason: impl Into<String>) -> Problem {
        Problem { file: self.name.to_owned(), line, field: field.to_owned(), reason: reason.into() }
    }

    /// Whether the columns are there; says of each that is not.
    pub(super) fn has_columns(&self, names: &[&str], problems: &mut Problems) -> bool {
        let mut all = true;
        for name in names.iter().filter(|name| !self.columns.contains_key(**name)) {
            problems.add(self.problem(1, name, "this column is required and missing"));
            all = false;
        }
        all
    }

    /// Every row that can be read; what cannot is a problem.
    pub(super) fn each(&self, problems: &mut Problems, mut each: impl FnMut(&Row<'_>, &mut Problems)) {
        let Some(bytes) = &self.bytes else { return };
        let mut reader = reader(bytes);
        let mut record = csv::ByteRecord::new();
        loop {
            match reader.read_byte_record(&mut record) {
                Ok(true) => {}
                Ok(false) => return,
                Err(e) => {
                    problems.add(self.problem(e.position().map_or(0, csv::Position::line), "", e.to_string()));
                    return;
                }
            }
            let line = record.position().map_or(0, csv::Position::line);
            if record.iter().all(|field| field.trim_ascii().is_empty()) {
                continue;
            }
            match std::str::from_utf8(record.as_slice()) {
                Ok(_) => each(&Row { table: self, record: &record, line }, problems),
                Err(_) => problems.add(self.problem(line, "", "the row is not UTF-8")),
            }
        }
    }
}

fn reader(bytes: &[u8]) -> csv::Reader<&[u8]> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    csv::ReaderBuilder::new().flexible(true).from_reader(bytes)
}

/// One row of a table.
pub(super) struct Row<'a> {
    table: &'a Table,
    record: &'a csv::ByteRecord,
    /// Line of the file, the header being 1.
    pub line: u64,
}

impl Row<'_> {
    /// The field without blanks around it; empty when it or its column is absent.
    pub(super) fn text(&self, field: &str) -> &str {
        let bytes = self.table.columns.get(field).and_then(|index| self.record.get(*index)).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default().trim()
    }

    /// As [`Row::text`], `None` when empty.
    pub(super) fn optional(&self, field: &str) -> Option<String> {
        Some(self.text(field)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// A problem of this row.
    pub(super) fn problem(&self, field: &str, reason: impl Into<String>) -> Problem {
        self.table.problem(self.line, field, reason)
    }
}
