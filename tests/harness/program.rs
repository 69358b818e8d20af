//! The real program: built before, started on free ports, ended with its guard.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::time::Duration;

use tempfile::TempDir;

use crate::{Client, eventually, free_port};

/// Where the program lies: `MISTO_BIN`, or beside the test's own executable.
///
/// # Panics
/// When it was not built.
pub fn misto() -> PathBuf {
    if let Some(named) = std::env::var_os("MISTO_BIN") {
        return named.into();
    }
    let own = std::env::current_exe().expect("the test's own path");
    let beside = own.ancestors().find_map(|folder| {
        let candidate = folder.join("misto");
        candidate.is_file().then_some(candidate)
    });
    beside.expect("the program is built first: cargo build -p misto")
}

/// Runs a command to its end.
///
/// # Panics
/// When it cannot be started.
pub fn run(arguments: &[&str]) -> Output {
    Command::new(misto()).args(arguments).env("RUST_LOG", "warn").output().expect("misto starts")
}

/// Runs a command that must succeed; gives what it printed.
///
/// # Panics
/// When it fails.
pub fn run_ok(arguments: &[&str]) -> String {
    let output = run(arguments);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "misto {arguments:?}: {}\n{out}\n{err}", output.status);
    out.into_owned()
}

/// A configuration for a server on the store at `store` behind the broker `mqtt`.
pub fn config(store: &str, http_port: u16, mqtt: &str) -> String {
    format!("[http]\nlisten = \"127.0.0.1:{http_port}\"\n[store]\nurl = \"{store}\"\n[mqtt]\nurl = \"{mqtt}\"\n")
}

/// The address of the embedded store in a folder.
fn embedded_store(folder: &Path) -> String {
    format!("geopackage:{}", folder.join("city.gpkg").display())
}

/// A running server; it ends with this guard.
pub struct Server {
    child: Option<Child>,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    port: u16,
    store: String,
    folder: TempDir,
}

impl Server {
    /// `misto serve` behind the broker, and what `more` adds to the configuration.
    pub fn start(mqtt: &str, more: &str) -> Self {
        Self::start_in(TempDir::new().expect("a folder"), mqtt, more)
    }

    /// As [`Server::start`], in a folder that holds a store already.
    ///
    /// # Panics
    /// When the configuration cannot be written.
    pub fn start_in(folder: TempDir, mqtt: &str, more: &str) -> Self {
        Self::configured(embedded_store(folder.path()), folder, mqtt, more)
    }

    /// As [`Server::start`], on another store.
    ///
    /// # Panics
    /// When there is no folder.
    pub fn start_on(store: &str, mqtt: &str, more: &str) -> Self {
        Self::configured(store.to_owned(), TempDir::new().expect("a folder"), mqtt, more)
    }

    /// As [`Server::start_on`], to be started by [`Server::up`].
    ///
    /// # Panics
    /// When there is no folder.
    pub fn not_started(store: &str, mqtt: &str, more: &str) -> Self {
        Self::prepared(store.to_owned(), TempDir::new().expect("a folder"), mqtt, more)
    }

    /// `misto serve --role ROLE`, one of several processes on a store that they share.
    ///
    /// # Panics
    /// When there is no folder.
    pub fn with_role(role: &str, store: &str, mqtt: &str, more: &str) -> Self {
        let mut server = Self::prepared(store.to_owned(), TempDir::new().expect("a folder"), mqtt, more);
        server.arguments.extend(["--role".to_owned(), role.to_owned()]);
        server.up();
        server
    }

    fn configured(store: String, folder: TempDir, mqtt: &str, more: &str) -> Self {
        let mut server = Self::prepared(store, folder, mqtt, more);
        server.up();
        server
    }

    fn prepared(store: String, folder: TempDir, mqtt: &str, more: &str) -> Self {
        let port = free_port();
        let file = folder.path().join("misto.toml");
        std::fs::write(&file, config(&store, port, mqtt) + more).expect("a configuration");
        let arguments = vec!["serve".to_owned(), "--config".to_owned(), file.display().to_string()];
        Self { child: None, arguments, environment: Vec::new(), port, store, folder }
    }

    /// `misto serve` with the embedded broker on this port.
    ///
    /// # Panics
    /// When the configuration cannot be written.
    pub fn embedded(folder: TempDir, mqtt_port: u16) -> Self {
        let listen = format!("embedded_listen = \"127.0.0.1:{mqtt_port}\"\n");
        Self::start_in(folder, "embedded", &listen)
    }

    /// `misto demo` in a new folder.
    ///
    /// # Panics
    /// When there is no folder.
    pub fn demo() -> (Self, u16) {
        let folder = TempDir::new().expect("a folder");
        let (port, mqtt_port) = (free_port(), free_port());
        let arguments = [
            "demo",
            "--port",
            &port.to_string(),
            "--mqtt-port",
            &mqtt_port.to_string(),
            "--data",
            &folder.path().display().to_string(),
        ]
        .map(str::to_owned)
        .to_vec();
        let store = embedded_store(folder.path());
        let mut server = Self { child: None, arguments, environment: Vec::new(), port, store, folder };
        server.up();
        (server, mqtt_port)
    }

    /// An environment variable from the next start on.
    pub fn say(&mut self, variable: &str, value: &str) {
        self.environment.push((variable.to_owned(), value.to_owned()));
    }

    /// Starts it (again) and waits until it answers.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn up(&mut self) {
        let file = |name| std::fs::File::options().create(true).append(true).open(self.folder.path().join(name));
        let child = Command::new(misto())
            .args(&self.arguments)
            .env("RUST_LOG", std::env::var("MISTO_TEST_LOG").unwrap_or_else(|_| "info".to_owned()))
            .envs(self.environment.clone())
            .stdout(file("stdout.txt").expect("a file for its output"))
            .stderr(file("stderr.txt").expect("a file for its log"))
            .spawn()
            .expect("misto starts");
        self.child = Some(child);
        let client = self.client();
        eventually("the server answers", Duration::from_secs(60), || {
            let ended = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten());
            assert!(ended.is_none(), "the server ended: {}", self.log());
            client.try_send("GET", "/healthz", None).ok()
        });
    }

    /// Waits until it says that it is ready.
    pub fn ready(&self) -> &Self {
        let client = self.client();
        eventually(&format!("the server is ready: {}", self.log()), Duration::from_secs(60), || {
            (client.get("/readyz").status == 200).then_some(())
        });
        self
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A stranger who asks it.
    pub fn client(&self) -> Client {
        Client::new(&self.url())
    }

    /// Staff with a new token.
    pub fn staff(&self, role: &str) -> Client {
        let token = run_ok(&["token", "create", "--role", role, "--store", &self.store()]);
        self.client().bearer(token.trim())
    }

    /// The address of its store.
    pub fn store(&self) -> String {
        self.store.clone()
    }

    /// The folder of its store.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it wrote to its log.
    pub fn log(&self) -> String {
        read(&self.folder.path().join("stderr.txt"))
    }

    /// What it printed.
    pub fn printed(&self) -> String {
        read(&self.folder.path().join("stdout.txt"))
    }

    /// One counter of `/metrics`.
    pub fn metric(&self, name: &str) -> f64 {
        let text = self.client().get("/metrics").text();
        let line = text.lines().find(|line| line.split([' ', '{']).next() == Some(name));
        line.and_then(|line| line.rsplit(' ').next()).and_then(|number| number.parse().ok()).unwrap_or(0.0)
    }

    /// Id of its process.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Ends it at once: `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _already_gone = child.kill();
            let _reaped = child.wait();
        }
    }

    /// Tells it to stop and waits.
    ///
    /// # Panics
    /// When it does not stop within 20 seconds.
    pub fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
        assert!(told.is_ok_and(|status| status.success()), "kill -TERM");
        eventually("the server stops when told", Duration::from_secs(20), || child.try_wait().ok().flatten());
    }
}

fn read(path: &Path) -> String {
    let mut text = String::new();
    if let Ok(mut file) = std::fs::File::open(path) {
        let _may_be_cut = file.read_to_string(&mut text);
    }
    text
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
