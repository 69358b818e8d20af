//! The web map: files built from `web-map/` and put into the program.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, Uri, header};
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

async fn asset(Path(path): Path<String>) -> Response {
    let name = format!("assets/{path}");
    match Assets::get(&name) {
        Some(file) => served(file, &name, "public, max-age=31536000, immutable"),
        None => Problem::not_found(format!("file {name:?} was not found")).into_response(),
    }
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
