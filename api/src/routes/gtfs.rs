//! The city's timetable and what is known of it now, as others' programs read it:
//! GTFS Schedule and GTFS-Realtime.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;

use super::extract::{NoParams, Params, Segments};
use super::tile_answer::{is_held, negotiated};
use crate::app::Shared;
use crate::problem::{Answer, Problem};
use crate::transit::feeds::{Feed, Feeds, Form, Written};

/// Where a feed is read and in which form: `vehicle-positions`, `trip-updates` or
/// `alerts`, with `.pb` (protobuf) or `.json`.
#[utoipa::path(get, path = "/gtfs-rt/{feed}", tag = "gtfs",
    params(("feed" = String, Path, description = "vehicle-positions, trip-updates or alerts, with .pb or .json"),
        ("If-None-Match" = Option<String>, Header)),
    responses((status = 200, description = "The whole feed (GTFS-Realtime 2.0)"), (status = 304, description = "Unchanged"),
              (status = 404, body = Problem), (status = 503, body = Problem)))]
pub async fn realtime(
    State(app): State<Shared>,
    Segments(name): Segments<String>,
    Params(NoParams {}): Params<NoParams>,
    headers: HeaderMap,
) -> Answer<Response> {
    let unknown = || Problem::not_found("the feeds are vehicle-positions, trip-updates and alerts, with .pb or .json");
    let (name, form) = name.rsplit_once('.').ok_or_else(unknown)?;
    let pick: fn(&Feeds) -> &Feed = match name {
        "vehicle-positions" => |feeds| &feeds.vehicle_positions,
        "trip-updates" => |feeds| &feeds.trip_updates,
        "alerts" => |feeds| &feeds.alerts,
        _ => return Err(unknown()),
    };
    super::transit::loaded(&app)?;
    let shown = app.transit.shown.load_full();
    let shown =
        shown.ok_or_else(|| Problem::unavailable("the feeds are made for the first time; try again in a moment"))?;
    let feed = pick(&shown.feeds);
    let (kind, form) = match form {
        "pb" => ("application/x-protobuf", Form::Protobuf),
        "json" => ("application/json", Form::Json),
        _ => return Err(unknown()),
    };
    let Written { bytes, encoding, etag } = feed.written(form, negotiated(&headers));
    let tag = HeaderValue::from_str(&etag).map_err(|_| Problem::internal())?;
    let mut out = HeaderMap::new();
    out.insert(header::ETAG, tag);
    out.insert(header::LAST_MODIFIED, http_date(feed.made_at_s)?);
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    out.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if is_held(&headers, &etag) || not_since(&headers, feed.made_at_s) {
        return Ok((StatusCode::NOT_MODIFIED, out).into_response());
    }
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Some(name) = encoding.name() {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    Ok((out, bytes).into_response())
}

/// RFC 9110, 5.6.7.
fn http_date(seconds: u64) -> Answer<HeaderValue> {
    let at = i64::try_from(seconds).ok().and_then(|s| Timestamp::from_second(s).ok()).ok_or_else(Problem::internal)?;
    let text = at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    HeaderValue::from_str(&text).map_err(|_| Problem::internal())
}

/// RFC 9110, 13.1.3: counts only without If-None-Match.
fn not_since(headers: &HeaderMap, made_at_s: u64) -> bool {
    if headers.contains_key(header::IF_NONE_MATCH) {
        return false;
    }
    let sent = headers.get(header::IF_MODIFIED_SINCE).and_then(|value| value.to_str().ok());
    let since = sent.and_then(|text| jiff::fmt::rfc2822::parse(text).ok()).map(|at| at.timestamp().as_second());
    since.is_some_and(|since| i64::try_from(made_at_s).is_ok_and(|made| made <= since))
}

/// The timetable as a GTFS Schedule feed.
#[utoipa::path(get, path = "/gtfs/static.zip", tag = "gtfs",
    params(("If-None-Match" = Option<String>, Header)),
    responses((status = 200, description = "GTFS Schedule, zip"), (status = 304, description = "Unchanged"),
              (status = 404, body = Problem)))]
pub async fn schedule(
    State(app): State<Shared>,
    Params(NoParams {}): Params<NoParams>,
    headers: HeaderMap,
) -> Answer<Response> {
    let loaded = super::transit::loaded(&app)?;
    let zip = loaded.zip().await?;
    let mut out = HeaderMap::new();
    out.insert(header::ETAG, HeaderValue::from_str(&zip.etag).map_err(|_| Problem::internal())?);
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if is_held(&headers, &zip.etag) {
        return Ok((StatusCode::NOT_MODIFIED, out).into_response());
    }
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    let name = HeaderName::from_static("content-disposition");
    out.insert(name, HeaderValue::from_static("attachment; filename=\"gtfs.zip\""));
    Ok((out, zip.bytes.clone()).into_response())
}
