//! Browsers that do not read what they asked for.

use std::cell::Cell;
use std::time::{Duration, Instant};

use misto_tests::{Messages, Stream, eventually, hfp_messages, run_ok};

use super::stage::{LONG, Stage};

/// More than the 8 192 events kept for readers that lag and all that the sockets
/// between (at most 4 MiB to send and 6 MiB to receive) hold together.
const MESSAGES: usize = 30_000;
const SLOW: usize = 40;
/// What memory may grow by: the fixes themselves and the events kept once. Events
/// of some 600 bytes kept for each slow reader would be 700 MB.
const BOUND_MB: u64 = 150;
const LIVE: &str = "/live?kinds=vehicles";

pub fn many(_: usize) -> Messages {
    hfp_messages(MESSAGES)
}

/// Neither the ingest nor another reader waits for them, and memory is theirs only
/// within bounds; who reads again begins anew.
pub fn read_nothing(stage: &mut Stage) {
    let token = run_ok(&["token", "create", "--role", "dispatcher", "--store", &stage.server.store()]);
    let token = Some(token.trim());
    let url = stage.server.url();
    let normal = Stream::open(&url, LIVE, token);
    let mut slow: Vec<_> = (0..SLOW).map(|_| Stream::unread(&url, LIVE, token)).collect();
    let before = resident_mb(stage);
    stage.flood();
    stage.all_accepted();
    let accepted = Instant::now();
    eventually("all is in the history", Duration::from_secs(5), || (stage.count().0 >= stage.expected).then_some(()));
    let grown = resident_mb(stage).saturating_sub(before);
    assert!(grown < BOUND_MB, "{grown} MB more for {SLOW} readers that read nothing");
    stage.besides = format!("  {:.1} s behind, {grown} MB more", accepted.elapsed().as_secs_f64());
    let seen = normal.all(Duration::from_secs(2));
    let count = |name: &str| seen.iter().filter(|(event, _)| event == name).count();
    assert_eq!(count("reset"), 0, "a reader that reads misses nothing");
    // Of two fixes of one instant the first is shown.
    assert!(count("vehicle") > stage.expected * 9 / 10, "{} of {}", count("vehicle"), stage.expected);
    begins_anew(stage, slow.pop().expect("a slow reader").read());
}

/// First comes what was on the way, then a second snapshot and the reason for it.
fn begins_anew(stage: &Stage, late: Stream) {
    let snapshots = Cell::new(0);
    let fresh = late.next("a fresh snapshot", LONG, |name, _| {
        snapshots.set(snapshots.get() + usize::from(name == "snapshot"));
        snapshots.get() == 2
    });
    let known = stage.server.metric("misto_vehicles_known") as usize;
    assert_eq!(fresh["vehicles"].as_array().map(Vec::len), Some(known));
    let reset = late.next("the reason", LONG, |name, _| name == "reset");
    assert_eq!(reset["reason"], "slow");
}

/// Memory of the program (`VmRSS`, proc(5)).
fn resident_mb(stage: &Stage) -> u64 {
    let pid = stage.server.pid().expect("a process");
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("its status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("kB") / 1024
}
