//! Every vehicle of passenger transport with its trip, or why it has none.

use axum::Json;
use axum::extract::State;
use misto_city::transit::{MatchReason, ServiceState};
use misto_model::Audience;
use serde::Serialize;

use super::stops::loaded;
use crate::app::Shared;
use crate::auth::Dispatcher;
use crate::problem::{Answer, Problem};
use crate::routes::extract::{NoParams, Params};

/// Vehicles with their trips.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MatchedView {
    /// When they were looked at (RFC 3339); absent before the first look.
    #[serde(skip_serializing_if = "Option::is_none")]
    now: Option<String>,
    vehicles: Vec<MatchedVehicle>,
}

/// A vehicle with its trip. Absent = unknown.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct MatchedVehicle {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    /// Number of the route that it drives, or that its tracker names.
    #[serde(skip_serializing_if = "Option::is_none")]
    route: Option<String>,
    #[schema(value_type = String)]
    state: ServiceState,
    /// Why it has this trip, or none.
    #[schema(value_type = String)]
    reason: MatchReason,
    #[serde(skip_serializing_if = "Option::is_none")]
    trip_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    headsign: Option<String>,
    /// Since when state and trip are these.
    since: String,
    fix_age_s: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    delay_s: Option<i64>,
}

/// Every vehicle of passenger transport with its trip, or the reason why it has none.
#[utoipa::path(get, path = "/dispatch/transit", tag = "dispatch",
    responses((status = 200, body = MatchedView), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn vehicles(
    State(app): State<Shared>,
    _: Dispatcher,
    Params(NoParams {}): Params<NoParams>,
) -> Answer<Json<MatchedView>> {
    loaded(&app)?;
    let Some(shown) = app.transit.shown.load_full() else {
        return Ok(Json(MatchedView { now: None, vehicles: Vec::new() }));
    };
    let network = &shown.network;
    let now = app.now();
    let vehicles = shown.vehicles.iter().map(|one| {
        let pattern = one.assignment.pattern.map(|pattern| network.pattern(pattern));
        let route = pattern.and_then(|pattern| network.timetable().routes.get(&pattern.route));
        let told = || one.fix.route_short_name.clone().or_else(|| one.fix.route.clone());
        MatchedVehicle {
            id: one.id(Audience::Staff),
            label: one.label.clone(),
            route: route.map(|route| route.short_name.clone()).or_else(told),
            state: one.assignment.state,
            reason: one.assignment.reason,
            trip_id: one.assignment.run.map(|run| network.trip(run.trip).id.to_string()),
            headsign: pattern.and_then(|pattern| pattern.headsign.clone()),
            since: one.assignment.since.to_string(),
            fix_age_s: one.fix_age_s(now),
            delay_s: one.delay_s(network),
        }
    });
    Ok(Json(MatchedView { now: Some(shown.made_at.to_string()), vehicles: vehicles.collect() }))
}
