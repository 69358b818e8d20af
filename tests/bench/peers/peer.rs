//! The servers that are measured.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use misto_tests::{Client, Server, eventually, free_port};

/// All collections in one tile, as each server names them.
pub const LAYERS: &str = "buildings,poles,streets";

/// Misto on the tables, with nothing left out of a tile.
pub struct Misto {
    pub server: Server,
    database: String,
}

impl Misto {
    pub fn start(database: &str) -> Self {
        Self { server: crate::server(database, 0), database: database.to_owned() }
    }

    /// A new process, so that its cache is empty; a budget of 0 leaves nothing out.
    pub fn fresh(&self, budget_bytes: u64) -> Server {
        crate::server(&self.database, budget_bytes)
    }
}

/// A running peer; it ends with this guard.
pub struct Peer {
    pub name: String,
    pub host: String,
    /// Starts it again with this argument list.
    program: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    child: Child,
}

impl Peer {
    /// Starts a program and waits until `path` is answered with 200.
    pub fn start(
        name: &str,
        program: &Path,
        arguments: &[String],
        environment: &[(String, String)],
        port: u16,
        path: &str,
    ) -> Self {
        let child = spawn(program, arguments, environment);
        let peer = Self {
            name: name.to_owned(),
            host: format!("127.0.0.1:{port}"),
            program: program.to_owned(),
            arguments: arguments.to_vec(),
            environment: environment.to_vec(),
            child,
        };
        peer.answers(path);
        peer
    }

    fn answers(&self, path: &str) {
        let client = Client::new(&format!("http://{}", self.host));
        eventually(&format!("{} answers", self.name), Duration::from_secs(300), || {
            client.try_send("GET", path, None).ok().filter(|answer| answer.status == 200)
        });
    }

    /// Ends it and starts it again: nothing is kept.
    pub fn again(&mut self, path: &str) {
        let _already_gone = self.child.kill();
        let _reaped = self.child.wait();
        self.child = spawn(&self.program, &self.arguments, &self.environment);
        self.answers(path);
    }

    /// Martin over the tables in PostGIS, its cache as `cache_mb` says.
    pub fn martin_postgis(database: &str, folder: &Path) -> Option<Self> {
        let sources = format!(
            "postgres:\n  connection_string: {database}\n  auto_publish:\n    tables:\n      from_schemas: public\n      id_columns: fid\n    functions: false\n"
        );
        martin("Martin 1.14 over PostGIS", &sources, folder, "postgis")
    }

    /// Martin over the same features as GeoJSON files in its memory.
    pub fn martin_geojson(files: &[(&str, PathBuf)], folder: &Path) -> Option<Self> {
        let entry = |(id, file): &(&str, PathBuf)| format!("    {id}: {}\n", file.display());
        let sources = format!("geojson:\n  sources:\n{}", files.iter().map(entry).collect::<String>());
        martin("Martin 1.14 over GeoJSON", &sources, folder, "geojson")
    }
}

/// The path of a tile at Martin.
pub fn martin_path(at: (u32, u32, u32)) -> String {
    format!("/{LAYERS}/{}/{}/{}", at.0, at.1, at.2)
}

/// The path of a tile at Misto.
pub fn misto_path(at: (u32, u32, u32)) -> String {
    format!("/tiles/{LAYERS}/{}/{}/{}", at.0, at.1, at.2)
}

fn martin(name: &str, sources: &str, folder: &Path, kind: &str) -> Option<Peer> {
    let Some(program) = std::env::var_os("MARTIN") else {
        println!("{name}: not measured, MARTIN names no program");
        return None;
    };
    let port = free_port();
    let file = folder.join(format!("martin-{kind}.yaml"));
    let settings = format!("listen_addresses: 127.0.0.1:{port}\nworker_processes: 2\n{sources}");
    std::fs::write(&file, settings).expect("a configuration");
    let arguments = ["--config".to_owned(), file.display().to_string()];
    Some(Peer::start(name, Path::new(&program), &arguments, &[], port, "/health"))
}

fn spawn(program: &Path, arguments: &[String], environment: &[(String, String)]) -> Child {
    let mut command = Command::new(program);
    command.args(arguments).envs(environment.iter().cloned());
    command.env("RUST_LOG", "error").stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap_or_else(|wrong| panic!("{}: {wrong}", program.display()))
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}
