//! Saving features: every change of something that stands carries If-Match, so
//! that nobody's work is lost (RFC 9110, 13.1.1; OGC 20-002).

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use geozero::ToGeo;
use misto_city::editing::validate;
use misto_model::{Actor, Collection, CollectionId, Edit, Feature, FeatureId, Geometry, Properties, Version};
use misto_store::Context;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

use super::collections::visible;
use super::extract::{Body, Segments};
use super::items::single;
use crate::app::{App, Shared};
use crate::auth::Planner;
use crate::problem::{Answer, Problem};

/// A GeoJSON Feature as an editor sends it.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct FeatureBody {
    /// `Feature`
    #[serde(rename = "type")]
    kind: String,
    /// GeoJSON geometry, or null when nobody placed it; never absent (RFC 7946, 3.2),
    /// so that nothing is wiped by leaving it out.
    #[schema(value_type = Option<Object>)]
    geometry: Value,
    /// Attributes of the collection's schema, or null; never absent.
    #[schema(value_type = Option<Object>)]
    properties: Value,
}

impl FeatureBody {
    fn parts(self, collection: &Collection) -> Answer<(Option<Geometry>, Properties)> {
        if self.kind != "Feature" {
            return Err(Problem::invalid("type", "expected \"Feature\""));
        }
        let geometry = if self.geometry.is_null() { None } else { Some(geometry(&self.geometry)?) };
        let properties = match self.properties {
            Value::Null => Properties::new(),
            Value::Object(properties) => properties,
            _ => return Err(Problem::invalid("properties", "expected an object or null")),
        };
        validate(collection, geometry.as_ref(), &properties)?;
        Ok((geometry, properties))
    }
}

fn geometry(value: &Value) -> Answer<Geometry> {
    let text = value.to_string();
    geozero::geojson::GeoJson(&text)
        .to_geo()
        .map_err(|wrong| Problem::invalid("geometry", format!("not a GeoJSON geometry: {wrong}")))
}

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
fn expected(headers: &HeaderMap) -> Answer<Version> {
    let value = headers.get(header::IF_MATCH).ok_or_else(Problem::precondition_required)?;
    let text = value.to_str().unwrap_or("").trim();
    let number = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).and_then(|n| n.parse().ok());
    number.map(Version).ok_or_else(|| {
        Problem::invalid("If-Match", "expected one strong ETag as this server gave it, for example \"3\"")
    })
}

async fn save(app: &App, collection: &CollectionId, edit: Edit, context: &Context) -> Answer<Feature> {
    let saved = app.store.features.apply(collection, vec![edit], context).await?;
    let upto = app.store.features.newest_change().await?;
    // What was saved is on the map when the answer arrives; a slow index does not hold up the answer.
    let mut followed = app.followed.subscribe();
    let caught_up = followed.wait_for(|sequence| *sequence >= upto);
    if tokio::time::timeout(Duration::from_secs(2), caught_up).await.is_err() {
        tracing::warn!(upto, "the index follows the change feed slowly");
    }
    saved.into_iter().next().ok_or_else(Problem::internal)
}

/// A new feature.
#[utoipa::path(post, path = "/ogc/collections/{id}/items", tag = "ogc", params(("id" = String, Path)),
    request_body = FeatureBody,
    responses((status = 201, description = "The feature, its address and ETag"), (status = 400, body = Problem),
              (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn create(
    State(app): State<Shared>,
    planner: Planner,
    Segments(id): Segments<String>,
    headers: HeaderMap,
    Body(body): Body<FeatureBody>,
) -> Answer<Response> {
    let collection = visible(&app, &id, &planner.caller)?;
    let context = context(planner.name, &headers)?;
    let (geometry, properties) = body.parts(&collection)?;
    let saved = save(&app, &collection.id, Edit::Create { geometry, properties }, &context).await?;
    let address = format!("/ogc/collections/{id}/items/{}", saved.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, address)], single(&saved)).into_response())
}

/// A new state for a feature that stands.
#[utoipa::path(put, path = "/ogc/collections/{id}/items/{feature}", tag = "ogc",
    params(("id" = String, Path), ("feature" = i64, Path), ("If-Match" = String, Header)),
    request_body = FeatureBody,
    responses((status = 200, description = "The feature as saved, with ETag"), (status = 412, body = Problem),
              (status = 428, body = Problem), (status = 404, body = Problem)))]
pub async fn replace(
    State(app): State<Shared>,
    planner: Planner,
    Segments((id, feature)): Segments<(String, i64)>,
    headers: HeaderMap,
    Body(body): Body<FeatureBody>,
) -> Answer<Response> {
    let collection = visible(&app, &id, &planner.caller)?;
    let context = context(planner.name, &headers)?;
    let expected = expected(&headers)?;
    let (geometry, properties) = body.parts(&collection)?;
    let edit = Edit::Replace { id: FeatureId(feature), expected, geometry, properties };
    Ok(single(&save(&app, &collection.id, edit, &context).await?))
}

/// Removal.
#[utoipa::path(delete, path = "/ogc/collections/{id}/items/{feature}", tag = "ogc",
    params(("id" = String, Path), ("feature" = i64, Path), ("If-Match" = String, Header)),
    responses((status = 204, description = "Removed"), (status = 412, body = Problem), (status = 428, body = Problem)))]
pub async fn delete(
    State(app): State<Shared>,
    planner: Planner,
    Segments((id, feature)): Segments<(String, i64)>,
    headers: HeaderMap,
) -> Answer<StatusCode> {
    let collection = visible(&app, &id, &planner.caller)?;
    let context = context(planner.name, &headers)?;
    let edit = Edit::Delete { id: FeatureId(feature), expected: expected(&headers)? };
    save(&app, &collection.id, edit, &context).await?;
    Ok(StatusCode::NO_CONTENT)
}
