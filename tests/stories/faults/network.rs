//! Lines that break in the middle of what goes over them.

use misto_tests::{Cuts, Proxy, eventually};

use super::stage::{Kept, LONG, Stage};

/// Towards the program fixes break in two, towards the broker acknowledgements and
/// subscriptions. The most that all connections may carry together is less than
/// the flood, so that no cut is left over.
pub fn cut_the_line_to_the_broker(stage: &mut Stage) {
    let cuts = Cuts { most: 20, towards_server: 800, towards_client: 100_000, after: b"" };
    let line = Proxy::start(stage.broker.port(), cuts);
    let url = format!("mqtt://127.0.0.1:{}", line.port());
    behind(stage, line, "MISTO_MQTT_URL", &url);
}

/// Counted from the word COPY on, so that most cuts fall among the rows and some
/// after them, around the commit.
pub fn cut_the_line_to_the_database(stage: &mut Stage) {
    let Kept::Postgis { url, .. } = &stage.kept else { return };
    let (head, database) = url.rsplit_once('/').expect("a database");
    let (host, port) = head.rsplit_once(':').expect("a port");
    let cuts = Cuts { most: 8, towards_server: 60_000, towards_client: 60, after: b"COPY misto_private" };
    let line = Proxy::start(port.parse().expect("a port"), cuts);
    let url = format!("{host}:{}/{database}", line.port());
    behind(stage, line, "MISTO_STORE_URL", &url);
}

/// The program starts anew behind the line, and the flood lasts until all cuts are made.
fn behind(stage: &mut Stage, line: Proxy, variable: &str, url: &str) {
    stage.server.stop();
    stage.server.say(variable, url);
    stage.server.up();
    stage.flood();
    let until = std::time::Instant::now() + std::time::Duration::from_secs(25);
    while !line.is_whole() { assert!(std::time::Instant::now() < until, "{:?} {}", stage.count(), stage.server.log()); std::thread::sleep(std::time::Duration::from_millis(50)); }
    stage.line = Some(line);
}
