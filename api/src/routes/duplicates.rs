//! Venues that may be one place told by two sources, for planners.

use axum::Json;
use axum::extract::State;
use misto_city::duplicates::likely;
use misto_model::{Audience, CollectionId, Feature};
use serde::Deserialize;
use serde_json::{Value, json};

use super::extract::{Params, collection_id};
use crate::access::venues_id;
use crate::app::Shared;
use crate::auth::Planner;
use crate::duplicates::{WITHIN_M, place};
use crate::problem::{Answer, Problem};

/// Pairs that are told at once.
const MOST: usize = 1_000;
/// Farther apart than this nothing is one place.
const FARTHEST_M: f64 = 1_000.0;

/// Where to look.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DuplicateParams {
    /// Metres within which spellings of one name are one place, 1 to 1 000; 50 when absent.
    within_m: Option<f64>,
    /// The collection; `venues` when absent.
    collection: Option<String>,
}

/// Pairs of venues that may be one place: one id elsewhere, or near each other with spellings of
/// one name. They are suggested and never merged; found anew at each request.
#[utoipa::path(get, path = "/dispatch/access/duplicates", tag = "access", params(DuplicateParams),
    responses((status = 200, description = "`pairs` with `first`, `second`, `why` and `distance_m`; `total` counts all"),
              (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn duplicates(
    State(app): State<Shared>,
    _: Planner,
    Params(params): Params<DuplicateParams>,
) -> Answer<Json<Value>> {
    let within_m = params.within_m.unwrap_or(WITHIN_M);
    if !(1.0..=FARTHEST_M).contains(&within_m) {
        return Err(Problem::invalid("within_m", format!("expected metres from 1 to {FARTHEST_M}")));
    }
    let id: CollectionId = params.collection.as_deref().map_or_else(|| Ok(venues_id()), collection_id)?;
    app.loaded_with(std::slice::from_ref(&id), Audience::Staff)?;
    let features = app.atlas.each(&id, None, Audience::Staff)?;
    let found = tokio::task::spawn_blocking(move || {
        let places: Vec<_> = features.iter().map(|feature| place(feature)).collect();
        let pairs = likely(&places, within_m);
        let told = pairs.iter().take(MOST).map(|pair| {
            json!({
                "first": told(&features[pair.first]),
                "second": told(&features[pair.second]),
                "why": pair.why,
                "distance_m": pair.distance_m,
            })
        });
        json!({"within_m": within_m, "total": pairs.len(), "pairs": told.collect::<Vec<_>>()})
    });
    found.await.map(Json).map_err(|cause| {
        tracing::error!(%cause, "venues could not be compared");
        Problem::internal()
    })
}

fn told(feature: &Feature) -> Value {
    let text = |name: &str| feature.properties.get(name).cloned().unwrap_or(Value::Null);
    json!({"id": feature.id, "name": text("name"), "address": text("address"), "source": text("source")})
}
