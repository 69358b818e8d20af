//! What the broker accepted is in the history exactly once, or in the ledger with
//! its reason, whatever breaks in between. Counted in the store itself, not by the
//! program's own counters.

use std::collections::BTreeSet;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use misto_ingest::mqtt::{BrokerUrl, MqttConfig, Publisher};
use misto_tests::{Mosquitto, Postgres, Server, eventually, hfp_messages, psql, try_psql};

/// Messages of one round.
const MESSAGES: usize = 6_000;
/// Messages a second while something breaks.
const RATE: u64 = 3_000;
const LONG: Duration = Duration::from_secs(60);

/// A store that can be broken and counted from outside.
enum Kept {
    Embedded,
    /// The server lives as long as this.
    Postgis {
        _server: Postgres,
        url: String,
    },
}

impl Kept {
    fn postgis() -> Self {
        let server = Postgres::start();
        let url = server.database();
        Self::Postgis { _server: server, url }
    }

    fn serve(&self, broker: &Mosquitto) -> Server {
        match self {
            Self::Embedded => Server::start(&broker.url(), ""),
            Self::Postgis { url, .. } => Server::start_on(url, &broker.url(), ""),
        }
    }

    /// Rows of the history and entries of the ledger.
    fn count(&self, server: &Server) -> (usize, usize) {
        match self {
            Self::Embedded => {
                let count = |file: &str, sql: &str| {
                    let path = server.folder().join(file);
                    let connection = rusqlite::Connection::open(path).expect("the file");
                    connection.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a count") as usize
                };
                let ledger = "SELECT count(*) FROM log WHERE kind = 'rejected'";
                (count("tracks.sqlite", "SELECT count(*) FROM position"), count("misto.sqlite", ledger))
            }
            Self::Postgis { url, .. } => {
                let count = |sql: &str| psql(url, sql).parse().expect("a count");
                let ledger = "SELECT count(*) FROM misto_private.log WHERE kind = 'rejected'";
                (count("SELECT count(*) FROM misto_private.position"), count(ledger))
            }
        }
    }
}

/// What breaks while messages arrive.
type Fault = fn(&mut Stage);

struct Stage {
    kept: Kept,
    broker: Mosquitto,
    server: Server,
}

fn nothing(_: &mut Stage) {}

fn kill_the_program(stage: &mut Stage) {
    for _ in 0..3 {
        sleep(Duration::from_millis(300));
        stage.server.kill();
        stage.server.up();
    }
}

fn restart_the_broker(stage: &mut Stage) {
    sleep(Duration::from_millis(500));
    stage.broker.restart();
}

fn stop_the_program_in_the_flood(stage: &mut Stage) {
    sleep(Duration::from_millis(500));
    stage.server.stop();
    stage.server.up();
}

/// Another program holds the store's lock.
fn lock_the_store(stage: &mut Stage) {
    sleep(Duration::from_millis(300));
    match &stage.kept {
        Kept::Embedded => {
            let connection = rusqlite::Connection::open(stage.server.folder().join("tracks.sqlite")).expect("the file");
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
fn kill_the_database(stage: &mut Stage) {
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

/// Every process of the database stands still for a while.
fn pause_the_database(stage: &mut Stage) {
    let Kept::Postgis { url, .. } = &stage.kept else { return };
    sleep(Duration::from_millis(400));
    let pids = psql(url, "SELECT string_agg(pid::text, ' ') FROM pg_stat_activity WHERE application_name = 'misto'");
    signal("-STOP", &pids);
    sleep(Duration::from_secs(6));
    signal("-CONT", &pids);
}

fn signal(name: &str, pids: &str) {
    let _some_may_be_gone = Command::new("kill").arg(name).args(pids.split_whitespace()).status();
}

fn unready(stage: &Stage) {
    let client = stage.server.client();
    let problem = eventually("readiness says that nothing is committed", LONG, || {
        let answer = client.get("/readyz");
        (answer.status == 503).then(|| answer.text())
    });
    assert!(problem.contains("written"), "{problem}");
}

/// Publishes each message `times` times while the fault happens; gives what the history must hold.
fn publish(broker: &str, times: usize) -> (std::thread::JoinHandle<()>, usize) {
    let messages = hfp_messages(MESSAGES);
    let distinct = messages.iter().collect::<BTreeSet<_>>().len();
    let url: BrokerUrl = broker.parse().expect("an address");
    let publishing = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let publisher = Publisher::start(MqttConfig::new(url, "misto-fault")).expect("a publisher");
            let mut ticks = tokio::time::interval(Duration::from_millis(10));
            for some in messages.chunks((RATE / 100) as usize) {
                ticks.tick().await;
                for (topic, payload) in some {
                    for _ in 0..times {
                        publisher.publish(topic, payload.clone().into()).await.expect("it is taken");
                    }
                }
            }
            publisher.flush().await.expect("the broker accepted all");
        });
    });
    (publishing, distinct)
}

fn stage(name: &str, kept: Kept, fault: Fault, times: usize) -> String {
    let broker = Mosquitto::start();
    let server = kept.serve(&broker);
    server.ready();
    let mut stage = Stage { kept, broker, server };
    let (publishing, expected) = publish(&stage.broker.url(), times);
    fault(&mut stage);
    publishing.join().expect("all was published");
    let reached = || {
        let (history, ledger) = stage.kept.count(&stage.server);
        history + ledger >= expected
    };
    let until = Instant::now() + LONG;
    while !reached() && Instant::now() < until {
        sleep(Duration::from_millis(50));
    }
    // What came twice comes late.
    sleep(Duration::from_millis(300));
    let (history, ledger) = stage.kept.count(&stage.server);
    let line = format!(
        "{name:<34} accepted {:>6}  distinct {expected:>6}  history {history:>6}  ledger {ledger:>3}  lost {:>3}",
        MESSAGES * times,
        expected.saturating_sub(history + ledger)
    );
    println!("{line}");
    assert_eq!((history, ledger), (expected, 0), "exactly once: {line}\n{}", stage.server.log());
    stage.server.ready();
    line
}

fn all_of(store: &str, kept: fn() -> Kept, faults: &[(&str, Fault, usize)]) {
    let rounds = std::env::var("MISTO_FAULT_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(3);
    let mut table = Vec::new();
    for _ in 0..rounds {
        for (name, fault, times) in faults {
            table.push(stage(&format!("{store}: {name}"), kept(), *fault, *times));
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
            ("the same message three times", nothing, 3),
            ("the program killed three times", kill_the_program, 1),
            ("the program told to stop", stop_the_program_in_the_flood, 1),
            ("the broker restarted", restart_the_broker, 1),
            ("the store locked by another", lock_the_store, 1),
        ],
    );
}

#[test]
fn nothing_is_lost_or_doubled_on_postgis() {
    all_of(
        "PostGIS",
        Kept::postgis,
        &[
            ("the same message three times", nothing, 3),
            ("the program killed three times", kill_the_program, 1),
            ("the broker restarted", restart_the_broker, 1),
            ("a table locked by another", lock_the_store, 1),
            ("a database process killed twice", kill_the_database, 1),
            ("the database paused for 6 s", pause_the_database, 1),
        ],
    );
}
