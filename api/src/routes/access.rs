//! Venues and what they are for one person. Neither query nor body of these
//! routes is logged or counted: a profile says what somebody's body can do.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use misto_city::access::{Reason, Verdict, implausible, judge, norms};
use misto_model::{AccessProfile, Audience, Bbox, CollectionId, Feature, FeatureId, StepsAllowed, Venue};
use serde::Deserialize;
use serde_json::{Value, json};

use super::extract::{Body, Params, Segments, bbox};
use crate::app::{App, Shared};
use crate::auth::Caller;
use crate::problem::{Answer, Problem};
use crate::view::feature::geojson;

/// A person's needs, as a query.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct VenueParams {
    /// West, south, east, north.
    bbox: Option<String>,
    /// Width of the chair, centimetres.
    chair_width_cm: Option<f64>,
    /// Steepest slope the person can climb, percent.
    max_slope_percent: Option<f64>,
    /// `none`, `one` or `any`.
    steps: Option<String>,
    /// Comma-separated: help, audio, visual, tactile, toilet, parking.
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
    /// Steepest slope the person can climb, percent.
    max_slope_percent: Option<f64>,
    /// `none`, `one` or `any`.
    steps: Option<String>,
    /// help, audio, visual, tactile, toilet, parking.
    #[serde(default)]
    needs: Vec<String>,
}

/// Venues with a verdict for this person, from a query.
#[utoipa::path(get, path = "/access/venues", tag = "access", params(VenueParams),
    responses((status = 200, description = "GeoJSON; properties carry `verdict` and `reasons`"),
              (status = 400, body = Problem)))]
pub async fn venues(
    State(app): State<Shared>,
    caller: Caller,
    Params(params): Params<VenueParams>,
) -> Answer<Json<Value>> {
    let within = bbox(params.bbox.as_deref())?;
    let needs: Vec<&str> =
        params.needs.as_deref().unwrap_or("").split(',').map(str::trim).filter(|need| !need.is_empty()).collect();
    let person = profile(params.chair_width_cm, params.max_slope_percent, params.steps.as_deref(), &needs)?;
    judged(&app, within, &person, caller.audience())
}

/// Venues with a verdict for this person, from a body: no proxy logs it.
#[utoipa::path(post, path = "/access/venues", tag = "access", request_body = VenueRequest,
    responses((status = 200, description = "GeoJSON; properties carry `verdict` and `reasons`"),
              (status = 400, body = Problem)))]
pub async fn venues_for_profile(State(app): State<Shared>, Body(request): Body<VenueRequest>) -> Answer<Json<Value>> {
    let within =
        request.bbox.map(|four| Bbox::try_from(four).map_err(|wrong| Problem::invalid("bbox", wrong))).transpose()?;
    let needs: Vec<&str> = request.needs.iter().map(String::as_str).collect();
    let person = profile(request.chair_width_cm, request.max_slope_percent, request.steps.as_deref(), &needs)?;
    judged(&app, within, &person, Audience::Public)
}

fn profile(
    chair_width_cm: Option<f64>,
    max_slope_percent: Option<f64>,
    steps: Option<&str>,
    needs: &[&str],
) -> Answer<AccessProfile> {
    let between = |value: Option<f64>, field: &str, low: f64, high: f64| match value {
        Some(number) if !(low..=high).contains(&number) => {
            Err(Problem::invalid(field, format!("expected a number from {low} to {high}")))
        }
        value => Ok(value),
    };
    let mut person = AccessProfile {
        chair_width_cm: between(chair_width_cm, "chair_width_cm", 20.0, 200.0)?,
        max_slope_percent: between(max_slope_percent, "max_slope_percent", 0.0, 100.0)?,
        steps: match steps {
            None | Some("any") => StepsAllowed::Any,
            Some("one") => StepsAllowed::One,
            Some("none") => StepsAllowed::None,
            Some(other) => return Err(Problem::invalid("steps", format!("{other:?} is none of none, one, any"))),
        },
        ..AccessProfile::default()
    };
    for need in needs {
        match *need {
            "help" => person.needs_help = true,
            "audio" => person.needs_audio = true,
            "visual" => person.needs_visual = true,
            "tactile" => person.needs_tactile = true,
            "toilet" => person.needs_toilet = true,
            "parking" => person.needs_parking = true,
            other => {
                let right = "help, audio, visual, tactile, toilet, parking";
                return Err(Problem::invalid("needs", format!("{other:?} is none of {right}")));
            }
        }
    }
    Ok(person)
}

fn venues_collection() -> CollectionId {
    "venues".parse().expect("a valid collection id")
}

fn judged(app: &App, within: Option<Bbox>, person: &AccessProfile, audience: Audience) -> Answer<Json<Value>> {
    app.loaded_with(&[venues_collection()], audience)?;
    let features = app.atlas.each(&venues_collection(), within, audience)?;
    let mut judged = Vec::with_capacity(features.len());
    for feature in features {
        judged.push(judged_feature(&feature, person));
    }
    Ok(Json(json!({"type": "FeatureCollection", "features": judged})))
}

fn judged_feature(feature: &Arc<Feature>, person: &AccessProfile) -> Value {
    let mut value = geojson(feature);
    let (verdict, reasons) = match measured(feature) {
        Ok(venue) => match judge(&venue, person) {
            Some((verdict, reasons)) => (Some(verdict), reasons),
            None => (None, Vec::new()),
        },
        // An attribute that cannot be read is an attribute that nobody knows.
        Err(cause) => {
            tracing::warn!(venue = %feature.id, %cause, "a venue's measurements cannot be read");
            (Some(Verdict::Unknown), Vec::<Reason>::new())
        }
    };
    if let (Some(verdict), Some(properties)) = (verdict, value["properties"].as_object_mut()) {
        properties.insert("verdict".to_owned(), json!(verdict));
        properties.insert("reasons".to_owned(), json!(reasons));
    }
    value
}

fn measured(feature: &Feature) -> Result<Venue, serde_json::Error> {
    serde_json::from_value(Value::Object(feature.properties.clone()))
}

/// What every caller may know of a venue beside its measurements: how it stands to the
/// norms, and which numbers cannot be meant. Measurements that cannot be read give neither.
fn held_against_norms(feature: &Arc<Feature>) -> Value {
    let mut value = geojson(feature);
    let Some(properties) = value["properties"].as_object_mut() else { return value };
    match measured(feature) {
        Ok(venue) => {
            properties.insert("norms".to_owned(), json!(norms::meets(&venue)));
            properties.insert("implausible".to_owned(), json!(implausible(&venue)));
        }
        Err(cause) => tracing::warn!(venue = %feature.id, %cause, "a venue's measurements cannot be read"),
    }
    value
}

/// One venue with everything that was measured.
#[utoipa::path(get, path = "/access/venues/{id}", tag = "access", params(("id" = i64, Path)),
    responses((status = 200, description = "GeoJSON Feature; properties carry `norms` and `implausible` beside the measurements"), (status = 404, body = Problem)))]
pub async fn venue(State(app): State<Shared>, caller: Caller, Segments(id): Segments<i64>) -> Answer<Json<Value>> {
    app.loaded_with(&[venues_collection()], caller.audience())?;
    app.atlas
        .get(&venues_collection(), FeatureId(id), caller.audience())
        .map(|feature| Json(held_against_norms(&feature)))
        .ok_or_else(|| Problem::not_found(format!("venue {id} was not found")))
}
