//! Acknowledgements of one connection, sent in the order of receipt.
//!
//! MQTT 3.1.1 demands that order (MQTT-4.6.0-2); the embedded broker closes the
//! connection of a client that breaks it. A ledger belongs to one connection:
//! acknowledgements that come after its end are dropped, and the broker sends
//! those messages again.
//!
//! rumqttc writes each acknowledgement with a system call of its own. So only the
//! first of many goes through its channel, which wakes the session; the others are
//! handed over when it has gone out, and leave together ([`Ledger::take_due`]).

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
    /// Packet identifiers to acknowledge, behind the one in the client's channel.
    due: Vec<u16>,
    /// Whether one is in the client's channel and calls the session.
    is_calling: bool,
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
        let mut waiting = self.locked();
        waiting.entries.push_back((publish.pkid, false));
        let sequence = waiting.first + waiting.entries.len() as u64 - 1;
        Ack { entry: Some((Arc::clone(self), sequence)) }
    }

    /// Whether a message of this connection was confirmed.
    pub fn has_confirmed(&self) -> bool {
        self.locked().first > 0
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
            if self.locked().entries.is_empty() {
                return;
            }
            woken.await;
        }
    }

    /// The acknowledgements that follow the one that went out last, for the session to
    /// send. Only after that one went out: the order would be broken otherwise.
    pub fn take_due(&self) -> Vec<u16> {
        let mut waiting = self.locked();
        waiting.is_calling = false;
        std::mem::take(&mut waiting.due)
    }

    /// Puts what is due into the client's channel, for a session that will not ask again.
    pub fn release(&self) {
        let mut waiting = self.locked();
        std::mem::take(&mut waiting.due).into_iter().for_each(|packet| self.send(packet));
    }

    fn locked(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Marks one and hands on every acknowledgement whose turn has come.
    fn confirm(&self, waiting: &mut Waiting, sequence: u64) {
        let at = sequence.saturating_sub(waiting.first) as usize;
        if let Some((_, confirmed)) = waiting.entries.get_mut(at) {
            *confirmed = true;
        }
        while let Some((packet, true)) = waiting.entries.front().copied() {
            waiting.entries.pop_front();
            waiting.first += 1;
            if std::mem::replace(&mut waiting.is_calling, true) {
                waiting.due.push(packet);
            } else {
                self.send(packet);
            }
        }
        if waiting.entries.is_empty() {
            self.emptied.notify_waiters();
        }
    }

    /// Into the client's channel, which has room for all; it refuses only when the
    /// connection is gone, and then the broker sends the message again.
    fn send(&self, packet: u16) {
        let mut publish = Publish::new("", QoS::AtLeastOnce, Vec::new());
        publish.pkid = packet;
        let _ = self.client.try_ack(&publish);
    }
}

impl Ack {
    /// Tells the broker that the message is safe. Never waits; works from any
    /// task and in any order.
    pub fn confirm(self) {
        Self::confirm_all([self]);
    }

    /// [`Ack::confirm`] for many: they leave together.
    pub fn confirm_all(acks: impl IntoIterator<Item = Self>) {
        let mut acks = acks.into_iter().filter_map(|mut ack| ack.entry.take()).peekable();
        while let Some((ledger, first)) = acks.next() {
            let mut waiting = ledger.locked();
            ledger.confirm(&mut waiting, first);
            // One connection's are neighbours, so its ledger is locked once.
            while let Some((_, sequence)) = acks.next_if(|(other, _)| Arc::ptr_eq(other, &ledger)) {
                ledger.confirm(&mut waiting, sequence);
            }
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
