//! What each target does with its input. The promises that must hold and the
//! examples to begin with are those of `ingest/tests/untrusted`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use misto_ingest::decode::{Format as WireFormat, MappingConfig, Rule, SourceConfig, Sources, TimeForm, TopicFilter};
use misto_ingest::files::Format;

#[path = "../../ingest/tests/untrusted/examples.rs"]
pub mod examples;
#[path = "../../ingest/tests/untrusted/extract.rs"]
pub mod extract;
#[path = "../../ingest/tests/untrusted/promises.rs"]
pub mod promises;
#[allow(dead_code, unused_imports, reason = "the store writes and measures shapes too")]
#[path = "../../store/src/wkb/mod.rs"]
mod wkb_of_store;

thread_local! {
    static SOURCES: RefCell<HashMap<&'static str, Sources>> = RefCell::default();
    static FOLDER: tempfile::TempDir = folder().expect("a folder");
}

/// In memory where that is possible: a file system that waits for the disk when a
/// file is written anew takes many times longer than the reader.
fn folder() -> std::io::Result<tempfile::TempDir> {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir())
}

/// A message of one format: the topic, a line feed, the payload.
pub fn wire(format: &'static str, input: &[u8]) {
    let Some((topic, payload)) = two(input) else { return };
    let Ok(topic) = std::str::from_utf8(topic) else { return };
    SOURCES.with_borrow_mut(|known| {
        let sources = known.entry(format).or_insert_with(|| examples::Wire::named(format).sources());
        promises::message(sources, topic, payload);
    });
}

/// What stands before and behind the first line feed.
fn two(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = input.iter().position(|byte| *byte == b'\n')?;
    Some((&input[..at], &input[at + 1..]))
}

/// A form of times, a line feed, a time.
pub fn time_form(input: &[u8]) {
    let Some((form, time)) = std::str::from_utf8(input).ok().and_then(|text| text.split_once('\n')) else { return };
    let form = match form {
        "posix_s" => TimeForm::PosixSeconds,
        "posix_ms" => TimeForm::PosixMillis,
        "local" => TimeForm::Local,
        "rfc3339" => TimeForm::Rfc3339,
        other => TimeForm::Format(other.to_owned()),
    };
    let constant = |value: f64| Some(Rule { constant: Some(value.into()), ..Rule::default() });
    let mapping = MappingConfig {
        time: Some(Rule { pointer: Some("/t".to_owned()), form, ..Rule::default() }),
        lat: constant(48.92),
        lon: constant(24.71),
        ..MappingConfig::default()
    };
    let mut source = SourceConfig::new("it".parse().expect("a name"), WireFormat::Mapped);
    source.mapping = Some(mapping);
    let Ok(sources) = Sources::new(vec![source]) else { return };
    promises::message(&sources, "misto/v1/raw/it/7", serde_json::json!({ "t": time }).to_string().as_bytes());
}

/// Two filters and a topic, a line each: a filter that covers another means all that the other means.
pub fn topic_filter(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let mut lines = text.splitn(3, '\n');
    let (Some(wide), Some(narrow), Some(topic)) = (lines.next(), lines.next(), lines.next()) else { return };
    let (Ok(wide), Ok(narrow)) = (wide.parse::<TopicFilter>(), narrow.parse::<TopicFilter>()) else { return };
    assert!(!(wide.covers(&narrow) && narrow.matches(topic)) || wide.matches(topic), "{wide:?} {narrow:?} {topic:?}");
}

/// A source of the configuration, an empty line, a payload.
pub fn mapping(input: &[u8]) {
    let Some((config, payload)) = std::str::from_utf8(input).ok().and_then(|text| text.split_once("\n\n")) else {
        return;
    };
    let Ok(source) = toml::from_str::<SourceConfig>(config) else { return };
    match Sources::new(vec![source]) {
        Ok(sources) => drop(promises::message(&sources, "misto/v1/raw/it/7", payload.as_bytes())),
        Err(error) => assert!(error.to_string().len() > 8, "{error}"),
    }
}

/// A file of one format.
pub fn file(format: Format, input: &[u8]) {
    if format == Format::OsmPbf {
        // The reader ends the panics of its library itself; libFuzzer would take each for a crash.
        std::panic::set_hook(Box::new(|_| {}));
    }
    let _answered = promises::file(&written("file", input), &promises::options(format));
}

fn written(name: &str, content: &[u8]) -> PathBuf {
    let path = FOLDER.with(|folder| folder.path().join(name));
    std::fs::write(&path, content).expect("room on the disk");
    path
}

/// A packed feed.
pub fn gtfs_zip(input: &[u8]) {
    promises::feed(&written("feed.zip", input));
}

/// The tables of a feed, an empty line between them; an empty one is absent.
pub fn gtfs_tables(input: &[u8]) {
    let folder = FOLDER.with(|folder| folder.path().join("feed"));
    std::fs::create_dir_all(&folder).expect("room on the disk");
    let mut rest = input;
    for name in examples::FEED_FILES {
        let end = rest.windows(2).position(|two| two == b"\n\n").unwrap_or(rest.len());
        table(&folder.join(name), &rest[..end]);
        rest = rest.get(end + 2..).unwrap_or_default();
    }
    promises::feed(&folder);
}

fn table(path: &Path, content: &[u8]) {
    if content.is_empty() {
        let _absent_already = std::fs::remove_file(path);
    } else {
        std::fs::write(path, content).expect("room on the disk");
    }
}

/// Well-known text, as the one column of a table.
pub fn wkt(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let table = format!("geom\n\"{}\"\n", text.replace('"', "\"\""));
    let _answered = promises::file(&written("file", table.as_bytes()), &promises::options(Format::Csv));
}

/// Well-known binary with a GeoPackage's header, as the one shape of a layer.
pub fn wkb(input: &[u8]) {
    thread_local! {
        static LAYER: (PathBuf, rusqlite::Connection) = {
            let path = written("layer.gpkg", &examples::geopackage());
            let connection = rusqlite::Connection::open(&path).expect("a database");
            connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY").expect("speed");
            (path, connection)
        };
    }
    LAYER.with(|(path, connection)| {
        connection.execute("UPDATE a SET geom = ?1", [input]).expect("a shape");
        let _answered = promises::file(path, &promises::options(Format::GeoPackage));
    });
}

/// Well-known binary as the store reads it: what it writes it reads as the same.
pub fn store_wkb(input: &[u8]) {
    let Ok(Some(shape)) = wkb_of_store::read(input) else { return };
    let mut written = Vec::new();
    wkb_of_store::write(&mut written, &shape);
    let again = wkb_of_store::read(&written).expect("its own shape").expect("a shape");
    let mut twice = Vec::new();
    wkb_of_store::write(&mut twice, &again);
    assert_eq!(written, twice, "{shape:?} came back as {again:?}");
}

/// A GTFS-Realtime feed of somebody else.
pub fn gtfs_realtime(input: &[u8]) {
    let _answered = promises::realtime(input);
}

/// What a client of the embedded broker sends.
pub fn door(input: &[u8]) {
    misto_ingest::mqtt::check_door(input);
}
