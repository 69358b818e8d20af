//! Vector tiles (MVT 2.1) and TileJSON 3.0.0.

use std::collections::HashSet;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use misto_model::{Audience, CollectionId, TileCoord};
use misto_tiles::{Encoding, Selection};
use serde_json::{Value, json};

use super::extract::{Params, Segments, collection_id};
use super::filtering::{filter, names};
use crate::app::Shared;
use crate::auth::Caller;
use crate::problem::{Answer, Problem};

/// Most collections in one tile.
const MAX_COLLECTIONS: usize = 20;

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
    let ids = collection_ids(&collections)?;
    app.loaded()?;
    let selection = params.selection()?;
    let encoding = if accepts_gzip(&headers) { Encoding::Gzip } else { Encoding::Identity };
    let audience = caller.audience();
    // A tile that stands ready is handed out here; one that must be drawn is
    // drawn where it cannot hold up other requests.
    let found = match app.atlas.kept_selected_tile(&ids, at, audience, encoding, &selection)? {
        Some(kept) => kept,
        None => {
            let drawing = app.clone();
            tokio::task::spawn_blocking(move || drawing.atlas.selected_tile(&ids, at, audience, encoding, &selection))
                .await
                .map_err(|cause| {
                    tracing::error!(%cause, %at, "a tile could not be drawn");
                    Problem::internal()
                })??
        }
    };
    let Some(tile) = found else {
        return Ok((StatusCode::NO_CONTENT, cache_headers(audience)).into_response());
    };
    let mut response = if matches(&headers, &tile.etag) {
        (StatusCode::NOT_MODIFIED, cache_headers(audience)).into_response()
    } else {
        let content_type = [(header::CONTENT_TYPE, HeaderValue::from_static("application/vnd.mapbox-vector-tile"))];
        (content_type, cache_headers(audience), tile.bytes.clone()).into_response()
    };
    let out = response.headers_mut();
    if let Ok(etag) = HeaderValue::from_str(&tile.etag) {
        out.insert(header::ETAG, etag);
    }
    if tile.encoding == Encoding::Gzip && !tile.bytes.is_empty() {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if tile.thinned {
        out.insert("misto-thinned", HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// Collections are edited: a browser asks each time and gets 304. What staff see no cache may keep.
fn cache_headers(audience: Audience) -> [(header::HeaderName, HeaderValue); 2] {
    let control = match audience {
        Audience::Public => "no-cache",
        Audience::Staff => "private, no-store",
    };
    [
        (header::CACHE_CONTROL, HeaderValue::from_static(control)),
        (header::VARY, HeaderValue::from_static("Accept-Encoding, Authorization, Cookie")),
    ]
}

fn collection_ids(names: &str) -> Answer<Vec<CollectionId>> {
    let mut seen = HashSet::new();
    let ids: Vec<CollectionId> = names.split(',').map(collection_id).collect::<Answer<_>>()?;
    if ids.len() > MAX_COLLECTIONS || !ids.iter().all(|id| seen.insert(id.clone())) {
        return Err(Problem::invalid(
            "collections",
            format!("expected 1 to {MAX_COLLECTIONS} different collection ids, comma-separated"),
        ));
    }
    Ok(ids)
}

/// RFC 9110, 12.5.3: gzip unless it is absent or its weight is 0.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    accepted.split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip") || name == "*");
        let refused =
            parts.any(|weight| weight.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()).is_some_and(|q| q == 0.0));
        named && !refused
    })
}

/// RFC 9110, 13.1.2, with weak comparison.
fn matches(headers: &HeaderMap, etag: &str) -> bool {
    let sent = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or("");
    sent.split(',').map(|tag| tag.trim().trim_start_matches("W/")).any(|tag| tag == "*" || tag == etag)
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
    app.loaded()?;
    let fields = app.atlas.tilejson_fields(&ids, caller.audience())?;
    let layers: Vec<Value> = fields
        .vector_layers
        .iter()
        .map(|layer| json!({"id": layer.id, "description": layer.description, "fields": layer.fields}))
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
    Ok(Json(document))
}

/// Where the caller found us; empty (a relative address) when the request does not tell.
fn origin(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let plain = |host: &&str| host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c));
    let scheme = text("x-forwarded-proto").filter(|scheme| ["http", "https"].contains(scheme)).unwrap_or("http");
    text("host").filter(plain).map(|host| format!("{scheme}://{host}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_only_to_those_who_take_it() {
        let accepts =
            |value: &str| accepts_gzip(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, value.parse().unwrap())]));
        assert!(accepts("gzip, deflate, br"));
        assert!(accepts("br;q=1.0, GZIP;q=0.5"));
        assert!(!accepts("gzip;q=0"));
        assert!(!accepts("br"));
        assert!(!accepts_gzip(&HeaderMap::new()));
    }
}
