//! Stops, routes and what the timetable promises. Nothing here is a prediction.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use misto_city::transit::Departures;
use misto_model::{Bbox, Position, Route, Stop, StopId, WheelchairAccess};
use serde::{Deserialize, Serialize};

use super::extract::{Params, Segments, bbox, position};
use crate::app::{App, Shared};
use crate::problem::{Answer, Problem};
use crate::view::vehicle::PointGeometry;

/// Stops within this distance are near, unless the caller says otherwise.
const NEAR_M: f64 = 500.0;
/// Farthest that near may be.
const MAX_NEAR_M: f64 = 5_000.0;
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
struct StopProperties {
    stop_id: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// `yes` or `no`.
    #[serde(skip_serializing_if = "Option::is_none")]
    wheelchair_boarding: Option<&'static str>,
    /// Numbers of the routes that leave here.
    routes: Vec<String>,
    /// Metres as the crow flies, with `near`.
    #[serde(skip_serializing_if = "Option::is_none")]
    distance_m: Option<f64>,
}

fn loaded(app: &App) -> Answer<Arc<Departures>> {
    app.departures.load_full().ok_or_else(|| {
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
    let departures = loaded(&app)?;
    let within = bbox(params.bbox.as_deref())?;
    let near = params.near.as_deref().map(near).transpose()?;
    let radius_m = params.radius_m.unwrap_or(NEAR_M).clamp(0.0, MAX_NEAR_M);
    let mut found: Vec<(Option<f64>, &Stop)> = departures
        .timetable()
        .stops
        .values()
        .filter(|stop| within.is_none_or(|bbox: Bbox| bbox.contains(stop.position)))
        .map(|stop| (near.map(|from| from.distance_m(stop.position).round()), stop))
        .filter(|(distance_m, _)| distance_m.is_none_or(|metres| metres <= radius_m))
        .collect();
    if near.is_some() {
        found.sort_by(|(a, _), (b, _)| a.unwrap_or_default().total_cmp(&b.unwrap_or_default()));
    }
    found.truncate(MAX_STOPS);
    let features = found.into_iter().map(|(distance_m, stop)| feature(&departures, stop, distance_m)).collect();
    Ok(Json(StopCollection { kind: "FeatureCollection", features }))
}

fn near(text: &str) -> Answer<Position> {
    let wrong = || Problem::invalid("near", "expected longitude,latitude, for example 24.71,48.92");
    let (lon, lat) = text.split_once(',').ok_or_else(wrong)?;
    let parse = |number: &str| number.trim().parse::<f64>().map_err(|_| wrong());
    position(parse(lon)?, parse(lat)?, "near")
}

fn feature(departures: &Departures, stop: &Stop, distance_m: Option<f64>) -> StopFeature {
    StopFeature {
        kind: "Feature",
        id: stop.id.to_string(),
        geometry: PointGeometry {
            kind: "Point",
            coordinates: [stop.position.lon.degrees(), stop.position.lat.degrees()],
        },
        properties: StopProperties {
            stop_id: stop.id.to_string(),
            name: stop.name.clone(),
            code: stop.code.clone(),
            wheelchair_boarding: wheelchair(stop.wheelchair_boarding),
            routes: departures.routes_of(&stop.id).map(|route| route.short_name.clone()).collect(),
            distance_m,
        },
    }
}

/// How many departures.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ArrivalParams {
    /// 1 to 100; 20 when absent.
    limit: Option<usize>,
}

/// The next departures of a stop.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ArrivalsView {
    stop: StopProperties,
    now: String,
    time_zone: String,
    /// `timetable`: these are promises of the timetable, no predictions.
    based_on: &'static str,
    departures: Vec<DepartureView>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct DepartureView {
    /// RFC 3339, UTC.
    time: String,
    route: String,
    route_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    headsign: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<u8>,
    trip_id: String,
    /// Whether a low-floor vehicle is planned; absent = unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    low_floor: Option<bool>,
    /// Always true: by the timetable.
    scheduled: bool,
}

/// The next departures that the timetable promises, at most two days ahead.
#[utoipa::path(get, path = "/transit/stops/{id}/arrivals", tag = "transit",
    params(("id" = String, Path), ArrivalParams),
    responses((status = 200, body = ArrivalsView), (status = 404, body = Problem)))]
pub async fn arrivals(
    State(app): State<Shared>,
    Segments(id): Segments<String>,
    Params(params): Params<ArrivalParams>,
) -> Answer<Json<ArrivalsView>> {
    let departures = loaded(&app)?;
    let id = StopId(id);
    let stop = departures.stop(&id).ok_or_else(|| Problem::not_found(format!("stop {id} was not found")))?;
    let now = app.now();
    let next = departures.next(&id, now.timestamp(), params.limit.unwrap_or(20).clamp(1, 100));
    let departures_view = next
        .into_iter()
        .map(|departure| DepartureView {
            time: departure.at.to_string(),
            route: departure.route.short_name.clone(),
            route_id: departure.route.id.to_string(),
            headsign: departure.trip.headsign.clone(),
            direction: departure.trip.direction,
            trip_id: departure.trip.id.to_string(),
            low_floor: match departure.trip.wheelchair_accessible {
                WheelchairAccess::Unknown => None,
                WheelchairAccess::Yes => Some(true),
                WheelchairAccess::No => Some(false),
            },
            scheduled: true,
        })
        .collect();
    Ok(Json(ArrivalsView {
        stop: feature(&departures, stop, None).properties,
        now: now.to_string(),
        time_zone: departures.timetable().time_zone.clone(),
        based_on: "timetable",
        departures: departures_view,
    }))
}

/// All routes.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RoutesView {
    routes: Vec<RouteView>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct RouteView {
    id: String,
    short_name: String,
    long_name: String,
    /// `bus`, `trolleybus`, `tram` or `other`.
    kind: &'static str,
    /// `RRGGBB`.
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<String>,
}

/// Routes of the timetable.
#[utoipa::path(get, path = "/transit/routes", tag = "transit",
    responses((status = 200, body = RoutesView), (status = 404, body = Problem)))]
pub async fn transit_routes(State(app): State<Shared>) -> Answer<Json<RoutesView>> {
    let departures = loaded(&app)?;
    let view = |route: &Route| RouteView {
        id: route.id.to_string(),
        short_name: route.short_name.clone(),
        long_name: route.long_name.clone(),
        kind: kind(route.route_type),
        color: route.color.clone(),
    };
    Ok(Json(RoutesView { routes: departures.timetable().routes.values().map(view).collect() }))
}

/// GTFS route types, the basic ones and the extended ranges of Google Transit.
fn kind(route_type: u16) -> &'static str {
    match route_type {
        3 | 200..=299 | 700..=799 => "bus",
        11 | 800..=899 => "trolleybus",
        0 | 900..=999 => "tram",
        _ => "other",
    }
}
