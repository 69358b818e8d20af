//! A finished tile.

use std::sync::Arc;

use bytes::Bytes;
use misto_model::{Error, Result};

use crate::encoding::Encoding;

/// A vector tile (Mapbox Vector Tile 2.1), ready to be sent.
#[derive(Debug, Clone)]
pub struct Tile {
    /// The bytes, already in [`Tile::encoding`].
    pub bytes: Bytes,
    /// Strong entity tag in its quotes: of the content and the encoding (RFC 9110, 8.8.3).
    pub etag: Arc<str>,
    /// What the bytes are encoded in.
    pub encoding: Encoding,
    /// Whether features that lie in the tile were left out, being too small or too many.
    pub thinned: bool,
}

impl Tile {
    /// Tags and encodes the plain bytes of a tile.
    pub(crate) fn seal(plain: Bytes, thinned: bool, encoding: Encoding) -> Result<Self> {
        let hash = blake3::hash(&plain).to_hex();
        let etag = format!("\"{}{}\"", &hash[..32], encoding.tag_suffix());
        let bytes =
            encoding.apply(plain).map_err(|cause| Error::unavailable("the tile could not be compressed", cause))?;
        Ok(Self { bytes, etag: etag.into(), encoding, thinned })
    }
}
