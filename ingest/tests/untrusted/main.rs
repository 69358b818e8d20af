//! Input that means harm, or nothing: every decoder and every file reader, through
//! the doors that the program uses. `fuzz/` throws more of it, guided by coverage.
//! Each test repeats in proportion to `PROPTEST_CASES` (256 is the usual number).

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod damage;
mod decoders;
mod examples;
mod extract;
mod files;
mod promises;

use std::sync::Mutex;
use std::time::{Duration, Instant};

use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Measured one at a time: the allocator counts for the whole process.
static ALONE: Mutex<()> = Mutex::new(());

/// Far above what a sound answer takes on a machine that is busy with others.
const LONGEST: Duration = Duration::from_secs(10);

/// `usual` cases, more or fewer as `PROPTEST_CASES` says.
fn cases(usual: u32) -> proptest::test_runner::Config {
    let default = proptest::test_runner::Config::default();
    proptest::test_runner::Config { cases: usual.saturating_mul(default.cases).div_ceil(256), ..default }
}

/// Runs what reads an input; it may take so many bytes at once, and not long.
fn bounded<T>(bytes: usize, read: impl FnOnce() -> T) -> T {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let (before, begun) = (MEMORY.current_usage(), Instant::now());
    MEMORY.reset_peak_usage();
    let read = read();
    let (taken, lasted) = (MEMORY.peak_usage().saturating_sub(before), begun.elapsed());
    assert!(taken <= bytes, "{taken} bytes at once, {bytes} should be enough");
    assert!(lasted <= LONGEST, "{lasted:?}");
    read
}
