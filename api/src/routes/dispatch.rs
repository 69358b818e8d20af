//! What dispatchers see besides the fleet.

use std::fmt::Display;
use std::str::FromStr;

use axum::Json;
use axum::extract::State;
use misto_model::{Event, RejectionReason};
use misto_store::EventQuery;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::extract::Params;
use crate::app::Shared;
use crate::auth::Dispatcher;
use crate::metrics::ReasonLabel;
use crate::problem::{Answer, Problem};
use crate::tasks::ledger::LEDGER;

/// Which part of the ledger.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct LedgerParams {
    /// Entries of one page, 1 to 500; 50 when absent.
    limit: Option<usize>,
    /// Entries older than this sequence.
    before: Option<i64>,
}

/// Messages that could not be used.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LedgerView {
    /// Entries kept; older ones are forgotten.
    total: u64,
    /// Counted since the server started.
    #[schema(value_type = Object)]
    by_reason: Map<String, Value>,
    /// Newest first. `told` is how often the message was delivered.
    #[schema(value_type = Vec<Object>)]
    entries: Vec<Value>,
}

/// Messages that could not be used, with the reason of each, newest first.
#[utoipa::path(get, path = "/dispatch/rejected", tag = "dispatch", params(LedgerParams),
    responses((status = 200, body = LedgerView), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn rejected(
    State(app): State<Shared>,
    _: Dispatcher,
    Params(params): Params<LedgerParams>,
) -> Answer<Json<LedgerView>> {
    let log = app.store.log.as_ref();
    let entries = log.newest(LEDGER, params.before, params.limit.unwrap_or(50).clamp(1, 500)).await?;
    let counted =
        |reason: RejectionReason| app.metrics.rejected.get_or_create(&ReasonLabel { reason: reason.as_str() }).get();
    let by_reason = RejectionReason::ALL
        .into_iter()
        .map(|reason| (reason, counted(reason)))
        .filter(|(_, count)| *count > 0)
        .map(|(reason, count)| (reason.as_str().to_owned(), json!(count)))
        .collect();
    let entries = entries
        .into_iter()
        .map(|entry| {
            let mut body = entry.body;
            if let Some(members) = body.as_object_mut() {
                members.insert("sequence".to_owned(), json!(entry.sequence));
                members.insert("told".to_owned(), json!(entry.told));
            }
            body
        })
        .collect();
    Ok(Json(LedgerView { total: log.count(LEDGER).await?, by_reason, entries }))
}

/// Which events.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct EventParams {
    /// `signal_lost` or `signal_found`; all when absent.
    kind: Option<String>,
    /// Id of a vehicle; all when absent.
    subject: Option<String>,
    /// When they happened, inclusive (RFC 3339).
    from: Option<String>,
    /// When they happened, inclusive (RFC 3339).
    to: Option<String>,
    /// Events of one page, 1 to 1000; 100 when absent.
    limit: Option<usize>,
    /// What the page before gave as `next`.
    after: Option<String>,
}

/// What happened, in the order of time.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EventsView {
    #[schema(value_type = Vec<Object>)]
    events: Vec<Event>,
    /// Ask again with this as `after`; absent when these were the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// What the rules of the city found out: vehicles that fell silent and spoke again.
#[utoipa::path(get, path = "/dispatch/events", tag = "dispatch", params(EventParams),
    responses((status = 200, body = EventsView), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn events(
    State(app): State<Shared>,
    _: Dispatcher,
    Params(params): Params<EventParams>,
) -> Answer<Json<EventsView>> {
    let query = EventQuery {
        kind: parsed("kind", params.kind.as_deref())?,
        subject: parsed("subject", params.subject.as_deref())?,
        from: parsed("from", params.from.as_deref())?,
        to: parsed("to", params.to.as_deref())?,
        after: params.after,
        limit: params.limit.unwrap_or(100).clamp(1, 1_000),
    };
    let page = app.store.series.events(&query).await?;
    Ok(Json(EventsView { events: page.rows, next: page.next }))
}

fn parsed<T: FromStr<Err: Display>>(field: &'static str, text: Option<&str>) -> Answer<Option<T>> {
    text.map(str::parse).transpose().map_err(|wrong: T::Err| Problem::invalid(field, wrong.to_string()))
}
