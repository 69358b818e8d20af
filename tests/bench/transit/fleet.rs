//! Buses along the lines of the timetable, each heard every ten seconds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use misto_ingest::mqtt::{BrokerUrl, MqttConfig, Publisher};

use super::timetable::{calls, lines, stop};

/// Seconds between two fixes of a bus.
const EVERY_S: usize = 10;
/// Part of the way between two stops that a bus drives between two fixes.
const PART: f64 = 0.1;

/// Drives until this guard ends.
pub struct Driving {
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Driving {
    /// Sets out.
    pub fn start(broker: &str, vehicles: usize) -> Self {
        let url: BrokerUrl = broker.parse().expect("an address");
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(drive(url, vehicles, &told));
        });
        Self { stop, thread: Some(thread) }
    }
}

impl Drop for Driving {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ended = self.thread.take().map(std::thread::JoinHandle::join);
    }
}

async fn drive(url: BrokerUrl, vehicles: usize, stop: &AtomicBool) {
    let publisher = Publisher::start(MqttConfig::new(url, "misto-bench-transit")).expect("a publisher");
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    for second in 0_usize.. {
        ticks.tick().await;
        for number in (second % EVERY_S..vehicles).step_by(EVERY_S) {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let payload = fix(number, second / EVERY_S);
            let topic = format!("misto/v1/raw/fleet/{number}");
            publisher.publish(&topic, payload.into()).await.expect("the broker is there");
        }
    }
}

/// A bus on its line, forth and back again.
fn fix(number: usize, step: usize) -> String {
    let (line, length) = (number % lines(), (calls() - 1) as f64);
    let driven = (number / lines()) as f64 * 0.37 + step as f64 * PART;
    let along = driven % (2.0 * length);
    let along = if along > length { 2.0 * length - along } else { along };
    let (from, to) = (stop(line, along as usize), stop(line, (along as usize + 1).min(calls() - 1)));
    let part = along.fract();
    let (lon, lat) = (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part);
    format!(
        r#"{{"time":"{}","lat":{lat:.6},"lon":{lon:.6},"kind":"bus","route":"R{line}","speed_m_s":5}}"#,
        Timestamp::now()
    )
}
