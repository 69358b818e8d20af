//! Lines that break in the middle of what goes over them.

use misto_tests::{Cuts, Mosquitto, Proxy, eventually};

use super::stage::{Kept, LONG, Stage};

/// Cuts without which nothing was tried.
const FEWEST: usize = 4;

/// Towards the program fixes break in two, towards the broker acknowledgements.
/// Bytes are counted from the first acknowledgement (PUBACK, MQTT 3.1.1, 3.4) on
/// most connections, so that each carries something. The broker keeps few messages
/// open at once (20 is Mosquitto's default); more would be through before the cuts.
pub fn cut_the_line_to_the_broker(stage: &mut Stage) {
    stage.broker = Mosquitto::with_window(20);
    let cuts = Cuts { most: 12, towards_server: 400, towards_client: 40_000, after: b"\x40\x02" };
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
    let cuts = Cuts { most: 5, towards_server: 60_000, towards_client: 60, after: b"COPY misto_private" };
    let line = Proxy::start(port.parse().expect("a port"), cuts);
    let url = format!("{host}:{}/{database}", line.port());
    behind(stage, line, "MISTO_STORE_URL", &url);
}

/// The program starts anew behind the line, which is whole again when all cuts are
/// made; the flood may be through before.
fn behind(stage: &mut Stage, line: Proxy, variable: &str, url: &str) {
    stage.server.stop();
    stage.server.say(variable, url);
    stage.server.up();
    stage.server.ready();
    stage.flood();
    eventually("the line is whole, or all is through", LONG, || {
        (line.is_whole() || stage.count().0 >= stage.expected).then_some(())
    });
    assert!(line.made() >= FEWEST, "the line was cut {} times only", line.made());
    stage.besides = format!("  cuts {}", line.made());
    stage.props.push(Box::new(line));
}
