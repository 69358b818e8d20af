//! Reading a feed of somebody else over HTTP.

use std::sync::Arc;
use std::time::Duration;

use misto_ingest::decode::gtfs_realtime::MAX_FEED_BYTES;
use ureq::http::{HeaderMap, header};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// A feed that takes longer is of no use.
const PATIENCE: Duration = Duration::from_secs(20);

/// Asks one address again and again; blocks.
pub struct Client {
    agent: ureq::Agent,
    url: String,
    held: Validators,
}

/// What tells that a feed is unchanged (RFC 9110, 13.1).
#[derive(Debug, Default)]
pub struct Validators {
    etag: Option<String>,
    modified: Option<String>,
}

/// What came.
pub enum Fetched {
    /// As it was last kept.
    Unchanged,
    /// A feed, and by what it is known again.
    Body(Vec<u8>, Validators),
}

impl Client {
    /// Trusts the authorities of the system.
    pub fn new(url: &str) -> Self {
        let roots = rustls_native_certs::load_native_certs().certs;
        let roots = roots.iter().map(|root| Certificate::from_der(root).to_owned());
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::from(roots))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let config = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).tls_config(tls).build();
        Self { agent: config.into(), url: url.to_owned(), held: Validators::default() }
    }

    /// Reads the feed, unless it is the one that was kept.
    ///
    /// # Errors
    /// In words, without the address.
    pub fn ask(&self) -> Result<Fetched, String> {
        let mut asked = self.agent.get(&self.url);
        if let Some(etag) = &self.held.etag {
            asked = asked.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(modified) = &self.held.modified {
            asked = asked.header(header::IF_MODIFIED_SINCE, modified);
        }
        let mut answer = asked.call().map_err(reason)?;
        match answer.status().as_u16() {
            304 => return Ok(Fetched::Unchanged),
            200 => {}
            other => return Err(format!("it answers with HTTP status {other}")),
        }
        let validators = Validators::of(answer.headers());
        let bytes = answer.body_mut().with_config().limit(MAX_FEED_BYTES as u64).read_to_vec().map_err(reason)?;
        Ok(Fetched::Body(bytes, validators))
    }

    /// Keeps by what the feed that was used is known again.
    pub fn keep(&mut self, validators: Validators) {
        self.held = validators;
    }
}

impl Validators {
    fn of(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Self { etag: text(header::ETAG), modified: text(header::LAST_MODIFIED) }
    }
}

/// The texts of the client may hold the address and with it a key.
fn reason(error: ureq::Error) -> String {
    match error {
        ureq::Error::StatusCode(status) => format!("it answers with HTTP status {status}"),
        ureq::Error::Timeout(_) => format!("it does not answer within {} s", PATIENCE.as_secs()),
        ureq::Error::HostNotFound => "its host is not known".to_owned(),
        ureq::Error::Io(cause) => format!("it does not answer: {}", cause.kind()),
        ureq::Error::ConnectionFailed => "it does not answer".to_owned(),
        ureq::Error::BodyExceedsLimit(_) => format!("it has more than {MAX_FEED_BYTES} bytes"),
        ureq::Error::Rustls(cause) => format!("TLS: {cause}"),
        ureq::Error::Tls(cause) => format!("TLS: {cause}"),
        ureq::Error::TooManyRedirects => "it redirects without end".to_owned(),
        _ => "it cannot be read over HTTP".to_owned(),
    }
}
