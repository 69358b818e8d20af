//! Messages that could not be used, and why.

use serde::{Deserialize, Serialize};

use crate::instant::Instant;

/// Why a message was not used. The names are metric labels: stable and few.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectionReason {
    /// Larger than the source may send.
    TooLarge,
    /// Bytes that are not UTF-8.
    InvalidUtf8,
    /// Text that is not JSON.
    InvalidJson,
    /// The topic does not follow the format of its source.
    InvalidTopic,
    /// A field that is needed is missing.
    MissingField,
    /// A field holds something that cannot be.
    InvalidField,
    /// The tracker says that it has no fix (null coordinates, or 0,0).
    NoPosition,
    /// Latitude and longitude are exchanged.
    CoordinatesSwapped,
    /// Outside the bounds set for this source.
    OutsideBounds,
    /// The fix time lies in the future.
    InFuture,
    /// A kind of message that Misto does not use.
    UnsupportedMessage,
    /// A retained message: the broker's memory, not news.
    Retained,
    /// No source is configured for this topic.
    UnknownTopic,
}

impl RejectionReason {
    /// Every reason, for metrics that show zeroes too.
    pub const ALL: [Self; 13] = [
        Self::TooLarge,
        Self::InvalidUtf8,
        Self::InvalidJson,
        Self::InvalidTopic,
        Self::MissingField,
        Self::InvalidField,
        Self::NoPosition,
        Self::CoordinatesSwapped,
        Self::OutsideBounds,
        Self::InFuture,
        Self::UnsupportedMessage,
        Self::Retained,
        Self::UnknownTopic,
    ];

    /// The name used in metrics and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::InvalidUtf8 => "invalid_utf8",
            Self::InvalidJson => "invalid_json",
            Self::InvalidTopic => "invalid_topic",
            Self::MissingField => "missing_field",
            Self::InvalidField => "invalid_field",
            Self::NoPosition => "no_position",
            Self::CoordinatesSwapped => "coordinates_swapped",
            Self::OutsideBounds => "outside_bounds",
            Self::InFuture => "in_future",
            Self::UnsupportedMessage => "unsupported_message",
            Self::Retained => "retained",
            Self::UnknownTopic => "unknown_topic",
        }
    }
}

/// One message that was not used, kept for the dispatcher (staff only: it may
/// hold identifiers of trackers).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rejection {
    /// When it was received.
    pub received_at: Instant,
    /// Name of the configured source; empty when no source claims the topic.
    pub source: String,
    /// MQTT topic.
    pub topic: String,
    /// Why.
    pub reason: RejectionReason,
    /// Which field, what was found and what would be right.
    pub detail: String,
    /// The beginning of the payload, at most 512 bytes, unreadable bytes replaced by U+FFFD.
    pub payload_start: String,
    /// Length of the whole payload in bytes.
    pub payload_bytes: u64,
}
