//! Stops: in a box, near a place, by name.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use misto_model::{Bbox, Position, Stop, WheelchairAccess};
use serde::{Deserialize, Serialize};

use crate::app::{App, Shared};
use crate::problem::{Answer, Problem};
use crate::routes::extract::{Params, bbox, position};
use crate::transit::Loaded;
use crate::view::vehicle::PointGeometry;

/// Stops within this distance are near, unless the caller says otherwise.
const NEAR_M: f64 = 500.0;
/// Farthest that near may be.
const MAX_NEAR_M: f64 = 5_000.0;
/// Longest text to look for, characters.
const MAX_TYPED: usize = 100;
/// Most stops of one answer.
const MAX_STOPS: usize = 2_000;

/// Which stops.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct StopParams {
    /// West, south, east, north.
    bbox: Option<String>,
    /// Longitude,latitude: the nearest first.
    near: Option<String>,
    /// How far is near, metres; 500 when absent.
    radius_m: Option<f64>,
    /// Name or code, as people type it: any apostrophe, Latin letters, one slip. The best first.
    q: Option<String>,
    /// Most stops of the answer, 1 to 2000; 2000 when absent.
    limit: Option<usize>,
}

/// Stops as GeoJSON.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct StopCollection {
    #[serde(rename = "type")]
    kind: &'static str,
    features: Vec<StopFeature>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct StopFeature {
    #[serde(rename = "type")]
    kind: &'static str,
    id: String,
    geometry: PointGeometry,
    properties: StopProperties,
}

/// A stop. Absent = unknown.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct StopProperties {
    /// Its id.
    pub stop_id: String,
    /// Its name.
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// `yes` or `no`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wheelchair_boarding: Option<&'static str>,
    /// Numbers of the routes that leave here.
    pub routes: Vec<String>,
    /// Metres as the crow flies, with `near`.
    #[serde(skip_serializing_if = "Option::is_none")]
    distance_m: Option<f64>,
}

/// The timetable in use.
///
/// # Errors
/// 404 when none is loaded.
pub fn loaded(app: &App) -> Answer<Arc<Loaded>> {
    app.transit.loaded.load_full().ok_or_else(|| {
        Problem::not_found("no timetable is loaded; an administrator loads one with: misto gtfs load FILE")
    })
}

fn wheelchair(access: WheelchairAccess) -> Option<&'static str> {
    match access {
        WheelchairAccess::Unknown => None,
        WheelchairAccess::Yes => Some("yes"),
        WheelchairAccess::No => Some("no"),
    }
}

/// Stops in a box or near a point.
#[utoipa::path(get, path = "/transit/stops", tag = "transit", params(StopParams),
    responses((status = 200, body = StopCollection), (status = 400, body = Problem)))]
pub async fn stops(State(app): State<Shared>, Params(params): Params<StopParams>) -> Answer<Json<StopCollection>> {
    let loaded = loaded(&app)?;
    let within = bbox(params.bbox.as_deref())?;
    let near = params.near.as_deref().map(near).transpose()?;
    let radius_m = params.radius_m.unwrap_or(NEAR_M);
    if !radius_m.is_finite() {
        return Err(Problem::invalid("radius_m", "expected a number of metres"));
    }
    let radius_m = radius_m.clamp(0.0, MAX_NEAR_M);
    let named = match params.q.as_deref() {
        Some(typed) if typed.chars().count() > MAX_TYPED => {
            return Err(Problem::invalid("q", format!("at most {MAX_TYPED} characters")));
        }
        Some(typed) => loaded.search(typed),
        None => loaded.network.timetable().stops.values().collect(),
    };
    let mut found: Vec<(Option<f64>, &Stop)> = named
        .into_iter()
        .filter(|stop| within.is_none_or(|bbox: Bbox| bbox.contains(stop.position)))
        .map(|stop| (near.map(|from| from.distance_m(stop.position).round()), stop))
        .filter(|(distance_m, _)| distance_m.is_none_or(|metres| metres <= radius_m))
        .collect();
    if near.is_some() && params.q.is_none() {
        found.sort_by(|(a, _), (b, _)| a.unwrap_or_default().total_cmp(&b.unwrap_or_default()));
    }
    found.truncate(params.limit.unwrap_or(MAX_STOPS).clamp(1, MAX_STOPS));
    let features = found.into_iter().map(|(distance_m, stop)| feature(&loaded, stop, distance_m)).collect();
    Ok(Json(StopCollection { kind: "FeatureCollection", features }))
}

fn near(text: &str) -> Answer<Position> {
    let wrong = || Problem::invalid("near", "expected longitude,latitude, for example 24.71,48.92");
    let (lon, lat) = text.split_once(',').ok_or_else(wrong)?;
    let parse = |number: &str| number.trim().parse::<f64>().map_err(|_| wrong());
    position(parse(lon)?, parse(lat)?, "near")
}

fn feature(loaded: &Loaded, stop: &Stop, distance_m: Option<f64>) -> StopFeature {
    StopFeature {
        kind: "Feature",
        id: stop.id.to_string(),
        geometry: PointGeometry {
            kind: "Point",
            coordinates: [stop.position.lon.degrees(), stop.position.lat.degrees()],
        },
        properties: properties(loaded, stop, distance_m),
    }
}

/// What is known of a stop.
pub fn properties(loaded: &Loaded, stop: &Stop, distance_m: Option<f64>) -> StopProperties {
    let routes = loaded.network.departures().routes_of(&stop.id);
    StopProperties {
        stop_id: stop.id.to_string(),
        name: stop.name.clone(),
        code: stop.code.clone(),
        wheelchair_boarding: wheelchair(stop.wheelchair_boarding),
        routes: routes.map(|route| route.short_name.clone()).collect(),
        distance_m,
    }
}
