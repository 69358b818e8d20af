//! How the bytes of a tile travel.

use std::io::Write;

use bytes::Bytes;

/// A content coding (RFC 9110, 8.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// As they are.
    Identity,
    /// gzip (RFC 1952).
    Gzip,
}

/// Tiles are compressed once and sent often, and yet someone waits for the first one.
const GZIP_LEVEL: u32 = 6;

impl Encoding {
    /// The name for `Content-Encoding`; `None` where the header is left out.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
        }
    }

    /// What tells the entity tags of the same tile apart.
    pub(crate) fn tag_suffix(self) -> &'static str {
        match self {
            Self::Identity => "",
            Self::Gzip => "-gzip",
        }
    }

    pub(crate) fn apply(self, bytes: Bytes) -> std::io::Result<Bytes> {
        match self {
            Self::Identity => Ok(bytes),
            Self::Gzip => {
                let room = Vec::with_capacity(bytes.len() / 2 + 64);
                let mut writer = flate2::write::GzEncoder::new(room, flate2::Compression::new(GZIP_LEVEL));
                writer.write_all(&bytes)?;
                let mut packed = writer.finish()?;
                packed.shrink_to_fit();
                Ok(packed.into())
            }
        }
    }
}
