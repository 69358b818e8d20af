//! The outside world's bytes to Misto's values.
//!
//! `crs` knows coordinate systems, `decode` has one file per wire format, `mqtt` holds the session with the
//! broker, `files` has one module per file format, `replay` reads recordings,
//! `normalised` is what Misto's own processes tell each other.

pub mod crs;
pub mod decode;
pub mod files;
pub mod gtfs_realtime;
pub mod mqtt;
pub mod normalised;
pub mod replay;

/// `usual` cases of a property, in proportion more or fewer as `PROPTEST_CASES` says (256 is the usual number).
#[cfg(test)]
fn cases(usual: u32) -> proptest::test_runner::Config {
    let default = proptest::test_runner::Config::default();
    proptest::test_runner::Config { cases: usual.saturating_mul(default.cases).div_ceil(256), ..default }
}
