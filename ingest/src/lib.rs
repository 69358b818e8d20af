//! The outside world's bytes to Misto's values.
//!
//! `decode` has one file per wire format, `mqtt` holds the session with the
//! broker, `files` has one module per file format, `replay` reads recordings,
//! `normalised` is what Misto's own processes tell each other.

pub mod decode;
pub mod files;
pub mod mqtt;
pub mod normalised;
pub mod replay;
