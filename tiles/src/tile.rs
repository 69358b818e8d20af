//! A finished tile, and the forms in which it is kept.

use std::sync::{Arc, Mutex, OnceLock};

use bytes::Bytes;
use misto_model::{Error, Result};

use crate::encoding::Encoding;
use crate::locks::locked;

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

/// One tile in every encoding that somebody asked for.
#[derive(Debug)]
pub(crate) struct Forms {
    /// Of the plain bytes.
    tag: String,
    plain_len: usize,
    thinned: bool,
    /// The plain bytes, until the first form is made of them.
    drawn: Mutex<Option<Bytes>>,
    forms: [OnceLock<Result<Tile>>; Encoding::ALL.len()],
}

impl Forms {
    pub(crate) fn new(plain: Bytes, thinned: bool) -> Self {
        let tag = blake3::hash(&plain).to_hex()[..32].to_owned();
        Self { tag, plain_len: plain.len(), thinned, drawn: Mutex::new(Some(plain)), forms: Default::default() }
    }

    /// The form if it is at hand.
    pub(crate) fn made(&self, encoding: Encoding) -> Option<&Tile> {
        self.forms[encoding as usize].get()?.as_ref().ok()
    }

    /// The form, made by the first who asks for it; and whether that was this call.
    pub(crate) fn form(&self, encoding: Encoding) -> (Result<Tile>, bool) {
        let mut made = false;
        let form = self.forms[encoding as usize].get_or_init(|| {
            made = true;
            self.make(encoding).map_err(|cause| Error::unavailable("the tile could not be compressed", cause))
        });
        (form.clone(), made)
    }

    /// Lets the plain bytes go, unless they are a form that was asked for.
    pub(crate) fn settle(&self) {
        locked(&self.drawn).take();
    }

    /// Bytes of all forms.
    pub(crate) fn bytes(&self) -> usize {
        Encoding::ALL.iter().filter_map(|&encoding| self.made(encoding)).map(|tile| tile.bytes.len()).sum()
    }

    fn make(&self, encoding: Encoding) -> std::io::Result<Tile> {
        let bytes = encoding.apply(&self.plain()?)?;
        let etag = format!("\"{}{}\"", self.tag, encoding.tag_suffix());
        Ok(Tile { bytes, etag: etag.into(), encoding, thinned: self.thinned })
    }

    fn plain(&self) -> std::io::Result<Bytes> {
        if let Some(plain) = &*locked(&self.drawn) {
            return Ok(plain.clone());
        }
        // The quickest to unpack first.
        let by_speed = [Encoding::Identity, Encoding::Zstd, Encoding::Gzip, Encoding::Brotli];
        let kept = by_speed.into_iter().find_map(|encoding| self.made(encoding));
        let kept = kept.ok_or_else(|| std::io::Error::other("no form of the tile is left"))?;
        kept.encoding.undo(&kept.bytes, self.plain_len)
    }
}
