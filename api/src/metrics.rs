//! Counters for `/metrics` (OpenMetrics text). Labels are few and fixed, or names of
//! sources: no id of a vehicle, person or place ever becomes one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::MatchedPath;
use misto_model::{FixFlag, Instant, RejectionReason, SourceId, VehiclePosition};
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
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

/// Label of feeds of others; as many as the configuration names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct SourceLabel {
    /// Source of the feed.
    pub source: String,
}

/// A route's pattern, or `none`; cheap to hold, since every request does.
#[derive(Debug, Clone)]
pub struct RoutePattern(Option<MatchedPath>);

impl RoutePattern {
    /// The pattern that the router found.
    pub fn of(matched: Option<&MatchedPath>) -> Self {
        Self(matched.cloned())
    }

    /// The pattern as written in the route.
    pub fn as_str(&self) -> &str {
        self.0.as_ref().map_or("none", MatchedPath::as_str)
    }
}

impl PartialEq for RoutePattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for RoutePattern {}

impl std::hash::Hash for RoutePattern {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl EncodeLabelValue for RoutePattern {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> std::fmt::Result {
        self.as_str().encode(encoder)
    }
}

/// Labels of answered requests.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabel {
    /// Route pattern, never the path with its ids.
    pub route: RoutePattern,
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
    /// Events new in the history.
    pub events_added: Counter,
    /// Fixes that were not matched to a trip because too many waited.
    pub unmatched_fixes: Counter,
    /// Looks at the fleet whose GTFS-Realtime feeds were encoded.
    pub feeds_encoded: Counter,
    /// Readings of feeds of others that failed.
    pub foreign_failures: Family<SourceLabel, Counter>,
    /// Parts of feeds of others that could not be used.
    pub foreign_problems: Family<SourceLabel, Counter>,
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
    /// Seconds that one batch took to commit, attempts that failed included.
    pub commit_seconds: SecondsHistogram,
    /// Seconds from the receipt of a batch's first message to its acknowledgement.
    pub lag_seconds: SecondsHistogram,
    /// Messages of one batch.
    pub batch_messages: MessagesHistogram,
    /// Fix time of the newest fix of each source.
    pub newest_fix: NewestFix,
}

/// A histogram with buckets from 0.5 ms to 8 s.
#[derive(Debug, Clone)]
pub struct SecondsHistogram(pub Histogram);

impl Default for SecondsHistogram {
    fn default() -> Self {
        Self(Histogram::new((0..15).map(|n| 0.0005 * f64::from(1 << n))))
    }
}

/// A histogram with buckets from 1 to 4 096.
#[derive(Debug, Clone)]
pub struct MessagesHistogram(pub Histogram);

impl Default for MessagesHistogram {
    fn default() -> Self {
        Self(Histogram::new((0..7).map(|n| f64::from(1 << (2 * n)))))
    }
}

/// When each source was last heard, by the clock of its trackers.
#[derive(Debug, Default)]
pub struct NewestFix(Mutex<BTreeMap<SourceId, Instant>>);

/// Sources told apart; a stranger who invents more is not counted.
const SOURCES: usize = 64;

impl NewestFix {
    /// Takes in the fixes of a batch; those with a wrong clock tell nothing.
    pub fn heard(&self, fixes: &[Arc<VehiclePosition>]) {
        let mut newest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for fix in fixes.iter().filter(|fix| !fix.flags.contains(&FixFlag::ClockWrong)) {
            let has_room = newest.len() < SOURCES;
            match newest.get_mut(fix.vehicle.source()) {
                Some(known) if known.micros() < fix.fix_time.micros() => *known = fix.fix_time,
                None if has_room => drop(newest.insert(fix.vehicle.source().clone(), fix.fix_time)),
                _ => {}
            }
        }
    }

    /// Seconds since the newest fix of each source.
    pub fn ages(&self, now: Instant) -> Vec<(SourceId, f64)> {
        let newest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        newest.iter().map(|(source, at)| (source.clone(), now.seconds_since(*at))).collect()
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
        registry.register("events_added", "Events new in the history", self.events_added.clone());
        let unmatched = self.unmatched_fixes.clone();
        registry.register("unmatched_fixes", "Fixes left out of matching because too many waited", unmatched);
        let encoded = self.feeds_encoded.clone();
        registry.register("gtfs_realtime_encoded", "Looks at the fleet whose feeds were encoded", encoded);
        let failures = self.foreign_failures.clone();
        registry.register("gtfs_realtime_failures", "Readings of feeds of others that failed", failures);
        let problems = self.foreign_problems.clone();
        registry.register("gtfs_realtime_problems", "Parts of feeds of others that could not be used", problems);
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
        registry.register_with_unit(
            "lag",
            "Time from the receipt of a batch's first message to its acknowledgement",
            Unit::Seconds,
            self.lag_seconds.0.clone(),
        );
        registry.register("batch_messages", "Messages of one batch", self.batch_messages.0.clone());
        registry
    }

    /// Counts one message that could not be used.
    pub fn count_rejection(&self, reason: RejectionReason) {
        self.rejected.get_or_create(&ReasonLabel { reason: reason.as_str() }).inc();
    }
}
