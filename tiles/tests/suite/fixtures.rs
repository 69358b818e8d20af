//! Published tiles, good and bad, as the decoder of these tests reads them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use geozero::mvt::{Message, Tile};
use serde_json::Value;

use crate::decode::decode;

/// Beside the checkout, or where `MISTO_TEST_DATA` says.
pub fn fixtures() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let folder = std::env::var_os("MISTO_TEST_DATA").map_or(beside, PathBuf::from).join("mvt-fixtures/fixtures");
    if !folder.is_dir() {
        println!("SKIPPED: no published tiles at {} (set MISTO_TEST_DATA)", folder.display());
        return None;
    }
    Some(folder)
}

/// The valid tiles of version 2 with their numbers.
pub fn good(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut folders: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let valid = |folder: &PathBuf| {
        let info: Value = serde_json::from_slice(&std::fs::read(folder.join("info.json")).unwrap()).unwrap();
        info["validity"]["v2"] == true
    };
    let read = |folder: PathBuf| {
        (folder.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(folder.join("tile.mvt")).unwrap())
    };
    folders.into_iter().filter(valid).map(read).collect()
}

/// Value types of nobody's specification: the protobuf library reads over what it does not know.
const READ_OVER: [&str; 2] = ["011", "026"];

#[test]
fn good_tiles_are_read_and_fatal_mistakes_are_refused() {
    let Some(folder) = fixtures() else { return };
    let (mut read, mut refused, mut taken) = (0, 0, Vec::<String>::new());
    let mut folders: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    for folder in folders {
        let number = folder.file_name().unwrap().to_string_lossy().into_owned();
        let info: Value = serde_json::from_slice(&std::fs::read(folder.join("info.json")).unwrap()).unwrap();
        let bytes = std::fs::read(folder.join("tile.mvt")).unwrap();
        if info["validity"]["v2"] == true {
            let tile = Tile::decode(bytes.as_slice()).unwrap_or_else(|wrong| panic!("{number}: {wrong}"));
            for layer in &tile.layers {
                for tag in layer.features.iter().flat_map(|feature| feature.tags.chunks(2)) {
                    assert!((tag[0] as usize) < layer.keys.len() && (tag[1] as usize) < layer.values.len(), "{number}");
                }
            }
            read += 1;
        } else if info["validity"]["error"] == "fatal" {
            let strict = catch_unwind(AssertUnwindSafe(|| decode(&bytes)));
            match strict {
                Err(_) => refused += 1,
                Ok(_) => taken.push(number),
            }
        }
    }
    assert_eq!(taken, READ_OVER);
    assert!(read >= 40 && refused >= 15, "{read} read, {refused} refused");
}
