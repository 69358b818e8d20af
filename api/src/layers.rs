//! What lies around every route: security headers, request log and counters,
//! compression, time limits, and no panic text to the outside.

use std::any::Any;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

use crate::app::Shared;
use crate::metrics::RequestLabel;
use crate::problem::Problem;
use crate::routes::page::CONTENT_SECURITY_POLICY;

/// Puts the layers around a router.
pub fn around(router: Router<Shared>, app: &Shared) -> Router<Shared> {
    // Tiles come compressed; an event stream must not wait for a full block.
    let worth_it = SizeAbove::new(1_024)
        .and(NotForContentType::const_new("application/vnd.mapbox-vector-tile"))
        // These are read in ranges of the file as it is.
        .and(NotForContentType::const_new("application/vnd.flatgeobuf"))
        .and(NotForContentType::const_new("application/geopackage+sqlite3"))
        .and(NotForContentType::SSE)
        .and(NotForContentType::IMAGES);
    router
        .layer(CompressionLayer::new().compress_when(worth_it))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(problems))
        .layer(from_fn(security_headers))
        .layer(from_fn_with_state(app.clone(), observe))
}

fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no text");
    tracing::error!(panic = text, "a request panicked");
    Problem::internal().into_response()
}

/// Refusals of the framework get the common shape.
async fn problems(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let plain =
        response.headers().get(header::CONTENT_TYPE).is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    match response.status() {
        StatusCode::METHOD_NOT_ALLOWED => {
            let allowed = response.headers().get(header::ALLOW).cloned();
            let problem = Problem::with_status(StatusCode::METHOD_NOT_ALLOWED, "this route does not know that method");
            let mut response = problem.into_response();
            if let Some(allowed) = allowed {
                response.headers_mut().insert(header::ALLOW, allowed);
            }
            response
        }
        StatusCode::PAYLOAD_TOO_LARGE if plain => {
            Problem::too_large("the body is larger than this server takes (http.max_body_bytes)").into_response()
        }
        _ => response,
    }
}

async fn security_headers(request: Request, next: Next) -> Response {
    let signed_in =
        request.headers().contains_key(header::COOKIE) || request.headers().contains_key(header::AUTHORIZATION);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed: [(HeaderName, &'static str); 4] = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    // What depends on who asks is kept by nobody.
    if signed_in && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    }
    response
}

/// Counts and logs a request by its route pattern: paths, queries and bodies may
/// tell where somebody is or what somebody's body can do.
async fn observe(State(app): State<Shared>, matched: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let route = matched.map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let method: Method = request.method().clone();
    let begun = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    app.metrics.requests.get_or_create(&RequestLabel { route: route.clone(), status }).inc();
    let took: Duration = begun.elapsed();
    tracing::debug!(%method, route, status, took_ms = took.as_secs_f64() * 1e3, "answered");
    response
}
