//! Headway control: the vehicles of each direction of a route, the time between them, and
//! what it should be.

use axum::Json;
use axum::extract::State;
use misto_city::transit::headway::{Follower, LineHeadways, PlannedHeadway, Regularity, median};
use misto_city::transit::{MatchReason, Network, ServiceState};
use misto_model::{Audience, Instant};
use serde::Serialize;

use super::lines::{LineStop, route, stops};
use super::stops::loaded;
use crate::app::Shared;
use crate::auth::Caller;
use crate::problem::{Answer, Problem};
use crate::routes::extract::{NoParams, Params, Segments};
use crate::transit::shown::Shown;

/// A route's directions.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct HeadwaysView {
    route_id: String,
    /// When the vehicles were looked at (RFC 3339); absent before the first look.
    #[serde(skip_serializing_if = "Option::is_none")]
    now: Option<String>,
    /// Those on which vehicles are.
    directions: Vec<DirectionView>,
}

/// One direction. Absent = unknown.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct DirectionView {
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    headsign: Option<String>,
    length_m: f64,
    stops: Vec<LineStop>,
    /// Median of the planned intervals of the vehicles on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    planned_headway_s: Option<f64>,
    /// Median of the intervals now.
    #[serde(skip_serializing_if = "Option::is_none")]
    observed_headway_s: Option<f64>,
    /// `timetable`, or `observed` when the route has none.
    planned_is: &'static str,
    /// The first in front.
    vehicles: Vec<FollowerView>,
}

/// A vehicle and its interval to the one in front. Absent = unknown.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct FollowerView {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    along_m: f64,
    #[schema(value_type = String)]
    state: ServiceState,
    /// Why it has its trip, or none; staff only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    reason: Option<MatchReason>,
    fix_age_s: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    delay_s: Option<i64>,
    /// Seconds it needs to where the one in front is.
    #[serde(skip_serializing_if = "Option::is_none")]
    headway_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    planned_s: Option<f64>,
    /// `bunched` (under a quarter of the plan), `gap` (over one and a half) or `regular`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    spacing: Option<Regularity>,
}

/// The vehicles of a route with the intervals between them.
#[utoipa::path(get, path = "/transit/routes/{id}/headways", tag = "transit", params(("id" = String, Path)),
    responses((status = 200, body = HeadwaysView), (status = 404, body = Problem)))]
pub async fn headways(
    State(app): State<Shared>,
    caller: Caller,
    Segments(id): Segments<String>,
    Params(NoParams {}): Params<NoParams>,
) -> Answer<Json<HeadwaysView>> {
    let loaded = loaded(&app)?;
    let route = route(&loaded.network, &id)?;
    let shown = app.transit.shown_with(&loaded.network);
    let (now, audience) = (app.now(), caller.audience());
    let directions = shown
        .iter()
        .flat_map(|shown| shown.lines.iter().map(move |line| (shown, line)))
        .filter(|(_, line)| line.route == route.id)
        .map(|(shown, line)| direction(shown, line, now, audience))
        .collect();
    let now = shown.as_ref().map(|shown| shown.made_at.to_string());
    Ok(Json(HeadwaysView { route_id: route.id.to_string(), now, directions }))
}

fn direction(shown: &Shown, line: &LineHeadways, now: Instant, audience: Audience) -> DirectionView {
    let network: &Network = &shown.network;
    let pattern = network.pattern(line.pattern);
    let is_observed = |one: &Follower| matches!(one.planned, Some(PlannedHeadway::ObservedMedian(_)));
    let planned = line.vehicles.iter().filter_map(|one| one.planned.map(PlannedHeadway::seconds));
    let observed = line.vehicles.iter().filter_map(|one| one.headway_s);
    DirectionView {
        direction: line.direction,
        headsign: pattern.headsign.clone(),
        length_m: pattern.line.length_m().round(),
        stops: stops(network, pattern),
        planned_headway_s: median(&mut planned.collect::<Vec<_>>()).map(f64::round),
        observed_headway_s: median(&mut observed.collect::<Vec<_>>()).map(f64::round),
        planned_is: if line.vehicles.iter().any(is_observed) { "observed" } else { "timetable" },
        vehicles: line.vehicles.iter().filter_map(|one| follower(shown, one, now, audience)).collect(),
    }
}

fn follower(shown: &Shown, follower: &Follower, now: Instant, audience: Audience) -> Option<FollowerView> {
    let one = shown.vehicle(&follower.vehicle)?;
    Some(FollowerView {
        id: one.id(audience),
        label: one.label.clone(),
        along_m: follower.along_m.round(),
        state: one.assignment.state,
        reason: (audience == Audience::Staff).then_some(one.assignment.reason),
        fix_age_s: one.fix_age_s(now),
        delay_s: one.delay_s(&shown.network),
        headway_s: follower.headway_s.map(f64::round),
        planned_s: follower.planned.map(|planned| planned.seconds().round()),
        spacing: follower.state,
    })
}
