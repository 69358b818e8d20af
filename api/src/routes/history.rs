//! Who changed a feature, what, why and when.

use axum::Json;
use axum::extract::State;
use misto_model::{FeatureId, HistoryEntry, Role};
use serde_json::{Value, json};

use super::collections::visible;
use super::extract::Segments;
use crate::app::Shared;
use crate::auth::Caller;
use crate::problem::{Answer, Problem};
use crate::view::feature::geojson;

/// Past states of one feature, newest first, for planners.
#[utoipa::path(get, path = "/ogc/collections/{id}/items/{feature}/history", tag = "ogc",
    params(("id" = String, Path), ("feature" = i64, Path)),
    responses((status = 200, description = "Past states"), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn history(
    State(app): State<Shared>,
    caller: Caller,
    Segments((id, feature)): Segments<(String, i64)>,
) -> Answer<Json<Value>> {
    caller.require(Role::Planner)?;
    let collection = visible(&app, &id, &caller)?;
    let entries = app.store.features.history(&collection.id, FeatureId(feature)).await?;
    if entries.is_empty() {
        return Err(Problem::not_found(format!("feature {feature} of {id} was not found")));
    }
    Ok(Json(json!({"entries": entries.iter().map(view).collect::<Vec<_>>()})))
}

fn view(entry: &HistoryEntry) -> Value {
    json!({
        "sequence": entry.sequence,
        "kind": entry.kind,
        "version": entry.feature.version,
        "feature": geojson(&entry.feature),
        "actor": entry.actor,
        "reason": entry.reason,
        "at": entry.at,
    })
}
