//! `[[gtfs_realtime]]`: feeds of others that are read over HTTP.

use axum::http::Uri;
use misto_model::{FeedName, SourceId};
use serde::Deserialize;

use super::ConfigError;

/// One feed of somebody else.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignFeed {
    /// Where it is read.
    pub url: FeedUrl,
    /// Source of its vehicles and notices.
    pub source: SourceId,
    /// The GTFS feed whose ids it speaks of; the city's own when absent.
    #[serde(default = "FeedName::city")]
    pub feed: FeedName,
    /// Seconds between two readings.
    #[serde(default = "every_s")]
    pub every_s: u64,
}

fn every_s() -> u64 {
    30
}

impl ForeignFeed {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if (5..=3_600).contains(&self.every_s) {
            return Ok(());
        }
        let reason = format!("{} seconds of source {}: use 5 to 3600", self.every_s, self.source);
        Err(ConfigError::Value { key: "gtfs_realtime.every_s", reason })
    }
}

/// An address that begins with http:// or https://. It may hold a key, so it is never printed whole.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct FeedUrl(String);

impl FeedUrl {
    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for FeedUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let wrong = "url must be an address like https://host/vehicle-positions.pb";
        let uri: Uri = text.parse().map_err(|_| wrong)?;
        let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
        let has_host = uri.host().is_some_and(|host| !host.is_empty());
        if is_web && has_host { Ok(Self(text)) } else { Err(wrong) }
    }
}

impl std::fmt::Display for FeedUrl {
    /// Host and port alone: path and query may hold a key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let uri = self.0.parse::<Uri>().unwrap_or_default();
        write!(f, "{}", uri.host().unwrap_or_default())?;
        uri.port_u16().map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl std::fmt::Debug for FeedUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FeedUrl({self})")
    }
}
