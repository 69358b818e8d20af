//! A real PostgreSQL with PostGIS, for as long as the process that asked for it lives.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Started as the user who may run it. It ends and its folder goes when the pipe
/// that is its standard input closes, so also when the tests are killed.
const START: &str = r#"
set -e
folder=$(mktemp -d)
"$BIN/initdb" --pgdata="$folder" --username=misto --auth=trust --encoding=UTF8 --locale=C --no-sync >/dev/null
if [ -n "$CERTIFICATE" ]; then
  cp "$CERTIFICATE/server.pem" "$CERTIFICATE/server.key" "$folder"; chmod 600 "$folder/server.key"
  printf "ssl = on\nssl_cert_file = 'server.pem'\nssl_key_file = 'server.key'\n" >>"$folder/postgresql.conf"
  echo "hostssl city all 127.0.0.1/32 trust
host postgres all 127.0.0.1/32 trust
hostnossl city misto 127.0.0.1/32 reject" >"$folder/pg_hba.conf"
fi
"$BIN/postgres" -D "$folder" -p "$PORT" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
  -c fsync=off -c full_page_writes=off -c max_connections=300 -c shared_buffers=64MB \
  -c log_min_messages=panic >"$folder/log" 2>&1 &
server=$!
trap 'kill -INT $server 2>/dev/null || true; wait $server || true; rm -rf "$folder"' EXIT
until "$BIN/psql" -h 127.0.0.1 -p "$PORT" -U misto -d postgres -qAtc 'SELECT 1' >/dev/null 2>&1; do
  kill -0 $server || { cat "$folder/log" >&2; exit 1; }
  sleep 0.05
done
echo ready
cat >/dev/null
"#;

/// A running server with a database to copy.
pub struct Postgres {
    port: u16,
    databases: AtomicU32,
    /// Copying a template allows no second copy at once.
    copying: Mutex<()>,
    _shell: Child,
}

/// The server of this process, started when first asked for.
///
/// # Panics
/// When PostgreSQL or PostGIS is missing, saying what installs them.
pub fn postgres() -> &'static Postgres {
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    SERVER.get_or_init(Postgres::start)
}

/// The folder of initdb and postgres.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.retain(|folder| folder.join("initdb").exists());
    folders.sort();
    folders
        .pop()
        .expect("PostgreSQL is missing: apt-get install --no-install-recommends postgresql-15 postgresql-15-postgis-3")
}

impl Postgres {
    /// One of its own, for tests that break it; it ends with this guard.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start() -> Self {
        Self::start_with(None)
    }

    /// As [`Postgres::start`]; a folder with `server.pem` and `server.key` turns TLS
    /// on, and the database `city` is then not to be had without it.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_with(certificate: Option<&std::path::Path>) -> Self {
        let port =
            std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|free| free.local_addr()).expect("a port").port();
        let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
        // PostgreSQL refuses to run as root.
        let mut shell = if is_root { Command::new("runuser") } else { Command::new("sh") };
        if is_root {
            shell.args(["-u", "postgres", "--", "sh"]);
        }
        let mut shell = shell
            .args(["-c", START])
            .env("BIN", programs())
            .env("PORT", port.to_string())
            .env("CERTIFICATE", certificate.unwrap_or(std::path::Path::new("")))
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let mut line = String::new();
        let told = BufReader::new(shell.stdout.take().expect("its output")).read_line(&mut line);
        assert!(told.is_ok_and(|bytes| bytes > 0), "PostgreSQL does not start");
        let server = Self { port, databases: AtomicU32::new(0), copying: Mutex::default(), _shell: shell };
        server.say("postgres", "CREATE DATABASE city");
        server.say("city", "CREATE EXTENSION postgis");
        server
    }

    /// Address of a new database with PostGIS and nothing else.
    ///
    /// # Panics
    /// When the server does not make it.
    pub fn database(&self) -> String {
        let name = format!("city_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let _one_at_a_time = self.copying.lock().unwrap_or_else(PoisonError::into_inner);
        self.say("postgres", &format!("CREATE DATABASE {name} TEMPLATE city"));
        self.url(&name)
    }

    /// Address of one of its databases.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://misto@127.0.0.1:{}/{database}", self.port)
    }

    /// Says something in SQL to one database; gives the answer as psql prints it.
    ///
    /// # Panics
    /// When it is refused.
    pub fn say(&self, database: &str, sql: &str) -> String {
        psql(&self.url(database), sql)
    }
}

/// Another program's SQL to the database at `url`; gives the answer, a line a row.
///
/// # Panics
/// When it is refused.
pub fn psql(url: &str, sql: &str) -> String {
    try_psql(url, sql).unwrap_or_else(|said| panic!("{sql}: {said}"))
}

/// As [`psql`], with what was said when it is refused.
///
/// # Errors
/// What psql prints.
pub fn try_psql(url: &str, sql: &str) -> Result<String, String> {
    let output = Command::new(programs().join("psql"))
        .args([url, "--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set", "ON_ERROR_STOP=1"])
        .args(["--command", sql])
        .output()
        .expect("psql");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}
