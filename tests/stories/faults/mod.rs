//! What the broker accepted is in the history exactly once, or in the ledger with
//! its reason, whatever breaks in between. Counted in the store itself, not by the
//! program's own counters.
//!
//! `MISTO_FAULT_ROUNDS` plays the repeated scenes more often, `MISTO_FAULT` only those
//! whose name contains it, and `MISTO_FAULT_SEED` cuts lines at the bytes of an earlier run.

mod clock;
mod database;
mod disk;
mod embedded;
mod network;
mod processes;
mod readers;
mod retained;
mod stage;

use misto_tests::{hfp_messages, plough_messages};
use stage::{Fault, Kept, Scene, Stage, play};

const fn scene(name: &'static str, fault: Fault) -> Scene {
    Scene { name, fault, messages: hfp_messages, times: 1 }
}

const THRICE: Scene = Scene { times: 3, ..scene("the same message three times", nothing) };
const PLOUGHS: Scene = Scene {
    messages: plough_messages,
    ..scene("ploughs while the program is killed three times", processes::kill_the_program)
};

/// Scenes that any store must bear.
const ON_ANY: [Scene; 7] = [
    THRICE,
    scene("the program killed three times", processes::kill_the_program),
    PLOUGHS,
    scene("the broker restarted", processes::restart_the_broker),
    scene("the broker killed twice", processes::kill_the_broker),
    scene("the broker killed while it keeps all", processes::kill_the_broker_that_keeps_all),
    scene("the line to the broker cut again and again", network::cut_the_line_to_the_broker),
];

fn nothing(stage: &mut Stage) {
    stage.flood();
}

fn all_of(store: &str, kept: fn() -> Kept, own: &[Scene]) {
    let rounds = std::env::var("MISTO_FAULT_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(3);
    let only = std::env::var("MISTO_FAULT").unwrap_or_default();
    let mut table = Vec::new();
    for _ in 0..rounds {
        for scene in ON_ANY.iter().chain(own).filter(|scene| scene.name.contains(&only)) {
            table.push(play(store, kept(), scene));
        }
    }
    println!("\n{}", table.join("\n"));
}

#[test]
fn nothing_is_lost_or_doubled_on_the_embedded_store() {
    all_of(
        "embedded",
        || Kept::Embedded,
        &[
            scene("the program told to stop", processes::stop_the_program),
            scene("the store locked by another", database::lock),
        ],
    );
}

#[test]
fn nothing_is_lost_or_doubled_on_postgis() {
    all_of(
        "PostGIS",
        Kept::postgis,
        &[
            scene("a table locked by another", database::lock),
            scene("a database process killed twice", database::kill),
            scene("the database paused", database::pause),
            scene("the line to the database cut in COPY", network::cut_the_line_to_the_database),
        ],
    );
}

#[test]
fn a_full_disk_loses_nothing_and_stops_no_reader() {
    if !disk::can_be_mounted("faults::a_full_disk_loses_nothing_and_stops_no_reader") {
        return;
    }
    let scenes = [
        scene("the disk full", disk::fill),
        scene("the program killed on a full disk", disk::fill_and_kill_the_program),
    ];
    for scene in scenes {
        play("embedded", Kept::Embedded, &scene);
    }
}

#[test]
fn a_log_that_cannot_be_written_stops_nothing() {
    disk::serve_without_a_log();
}

#[test]
fn a_retained_fix_is_history_once_and_never_live() {
    let yesterday = scene("a fix from yesterday kept by the broker", retained::keep_a_fix_from_yesterday);
    play("embedded", Kept::Embedded, &yesterday);
    play("PostGIS", Kept::postgis(), &yesterday);
}

#[test]
fn a_browser_that_reads_nothing_slows_nobody_and_begins_anew() {
    let slow = Scene { messages: readers::many, ..scene("forty browsers that read nothing", readers::read_nothing) };
    play("embedded", Kept::Embedded, &slow);
}

#[test]
fn a_clock_that_jumps_loses_nothing_and_live_state_recovers() {
    play("embedded", Kept::Embedded, &scene("the clock two hours ahead, then behind", clock::jump));
}
