//! The outside world's bytes to Misto's values.
//!
//! `decode` has one file per wire format, `mqtt` holds the session with the
//! broker, `files` has one module per file format, `replay` reads recordings.

pub mod decode;
pub mod files;
pub mod mqtt;
pub mod replay;
