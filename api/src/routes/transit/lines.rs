//! Routes, and one route as a line with its stops and vehicles.

use axum::Json;
use axum::extract::State;
use misto_city::transit::{Network, Pattern, PatternIndex, ServiceState};
use misto_model::{Audience, Instant, Route, RouteId};
use serde::Serialize;

use super::stops::loaded;
use crate::app::Shared;
use crate::auth::Caller;
use crate::problem::{Answer, Problem};
use crate::routes::extract::{NoParams, Params, Segments};
use crate::transit::shown::{OnDuty, Shown};

/// All routes.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RoutesView {
    routes: Vec<RouteView>,
}

/// A route.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RouteView {
    id: String,
    short_name: String,
    long_name: String,
    /// `bus`, `trolleybus`, `tram` or `other`.
    kind: &'static str,
    /// `RRGGBB`.
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<String>,
}

/// A route with its ways.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LineView {
    #[serde(flatten)]
    route: RouteView,
    /// When the vehicles were looked at (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    now: Option<String>,
    patterns: Vec<PatternView>,
}

/// One way of a route.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PatternView {
    /// GTFS direction, 0 or 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    headsign: Option<String>,
    /// Whether trips are planned; if not, only what is observed can be told.
    has_timetable: bool,
    length_m: f64,
    stops: Vec<LineStop>,
    /// Longitude and latitude of each vertex.
    line: Vec<[f64; 2]>,
    vehicles: Vec<LineVehicle>,
}

/// A stop on a line.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LineStop {
    stop_id: String,
    name: String,
    /// Metres from the start.
    along_m: f64,
}

/// A vehicle on a line. Absent = unknown.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LineVehicle {
    id: String,
    /// Metres from the start.
    along_m: f64,
    /// Id of the stop it reaches next or stands at.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_stop: Option<String>,
    /// `in_service`, `layover` or `off_route`.
    #[schema(value_type = String)]
    state: ServiceState,
    fix_age_s: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    low_floor: Option<bool>,
    /// Against the timetable, positive = late.
    #[serde(skip_serializing_if = "Option::is_none")]
    delay_s: Option<i64>,
}

/// Routes of the timetable.
#[utoipa::path(get, path = "/transit/routes", tag = "transit",
    responses((status = 200, body = RoutesView), (status = 404, body = Problem)))]
pub async fn transit_routes(
    State(app): State<Shared>,
    Params(NoParams {}): Params<NoParams>,
) -> Answer<Json<RoutesView>> {
    let loaded = loaded(&app)?;
    Ok(Json(RoutesView { routes: loaded.network.timetable().routes.values().map(route_view).collect() }))
}

/// One route: its ways, their stops, and the vehicles on them.
#[utoipa::path(get, path = "/transit/routes/{id}", tag = "transit", params(("id" = String, Path)),
    responses((status = 200, body = LineView), (status = 404, body = Problem)))]
pub async fn transit_route(
    State(app): State<Shared>,
    caller: Caller,
    Segments(id): Segments<String>,
    Params(NoParams {}): Params<NoParams>,
) -> Answer<Json<LineView>> {
    let loaded = loaded(&app)?;
    let network = &loaded.network;
    let route = route(network, &id)?;
    let shown = app.transit.shown_with(network);
    let now = app.now();
    let patterns = network.patterns_of(&route.id).iter().map(|index| {
        let pattern = network.pattern(*index);
        PatternView {
            direction: pattern.direction,
            headsign: pattern.headsign.clone(),
            has_timetable: !pattern.trips.is_empty(),
            length_m: pattern.line.length_m().round(),
            stops: stops(network, pattern),
            line: pattern.line.positions().iter().map(|at| [at.lon.degrees(), at.lat.degrees()]).collect(),
            vehicles: shown.iter().flat_map(|shown| vehicles(shown, network, *index, now, caller.audience())).collect(),
        }
    });
    let patterns = patterns.collect();
    Ok(Json(LineView {
        route: route_view(route),
        now: shown.as_ref().map(|shown| shown.made_at.to_string()),
        patterns,
    }))
}

/// The route of that id.
///
/// # Errors
/// 404 when the timetable has none.
pub fn route<'a>(network: &'a Network, id: &str) -> Answer<&'a Route> {
    let found = network.timetable().routes.get(&RouteId(id.to_owned()));
    found
        .ok_or_else(|| Problem::not_found(format!("route {:?} was not found", id.chars().take(80).collect::<String>())))
}

/// The stops of a pattern with their names.
pub fn stops(network: &Network, pattern: &Pattern) -> Vec<LineStop> {
    let name =
        |id: &misto_model::StopId| network.timetable().stops.get(id).map(|stop| stop.name.clone()).unwrap_or_default();
    let stop = |call: &misto_city::transit::Call| LineStop {
        stop_id: call.stop.to_string(),
        name: name(&call.stop),
        along_m: call.along_m.round(),
    };
    pattern.calls.iter().map(stop).collect()
}

fn vehicles<'a>(
    shown: &'a Shown,
    network: &'a Network,
    pattern: PatternIndex,
    now: Instant,
    audience: Audience,
) -> impl Iterator<Item = LineVehicle> + 'a {
    let on_line = move |one: &&OnDuty| {
        let state = one.assignment.state;
        matches!(state, ServiceState::InService | ServiceState::Layover | ServiceState::OffRoute)
    };
    shown.on(pattern).filter(on_line).filter_map(move |one| {
        let next = one.assignment.next_call.and_then(|call| network.pattern(pattern).calls.get(call));
        Some(LineVehicle {
            id: one.id(audience),
            along_m: one.assignment.along_m?.round(),
            next_stop: next.map(|call| call.stop.to_string()),
            state: one.assignment.state,
            fix_age_s: one.fix_age_s(now),
            low_floor: one.low_floor,
            delay_s: one.delay_s(network),
        })
    })
}

fn route_view(route: &Route) -> RouteView {
    RouteView {
        id: route.id.to_string(),
        short_name: route.short_name.clone(),
        long_name: route.long_name.clone(),
        kind: kind(route.route_type),
        color: route.color.clone(),
    }
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
