//! Where the database is and how the line to it is protected.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use misto_model::{Error, Result};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::PATIENCE;

/// A database's address, understood.
#[derive(Clone)]
pub(super) struct Address {
    /// Without what concerns TLS.
    pub(super) config: Config,
    /// Asked only when the address wants TLS.
    pub(super) tls: MakeRustlsConnect,
}

impl Address {
    /// Reads `postgres://user@host:port/database`, with `sslmode` and `sslrootcert` in
    /// libpq's words (PostgreSQL 15, 34.1.2 and 34.19). Without them the line is plain.
    /// Any TLS is checked: authority and host name, as `verify-full` says, since a
    /// line to somebody else's server protects nothing.
    pub(super) fn parse(url: &str) -> Result<Self> {
        let (rest, protection) = Protection::split(url)?;
        let mut config: Config = rest.parse().map_err(|_| {
            // The address may hold a password: it is not repeated.
            Error::invalid("store.url", "is no address of a database; for example postgres://user@host:5432/city")
        })?;
        config.application_name("misto");
        config.connect_timeout(PATIENCE);
        config.keepalives_idle(Duration::from_secs(30));
        config.options("-c lock_timeout=2000 -c idle_in_transaction_session_timeout=60000 -c timezone=UTC");
        config.ssl_mode(if protection.tls { SslMode::Require } else { SslMode::Disable });
        let tls = MakeRustlsConnect::new(client(&protection)?);
        Ok(Self { config, tls })
    }

    /// Whether a password would cross a network that anybody may read.
    pub(super) fn tells_password(&self) -> bool {
        let is_near = |host: &Host| match host {
            Host::Tcp(name) => {
                name == "localhost" || name.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
            }
            Host::Unix(_) => true,
        };
        self.config.get_ssl_mode() == SslMode::Disable
            && self.config.get_password().is_some()
            && !self.config.get_hosts().iter().all(is_near)
    }
}

/// What an address says of TLS.
#[derive(Debug, Default, PartialEq, Eq)]
struct Protection {
    tls: bool,
    authorities: Option<PathBuf>,
}

impl Protection {
    /// Takes what concerns TLS out of the address.
    fn split(url: &str) -> Result<(String, Self)> {
        let Some((front, query)) = url.split_once('?') else { return Ok((url.to_owned(), Self::default())) };
        let mut protection = Self::default();
        let mut rest = Vec::new();
        for pair in query.split('&') {
            match pair.split_once('=') {
                Some(("sslmode", "disable")) => protection.tls = false,
                Some(("sslmode", "require" | "verify-full")) => protection.tls = true,
                Some(("sslmode", _)) => {
                    let known = "sslmode is disable, require or verify-full; TLS that is not checked is not offered";
                    return Err(Error::invalid("store.url", known));
                }
                Some(("sslrootcert", path)) => {
                    let path = percent_encoding::percent_decode_str(path).decode_utf8();
                    let path =
                        path.map_err(|_| Error::invalid("store.url", "sslrootcert is no percent-encoded UTF-8"))?;
                    protection.authorities = Some(PathBuf::from(path.as_ref()));
                }
                _ => rest.push(pair),
            }
        }
        if protection.authorities.is_some() && !protection.tls {
            return Err(Error::invalid("store.url", "sslrootcert is of use with sslmode=verify-full only"));
        }
        let rest = if rest.is_empty() { front.to_owned() } else { format!("{front}?{}", rest.join("&")) };
        Ok((rest, protection))
    }
}

/// TLS 1.2 or newer, checked against the named authorities or the system's.
fn client(protection: &Protection) -> Result<ClientConfig> {
    let roots = if protection.tls { authorities(protection)? } else { RootCertStore::empty() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|cause| Error::unavailable("TLS cannot be set up", cause))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

fn authorities(protection: &Protection) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    match &protection.authorities {
        Some(path) => {
            let wrong = |cause: &dyn std::fmt::Display| {
                Error::invalid("store.url", format!("sslrootcert: {}: {cause}", path.display()))
            };
            for certificate in CertificateDer::pem_file_iter(path).map_err(|cause| wrong(&cause))? {
                let certificate = certificate.map_err(|cause| wrong(&cause))?;
                roots.add(certificate).map_err(|cause| wrong(&cause))?;
            }
        }
        None => {
            // A single certificate that cannot be read does not spoil the others.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        return Err(Error::invalid(
            "store.url",
            "no certificate of an authority was found; name a file with sslrootcert=",
        ));
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(url: &str) -> String {
        Address::parse(url).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn tls_is_asked_for_in_libpqs_words_and_always_checked() {
        let (rest, protection) = Protection::split(
            "postgres://m@db/city?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem&target_session_attrs=any",
        )
        .unwrap();
        assert_eq!(rest, "postgres://m@db/city?target_session_attrs=any");
        assert_eq!(protection, Protection { tls: true, authorities: Some("/etc/ca.pem".into()) });
        assert!(refusal("postgres://m@db/city?sslmode=prefer").contains("sslmode is disable, require or verify-full"));
        assert!(refusal("postgres://m@db/city?sslmode=require&sslrootcert=/none.pem").contains("/none.pem"));
        assert!(refusal("postgres://m@db/city?sslrootcert=/none.pem").contains("sslmode=verify-full"));
    }

    #[test]
    fn a_refused_address_is_not_repeated() {
        assert!(!refusal("postgres://m:geheim@db:port/city").contains("geheim"));
    }

    #[test]
    fn a_password_on_a_plain_line_to_elsewhere_is_noticed() {
        let tells = |url: &str| Address::parse(url).unwrap().tells_password();
        assert!(tells("postgres://m:secret@db.example/city"));
        assert!(!tells("postgres://m:secret@127.0.0.1/city"));
        assert!(!tells("postgres://m@db.example/city"));
    }
}
