//! Saving features: every change of something that stands carries If-Match, so
//! that nobody's work is lost (RFC 9110, 13.1.1; OGC 20-002).

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use misto_ingest::crs::Crs;
use misto_model::{Actor, CollectionId, Edit, Error, Feature, FeatureId, Role, Version};
use misto_store::Context;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::collections::visible;
use super::extract::{Body, Segments};
use super::items::feature_id;
use super::origin::Origin;
use super::page_of_features::single;
use super::placing;
use super::prefer::{Preferred, Return, preferred};
use super::saved::{self, FeatureBody};
use crate::app::{App, Shared};
use crate::auth::{Caller, Planner};
use crate::problem::{Answer, Problem};
use crate::view::feature;

/// Methods for everybody, and those for who may edit: clients offer editing where they are announced.
const READ: &str = "GET, HEAD, OPTIONS";
const EDIT_ALL: &str = "GET, HEAD, OPTIONS, POST";
const EDIT_ONE: &str = "GET, HEAD, OPTIONS, PUT, PATCH, DELETE";
/// Forms in which a body is taken (RFC 9110, 12.5.1; RFC 5789, 3.1).
const ACCEPT_POST: &str = "application/geo+json, application/json";
const ACCEPT_PATCH: &str = "application/merge-patch+json";

/// Who changes it and why (`Misto-Reason`, percent-encoded UTF-8).
fn context(name: String, headers: &HeaderMap) -> Answer<Context> {
    let reason = match headers.get("misto-reason") {
        None => None,
        Some(value) => {
            let wrong = || Problem::invalid("Misto-Reason", "expected percent-encoded UTF-8, at most 1 000 characters");
            let text = value.to_str().map_err(|_| wrong())?;
            let text = percent_decode_str(text).decode_utf8().map_err(|_| wrong())?;
            if text.chars().count() > 1_000 {
                return Err(wrong());
            }
            (!text.trim().is_empty()).then(|| text.trim().to_owned())
        }
    };
    Ok(Context { actor: Actor(name), reason })
}

/// The version in If-Match; 428 without one.
pub(super) fn expected(headers: &HeaderMap) -> Answer<Version> {
    let value = headers.get(header::IF_MATCH).ok_or_else(Problem::precondition_required)?;
    let text = value.to_str().unwrap_or("").trim();
    let number = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).and_then(|n| n.parse().ok());
    number.map(Version).ok_or_else(|| {
        Problem::invalid("If-Match", "expected one strong ETag as this server gave it, for example \"3\"")
    })
}

async fn save(app: &App, collection: &CollectionId, edits: Vec<Edit>, context: &Context) -> Answer<Vec<Feature>> {
    let saved = app.store.features.apply(collection, edits, context).await?;
    followed(app).await?;
    Ok(saved)
}

/// Returns when what was saved is on the map; a slow index does not hold up the answer.
///
/// # Errors
/// When the store cannot be read.
pub async fn followed(app: &App) -> Answer<()> {
    let upto = app.store.features.newest_change().await?;
    let mut followed = app.followed.subscribe();
    let caught_up = followed.wait_for(|sequence| *sequence >= upto);
    if tokio::time::timeout(Duration::from_secs(2), caught_up).await.is_err() {
        tracing::warn!(upto, "the index follows the change feed slowly");
    }
    Ok(())
}

async fn save_one(app: &App, collection: &CollectionId, edit: Edit, context: &Context) -> Answer<Feature> {
    save(app, collection, vec![edit], context).await?.into_iter().next().ok_or_else(Problem::internal)
}

/// The answer to a save of one feature that stood: whole, or its ETag alone.
fn stands(origin: &Origin, id: &CollectionId, saved: &Feature, crs: &Crs, prefer: Preferred) -> Answer<Response> {
    let mut response = single(origin, id, saved, crs)?;
    if prefer.answer == Return::Minimal {
        let tag = response.headers_mut().remove(header::ETAG);
        response = StatusCode::NO_CONTENT.into_response();
        response.headers_mut().extend(tag.map(|tag| (header::ETAG, tag)));
    }
    Ok(prefer.applied(response))
}

/// A new feature, or a FeatureCollection of new ones: all of them or none.
#[utoipa::path(post, path = "/ogc/collections/{id}/items", tag = "ogc", params(("id" = String, Path),
        ("Content-Crs" = Option<String>, Header, description = "system of the body's coordinates; CRS84 when absent"),
        ("Prefer" = Option<String>, Header, description = "return=representation (usual) or return=minimal")),
    request_body(content = FeatureBody, content_type = "application/geo+json"),
    responses((status = 201, description = "The feature, its address and ETag; of several a FeatureCollection"),
              (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
              (status = 413, body = Problem), (status = 415, body = Problem)))]
pub async fn create(
    State(app): State<Shared>,
    planner: Planner,
    origin: Origin,
    Segments(id): Segments<String>,
    headers: HeaderMap,
    Body(body): Body<Value>,
) -> Answer<Response> {
    let collection = visible(&app, &id, &planner.caller)?;
    let context = context(planner.name, &headers)?;
    let (crs, prefer) = (placing::sent(&headers)?, preferred(&headers));
    let several = body["type"] == "FeatureCollection";
    let edits = saved::created(body, &crs, &collection)?;
    let saved = save(&app, &collection.id, edits, &context).await?;
    if several {
        return Ok(prefer.applied(all(&saved, &crs, prefer)?));
    }
    let one = saved.first().ok_or_else(Problem::internal)?;
    let address = format!("/ogc/collections/{id}/items/{}", one.id);
    let address = HeaderValue::from_str(&address).map_err(|_| Problem::internal())?;
    let mut response = stands(&origin, &collection.id, one, &crs, prefer)?;
    *response.status_mut() = StatusCode::CREATED;
    response.headers_mut().insert(header::LOCATION, address);
    Ok(response)
}

/// Several new features as they stand now, in the order in which they were sent.
fn all(saved: &[Feature], crs: &Crs, prefer: Preferred) -> Answer<Response> {
    if prefer.answer == Return::Minimal {
        return Ok(StatusCode::CREATED.into_response());
    }
    let mut body = b"{\"type\":\"FeatureCollection\",\"features\":[".to_vec();
    for (number, one) in saved.iter().enumerate() {
        if number > 0 {
            body.push(b',');
        }
        feature::write_in(&mut body, one, crs, None).map_err(|nowhere| Problem::invalid("Content-Crs", nowhere))?;
    }
    let tail = json!({"numberReturned": saved.len()}).to_string();
    body.extend_from_slice(b"],");
    body.extend_from_slice(&tail.as_bytes()[1..]);
    let kind = HeaderValue::from_static("application/geo+json");
    let headers = [(header::CONTENT_TYPE, kind), (placing::CONTENT_CRS, placing::header_value(crs))];
    Ok((StatusCode::CREATED, headers, body).into_response())
}

/// A new state for a feature that stands.
#[utoipa::path(put, path = "/ogc/collections/{id}/items/{feature}", tag = "ogc",
    params(("id" = String, Path), ("feature" = i64, Path), ("If-Match" = String, Header),
        ("Content-Crs" = Option<String>, Header, description = "system of the body's coordinates; CRS84 when absent"),
        ("Prefer" = Option<String>, Header, description = "return=representation (usual) or return=minimal")),
    request_body(content = FeatureBody, content_type = "application/geo+json"),
    responses((status = 200, description = "The feature as saved, with ETag"), (status = 204, description = "Saved"),
              (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
              (status = 404, body = Problem), (status = 412, body = Problem), (status = 428, body = Problem)))]
pub async fn replace(
    State(app): State<Shared>,
    planner: Planner,
    origin: Origin,
    Segments((id, feature)): Segments<(String, String)>,
    headers: HeaderMap,
    Body(body): Body<Value>,
) -> Answer<Response> {
    let collection = visible(&app, &id, &planner.caller)?;
    let feature = feature_id(&id, &feature)?;
    let context = context(planner.name, &headers)?;
    let expected = expected(&headers)?;
    let (crs, prefer) = (placing::sent(&headers)?, preferred(&headers));
    let (geometry, properties) = saved::feature(body, &crs, &collection)?;
    let edit = Edit::Replace { id: feature, expected, geometry, properties };
    let saved = save_one(&app, &collection.id, edit, &context).await?;
    stands(&origin, &collection.id, &saved, &crs, prefer)
}

/// Some members of a feature that stands, as a JSON merge patch (RFC 7396): null makes unknown, what is left out stays.
#[utoipa::path(patch, path = "/ogc/collections/{id}/items/{feature}", tag = "ogc",
    params(("id" = String, Path), ("feature" = i64, Path), ("If-Match" = String, Header),
        ("Content-Crs" = Option<String>, Header, description = "system of the patch's coordinates; CRS84 when absent"),
        ("Prefer" = Option<String>, Header, description = "return=representation (usual) or return=minimal")),
    request_body(content = Object, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The feature as saved, with ETag"), (status = 204, description = "Saved"),
              (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
              (status = 404, body = Problem), (status = 412, body = Problem), (status = 428, body = Problem)))]
pub async fn update(
    State(app): State<Shared>,
    planner: Planner,
    origin: Origin,
    Segments((id, feature)): Segments<(String, String)>,
    headers: HeaderMap,
    Body(patch): Body<Value>,
) -> Answer<Response> {
    let collection = visible(&app, &id, &planner.caller)?;
    let feature = feature_id(&id, &feature)?;
    let context = context(planner.name, &headers)?;
    let expected = expected(&headers)?;
    let (crs, prefer) = (placing::sent(&headers)?, preferred(&headers));
    let found = app.store.features.get(&collection.id, &[feature]).await?;
    let Some(current) = found.first() else { return Err(gone(&app, &collection.id, feature).await?) };
    let (geometry, properties) = saved::patched(current, patch, &crs, &collection)?;
    let edit = Edit::Replace { id: feature, expected, geometry, properties };
    let saved = save_one(&app, &collection.id, edit, &context).await?;
    stands(&origin, &collection.id, &saved, &crs, prefer)
}

/// What does not stand was removed meanwhile, or never was.
async fn gone(app: &App, collection: &CollectionId, id: FeatureId) -> Answer<Problem> {
    let what = format!("feature {id} of collection {:?}", collection.as_str());
    let existed = !app.store.features.history(collection, id).await?.is_empty();
    Ok(if existed { Error::changed(what, None) } else { Error::not_found(what) }.into())
}

/// Removal.
#[utoipa::path(delete, path = "/ogc/collections/{id}/items/{feature}", tag = "ogc",
    params(("id" = String, Path), ("feature" = i64, Path), ("If-Match" = String, Header)),
    responses((status = 204, description = "Removed"), (status = 400, body = Problem), (status = 401, body = Problem),
              (status = 403, body = Problem), (status = 404, body = Problem), (status = 412, body = Problem),
              (status = 428, body = Problem)))]
pub async fn delete(
    State(app): State<Shared>,
    planner: Planner,
    Segments((id, feature)): Segments<(String, String)>,
    headers: HeaderMap,
) -> Answer<StatusCode> {
    let collection = visible(&app, &id, &planner.caller)?;
    let feature = feature_id(&id, &feature)?;
    let context = context(planner.name, &headers)?;
    let edit = Edit::Delete { id: feature, expected: expected(&headers)? };
    save_one(&app, &collection.id, edit, &context).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which methods the caller may use on the features (Allow).
#[utoipa::path(options, path = "/ogc/collections/{id}/items", tag = "ogc", params(("id" = String, Path)),
    responses((status = 200, description = "Methods in Allow"), (status = 404, body = Problem)))]
pub async fn items_options(
    State(app): State<Shared>,
    caller: Caller,
    Segments(id): Segments<String>,
) -> Answer<Response> {
    visible(&app, &id, &caller)?;
    Ok(methods(&caller, EDIT_ALL, (header::HeaderName::from_static("accept-post"), ACCEPT_POST)))
}

/// Which methods the caller may use on the feature (Allow).
#[utoipa::path(options, path = "/ogc/collections/{id}/items/{feature}", tag = "ogc",
    params(("id" = String, Path), ("feature" = i64, Path)),
    responses((status = 200, description = "Methods in Allow"), (status = 404, body = Problem)))]
pub async fn item_options(
    State(app): State<Shared>,
    caller: Caller,
    Segments((id, feature)): Segments<(String, String)>,
) -> Answer<Response> {
    visible(&app, &id, &caller)?;
    feature_id(&id, &feature)?;
    Ok(methods(&caller, EDIT_ONE, (header::HeaderName::from_static("accept-patch"), ACCEPT_PATCH)))
}

fn methods(caller: &Caller, edit: &'static str, taken: (header::HeaderName, &'static str)) -> Response {
    if caller.0.has(Role::Planner) {
        [(header::ALLOW, edit), taken].into_response()
    } else {
        [(header::ALLOW, READ)].into_response()
    }
}
