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

/// Asks again and again until the answer is there or the time is over.
///
/// # Panics
/// When the time is over, saying what was awaited.
pub fn eventually<T>(what: &str, within: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + within;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < until, "{what}: not within {within:?}");
        std::thread::sleep(Duration::from_millis(50));
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
