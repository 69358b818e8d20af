//! Files of every format, damaged.

use std::path::PathBuf;
use std::sync::LazyLock;

use misto_ingest::files::Format;
use proptest::prelude::*;
use tempfile::TempDir;

use super::damage::{damage, damaged};
use super::examples::{FEED, FEED_FILES, WKT, feed, files, geopackage, geopackage_shape};
use super::{bounded, cases, promises};

/// For files of some kilobytes: SQLite keeps two megabytes of pages, a block of an extract may unpack to 32.
const ENOUGH: usize = 80 << 20;

static FILES: LazyLock<Vec<(&str, Vec<u8>)>> = LazyLock::new(files);

fn written(name: &str, content: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    (folder, path)
}

fn read(name: &str, content: &[u8]) -> bool {
    let (_folder, path) = written(name, content);
    let options = promises::options(Format::of_path(&path).expect("a known name"));
    bounded(ENOUGH, || promises::file(&path, &options)).is_ok_and(|report| report.kept > 0)
}

fn table_of(shape: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(shape).replace('"', "\"\"");
    format!("geom\n\"{text}\"\n").into_bytes()
}

fn layer_of(shape: &[u8]) -> Vec<u8> {
    let (_folder, path) = written("a.gpkg", &FILES[2].1);
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY").unwrap();
    connection.execute("UPDATE a SET geom = ?1", [shape]).unwrap();
    drop(connection);
    std::fs::read(path).unwrap()
}

#[test]
fn the_examples_are_sound() {
    for (name, content) in FILES.iter() {
        assert!(read(name, content), "{name}");
    }
    assert!(read("a.csv", &table_of(WKT.as_bytes())) && read("a.gpkg", &layer_of(&geopackage_shape())));
    let (_folder, path) = written("feed.zip", &feed());
    assert!(promises::feed(&path));
}

/// Less than two megabytes that are a table of two hundred.
#[test]
fn a_feed_that_grows_without_measure_is_refused_unread() {
    use std::io::Write;
    let (_folder, path) = written("bomb.zip", b"");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    for (name, text) in FEED_FILES.into_iter().zip(FEED) {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
        if name == "stop_times.txt" {
            let lines = b"t,08:00:00,08:00:00,A,1\n".repeat(40_000);
            (0..210).for_each(|_| zip.write_all(&lines).unwrap());
        }
    }
    zip.finish().unwrap();
    assert!(std::fs::metadata(&path).unwrap().len() < 2 << 20);
    assert!(!bounded(8 << 20, || promises::feed(&path)));
}

/// The one layer of a GeoPackage as a view: what it says is up to whoever wrote the file.
#[test]
fn a_view_without_end_and_a_value_without_measure_are_refused() {
    for (view, part) in [
        (
            "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x AS fid, NULL AS geom FROM c",
            "view",
        ),
        (
            "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT 1 AS fid, x AS geom FROM c WHERE x < 0",
            "view",
        ),
        ("SELECT 1 AS fid, NULL AS geom, zeroblob(900000000) AS photo", "too big"),
    ] {
        let (_folder, path) = written("a.gpkg", &geopackage());
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute_batch(&format!("DROP TABLE a; CREATE VIEW a AS {view}")).unwrap();
        drop(connection);
        let answer = bounded(ENOUGH, || promises::file(&path, &promises::options(Format::GeoPackage)));
        let answer = answer.unwrap_err().to_string();
        assert!(answer.contains(part), "{answer}");
    }
}

/// A few kilobytes that ask for a hundred thousand departures at a thousand stops each.
#[test]
fn a_headway_does_not_multiply_a_feed_without_bound() {
    let folder = tempfile::tempdir().unwrap();
    for (name, table) in FEED_FILES.into_iter().zip(FEED) {
        let mut table = table.to_owned();
        match name {
            "stop_times.txt" => (4..1_000).for_each(|n| table += &format!("t,07:10:00,07:10:00,b,{n}\n")),
            "frequencies.txt" => table += "t,00:00:00,27:00:00,1\n",
            _ => {}
        }
        std::fs::write(folder.path().join(name), table).unwrap();
    }
    assert!(!bounded(ENOUGH, || promises::feed(folder.path())));
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn any_bytes_are_answered(file in 0..FILES.len(), head in 0_usize..40, content in prop::collection::vec(any::<u8>(), 0..600)) {
        let (name, sound) = &FILES[file];
        // With some of a sound beginning the format is recognised.
        read(name, &[&sound[..head.min(sound.len())], &content].concat());
    }

    #[test]
    fn damaged_files_are_answered(file in 0..FILES.len(), damage in damage()) {
        let (name, sound) = &FILES[file];
        read(name, &damaged(sound.clone(), &damage));
    }

    #[test]
    fn damaged_shapes_are_answered(damage in damage()) {
        read("a.csv", &table_of(&damaged(WKT.into(), &damage)));
        read("a.gpkg", &layer_of(&damaged(geopackage_shape(), &damage)));
    }

    #[test]
    fn damaged_feeds_are_answered(table in 0..FEED.len(), first in damage(), second in damage()) {
        let (folder, path) = written("feed.zip", &damaged(feed(), &first));
        bounded(ENOUGH, || promises::feed(&path));
        std::fs::remove_file(&path).unwrap();
        for (name, text) in FEED_FILES.into_iter().zip(FEED) {
            let text = if name == FEED_FILES[table] { damaged(text.into(), &second) } else { text.into() };
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        bounded(ENOUGH, || promises::feed(folder.path()));
    }
}
