//! One SQLite file: opening, migrating, connecting.
//!
//! Durability: write-ahead log with `synchronous = NORMAL`. What is committed
//! survives the death of the process (kill -9). After a power loss the file is
//! whole, but the commits since the last checkpoint may be gone.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use misto_model::{Error, Result};
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior};

use super::failure::{Done, Failure};

/// How long a connection waits for another program's lock.
const LOCK_PATIENCE: Duration = Duration::from_millis(1_500);

/// What makes one of the three files different from the others.
pub(super) struct Layout {
    /// Forward-only steps; step n brings the file from version n to n + 1.
    pub(super) steps: &'static [&'static str],
    /// Readable by its owner only.
    pub(super) private: bool,
    /// Looks at a file before Misto's first step; refuses what is not its own.
    pub(super) claim: fn(&Connection) -> Done<()>,
    /// Prepares every connection.
    pub(super) prepare: fn(&Connection) -> rusqlite::Result<()>,
}

/// A file that stands and has the schema this program knows.
pub(super) struct File {
    path: PathBuf,
    name: String,
    layout: &'static Layout,
}

impl File {
    /// Makes or migrates the file. Safe when several processes do so at once.
    pub(super) fn open(path: &Path, layout: &'static Layout) -> Result<Self> {
        let name = path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
        let file = Self { path: path.to_owned(), name, layout };
        file.make_room().map_err(|cause| {
            let reason = format!("{} cannot be made: check that its folder may be written", file.name);
            Error::unavailable(reason, format!("{}: {cause}", path.display()))
        })?;
        file.migrate().map_err(|failure| failure.tell(&file.name))?;
        Ok(file)
    }

    /// Looks at a file that stands: a lock or a newer schema is an error, nothing is changed.
    pub(super) fn look(path: &Path, layout: &Layout) -> Result<()> {
        if !path.is_file() {
            return Ok(());
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let look = || {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(LOCK_PATIENCE)?;
            refuse_newer(&name, version(&connection)?.unwrap_or(0), layout.steps.len() as i64)
        };
        look().map_err(|failure: Failure| failure.tell(&name))
    }

    /// Bare name, for people.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// A new connection.
    pub(super) fn connect(&self) -> Done<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(LOCK_PATIENCE)?;
        connection.set_prepared_statement_cache_capacity(128);
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        (self.layout.prepare)(&connection)?;
        Ok(connection)
    }

    fn make_room(&self) -> std::io::Result<()> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        if self.layout.private { make_private(&self.path) } else { Ok(()) }
    }

    fn migrate(&self) -> Done<()> {
        let mut connection = self.connect()?;
        let known = self.layout.steps.len() as i64;
        // Without a write, so that a start succeeds while another program edits.
        if version(&connection)? == Some(known) {
            return write_ahead(&connection);
        }
        (self.layout.claim)(&connection)?;
        write_ahead(&connection)?;
        let migration = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        (self.layout.claim)(&migration)?;
        migration.execute_batch("CREATE TABLE IF NOT EXISTS misto_schema (version INTEGER NOT NULL)")?;
        let stands = version(&migration)?.unwrap_or(0);
        refuse_newer(&self.name, stands, known)?;
        for (step, _) in self.layout.steps.iter().zip(1..).filter(|(_, version)| *version > stands) {
            migration.execute_batch(step)?;
        }
        migration.execute("DELETE FROM misto_schema", [])?;
        migration.execute("INSERT INTO misto_schema VALUES (?1)", [known])?;
        migration.commit()?;
        Ok(())
    }
}

fn refuse_newer(name: &str, stands: i64, known: i64) -> Done<()> {
    if stands <= known {
        return Ok(());
    }
    let reason = format!(
        "{name} was written by a newer Misto (schema {stands}, this program knows up to {known}): use the newer program"
    );
    Err(Error::unavailable(reason, "schema is newer than the program").into())
}

/// Version of Misto's schema in the file; `None` before the first migration.
fn version(connection: &Connection) -> Done<Option<i64>> {
    let stands: Option<i64> = connection
        .query_row("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'misto_schema'", [], |row| row.get(0))
        .optional()?;
    match stands {
        None => Ok(None),
        Some(_) => Ok(connection.query_row("SELECT max(version) FROM misto_schema", [], |row| row.get(0))?),
    }
}

/// Turns the write-ahead log on. SQLite does not wait for a lock here by itself.
fn write_ahead(connection: &Connection) -> Done<()> {
    let deadline = Instant::now() + LOCK_PATIENCE;
    loop {
        let answer = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0));
        match answer.map_err(Failure::from) {
            Ok(mode) if mode.eq_ignore_ascii_case("wal") => return Ok(()),
            Ok(mode) => {
                let reason =
                    "the folder of the store does not allow a write-ahead log (a network drive?): use a local disk";
                return Err(Error::unavailable(reason, format!("journal_mode stays {mode}")).into());
            }
            Err(failure) if failure.is_lock() && Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(failure) => return Err(failure),
        }
    }
}

#[cfg(unix)]
fn make_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    // The -wal and -shm files take over the mode of the database file.
    let file = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn make_private(_path: &Path) -> std::io::Result<()> {
    Ok(())
}
