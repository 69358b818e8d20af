//! A real Mosquitto with persistence, on a free port.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use crate::{eventually, free_port};

/// A running broker; it ends with this guard.
pub struct Mosquitto {
    child: Option<Child>,
    port: u16,
    config: String,
    folder: TempDir,
}

impl Mosquitto {
    /// Starts one.
    ///
    /// # Panics
    /// When Mosquitto is not installed or does not listen.
    pub fn start() -> Self {
        Self::with_window(1_000)
    }

    /// Starts one that keeps at most so many messages to one client unacknowledged
    /// (`max_inflight_messages`; 20 is its default).
    ///
    /// # Panics
    /// When Mosquitto is not installed or does not listen.
    pub fn with_window(window: u32) -> Self {
        let folder = TempDir::new().expect("a folder");
        let (port, location) = (free_port(), folder.path().display());
        let config = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {location}/\n\
             autosave_interval 1\nmax_queued_messages 0\nmax_inflight_messages {window}\nuser root\n"
        );
        Self::configured(folder, port, config)
    }

    /// Starts one with a configuration of its own, whose files lie in the folder;
    /// one of its listeners is on this port of loopback.
    ///
    /// # Panics
    /// When Mosquitto is not installed or does not listen.
    pub fn configured(folder: TempDir, port: u16, config: String) -> Self {
        let mut broker = Self { child: None, port, config, folder };
        broker.up();
        broker
    }

    /// Starts it again after [`Mosquitto::kill`], with what it had persisted.
    ///
    /// # Panics
    /// When it does not listen.
    pub fn up(&mut self) {
        let config = self.folder.path().join("mosquitto.conf");
        std::fs::write(&config, &self.config).expect("a configuration");
        let path = std::env::var("PATH").unwrap_or_default();
        let child = Command::new("mosquitto")
            .env("PATH", format!("{path}:/usr/sbin"))
            .arg("-c")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("mosquitto runs: apt-get install mosquitto");
        self.child = Some(child);
        eventually("mosquitto listens", Duration::from_secs(10), || {
            std::net::TcpStream::connect(("127.0.0.1", self.port)).ok()
        });
    }

    /// Tells it to stop, waits, and starts it again with what it had kept.
    ///
    /// # Panics
    /// When it does not stop or does not listen again.
    pub fn restart(&mut self) {
        assert!(self.signal("-TERM"), "kill -TERM");
        if let Some(mut child) = self.child.take() {
            eventually("mosquitto stops", Duration::from_secs(10), || child.try_wait().ok().flatten());
        }
        self.up();
    }

    /// When it last saved what it keeps; long ago when it never did.
    pub fn saved(&self) -> SystemTime {
        let file = std::fs::metadata(self.folder.path().join("mosquitto.db"));
        file.and_then(|file| file.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
    }

    /// Tells it to save what it keeps, and waits.
    ///
    /// # Panics
    /// When it does not.
    pub fn save(&self) {
        let asked = SystemTime::now();
        let told = self.signal("-USR1");
        assert!(told, "kill -USR1");
        eventually("mosquitto saves", Duration::from_secs(10), || (self.saved() > asked).then_some(()));
    }

    fn signal(&self, name: &str) -> bool {
        let Some(child) = &self.child else { return false };
        Command::new("kill").args([name, &child.id().to_string()]).status().is_ok_and(|status| status.success())
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("mqtt://127.0.0.1:{}", self.port)
    }

    /// The folder of its files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends it at once, as a power cut of its process would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _already_gone = child.kill();
            let _reaped = child.wait();
        }
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        self.kill();
    }
}
