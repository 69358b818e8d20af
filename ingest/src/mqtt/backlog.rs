//! What the embedded broker accepted and Misto has not acknowledged yet, in bytes.
//!
//! rumqttd silently drops its oldest segment when its log is full. So the door
//! counts what it lets in, the session what it has acknowledged, and at the bound
//! nobody may publish any more.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use rumqttc::{Publish, QoS};
use tokio::sync::{Notify, watch};

use crate::decode::TopicFilter;

/// Shared by the door and by Misto's own session.
#[derive(Debug)]
pub struct Backlog {
    bytes: AtomicUsize,
    limit: usize,
    filters: RwLock<Vec<TopicFilter>>,
    /// Whether Misto hears what comes in.
    heard: watch::Sender<bool>,
    room: Notify,
    /// Messages that wait for room.
    outside: AtomicUsize,
}

impl Backlog {
    /// At most `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            bytes: AtomicUsize::new(0),
            limit,
            filters: RwLock::default(),
            heard: watch::Sender::new(false),
            room: Notify::new(),
            outside: AtomicUsize::new(0),
        }
    }

    /// Bytes that wait now: topics and payloads.
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Acquire)
    }

    /// Most bytes that may wait.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Whether somebody has to wait for room.
    pub fn is_full(&self) -> bool {
        self.outside.load(Ordering::Acquire) > 0 || self.bytes() >= self.limit
    }

    /// What Misto subscribes to: the broker keeps nothing else.
    pub(super) fn subscribe(&self, filters: Vec<TopicFilter>) {
        *self.filters.write().unwrap_or_else(PoisonError::into_inner) = filters;
        self.open();
    }

    /// Lets clients in from now on.
    pub(super) fn open(&self) {
        self.heard.send_replace(true);
    }

    /// Returns once Misto has subscribed: the broker acknowledges what nobody hears.
    pub(super) async fn heard(&self) {
        // The sender lives as long as this borrow.
        let _ = self.heard.subscribe().wait_for(|heard| *heard).await;
    }

    /// Counts a message in once there is room for it; gives what it takes. One that is
    /// larger than the bound passes when nothing else waits.
    pub(super) async fn enter(&self, topic: &str, payload_bytes: usize) -> usize {
        let copies = self.copies(topic);
        let size = copies * size(topic, payload_bytes);
        loop {
            let woken = self.room.notified();
            tokio::pin!(woken);
            // Before looking, so that room made in between is not missed.
            woken.as_mut().enable();
            let entered = self.bytes.fetch_update(Ordering::AcqRel, Ordering::Acquire, |bytes| {
                (bytes == 0 || bytes + size <= self.limit).then_some(bytes + size)
            });
            if entered.is_ok() {
                return size;
            }
            let _outside = Outside::of(&self.outside);
            woken.await;
        }
    }

    /// How often the broker delivers it: filters that overlap deliver each once.
    fn copies(&self, topic: &str) -> usize {
        let filters = self.filters.read().unwrap_or_else(PoisonError::into_inner);
        filters.iter().filter(|filter| filter.matches(topic)).count()
    }

    pub(super) fn leave(&self, bytes: usize) {
        // Never below zero: a retained message is delivered more often than it came in.
        let left = |stands: usize| Some(stands.saturating_sub(bytes));
        let _always_some = self.bytes.fetch_update(Ordering::AcqRel, Ordering::Acquire, left);
        self.room.notify_waiters();
    }
}

/// Counts one who waits, also when its connection ends meanwhile.
struct Outside<'a>(&'a AtomicUsize);

impl<'a> Outside<'a> {
    fn of(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::AcqRel);
        Self(count)
    }
}

impl Drop for Outside<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn size(topic: &str, payload_bytes: usize) -> usize {
    topic.len() + payload_bytes
}

/// What one connection of the session holds unacknowledged. When it ends, the
/// broker delivers the rest again, so nothing leaves by that.
pub(super) struct Held {
    backlog: Arc<Backlog>,
    by_packet: HashMap<u16, usize>,
}

impl Held {
    pub(super) fn new(backlog: Arc<Backlog>) -> Self {
        Self { backlog, by_packet: HashMap::new() }
    }

    pub(super) fn received(&mut self, publish: &Publish) {
        let bytes = size(&publish.topic, publish.payload.len());
        match publish.qos {
            // Kept by the broker from earlier: the door counted it long ago.
            _ if publish.retain => {}
            QoS::AtMostOnce => self.backlog.leave(bytes),
            _ => drop(self.by_packet.insert(publish.pkid, bytes)),
        }
    }

    pub(super) fn acknowledged(&mut self, packet: u16) {
        if let Some(bytes) = self.by_packet.remove(&packet) {
            self.backlog.leave(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn backlog(limit: usize) -> Arc<Backlog> {
        let backlog = Backlog::new(limit);
        backlog.subscribe(vec!["t/#".parse().unwrap()]);
        Arc::new(backlog)
    }

    fn publish(pkid: u16, bytes: usize) -> Publish {
        let mut publish = Publish::new("t/1", QoS::AtLeastOnce, vec![0; bytes]);
        publish.pkid = pkid;
        publish
    }

    #[tokio::test]
    async fn a_message_waits_until_enough_is_acknowledged() {
        let backlog = backlog(1_000);
        backlog.enter("t/1", 500).await;
        let next = tokio::spawn({
            let backlog = Arc::clone(&backlog);
            async move { backlog.enter("t/1", 600).await }
        });
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(!next.is_finished());
        let mut held = Held::new(Arc::clone(&backlog));
        held.received(&publish(7, 500));
        assert_eq!(backlog.bytes(), 503, "received is not acknowledged");
        held.acknowledged(7);
        next.await.unwrap();
        assert_eq!(backlog.bytes(), 603);
    }

    #[tokio::test]
    async fn what_nobody_subscribed_to_takes_no_room_and_a_giant_passes_alone() {
        let backlog = backlog(100);
        backlog.enter("other", 5_000).await;
        assert_eq!(backlog.bytes(), 0);
        backlog.enter("t/1", 5_000).await;
        assert!(backlog.is_full());
    }

    #[tokio::test]
    async fn a_connection_that_ends_gives_nothing_free() {
        let backlog = backlog(10_000);
        backlog.enter("t/1", 500).await;
        let mut first = Held::new(Arc::clone(&backlog));
        first.received(&publish(1, 500));
        drop(first);
        assert_eq!(backlog.bytes(), 503);
        let mut second = Held::new(Arc::clone(&backlog));
        second.received(&publish(1, 500));
        second.acknowledged(1);
        second.acknowledged(1);
        assert_eq!(backlog.bytes(), 0);
    }
}
