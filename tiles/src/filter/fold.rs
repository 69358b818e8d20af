//! Texts without case and without accents (OGC 21-065r2, 7.6 and 7.7).

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Without case: ς and Σ, ß and SS are the same.
pub(crate) fn casei(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// Without marks above and below letters, as Unicode decomposes them: й is и, ї is і.
pub(crate) fn accenti(text: &str) -> String {
    text.nfd().filter(|c| !is_combining_mark(*c)).nfc().collect()
}
