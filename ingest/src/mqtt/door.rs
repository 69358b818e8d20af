//! The door of the embedded broker: who is not Misto may bring messages and take none.
//!
//! rumqttd knows logins but no rights per topic, so it listens where only
//! Misto's own session has the login. Everybody else comes through this door,
//! which passes packets on with four differences: the client gets the door's
//! login and a name of its own (so that nobody takes over Misto's session), a
//! subscription is answered with failure, a topic of Misto's own, or one that is
//! none, is refused by closing the connection, and while the backlog is full
//! nobody new is let in and nothing more is read from those inside. Nobody is let
//! in either before Misto has subscribed: rumqttd acknowledges what nobody hears.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
#[cfg(any(test, fuzzing))]
use rumqttc::mqttbytes::check;
use rumqttc::mqttbytes::v4::{
    ConnAck, Connect, ConnectReturnCode, SubAck, Subscribe, SubscribeReasonCode, UnsubAck, Unsubscribe,
};
use rumqttc::mqttbytes::{Error, FixedHeader, PacketType};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, Notify, mpsc};
use tokio::time::timeout;

use self::packets::{Packets, Published, number};
use super::backlog::Backlog;

mod packets;

/// How long a client may take to introduce itself.
const INTRODUCE_WITHIN: Duration = Duration::from_secs(10);
/// How long the broker may take to read what a client left behind.
const FAREWELL: Duration = Duration::from_secs(5);
/// Misto's own processes talk on these topics and those below.
const OWN_TOPICS: [&str; 2] = ["misto/v1/vehicles", "misto/v1/readings"];

/// What the door needs to know.
pub(super) struct Door {
    /// Where the broker listens for those who have the login.
    pub broker: SocketAddr,
    /// The door's user and password.
    pub login: (String, String),
    /// Largest packet passed on.
    pub max_packet_bytes: usize,
    /// Connections at once.
    pub max_connections: usize,
    /// Those inside, by the name they gave, with the call to leave.
    pub inside: Inside,
    /// How much may wait at the broker.
    pub backlog: Arc<Backlog>,
}

type Inside = std::sync::Mutex<HashMap<String, Arc<Notify>>>;

impl Door {
    /// Lets clients in until the process ends.
    pub async fn open(self, listener: TcpListener) {
        // Names at the broker are used again, longest free first: it keeps some
        // bytes for each name it ever saw.
        let (give_back, mut free) = mpsc::channel(self.max_connections.max(1));
        for place in 0..self.max_connections {
            // The channel has room for all of them.
            let _ = give_back.try_send(place);
        }
        let door = Arc::new(self);
        loop {
            let Some(place) = free.recv().await else { return };
            match listener.accept().await {
                Ok((client, _)) => {
                    let (door, give_back) = (Arc::clone(&door), give_back.clone());
                    tokio::spawn(async move {
                        let ended = door.pass(client, place).await;
                        tracing::debug!(?ended, "a client left the broker");
                        let _ = give_back.send(place).await;
                    });
                }
                Err(cause) => {
                    tracing::warn!(%cause, "a client of the broker could not be let in");
                    let _ = give_back.send(place).await;
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    /// One client from its first packet to its last.
    async fn pass(&self, client: TcpStream, place: usize) -> Result<(), PassError> {
        client.set_nodelay(true)?;
        let (from_client, mut to_client) = client.into_split();
        let mut from_client = Packets::new(from_client, self.max_packet_bytes);
        let first = timeout(INTRODUCE_WITHIN, from_client.next()).await.map_err(|_| PassError::Silent)??;
        let (name, introduced) = self.introduce(first, place)?;
        if self.backlog.is_full() {
            // Return code 3, server unavailable (MQTT 3.1.1, 3.2.2.3): come back later.
            let mut refused = BytesMut::new();
            ConnAck::new(ConnectReturnCode::ServiceUnavailable, false).write(&mut refused)?;
            to_client.write_all(&refused).await?;
            return Err(PassError::Full);
        }
        self.backlog.heard().await;
        let broker = TcpStream::connect(self.broker).await?;
        broker.set_nodelay(true)?;
        let (from_broker, mut to_broker) = broker.into_split();
        let mut from_broker = Packets::new(from_broker, self.max_packet_bytes);
        to_broker.write_all(&introduced).await?;
        let leave = self.enter(&name);
        let to_client = Mutex::new(to_client);
        // Whoever ends first ends both.
        let ended = tokio::select! {
            ended = answer(&mut from_broker, &to_client) => ended,
            ended = question(&mut from_client, &mut to_broker, &to_client, &self.backlog) => ended,
            () = leave.notified() => Err(PassError::Replaced),
        };
        drop((from_client, to_client));
        self.leave(&name, &leave);
        // Closed with answers unread, the broker would drop what it has not read
        // itself. It closes once it has, and then its name is free again.
        let _ = to_broker.shutdown().await;
        let _ = timeout(FAREWELL, async { while from_broker.next().await.is_ok() {} }).await;
        ended
    }

    /// The client's name and its CONNECT, with the door's login, a name that only
    /// this door gives and nothing to be kept: the broker knows each name once, so
    /// a stranger's may neither be Misto's nor hold what the broker does not allow.
    fn introduce(&self, (header, packet): (FixedHeader, Bytes), place: usize) -> Result<(String, BytesMut), PassError> {
        if header.packet_type()? != PacketType::Connect {
            return Err(PassError::NotIntroduced);
        }
        let mut connect = Connect::read(header, packet)?;
        if let Some(will) = &connect.last_will {
            allowed(will.topic.as_bytes())?;
        }
        let name = std::mem::replace(&mut connect.client_id, format!("door-{place}"));
        connect.clean_session = true;
        connect.set_login(&self.login.0, &self.login.1);
        let mut out = BytesMut::new();
        connect.write(&mut out)?;
        Ok((name, out))
    }

    /// Whoever was inside under this name leaves (MQTT 3.1.1, 3.1.4-2); nobody is
    /// called by the empty name.
    fn enter(&self, name: &str) -> Arc<Notify> {
        let leave = Arc::new(Notify::new());
        if !name.is_empty()
            && let Some(former) = self.inside().insert(name.to_owned(), Arc::clone(&leave))
        {
            former.notify_one();
        }
        leave
    }

    fn leave(&self, name: &str, leave: &Arc<Notify>) {
        let mut inside = self.inside();
        if inside.get(name).is_some_and(|present| Arc::ptr_eq(present, leave)) {
            inside.remove(name);
        }
    }

    fn inside(&self) -> MutexGuard<'_, HashMap<String, Arc<Notify>>> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a client's connection ended.
#[derive(Debug, thiserror::Error)]
enum PassError {
    #[error("the client did not introduce itself in time")]
    Silent,
    #[error("the first packet was no CONNECT")]
    NotIntroduced,
    #[error("the client published on a topic of Misto's own")]
    OwnTopic,
    #[error("a PUBLISH that the broker does not take: QoS {qos}, packet identifier {identifier}")]
    NoPublish { qos: u8, identifier: u16 },
    #[error("the client published on what is no topic, or one that the broker cannot bear")]
    NoTopic,
    #[error("only a broker or a subscriber sends a packet of type {0:?}")]
    Unexpected(PacketType),
    #[error("too much waits at the broker")]
    Full,
    #[error("another client came under the same name")]
    Replaced,
    #[error("the connection was closed")]
    Closed,
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error("not MQTT 3.1.1: {0:?}")]
    Protocol(Error),
}

impl From<Error> for PassError {
    fn from(error: Error) -> Self {
        Self::Protocol(error)
    }
}

/// From the client to the broker: what a publisher sends, on topics allowed to it,
/// as fast as the backlog has room.
async fn question(
    from: &mut Packets<impl AsyncRead + Unpin>,
    broker: &mut (impl AsyncWrite + Unpin),
    client: &Mutex<impl AsyncWrite + Unpin>,
    backlog: &Backlog,
) -> Result<(), PassError> {
    let mut unreleased = Unreleased::new(backlog);
    loop {
        let (header, packet) = from.next().await?;
        match header.packet_type()? {
            PacketType::Subscribe => {
                let refused = refuse(Subscribe::read(header, packet)?)?;
                client.lock().await.write_all(&refused).await?;
            }
            // The broker leaves those unanswered that were not subscribed.
            PacketType::Unsubscribe => {
                let mut done = BytesMut::new();
                UnsubAck::new(Unsubscribe::read(header, packet)?.pkid).write(&mut done)?;
                client.lock().await.write_all(&done).await?;
            }
            PacketType::Publish => {
                let publish = Published::read(&packet)?;
                let bytes = backlog.enter(allowed(publish.topic)?, publish.payload_bytes).await;
                if publish.qos == 2 {
                    unreleased.hold(publish.identifier, bytes);
                }
                broker.write_all(&packet).await?;
            }
            PacketType::PubRel => {
                unreleased.release(&packet);
                broker.write_all(&packet).await?;
            }
            PacketType::PingReq | PacketType::Disconnect => broker.write_all(&packet).await?,
            other => return Err(PassError::Unexpected(other)),
        }
    }
}

/// From the broker to the client, packet by packet, so that a refusal never lands inside one.
async fn answer(from: &mut Packets<OwnedReadHalf>, client: &Mutex<OwnedWriteHalf>) -> Result<(), PassError> {
    loop {
        let (_, packet) = from.next().await?;
        client.lock().await.write_all(&packet).await?;
    }
}

/// Whether a client may publish here: a topic name (MQTT 3.1.1, 4.7) that is not
/// Misto's own. rumqttd 0.20 panics, for everybody, where the first character has
/// more than one byte; no topic that Misto subscribes to begins so.
fn allowed(topic: &[u8]) -> Result<&str, PassError> {
    let topic = std::str::from_utf8(topic).map_err(|_| PassError::NoTopic)?;
    if topic.is_empty() || !topic.is_char_boundary(1) || topic.contains(['+', '#', '\0']) {
        return Err(PassError::NoTopic);
    }
    let is_below = |own: &str| topic.strip_prefix(own).is_some_and(|below| below.is_empty() || below.starts_with('/'));
    if OWN_TOPICS.into_iter().any(is_below) { Err(PassError::OwnTopic) } else { Ok(topic) }
}

/// Return code 0x80 for every filter (MQTT 3.1.1, 3.9.3).
fn refuse(subscribe: Subscribe) -> Result<BytesMut, PassError> {
    let codes = subscribe.filters.iter().map(|_| SubscribeReasonCode::Failure).collect();
    let mut out = BytesMut::new();
    SubAck::new(subscribe.pkid, codes).write(&mut out)?;
    Ok(out)
}

/// Messages of QoS 2 that the client has not released: the broker forgets them with
/// the connection, and what they took of the backlog is given back.
struct Unreleased<'a> {
    backlog: &'a Backlog,
    by_packet: HashMap<u16, usize>,
}

impl<'a> Unreleased<'a> {
    fn new(backlog: &'a Backlog) -> Self {
        Self { backlog, by_packet: HashMap::new() }
    }

    fn hold(&mut self, identifier: u16, bytes: usize) {
        if let Some(repeated) = self.by_packet.insert(identifier, bytes) {
            self.backlog.leave(repeated);
        }
    }

    /// A PUBREL: its identifier follows two bytes of header (3.6).
    fn release(&mut self, packet: &[u8]) {
        self.by_packet.remove(&number(packet, 2));
    }
}

impl Drop for Unreleased<'_> {
    fn drop(&mut self) {
        self.backlog.leave(self.by_packet.values().sum());
    }
}

/// Lets a client's bytes through and checks what comes of them: the broker gets the
/// door's login and then whole packets of a publisher, on topics allowed to it as
/// the broker itself reads them; the client gets answers only.
///
/// # Panics
/// When something else gets through.
#[cfg(any(test, fuzzing))]
pub fn check_door(sent: &[u8]) {
    let door = Door {
        broker: SocketAddr::from(([127, 0, 0, 1], 1)),
        login: ("door".to_owned(), "secret".to_owned()),
        max_packet_bytes: 1 << 20,
        max_connections: 1,
        inside: Inside::default(),
        backlog: Arc::new(Backlog::new(usize::MAX)),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let mut from = Packets::new(sent, door.max_packet_bytes);
        let Ok(first) = from.next().await else { return };
        let Ok((_, introduced)) = door.introduce(first, 0) else { return };
        let (mut broker, client) = (introduced.to_vec(), Mutex::new(Vec::new()));
        assert!(
            question(&mut from, &mut broker, &client, &door.backlog).await.is_err(),
            "it goes on after the last byte"
        );
        check_packets(&broker, |number, kind, packet| match kind {
            PacketType::Connect => number == 0 && introduced == packet,
            PacketType::Publish => {
                let header = check(packet.iter(), usize::MAX).expect("a whole packet");
                // What the broker cannot read it refuses.
                let read = rumqttc::mqttbytes::v4::Publish::read(header, Bytes::copy_from_slice(packet));
                read.map_or(true, |publish| allowed(publish.topic.as_bytes()).is_ok())
            }
            kind => matches!(kind, PacketType::PubRel | PacketType::PingReq | PacketType::Disconnect),
        })
        .await;
        let answers = client.into_inner();
        check_packets(&answers, |_, kind, _| matches!(kind, PacketType::SubAck | PacketType::UnsubAck)).await;
    });
}

#[cfg(any(test, fuzzing))]
async fn check_packets(bytes: &[u8], fits: impl Fn(usize, PacketType, &[u8]) -> bool) {
    let mut packets = Packets::new(bytes, usize::MAX);
    for number in 0.. {
        match packets.next().await {
            Ok((header, packet)) => {
                let kind = header.packet_type().expect("a packet of MQTT");
                assert!(fits(number, kind, &packet), "packet {number}: {packet:?}");
            }
            Err(ended) => {
                assert!(matches!(ended, PassError::Closed) && packets.buffer.is_empty(), "{ended}");
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::packets::example as packet;
    use super::*;
    use proptest::prelude::*;
    use rumqttc::QoS;

    #[tokio::test]
    async fn what_a_client_of_qos_2_never_released_takes_no_room() {
        let backlog = Backlog::new(10_000);
        backlog.subscribe(vec!["t".parse().unwrap()]);
        let mut first = packet("t", 500);
        first[0] = 0x34;
        let mut second = first.clone();
        let identifier = second.len() - 501;
        second[identifier] = 2;
        let sent = [&first[..], &second[..], b"\x62\x02\x00\x02"].concat();
        let mut from = Packets::new(&sent[..], 10_000);
        let (mut broker, client) = (Vec::new(), Mutex::new(Vec::new()));
        assert!(matches!(question(&mut from, &mut broker, &client, &backlog).await, Err(PassError::Closed)));
        assert_eq!((broker.len(), backlog.bytes()), (sent.len(), 501), "the released one waits for Misto");
    }

    #[test]
    fn only_topics_of_others_are_allowed() {
        for fine in ["t", "/t", "misto/v1/raw/bus/7", "misto/v1/vehicles2", "owntracks/Олена/phone", "$SYS"] {
            assert!(allowed(fine.as_bytes()).is_ok(), "{fine}");
        }
        for own in ["misto/v1/vehicles", "misto/v1/vehicles/", "misto/v1/vehicles/x/y", "misto/v1/readings/3/y"] {
            assert!(matches!(allowed(own.as_bytes()), Err(PassError::OwnTopic)), "{own}");
        }
        for none in [&b""[..], b"a/#", b"+", b"a\0", b"\xff", "ж".as_bytes()] {
            assert!(matches!(allowed(none), Err(PassError::NoTopic)), "{none:?}");
        }
    }

    #[test]
    fn every_filter_is_refused() {
        let refused = refuse(Subscribe::new("#", QoS::AtMostOnce)).unwrap();
        assert_eq!(refused.last(), Some(&0x80));
    }

    /// CONNECT of a client named `c`, PUBLISH with QoS 1, SUBSCRIBE, PINGREQ, DISCONNECT.
    fn conversation(topic: &str) -> Vec<u8> {
        let publish = packet(topic, 3);
        let connect = b"\x10\x0d\0\x04MQTT\x04\x02\0\x3c\0\x01c";
        [connect, &publish[..], b"\x82\x06\0\x02\0\x01#\0\xc0\0\xe0\0"].concat()
    }

    proptest! {
        #[test]
        fn whatever_a_client_sends_only_allowed_packets_get_through(
            topic in prop_oneof!["misto/v1/(raw|vehicles)(/[a-z0-9]{0,3}){0,2}", "\\PC{0,9}"],
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
            more in proptest::collection::vec(any::<u8>(), 0..20),
        ) {
            let mut sent = [conversation(&topic), more].concat();
            for (index, byte) in changes {
                let at = index.index(sent.len());
                sent[at] = byte;
            }
            check_door(&sent);
        }
    }
}
