//! The fleet now.

use axum::Json;
use axum::extract::State;
use misto_city::fleet::Fleet;
use misto_model::{Audience, Bbox, Position, VehicleKey, VehicleKind};
use serde::{Deserialize, Serialize};

use super::extract::{Params, Segments, bbox, position};
use crate::app::{App, Shared};
use crate::auth::{Caller, Dispatcher};
use crate::problem::{Answer, Problem};
use crate::view::vehicle::VehicleFeature;

/// Many vehicles.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct VehicleCollection {
    #[serde(rename = "type")]
    kind: &'static str,
    features: Vec<VehicleFeature>,
    /// When this was written.
    #[serde(rename = "timeStamp")]
    time_stamp: String,
}

/// Which vehicles.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct VehicleParams {
    /// West, south, east, north.
    bbox: Option<String>,
    /// Comma-separated kinds; all when absent.
    kinds: Option<String>,
}

/// The fleet as the caller may see it: the public sees public kinds under public
/// ids, staff every vehicle ever known.
#[utoipa::path(get, path = "/vehicles", tag = "vehicles", params(VehicleParams),
    responses((status = 200, body = VehicleCollection), (status = 400, body = Problem)))]
pub async fn vehicles(
    State(app): State<Shared>,
    caller: Caller,
    Params(params): Params<VehicleParams>,
) -> Answer<Json<VehicleCollection>> {
    let within = bbox(params.bbox.as_deref())?;
    let kinds = vehicle_kinds(params.kinds.as_deref())?;
    let mut features = visible(&app, caller.audience(), within, &kinds);
    features.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(Json(VehicleCollection { kind: "FeatureCollection", features, time_stamp: app.now().to_string() }))
}

/// All vehicles that an audience may see in a box, in no order.
pub fn visible(app: &App, audience: Audience, within: Option<Bbox>, kinds: &[VehicleKind]) -> Vec<VehicleFeature> {
    let viewing = app.viewing();
    let fleet = read(app);
    fleet
        .iter()
        .filter(|(_, known)| kinds.is_empty() || known.kind.is_some_and(|kind| kinds.contains(&kind)))
        .filter(|(_, known)| {
            let Some(bbox) = within else { return true };
            viewing.visible_fix(known, audience).is_some_and(|fix| bbox.contains(fix.position))
        })
        .filter_map(|(key, known)| viewing.feature(key, known, fleet.registration(key), audience))
        .collect()
}

/// The fleet for reading.
pub fn read(app: &App) -> std::sync::RwLockReadGuard<'_, Fleet> {
    app.fleet.read().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// A `kinds=` parameter.
pub fn vehicle_kinds(text: Option<&str>) -> Answer<Vec<VehicleKind>> {
    text.unwrap_or("")
        .split(',')
        .filter(|word| !word.is_empty())
        .map(|word| {
            serde_json::from_value(word.into()).map_err(|_| {
                Problem::invalid(
                    "kinds",
                    format!(
                        "{word:?} is no kind; use bus, trolleybus, tram, other_transit, plough, spreader, \
                         waste_truck, sweeper, repair_crew, other_utility"
                    ),
                )
            })
        })
        .collect()
}

/// The vehicle that a caller names: staff by its own id, everybody by its public id.
pub fn named(app: &App, fleet: &Fleet, id: &str, audience: Audience) -> Option<VehicleKey> {
    if audience == Audience::Staff
        && let Ok(key) = id.parse::<VehicleKey>()
    {
        return fleet.get(&key).is_some().then_some(key);
    }
    if let Some(key) = fleet.by_public_id(id) {
        return fleet.get(key).is_some().then(|| key.clone());
    }
    let viewing = app.viewing();
    let is_meant = |key: &&VehicleKey| viewing.id(key, fleet.registration(key), Audience::Public) == id;
    fleet.iter().map(|(key, _)| key).find(is_meant).cloned()
}

/// One vehicle.
#[utoipa::path(get, path = "/vehicles/{id}", tag = "vehicles", params(("id" = String, Path)),
    responses((status = 200, body = VehicleFeature), (status = 404, body = Problem)))]
pub async fn vehicle(
    State(app): State<Shared>,
    caller: Caller,
    Segments(id): Segments<String>,
) -> Answer<Json<VehicleFeature>> {
    let fleet = read(&app);
    named(&app, &fleet, &id, caller.audience())
        .and_then(|key| {
            let known = fleet.get(&key)?;
            app.viewing().feature(&key, known, fleet.registration(&key), caller.audience())
        })
        .map(Json)
        .ok_or_else(|| Problem::not_found(format!("vehicle {id:?} was not found")))
}

/// Near what, and how many.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct NearestParams {
    /// Longitude, degrees.
    lon: f64,
    /// Latitude, degrees.
    lat: f64,
    /// Comma-separated kinds; all when absent.
    kinds: Option<String>,
    /// At most so many, 1 to 100; 10 when absent.
    limit: Option<usize>,
}

/// A vehicle with its distance.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct NearVehicle {
    #[serde(flatten)]
    vehicle: VehicleFeature,
    /// Metres as the crow flies.
    distance_m: f64,
}

/// Vehicles by distance.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct NearVehicles {
    #[serde(rename = "type")]
    kind: &'static str,
    features: Vec<NearVehicle>,
}

/// The nearest units to a point, for dispatchers.
#[utoipa::path(get, path = "/vehicles/nearest", tag = "vehicles", params(NearestParams),
    responses((status = 200, body = NearVehicles), (status = 400, body = Problem), (status = 401, body = Problem)))]
pub async fn nearest(
    State(app): State<Shared>,
    _: Dispatcher,
    Params(params): Params<NearestParams>,
) -> Answer<Json<NearVehicles>> {
    let from = position(params.lon, params.lat, "lon,lat")?;
    let kinds = vehicle_kinds(params.kinds.as_deref())?;
    let mut features: Vec<NearVehicle> = visible(&app, Audience::Staff, None, &kinds)
        .into_iter()
        .filter_map(|vehicle| {
            let [lon, lat] = vehicle.geometry.coordinates;
            let distance_m = Position::new(lon, lat).ok()?.distance_m(from).round();
            Some(NearVehicle { vehicle, distance_m })
        })
        .collect();
    features.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m));
    features.truncate(params.limit.unwrap_or(10).clamp(1, 100));
    Ok(Json(NearVehicles { kind: "FeatureCollection", features }))
}
