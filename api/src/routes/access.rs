//! Venues and what they are for one person. Neither query nor body of these
//! routes is logged or counted: a profile says what somebody's body can do.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use misto_city::access::{RULES_JSON, implausible, judge, norms};
use misto_model::{AccessProfile, Audience, Bbox, Feature, FeatureId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::extract::{Body, NoParams, Params, Segments, bbox};
use super::person::{Asked, listed, profile};
use crate::access::{ReadVenue, venues_id};
use crate::app::{App, Shared};
use crate::auth::Caller;
use crate::opening::Openings;
use crate::problem::{Answer, Problem};
use crate::view::feature::geojson;

/// Attribute of a venue: its hours in the words of OpenStreetMap.
const OPENING_HOURS: &str = "opening_hours";

/// A person's needs, as a query.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct VenueParams {
    /// West, south, east, north.
    bbox: Option<String>,
    /// Width of the chair, centimetres.
    chair_width_cm: Option<f64>,
    /// Room for the hands on both sides of the chair together, centimetres.
    clearance_cm: Option<f64>,
    /// Steepest slope the person can climb, percent.
    max_slope_percent: Option<f64>,
    /// Highest rise of a ramp without a rest, centimetres.
    max_climb_cm: Option<f64>,
    /// `none`, `one` or `any`.
    steps: Option<String>,
    /// Comma-separated: help, audio, visual, tactile, toilet, parking, surface.
    needs: Option<String>,
}

/// A person's needs, as a body.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VenueRequest {
    /// West, south, east, north.
    #[schema(value_type = Option<Vec<f64>>)]
    bbox: Option<[f64; 4]>,
    /// Width of the chair, centimetres.
    chair_width_cm: Option<f64>,
    /// Room for the hands on both sides of the chair together, centimetres.
    clearance_cm: Option<f64>,
    /// Steepest slope the person can climb, percent.
    max_slope_percent: Option<f64>,
    /// Highest rise of a ramp without a rest, centimetres.
    max_climb_cm: Option<f64>,
    /// `none`, `one` or `any`.
    steps: Option<String>,
    /// help, audio, visual, tactile, toilet, parking, surface.
    #[serde(default)]
    needs: Vec<String>,
}

/// Venues with a verdict for this person, from a query.
#[utoipa::path(get, path = "/access/venues", tag = "access", params(VenueParams),
    responses((status = 200, description = "GeoJSON; properties carry `verdict` and `reasons`; `openings` tells for each text of `opening_hours` when it is open in the next seven days"),
              (status = 400, body = Problem)))]
pub async fn venues(
    State(app): State<Shared>,
    caller: Caller,
    Params(params): Params<VenueParams>,
) -> Answer<Json<Value>> {
    let within = bbox(params.bbox.as_deref())?;
    let person = profile(&Asked {
        chair_width_cm: params.chair_width_cm,
        clearance_cm: params.clearance_cm,
        max_slope_percent: params.max_slope_percent,
        max_climb_cm: params.max_climb_cm,
        steps: params.steps.as_deref(),
        needs: listed(params.needs.as_deref()),
    })?;
    judged(&app, within, &person, caller.audience())
}

/// Venues with a verdict for this person, from a body: no proxy logs it.
#[utoipa::path(post, path = "/access/venues", tag = "access", request_body = VenueRequest,
    responses((status = 200, description = "GeoJSON; properties carry `verdict` and `reasons`; `openings` tells for each text of `opening_hours` when it is open in the next seven days"),
              (status = 400, body = Problem)))]
pub async fn venues_for_profile(State(app): State<Shared>, Body(request): Body<VenueRequest>) -> Answer<Json<Value>> {
    let within =
        request.bbox.map(|four| Bbox::try_from(four).map_err(|wrong| Problem::invalid("bbox", wrong))).transpose()?;
    let person = profile(&Asked {
        chair_width_cm: request.chair_width_cm,
        clearance_cm: request.clearance_cm,
        max_slope_percent: request.max_slope_percent,
        max_climb_cm: request.max_climb_cm,
        steps: request.steps.as_deref(),
        needs: request.needs.iter().map(String::as_str).collect(),
    })?;
    judged(&app, within, &person, Audience::Public)
}

fn judged(app: &App, within: Option<Bbox>, person: &AccessProfile, audience: Audience) -> Answer<Json<Value>> {
    app.loaded_with(&[venues_id()], audience)?;
    let features = app.atlas.each(&venues_id(), within, audience)?;
    let read = read(app, &features, audience);
    let judged: Vec<Value> =
        features.iter().zip(&read).map(|(feature, read)| judged_feature(feature, read, person)).collect();
    let openings = openings(app, &features);
    Ok(Json(json!({"type": "FeatureCollection", "openings": openings, "features": judged})))
}

/// What the texts of these features mean in the days ahead, once for each text.
fn openings(app: &App, features: &[Arc<Feature>]) -> Openings {
    let texts = features.iter().filter_map(|feature| feature.properties.get(OPENING_HOURS)?.as_str());
    app.opening.ahead(texts, app.now().timestamp())
}

/// The venues with what stands in the way of them at present.
fn read(app: &App, features: &[Arc<Feature>], audience: Audience) -> Vec<ReadVenue> {
    let read = app.venues.read(&app.atlas, features, audience);
    app.reports.worsened(features, read, app.now(), app.settings.reports.temporary_days)
}

fn judged_feature(feature: &Arc<Feature>, read: &ReadVenue, person: &AccessProfile) -> Value {
    let mut value = whole(feature, read);
    if let (Some((verdict, reasons)), Some(properties)) =
        (judge(&read.venue, person), value["properties"].as_object_mut())
    {
        properties.insert("verdict".to_owned(), json!(verdict));
        properties.insert("reasons".to_owned(), json!(reasons));
    }
    value
}

/// The feature with its entrances and lifts, wherever they are kept.
fn whole(feature: &Arc<Feature>, read: &ReadVenue) -> Value {
    let mut value = geojson(feature);
    if let Some(properties) = value["properties"].as_object_mut() {
        if read.venue.way_in.ramp_blocked == Some(true) {
            properties.insert("ramp_blocked".to_owned(), json!(true));
        }
        if !read.venue.entrances.is_empty() {
            properties.insert("entrances".to_owned(), compact(json!(read.venue.entrances)));
        }
        if !read.venue.lifts.is_empty() {
            properties.insert("lifts".to_owned(), compact(json!(read.venue.lifts)));
        }
    }
    value
}

/// Without what is unknown: absent is how unknown is written.
fn compact(mut parts: Value) -> Value {
    for part in parts.as_array_mut().into_iter().flatten() {
        if let Some(part) = part.as_object_mut() {
            part.retain(|_, value| !value.is_null());
        }
    }
    parts
}

/// What every caller may know of a venue beside its measurements: how it stands to the
/// norms, which numbers cannot be meant, and which values cannot be read.
fn held_against_norms(feature: &Arc<Feature>, read: &ReadVenue) -> Value {
    let mut value = whole(feature, read);
    if let Some(properties) = value["properties"].as_object_mut() {
        properties.insert("norms".to_owned(), json!(norms::meets(&read.venue)));
        properties.insert("implausible".to_owned(), json!(implausible(&read.venue)));
        if !read.unreadable.is_empty() {
            properties.insert("unreadable".to_owned(), json!(*read.unreadable));
        }
    }
    value
}

/// One venue with everything that was measured.
#[utoipa::path(get, path = "/access/venues/{id}", tag = "access", params(("id" = i64, Path)),
    responses((status = 200, description = "GeoJSON Feature; properties carry `norms` and `implausible` beside the measurements"), (status = 404, body = Problem)))]
pub async fn venue(State(app): State<Shared>, caller: Caller, Segments(id): Segments<i64>) -> Answer<Json<Value>> {
    let audience = caller.audience();
    app.loaded_with(&[venues_id()], audience)?;
    let missing = || Problem::not_found(format!("venue {id} was not found"));
    let feature = app.atlas.get(&venues_id(), FeatureId(id), audience).ok_or_else(missing)?;
    let read = read(&app, std::slice::from_ref(&feature), audience);
    let read = read.first().ok_or_else(missing)?;
    let mut value = held_against_norms(&feature, read);
    value["openings"] = json!(openings(&app, std::slice::from_ref(&feature)));
    Ok(Json(value))
}

/// The numbers of the rules with their sources: thresholds, presets of persons, norms. A
/// program that judges by itself reads them here.
#[utoipa::path(get, path = "/access/rules", tag = "access",
    responses((status = 200, description = "JSON, `version` is the day of the edition")))]
pub async fn rules(Params(NoParams {}): Params<NoParams>) -> impl IntoResponse {
    let kinds = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "max-age=3600")];
    (kinds, RULES_JSON)
}
