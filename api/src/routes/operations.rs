//! For operators: is it alive, is it ready, what does it count.

use std::fmt::Write;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::app::Shared;

/// Whether the process answers at all.
#[utoipa::path(get, path = "/healthz", tag = "operations", responses((status = 200, description = "ok")))]
pub async fn healthz() -> &'static str {
    "ok"
}

/// Whether the server can do its work.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Readiness {
    ready: bool,
    /// Why not, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<String>,
}

/// 200 when the store is open, the layers are loaded and MQTT is subscribed.
#[utoipa::path(get, path = "/readyz", tag = "operations",
    responses((status = 200, body = Readiness), (status = 503, body = Readiness)))]
pub async fn readyz(State(app): State<Shared>) -> (StatusCode, Json<Readiness>) {
    let reasons = app.not_ready();
    let status = if reasons.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready: reasons.is_empty(), reasons }))
}

/// Counters in the OpenMetrics text format. No label holds an id.
#[utoipa::path(get, path = "/metrics", tag = "operations", responses((status = 200, description = "OpenMetrics text")))]
pub async fn metrics(State(app): State<Shared>) -> Response {
    let mut text = String::new();
    if let Err(cause) = prometheus_client::encoding::text::encode(&mut text, &app.registry) {
        tracing::error!(%cause, "metrics cannot be written");
    }
    let end = "# EOF\n";
    text.truncate(text.len() - if text.ends_with(end) { end.len() } else { 0 });
    state_gauges(&app, &mut text);
    text.push_str(end);
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, content_type)], text).into_response()
}

/// What is read off the state rather than counted.
fn state_gauges(app: &Shared, text: &mut String) {
    let statistics = app.atlas.statistics();
    let features: u64 = statistics.collections.iter().map(|collection| collection.features).sum();
    let known = super::vehicles::read(app).len();
    let ready = u8::from(app.not_ready().is_empty());
    let gauges = [
        ("misto_ready", "Whether the server can do its work", f64::from(ready)),
        ("misto_vehicles_known", "Vehicles ever known", known as f64),
        ("misto_features", "Features in memory", features as f64),
        ("misto_tiles_cached", "Tiles in the cache", statistics.cached_tiles as f64),
        ("misto_tiles_cached_bytes", "Memory of the tiles in the cache", statistics.cached_bytes as f64),
    ];
    let shares = [
        ("misto_broker_links", "Connections to the broker that this process holds", app.links.load().len() as f64),
        ("misto_live_events_waiting", "Live events that the slowest reader has not read", app.hub.waiting() as f64),
        (
            "misto_live_events_coalesced",
            "Live events left out because a newer one stood for them",
            app.hub.coalesced() as f64,
        ),
    ];
    let backlog = app.backlog.as_ref().map(|backlog| {
        ("misto_broker_backlog_bytes", "Bytes at the embedded broker that are not yet written", backlog.bytes() as f64)
    });
    for (name, help, value) in gauges.into_iter().chain(shares).chain(backlog) {
        let _to_a_string_never_fails = write!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n");
    }
    let name = "misto_newest_fix_age_seconds";
    text.push_str(&format!("# HELP {name} Age of the newest fix of a source\n# TYPE {name} gauge\n"));
    for (source, age_s) in app.metrics.newest_fix.ages(app.now()) {
        // The name of a source is small letters, digits, _ and -: nothing to escape.
        text.push_str(&format!("{name}{{source=\"{source}\"}} {age_s}\n"));
    }
}
