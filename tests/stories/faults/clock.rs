//! The clock of the machine jumps (libfaketime in the program only).

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp, Unit};
use misto_tests::eventually;
use serde_json::json;
use tempfile::TempDir;

use super::stage::Stage;

const SOON: Duration = Duration::from_secs(10);

/// Two hours ahead every fix is late, and one from a clock that is as wrong is
/// live; two hours behind every fix lies in the future and is set aside with that
/// reason. When the clock is right again so is the live state, at the next fix.
pub fn jump(stage: &mut Stage) {
    let clock = Clock::of(stage);
    fix(stage, "right", 0);
    state(stage, "right", "live");
    stage.flood();

    clock.set("+2h");
    fix(stage, "right", 0);
    state(stage, "right", "lost");
    fix(stage, "ahead", 2);
    state(stage, "ahead", "live");

    clock.set("+0");
    for name in ["right", "ahead"] {
        let at = fix(stage, name, 0);
        state(stage, name, "live");
        eventually(&format!("the newest fix of {name} is shown"), SOON, || (shown(stage, name)? == at).then_some(()));
    }

    clock.set("-2h");
    fix(stage, "right", 0);
    stage.expected -= 1;
    stage.refused += 1;
    eventually("the ledger has the reason", SOON, || (stage.count().1 == 1).then_some(()));

    clock.set("+0");
    fix(stage, "right", 0);
    state(stage, "right", "live");
    stage.props.push(Box::new(clock));
}

fn id(name: &str) -> String {
    format!("test:/{name}")
}

/// One fix from a tracker whose clock is so many hours ahead; gives its time.
fn fix(stage: &mut Stage, name: &str, hours_ahead: i64) -> Timestamp {
    let now = Timestamp::now().round(Unit::Millisecond).expect("a moment");
    let at = now + SignedDuration::from_hours(hours_ahead);
    let body = json!({"time": at.to_string(), "lat": 48.92, "lon": 24.71, "kind": "bus"});
    stage.publish(vec![(format!("misto/v1/raw/test/{name}"), body.to_string())]);
    at
}

fn state(stage: &Stage, name: &str, expected: &str) {
    eventually(&format!("{name} is {expected}"), SOON, || (stage.state_of(&id(name))? == expected).then_some(()));
}

fn shown(stage: &Stage, name: &str) -> Option<Timestamp> {
    stage.property_of(&id(name), "fix_time")?.parse().ok()
}

/// The clock of the program: an offset in a file.
struct Clock {
    folder: TempDir,
}

impl Clock {
    /// The program starts anew with a clock that can be moved. Its stopwatch
    /// (CLOCK_MONOTONIC) runs on, as it does when an administrator sets the clock.
    fn of(stage: &mut Stage) -> Self {
        let clock = Self { folder: TempDir::new().expect("a folder") };
        clock.set("+0");
        stage.server.stop();
        for (variable, value) in [
            ("LD_PRELOAD", library().display().to_string()),
            ("FAKETIME_TIMESTAMP_FILE", clock.file("offset").display().to_string()),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            ("NO_FAKE_STAT", "1".to_owned()),
        ] {
            stage.server.say(variable, &value);
        }
        stage.server.up();
        stage.server.ready();
        clock
    }

    /// Never half written.
    fn set(&self, offset: &str) {
        std::fs::write(self.file("next"), offset).expect("a file");
        std::fs::rename(self.file("next"), self.file("offset")).expect("its place");
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn library() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").expect("libraries").flatten().map(|folder| folder.path());
    let found = folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1")).find(|file| Path::exists(file));
    found.expect("libfaketime is missing: apt-get install --no-install-recommends faketime")
}
