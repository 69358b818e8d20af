//! Events: what happened, to what, when; facts that rules find (a vehicle fell
//! silent, a stop was visited, a zone entered).

use serde::{Deserialize, Serialize};

use crate::geometry::Position;
use crate::instant::Instant;

/// Why a text names no kind of event or no subject.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEvent {
    /// Not a kind.
    #[error("{0:?} is no kind of event: use 1 to 64 small Latin letters, digits and _")]
    Kind(String),
    /// Not a subject.
    #[error("an event needs the id of what it is about: 1 to 256 bytes without the character NUL")]
    Subject,
}

/// What kind of thing happened, for example `vehicle_silent`: small Latin letters, digits and `_`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EventKind(String);

/// Id of the vehicle, zone, stop … that an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EventSubject(String);

impl EventKind {
    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl EventSubject {
    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for EventKind {
    type Error = InvalidEvent;
    fn try_from(text: String) -> Result<Self, InvalidEvent> {
        let letters = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if letters && (1..=64).contains(&text.len()) {
            Ok(Self(text))
        } else {
            Err(InvalidEvent::Kind(text.chars().take(80).collect()))
        }
    }
}

impl TryFrom<String> for EventSubject {
    type Error = InvalidEvent;
    fn try_from(text: String) -> Result<Self, InvalidEvent> {
        let fits = (1..=256).contains(&text.len()) && !text.contains('\0');
        if fits { Ok(Self(text)) } else { Err(InvalidEvent::Subject) }
    }
}

impl std::str::FromStr for EventKind {
    type Err = InvalidEvent;
    fn from_str(text: &str) -> Result<Self, InvalidEvent> {
        text.to_owned().try_into()
    }
}

impl std::str::FromStr for EventSubject {
    type Err = InvalidEvent;
    fn from_str(text: &str) -> Result<Self, InvalidEvent> {
        text.to_owned().try_into()
    }
}

impl From<EventKind> for String {
    fn from(kind: EventKind) -> String {
        kind.0
    }
}

impl From<EventSubject> for String {
    fn from(subject: EventSubject) -> String {
        subject.0
    }
}

impl std::fmt::Display for EventKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Display for EventSubject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// One thing that happened. Kind, subject and time are its key in the history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// To what.
    pub subject: EventSubject,
    /// When it happened.
    pub time: Instant,
    /// When Misto wrote it.
    pub recorded_at: Instant,
    /// Where; `None` when it has no place or nobody knows it.
    pub position: Option<Position>,
    /// Further facts.
    pub body: serde_json::Map<String, serde_json::Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_small_words_and_subjects_are_any_short_text() {
        for bad in ["", "Vehicle_silent", "тиша", "a b", "a-b", &"a".repeat(65)] {
            assert!(bad.parse::<EventKind>().is_err(), "{bad}");
        }
        assert_eq!("vehicle_silent".parse::<EventKind>().unwrap().as_str(), "vehicle_silent");
        for bad in ["", "a\0b", &"ж".repeat(129)] {
            assert!(bad.parse::<EventSubject>().is_err(), "{bad}");
        }
        assert_eq!("plough:/Машина 7/2".parse::<EventSubject>().unwrap().to_string(), "plough:/Машина 7/2");
    }
}
