//! What goes wrong inside a database job, and how it is told outside.

use misto_model::Error;
use rusqlite::ErrorCode;

/// What a job on a connection can fail with.
#[derive(Debug)]
pub(super) enum Failure {
    /// SQLite refused; the file's name is added when it is told.
    Sqlite(rusqlite::Error),
    /// Already in the caller's words.
    Told(Error),
}

/// Result of a job on a connection.
pub(super) type Done<T> = Result<T, Failure>;

impl From<rusqlite::Error> for Failure {
    fn from(cause: rusqlite::Error) -> Self {
        Self::Sqlite(cause)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Told(error)
    }
}

impl Failure {
    /// Whether another connection held the lock: worth trying again.
    pub(super) fn is_lock(&self) -> bool {
        matches!(self, Self::Sqlite(cause) if code(cause).is_some_and(is_lock))
    }

    /// In the words of the seam. `file` is the bare name of the file: the whole
    /// path goes to the log only.
    pub(super) fn tell(self, file: &str) -> Error {
        let cause = match self {
            Self::Told(error) => return error,
            Self::Sqlite(cause) => cause,
        };
        let reason = match code(&cause) {
            Some(code) if is_lock(code) => {
                format!("another program holds the lock on {file}; try again when it has finished")
            }
            _ if is_full(&cause) => format!("the disk that holds {file} is full"),
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                format!(
                    "{file} cannot be opened for writing: check that the file and its folder exist and may be written"
                )
            }
            Some(ErrorCode::NotADatabase) => format!("{file} is not a SQLite database; nothing was changed in it"),
            Some(ErrorCode::DatabaseCorrupt) => format!("{file} is damaged: restore it from a backup"),
            _ => format!("{file} could not be read or written"),
        };
        Error::unavailable(reason, format!("{file}: {cause}"))
    }
}

fn is_lock(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
}

/// No room for the data, or none for the shared memory of the write-ahead log,
/// which SQLite tells as an I/O error.
fn is_full(cause: &rusqlite::Error) -> bool {
    let extended = cause.sqlite_error().map(|inner| inner.extended_code);
    code(cause) == Some(ErrorCode::DiskFull) || extended == Some(rusqlite::ffi::SQLITE_IOERR_SHMSIZE)
}

fn code(cause: &rusqlite::Error) -> Option<ErrorCode> {
    match cause {
        rusqlite::Error::SqliteFailure(inner, _) => Some(inner.code),
        rusqlite::Error::SqlInputError { error, .. } => Some(error.code),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_named_whatever_there_was_no_room_for() {
        for code in [rusqlite::ffi::SQLITE_FULL, rusqlite::ffi::SQLITE_IOERR_SHMSIZE] {
            let cause = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
            let told = Failure::from(cause).tell("city.gpkg").to_string();
            assert!(told.contains("the disk that holds city.gpkg is full"), "{told}");
        }
    }
}
