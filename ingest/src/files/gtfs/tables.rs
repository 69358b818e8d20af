//! The files of a feed as tables, and the list of what is wrong in them.

use std::collections::{HashMap, HashSet};

use super::text::not_a_table;
use super::{FeedError, Problem};

/// So many problems are told; a planner mends the first and reads again.
const MAX_PROBLEMS: usize = 200;

/// Problems of a feed: all counted, the first kept.
#[derive(Default)]
pub(super) struct Problems {
    first: Vec<Problem>,
    total: u64,
    unusable: HashSet<&'static str>,
    refused: HashSet<(&'static str, String)>,
}

impl Problems {
    pub(super) fn add(&mut self, problem: Problem) {
        self.total += 1;
        if self.first.len() < MAX_PROBLEMS {
            self.first.push(problem);
        }
    }

    /// A file that cannot be used. References into it are not told.
    pub(super) fn without(&mut self, table: &Table, problem: Problem) {
        self.unusable.insert(table.name);
        self.add(problem);
    }

    /// A row that cannot be used. Rows that refer to its id are not told again.
    pub(super) fn refuse(&mut self, row: &Row<'_>, id: &str, problem: Problem) {
        self.refused.insert((row.table.name, row.text(id).to_owned()));
        self.add(problem);
    }

    /// A reference to a row that none of `files` has; silent when such a file or row is itself
    /// a problem.
    pub(super) fn dangling(&mut self, row: &Row<'_>, field: &str, files: &[&'static str]) {
        let id = row.text(field);
        let told = |file: &&'static str| self.unusable.contains(file) || self.refused.contains(&(*file, id.to_owned()));
        if !files.iter().any(told) {
            self.add(row.problem(field, format!("{id} is not in {}", files.join(" or "))));
        }
    }

    pub(super) fn into_result(self) -> Result<(), FeedError> {
        if self.total == 0 { Ok(()) } else { Err(FeedError::Invalid { problems: self.first, total: self.total }) }
    }
}

enum State {
    Missing,
    /// Told already.
    Unusable,
    Rows(Vec<u8>),
}

/// One file of the feed.
pub(super) struct Table {
    name: &'static str,
    columns: HashMap<String, usize>,
    width: usize,
    state: State,
}

impl Table {
    pub(super) fn new(name: &'static str, bytes: Option<Vec<u8>>, problems: &mut Problems) -> Self {
        let mut table = Self { name, columns: HashMap::new(), width: 0, state: State::Missing };
        let Some(bytes) = bytes else { return table };
        if let Some((line, reason)) = not_a_table(name, &bytes) {
            problems.without(&table, table.problem(line, "", reason));
            table.state = State::Unusable;
            return table;
        }
        let mut reader = reader(&bytes);
        let header = reader.byte_headers().cloned().unwrap_or_default();
        table.width = header.len();
        for (index, column) in header.iter().enumerate() {
            let column = String::from_utf8_lossy(column).trim().to_owned();
            if !column.is_empty() && table.columns.contains_key(&column) {
                problems.add(table.problem(1, &column, "this column stands in the header twice"));
            }
            table.columns.entry(column).or_insert(index);
        }
        drop(reader);
        table.state = State::Rows(bytes);
        table
    }

    /// Whether the feed lacks the file.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self.state, State::Missing)
    }

    /// Whether the file is there; when it is not, that is a problem.
    pub(super) fn required(&self, problems: &mut Problems) -> bool {
        if self.is_missing() {
            problems.without(self, self.problem(0, "", "this file is required and missing"));
        }
        !self.is_missing()
    }

    pub(super) fn problem(&self, line: u64, field: &str, reason: impl Into<String>) -> Problem {
        Problem { file: self.name.to_owned(), line, field: field.to_owned(), reason: reason.into() }
    }

    /// Whether the file is there with these columns; says of each that is not.
    pub(super) fn has_columns(&self, names: &[&str], problems: &mut Problems) -> bool {
        if !matches!(self.state, State::Rows(_)) {
            return false;
        }
        let mut all = true;
        for name in names.iter().filter(|name| !self.columns.contains_key(**name)) {
            problems.add(self.problem(1, name, "this column is required and missing"));
            all = false;
        }
        if !all {
            problems.unusable.insert(self.name);
        }
        all
    }

    /// Every row that can be read; what cannot is a problem.
    pub(super) fn each(&self, problems: &mut Problems, mut each: impl FnMut(&Row<'_>, &mut Problems)) {
        let State::Rows(bytes) = &self.state else { return };
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
            let line = record.position().map_or(0, |start| line_of(plain(bytes), start));
            let row = Row { table: self, record: &record, line };
            match row.shape() {
                Shape::Blank => {}
                Shape::Row => each(&row, problems),
                Shape::Broken(reason) => problems.add(self.problem(line, "", reason)),
            }
        }
    }
}

/// Without the mark that Windows puts before UTF-8.
fn plain(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)
}

fn reader(bytes: &[u8]) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().flexible(true).from_reader(plain(bytes))
}

/// The reader stands before what is left of the line end, and before empty lines.
fn line_of(bytes: &[u8], start: &csv::Position) -> u64 {
    let rest = bytes.get(start.byte() as usize..).unwrap_or_default();
    let ends = rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).filter(|byte| **byte == b'\n');
    start.line() + ends.count() as u64
}

enum Shape {
    Blank,
    Row,
    Broken(String),
}

/// One row of a table.
pub(super) struct Row<'a> {
    table: &'a Table,
    record: &'a csv::ByteRecord,
    /// Line of the file, the header being 1.
    pub line: u64,
}

impl Row<'_> {
    fn shape(&self) -> Shape {
        let filled = |field: &[u8]| !field.trim_ascii().is_empty();
        if !self.record.iter().any(filled) {
            return Shape::Blank;
        }
        if self.record.iter().skip(self.table.width).any(filled) {
            return Shape::Broken(format!(
                "the row has {} fields, the header {}; a text with a comma needs quotation marks around it",
                self.record.len(),
                self.table.width
            ));
        }
        if self.record.as_slice().contains(&0) {
            return Shape::Broken("the row holds the character NUL, which no text has".to_owned());
        }
        Shape::Row
    }

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
