//! Where the broker is and how Misto introduces itself.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rumqttc::{MqttOptions, Transport};
use serde::Deserialize;

use super::backlog::Backlog;
use super::tls;

/// `mqtt://[user[:password]@]host[:port]`, or `mqtts://` for TLS. The password
/// never appears in `Debug` or `Display`.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct BrokerUrl {
    tls: bool,
    host: String,
    port: u16,
    user: Option<String>,
    password: Option<String>,
}

/// Text that names no broker.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBrokerUrl {
    /// Neither mqtt nor mqtts.
    #[error("the address of a broker begins with mqtt:// or mqtts://, for example mqtt://127.0.0.1:1883")]
    Scheme,
    /// No host.
    #[error("the address of the broker names no host, for example mqtt://127.0.0.1:1883")]
    Host,
    /// The port is none.
    #[error("{0:?} is no port: 1 to 65535")]
    Port(String),
    /// Something follows the port.
    #[error("nothing may follow host and port in the address of a broker")]
    Path,
    /// A password without a user, or a broken %-escape.
    #[error("user and password stand before @ as user:password, other characters than letters and digits %-encoded")]
    Credentials,
}

/// Why a client cannot be set up or used. What the network does is in [`super::Link`].
#[derive(Debug, thiserror::Error)]
pub enum MqttError {
    /// The client id.
    #[error("mqtt.client_id {0:?} must be 1 to 128 letters, digits, - or _")]
    ClientId(String),
    /// Keep-alive out of range.
    #[error("mqtt.keep_alive_s is {0}: 5 to 3600 seconds")]
    KeepAlive(u64),
    /// TLS cannot be set up.
    #[error("TLS towards the broker cannot be set up: {0}")]
    Tls(String),
    /// A topic that cannot be published to.
    #[error("{0:?} is no topic to publish to: not empty, no +, # or NUL, at most 65535 bytes")]
    Topic(String),
    /// A message that no packet holds.
    #[error("a message of {0} bytes is larger than mqtt.max_packet_bytes ({1})")]
    TooLarge(usize, usize),
    /// The client was stopped.
    #[error("the MQTT client was stopped")]
    Stopped,
}

/// `[mqtt]` of the configuration file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MqttConfig {
    /// Broker.
    pub url: BrokerUrl,
    /// Name of the persistent session: two clients of one name throw each other out.
    #[serde(default = "client_id")]
    pub client_id: String,
    /// Certificates of the authority that signed the broker's (PEM); by default the system's.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Seconds between signs of life.
    #[serde(default = "keep_alive_s")]
    pub keep_alive_s: u64,
    /// Largest packet that is read at all. It is meant to be far above what a
    /// source may send: a large message must be read to be refused and
    /// acknowledged. One above this limit cannot be taken off the broker's queue
    /// by any MQTT client, and the link stays lost with that cause.
    #[serde(default = "max_packet_bytes")]
    pub max_packet_bytes: usize,
    /// Of the embedded broker: what it accepted and this session has not acknowledged.
    #[serde(skip)]
    pub backlog: Option<Arc<Backlog>>,
}

fn client_id() -> String {
    "misto".to_owned()
}

fn keep_alive_s() -> u64 {
    30
}

fn max_packet_bytes() -> usize {
    64 * 1024 * 1024
}

impl MqttConfig {
    /// Defaults but for broker and name.
    pub fn new(url: BrokerUrl, client_id: &str) -> Self {
        Self {
            url,
            client_id: client_id.to_owned(),
            ca_file: None,
            keep_alive_s: keep_alive_s(),
            max_packet_bytes: max_packet_bytes(),
            backlog: None,
        }
    }

    /// The library's options; `clean` asks the broker to forget the session.
    pub(super) fn options(&self, clean: bool) -> Result<MqttOptions, MqttError> {
        let id_fits = (1..=128).contains(&self.client_id.len())
            && self.client_id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if !id_fits {
            return Err(MqttError::ClientId(self.client_id.chars().take(140).collect()));
        }
        if !(5..=3600).contains(&self.keep_alive_s) {
            return Err(MqttError::KeepAlive(self.keep_alive_s));
        }
        let mut options = MqttOptions::new(&self.client_id, &self.url.host, self.url.port);
        options
            .set_keep_alive(Duration::from_secs(self.keep_alive_s))
            .set_clean_session(clean)
            .set_max_packet_size(self.max_packet_bytes, self.max_packet_bytes);
        if let Some(user) = &self.url.user {
            options.set_credentials(user, self.url.password.as_deref().unwrap_or_default());
        }
        if self.url.tls {
            options.set_transport(Transport::tls_with_config(tls::client(self.ca_file.as_deref())?));
        }
        Ok(options)
    }
}

impl BrokerUrl {
    /// The broker on this machine.
    pub fn loopback(port: u16) -> Self {
        Self { tls: false, host: "127.0.0.1".to_owned(), port, user: None, password: None }
    }

    /// A broker on this machine that asks for a login.
    pub(super) fn with_login(listen: SocketAddr, user: &str, password: &str) -> Self {
        Self {
            tls: false,
            host: listen.ip().to_string(),
            port: listen.port(),
            user: Some(user.to_owned()),
            password: Some(password.to_owned()),
        }
    }

    /// Host name or address.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl std::str::FromStr for BrokerUrl {
    type Err = InvalidBrokerUrl;
    fn from_str(text: &str) -> Result<Self, InvalidBrokerUrl> {
        let (tls, rest) = match (text.strip_prefix("mqtt://"), text.strip_prefix("mqtts://")) {
            (Some(rest), _) => (false, rest),
            (_, Some(rest)) => (true, rest),
            _ => return Err(InvalidBrokerUrl::Scheme),
        };
        let (credentials, authority) = match rest.rsplit_once('@') {
            Some((credentials, authority)) => (Some(credentials), authority),
            None => (None, rest),
        };
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        if authority.contains(['/', '?', '#']) {
            return Err(InvalidBrokerUrl::Path);
        }
        let (host, port) = host_and_port(authority, if tls { 8883 } else { 1883 })?;
        let (user, password) = match credentials {
            None => (None, None),
            Some(text) => match text.split_once(':') {
                Some((user, password)) => (Some(percent_decoded(user)?), Some(percent_decoded(password)?)),
                None => (Some(percent_decoded(text)?), None),
            },
        };
        if user.as_deref() == Some("") {
            return Err(InvalidBrokerUrl::Credentials);
        }
        Ok(Self { tls, host, port, user, password })
    }
}

impl TryFrom<String> for BrokerUrl {
    type Error = InvalidBrokerUrl;
    fn try_from(text: String) -> Result<Self, InvalidBrokerUrl> {
        text.parse()
    }
}

/// An IPv6 address stands in brackets and keeps them.
fn host_and_port(authority: &str, default_port: u16) -> Result<(String, u16), InvalidBrokerUrl> {
    let end_of_host = authority.rfind(']').map_or(0, |at| at + 1);
    let (host, port) = match authority[end_of_host..].rfind(':') {
        Some(colon) => (&authority[..end_of_host + colon], Some(&authority[end_of_host + colon + 1..])),
        None => (authority, None),
    };
    if host.is_empty() {
        return Err(InvalidBrokerUrl::Host);
    }
    let port = match port {
        None => default_port,
        Some(text) => match text.parse::<u16>() {
            Ok(port) if port > 0 => port,
            _ => return Err(InvalidBrokerUrl::Port(text.chars().take(20).collect())),
        },
    };
    Ok((host.to_owned(), port))
}

/// RFC 3986, clause 2.1.
fn percent_decoded(text: &str) -> Result<String, InvalidBrokerUrl> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let digits = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
            let byte = digits.and_then(|two| u8::from_str_radix(two, 16).ok()).ok_or(InvalidBrokerUrl::Credentials)?;
            bytes.push(byte);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).map_err(|_| InvalidBrokerUrl::Credentials)
}

impl std::fmt::Display for BrokerUrl {
    /// Without user and password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}:{}", if self.tls { "mqtts" } else { "mqtt" }, self.host, self.port)
    }
}

impl std::fmt::Debug for BrokerUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BrokerUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_a_broker_is_read() {
        for (text, shown) in [
            ("mqtt://127.0.0.1", "mqtt://127.0.0.1:1883"),
            ("mqtts://broker.example/", "mqtts://broker.example:8883"),
            ("mqtt://[::1]:1884", "mqtt://[::1]:1884"),
            ("mqtt://misto:s%40cret:x@host:1", "mqtt://host:1"),
        ] {
            assert_eq!(text.parse::<BrokerUrl>().unwrap().to_string(), shown);
        }
        let url: BrokerUrl = "mqtt://misto:s%40cret:x@host:1".parse().unwrap();
        assert_eq!(url.password.as_deref(), Some("s@cret:x"));
        assert!(!format!("{url:?}").contains("cret"));
    }

    #[test]
    fn a_wrong_address_says_what_is_wrong() {
        for (text, expected) in [
            ("127.0.0.1:1883", InvalidBrokerUrl::Scheme),
            ("http://host", InvalidBrokerUrl::Scheme),
            ("mqtt://", InvalidBrokerUrl::Host),
            ("mqtt://host:0", InvalidBrokerUrl::Port("0".to_owned())),
            ("mqtt://host:99999", InvalidBrokerUrl::Port("99999".to_owned())),
            ("mqtt://host/topic", InvalidBrokerUrl::Path),
            ("mqtt://:secret@host", InvalidBrokerUrl::Credentials),
            ("mqtt://a%zz@host", InvalidBrokerUrl::Credentials),
        ] {
            let error = text.parse::<BrokerUrl>().unwrap_err();
            assert_eq!(error, expected, "{text}");
            assert!(!error.to_string().contains("secret"));
        }
    }
}
