//! The receiving side: a persistent session that never acknowledges by itself.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use misto_model::Instant;
use rumqttc::{
    AsyncClient, ConnectionError, Event, EventLoop, NetworkOptions, Outgoing, Packet, PubAck, Publish, QoS, Request,
    StateError, SubscribeFilter, SubscribeReasonCode, mqttbytes,
};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::backlog::Held;
use super::backoff::Backoff;
use super::config::{MqttConfig, MqttError};
use super::ledger::{Ack, Ledger, REQUESTS};
use super::link::Link;

/// Bytes that may wait in the session itself when the channel is full.
const SPILL_BYTES: usize = 32 * 1024 * 1024;
/// What a delivery takes besides its payload, roughly.
const DELIVERY_BYTES: usize = 256;
/// How long the broker may leave acknowledgements unread, as for rumqttc's own packets.
const ACKNOWLEDGE_WITHIN: Duration = Duration::from_secs(10);
/// How long a farewell may take.
const FAREWELL: Duration = Duration::from_secs(2);

/// One received message.
#[derive(Debug)]
pub struct Delivery {
    /// Topic name.
    pub topic: String,
    /// Bytes.
    pub payload: Bytes,
    /// Whether the broker kept it from earlier.
    pub retained: bool,
    /// When it was received, by this machine's clock.
    pub received_at: Instant,
    /// To confirm once the message is safe.
    pub ack: Ack,
}

/// A session (QoS 1, acknowledged by hand) that reconnects by itself for as long
/// as it lives. Several may bring their deliveries to one channel.
///
/// *When nobody takes the deliveries*: the bounded channel fills, then a spill
/// of at most 32 MiB, both while the network is read on, so that signs of life go
/// both ways and the connection survives a stall. rumqttd stops at 100
/// unacknowledged messages and Mosquitto at `max_inflight_messages` (20 by
/// default; 2.0.11 was seen to pass it by hundreds), so QoS 1 rarely comes
/// further. When the backlog is full too, the network is no longer read: the
/// broker keeps what follows, closes the connection after one and a half
/// keep-alives, and the session resumes when there is room.
#[derive(Debug)]
pub struct Session {
    link: watch::Receiver<Link>,
    order: watch::Sender<Order>,
    task: JoinHandle<()>,
}

/// What the session is told to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Receive,
    /// Take nothing more; end once all that was taken is confirmed.
    Drain,
    Stop,
}

struct Run {
    config: MqttConfig,
    keep: bool,
    filters: Vec<SubscribeFilter>,
    deliveries: mpsc::Sender<Delivery>,
    link: watch::Sender<Link>,
    order: watch::Receiver<Order>,
}

/// What one connection works with.
struct Connection<'a> {
    client: &'a AsyncClient,
    ledger: &'a Arc<Ledger>,
    spill: &'a mut Spill,
    backoff: &'a mut Backoff,
}

/// Why a connection ended.
enum End {
    /// The session was asked to stop, or nobody listens any more.
    Stopped,
    /// Try again.
    Lost(String),
}

impl Session {
    /// A persistent session: the broker keeps what comes while nobody is connected.
    /// Begins to connect and returns at once. Call within a tokio runtime.
    ///
    /// # Errors
    /// When the configuration cannot be used. An unreachable broker is no error:
    /// see [`Session::link`].
    pub fn start(
        config: MqttConfig,
        subscriptions: Vec<String>,
        deliveries: mpsc::Sender<Delivery>,
    ) -> Result<Self, MqttError> {
        Self::begin(config, true, subscriptions, deliveries)
    }

    /// A session that lives as long as its connection (clean session): what comes
    /// while it is not connected is not delivered later.
    ///
    /// # Errors
    /// As [`Session::start`].
    pub fn listen(
        config: MqttConfig,
        subscriptions: Vec<String>,
        deliveries: mpsc::Sender<Delivery>,
    ) -> Result<Self, MqttError> {
        Self::begin(config, false, subscriptions, deliveries)
    }

    fn begin(
        config: MqttConfig,
        keep: bool,
        subscriptions: Vec<String>,
        deliveries: mpsc::Sender<Delivery>,
    ) -> Result<Self, MqttError> {
        config.options(!keep)?;
        let (link, watch) = watch::channel(Link::Connecting);
        let (order, ordered) = watch::channel(Order::Receive);
        let filters = subscriptions.into_iter().map(|path| SubscribeFilter::new(path, QoS::AtLeastOnce)).collect();
        let run = Run { config, keep, filters, deliveries, link, order: ordered };
        let task = tokio::spawn(run.until_stopped());
        Ok(Self { link: watch, order, task })
    }

    /// Where the connection stands.
    pub fn link(&self) -> watch::Receiver<Link> {
        self.link.clone()
    }

    /// Sends the acknowledgements confirmed so far and says good-bye; the broker
    /// keeps the session and what was not confirmed.
    pub async fn stop(self) {
        self.order.send_replace(Order::Stop);
        // The task ends by itself; a panic in it was logged by the runtime.
        let _ = self.task.await;
    }

    /// Takes nothing more, waits until all that was taken is confirmed, at most
    /// `within`, and says good-bye.
    pub async fn drain(mut self, within: Duration) {
        self.order.send_replace(Order::Drain);
        if timeout(within, &mut self.task).await.is_err() {
            self.stop().await;
        }
    }
}

impl Run {
    async fn until_stopped(mut self) {
        let mut backoff = Backoff::new();
        loop {
            let cause = match self.connection(&mut backoff).await {
                End::Stopped => return,
                End::Lost(cause) => cause,
            };
            tracing::warn!(broker = %self.config.url, cause, "the connection to the broker is lost");
            self.link.send_modify(|link| *link = link.lost(now(), cause));
            let told = |order: &Order| *order != Order::Receive;
            tokio::select! {
                // An error means that the session was dropped.
                _ = self.order.wait_for(told) => return,
                () = self.deliveries.closed() => return,
                () = sleep(backoff.next()) => {}
            }
        }
    }

    /// One connection from first to last packet.
    async fn connection(&self, backoff: &mut Backoff) -> End {
        let (client, mut events) = match self.client() {
            Ok(client) => client,
            Err(error) => return End::Lost(error.to_string()),
        };
        let ledger = Ledger::new(client.clone());
        let mut spill = Spill::default();
        let mut held = self.config.backlog.clone().map(Held::new);
        // Pings make at least one event per keep-alive: silence means a stalled client.
        let silence = Duration::from_secs(self.config.keep_alive_s) * 3;
        let mut order = self.order.clone();
        loop {
            let draining = *order.borrow() == Order::Drain;
            let polled = {
                // Not cancelled but by the end of the connection: a request half written would be lost.
                let poll = timeout(silence, events.poll());
                tokio::pin!(poll);
                loop {
                    tokio::select! {
                        biased;
                        _ = order.wait_for(|order| *order == Order::Stop) => break None,
                        () = ledger.emptied(), if draining && spill.is_empty() => break None,
                        () = ledger.given_back() => return End::Lost("a message was given back unconfirmed; the broker will send it again".to_owned()),
                        room = self.deliveries.reserve(), if !spill.is_empty() => match (room, spill.take()) {
                            (Ok(room), Some(delivery)) => room.send(delivery),
                            _ => return End::Stopped,
                        },
                        polled = &mut poll, if spill.has_room() => break Some(polled),
                    }
                }
            };
            let end = match polled {
                None => {
                    ledger.release();
                    farewell(&client, &mut events).await;
                    Some(End::Stopped)
                }
                Some(Err(_)) => Some(End::Lost(format!("no sign of life for {} s", silence.as_secs()))),
                Some(Ok(Err(error))) => Some(End::Lost(cause(&error, self.config.max_packet_bytes))),
                Some(Ok(Ok(first))) => {
                    let mut connection = Connection { client: &client, ledger: &ledger, spill: &mut spill, backoff };
                    let heard = self.hear(first, draining, &mut events, &mut connection, held.as_mut());
                    match heard {
                        Err(end) => Some(end),
                        Ok(false) => None,
                        Ok(true) => acknowledge(ledger.take_due(), &mut events, held.as_mut()).await.err(),
                    }
                }
            };
            if let Some(end) = end {
                // A line that breaks again and again but carries something is not waited for longer and longer:
                // the broker may send so much again before it answers the subscription that no answer ever comes.
                if ledger.has_confirmed() {
                    backoff.reset();
                }
                return end;
            }
        }
    }

    /// Takes one event and all that the client has read along with it; gives whether an
    /// acknowledgement went out.
    fn hear(
        &self,
        first: Event,
        draining: bool,
        events: &mut EventLoop,
        connection: &mut Connection<'_>,
        mut held: Option<&mut Held>,
    ) -> Result<bool, End> {
        let received_at = now();
        let mut has_acknowledged = false;
        let mut next = Some(first);
        while let Some(event) = next {
            let end = match event {
                // Unconfirmed, so the broker brings it again to whoever comes next.
                Event::Incoming(Packet::Publish(_)) if draining => None,
                Event::Incoming(Packet::Publish(publish)) => {
                    held.iter_mut().for_each(|held| held.received(&publish));
                    self.deliver(publish, received_at, connection)
                }
                Event::Outgoing(Outgoing::PubAck(packet)) => {
                    has_acknowledged = true;
                    held.iter_mut().for_each(|held| held.acknowledged(packet));
                    None
                }
                Event::Incoming(packet) => self.answer(packet, connection.client, connection.backoff),
                Event::Outgoing(_) => None,
            };
            if let Some(end) = end {
                return Err(end);
            }
            next = events.state.events.pop_front();
        }
        Ok(has_acknowledged)
    }

    /// Handles a packet about the connection itself.
    fn answer(&self, packet: Packet, client: &AsyncClient, backoff: &mut Backoff) -> Option<End> {
        match packet {
            // Also when the broker kept the session: the configuration may name other topics than last time.
            Packet::ConnAck(_) if !self.filters.is_empty() => match client.try_subscribe_many(self.filters.clone()) {
                Ok(()) => None,
                Err(_) => Some(End::Lost("a topic filter is not valid MQTT".to_owned())),
            },
            Packet::ConnAck(_) => {
                self.subscribed(backoff);
                None
            }
            Packet::SubAck(answer) => {
                match answer.return_codes.iter().position(|code| *code == SubscribeReasonCode::Failure) {
                    None => {
                        self.subscribed(backoff);
                        None
                    }
                    Some(at) => {
                        let filter = self.filters.get(at).map_or("", |filter| filter.path.as_str());
                        Some(End::Lost(format!("the broker does not grant the subscription to {filter}")))
                    }
                }
            }
            Packet::Disconnect => Some(End::Lost("the broker closed the connection".to_owned())),
            _ => None,
        }
    }

    fn subscribed(&self, backoff: &mut Backoff) {
        backoff.reset();
        if let Some(backlog) = &self.config.backlog {
            backlog.subscribe(self.filters.iter().filter_map(|filter| filter.path.parse().ok()).collect());
        }
        self.link.send_replace(Link::Subscribed);
        tracing::info!(broker = %self.config.url, "subscribed");
    }

    fn deliver(&self, publish: Publish, received_at: Instant, connection: &mut Connection<'_>) -> Option<End> {
        let Connection { ledger, spill, .. } = connection;
        let ack = ledger.enter(&publish);
        let delivery =
            Delivery { topic: publish.topic, payload: publish.payload, retained: publish.retain, received_at, ack };
        if !spill.is_empty() {
            spill.add(delivery);
            return None;
        }
        match self.deliveries.try_send(delivery) {
            Ok(()) => None,
            Err(TrySendError::Full(delivery)) => {
                spill.add(delivery);
                None
            }
            Err(TrySendError::Closed(_)) => Some(End::Stopped),
        }
    }

    fn client(&self) -> Result<(AsyncClient, EventLoop), MqttError> {
        let mut options = self.config.options(!self.keep)?;
        options.set_manual_acks(true);
        let (client, mut events) = AsyncClient::new(options, REQUESTS);
        events.set_network_options(network());
        Ok((client, events))
    }
}

/// Deliveries that found the channel full, in order.
#[derive(Default)]
struct Spill {
    deliveries: VecDeque<Delivery>,
    bytes: usize,
}

impl Spill {
    fn size(delivery: &Delivery) -> usize {
        delivery.payload.len() + delivery.topic.len() + DELIVERY_BYTES
    }

    fn add(&mut self, delivery: Delivery) {
        self.bytes += Self::size(&delivery);
        self.deliveries.push_back(delivery);
    }

    fn take(&mut self) -> Option<Delivery> {
        let delivery = self.deliveries.pop_front()?;
        self.bytes -= Self::size(&delivery);
        Some(delivery)
    }

    fn is_empty(&self) -> bool {
        self.deliveries.is_empty()
    }

    fn has_room(&self) -> bool {
        self.bytes < SPILL_BYTES
    }
}

/// Sends acknowledgements together: one system call instead of one each.
async fn acknowledge(due: Vec<u16>, events: &mut EventLoop, mut held: Option<&mut Held>) -> Result<(), End> {
    let lost = |cause: String| End::Lost(format!("acknowledgements cannot be sent: {cause}"));
    let Some(network) = events.network.as_mut().filter(|_| !due.is_empty()) else { return Ok(()) };
    let state = &mut events.state;
    let sent = timeout(ACKNOWLEDGE_WITHIN, async {
        for packet in due {
            if let Some(answer) = state.handle_outgoing_packet(Request::PubAck(PubAck::new(packet)))? {
                network.write(answer).await?;
            }
            held.iter_mut().for_each(|held| held.acknowledged(packet));
        }
        network.flush().await
    });
    match sent.await {
        Ok(sent) => sent.map_err(|error| lost(error.to_string()))?,
        Err(_) => return Err(lost(format!("the broker reads nothing for {} s", ACKNOWLEDGE_WITHIN.as_secs()))),
    }
    // What the client noted of them; nothing else was noted since all was heard.
    events.state.events.clear();
    Ok(())
}

/// Acknowledgements stand before the farewell in the client's channel and leave
/// before it. Then the network is read until the broker closes: a connection
/// closed from here while the broker still sends makes it drop what it has not
/// read yet, acknowledgements included (seen with Mosquitto 2.0.11).
async fn farewell(client: &AsyncClient, events: &mut EventLoop) {
    if client.try_disconnect().is_ok() {
        let closed = async { while events.poll().await.is_ok() {} };
        let _ = timeout(FAREWELL, closed).await;
    }
}

/// Small packets leave at once; ten seconds to connect.
pub(super) fn network() -> NetworkOptions {
    let mut network = NetworkOptions::new();
    network.set_tcp_nodelay(true);
    network.set_connection_timeout(10);
    network
}

/// In words for an operator.
pub(super) fn cause(error: &ConnectionError, max_packet_bytes: usize) -> String {
    match error {
        ConnectionError::MqttState(StateError::Deserialization(mqttbytes::Error::PayloadSizeLimitExceeded(bytes))) => {
            format!(
                "a message of {bytes} bytes waits at the broker and only {max_packet_bytes} are read: raise mqtt.max_packet_bytes, or limit messages at the broker (Mosquitto: message_size_limit)"
            )
        }
        ConnectionError::ConnectionRefused(code) => format!("the broker refuses the login: {code:?}"),
        other => other.to_string(),
    }
}

pub(super) fn now() -> Instant {
    Instant::from_timestamp(Timestamp::now())
}
