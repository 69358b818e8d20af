//! Notices for passengers: read by everybody, written by dispatchers.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use misto_model::{Error, Version};
use misto_store::{DocumentWrite, LogWrite};
use serde::Serialize;
use serde_json::json;

use super::extract::{Body, NoParams, Params, Segments};
use super::writing::expected;
use crate::app::{App, Shared};
use crate::auth::Dispatcher;
use crate::problem::{Answer, Problem};
use crate::transit::alerts::{self, Alert, KIND, MAX_STANDING, StandingAlert};

/// Kind of log entries that holds who wrote which notice.
const AUDIT: &str = "audit";

/// Notices that hold now.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AlertsView {
    alerts: Vec<StandingAlert>,
}

/// Notices for passengers that hold now.
#[utoipa::path(get, path = "/transit/alerts", tag = "transit", responses((status = 200, body = AlertsView)))]
pub async fn alerts(State(app): State<Shared>, Params(NoParams {}): Params<NoParams>) -> Json<AlertsView> {
    Json(AlertsView { alerts: app.transit.alerts_at(app.now()) })
}

/// Every notice that stands, those of the future and the past among them.
#[utoipa::path(get, path = "/dispatch/transit/alerts", tag = "dispatch",
    responses((status = 200, body = AlertsView), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn every_alert(
    State(app): State<Shared>,
    _: Dispatcher,
    Params(NoParams {}): Params<NoParams>,
) -> Answer<Json<AlertsView>> {
    Ok(Json(AlertsView { alerts: alerts::all(app.store.documents.as_ref()).await? }))
}

/// A new notice.
#[utoipa::path(post, path = "/dispatch/transit/alerts", tag = "dispatch", request_body = Alert,
    responses((status = 201, body = StandingAlert), (status = 400, body = Problem), (status = 401, body = Problem),
              (status = 403, body = Problem)))]
pub async fn create_alert(
    State(app): State<Shared>,
    dispatcher: Dispatcher,
    Body(alert): Body<Alert>,
) -> Answer<Response> {
    let alert = checked(&app, alert)?;
    if app.store.documents.list(KIND).await?.len() >= MAX_STANDING {
        return Err(Problem::invalid("body", format!("{MAX_STANDING} notices stand already; remove old ones first")));
    }
    let id = format!("{:016x}", rand::random::<u64>());
    let standing = save(&app, &dispatcher, id, None, alert).await?;
    let address = HeaderValue::from_str(&format!("/dispatch/transit/alerts/{}", standing.id));
    let address = address.map_err(|_| Problem::internal())?;
    Ok((StatusCode::CREATED, [(header::LOCATION, address)], answer(standing)?).into_response())
}

/// A new state for a notice that stands.
#[utoipa::path(put, path = "/dispatch/transit/alerts/{id}", tag = "dispatch", request_body = Alert,
    params(("id" = String, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = StandingAlert), (status = 400, body = Problem), (status = 401, body = Problem),
              (status = 403, body = Problem), (status = 404, body = Problem), (status = 412, body = Problem),
              (status = 428, body = Problem)))]
pub async fn replace_alert(
    State(app): State<Shared>,
    dispatcher: Dispatcher,
    Segments(id): Segments<String>,
    headers: HeaderMap,
    Body(alert): Body<Alert>,
) -> Answer<Response> {
    let expected = standing(&app, &id, &headers).await?;
    let alert = checked(&app, alert)?;
    answer(save(&app, &dispatcher, id, Some(expected), alert).await?)
}

/// Takes a notice away.
#[utoipa::path(delete, path = "/dispatch/transit/alerts/{id}", tag = "dispatch",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204, description = "Removed"), (status = 401, body = Problem), (status = 403, body = Problem),
              (status = 404, body = Problem), (status = 412, body = Problem), (status = 428, body = Problem)))]
pub async fn delete_alert(
    State(app): State<Shared>,
    dispatcher: Dispatcher,
    Segments(id): Segments<String>,
    headers: HeaderMap,
) -> Answer<StatusCode> {
    let expected = standing(&app, &id, &headers).await?;
    let remove = DocumentWrite::Remove { kind: KIND.to_owned(), key: id.clone(), expected };
    let said = audit(&app, &dispatcher, "remove", &id, None);
    app.store.documents.write(&[remove], &[said]).await?;
    refresh(&app).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The version that the caller saw of a notice that stands.
async fn standing(app: &App, id: &str, headers: &HeaderMap) -> Answer<Version> {
    if app.store.documents.get(KIND, id).await?.is_none() {
        return Err(Error::not_found(format!("notice {:?}", id.chars().take(40).collect::<String>())).into());
    }
    expected(headers)
}

fn checked(app: &App, alert: Alert) -> Answer<Alert> {
    if alert.until.is_some_and(|until| until.micros() <= app.now().micros()) {
        return Err(Problem::invalid("until", "the notice would be over already"));
    }
    alert.checked(app.transit.loaded.load().as_ref().map(|loaded| loaded.network.as_ref()))
}

async fn save(
    app: &App,
    dispatcher: &Dispatcher,
    id: String,
    expected: Option<Version>,
    alert: Alert,
) -> Answer<StandingAlert> {
    let body = serde_json::to_value(&alert).map_err(|_| Problem::internal())?;
    let act = if expected.is_some() { "replace" } else { "create" };
    let said = audit(app, dispatcher, act, &id, Some(&body));
    let put = DocumentWrite::Put { kind: KIND.to_owned(), key: id.clone(), expected, body };
    let versions = app.store.documents.write(&[put], &[said]).await?;
    let version = versions.into_iter().next().ok_or_else(Problem::internal)?;
    refresh(app).await?;
    Ok(StandingAlert { id, version, alert })
}

/// Who did what, kept for good beside the notice.
fn audit(app: &App, dispatcher: &Dispatcher, act: &str, id: &str, body: Option<&serde_json::Value>) -> LogWrite {
    let entry =
        json!({"at": app.now(), "actor": dispatcher.name, "act": format!("{act} {KIND}"), "id": id, "body": body});
    LogWrite { kind: AUDIT.to_owned(), entries: vec![entry], at: app.now(), keep: None }
}

async fn refresh(app: &App) -> Answer<()> {
    app.transit.stand(alerts::all(app.store.documents.as_ref()).await?, &app.hub);
    Ok(())
}

fn answer(standing: StandingAlert) -> Answer<Response> {
    let tag = HeaderValue::from_str(&format!("\"{}\"", standing.version.0)).map_err(|_| Problem::internal())?;
    Ok(([(header::ETAG, tag)], Json(standing)).into_response())
}
