//! Vector tiles (MVT 2.1) and TileJSON 3.0.0.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use misto_model::{Audience, CollectionId, TileCoord};
use misto_tiles::Selection;
use serde_json::{Value, json};

use super::extract::{Params, Segments, collection_id};
use super::filtering::{filter, names};
use super::tile_answer::{answer, negotiated};
use crate::app::Shared;
use crate::auth::Caller;
use crate::problem::{Answer, Problem};

/// Most collections in one tile.
pub const MAX_COLLECTIONS: usize = 20;

/// What of the collections a tile shows.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TileParams {
    /// CQL2, 32 KiB at most, about attributes that each of the collections has.
    filter: Option<String>,
    /// `cql2-text` (the default) or `cql2-json`.
    #[serde(rename = "filter-lang")]
    filter_lang: Option<String>,
    /// Reference system of the filter's geometries as a URI; CRS84 when absent.
    #[serde(rename = "filter-crs")]
    filter_crs: Option<String>,
    /// Only these attributes, comma-separated; each of the collections has them.
    properties: Option<String>,
}

impl TileParams {
    fn selection(&self) -> Answer<Selection> {
        let filter = filter(self.filter.as_deref(), self.filter_lang.as_deref(), self.filter_crs.as_deref())?;
        Ok(Selection { filter, properties: names(self.properties.as_deref()) })
    }
}

/// One tile of one or several collections; 204 when nothing is there.
#[utoipa::path(get, path = "/tiles/{collections}/{z}/{x}/{y}", tag = "tiles",
    params(("collections" = String, Path, description = "Collection ids, comma-separated"),
           ("z" = u32, Path), ("x" = u32, Path), ("y" = u32, Path), TileParams),
    responses((status = 200, description = "Mapbox Vector Tile"), (status = 204, description = "Empty"),
              (status = 304, description = "Not modified"), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub async fn tile(
    State(app): State<Shared>,
    caller: Caller,
    Segments((collections, z, x, y)): Segments<(String, u32, u32, u32)>,
    Params(params): Params<TileParams>,
    headers: HeaderMap,
) -> Answer<Response> {
    let at = TileCoord::new(z, x, y).map_err(|wrong| Problem::invalid("tile", wrong))?;
    serve(&app, collection_ids(&collections)?, at, caller.audience(), &params.selection()?, &headers).await
}

/// A tile that stands ready is handed out here; one that must be drawn is drawn where
/// it cannot hold up other requests.
pub async fn serve(
    app: &Shared,
    ids: Vec<CollectionId>,
    at: TileCoord,
    audience: Audience,
    selection: &Selection,
    headers: &HeaderMap,
) -> Answer<Response> {
    app.loaded_with(&ids, audience)?;
    let encoding = negotiated(headers);
    let found = match app.atlas.kept_selected_tile(&ids, at, audience, encoding, selection)? {
        Some(kept) => kept,
        None => {
            // A tile without a filter is kept for the next one who asks; any filter is another tile.
            let _turn = match selection.filter {
                Some(_) => Some(app.costly.turn(audience).await?),
                None => None,
            };
            let (drawing, selection) = (app.clone(), selection.clone());
            tokio::task::spawn_blocking(move || drawing.atlas.selected_tile(&ids, at, audience, encoding, &selection))
                .await
                .map_err(|cause| {
                    tracing::error!(%cause, %at, "a tile could not be drawn");
                    Problem::internal()
                })??
        }
    };
    Ok(answer(found, headers, audience))
}

/// Collections named in a path, each once.
pub fn collection_ids(names: &str) -> Answer<Vec<CollectionId>> {
    let ids: Vec<CollectionId> = names.split(',').map(collection_id).collect::<Answer<_>>()?;
    let repeated = |(at, id): (usize, &CollectionId)| ids[..at].contains(id);
    if ids.len() > MAX_COLLECTIONS || ids.iter().enumerate().any(repeated) {
        return Err(Problem::invalid(
            "collections",
            format!("expected 1 to {MAX_COLLECTIONS} different collection ids, comma-separated"),
        ));
    }
    Ok(ids)
}

/// TileJSON of one or several collections.
#[utoipa::path(get, path = "/tiles/{collections_json}", tag = "tiles",
    params(("collections_json" = String, Path, description = "Collection ids, comma-separated, and .json")),
    responses((status = 200, description = "TileJSON 3.0.0"), (status = 404, body = Problem)))]
pub async fn tile_json(
    State(app): State<Shared>,
    caller: Caller,
    Segments(name): Segments<String>,
    headers: HeaderMap,
) -> Answer<Json<Value>> {
    let names =
        name.strip_suffix(".json").ok_or_else(|| Problem::not_found("TileJSON lies at /tiles/{collection}.json"))?;
    let ids = collection_ids(names)?;
    app.loaded_with(&ids, caller.audience())?;
    let fields = app.atlas.tilejson_fields(&ids, caller.audience())?;
    let layers: Vec<Value> = fields
        .vector_layers
        .iter()
        .map(|layer| {
            json!({"id": layer.id, "description": layer.description, "fields": layer.fields,
            "minzoom": fields.minzoom, "maxzoom": fields.maxzoom})
        })
        .collect();
    let mut document = json!({
        "tilejson": "3.0.0",
        "name": names,
        "tiles": [format!("{}/tiles/{names}/{{z}}/{{x}}/{{y}}", origin(&headers))],
        "minzoom": fields.minzoom,
        "maxzoom": fields.maxzoom,
        "vector_layers": layers,
    });
    if let Some(bounds) = fields.bounds {
        document["bounds"] = json!(bounds);
    }
    if let Some(budget) = fields.tile_budget_bytes {
        // Not of the standard, which allows further members (TileJSON 3.0.0, 3).
        document["thinning"] = json!({"below_zoom": fields.whole_from, "tile_budget_bytes": budget,
            "told_by_header": "misto-thinned"});
    }
    Ok(Json(document))
}

/// Where the caller found us; empty (a relative address) when the request does not tell.
pub fn origin(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let plain = |host: &&str| host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c));
    let scheme = text("x-forwarded-proto").filter(|scheme| ["http", "https"].contains(scheme)).unwrap_or("http");
    text("host").filter(plain).map(|host| format!("{scheme}://{host}")).unwrap_or_default()
}
