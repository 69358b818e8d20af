//! Copies of the three files while programs go on writing, and the way back.
//!
//! A backup is a folder with one consistent state of each file and a list of them
//! with their hashes. It comes into being under another name, so that half of one
//! is never taken for a whole. As in the store itself, no state spans files:
//! features are taken first, series last.

use std::fs::{self, File as Plain};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use misto_model::{Error, Result};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use serde::{Deserialize, Serialize};

use crate::copy::Progress;

/// The list of a backup's files.
const LIST: &str = "backup.json";
/// Pages between two words of progress.
const PAGES: i32 = 4_096;

/// One file of a backup.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    name: String,
    bytes: u64,
    blake3: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct List {
    /// Version of Misto that wrote it.
    misto: String,
    files: Vec<Kept>,
}

/// The features' file first; its name is chosen by the operator.
fn files(city: &Path) -> [PathBuf; 3] {
    [city.to_owned(), city.with_file_name("misto.sqlite"), city.with_file_name("tracks.sqlite")]
}

/// Writes a backup of the store whose features lie in `city` into the folder `to`,
/// which must not exist. Gives its size in bytes.
pub(super) fn back_up(city: &Path, to: &Path, progress: Progress<'_>) -> Result<u64> {
    if to.exists() {
        return Err(Error::invalid("to", format!("{} exists already: name a new folder", to.display())));
    }
    if let Some(missing) = files(city).iter().find(|file| !file.is_file()) {
        let reason = format!("{} does not exist: this is no whole store of Misto", missing.display());
        return Err(Error::invalid("store.url", reason));
    }
    let unfinished = unfinished(to);
    fs::create_dir_all(&unfinished).map_err(|cause| in_the_way(&unfinished, cause))?;
    make_private(&unfinished)?;
    let mut list = List { misto: env!("CARGO_PKG_VERSION").to_owned(), files: Vec::new() };
    for file in &files(city) {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let target = unfinished.join(&name);
        snapshot(file, &target, progress)
            .map_err(|cause| Error::unavailable(format!("{name} could not be copied: try again in a moment"), cause))?;
        list.files.push(kept(&target, name)?);
    }
    let text = serde_json::to_string_pretty(&list).map_err(|cause| Error::unavailable("the list", cause))?;
    fs::write(unfinished.join(LIST), text).map_err(|cause| in_the_way(&unfinished, cause))?;
    fs::rename(&unfinished, to).map_err(|cause| in_the_way(to, cause))?;
    Ok(list.files.iter().map(|file| file.bytes).sum())
}

/// Puts a backup in the place of a store that does not exist. Gives its size in bytes.
pub(super) fn restore(from: &Path, city: &Path, progress: Progress<'_>) -> Result<u64> {
    let text = fs::read_to_string(from.join(LIST)).map_err(|cause| {
        let reason = format!("{} holds no finished backup ({LIST}: {cause})", from.display());
        Error::invalid("from", reason)
    })?;
    let list: List = serde_json::from_str(&text)
        .map_err(|cause| Error::invalid("from", format!("{LIST} cannot be read: {cause}")))?;
    let mut in_place = files(city)
        .into_iter()
        .flat_map(|file| [file.clone(), beside(&file, "-wal"), beside(&file, "-shm"), beside(&file, "-journal")]);
    if let Some(stands) = in_place.find(|file| file.exists()) {
        // SQLite would play a log of the former file into the restored one.
        let reason = format!(
            "{} stands already: stop Misto and move it away together with all files whose names begin like the store's, or name another place",
            stands.display()
        );
        return Err(Error::invalid("store.url", reason));
    }
    for file in &list.files {
        let found = kept(&from.join(&file.name), file.name.clone())?;
        if found.blake3 != file.blake3 {
            return Err(Error::invalid("from", format!("{} is not what was kept: its hash differs", file.name)));
        }
    }
    let folder = city.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|cause| in_the_way(folder, cause))?;
    // The features' file goes by the name that the store gives it.
    for (file, target) in list.files.iter().map(|file| (file, target(city, &file.name))) {
        let unfinished = unfinished(&target);
        fs::copy(from.join(&file.name), &unfinished).map_err(|cause| in_the_way(&unfinished, cause))?;
        Plain::open(&unfinished).and_then(|file| file.sync_all()).map_err(|cause| in_the_way(&unfinished, cause))?;
        fs::rename(&unfinished, &target).map_err(|cause| in_the_way(&target, cause))?;
        progress("bytes restored", file.bytes);
    }
    Ok(list.files.iter().map(|file| file.bytes).sum())
}

/// What SQLite keeps beside a file.
fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    file.with_file_name(name)
}

fn target(city: &Path, name: &str) -> PathBuf {
    match name {
        "misto.sqlite" | "tracks.sqlite" => city.with_file_name(name),
        _ => city.to_owned(),
    }
}

fn unfinished(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{name}.unfinished"))
}

/// One state of a file, however much is written meanwhile.
fn snapshot(from: &Path, to: &Path, progress: Progress<'_>) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let source = Connection::open_with_flags(from, flags)?;
    source.busy_timeout(Duration::from_secs(5))?;
    // A read transaction holds the state; without it each commit would begin the copy anew.
    source.execute_batch("BEGIN")?;
    source.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))?;
    let mut target = Connection::open(to)?;
    {
        let backup = Backup::new(&source, &mut target)?;
        loop {
            match backup.step(PAGES)? {
                StepResult::Done => break,
                StepResult::Busy | StepResult::Locked => std::thread::sleep(Duration::from_millis(50)),
                _ => {}
            }
            let state = backup.progress();
            progress("pages kept", u64::try_from(state.pagecount - state.remaining).unwrap_or(0));
        }
    }
    let sound: String = target.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    // The copy is one file, without a log beside it.
    target.pragma_update(None, "journal_mode", "DELETE")?;
    if sound == "ok" { Ok(()) } else { Err(rusqlite::Error::InvalidParameterName(sound)) }
}

fn kept(path: &Path, name: String) -> Result<Kept> {
    let mut file = Plain::open(path).map_err(|cause| in_the_way(path, cause))?;
    file.sync_all().map_err(|cause| in_the_way(path, cause))?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 20];
    let mut bytes = 0;
    loop {
        match file.read(&mut buffer).map_err(|cause| in_the_way(path, cause))? {
            0 => return Ok(Kept { name, bytes, blake3: hasher.finalize().to_hex().to_string() }),
            read => {
                hasher.update(&buffer[..read]);
                bytes += read as u64;
            }
        }
    }
}

fn in_the_way(path: &Path, cause: std::io::Error) -> Error {
    Error::unavailable(format!("{}: {cause}", path.display()), cause)
}

/// It holds accounts and where staff's vehicles were.
#[cfg(unix)]
fn make_private(folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(|cause| in_the_way(folder, cause))
}

#[cfg(not(unix))]
fn make_private(_folder: &Path) -> Result<()> {
    Ok(())
}
