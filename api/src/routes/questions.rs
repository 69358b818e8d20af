//! Questions of place: what is nearest, what lies within a distance, what meets another
//! collection. Answered from memory. Distances are metres on the ellipsoid (WGS 84), right
//! to 2 cm, beyond 20 m to 0.1 %.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use geo_types::{Geometry, Point};
use misto_model::{Audience, FeatureId};
use misto_tiles::{Atlas, MeetingsQuery, NearQuery, WithinQuery, parse_wkt};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::collections::visible;
use super::extract::{Params, Segments, bbox, collection_id, position};
use super::filtering::filter;
use super::ogc::link;
use crate::app::Shared;
use crate::auth::Caller;
use crate::problem::{Answer, Problem};
use crate::view::feature;

/// Features when nobody asks for another number.
const DEFAULT_LIMIT: usize = 10;
/// Most features of one answer or page.
const MAX_LIMIT: usize = 1_000;

/// Nearest to what.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct NearestParams {
    /// `lon,lat`, or a point, line or area in well-known text; 1 000 vertices at most.
    to: String,
    /// 1 to 1 000; 10 when absent.
    limit: Option<usize>,
    /// None farther, metres; 100 000 at most and when absent.
    max_distance_m: Option<f64>,
    /// CQL2, 32 KiB at most.
    filter: Option<String>,
    /// `cql2-text` (the default) or `cql2-json`.
    #[serde(rename = "filter-lang")]
    filter_lang: Option<String>,
}

/// The nearest features, nearest first, each with `distance_m`; 0 where it covers the place.
#[utoipa::path(get, path = "/ogc/collections/{id}/nearest", tag = "ogc", params(("id" = String, Path), NearestParams),
    responses((status = 200, description = "GeoJSON FeatureCollection with distance_m beside each feature's properties"),
              (status = 400, body = Problem), (status = 404, body = Problem)))]
pub async fn nearest(
    State(app): State<Shared>,
    caller: Caller,
    Segments(id): Segments<String>,
    Params(params): Params<NearestParams>,
) -> Answer<Response> {
    let collection = visible(&app, &id, &caller)?;
    let query = NearQuery {
        to: geometry("to", &params.to)?,
        filter: filter(params.filter.as_deref(), params.filter_lang.as_deref(), None)?,
        max_distance_m: params.max_distance_m.unwrap_or(Atlas::MAX_DISTANCE_M),
        limit: limit(params.limit)?,
    };
    let audience = caller.audience();
    let found = aside(&app, audience, move |atlas| atlas.nearest_to(&collection.id, &query, audience)).await?;
    let features = found.iter().map(|(metres, feature)| with_member(feature, "distance_m", &rounded(*metres)));
    Ok(answer(features.collect(), None, Vec::new()))
}

/// Within how far of what.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct WithinParams {
    /// `lon,lat`, or a point, line or area in well-known text; 1 000 vertices at most.
    of: String,
    /// Metres, 0 to 100 000; 0 for those that meet it.
    distance_m: f64,
    /// Features of one page, 1 to 1 000; 10 when absent.
    limit: Option<usize>,
    /// Continues after a page; taken from its `next` link.
    after: Option<i64>,
    /// CQL2, 32 KiB at most.
    filter: Option<String>,
    /// `cql2-text` (the default) or `cql2-json`.
    #[serde(rename = "filter-lang")]
    filter_lang: Option<String>,
}

/// The features within a distance of a geometry, by id, each with `distance_m`.
#[utoipa::path(get, path = "/ogc/collections/{id}/within", tag = "ogc", params(("id" = String, Path), WithinParams),
    responses((status = 200, description = "GeoJSON FeatureCollection with distance_m beside each feature's properties"),
              (status = 400, body = Problem), (status = 404, body = Problem)))]
pub async fn within(
    State(app): State<Shared>,
    caller: Caller,
    Segments(id): Segments<String>,
    Params(params): Params<WithinParams>,
) -> Answer<Response> {
    let collection = visible(&app, &id, &caller)?;
    let query = WithinQuery {
        of: geometry("of", &params.of)?,
        distance_m: params.distance_m,
        filter: filter(params.filter.as_deref(), params.filter_lang.as_deref(), None)?,
        after: params.after.map(FeatureId),
        limit: limit(params.limit)?,
    };
    let audience = caller.audience();
    let path = format!("/ogc/collections/{id}/within");
    let reached = aside(&app, audience, move |atlas| atlas.within(&collection.id, &query, audience)).await?;
    let next = reached.next.map(|next| {
        let sent = [("of", Some(params.of.clone())), ("distance_m", Some(params.distance_m.to_string()))];
        next_link(&path, sent.into(), params.limit, params.filter.as_deref(), params.filter_lang.as_deref(), next)
    });
    let features =
        reached.features.iter().map(|(metres, feature)| with_member(feature, "distance_m", &rounded(*metres)));
    Ok(answer(features.collect(), Some(reached.matched), next.into_iter().collect()))
}

/// Meeting what.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct IntersectingParams {
    /// The other collection; the same one asks which of its features meet each other.
    collection: String,
    /// Within so many metres, 0 to 100 000; those that intersect when absent or 0.
    buffer_m: Option<f64>,
    /// Only features that intersect west,south,east,north.
    bbox: Option<String>,
    /// Features of one page, 1 to 1 000; 10 when absent.
    limit: Option<usize>,
    /// Continues after a page; taken from its `next` link.
    after: Option<i64>,
    /// CQL2, 32 KiB at most.
    filter: Option<String>,
    /// `cql2-text` (the default) or `cql2-json`.
    #[serde(rename = "filter-lang")]
    filter_lang: Option<String>,
}

/// The features that meet one of another collection, by id, each with the ids of those
/// it meets (`meets`, the first 100).
#[utoipa::path(get, path = "/ogc/collections/{id}/intersecting", tag = "ogc",
    params(("id" = String, Path), IntersectingParams),
    responses((status = 200, description = "GeoJSON FeatureCollection with meets beside each feature's properties"),
              (status = 400, body = Problem), (status = 404, body = Problem)))]
pub async fn intersecting(
    State(app): State<Shared>,
    caller: Caller,
    Segments(id): Segments<String>,
    Params(params): Params<IntersectingParams>,
) -> Answer<Response> {
    let collection = visible(&app, &id, &caller)?;
    let query = MeetingsQuery {
        other: visible(&app, collection_id(&params.collection)?.as_str(), &caller)?.id.clone(),
        buffer_m: params.buffer_m.unwrap_or(0.0),
        bbox: bbox(params.bbox.as_deref())?,
        filter: filter(params.filter.as_deref(), params.filter_lang.as_deref(), None)?,
        after: params.after.map(FeatureId),
        limit: limit(params.limit)?,
    };
    let audience = caller.audience();
    let path = format!("/ogc/collections/{id}/intersecting");
    let page = aside(&app, audience, move |atlas| atlas.meetings(&collection.id, &query, audience)).await?;
    let next = page.next.map(|next| {
        let sent = vec![
            ("collection", Some(params.collection.clone())),
            ("buffer_m", params.buffer_m.map(|metres| metres.to_string())),
            ("bbox", params.bbox.clone()),
        ];
        next_link(&path, sent, params.limit, params.filter.as_deref(), params.filter_lang.as_deref(), next)
    });
    let features = page.meetings.iter().map(|meeting| with_member(&meeting.feature, "meets", &json!(meeting.meets)));
    Ok(answer(features.collect(), None, next.into_iter().collect()))
}

/// Some milliseconds to seconds of computing, where it cannot hold up other requests.
async fn aside<T: Send + 'static>(
    app: &Shared,
    audience: Audience,
    ask: impl FnOnce(&Atlas) -> misto_model::Result<T> + Send + 'static,
) -> Answer<T> {
    let _turn = app.costly.turn(audience).await?;
    let asked = app.clone();
    let found = tokio::task::spawn_blocking(move || ask(&asked.atlas)).await;
    Ok(found.map_err(|cause| {
        tracing::error!(%cause, "a question of place could not be answered");
        Problem::internal()
    })??)
}

fn geometry(field: &str, text: &str) -> Answer<Geometry<f64>> {
    let numbers: Option<Vec<f64>> = text.split(',').map(|number| number.trim().parse().ok()).collect();
    match numbers.as_deref() {
        Some([lon, lat]) => {
            let at = position(*lon, *lat, field)?;
            Ok(Point::new(at.lon.degrees(), at.lat.degrees()).into())
        }
        Some(_) => Err(Problem::invalid(field, "expected lon,lat or well-known text")),
        None => Ok(parse_wkt(field, text)?),
    }
}

fn limit(asked: Option<usize>) -> Answer<usize> {
    match asked {
        None => Ok(DEFAULT_LIMIT),
        Some(0) => Err(Problem::invalid("limit", "expected a whole number from 1")),
        Some(limit) => Ok(limit.min(MAX_LIMIT)),
    }
}

/// To the millimetre.
fn rounded(metres: f64) -> Value {
    json!((metres * 1000.0).round() / 1000.0)
}

/// The feature as GeoJSON with one more member (RFC 7946, 6.1).
fn with_member(found: &misto_model::Feature, name: &str, value: &Value) -> Vec<u8> {
    let mut body = Vec::new();
    feature::write(&mut body, found);
    body.pop();
    body.extend_from_slice(format!(",\"{name}\":{value}}}").as_bytes());
    body
}

fn next_link(
    path: &str,
    mut sent: Vec<(&str, Option<String>)>,
    limit: Option<usize>,
    filter: Option<&str>,
    lang: Option<&str>,
    next: FeatureId,
) -> Value {
    sent.push(("limit", limit.map(|limit| limit.to_string())));
    sent.push(("filter", filter.map(str::to_owned)));
    sent.push(("filter-lang", lang.map(str::to_owned)));
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let given = sent.iter().filter_map(|(name, value)| Some(format!("{name}={}&", encode(value.as_deref()?))));
    link("next", format!("{path}?{}after={next}", given.collect::<String>()), "application/geo+json", "Next page")
}

fn answer(features: Vec<Vec<u8>>, matched: Option<u64>, links: Vec<Value>) -> Response {
    let mut tail = json!({"numberReturned": features.len(), "links": links});
    if let Some(matched) = matched {
        tail["numberMatched"] = json!(matched);
    }
    let mut body = b"{\"type\":\"FeatureCollection\",\"features\":[".to_vec();
    body.extend_from_slice(&features.join(&b','));
    body.extend_from_slice(b"],");
    body.extend_from_slice(&tail.to_string().as_bytes()[1..]);
    ([(header::CONTENT_TYPE, "application/geo+json")], body).into_response()
}
