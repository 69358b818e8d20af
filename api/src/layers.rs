//! What lies around every route: security headers, request log and counters,
//! compression, time limits, and no panic text to the outside.

use std::any::Any;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::task::{Context, Poll};
use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use futures::future::BoxFuture;
use tower::{Layer, Service};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

use crate::app::Shared;
use crate::cors;
use crate::metrics::{RequestLabel, RoutePattern};
use crate::problem::Problem;
use crate::routes::page::CONTENT_SECURITY_POLICY;

/// What compresses answers that do not come compressed, as tiles do.
pub fn compression() -> CompressionLayer<impl Predicate> {
    let worth_it = SizeAbove::new(1_024)
        // These are read in ranges of the file as it is.
        .and(NotForContentType::const_new("application/vnd.flatgeobuf"))
        .and(NotForContentType::const_new("application/geopackage+sqlite3"))
        // Compressed already, and read in ranges too.
        .and(NotForContentType::const_new("application/zip"))
        // An event stream must not wait for a full block.
        .and(NotForContentType::SSE)
        .and(NotForContentType::IMAGES);
    CompressionLayer::new().compress_when(worth_it)
}

/// Puts the layers around a router.
pub fn around(router: Router<Shared>, app: &Shared) -> Router<Shared> {
    router.layer(Around { app: app.clone() })
}

/// All of it in one step: a warm tile takes less time than four steps around it.
#[derive(Clone)]
struct Around {
    app: Shared,
}

impl<S> Layer<S> for Around {
    type Service = Surrounded<S>;
    fn layer(&self, inner: S) -> Surrounded<S> {
        Surrounded { inner, app: self.app.clone() }
    }
}

#[derive(Clone)]
struct Surrounded<S> {
    inner: S,
    app: Shared,
}

impl<S> Service<Request> for Surrounded<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let asked = Asked::of(&request);
        let app = self.app.clone();
        if let Some(answer) = cors::preflight(request.method(), request.uri().path(), request.headers()) {
            return Box::pin(async move { Ok(asked.answered(answer, &app)) });
        }
        let answer = self.inner.call(request);
        Box::pin(async move {
            let response = match AssertUnwindSafe(answer).catch_unwind().await {
                Ok(Ok(response)) => problem_of(response),
                Err(panic) => panicked(panic),
            };
            Ok(asked.answered(response, &app))
        })
    }
}

/// What is remembered of a request: paths, queries and bodies may tell where somebody
/// is or what somebody's body can do, so only its route pattern.
struct Asked {
    route: RoutePattern,
    method: Method,
    signed_in: bool,
    /// Whether pages of other origins may read the answer.
    open: bool,
    begun: Instant,
}

impl Asked {
    fn of(request: &Request) -> Self {
        let headers = request.headers();
        let signed_in = headers.contains_key(header::COOKIE) || headers.contains_key(header::AUTHORIZATION);
        Self {
            route: RoutePattern::of(request.extensions().get::<MatchedPath>()),
            method: request.method().clone(),
            signed_in,
            open: !signed_in && cors::is_open(request.method(), request.uri().path()),
            begun: Instant::now(),
        }
    }

    /// The answer with the headers that every one has, counted and logged.
    fn answered(self, mut response: Response, app: &Shared) -> Response {
        let headers = response.headers_mut();
        headers.reserve(FIXED.len());
        for (name, value) in FIXED {
            headers.entry(name).or_insert(value);
        }
        if self.open {
            cors::open(headers);
        }
        // What depends on who asks is kept by nobody.
        if self.signed_in && !headers.contains_key(header::CACHE_CONTROL) {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        }
        let status = response.status().as_u16();
        let took_ms = self.begun.elapsed().as_secs_f64() * 1e3;
        tracing::debug!(method = %self.method, route = self.route.as_str(), status, took_ms, "answered");
        app.metrics.requests.get_or_create(&RequestLabel { route: self.route, status }).inc();
        response
    }
}

const FIXED: [(HeaderName, HeaderValue); 4] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY)),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
];

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
fn problem_of(response: Response) -> Response {
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
        StatusCode::PAYLOAD_TOO_LARGE if is_plain(&response) => {
            Problem::too_large("the body is larger than this server takes (http.max_body_bytes)").into_response()
        }
        _ => response,
    }
}

fn is_plain(response: &Response) -> bool {
    response.headers().get(header::CONTENT_TYPE).is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"))
}
