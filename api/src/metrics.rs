//! Counters for `/metrics` (OpenMetrics text). Labels are few and fixed: no id of
//! a vehicle, person or place ever becomes one.

use misto_model::RejectionReason;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Label of rejected messages.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ReasonLabel {
    /// [`RejectionReason::as_str`].
    pub reason: &'static str,
}

/// Labels of answered requests.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabel {
    /// Route pattern, never the path with its ids.
    pub route: String,
    /// HTTP status.
    pub status: u16,
}

/// Everything that is counted.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Messages taken from the broker.
    pub received: Counter,
    /// Fixes new in the history.
    pub positions_added: Counter,
    /// Fixes delivered again with the same content.
    pub positions_redelivered: Counter,
    /// Fixes whose key was known with other content; both are kept.
    pub positions_differing: Counter,
    /// Readings new in the history.
    pub readings_added: Counter,
    /// Messages that could not be used.
    pub rejected: Family<ReasonLabel, Counter>,
    /// Commits that failed and were tried again.
    pub commit_retries: Counter,
    /// Messages that arrived and are not yet committed.
    pub waiting: Gauge,
    /// Live streams open now.
    pub streams: Gauge,
    /// Requests answered.
    pub requests: Family<RequestLabel, Counter>,
    /// Seconds that one batch took to commit.
    pub commit_seconds: CommitHistogram,
}

/// A histogram with buckets from 0.5 ms to 8 s.
#[derive(Debug, Clone)]
pub struct CommitHistogram(pub Histogram);

impl Default for CommitHistogram {
    fn default() -> Self {
        Self(Histogram::new((0..15).map(|n| 0.0005 * f64::from(1 << n))))
    }
}

impl Metrics {
    /// Makes the registry that writes them out; reasons appear with zero from the start.
    pub fn registry(&self) -> Registry {
        for reason in RejectionReason::ALL {
            let _appears = self.rejected.get_or_create(&ReasonLabel { reason: reason.as_str() });
        }
        let mut registry = Registry::with_prefix("misto");
        registry.register("messages_received", "Messages taken from the broker", self.received.clone());
        registry.register("positions_added", "Fixes new in the history", self.positions_added.clone());
        registry.register(
            "positions_redelivered",
            "Fixes delivered again with the same content",
            self.positions_redelivered.clone(),
        );
        registry.register(
            "positions_differing",
            "Fixes whose key was known with other content; both are kept",
            self.positions_differing.clone(),
        );
        registry.register("readings_added", "Readings new in the history", self.readings_added.clone());
        registry.register("messages_rejected", "Messages that could not be used", self.rejected.clone());
        registry.register("commit_retries", "Commits that failed and were tried again", self.commit_retries.clone());
        registry.register("messages_waiting", "Messages received and not yet committed", self.waiting.clone());
        registry.register("live_streams", "Live streams open now", self.streams.clone());
        registry.register("http_requests", "Requests answered", self.requests.clone());
        registry.register_with_unit(
            "commit",
            "Time that one batch took to commit",
            Unit::Seconds,
            self.commit_seconds.0.clone(),
        );
        registry
    }

    /// Counts one message that could not be used.
    pub fn count_rejection(&self, reason: RejectionReason) {
        self.rejected.get_or_create(&ReasonLabel { reason: reason.as_str() }).inc();
    }
}
