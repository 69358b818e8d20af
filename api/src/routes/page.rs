//! The web map: files built from `web-map/` and put into the program.

use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use rust_embed::{Embed, EmbeddedFile};

use crate::app::Shared;
use crate::problem::Problem;

#[derive(Embed)]
#[folder = "../web-map/dist"]
#[allow_missing = true]
struct Assets;

/// Nothing from elsewhere: no script, font, tile or picture.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; worker-src 'self' blob:; \
    style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; object-src 'none'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The screens share one page; everything else under `/assets` is a file
/// whose name changes with its contents.
pub fn router() -> Router<Shared> {
    Router::new()
        .route("/", get(index))
        .route("/dispatch", get(index))
        .route("/edit", get(index))
        .route("/help", get(index))
        .route("/accessibility", get(index))
        .route("/assets/{*path}", get(asset))
        .fallback(elsewhere)
}

async fn index() -> Response {
    match Assets::get("index.html") {
        Some(file) => served(file, "index.html", "no-cache"),
        None => not_built(),
    }
}

async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let name = format!("assets/{path}");
    match Assets::get(&name) {
        Some(file) => {
            let brotli = takes_brotli(&headers).then(|| in_brotli(&name, &file)).flatten();
            let mut response = served(file, &name, "public, max-age=31536000, immutable");
            if let Some(bytes) = brotli {
                response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
                response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
                *response.body_mut() = bytes.into();
            }
            response
        }
        None => Problem::not_found(format!("file {name:?} was not found")).into_response(),
    }
}

/// The files of the page in brotli, a seventh smaller than in gzip: each is compressed once, when it
/// is first asked for.
static IN_BROTLI: LazyLock<RwLock<HashMap<String, Bytes>>> = LazyLock::new(RwLock::default);

fn takes_brotli(headers: &HeaderMap) -> bool {
    let codings = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    codings.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim() == "br" && weight.trim() != "q=0"
    })
}

/// `None` for what is compressed already, such as fonts.
fn in_brotli(name: &str, file: &EmbeddedFile) -> Option<Bytes> {
    if ![".js", ".css", ".svg"].iter().any(|ending| name.ends_with(ending)) {
        return None;
    }
    if let Some(known) = IN_BROTLI.read().unwrap_or_else(PoisonError::into_inner).get(name) {
        return Some(known.clone());
    }
    const QUALITY: i32 = 9;
    let settings = brotli::enc::BrotliEncoderParams { quality: QUALITY, ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut file.data.as_ref(), &mut compressed, &settings).ok()?;
    let bytes = Bytes::from(compressed);
    IN_BROTLI.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), bytes.clone());
    Some(bytes)
}

/// Icons and the like at the top; anything else is no page.
async fn elsewhere(uri: Uri) -> Response {
    let name = uri.path().trim_start_matches('/');
    match Assets::get(name).filter(|_| !name.is_empty() && !name.contains('/') && name != "index.html") {
        Some(file) => served(file, name, "no-cache"),
        None => {
            Problem::not_found(format!("{} was not found; the API is described at /docs", uri.path())).into_response()
        }
    }
}

fn served(file: EmbeddedFile, name: &str, cache: &'static str) -> Response {
    let media_type = mime_guess::from_path(name).first_or_octet_stream();
    let media_type =
        HeaderValue::from_str(media_type.as_ref()).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let headers = [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, HeaderValue::from_static(cache))];
    (headers, file.data.into_owned()).into_response()
}

fn not_built() -> Response {
    let page = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Misto</title>\
        <h1>The web map is not built</h1><p>This program was built without it. With Node 20.19 or newer:</p>\
        <pre>make run</pre><p>or <code>npm --prefix web-map ci &amp;&amp; npm --prefix web-map run build</code> and \
        <code>cargo build</code> again. The API works: <a href=\"/docs\">/docs</a>.</p>";
    (StatusCode::SERVICE_UNAVAILABLE, Html(page)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brotli_goes_to_who_takes_it() {
        let takes = |value: &'static str| {
            takes_brotli(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]))
        };
        assert!(takes("gzip, deflate, br") && takes("br;q=0.5"));
        assert!(!takes("gzip") && !takes("br;q=0, gzip") && !takes("brotli"));
    }
}
