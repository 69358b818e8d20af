//! The embedded broker (rumqttd), for one machine.
//!
//! It keeps nothing on disk: what it accepted and nobody took dies with the
//! process. Per topic filter it keeps at most 64 MiB; when that is full it drops
//! the oldest and a slow reader jumps ahead, so the door lets in no more than a
//! smaller backlog ([`Backlog`]) holds. It knows logins but no rights per topic,
//! so only Misto's own session has a login; everybody else comes through the door
//! ([`super::door`]), on loopback only: beyond one machine use a broker with
//! access lists.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rand::Rng;
use rumqttd::{Broker, Config, ConnectionSettings, RouterConfig, ServerSettings};

use super::backlog::Backlog;
use super::config::BrokerUrl;
use super::door::Door;

/// Settings of the embedded broker.
#[derive(Debug, Clone)]
pub struct BrokerSettings {
    /// Loopback address and port.
    pub listen: SocketAddr,
    /// Connections at once.
    pub max_connections: usize,
    /// Larger messages close the sender's connection. Far above what a source
    /// may send, so that a large message is refused with its reason, not cut off.
    pub max_payload_bytes: usize,
    /// Accepted and not acknowledged by Misto at once; beyond it nobody may
    /// publish. At most [`MOST_BACKLOG_BYTES`].
    pub backlog_bytes: usize,
}

/// Three quarters of what rumqttd keeps before it drops anything.
pub const MOST_BACKLOG_BYTES: usize = SEGMENTS * SEGMENT_BYTES / 4 * 3;

impl BrokerSettings {
    /// Defaults on this address: 1 000 connections, 16 MiB a message, 32 MiB in all.
    pub fn new(listen: SocketAddr) -> Self {
        Self { listen, max_connections: 1_000, max_payload_bytes: 16 << 20, backlog_bytes: 32 << 20 }
    }
}

/// A running embedded broker.
#[derive(Debug)]
pub struct EmbeddedBroker {
    /// Address and login for Misto's own session.
    pub url: BrokerUrl,
    /// What it accepted and Misto has not acknowledged.
    pub backlog: Arc<Backlog>,
}

impl EmbeddedBroker {
    /// Lets clients in at once. Without it they wait until a session that knows the
    /// backlog has subscribed: what comes before that nobody would hear.
    pub fn open(&self) {
        self.backlog.open();
    }
}

/// Why the embedded broker does not run.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// The port is taken or may not be used.
    #[error("the embedded broker cannot listen on {listen}: {cause}")]
    Listen {
        /// Address.
        listen: SocketAddr,
        /// Cause of the system.
        cause: std::io::Error,
    },
    /// Not a loopback address.
    #[error(
        "the embedded broker listens on this machine only, not on {0}: it knows no rights per topic; run a broker with access lists and name it in mqtt.url"
    )]
    NotLoopback(SocketAddr),
    /// It was started and does not answer.
    #[error("the embedded broker does not answer on {0}")]
    Silent(SocketAddr),
    /// More than rumqttd keeps.
    #[error("mqtt.embedded_backlog_bytes is {0}: 65536 to {MOST_BACKLOG_BYTES}")]
    Backlog(usize),
}

/// Segments of the log kept per topic filter: 16 of 4 MiB.
const SEGMENT_BYTES: usize = 4 * 1024 * 1024;
const SEGMENTS: usize = 16;
/// Below this the door would let in one message after the other.
const LEAST_BACKLOG_BYTES: usize = 64 << 10;
/// Room for topic and header of the largest message.
const HEAD_BYTES: usize = 70_000;
/// Room for Misto's own session whoever else is connected.
const OWN_CONNECTIONS: usize = 16;
/// How long it may take until it listens.
const PATIENCE: Duration = Duration::from_secs(5);

/// Logins of one start of the broker; nobody else ever learns them.
struct Logins {
    session: (String, String),
    door: (String, String),
}

/// Starts the broker in threads of its own and its door on this runtime; both
/// live as long as the process. Returns once it listens. Blocks for some milliseconds.
///
/// # Errors
/// When the address is not loopback, is taken, or the broker does not answer.
pub fn start_broker(settings: &BrokerSettings) -> Result<EmbeddedBroker, BrokerError> {
    let listen = settings.listen;
    if !(LEAST_BACKLOG_BYTES..=MOST_BACKLOG_BYTES).contains(&settings.backlog_bytes) {
        return Err(BrokerError::Backlog(settings.backlog_bytes));
    }
    if !listen.ip().is_loopback() {
        return Err(BrokerError::NotLoopback(listen));
    }
    let failed = |cause| BrokerError::Listen { listen, cause };
    let outside = TcpListener::bind(listen).map_err(failed)?;
    outside.set_nonblocking(true).map_err(failed)?;
    let outside = tokio::net::TcpListener::from_std(outside).map_err(failed)?;
    // The broker only logs a taken port, in its own thread: find a free one before.
    let inside =
        TcpListener::bind(SocketAddr::new(listen.ip(), 0)).and_then(|free| free.local_addr()).map_err(failed)?;
    let logins = Logins { session: ("misto".to_owned(), password()), door: ("door".to_owned(), password()) };
    let url = BrokerUrl::with_login(inside, &logins.session.0, &logins.session.1);
    let mut broker = Broker::new(config(settings, inside, &logins));
    let server = thread::Builder::new()
        .name("mqtt-broker".to_owned())
        .spawn(move || {
            if let Err(error) = broker.start() {
                tracing::error!(%error, "the embedded broker stopped");
            }
        })
        .map_err(failed)?;
    let backlog = Arc::new(Backlog::new(settings.backlog_bytes));
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE && !server.is_finished() {
        if TcpStream::connect_timeout(&inside, Duration::from_millis(200)).is_ok() {
            let door = Door {
                broker: inside,
                login: logins.door,
                max_packet_bytes: settings.max_payload_bytes + HEAD_BYTES,
                max_connections: settings.max_connections,
                inside: Mutex::default(),
                backlog: Arc::clone(&backlog),
            };
            tokio::spawn(door.open(outside));
            return Ok(EmbeddedBroker { url, backlog });
        }
        thread::sleep(Duration::from_millis(10));
    }
    Err(BrokerError::Silent(listen))
}

/// 128 random bits.
fn password() -> String {
    format!("{:032x}", rand::rng().random::<u128>())
}

fn config(settings: &BrokerSettings, listen: SocketAddr, logins: &Logins) -> Config {
    let server = ServerSettings {
        name: "mqtt".to_owned(),
        listen,
        tls: None,
        next_connection_delay_ms: 0,
        connections: ConnectionSettings {
            connection_timeout_ms: 10_000,
            max_payload_size: settings.max_payload_bytes + HEAD_BYTES,
            max_inflight_count: 100,
            auth: Some(HashMap::from([logins.session.clone(), logins.door.clone()])),
            external_auth: None,
            dynamic_filters: true,
        },
    };
    Config {
        id: 0,
        router: RouterConfig {
            max_connections: settings.max_connections + OWN_CONNECTIONS,
            max_outgoing_packet_count: 200,
            max_segment_size: SEGMENT_BYTES,
            max_segment_count: SEGMENTS,
            ..RouterConfig::default()
        },
        v4: Some(HashMap::from([("1".to_owned(), server)])),
        ..Config::default()
    }
}
