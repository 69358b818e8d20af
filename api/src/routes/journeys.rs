//! From door to door by low-floor bus. As with venues, neither query nor body of this route is
//! logged or counted: it tells where somebody goes, and what their body can do.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use misto_city::journey::{
    Live, NoJourney, Picture, Query, StopWalk, When, last_departure, plan, straight_walk, straight_walks,
};
use misto_model::{AccessProfile, Audience, Instant, Position, StepsAllowed};
use serde::Deserialize;
use serde_json::{Value, json};

use super::extract::{Body, Params, position};
use super::person::{Asked, listed, profile};
use super::transit::loaded;
use crate::app::{App, Shared};
use crate::auth::Caller;
use crate::problem::{Answer, Problem};
use crate::transit::Loaded;
use crate::transit::shown::Shown;
use view::Telling;

mod view;
mod words;

/// Metres of way on foot at each end, unless the caller says otherwise, and at most.
const WALK_M: f64 = 1_000.0;
const LONGEST_WALK_M: f64 = 3_000.0;
/// Metres a second on foot: 5 km/h, and 4 km/h for who goes without steps (the default of
/// Valhalla's wheelchair costing). Ours, until the walking network reckons with the person.
const SPEED_M_S: f64 = 1.4;
const STEP_FREE_SPEED_M_S: f64 = 1.1;
/// Rides of one journey.
const RIDES: usize = 5;

/// From where to where, when, and a person's needs, as a query.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct JourneyParams {
    /// Longitude,latitude of the first door.
    from: Option<String>,
    /// Longitude,latitude of the last door.
    to: Option<String>,
    /// Leave at this moment or later (RFC 3339); now when absent.
    at: Option<String>,
    /// Arrive at this moment or earlier (RFC 3339), instead of `at`.
    arrive_by: Option<String>,
    /// Metres on foot at each end; 1000 when absent, at most 3000.
    max_walk_m: Option<f64>,
    /// 1 to 10 journeys; 3 when absent.
    limit: Option<usize>,
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

/// From where to where, when, and a person's needs, as a body.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JourneyRequest {
    /// Longitude and latitude of the first door.
    from: Option<[f64; 2]>,
    /// Longitude and latitude of the last door.
    to: Option<[f64; 2]>,
    /// Leave at this moment or later (RFC 3339); now when absent.
    at: Option<String>,
    /// Arrive at this moment or earlier (RFC 3339), instead of `at`.
    arrive_by: Option<String>,
    /// Metres on foot at each end; 1000 when absent, at most 3000.
    max_walk_m: Option<f64>,
    /// 1 to 10 journeys; 3 when absent.
    limit: Option<usize>,
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

/// What is asked, read.
struct Question {
    from: Position,
    to: Position,
    when: When,
    most_m: f64,
    limit: usize,
    step_free: bool,
}

/// Journeys from door to door, from a query.
#[utoipa::path(get, path = "/access/journeys", tag = "access", params(JourneyParams),
    responses((status = 200, description = "`journeys` with their legs; where there is none `reason` says why. Absent = unknown"),
              (status = 400, body = Problem), (status = 404, body = Problem), (status = 503, body = Problem)))]
pub async fn journeys(
    State(app): State<Shared>,
    caller: Caller,
    Params(params): Params<JourneyParams>,
) -> Answer<Json<Value>> {
    let person = profile(&Asked {
        chair_width_cm: params.chair_width_cm,
        clearance_cm: params.clearance_cm,
        max_slope_percent: params.max_slope_percent,
        max_climb_cm: params.max_climb_cm,
        steps: params.steps.as_deref(),
        needs: listed(params.needs.as_deref()),
    })?;
    let question = Question {
        from: place(params.from.as_deref(), "from")?,
        to: place(params.to.as_deref(), "to")?,
        when: when(&app, params.at.as_deref(), params.arrive_by.as_deref())?,
        most_m: most_m(params.max_walk_m)?,
        limit: limit(params.limit)?,
        step_free: is_step_free(&person),
    };
    answer(app, question, caller.audience()).await
}

/// Journeys from door to door, from a body: no proxy logs it.
#[utoipa::path(post, path = "/access/journeys", tag = "access", request_body = JourneyRequest,
    responses((status = 200, description = "`journeys` with their legs; where there is none `reason` says why. Absent = unknown"),
              (status = 400, body = Problem), (status = 404, body = Problem), (status = 503, body = Problem)))]
pub async fn journeys_for_profile(
    State(app): State<Shared>,
    Body(request): Body<JourneyRequest>,
) -> Answer<Json<Value>> {
    let person = profile(&Asked {
        chair_width_cm: request.chair_width_cm,
        clearance_cm: request.clearance_cm,
        max_slope_percent: request.max_slope_percent,
        max_climb_cm: request.max_climb_cm,
        steps: request.steps.as_deref(),
        needs: request.needs.iter().map(String::as_str).collect(),
    })?;
    let pair = |two: Option<[f64; 2]>, field| {
        let [lon, lat] = two.ok_or_else(|| Problem::invalid(field, "expected [longitude, latitude]"))?;
        position(lon, lat, field)
    };
    let question = Question {
        from: pair(request.from, "from")?,
        to: pair(request.to, "to")?,
        when: when(&app, request.at.as_deref(), request.arrive_by.as_deref())?,
        most_m: most_m(request.max_walk_m)?,
        limit: limit(request.limit)?,
        step_free: is_step_free(&person),
    };
    answer(app, question, Audience::Public).await
}

/// A bus that is boarded with a step has more than one.
fn is_step_free(person: &AccessProfile) -> bool {
    let numbers = [person.chair_width_cm, person.clearance_cm, person.max_slope_percent, person.max_climb_cm];
    person.steps != StepsAllowed::Any || numbers.iter().any(Option::is_some)
}

fn place(text: Option<&str>, field: &str) -> Answer<Position> {
    let wrong = || Problem::invalid(field, "expected longitude,latitude, for example 24.71,48.92");
    let (lon, lat) = text.and_then(|text| text.split_once(',')).ok_or_else(wrong)?;
    let parse = |text: &str| text.trim().parse::<f64>().map_err(|_| wrong());
    position(parse(lon)?, parse(lat)?, field)
}

fn when(app: &App, at: Option<&str>, arrive_by: Option<&str>) -> Answer<When> {
    let moment = |text: &str, field: &str| {
        let wrong =
            |_| Problem::invalid(field, "expected a moment with its zone, for example 2026-06-10T08:30:00+03:00");
        text.parse::<Instant>().map_err(wrong)
    };
    match (at, arrive_by) {
        (Some(_), Some(_)) => Err(Problem::invalid("arrive_by", "ask for `at` or for `arrive_by`, not for both")),
        (Some(at), None) => Ok(When::LeaveAt(moment(at, "at")?)),
        (None, Some(by)) => Ok(When::ArriveBy(moment(by, "arrive_by")?)),
        (None, None) => Ok(When::LeaveAt(app.now())),
    }
}

fn most_m(asked: Option<f64>) -> Answer<f64> {
    match asked.unwrap_or(WALK_M) {
        metres if (0.0..=LONGEST_WALK_M).contains(&metres) => Ok(metres),
        _ => Err(Problem::invalid("max_walk_m", format!("expected metres from 0 to {LONGEST_WALK_M}"))),
    }
}

fn limit(asked: Option<usize>) -> Answer<usize> {
    match asked.unwrap_or(3) {
        limit @ 1..=10 => Ok(limit),
        _ => Err(Problem::invalid("limit", "expected a number from 1 to 10")),
    }
}

async fn answer(app: Shared, question: Question, audience: Audience) -> Answer<Json<Value>> {
    let loaded = loaded(&app)?;
    // Milliseconds of reckoning, at the first question more: other requests go on meanwhile.
    let _turn = app.costly.turn(audience).await?;
    let asked = app.clone();
    let reckoned = tokio::task::spawn_blocking(move || reckon(&asked, &loaded, &question, audience)).await;
    reckoned.map(Json).map_err(|_| Problem::internal())
}

fn reckon(app: &App, loaded: &Arc<Loaded>, question: &Question, audience: Audience) -> Value {
    let (network, planner) = (&loaded.network, loaded.planner());
    let shown = app.transit.shown_with(network);
    let lost_after_s = app.settings.city.lost_after_s;
    let cancelled = || app.transit.cancelled(network, app.now());
    let by_timetable;
    let live = match &shown {
        Some(shown) => shown.live(planner, lost_after_s, cancelled),
        None => {
            by_timetable = without_vehicles(app, loaded, &cancelled());
            &by_timetable
        }
    };
    let speed_m_s = if question.step_free { STEP_FREE_SPEED_M_S } else { SPEED_M_S };
    let near = |place| straight_walks(network.timetable(), place, question.most_m, speed_m_s);
    let (access, egress) = (near(question.from), near(question.to));
    let direct = straight_walk(question.from, question.to, speed_m_s);
    let query = Query {
        when: question.when,
        access: &access,
        egress: &egress,
        direct: Some(&direct),
        step_free: question.step_free,
        speed_m_s,
        rides: RIDES,
        journeys: question.limit,
    };
    let found = plan(network, planner, live, &query);
    let telling = Telling { network, shown: shown.as_deref(), audience, step_free: question.step_free };
    let mut told = json!({
        "now": app.now().to_string(),
        "time_zone": network.timetable().time_zone,
        "based_on": if shown.is_some() { "predictions" } else { "timetable" },
        "walking": {"basis": "straight", "detour": 1.3, "speed_m_s": speed_m_s},
        "journeys": found.iter().flatten().map(|one| telling.journey(one)).collect::<Vec<_>>(),
    });
    if direct.length_m <= question.most_m && found != Err(NoJourney::AlreadyThere) {
        told["walk"] = view::way(&direct);
    }
    match &found {
        Ok(journeys) => back(&telling, loaded, live, (&egress, &access), &query, journeys, &mut told),
        Err(why) => told["reason"] = words::reason(why),
    }
    told
}

/// The last way back on the day of the first arrival.
fn back(
    telling: &Telling<'_>,
    loaded: &Loaded,
    live: &Live,
    (access, egress): (&[StopWalk], &[StopWalk]),
    query: &Query<'_>,
    there: &[misto_city::journey::Journey],
    told: &mut Value,
) {
    let Some(first) = there.iter().map(|one| one.arrive).min_by_key(|at| at.micros()) else { return };
    let query = Query { when: When::LeaveAt(first), access, egress, ..*query };
    match last_departure(&loaded.network, loaded.planner(), live, &query) {
        Ok(last) => told["last_back"] = telling.journey(&last),
        Err(why) => told["last_back_reason"] = words::reason(&why),
    }
}

fn without_vehicles(
    app: &App,
    loaded: &Loaded,
    cancelled: &std::collections::BTreeSet<misto_city::transit::Run>,
) -> Live {
    let picture = Picture {
        now: app.now(),
        vehicles: &[],
        visits: &[],
        cancelled,
        low_floor: &|_| None,
        may_drive: &|_, _| false,
        lost_after_s: app.settings.city.lost_after_s,
    };
    Live::new(&loaded.network, loaded.planner(), &picture)
}

/// What vehicles a picture knows.
fn vehicle_id(shown: Option<&Shown>, vehicle: &misto_model::VehicleKey, audience: Audience) -> Option<String> {
    Some(shown?.vehicle(vehicle)?.id(audience))
}
