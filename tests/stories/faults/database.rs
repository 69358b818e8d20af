//! The store is locked, dies or stands still.

use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use misto_tests::{eventually, psql, try_psql};

use super::stage::{Kept, LONG, Stage};

/// Another program holds the store's lock.
pub fn lock(stage: &mut Stage) {
    stage.flood();
    sleep(Duration::from_millis(300));
    match &stage.kept {
        Kept::Embedded => {
            let connection = rusqlite::Connection::open(stage.file("tracks.sqlite")).expect("the file");
            connection.busy_timeout(LONG).expect("patience");
            connection.execute_batch("BEGIN EXCLUSIVE").expect("the lock");
            unready(stage);
            connection.execute_batch("ROLLBACK").expect("the end of the lock");
        }
        Kept::Postgis { url, .. } => {
            let url = url.clone();
            let holder = std::thread::spawn(move || {
                psql(&url, "BEGIN; LOCK TABLE misto_private.position; SELECT pg_sleep(4); COMMIT");
            });
            unready(stage);
            holder.join().expect("the lock ends");
        }
    }
}

/// A process of the database is killed in the middle of its work; PostgreSQL ends
/// all others and recovers.
pub fn kill(stage: &mut Stage) {
    stage.flood();
    let Kept::Postgis { url, .. } = &stage.kept else { return };
    for _ in 0..2 {
        sleep(Duration::from_millis(400));
        let pids = psql(
            url,
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'misto' ORDER BY state_change DESC LIMIT 1",
        );
        signal("-KILL", &pids);
        eventually("PostgreSQL recovers", LONG, || try_psql(url, "SELECT 1").ok());
    }
}

/// Every process of the database stands still, `MISTO_FAULT_PAUSE_S` seconds long.
pub fn pause(stage: &mut Stage) {
    stage.flood();
    let Kept::Postgis { url, .. } = &stage.kept else { return };
    sleep(Duration::from_millis(400));
    let pids = psql(url, "SELECT string_agg(pid::text, ' ') FROM pg_stat_activity WHERE application_name = 'misto'");
    signal("-STOP", &pids);
    let seconds = std::env::var("MISTO_FAULT_PAUSE_S").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(6);
    sleep(Duration::from_secs(seconds));
    signal("-CONT", &pids);
}

fn signal(name: &str, pids: &str) {
    let _some_may_be_gone = Command::new("kill").arg(name).args(pids.split_whitespace()).status();
}

/// Waits until the server says that it cannot write.
pub fn unready(stage: &Stage) {
    let client = stage.server.client();
    eventually("readiness says that nothing is written", LONG, || {
        let answer = client.get("/readyz");
        (answer.status == 503 && answer.text().contains("written")).then_some(())
    });
}
