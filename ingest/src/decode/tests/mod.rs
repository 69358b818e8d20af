//! Decoders from the outside: a topic and bytes in, values or a reason out.

mod readings;
mod robustness;
mod vehicles;

use std::sync::Arc;

use misto_model::{Reading, Rejection, RejectionReason, VehiclePosition};

use super::{Decoded, Message, SourceConfig, Sources};

/// Receipt of every message of these tests unless told otherwise.
pub(super) const NOW: &str = "2026-07-05T12:00:00Z";

/// `[[source]]` tables as in a configuration file.
#[derive(serde::Deserialize)]
struct File {
    source: Vec<SourceConfig>,
}

pub(super) fn sources(toml: &str) -> Sources {
    Sources::new(toml::from_str::<File>(toml).unwrap().source).unwrap()
}

pub(super) fn decode_at(sources: &Sources, topic: &str, payload: &[u8], received_at: &str) -> Decoded {
    sources.decode(&Message { topic, payload, retained: false, received_at: received_at.parse().unwrap() })
}

pub(super) fn decode(topic: &str, payload: &str) -> Decoded {
    decode_at(&Sources::default(), topic, payload.as_bytes(), NOW)
}

/// Exactly one fix and nothing else.
pub(super) fn fix(decoded: Decoded) -> VehiclePosition {
    assert!(decoded.rejections.is_empty(), "{:#?}", decoded.rejections);
    let [fix] = decoded.positions.try_into().unwrap();
    Arc::unwrap_or_clone(fix)
}

/// Exactly one rejection and nothing else.
pub(super) fn rejection(decoded: Decoded) -> Rejection {
    assert!(decoded.positions.is_empty() && decoded.readings.is_empty() && decoded.gone.is_empty(), "{decoded:#?}");
    let [rejection] = decoded.rejections.try_into().unwrap();
    rejection
}

pub(super) fn readings(decoded: Decoded) -> Vec<Reading> {
    assert!(decoded.rejections.is_empty(), "{:#?}", decoded.rejections);
    decoded.readings
}

/// Refused for this reason, with this in the detail.
pub(super) fn refused(decoded: Decoded, reason: RejectionReason, part: &str) {
    let rejection = rejection(decoded);
    assert_eq!(rejection.reason, reason, "{}", rejection.detail);
    assert!(rejection.detail.contains(part), "{:?} lacks {part:?}", rejection.detail);
}
