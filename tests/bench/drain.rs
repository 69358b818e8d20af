//! The drain test.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use misto_tests::{Mosquitto, Server, eventually, hfp_messages, postgres, run_ok};
use rumqttc::{Client, Event, MqttOptions, Packet, QoS};

use crate::{ROUNDS, report};

/// Messages that wait.
const MESSAGES: usize = 200_000;

/// Measures and prints.
pub fn run() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let recording = recording(folder.path());
    for window in [20, 1_000] {
        let (mut embedded, mut postgis, mut bare) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            bare.push(drain_bare(&recording, window));
            embedded.push(drain_misto(&recording, window, |mqtt| Server::start(mqtt, "")));
            postgis.push(drain_misto(&recording, window, |mqtt| Server::start_on(&postgres().database(), mqtt, "")));
        }
        report(&format!("drain, embedded store, Mosquitto window {window}"), "messages/s", &embedded, &bare);
        report(&format!("drain, PostGIS (fsync off), Mosquitto window {window}"), "messages/s", &postgis, &bare);
    }
}

/// A recording that `misto replay` plays.
fn recording(folder: &std::path::Path) -> PathBuf {
    let lines: Vec<String> = hfp_messages(MESSAGES)
        .all
        .into_iter()
        .map(|(topic, payload)| format!("2026-01-01T00:00:00Z {topic} {payload}\n"))
        .collect();
    let file = folder.join("drain.dump");
    std::fs::write(&file, lines.concat()).expect("a file");
    file
}

fn fill(broker: &Mosquitto, recording: &std::path::Path) {
    let printed = run_ok(&["replay", &recording.display().to_string(), "--broker", &broker.url(), "--speed", "max"]);
    assert!(printed.contains(&format!("{MESSAGES} messages sent, 0 lines unreadable")), "{printed}");
}

/// A client with a persistent session: its subscription stands while it is away.
fn client(broker: &Mosquitto) -> (Client, rumqttc::Connection) {
    let mut options = MqttOptions::new("bare", "127.0.0.1", broker.port());
    options.set_clean_session(false).set_manual_acks(true).set_max_packet_size(1 << 20, 1 << 20);
    options.set_request_channel_capacity(100_000);
    Client::new(options, 100_000)
}

fn drain_bare(recording: &std::path::Path, window: u32) -> f64 {
    let broker = Mosquitto::with_window(window);
    let (away, mut connection) = client(&broker);
    away.subscribe("/hfp/v2/#", QoS::AtLeastOnce).expect("queued");
    for event in connection.iter() {
        if matches!(event, Ok(Event::Incoming(Packet::SubAck(_)))) {
            break;
        }
    }
    drop((away, connection));
    fill(&broker, recording);
    let begun = Instant::now();
    let (client, mut connection) = client(&broker);
    let mut taken = 0;
    for event in connection.iter() {
        if let Ok(Event::Incoming(Packet::Publish(publish))) = event {
            client.try_ack(&publish).expect("room for an acknowledgement");
            taken += 1;
            if taken == MESSAGES {
                break;
            }
        }
    }
    MESSAGES as f64 / begun.elapsed().as_secs_f64()
}

fn drain_misto(recording: &std::path::Path, window: u32, start: impl Fn(&str) -> Server) -> f64 {
    let broker = Mosquitto::with_window(window);
    let mut server = start(&broker.url());
    server.ready();
    server.stop();
    fill(&broker, recording);
    let begun = Instant::now();
    server.up();
    eventually("everything is in the history", Duration::from_secs(120), || {
        let kept = server.metric("misto_positions_added_total") + server.metric("misto_positions_redelivered_total");
        (kept >= MESSAGES as f64).then_some(())
    });
    MESSAGES as f64 / begun.elapsed().as_secs_f64()
}
