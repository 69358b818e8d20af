//! Delimited text (RFC 4180 and its relatives): a header line, one row a
//! record. The place stands in two columns or, as well-known text, in one.

use std::cell::Cell as Counter;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use ::csv::{ByteRecord, Reader, ReaderBuilder};
use geo_types::{Geometry, Point};

use super::angle::{self, Axis};
use super::schema::{Cell, MAX_COLUMNS};
use super::shape::Refused;
use super::survey::{EachRow, Head, Row, Source};
use super::{FileError, Options, Reading, wkt};

/// One record may be this long; a quote that is never closed would take the whole file.
const MAX_RECORD_BYTES: u64 = 16 << 20;

/// Where the place of a row stands.
#[derive(Clone, Copy)]
struct Place {
    /// Columns of longitude and latitude.
    degrees: Option<(usize, usize)>,
    /// Column of well-known text, read where the two are empty.
    wkt: Option<usize>,
}

/// A file whose header was read.
pub(super) struct Csv {
    path: PathBuf,
    delimiter: u8,
    headers: Vec<String>,
    place: Place,
    head: Head,
}

impl Csv {
    pub(super) fn open(path: &Path, options: &Options) -> Result<Self, FileError> {
        let mut reader = opened(path)?;
        let start = reader.fill_buf().map_err(|e| FileError::io(path, e))?;
        let delimiter = sniff(start);
        let (mut records, _) = records(reader, delimiter);
        let headers = records.byte_headers().map_err(|e| damaged(&e))?;
        if headers.is_empty() {
            return Err(FileError::damaged("line 1", "the file is empty; a header line is needed"));
        }
        if headers.len() > MAX_COLUMNS {
            return Err(FileError::Unsupported(format!(
                "the file has {} columns, more than {MAX_COLUMNS}",
                headers.len()
            )));
        }
        let headers: Vec<String> = headers
            .iter()
            .map(|h| {
                std::str::from_utf8(h)
                    .map(|h| h.trim().to_owned())
                    .map_err(|_| FileError::Unsupported(NOT_UTF8.to_owned()))
            })
            .collect::<Result<_, _>>()?;
        let headers = distinct(headers);
        let place = place(&headers, options)?;
        let columns = headers
            .iter()
            .enumerate()
            .filter(|(index, _)| place.wkt != Some(*index))
            .map(|(_, name)| (name.clone(), None))
            .collect();
        let head = Head { columns, ..Head::default() };
        Ok(Self { path: path.to_owned(), delimiter, headers, place, head })
    }

    fn row(&self, number: u64, record: &ByteRecord) -> Row {
        let refused = |field: Option<&str>, reason: String| Row {
            number,
            geometry: Err((field.map(str::to_owned), reason)),
            cells: Vec::new(),
            flattened: false,
        };
        if record.len() != self.headers.len() {
            return refused(
                None,
                format!("the record has {} fields and the header {}", record.len(), self.headers.len()),
            );
        }
        let mut fields = Vec::with_capacity(self.headers.len());
        for (name, bytes) in self.headers.iter().zip(record) {
            match std::str::from_utf8(bytes) {
                Ok(text) => fields.push(text.trim()),
                Err(_) => return refused(Some(name), NOT_UTF8.to_owned()),
            }
        }
        let mut flattened = false;
        let geometry =
            self.shape(&fields, &mut flattened).map_err(|(column, e)| (Some(self.headers[column].clone()), e));
        let cells = self
            .headers
            .iter()
            .zip(fields)
            .enumerate()
            .filter(|(index, _)| self.place.wkt != Some(*index))
            .map(|(_, (name, text))| (name.clone(), Cell::Written(text.to_owned())))
            .collect();
        Row { number, geometry, cells, flattened }
    }

    /// The shape, or the column at fault and why.
    fn shape(&self, fields: &[&str], flattened: &mut bool) -> Result<Option<Geometry>, (usize, Refused)> {
        if let Some((lon, lat)) = self.place.degrees
            && let Some(point) = self.point(fields, lon, lat)?
        {
            return Ok(Some(point));
        }
        match self.place.wkt {
            Some(column) => wkt::read(fields[column], flattened).map_err(|e| (column, e)),
            None => Ok(None),
        }
    }

    fn point(&self, fields: &[&str], lon: usize, lat: usize) -> Result<Option<Geometry>, (usize, Refused)> {
        if fields[lon].is_empty() && fields[lat].is_empty() {
            return Ok(None);
        }
        for (index, other) in [(lon, lat), (lat, lon)] {
            if fields[index].is_empty() {
                return Err((index, format!("this is empty although {:?} is not", self.headers[other])));
            }
        }
        let x = angle::parse(fields[lon], Axis::Longitude).map_err(|e| (lon, e))?.degrees;
        let y = angle::parse(fields[lat], Axis::Latitude).map_err(|e| (lat, e))?.degrees;
        Ok(Some(Point::new(x, y).into()))
    }
}

impl Source for Csv {
    fn head(&self) -> &Head {
        &self.head
    }

    fn rows(&mut self, each: EachRow<'_>) -> Result<(), FileError> {
        let (mut records, watch) = records(opened(&self.path)?, self.delimiter);
        let mut record = ByteRecord::new();
        let mut number = 0;
        let mut several_lines = None;
        while records.read_byte_record(&mut record).map_err(|e| damaged(&e))? {
            watch.taken.set(0);
            number += 1;
            several_lines = record.position().map(::csv::Position::line).filter(|_| record.as_slice().contains(&b'\n'));
            each(self.row(number, &record))?;
        }
        // The last record took the rest of the file when its quote was never closed.
        if let Some(line) = several_lines.filter(|_| watch.quotes.get() % 2 == 1) {
            return Err(FileError::damaged(format!("line {line}"), "a quote is opened here and never closed"));
        }
        Ok(())
    }
}

const NOT_UTF8: &str =
    "the text is not UTF-8; if it is Windows-1251, convert it first: iconv -f cp1251 -t utf-8 FILE > NEW";

fn opened(path: &Path) -> Result<BufReader<File>, FileError> {
    let mut reader = BufReader::with_capacity(64 << 10, File::open(path).map_err(|e| FileError::io(path, e))?);
    if reader.fill_buf().map_err(|e| FileError::io(path, e))?.starts_with("\u{feff}".as_bytes()) {
        reader.consume(3);
    }
    Ok(reader)
}

fn damaged(error: &::csv::Error) -> FileError {
    let place = error.position().map_or_else(|| "a record".to_owned(), |p| format!("line {}", p.line()));
    FileError::damaged(place, error)
}

/// What passed through the reader.
#[derive(Clone, Default)]
struct Watch {
    /// Bytes since the last record began.
    taken: Rc<Counter<u64>>,
    /// Quotation marks in all. In a sound file every one that opens is closed.
    quotes: Rc<Counter<u64>>,
}

struct Watched<R> {
    inner: R,
    watch: Watch,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let quotes = buffer[..count].iter().filter(|b| **b == b'"').count();
        self.watch.quotes.set(self.watch.quotes.get() + quotes as u64);
        self.watch.taken.set(self.watch.taken.get() + count as u64);
        if self.watch.taken.get() > MAX_RECORD_BYTES {
            return Err(std::io::Error::other(format!(
                "a single record is longer than {} MB; is a quote never closed?",
                MAX_RECORD_BYTES >> 20
            )));
        }
        Ok(count)
    }
}

fn records<R: Read>(inner: R, delimiter: u8) -> (Reader<Watched<R>>, Watch) {
    let watch = Watch::default();
    let reader = Watched { inner, watch: watch.clone() };
    (ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(reader), watch)
}

/// The delimiter that stands most often in the first line, outside quotes.
fn sniff(start: &[u8]) -> u8 {
    let mut quoted = false;
    let mut counts = [(b'\t', 0), (b';', 0), (b',', 0), (b'|', 0)];
    for byte in start.iter().take_while(|b| **b != b'\n') {
        if *byte == b'"' {
            quoted = !quoted;
        } else if !quoted {
            counts.iter_mut().filter(|(delimiter, _)| delimiter == byte).for_each(|(_, count)| *count += 1);
        }
    }
    // Of equals the first: a comma stands in headers more easily than the others.
    counts
        .iter()
        .rev()
        .max_by_key(|(_, count)| *count)
        .map_or(b',', |(delimiter, count)| if *count > 0 { *delimiter } else { b',' })
}

/// Header names told apart: rows are handed on by name.
fn distinct(names: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    let mut distinct = Vec::with_capacity(names.len());
    for (index, name) in names.into_iter().enumerate() {
        let mut unique = if name.is_empty() { format!("column_{}", index + 1) } else { name };
        while !seen.insert(unique.clone()) {
            unique.push_str(&format!("_{}", index + 1));
        }
        distinct.push(unique);
    }
    distinct
}

fn place(headers: &[String], options: &Options) -> Result<Place, FileError> {
    let named = |option: &'static str, wanted: &Option<String>| match wanted {
        None => Ok(None),
        Some(name) => headers.iter().position(|h| h == name).map(Some).ok_or_else(|| FileError::Option {
            option,
            reason: format!("there is no column {name:?}; the columns are {}", headers.join(", ")),
        }),
    };
    let recognised = |axis: Axis| headers.iter().position(|h| Axis::of_name(h) == Some(axis));
    let lon = named("lon", &options.lon_column)?.or_else(|| recognised(Axis::Longitude));
    let lat = named("lat", &options.lat_column)?.or_else(|| recognised(Axis::Latitude));
    let text = headers
        .iter()
        .position(|h| ["wkt", "geometry", "geom", "the_geom", "геометрія"].contains(&h.to_lowercase().as_str()));
    let place = Place { degrees: lon.zip(lat), wkt: text };
    // Annex 32 has addresses and no coordinates.
    if place.degrees.is_some() || place.wkt.is_some() || options.reading == Reading::Annex32 {
        return Ok(place);
    }
    Err(FileError::Option {
        option: if lon.is_none() { "lon" } else { "lat" },
        reason: format!(
            "no column is recognised; name those that hold longitude and latitude. The columns are {}",
            headers.join(", ")
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_of_the_header() {
        assert_eq!(sniff(b"a,b,c\n1;2;3;4;5"), b',');
        assert_eq!(sniff("Назва;Тип (a, b);Широта;Довгота".as_bytes()), b';');
        assert_eq!(sniff(b"\"a;b;c;d\"\tlat\tlon"), b'\t');
        assert_eq!(sniff(b"alone"), b',');
    }
}
