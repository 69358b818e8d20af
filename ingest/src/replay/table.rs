//! Tables (CSV): a row becomes a record of texts, read by a mapping and sent in
//! Misto's canonical raw JSON.

use std::io::{BufRead, Read};

use csv::{ReaderBuilder, StringRecord};
use misto_model::Instant;
use serde_json::{Map, Value};

use super::{Entry, ReplayError, Unreadable};
use crate::decode::{Decoded, Message, SourceConfig, Sources, canonical_json, canonical_readings_json};

/// Widest head that is looked at for the separator.
const HEAD_BYTES: u64 = 64 * 1024;

/// Rows of a table, each as one message on `misto/v1/raw/<source>/<vehicle>`.
pub struct TableReader<R: Read> {
    rows: csv::Reader<std::io::Chain<std::io::Cursor<Vec<u8>>, R>>,
    columns: StringRecord,
    sources: Sources,
    source: String,
    now: Instant,
    /// The medium failed: told once, then the recording ends.
    broken: bool,
}

impl<R: BufRead> TableReader<R> {
    /// Reads the head; the separator is the one of comma, semicolon and tab that
    /// it holds most of. `now` is when the rows count as received.
    ///
    /// # Errors
    /// When the head cannot be read or the mapping is wrong.
    pub fn new(mut from: R, source: &SourceConfig, now: Instant, name: &str) -> Result<Self, ReplayError> {
        let mut head = Vec::new();
        from.by_ref()
            .take(HEAD_BYTES)
            .read_until(b'\n', &mut head)
            .map_err(|cause| ReplayError::File { path: name.to_owned(), cause })?;
        let separator = [b',', b';', b'\t']
            .into_iter()
            .max_by_key(|candidate| head.iter().filter(|byte| *byte == candidate).count());
        let mut rows = ReaderBuilder::new()
            .delimiter(separator.unwrap_or(b','))
            .flexible(true)
            .from_reader(std::io::Cursor::new(head).chain(from));
        let wrong = |reason: String| ReplayError::Table { path: name.to_owned(), reason };
        let columns = rows.headers().map_err(|error| wrong(error.to_string()))?.clone();
        if columns.is_empty() {
            return Err(wrong("the first line must name the columns".to_owned()));
        }
        // Rows are addressed as if they had come over MQTT, whatever topic the source has.
        let source = SourceConfig { topic: None, enabled: true, ..source.clone() };
        let id = source.id.to_string();
        Ok(Self { rows, columns, sources: Sources::new(vec![source])?, source: id, now, broken: false })
    }

    /// Bytes read so far.
    pub fn bytes_read(&self) -> u64 {
        self.rows.position().byte()
    }

    /// What a row says, before it is sent.
    fn decode(&self, row: &StringRecord) -> Decoded {
        let record: Map<String, Value> =
            self.columns.iter().zip(row).map(|(column, cell)| (column.trim().to_owned(), Value::from(cell))).collect();
        let payload = Value::Object(record).to_string();
        let topic = format!("misto/v1/raw/{}/row", self.source);
        self.sources.decode(&Message {
            topic: &topic,
            payload: payload.as_bytes(),
            retained: false,
            received_at: self.now,
        })
    }

    fn entry(&self, decoded: Decoded) -> Result<Entry, String> {
        if let Some(rejection) = decoded.rejections.into_iter().next() {
            return Err(format!("{}: {}", rejection.reason.as_str(), rejection.detail));
        }
        let (at, name, payload) = if let Some(fix) = decoded.positions.first() {
            (fix.fix_time, fix.vehicle.vehicle().to_owned(), canonical_json(fix))
        } else if let Some(first) = decoded.readings.first() {
            (first.phenomenon_time, first.datastream.thing.clone(), canonical_readings_json(&decoded.readings))
        } else {
            return Err("holds neither a fix nor a reading".to_owned());
        };
        if name.contains(['/', '+', '#']) {
            return Err(format!("the name {name:?} cannot stand in a topic: it holds /, + or #"));
        }
        Ok(Entry {
            at: Some(at),
            topic: format!("misto/v1/raw/{}/{name}", self.source),
            payload: payload.to_string().into_bytes(),
        })
    }
}

impl<R: BufRead> Iterator for TableReader<R> {
    type Item = Result<Entry, Unreadable>;
    fn next(&mut self) -> Option<Self::Item> {
        let mut row = StringRecord::new();
        let read = self.rows.read_record(&mut row);
        let line = row.position().map_or_else(|| self.rows.position().line(), csv::Position::line);
        let unreadable = |reason: String| Unreadable { line, reason };
        match read {
            Ok(false) => None,
            Err(_) if self.broken => None,
            Err(error) => {
                self.broken = error.is_io_error();
                Some(Err(unreadable(error.to_string())))
            }
            Ok(true) if row.len() != self.columns.len() => {
                Some(Err(unreadable(format!("has {} cells, the head names {} columns", row.len(), self.columns.len()))))
            }
            Ok(true) => Some(self.entry(self.decode(&row)).map_err(unreadable)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRUCKS: &str = "id = \"plough\"\nformat = \"mapped\"\n[mapping]\nvehicle = { pointer = \"/truck_name\", transform = \"integer_id\" }\ntime = \"/messageTime\"\nlat = \"/latitude\"\nlon = \"/longitude\"\n";

    #[test]
    fn rows_become_canonical_messages() {
        let table = "latitude;longitude;messageTime;truck_name\n43.05;-76.11;2020-02-20T02:45:07Z;977106.0\n0;0;2020-02-20T02:45:08Z;977106\n43.05;-76.11\n43.05;-76.11;2020-02-20T02:45:09Z;a/b\n43.06;-76.11;2020-02-20T02:45:10Z;977106";
        let source: SourceConfig = toml::from_str(TRUCKS).unwrap();
        let now = "2026-07-05T12:00:00Z".parse().unwrap();
        let entries: Vec<_> = TableReader::new(table.as_bytes(), &source, now, "t.csv").unwrap().collect();
        let first = entries[0].as_ref().unwrap();
        assert_eq!(first.topic, "misto/v1/raw/plough/977106");
        assert_eq!(first.at.unwrap().to_string(), "2020-02-20T02:45:07Z");
        assert_eq!(first.topic, entries[4].as_ref().unwrap().topic);
        let reasons: Vec<String> =
            entries.iter().filter_map(|entry| entry.as_ref().err()).map(ToString::to_string).collect();
        assert!(reasons[0].starts_with("line 3: no_position"), "{reasons:?}");
        assert!(reasons[1].starts_with("line 4: has 2 cells"), "{reasons:?}");
        assert!(reasons[2].starts_with("line 5: the name \"a/b\""), "{reasons:?}");
        // A server that knows the source by nothing but its name reads the same vehicle.
        let decoded = Sources::default().decode(&Message {
            topic: &first.topic,
            payload: &first.payload,
            retained: false,
            received_at: now,
        });
        assert_eq!(decoded.positions[0].vehicle.to_string(), "plough:/977106");
    }
}
