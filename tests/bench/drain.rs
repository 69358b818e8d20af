//! The drain test.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use misto_tests::{Mosquitto, Server, eventually, recorded_data, run_ok};
use rumqttc::{Client, Event, MqttOptions, Packet, QoS};

use crate::{ROUNDS, report};

/// Messages that wait.
const MESSAGES: usize = 40_000;

/// Measures and prints.
pub fn run() {
    let Some(data) = recorded_data() else { return };
    let folder = tempfile::TempDir::new().expect("a folder");
    let recording = recording(&data, folder.path());
    for window in [20, 1_000] {
        let (mut ours, mut bare) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            bare.push(drain_bare(&recording, window));
            ours.push(drain_misto(&recording, window));
        }
        report(&format!("drain, Mosquitto window {window}"), "messages/s", &ours, &bare);
    }
}

/// The recorded messages again and again under other vehicle numbers, so that every one is new.
fn recording(data: &std::path::Path, folder: &std::path::Path) -> PathBuf {
    let dump =
        std::fs::read_to_string(data.join("hsl-hfp/mqtt-dumps/wrongServiceJourneySelectedAfterDeadRun/hfp.dump"))
            .expect("a recording");
    let usable: Vec<&str> = dump.lines().filter(|line| !line.contains("\"lat\":null")).collect();
    let mut out = String::new();
    for n in 0..MESSAGES {
        let line = usable[n % usable.len()];
        out.push_str(&under_number(line, 10_000 + n / usable.len()));
        out.push('\n');
    }
    let file = folder.join("drain.dump");
    std::fs::write(&file, out).expect("a file");
    file
}

/// The line as another vehicle would have sent it: topic and payload must agree.
fn under_number(line: &str, number: usize) -> String {
    let (topic, payload) = line.split_at(line.find(" {").expect("a payload"));
    let mut levels: Vec<&str> = topic.split('/').collect();
    let vehicle = number.to_string();
    levels[8] = &vehicle;
    let (before, rest) = payload.split_once("\"veh\":").expect("a vehicle");
    let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{}{before}\"veh\":{vehicle}{after}", levels.join("/"))
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

fn drain_misto(recording: &std::path::Path, window: u32) -> f64 {
    let broker = Mosquitto::with_window(window);
    let mut server = Server::start(&broker.url(), "");
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
