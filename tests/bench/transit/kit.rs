//! gtfs-kit, kept running so that its start and its imports are not counted.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const PROGRAM: &str = "
import sys, time
import gtfs_kit
for _ in sys.stdin:
    begun = time.perf_counter()
    feed = gtfs_kit.read_feed(sys.argv[1], dist_units='km')
    took = time.perf_counter() - begun
    print(len(feed.trips), len(feed.stop_times), took, flush=True)
";

/// A Python that waits to read the feed once more.
pub struct Kit {
    child: Child,
    asked: ChildStdin,
    told: BufReader<ChildStdout>,
}

impl Kit {
    /// The Python that `GTFS_KIT` names; `None` without it.
    pub fn start(folder: &Path) -> Option<Self> {
        let python = std::env::var_os("GTFS_KIT")?;
        let mut command = Command::new(python);
        command.args(["-c", PROGRAM]).arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("GTFS_KIT names a python");
        let (asked, told) = (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
        let mut kit = Self { child, asked, told: BufReader::new(told) };
        // The first reading also loads what it needs.
        kit.read();
        Some(kit)
    }

    /// Reads the feed: its trips, its stop times, seconds.
    pub fn read(&mut self) -> (u64, u64, f64) {
        self.asked.write_all(b"\n").and_then(|()| self.asked.flush()).expect("it waits");
        let mut line = String::new();
        self.told.read_line(&mut line).expect("an answer");
        let mut words = line.split_whitespace();
        let mut word = || words.next().unwrap_or_else(|| panic!("gtfs-kit says {line:?}"));
        let (trips, stop_times) = (word().parse().expect("a count"), word().parse().expect("a count"));
        (trips, stop_times, word().parse().expect("seconds"))
    }
}

impl Drop for Kit {
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}
