//! The list of residents' reports for staff, and their decisions. Every member of staff reads
//! it; who edits the layers decides, since an accepted measurement is an edit.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use misto_city::reports::State as ReportState;
use serde::{Deserialize, Serialize};

use super::extract::{Body, Params, Segments};
use super::writing::expected;
use crate::app::Shared;
use crate::auth::{Caller, Planner};
use crate::problem::{Answer, Problem};
use crate::reports::{ReportView, all_of, decide, for_staff};

/// Most reports of one answer.
const MOST: usize = 500;
/// Longest reason, characters.
const MAX_REASON: usize = 1_000;

/// Which reports.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DeskParams {
    /// open, confirmed, accepted, refused or expired, several with commas; those that wait for a
    /// decision when absent.
    state: Option<String>,
}

/// Reports, the newest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DeskView {
    /// At most 500.
    reports: Vec<ReportView>,
    /// How many there are in all.
    total: usize,
}

/// Why it is decided so.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionBody {
    /// In words; a refusal needs it.
    reason: Option<String>,
}

/// What residents told, with the difference to what the record says.
#[utoipa::path(get, path = "/dispatch/access/reports", tag = "dispatch", params(DeskParams),
    responses((status = 200, body = DeskView), (status = 400, body = Problem), (status = 401, body = Problem)))]
pub async fn report_desk(
    State(app): State<Shared>,
    caller: Caller,
    Params(params): Params<DeskParams>,
) -> Answer<Json<DeskView>> {
    if !caller.0.is_staff() {
        return Err(Problem::sign_in("this is for staff; sign in, or send Authorization: Bearer"));
    }
    let found = all_of(&app, &states(params.state.as_deref())?).await?;
    let total = found.len();
    let reports = found.into_iter().take(MOST).map(|kept| for_staff(&app, kept)).collect();
    Ok(Json(DeskView { reports, total }))
}

fn states(asked: Option<&str>) -> Answer<Vec<ReportState>> {
    let Some(asked) = asked else { return Ok(vec![ReportState::Open, ReportState::Confirmed]) };
    let all =
        [ReportState::Open, ReportState::Confirmed, ReportState::Accepted, ReportState::Refused, ReportState::Expired];
    let mut states = Vec::new();
    for name in asked.split(',').map(str::trim) {
        let known = all.into_iter().find(|state| state.as_str() == name);
        let state = known.ok_or_else(|| {
            Problem::invalid("state", "expected open, confirmed, accepted, refused or expired, several with commas")
        })?;
        if !states.contains(&state) {
            states.push(state);
        }
    }
    Ok(states)
}

/// Accepts a report: a measurement becomes part of the record, an obstacle counts.
#[utoipa::path(post, path = "/dispatch/access/reports/{id}/accept", tag = "dispatch", request_body = DecisionBody,
    params(("id" = String, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = ReportView), (status = 400, body = Problem), (status = 401, body = Problem),
              (status = 403, body = Problem), (status = 404, body = Problem), (status = 412, body = Problem),
              (status = 428, body = Problem)))]
pub async fn accept_report(
    State(app): State<Shared>,
    planner: Planner,
    Segments(id): Segments<String>,
    headers: HeaderMap,
    Body(body): Body<DecisionBody>,
) -> Answer<Response> {
    decided(&app, planner, &id, &headers, true, body).await
}

/// Refuses a report, or ends an obstacle that is gone; its photo is removed.
#[utoipa::path(post, path = "/dispatch/access/reports/{id}/refuse", tag = "dispatch", request_body = DecisionBody,
    params(("id" = String, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = ReportView), (status = 400, body = Problem), (status = 401, body = Problem),
              (status = 403, body = Problem), (status = 404, body = Problem), (status = 412, body = Problem),
              (status = 428, body = Problem)))]
pub async fn refuse_report(
    State(app): State<Shared>,
    planner: Planner,
    Segments(id): Segments<String>,
    headers: HeaderMap,
    Body(body): Body<DecisionBody>,
) -> Answer<Response> {
    decided(&app, planner, &id, &headers, false, body).await
}

async fn decided(
    app: &Shared,
    planner: Planner,
    id: &str,
    headers: &HeaderMap,
    accept: bool,
    body: DecisionBody,
) -> Answer<Response> {
    let seen = expected(headers)?;
    let reason = body.reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    if reason.as_ref().is_some_and(|reason| reason.chars().count() > MAX_REASON) {
        return Err(Problem::invalid("reason", format!("at most {MAX_REASON} characters")));
    }
    let kept = decide(app, id, seen, accept, &planner.name, reason).await?;
    let tag = HeaderValue::from_str(&format!("\"{}\"", kept.version.0)).map_err(|_| Problem::internal())?;
    Ok(([(header::ETAG, tag)], Json(for_staff(app, kept))).into_response())
}
