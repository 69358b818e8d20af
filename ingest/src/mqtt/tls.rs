//! TLS towards a broker (`mqtts://`).

use std::path::Path;
use std::sync::Arc;

use rumqttc::TlsConfiguration;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::config::MqttError;

/// TLS 1.2 or newer; the broker's certificate is checked against `ca_file`, or
/// against the system's authorities.
pub(super) fn client(ca_file: Option<&Path>) -> Result<TlsConfiguration, MqttError> {
    let wrong = |text: String| MqttError::Tls(text);
    let mut roots = RootCertStore::empty();
    match ca_file {
        Some(path) => {
            let name = path.display();
            let certificates =
                CertificateDer::pem_file_iter(path).map_err(|error| wrong(format!("{name}: {error}")))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|error| wrong(format!("{name}: {error}")))?;
                roots.add(certificate).map_err(|error| wrong(format!("{name}: {error}")))?;
            }
        }
        None => {
            // A single certificate that cannot be read does not spoil the others.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        return Err(wrong("no certificate of an authority was found; name one with mqtt.ca_file".to_owned()));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConfiguration::from(config))
}
