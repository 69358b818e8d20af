//! Under which address the caller reaches this server: links of OGC API are
//! absolute, since clients resolve them without the document's own address.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, header};

use crate::app::Shared;

/// Scheme and host, without a slash at the end; empty when the caller named none,
/// so that links are relative then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// A path of this server as the caller reaches it.
    pub fn href(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    fn of(public_url: Option<&str>, headers: &HeaderMap, authority: Option<&Authority>) -> Self {
        if let Some(url) = public_url {
            return Self(url.trim_end_matches('/').to_owned());
        }
        let named = headers.get(header::HOST).and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
        let Some(host) = named.as_ref().or(authority) else { return Self(String::new()) };
        // A proxy that ends TLS says so; the answer goes to nobody but who sent the header.
        let tls = headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https");
        Self(format!("{}://{host}", if tls { "https" } else { "http" }))
    }
}

impl FromRequestParts<Shared> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Infallible> {
        let public_url = app.settings.http.public_url.as_deref();
        Ok(Self::of(public_url, &parts.headers, parts.uri.authority()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(headers: &[(&'static str, &'static str)], public_url: Option<&str>) -> String {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        Origin::of(public_url, &headers, None).href("/ogc")
    }

    #[test]
    fn links_lead_where_the_caller_came_from() {
        assert_eq!(origin(&[("host", "localhost:8080")], None), "http://localhost:8080/ogc");
        assert_eq!(origin(&[("host", "map.city"), ("x-forwarded-proto", "https")], None), "https://map.city/ogc");
        assert_eq!(origin(&[("host", "10.0.0.1")], Some("https://map.city/")), "https://map.city/ogc");
        assert_eq!(origin(&[("host", "a b<script>")], None), "/ogc");
        assert_eq!(origin(&[], None), "/ogc");
    }
}
