//! MQTT 3.1.1: a session that receives, a publisher that sends, a broker in the house.
//!
//! Everything is at least once (QoS 1). Each connection has its own client and
//! its own ledger of acknowledgements: nothing of a lost connection, neither
//! buffered messages nor packet identifiers, ever reaches the next one.

mod backlog;
mod backoff;
mod broker;
mod config;
mod door;
mod ledger;
mod link;
mod publisher;
mod session;
mod tls;

pub use backlog::Backlog;
pub use broker::{BrokerError, BrokerSettings, EmbeddedBroker, start_broker};
pub use config::{BrokerUrl, InvalidBrokerUrl, MqttConfig, MqttError};
#[cfg(fuzzing)]
#[doc(hidden)]
pub use door::check_door;
pub use ledger::Ack;
pub use link::Link;
pub use publisher::Publisher;
pub use session::{Delivery, Session};
