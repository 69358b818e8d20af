//! The embedded broker keeps nothing on disk: when the one process dies, what it
//! accepted and Misto had not committed dies too. How much that is, measured.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use misto_ingest::mqtt::{BrokerUrl, MqttConfig, Publisher};
use misto_tests::{Server, free_port};
use serde_json::json;
use tempfile::TempDir;

/// Fixes a second, each of a vehicle of its own.
const RATE: usize = 3_000;

/// When the broker had acknowledged how many.
type Accepted = Arc<Mutex<Vec<(Instant, u64)>>>;

#[test]
fn only_the_last_moment_is_lost_when_the_one_process_dies() {
    let rounds = std::env::var("MISTO_FAULT_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(3);
    for round in 0..rounds {
        let port = free_port();
        let mut server = Server::embedded(TempDir::new().expect("a folder"), port);
        server.ready();
        let (accepted, stop) = (Accepted::default(), Arc::new(AtomicBool::new(false)));
        let flood = flood(port, Arc::clone(&accepted), Arc::clone(&stop));
        std::thread::sleep(Duration::from_millis(1_500));
        server.kill();
        let died = Instant::now();
        stop.store(true, Ordering::Release);
        flood.join().expect("the flood ends");
        let accepted = accepted.lock().expect("nobody panicked").clone();
        let total = accepted.last().map_or(0, |(_, count)| *count);
        let kept = kept(&server);
        // In the order of publishing: what is missing is the end, and nothing in between.
        assert!(kept.iter().copied().eq(0..kept.len() as u64), "a gap before the end of {} kept", kept.len());
        let since = accepted.iter().find(|(_, count)| *count > kept.len() as u64).map_or(died, |(at, _)| *at);
        println!(
            "embedded broker, killed in round {round}: accepted {total}, kept {}, lost {}, of the last {} ms",
            kept.len(),
            total.saturating_sub(kept.len() as u64),
            died.saturating_duration_since(since).as_millis()
        );
        assert!(total > 1_000, "the flood ran: {total}");
    }
}

fn flood(port: u16, accepted: Accepted, stop: Arc<AtomicBool>) -> std::thread::JoinHandle<()> {
    let url: BrokerUrl = format!("mqtt://127.0.0.1:{port}").parse().expect("an address");
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let publisher = Publisher::start(MqttConfig::new(url, "misto-window")).expect("a publisher");
            let mut ticks = tokio::time::interval(Duration::from_millis(10));
            let mut number = 0;
            while !stop.load(Ordering::Acquire) {
                ticks.tick().await;
                accepted.lock().expect("nobody panicked").push((Instant::now(), publisher.acknowledged()));
                for _ in 0..RATE / 100 {
                    let body = json!({"time": Timestamp::now().to_string(), "lat": 48.92, "lon": 24.71});
                    let topic = format!("misto/v1/raw/window/{number}");
                    let sending = publisher.publish(&topic, body.to_string().into());
                    // Nobody takes it once the broker is dead.
                    if tokio::time::timeout(Duration::from_millis(200), sending).await.is_err() {
                        return;
                    }
                    number += 1;
                }
            }
        });
    })
}

/// Numbers of the vehicles in the history, in order.
fn kept(server: &Server) -> Vec<u64> {
    let file = rusqlite::Connection::open(server.folder().join("tracks.sqlite")).expect("the file");
    let vehicles =
        "SELECT DISTINCT CAST(s.name AS INTEGER) FROM position AS p JOIN subject AS s ON s.id = p.subject ORDER BY 1";
    let mut statement = file.prepare(vehicles).expect("a query");
    let numbers = statement.query_map([], |row| row.get::<_, i64>(0)).expect("rows");
    numbers.map(|number| number.expect("a number") as u64).collect()
}
