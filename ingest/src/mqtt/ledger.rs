//! Acknowledgements of one connection, sent in the order of receipt.
//!
//! MQTT 3.1.1 demands that order (MQTT-4.6.0-2); the embedded broker closes the
//! connection of a client that breaks it. A ledger belongs to one connection:
//! acknowledgements that come after its end are dropped, and the broker sends
//! those messages again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use rumqttc::{AsyncClient, Publish, QoS};
use tokio::sync::Notify;

/// Room for every packet identifier there is (65 535) and the subscriptions, so
/// that putting an acknowledgement into the client's channel never waits.
pub(super) const REQUESTS: usize = 70_000;

/// The promise that a message will be taken care of.
///
/// [`Ack::confirm`] tells the broker to forget it. An `Ack` that is dropped
/// unconfirmed gives the message back: the session reconnects and the broker
/// delivers it again, and everything received after it too.
#[derive(Debug)]
pub struct Ack {
    /// None for messages that need none (QoS 0), and once confirmed.
    entry: Option<(Arc<Ledger>, u64)>,
}

/// What awaits acknowledgement on one connection.
#[derive(Debug)]
pub(super) struct Ledger {
    client: AsyncClient,
    waiting: Mutex<Waiting>,
    given_back: Notify,
    emptied: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Sequence number of the first entry.
    first: u64,
    /// Packet identifier and whether it is confirmed, in the order of receipt.
    entries: VecDeque<(u16, bool)>,
}

impl Ledger {
    pub fn new(client: AsyncClient) -> Arc<Self> {
        Arc::new(Self { client, waiting: Mutex::default(), given_back: Notify::new(), emptied: Notify::new() })
    }

    /// Notes a received message.
    pub fn enter(self: &Arc<Self>, publish: &Publish) -> Ack {
        if publish.qos == QoS::AtMostOnce {
            return Ack { entry: None };
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.entries.push_back((publish.pkid, false));
        let sequence = waiting.first + waiting.entries.len() as u64 - 1;
        Ack { entry: Some((Arc::clone(self), sequence)) }
    }

    /// Whether a message of this connection was confirmed.
    pub fn has_confirmed(&self) -> bool {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).first > 0
    }

    /// Resolves once a message was given back.
    pub async fn given_back(&self) {
        self.given_back.notified().await;
    }

    /// Resolves once nothing awaits confirmation.
    pub async fn emptied(&self) {
        loop {
            let woken = self.emptied.notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            if self.waiting.lock().unwrap_or_else(PoisonError::into_inner).entries.is_empty() {
                return;
            }
            woken.await;
        }
    }

    /// Marks one and sends every acknowledgement whose turn has come.
    fn confirm(&self, sequence: u64) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let at = sequence.saturating_sub(waiting.first) as usize;
        if let Some((_, confirmed)) = waiting.entries.get_mut(at) {
            *confirmed = true;
        }
        while let Some((pkid, true)) = waiting.entries.front().copied() {
            waiting.entries.pop_front();
            waiting.first += 1;
            let mut publish = Publish::new("", QoS::AtLeastOnce, Vec::new());
            publish.pkid = pkid;
            // The channel has room for all; it refuses only when the connection
            // is gone, and then the broker sends the message again.
            let _ = self.client.try_ack(&publish);
        }
        if waiting.entries.is_empty() {
            self.emptied.notify_waiters();
        }
    }
}

impl Ack {
    /// Tells the broker that the message is safe. Never waits; works from any
    /// task and in any order.
    pub fn confirm(mut self) {
        if let Some((ledger, sequence)) = self.entry.take() {
            ledger.confirm(sequence);
        }
    }
}

impl Drop for Ack {
    fn drop(&mut self) {
        if let Some((ledger, _)) = self.entry.take() {
            ledger.given_back.notify_one();
        }
    }
}
