//! What happens to sound input on its way.

use proptest::prelude::*;
use proptest::sample::Index;

/// Pieces that parsers stumble over: other alphabets, NUL, numbers that are too
/// large or none, keys that come again, brackets without end.
const PIECES: [&[u8]; 24] = [
    "ї".as_bytes(),
    "🚌".as_bytes(),
    "\u{feff}".as_bytes(),
    b"\0",
    br"\u0000",
    br"\ud800",
    b"\xff\xfe",
    b"1e400",
    b"-1e400",
    b"1e308",
    b"5e-324",
    b"99999999999999999999999999",
    b"-9223372036854775808",
    b"18446744073709551615",
    b"NaN",
    b"null",
    b"true",
    b"\"\"",
    b"\"",
    b"{}",
    br#""lat":0,"lon":0,"#,
    br#""tst":1e15,"time":"9999-12-31T23:59:59Z","#,
    &[b'['; 200],
    b"{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":",
];

/// One harm, at a place anywhere.
#[derive(Debug, Clone)]
pub enum Damage {
    Flip(Index, u8),
    Cut(Index),
    /// Leaves out so many bytes.
    Omit(Index, usize),
    /// So many bytes, so many times more.
    Repeat(Index, usize, usize),
    Insert(Index, &'static [u8]),
    /// In place of what stands between a colon, comma or bracket and the next.
    Value(Index, &'static [u8]),
}

pub fn damage() -> impl Strategy<Value = Vec<Damage>> {
    let piece = || prop::sample::select(PIECES.to_vec());
    let one = prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, bits)| Damage::Flip(at, bits)),
        any::<Index>().prop_map(Damage::Cut),
        (any::<Index>(), 1_usize..30).prop_map(|(at, length)| Damage::Omit(at, length)),
        (any::<Index>(), 1_usize..80, 1_usize..30).prop_map(|(at, length, times)| Damage::Repeat(at, length, times)),
        (any::<Index>(), piece()).prop_map(|(at, piece)| Damage::Insert(at, piece)),
        (any::<Index>(), piece()).prop_map(|(at, piece)| Damage::Value(at, piece)),
    ];
    prop::collection::vec(one, 1..4)
}

/// The bytes after all of it.
pub fn damaged(mut bytes: Vec<u8>, damage: &[Damage]) -> Vec<u8> {
    for one in damage {
        if !bytes.is_empty() {
            one.befall(&mut bytes);
        }
    }
    bytes
}

impl Damage {
    fn befall(&self, bytes: &mut Vec<u8>) {
        let length = bytes.len();
        match self {
            Self::Flip(at, bits) => bytes[at.index(length)] ^= bits,
            Self::Cut(at) => bytes.truncate(at.index(length)),
            Self::Omit(at, count) => {
                let at = at.index(length);
                bytes.drain(at..(at + count).min(length));
            }
            Self::Repeat(at, count, times) => {
                let at = at.index(length);
                let again = bytes[at..(at + count).min(length)].repeat(*times);
                bytes.splice(at..at, again);
            }
            Self::Insert(at, piece) => {
                let at = at.index(length);
                bytes.splice(at..at, piece.iter().copied());
            }
            Self::Value(at, piece) => {
                let ends: Vec<usize> = (0..length).filter(|at| b":,[]{};\n".contains(&bytes[*at])).collect();
                let Some(pair) = ends.len().checked_sub(1).filter(|pairs| *pairs > 0) else { return };
                let first = at.index(pair);
                bytes.splice(ends[first] + 1..ends[first + 1], piece.iter().copied());
            }
        }
    }
}
