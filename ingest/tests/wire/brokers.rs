//! Brokers to test against, stopped when dropped.

use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use misto_ingest::mqtt::{BrokerSettings, BrokerUrl, start_broker};

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A real Mosquitto; what it keeps on disk is up to the extra lines of its configuration.
pub struct Mosquitto {
    process: Child,
    folder: tempfile::TempDir,
    pub port: u16,
}

impl Mosquitto {
    pub fn start(extra: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let mut config = std::fs::File::create(folder.path().join("mosquitto.conf")).unwrap();
        // As root it would change its user and could not write here.
        writeln!(
            config,
            "user root\nlistener {port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {}/\nmax_queued_messages 0\nlog_type error\n{extra}",
            folder.path().display()
        )
        .unwrap();
        let process = Self::spawn(&folder, port);
        Self { process, folder, port }
    }

    fn spawn(folder: &tempfile::TempDir, port: u16) -> Child {
        let program = ["/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto"]
            .into_iter()
            .find(|path| std::path::Path::new(path).exists())
            .expect("Mosquitto is needed for this test: apt-get install mosquitto");
        let process = Command::new(program)
            .arg("-c")
            .arg(folder.path().join("mosquitto.conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_for(port);
        process
    }

    /// Kills it without a farewell.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts it again on the same port and folder.
    pub fn restart(&mut self) {
        self.process = Self::spawn(&self.folder, self.port);
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The embedded broker: where Misto's own session goes, and the port for everybody
/// else. Its door closes with the test's runtime, the rest with the process.
pub fn embedded() -> (BrokerUrl, u16) {
    let port = free_port();
    let broker = start_broker(&BrokerSettings::new(loopback(port))).unwrap();
    broker.open();
    (broker.url, port)
}

pub fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// A broker of either kind, as a session and a publisher see it.
pub struct Either {
    pub name: &'static str,
    pub session: BrokerUrl,
    pub publisher: BrokerUrl,
    _process: Option<Mosquitto>,
}

/// The embedded broker and Mosquitto.
pub fn either() -> [Either; 2] {
    let (session, port) = embedded();
    let mosquitto = Mosquitto::start("");
    let url = BrokerUrl::loopback(mosquitto.port);
    [
        Either { name: "embedded", session, publisher: BrokerUrl::loopback(port), _process: None },
        Either { name: "mosquitto", session: url.clone(), publisher: url, _process: Some(mosquitto) },
    ]
}

fn wait_for(port: u16) {
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(10), "nobody listens on port {port}");
        sleep(Duration::from_millis(20));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_embedded_broker_says_why_it_does_not_start() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let error = start_broker(&BrokerSettings::new(taken.local_addr().unwrap())).unwrap_err();
    assert!(error.to_string().contains("cannot listen on 127.0.0.1"), "{error}");
    let everywhere = start_broker(&BrokerSettings::new("0.0.0.0:0".parse().unwrap())).unwrap_err();
    assert!(everywhere.to_string().contains("this machine only"), "{everywhere}");
    let greedy = BrokerSettings { backlog_bytes: 1 << 30, ..BrokerSettings::new(loopback(free_port())) };
    let greedy = start_broker(&greedy).unwrap_err();
    assert!(greedy.to_string().contains("mqtt.embedded_backlog_bytes"), "{greedy}");
}
