//! A hash of what a message said, to tell a redelivery from another message with the same key.

/// Collects the fields of one message in a fixed order. The order and the form
/// are part of the file's format: changing them makes redeliveries look new.
pub(super) struct Content(Vec<u8>);

impl Content {
    pub(super) fn new() -> Self {
        Self(Vec::with_capacity(256))
    }

    /// A text; unknown and empty differ.
    pub(super) fn text(mut self, value: Option<&str>) -> Self {
        match value {
            None => self.0.extend(u32::MAX.to_le_bytes()),
            Some(text) => {
                self.0.extend((text.len() as u32).to_le_bytes());
                self.0.extend(text.as_bytes());
            }
        }
        self
    }

    /// A number; unknown and zero differ.
    pub(super) fn number(mut self, value: Option<f64>) -> Self {
        self.0.push(u8::from(value.is_some()));
        self.0.extend(value.unwrap_or(0.0).to_bits().to_le_bytes());
        self
    }

    /// The first 8 bytes of BLAKE3. Two contents of one key collide once in 2^64.
    pub(super) fn hash(&self) -> i64 {
        let hash = blake3::hash(&self.0);
        hash.as_bytes().first_chunk().map_or(0, |head| i64::from_le_bytes(*head))
    }
}
