//! State of a connection, for `/readyz` and the page.

use misto_model::Instant;

/// Where a connection stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// The first attempt is under way.
    Connecting,
    /// Connected, and every subscription is granted.
    Subscribed,
    /// Not connected; the next attempt follows by itself.
    Lost {
        /// Since when.
        since: Instant,
        /// Why, in words; holds no credentials.
        cause: String,
    },
}

impl Link {
    /// The word of the HTTP interface: `connected`, `connecting` or `lost`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Subscribed => "connected",
            Self::Lost { .. } => "lost",
        }
    }

    /// Lost for this cause, since now or since it was first lost.
    pub(super) fn lost(&self, now: Instant, cause: String) -> Self {
        let since = match self {
            Self::Lost { since, .. } => *since,
            _ => now,
        };
        Self::Lost { since, cause }
    }
}
