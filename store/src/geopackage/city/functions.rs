//! The SQL functions that the triggers of the rtree extension call
//! (OGC 12-128r18, annex F.3). Other programs bring their own.

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;

use super::blob::{self, Envelope};

/// Registers them on a connection.
pub(super) fn register(connection: &Connection) -> rusqlite::Result<()> {
    edge(connection, "ST_MinX", |e| e.min_x)?;
    edge(connection, "ST_MaxX", |e| e.max_x)?;
    edge(connection, "ST_MinY", |e| e.min_y)?;
    edge(connection, "ST_MaxY", |e| e.max_y)?;
    connection.create_scalar_function("ST_IsEmpty", 1, flags(), |context| {
        Ok(match context.get_raw(0) {
            ValueRef::Blob(blob) => Some(blob::envelope(blob).is_none()),
            _ => None,
        })
    })
}

fn edge(connection: &Connection, name: &str, edge: fn(Envelope) -> f64) -> rusqlite::Result<()> {
    connection.create_scalar_function(name, 1, flags(), move |context| Ok(envelope(context).map(edge)))
}

fn flags() -> FunctionFlags {
    FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS
}

fn envelope(context: &Context<'_>) -> Option<Envelope> {
    match context.get_raw(0) {
        ValueRef::Blob(blob) => blob::envelope(blob),
        _ => None,
    }
}
