//! Recordings of real feeds through the decoders, and messages through real brokers.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod brokers;
mod door;
mod recordings;
mod session;

use std::path::PathBuf;

/// A folder of recorded data beside the checkout (`MISTO_TEST_DATA` overrides),
/// or `None`, said plainly, where it is absent.
pub fn recorded(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("MISTO_TEST_DATA")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")), PathBuf::from);
    let path = root.join(folder);
    if path.is_dir() {
        return Some(path);
    }
    println!("SKIPPED: no recorded data at {}", path.display());
    None
}
