//! The board of a stop: what comes, what should come, what has gone.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use misto_city::transit::arrivals::{Arrival, ArrivalState, LowFloorSource, Situation, Tracked, board};
use misto_city::transit::{Held, StopVisit};
use misto_model::{Audience, Instant, OccupancyStatus, RouteId, Stop, StopId, VehicleKey};
use serde::{Deserialize, Serialize};

use super::stops::{StopProperties, loaded, properties};
use crate::app::{App, Shared};
use crate::auth::Caller;
use crate::problem::{Answer, Problem};
use crate::routes::extract::{Params, Segments};
use crate::transit::Loaded;
use crate::transit::shown::{OnDuty, Shown};

/// How far a board looks ahead, seconds: most are full within hours, the others look two days ahead.
const AHEAD_S: [f64; 2] = [10_800.0, 172_800.0];

/// Which part of the board.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ArrivalParams {
    /// 1 to 100; 20 when absent.
    limit: Option<usize>,
    /// `true`: only what is known to be boarded without a step.
    low_floor: Option<bool>,
}

/// The board of a stop.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ArrivalsView {
    /// The stop.
    pub stop: StopProperties,
    /// When this was answered (RFC 3339).
    pub now: String,
    /// Zone of local times.
    pub time_zone: String,
    /// `predictions` when vehicles were looked at, `timetable` when only the plan is known.
    pub based_on: &'static str,
    /// Rows in the order in which one waits for them.
    pub departures: Vec<ArrivalView>,
}

/// One row of a board. Absent = unknown.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ArrivalView {
    /// The likely, else the planned moment; of what has passed when it left (RFC 3339, UTC).
    /// Absent for a lost vehicle without a planned trip.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// Whether `time` is the timetable's.
    pub scheduled: bool,
    /// `predicted`, `scheduled`, `passed`, `not_running` (vehicles of the route report, none has
    /// this trip), `lost` (its vehicle fell silent), `standing` and `off_route` (its vehicle has
    /// stood, or been off its way, since `held_since`: nobody can tell when it comes), `cancelled`,
    /// or `unknown` (it should be under way, and nobody tells whether it is).
    pub state: &'static str,
    /// One in ten comes earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earliest: Option<String>,
    /// One in ten comes later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest: Option<String>,
    /// What the timetable says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned_time: Option<String>,
    /// Number as passengers know it.
    pub route: String,
    /// Its id.
    pub route_id: String,
    /// Text on the front.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headsign: Option<String>,
    /// GTFS direction, 0 or 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<u8>,
    /// Trip.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trip_id: Option<String>,
    /// Its service day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_day: Option<String>,
    /// Id of the vehicle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vehicle: Option<String>,
    /// Seconds since the vehicle was heard of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix_age_s: Option<f64>,
    /// Since when a vehicle that does not come on stands or is off its way (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_since: Option<String>,
    /// Stops it has to go; 0 when this is its next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stops_away: Option<usize>,
    /// Whether one boards without a step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low_floor: Option<bool>,
    /// `vehicle` (the register, of this very vehicle) or `timetable` (as planned).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low_floor_source: Option<&'static str>,
    /// How full, only where it was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub occupancy: Option<OccupancyStatus>,
}

/// The next departures of a stop, with the range within which each is expected, at most two days ahead.
#[utoipa::path(get, path = "/transit/stops/{id}/arrivals", tag = "transit",
    params(("id" = String, Path), ArrivalParams),
    responses((status = 200, body = ArrivalsView), (status = 404, body = Problem)))]
pub async fn arrivals(
    State(app): State<Shared>,
    caller: Caller,
    Segments(id): Segments<String>,
    Params(params): Params<ArrivalParams>,
) -> Answer<Json<ArrivalsView>> {
    let loaded = loaded(&app)?;
    let stop = stop(&loaded, &id)?;
    let limit = params.limit.unwrap_or(20).clamp(1, 100);
    Ok(Json(view(&app, &loaded, stop, caller.audience(), limit, params.low_floor == Some(true))))
}

/// The stop of that id.
///
/// # Errors
/// 404 when the timetable has none.
pub fn stop<'a>(loaded: &'a Loaded, id: &str) -> Answer<&'a Stop> {
    let found = loaded.network.timetable().stops.get(&StopId(id.to_owned()));
    found.ok_or_else(|| Problem::not_found(format!("stop {:?} was not found", id.chars().take(80).collect::<String>())))
}

/// The board as an audience may see it.
pub fn view(
    app: &App,
    loaded: &Loaded,
    stop: &Stop,
    audience: Audience,
    limit: usize,
    low_floor_only: bool,
) -> ArrivalsView {
    let now = app.now();
    let shown = app.transit.shown_with(&loaded.network);
    let concerned: HashMap<&VehicleKey, &OnDuty> =
        shown.iter().flat_map(|shown| concerned(shown, loaded, &stop.id)).map(|one| (&one.fix.vehicle, one)).collect();
    let vehicles: Vec<Tracked<'_>> = concerned.values().map(|one| one.tracked()).collect();
    let visits: Vec<StopVisit> = shown.iter().flat_map(|shown| shown.visits_of(&stop.id)).cloned().collect();
    let others = app.transit.said_by_others(now);
    let cancelled = |run| others.iter().any(|said| said.cancels(&loaded.network, run));
    let low_floor = |vehicle: &VehicleKey| concerned.get(vehicle).and_then(|one| one.low_floor);
    let situation = |ahead_s: f64| Situation {
        now,
        vehicles: &vehicles,
        visits: &visits,
        cancelled: &cancelled,
        low_floor: &low_floor,
        lost_after_s: app.settings.city.lost_after_s,
        ahead_s,
        limit: if low_floor_only { usize::MAX } else { limit },
    };
    let rows = |ahead_s| {
        let mut rows = board(&loaded.network, &stop.id, &situation(ahead_s));
        rows.retain(|row| !low_floor_only || row.low_floor.is_some_and(|low_floor| low_floor.is));
        rows.truncate(limit);
        rows
    };
    let mut board = rows(AHEAD_S[0]);
    if board.len() < limit {
        board = rows(AHEAD_S[1]);
    }
    let departures = board.iter().map(|row| row_view(loaded, row, &concerned, audience)).collect();
    ArrivalsView {
        stop: properties(loaded, stop, None),
        now: now.to_string(),
        time_zone: loaded.network.timetable().time_zone.clone(),
        based_on: if shown.is_some() { "predictions" } else { "timetable" },
        departures,
    }
}

/// Vehicles of the routes that call at the stop, and vehicles whose way is not known.
fn concerned<'a>(shown: &'a Shown, loaded: &'a Loaded, stop: &'a StopId) -> impl Iterator<Item = &'a OnDuty> {
    let network = &loaded.network;
    let routes = network.calls_at(stop).iter().map(|(pattern, _)| &network.pattern(*pattern).route);
    let patterns: std::collections::BTreeSet<_> = routes.flat_map(|route| network.patterns_of(route)).collect();
    let routes: Vec<&RouteId> =
        network.calls_at(stop).iter().map(|(pattern, _)| &network.pattern(*pattern).route).collect();
    let may_come = move |one: &&OnDuty| one.may_drive(network, &routes);
    patterns
        .into_iter()
        .flat_map(|pattern| shown.on(*pattern))
        .chain(shown.toward(stop))
        .chain(shown.unplaced().filter(may_come))
}

fn row_view(
    loaded: &Loaded,
    row: &Arrival,
    concerned: &HashMap<&VehicleKey, &OnDuty>,
    audience: Audience,
) -> ArrivalView {
    let network = &loaded.network;
    let pattern = network.pattern(row.pattern);
    let route = network.timetable().routes.get(&pattern.route);
    let trip = row.run.map(|run| network.trip(run.trip));
    let vehicle = row.vehicle.as_ref().and_then(|vehicle| concerned.get(vehicle));
    let planned = row.planned.map(|planned| Instant::from_timestamp(planned.departure));
    let mut view = ArrivalView {
        time: planned.map(whole_seconds),
        scheduled: true,
        state: "scheduled",
        earliest: None,
        latest: None,
        planned_time: planned.map(whole_seconds),
        route: route.map(|route| route.short_name.clone()).unwrap_or_default(),
        route_id: pattern.route.to_string(),
        headsign: trip.and_then(|trip| trip.headsign.clone()).or_else(|| pattern.headsign.clone()),
        direction: pattern.direction,
        trip_id: trip.map(|trip| trip.id.to_string()),
        service_day: row.run.map(|run| run.day.to_string()),
        vehicle: vehicle.map(|one| one.id(audience)),
        fix_age_s: None,
        held_since: None,
        stops_away: None,
        low_floor: row.low_floor.map(|low_floor| low_floor.is),
        low_floor_source: row.low_floor.map(|low_floor| match low_floor.source {
            LowFloorSource::Register => "vehicle",
            LowFloorSource::Timetable => "timetable",
        }),
        occupancy: vehicle.and_then(|one| one.fix.occupancy),
    };
    match row.state {
        ArrivalState::Predicted { arrival, departure, stops_away, fix_age_s, .. } => {
            // At the first stop one boards when it leaves.
            let range = if row.call == 0 { departure } else { arrival };
            (view.state, view.scheduled) = ("predicted", false);
            view.time = Some(whole_seconds(range.likely));
            view.earliest = Some(whole_seconds(range.earliest));
            view.latest = Some(whole_seconds(range.latest));
            view.stops_away = stops_away;
            view.fix_age_s = Some(fix_age_s.round());
        }
        ArrivalState::Scheduled => {}
        ArrivalState::Passed { at } => {
            (view.state, view.scheduled, view.time) = ("passed", false, Some(whole_seconds(at)));
        }
        ArrivalState::NotRunning => view.state = "not_running",
        ArrivalState::Unknown => view.state = "unknown",
        ArrivalState::Lost { fix_age_s, .. } => {
            (view.state, view.fix_age_s) = ("lost", Some(fix_age_s.round()));
        }
        ArrivalState::Held { why, since } => {
            view.state = match why {
                Held::Standing => "standing",
                Held::OffRoute => "off_route",
            };
            view.held_since = Some(whole_seconds(since));
        }
        ArrivalState::Cancelled => view.state = "cancelled",
    }
    view
}

/// A prediction is no better than its second.
fn whole_seconds(at: Instant) -> String {
    Instant::from_seconds(at.micros().div_euclid(1_000_000)).unwrap_or(at).to_string()
}
