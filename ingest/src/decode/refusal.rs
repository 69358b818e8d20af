//! Why a record was refused, before it is tied to its message.

use misto_model::{Instant, Rejection, RejectionReason};

use super::Message;

/// Longest piece of foreign text quoted in a detail, in characters.
const QUOTED_CHARS: usize = 60;
/// Longest detail, in characters.
const DETAIL_CHARS: usize = 400;
/// Bytes of the payload kept with a rejection.
const KEPT_BYTES: usize = 512;

/// Reason and detail of one refused record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Metric label.
    pub reason: RejectionReason,
    /// Which field, what was found, what would be right.
    pub detail: String,
}

impl Refusal {
    pub(super) fn new(reason: RejectionReason, detail: impl Into<String>) -> Self {
        let detail: String = detail.into();
        let detail = if detail.len() > DETAIL_CHARS { detail.chars().take(DETAIL_CHARS).collect() } else { detail };
        Self { reason, detail }
    }

    /// A field that is needed is not there; `right` says what belongs in it.
    pub(super) fn missing(field: &str, right: &str) -> Self {
        Self::new(RejectionReason::MissingField, format!("{field} is missing: {right}"))
    }

    /// A field holds something that cannot be.
    pub(super) fn field(field: &str, found: &dyn std::fmt::Display, right: &str) -> Self {
        Self::new(RejectionReason::InvalidField, format!("{field} is {}: {right}", quoted(found)))
    }

    /// The topic does not follow its format.
    pub(super) fn topic(detail: impl Into<String>) -> Self {
        Self::new(RejectionReason::InvalidTopic, detail)
    }

    /// A kind of message that Misto does not use.
    pub(super) fn unsupported(detail: impl Into<String>) -> Self {
        Self::new(RejectionReason::UnsupportedMessage, detail)
    }

    /// The tracker has no fix.
    pub(super) fn no_position(detail: impl Into<String>) -> Self {
        Self::new(RejectionReason::NoPosition, detail)
    }

    /// Tied to its message and source.
    pub(super) fn of(self, message: &Message<'_>, source: &str) -> Rejection {
        rejection(self, source, message.topic, message.payload, message.received_at)
    }
}

fn rejection(refusal: Refusal, source: &str, topic: &str, payload: &[u8], received_at: Instant) -> Rejection {
    Rejection {
        received_at,
        source: source.to_owned(),
        topic: without_nul(topic),
        reason: refusal.reason,
        detail: without_nul(&refusal.detail),
        payload_start: payload_start(payload),
        payload_bytes: payload.len() as u64,
    }
}

/// NUL, which no text of a database holds, becomes U+FFFD.
fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// At most 512 bytes of text; NUL and what is not UTF-8 become U+FFFD.
fn payload_start(payload: &[u8]) -> String {
    let mut text = without_nul(&String::from_utf8_lossy(&payload[..payload.len().min(KEPT_BYTES)]));
    let cut = (0..=KEPT_BYTES.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.truncate(cut);
    text
}

/// Foreign text, short enough to show.
pub(super) fn quoted(found: &dyn std::fmt::Display) -> String {
    let text = found.to_string();
    if text.chars().count() > QUOTED_CHARS {
        format!("{}…", text.chars().take(QUOTED_CHARS).collect::<String>())
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kept_beginning_is_short_and_valid_text() {
        assert_eq!(payload_start(b"abc"), "abc");
        assert!(payload_start(&[0xff; 4000]).len() <= 512);
        assert!(payload_start("ї".repeat(400).as_bytes()).len() <= 512);
        assert_eq!(payload_start(b"\xff\xfe!"), "\u{fffd}\u{fffd}!");
        assert_eq!(payload_start(b"a\0b"), "a\u{fffd}b");
        assert!(payload_start(&[0; 4000]).len() <= 512);
    }
}
