//! What the database says, in the seam's vocabulary.

use misto_model::Error;
use tokio_postgres::error::SqlState;

/// A step against the database.
pub(super) type Done<T> = Result<T, Failure>;

/// Why a step did not succeed.
pub(super) enum Failure {
    /// In the seam's words already.
    Told(Error),
    /// As the database or the connection to it says.
    Database(tokio_postgres::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Told(error)
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Database(error)
    }
}

impl From<deadpool_postgres::PoolError> for Failure {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        Self::Told(match error {
            deadpool_postgres::PoolError::Timeout(_) => Error::unavailable(
                "the database does not answer, or too many wait for it: try again in a moment",
                error,
            ),
            deadpool_postgres::PoolError::Backend(cause) => return Self::Database(cause),
            other => Error::unavailable(GONE, other),
        })
    }
}

const GONE: &str = "the database is not reachable: try again in a moment";

impl Failure {
    /// Whether a row of the same key stands already.
    pub(super) fn is_duplicate(&self) -> bool {
        matches!(self, Self::Database(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION))
    }

    /// Whether somebody else held a lock for too long.
    pub(super) fn is_lock(&self) -> bool {
        matches!(self, Self::Database(error) if error.code().is_some_and(says_locked))
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Told(error) => error,
            Failure::Database(error) => tell(&error),
        }
    }
}

/// The classes of SQLSTATE that mean something to the caller (PostgreSQL, appendix A).
fn tell(error: &tokio_postgres::Error) -> Error {
    let Some(database) = error.as_db_error() else { return Error::unavailable(GONE, chain(error)) };
    let (code, said) = (database.code(), database.message());
    let unavailable = |reason: &str| Error::unavailable(reason, format!("{} {said}", code.code()));
    if says_locked(code) {
        return unavailable("another program holds a lock in the database: try again in a moment");
    }
    if *code == SqlState::QUERY_CANCELED {
        return unavailable("the database took too long: try again in a moment");
    }
    if *code == SqlState::DISK_FULL {
        return unavailable("the disk of the database is full");
    }
    if *code == SqlState::INSUFFICIENT_PRIVILEGE {
        return unavailable("the database user has no right to do this: grant it the tables, or make it their owner");
    }
    match code.code().get(..2) {
        // A value that a column cannot hold.
        Some("22") => Error::invalid(database.column().unwrap_or("properties"), said),
        Some("23") => Error::invalid(
            database.column().or(database.constraint()).unwrap_or("properties"),
            format!("the table refuses it: {said}"),
        ),
        Some("XX") if said.to_lowercase().contains("geometr") => Error::invalid("geometry", said),
        Some("08" | "53" | "57") => unavailable(GONE),
        _ => unavailable("the database refused a step"),
    }
}

fn says_locked(code: &SqlState) -> bool {
    *code == SqlState::LOCK_NOT_AVAILABLE || *code == SqlState::T_R_DEADLOCK_DETECTED
}

fn chain(error: &tokio_postgres::Error) -> String {
    let cause = std::error::Error::source(error);
    cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}
