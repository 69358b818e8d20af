//! The door of the embedded broker: who is not Misto may bring messages and take none.
//!
//! rumqttd knows logins but no rights per topic, so it listens where only
//! Misto's own session has the login. Everybody else comes through this door,
//! which passes packets on with three differences: the client gets the door's
//! login and a name of its own (so that nobody takes over Misto's session), a
//! subscription is answered with failure, and a topic of Misto's own is refused
//! by closing the connection.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use rumqttc::mqttbytes::v4::{Connect, SubAck, Subscribe, SubscribeReasonCode};
use rumqttc::mqttbytes::{Error, FixedHeader, PacketType, check};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, Semaphore};
use tokio::time::timeout;

/// How long a client may take to introduce itself.
const INTRODUCE_WITHIN: Duration = Duration::from_secs(10);
/// Topics on which Misto's own processes talk.
const OWN_TOPICS: &str = "misto/v1/vehicles/";

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
}

impl Door {
    /// Lets clients in until the process ends.
    pub async fn open(self, listener: TcpListener) {
        let places = Arc::new(Semaphore::new(self.max_connections));
        let number = AtomicU64::new(0);
        let door = Arc::new(self);
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            match listener.accept().await {
                Ok((client, _)) => {
                    let (door, number) = (Arc::clone(&door), number.fetch_add(1, Ordering::Relaxed));
                    tokio::spawn(async move {
                        let ended = door.pass(client, number).await;
                        tracing::debug!(?ended, "a client left the broker");
                        drop(place);
                    });
                }
                Err(cause) => {
                    tracing::warn!(%cause, "a client of the broker could not be let in");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    /// One client from its first packet to its last.
    async fn pass(&self, client: TcpStream, number: u64) -> Result<(), PassError> {
        client.set_nodelay(true)?;
        let (from_client, to_client) = client.into_split();
        let mut from_client = Packets::new(from_client, self.max_packet_bytes);
        let first = timeout(INTRODUCE_WITHIN, from_client.next()).await.map_err(|_| PassError::Silent)??;
        let introduced = self.introduce(first, number)?;
        let broker = TcpStream::connect(self.broker).await?;
        broker.set_nodelay(true)?;
        let (from_broker, mut to_broker) = broker.into_split();
        to_broker.write_all(&introduced).await?;
        let to_client = Mutex::new(to_client);
        let answers = answer(Packets::new(from_broker, self.max_packet_bytes), &to_client);
        let questions = question(from_client, to_broker, &to_client);
        // Whoever ends first ends both; dropping the halves closes the connections.
        tokio::select! {
            ended = answers => ended,
            ended = questions => ended,
        }
    }

    /// The client's CONNECT with the door's login and a name that only this door gives.
    fn introduce(&self, (header, packet): (FixedHeader, Bytes), number: u64) -> Result<BytesMut, PassError> {
        if header.packet_type()? != PacketType::Connect {
            return Err(PassError::NotIntroduced);
        }
        let mut connect = Connect::read(header, packet)?;
        if connect.last_will.as_ref().is_some_and(|will| will.topic.starts_with(OWN_TOPICS)) {
            return Err(PassError::OwnTopic);
        }
        // An empty name asks the broker for one (MQTT 3.1.1, 3.1.3.1).
        let name = if connect.client_id.is_empty() { number.to_string() } else { connect.client_id.clone() };
        connect.client_id = format!("door:{name}");
        connect.set_login(&self.login.0, &self.login.1);
        let mut out = BytesMut::new();
        connect.write(&mut out)?;
        Ok(out)
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

/// From the client to the broker: everything but subscriptions and Misto's own topics.
async fn question(
    mut from: Packets,
    mut broker: OwnedWriteHalf,
    client: &Mutex<OwnedWriteHalf>,
) -> Result<(), PassError> {
    loop {
        let (header, packet) = from.next().await?;
        match header.packet_type()? {
            PacketType::Subscribe => {
                let refused = refuse(Subscribe::read(header, packet)?)?;
                client.lock().await.write_all(&refused).await?;
            }
            PacketType::Publish if topic(&packet).starts_with(OWN_TOPICS.as_bytes()) => {
                return Err(PassError::OwnTopic);
            }
            _ => broker.write_all(&packet).await?,
        }
    }
}

/// From the broker to the client, packet by packet, so that a refusal never lands inside one.
async fn answer(mut from: Packets, client: &Mutex<OwnedWriteHalf>) -> Result<(), PassError> {
    loop {
        let (_, packet) = from.next().await?;
        client.lock().await.write_all(&packet).await?;
    }
}

/// Return code 0x80 for every filter (MQTT 3.1.1, 3.9.3).
fn refuse(subscribe: Subscribe) -> Result<BytesMut, PassError> {
    let codes = subscribe.filters.iter().map(|_| SubscribeReasonCode::Failure).collect();
    let mut out = BytesMut::new();
    SubAck::new(subscribe.pkid, codes).write(&mut out)?;
    Ok(out)
}

/// The topic name of a PUBLISH: the first field after the fixed header (3.3.2.1),
/// which ends with the first length byte without continuation bit (2.2.3). Empty
/// where the packet is cut, which the broker refuses itself.
fn topic(packet: &[u8]) -> &[u8] {
    let Some(last) = packet.iter().skip(1).take(4).position(|byte| byte & 0x80 == 0) else { return &[] };
    let start = last + 2;
    let Some([high, low]) = packet.get(start..start + 2) else { return &[] };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    packet.get(start + 2..start + 2 + length).unwrap_or(&[])
}

/// Whole packets of one direction.
struct Packets {
    from: OwnedReadHalf,
    buffer: BytesMut,
    max_packet_bytes: usize,
}

impl Packets {
    fn new(from: OwnedReadHalf, max_packet_bytes: usize) -> Self {
        Self { from, buffer: BytesMut::with_capacity(8 * 1024), max_packet_bytes }
    }

    async fn next(&mut self) -> Result<(FixedHeader, Bytes), PassError> {
        loop {
            match check(self.buffer.iter(), self.max_packet_bytes) {
                Ok(header) => {
                    let packet = self.buffer.split_to(header.frame_length()).freeze();
                    return Ok((header, packet));
                }
                Err(Error::InsufficientBytes(_)) => {}
                Err(error) => return Err(error.into()),
            }
            if self.from.read_buf(&mut self.buffer).await? == 0 {
                return Err(PassError::Closed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rumqttc::QoS;
    use rumqttc::mqttbytes::v4::Publish;

    fn packet(topic: &str, bytes: usize) -> BytesMut {
        let mut publish = Publish::new(topic, QoS::AtLeastOnce, vec![b'x'; bytes]);
        publish.pkid = 1;
        let mut out = BytesMut::new();
        publish.write(&mut out).unwrap();
        out
    }

    #[test]
    fn the_topic_is_read_whatever_the_size_of_the_packet() {
        for bytes in [0, 1, 100, 127, 128, 16_000, 17_000, 3_000_000] {
            assert_eq!(topic(&packet("misto/v1/vehicles/7/x", bytes)), b"misto/v1/vehicles/7/x", "{bytes}");
        }
    }

    #[test]
    fn every_filter_is_refused() {
        let refused = refuse(Subscribe::new("#", QoS::AtMostOnce)).unwrap();
        assert_eq!(refused.last(), Some(&0x80));
    }
}
