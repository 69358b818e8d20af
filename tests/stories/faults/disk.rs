//! The disk of the store is full, or the one of the log.

use std::fs::File;
use std::process::Command;

use misto_tests::{Client, Mosquitto, Server, SmallDisk, config, eventually, free_port, misto, run};
use tempfile::TempDir;

use super::database::unready;
use super::stage::{LONG, Stage};

const DISK_KB: usize = 24 * 1024;
/// Set for the run inside a namespace.
const INSIDE: &str = "MISTO_FAULT_NAMESPACE";
/// Less than the flood needs.
const LEFT_KB: u64 = 300;

/// Whether the test goes on here: where nothing may be mounted, it runs once more in
/// a namespace of its own, or says why it cannot.
pub fn can_be_mounted(test: &str) -> bool {
    let Err(refused) = SmallDisk::mount(DISK_KB) else { return true };
    let own = std::env::current_exe().expect("the test's own path");
    let mut inside = Command::new("unshare");
    inside.arg("-rm").arg(own).args(["--exact", test, "--nocapture"]).env(INSIDE, "1");
    let allowed = Command::new("unshare").args(["-rm", "true"]).status().is_ok_and(|status| status.success());
    if std::env::var_os(INSIDE).is_some() || !allowed {
        println!("SKIPPED: no small disk can be mounted ({refused}), and there is no user namespace to do it in");
    } else {
        assert!(inside.status().expect("unshare").success(), "{test} in a namespace of its own");
    }
    false
}

/// Who only reads notices nothing, and writing goes on by itself once there is room.
pub fn fill(stage: &mut Stage) {
    let disk = full(stage);
    disk.free();
    stage.server.ready();
    stage.props.push(Box::new(disk));
}

/// Nothing was acknowledged that is not written: what the dead program had taken comes again.
pub fn fill_and_kill_the_program(stage: &mut Stage) {
    let disk = full(stage);
    stage.server.kill();
    refuses_to_begin(&disk);
    disk.free();
    stage.server.up();
    stage.props.push(Box::new(disk));
}

/// The program on a disk that the flood fills.
fn full(stage: &mut Stage) -> SmallDisk {
    let disk = SmallDisk::mount(DISK_KB).expect("a small disk");
    let folder = TempDir::new_in(disk.folder()).expect("a folder");
    stage.server = Server::start_in(folder, &stage.broker.url(), "");
    stage.server.ready();
    let staff = stage.server.staff("dispatcher");
    disk.fill(LEFT_KB);
    stage.flood();
    stage.all_accepted();
    unready(stage);
    reads_go_on(&staff);
    let written = stage.count().0;
    assert!(written < stage.expected, "the disk was never full");
    stage.besides = format!("  {written} before there was room");
    disk
}

fn reads_go_on(staff: &Client) {
    for path in ["/vehicles", "/ogc/collections", "/healthz"] {
        let answer = staff.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
}

/// A new store has no room at all.
fn refuses_to_begin(disk: &SmallDisk) {
    disk.fill(0);
    let store = format!("geopackage:{}", disk.folder().join("new.gpkg").display());
    let output = run(&["token", "create", "--role", "admin", "--store", &store]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("is full"), "{said}");
}

/// `/dev/full` says to each write that there is no room.
pub fn serve_without_a_log() {
    let broker = Mosquitto::start();
    let folder = TempDir::new().expect("a folder");
    let (port, file) = (free_port(), folder.path().join("misto.toml"));
    let store = format!("geopackage:{}", folder.path().join("city.gpkg").display());
    std::fs::write(&file, config(&store, port, &broker.url())).expect("a configuration");
    let full = || File::options().write(true).open("/dev/full").expect("a full disk");
    let mut server = Command::new(misto())
        .args(["serve", "--config", &file.display().to_string()])
        .stdout(full())
        .stderr(full())
        .spawn()
        .expect("misto starts");
    let client = Client::new(&format!("http://127.0.0.1:{port}"));
    let ended = eventually("it is ready, or ended", LONG, || match server.try_wait().expect("a process") {
        Some(status) => Some(Some(status)),
        None => client.try_send("GET", "/readyz", None).is_ok_and(|answer| answer.status == 200).then_some(None),
    });
    let _may_have_ended = (server.kill(), server.wait());
    assert_eq!(ended, None, "a log that cannot be written ends nothing");
}
