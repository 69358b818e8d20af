//! How the bytes of a tile travel.

use std::cell::RefCell;
use std::io::{self, Cursor};

use bytes::Bytes;
use libdeflater::{CompressionLvl, Compressor, Decompressor};

/// A content coding (RFC 9110, 8.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// As they are.
    Identity,
    /// gzip (RFC 1952).
    Gzip,
    /// br (RFC 7932).
    Brotli,
    /// zstd (RFC 8878).
    Zstd,
}

/// A tile is compressed once and sent often, and yet someone waits for the first one:
/// these levels take about as long as drawing the tile does.
const GZIP_LEVEL: i32 = 4;
const BROTLI_QUALITY: i32 = 4;
const ZSTD_LEVEL: i32 = 2;
/// Brotli looks so many bytes back, as a power of two; RFC 8878 asks no more of zstd (8 MiB).
const BROTLI_WINDOW: i32 = 22;

thread_local! {
    /// A compressor's tables are made once a thread, not once a tile.
    static GZIP: RefCell<Option<(Compressor, Vec<u8>)>> = const { RefCell::new(None) };
    static ZSTD: RefCell<Option<zstd::bulk::Compressor<'static>>> = const { RefCell::new(None) };
}

impl Encoding {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Identity, Self::Gzip, Self::Brotli, Self::Zstd];

    /// The name for `Content-Encoding`; `None` where the header is left out.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
            Self::Zstd => Some("zstd"),
        }
    }

    /// What tells the entity tags of the same content apart.
    pub fn tag_suffix(self) -> &'static str {
        match self {
            Self::Identity => "",
            Self::Gzip => "-gzip",
            Self::Brotli => "-br",
            Self::Zstd => "-zstd",
        }
    }

    /// The bytes in this coding.
    ///
    /// # Errors
    /// When there is no memory for them.
    pub fn apply(self, plain: &Bytes) -> io::Result<Bytes> {
        match self {
            Self::Identity => Ok(plain.clone()),
            Self::Gzip => gzip(plain),
            Self::Brotli => brotli(plain),
            Self::Zstd => zstd(plain),
        }
    }

    /// The plain bytes again, of which there are so many.
    pub(crate) fn undo(self, packed: &Bytes, plain_len: usize) -> io::Result<Bytes> {
        let mut plain = vec![0; plain_len];
        match self {
            Self::Identity => return Ok(packed.clone()),
            Self::Gzip => drop(Decompressor::new().gzip_decompress(packed, &mut plain).map_err(io::Error::other)?),
            Self::Brotli => brotli::BrotliDecompress(&mut Cursor::new(packed), &mut Cursor::new(plain.as_mut_slice()))?,
            Self::Zstd => drop(zstd::bulk::decompress_to_buffer(packed, &mut plain)?),
        }
        Ok(plain.into())
    }
}

fn gzip(plain: &[u8]) -> io::Result<Bytes> {
    GZIP.with_borrow_mut(|kept| {
        let level = || CompressionLvl::new(GZIP_LEVEL).unwrap_or_default();
        let (compressor, room) = kept.get_or_insert_with(|| (Compressor::new(level()), Vec::new()));
        let most = compressor.gzip_compress_bound(plain.len());
        if room.len() < most {
            room.resize(most, 0);
        }
        let len = compressor.gzip_compress(plain, room).map_err(io::Error::other)?;
        Ok(Bytes::copy_from_slice(&room[..len]))
    })
}

fn brotli(plain: &[u8]) -> io::Result<Bytes> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW,
        size_hint: plain.len(),
        ..Default::default()
    };
    let mut packed = Vec::with_capacity(plain.len() / 2 + 64);
    brotli::BrotliCompress(&mut Cursor::new(plain), &mut packed, &params)?;
    packed.shrink_to_fit();
    Ok(packed.into())
}

fn zstd(plain: &[u8]) -> io::Result<Bytes> {
    ZSTD.with_borrow_mut(|kept| {
        let compressor = match kept {
            Some(compressor) => compressor,
            None => kept.insert(zstd::bulk::Compressor::new(ZSTD_LEVEL)?),
        };
        Ok(compressor.compress(plain)?.into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_comes_back() {
        for len in [0usize, 1, 100, 70_000, 3_000_000] {
            let plain: Bytes = (0..len).map(|i| (i * i / 7 % 251) as u8).collect();
            for encoding in Encoding::ALL {
                let packed = encoding.apply(&plain).unwrap();
                assert_eq!(encoding.undo(&packed, len).unwrap(), plain, "{encoding:?} of {len}");
            }
        }
    }
}
