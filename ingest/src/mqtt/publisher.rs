//! The sending side: for recordings and the demo fleet.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use rumqttc::{AsyncClient, Event, EventLoop, Outgoing, Packet, QoS, valid_topic};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::backoff::Backoff;
use super::config::{MqttConfig, MqttError};
use super::link::Link;
use super::session::{cause, network, now};

/// Messages on their way at once.
const IN_FLIGHT: usize = 1_000;
/// Packet identifiers in use: far more than messages on their way, so that one
/// is free again long before its turn comes round.
const IDENTIFIERS: u16 = 10_000;
/// Fixed header, topic length and packet identifier of a PUBLISH (MQTT 3.1.1, 3.3).
const HEADER_BYTES: usize = 9;
/// Without an acknowledgement for so long while messages are out, the client is rebuilt.
const STALLED: Duration = Duration::from_secs(30);

/// Publishes at least once, in order, with at most 1 000 messages on their way;
/// reconnects by itself and sends again what was not acknowledged.
///
/// Cheap to clone; the connection closes when the last clone is dropped.
#[derive(Debug, Clone)]
pub struct Publisher {
    shared: Arc<Shared>,
    link: watch::Receiver<Link>,
    max_packet_bytes: usize,
    _task: Arc<StopOnDrop>,
}

#[derive(Debug)]
struct StopOnDrop {
    stop: Arc<Notify>,
    _task: JoinHandle<()>,
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.stop.notify_one();
    }
}

#[derive(Debug)]
struct Shared {
    room: Semaphore,
    out: Mutex<Out>,
}

/// What was handed over and is not acknowledged. It is kept here and not in the
/// client, which forgets it when the broker forgot the session.
#[derive(Debug, Default)]
struct Out {
    client: Option<AsyncClient>,
    /// Handed to the client, not yet on the network, in order.
    handed: VecDeque<Message>,
    /// On the network, by packet identifier, with the order of sending.
    sent: HashMap<u16, (u64, Message)>,
    count: u64,
    acknowledged: u64,
}

#[derive(Debug, Clone)]
struct Message {
    topic: String,
    payload: Bytes,
}

impl Publisher {
    /// Begins to connect and returns at once. Call within a tokio runtime.
    ///
    /// # Errors
    /// When the configuration cannot be used.
    pub fn start(config: MqttConfig) -> Result<Self, MqttError> {
        config.options(true)?;
        let (link, watch) = watch::channel(Link::Connecting);
        let shared = Arc::new(Shared { room: Semaphore::new(IN_FLIGHT), out: Mutex::default() });
        let stop = Arc::new(Notify::new());
        let max_packet_bytes = config.max_packet_bytes;
        let task = tokio::spawn(run(config, Arc::clone(&shared), link, Arc::clone(&stop)));
        Ok(Self { shared, link: watch, max_packet_bytes, _task: Arc::new(StopOnDrop { stop, _task: task }) })
    }

    /// Hands a message over; waits while 1 000 are unacknowledged, so while the
    /// broker is away.
    ///
    /// # Errors
    /// When the topic cannot be published to, or the message is too large for a packet.
    pub async fn publish(&self, topic: &str, payload: Bytes) -> Result<(), MqttError> {
        if topic.is_empty() || topic.len() > 65_535 || topic.contains('\0') || !valid_topic(topic) {
            return Err(MqttError::Topic(topic.chars().take(80).collect()));
        }
        // Sent, it would break the connection, and again after each reconnection.
        let packet_bytes = payload.len() + topic.len() + HEADER_BYTES;
        if packet_bytes > self.max_packet_bytes {
            return Err(MqttError::TooLarge(payload.len(), self.max_packet_bytes));
        }
        let permit = self.shared.room.acquire().await.map_err(|_| MqttError::Stopped)?;
        permit.forget();
        let mut out = self.shared.out();
        let message = Message { topic: topic.to_owned(), payload };
        if let Some(client) = &out.client {
            hand_over(client, &message);
        }
        out.handed.push_back(message);
        Ok(())
    }

    /// Waits until the broker has acknowledged everything handed over so far.
    ///
    /// # Errors
    /// When the client was stopped.
    pub async fn flush(&self) -> Result<(), MqttError> {
        let all = self.shared.room.acquire_many(IN_FLIGHT as u32).await.map_err(|_| MqttError::Stopped)?;
        drop(all);
        Ok(())
    }

    /// Messages that the broker acknowledged.
    pub fn acknowledged(&self) -> u64 {
        self.shared.out().acknowledged
    }

    /// Where the connection stands.
    pub fn link(&self) -> watch::Receiver<Link> {
        self.link.clone()
    }
}

impl Shared {
    fn out(&self) -> MutexGuard<'_, Out> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new client takes over everything unacknowledged, oldest first.
    fn begin(&self, client: &AsyncClient) {
        let mut out = self.out();
        let mut again: Vec<(u64, Message)> = out.sent.drain().map(|(_, sent)| sent).collect();
        again.sort_unstable_by_key(|(order, _)| *order);
        for (_, message) in again.into_iter().rev() {
            out.handed.push_front(message);
        }
        for message in &out.handed {
            hand_over(client, message);
        }
        out.client = Some(client.clone());
    }

    fn sent(&self, pkid: u16) {
        let mut out = self.out();
        if let Some(message) = out.handed.pop_front() {
            out.count += 1;
            let order = out.count;
            out.sent.insert(pkid, (order, message));
        }
    }

    fn acknowledged(&self, pkid: u16) {
        let mut out = self.out();
        if out.sent.remove(&pkid).is_some() {
            out.acknowledged += 1;
            self.room.add_permits(1);
        }
    }

    fn waiting(&self) -> bool {
        !self.out().sent.is_empty()
    }
}

/// The client's channel has room for all that may be on its way, and topics are
/// checked before: it refuses only when the connection is gone, and then the
/// message is handed to the next client.
fn hand_over(client: &AsyncClient, message: &Message) {
    let _ = client.try_publish(message.topic.as_str(), QoS::AtLeastOnce, false, message.payload.as_ref());
}

async fn run(config: MqttConfig, shared: Arc<Shared>, link: watch::Sender<Link>, stop: Arc<Notify>) {
    let mut backoff = Backoff::new();
    loop {
        let lost = tokio::select! {
            lost = connection(&config, &shared, &link, &mut backoff) => lost,
            () = stop.notified() => return,
        };
        tracing::warn!(broker = %config.url, cause = lost, "publishing is interrupted");
        link.send_modify(|link| *link = link.lost(now(), lost));
        tokio::select! {
            () = sleep(backoff.next()) => {}
            () = stop.notified() => return,
        }
    }
}

/// One connection; returns why it ended.
async fn connection(config: &MqttConfig, shared: &Shared, link: &watch::Sender<Link>, backoff: &mut Backoff) -> String {
    let (client, mut events) = match client(config) {
        Ok(client) => client,
        Err(error) => return error.to_string(),
    };
    shared.begin(&client);
    let mut last_ack = tokio::time::Instant::now();
    loop {
        if shared.waiting() && last_ack.elapsed() > STALLED {
            return format!("no acknowledgement for {} s", STALLED.as_secs());
        }
        let polled = timeout(STALLED, events.poll()).await;
        match polled {
            Err(_) => {}
            Ok(Err(error)) => return cause(&error, config.max_packet_bytes),
            Ok(Ok(Event::Incoming(Packet::ConnAck(_)))) => {
                backoff.reset();
                last_ack = tokio::time::Instant::now();
                link.send_replace(Link::Subscribed);
            }
            Ok(Ok(Event::Outgoing(Outgoing::Publish(pkid)))) => {
                if !shared.waiting() {
                    last_ack = tokio::time::Instant::now();
                }
                shared.sent(pkid);
            }
            Ok(Ok(Event::Incoming(Packet::PubAck(ack)))) => {
                last_ack = tokio::time::Instant::now();
                shared.acknowledged(ack.pkid);
            }
            Ok(Ok(_)) => {}
        }
    }
}

fn client(config: &MqttConfig) -> Result<(AsyncClient, EventLoop), MqttError> {
    let mut options = config.options(true)?;
    options.set_inflight(IDENTIFIERS);
    let (client, mut events) = AsyncClient::new(options, IN_FLIGHT + 10);
    events.set_network_options(network());
    Ok((client, events))
}
