//! The ledger of rejected messages: each message once, with how often it was told.
//!
//! A broker delivers a message again when its acknowledgement was lost, and MQTT has no
//! name for a message by which that could be told from a tracker that sends the same
//! bytes twice: the flag DUP is not set by every broker, nor when another process takes
//! over. So what has the same topic and the same payload, and is refused for the same
//! reason, is one entry; every further delivery is counted with it. As long as the
//! entry is kept: what comes again later is a new one.

use misto_model::Rejection;
use misto_store::KeyedEntry;
use serde_json::json;

/// Kind of the log's entries.
pub const LEDGER: &str = "rejected";

/// What the ledger says of one message, of which several records may have been refused.
pub fn entries(topic: &str, payload: &[u8], rejections: &[Rejection]) -> Vec<KeyedEntry> {
    if rejections.is_empty() {
        return Vec::new();
    }
    let mut message = blake3::Hasher::new();
    message.update(&(topic.len() as u64).to_le_bytes()).update(topic.as_bytes()).update(payload);
    let message = message.finalize().to_hex();
    let entry = |(place, rejection): (usize, &Rejection)| {
        // Counted by reason: a record that was in the future may not be any more when it comes again.
        let same = rejections[..place].iter().filter(|before| before.reason == rejection.reason).count();
        let key = format!("{message} {} {same}", rejection.reason.as_str());
        KeyedEntry { key, body: json!(rejection), told: 1 }
    };
    rejections.iter().enumerate().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use misto_model::{Instant, RejectionReason};

    use super::*;

    fn keys(topic: &str, payload: &[u8], reasons: &[RejectionReason]) -> Vec<String> {
        let rejection = |reason: &RejectionReason| Rejection {
            received_at: Instant::from_seconds(1_790_000_000).unwrap(),
            source: "test".to_owned(),
            topic: topic.to_owned(),
            reason: *reason,
            detail: "lat is missing".to_owned(),
            payload_start: String::new(),
            payload_bytes: payload.len() as u64,
        };
        let rejections: Vec<_> = reasons.iter().map(rejection).collect();
        entries(topic, payload, &rejections).into_iter().map(|entry| entry.key).collect()
    }

    #[test]
    fn a_message_has_the_same_keys_whenever_it_comes_and_no_other_has_them() {
        use RejectionReason::{InFuture, MissingField};
        let told = keys("a/b", b"c", &[InFuture, MissingField, MissingField]);
        assert_eq!(told.iter().collect::<std::collections::BTreeSet<_>>().len(), 3, "records of one message differ");
        assert_eq!(keys("a/b", b"c", &[MissingField, MissingField]), told[1..], "the future has become the past");
        for (topic, payload) in [("a/b", b"d".as_slice()), ("a/", b"bc"), ("a/c", b"c")] {
            assert!(keys(topic, payload, &[InFuture]).iter().all(|key| !told.contains(key)), "{topic}");
        }
        assert!(keys("a", b"", &[]).is_empty());
    }
}
