//! What stories need: the real program on free ports, a real Mosquitto, a real
//! PostgreSQL, plain HTTP and server-sent events. Everything started here ends with its guard.

mod broker;
mod disk;
mod http;
mod postgres;
mod program;
mod proxy;
mod recording;
mod sse;

pub use broker::Mosquitto;
pub use disk::SmallDisk;
pub use http::{Answer, Client};
pub use postgres::{Postgres, postgres, psql, try_psql};
pub use program::{Server, config, misto, run, run_ok};
pub use proxy::{Cuts, Proxy};
pub use recording::{Messages, PLOUGHS, hfp_messages, plough_messages};
pub use sse::{Stream, Unread};

use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The folder of recorded data beside the checkout; `None`, said plainly, where it is absent.
pub fn recorded_data() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let folder = std::env::var_os("MISTO_TEST_DATA").map_or(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("SKIPPED: no recorded data at {} (set MISTO_TEST_DATA)", folder.display());
    None
}

/// A busy machine is slow, not wrong: only after this long is an answer missing.
const PATIENCE: Duration = Duration::from_secs(60);

/// Asks again and again until the answer is there. One that is there later than it
/// should be is said, not a failure: how fast Misto is, `make bench` measures.
///
/// # Panics
/// When it is not there within a minute and the time it should take, saying what was awaited.
pub fn eventually<T>(what: &str, within: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            say_if_late(what, begun, within);
            return answer;
        }
        assert!(begun.elapsed() < within + PATIENCE, "{what}: not within {:?}", within + PATIENCE);
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn say_if_late(what: &str, begun: Instant, within: Duration) {
    let took = begun.elapsed();
    if took > within {
        println!("LATE: {what}: {:.1} s instead of {:.1} s", took.as_secs_f64(), within.as_secs_f64());
    }
}

/// A port that was free a moment ago.
///
/// # Panics
/// When the system gives none.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}
