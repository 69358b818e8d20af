//! OGC API Tiles, Part 1 (OGC 20-057) over WebMercatorQuad (OGC 17-083r4, Annex D.1).
//! Its paths name the row before the column.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use misto_model::{Audience, CollectionId, GeometryKind, PropertyType, TileCoord};
use misto_tiles::Atlas;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::collections::visible;
use super::extract::{NoParams, Params, Segments};
use super::ogc::link;
use super::tiles::{collection_ids, origin, serve};
use crate::app::Shared;
use crate::auth::Caller;
use crate::problem::{Answer, Problem};

/// Classes of requirements that are met, and no others.
pub const CONFORMANCE: [&str; 9] = [
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/dataset-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/collections-selection",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
    "http://www.opengis.net/spec/tms/2.0/conf/tilematrixset",
    "http://www.opengis.net/spec/tms/2.0/conf/json-tilematrixset",
];
const QUAD: &str = "WebMercatorQuad";
const QUAD_URI: &str = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad";
const CRS: &str = "http://www.opengis.net/def/crs/EPSG/0/3857";
const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
const SCHEME: &str = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme";
const MVT: &str = "application/vnd.mapbox-vector-tile";
/// Metres from the middle of the world to its edge (EPSG:3857).
const HALF_WORLD_M: f64 = 20_037_508.342_789_244;

/// The grids that tiles are cut by.
#[utoipa::path(get, path = "/ogc/tileMatrixSets", tag = "ogc", responses((status = 200, description = "Tile matrix sets")))]
pub async fn matrix_sets() -> Json<Value> {
    let links = [link("self", format!("/ogc/tileMatrixSets/{QUAD}"), "application/json", QUAD)];
    Json(json!({"tileMatrixSets": [{"id": QUAD, "title": QUAD, "uri": QUAD_URI, "crs": CRS, "links": links}]}))
}

/// One grid: 17-083r4, 7.2 and Annex D.1.
#[utoipa::path(get, path = "/ogc/tileMatrixSets/{matrixSet}", tag = "ogc", params(("matrixSet" = String, Path)),
    responses((status = 200, description = "Tile matrix set"), (status = 404, body = Problem)))]
pub async fn matrix_set(Segments(set): Segments<String>) -> Answer<Json<Value>> {
    known(&set)?;
    let matrix = |z: u8| {
        let tiles = 1u64 << z;
        let cell_m = 2.0 * HALF_WORLD_M / 256.0 / tiles as f64;
        // A pixel of the standard is 0.28 mm (17-083r4, 6.1).
        json!({"id": z.to_string(), "scaleDenominator": cell_m / 0.000_28, "cellSize": cell_m,
               "cornerOfOrigin": "topLeft", "pointOfOrigin": [-HALF_WORLD_M, HALF_WORLD_M],
               "tileWidth": 256, "tileHeight": 256, "matrixWidth": tiles, "matrixHeight": tiles})
    };
    Ok(Json(json!({
        "id": QUAD, "title": "Google Maps Compatible for the World", "uri": QUAD_URI, "crs": CRS,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": (0..=TileCoord::MAX_ZOOM).map(matrix).collect::<Vec<_>>(),
    })))
}

/// Tilesets of one collection.
#[utoipa::path(get, path = "/ogc/collections/{id}/tiles", tag = "ogc", params(("id" = String, Path)),
    responses((status = 200, description = "Tilesets"), (status = 404, body = Problem)))]
pub async fn collection_tilesets(
    State(app): State<Shared>,
    caller: Caller,
    Segments(id): Segments<String>,
) -> Answer<Json<Value>> {
    let collection = visible(&app, &id, &caller)?;
    Ok(Json(tilesets(&format!("/ogc/collections/{id}/tiles"), &collection.title_uk)))
}

/// Tilesets of all collections together.
#[utoipa::path(get, path = "/ogc/tiles", tag = "ogc", responses((status = 200, description = "Tilesets")))]
pub async fn dataset_tilesets(State(app): State<Shared>) -> Json<Value> {
    Json(tilesets("/ogc/tiles", &app.settings.city.name_uk))
}

fn tilesets(path: &str, title: &str) -> Value {
    let own = format!("{path}/{QUAD}");
    json!({
        "links": [link("self", path, "application/json", "This document")],
        "tilesets": [{
            "title": title, "dataType": "vector", "crs": CRS, "tileMatrixSetURI": QUAD_URI,
            "links": [link("self", own, "application/json", title),
                      link(SCHEME, format!("/ogc/tileMatrixSets/{QUAD}"), "application/json", QUAD)],
        }],
    })
}

/// The tileset of one collection.
#[utoipa::path(get, path = "/ogc/collections/{id}/tiles/{matrixSet}", tag = "ogc",
    params(("id" = String, Path), ("matrixSet" = String, Path)),
    responses((status = 200, description = "Tileset"), (status = 404, body = Problem)))]
pub async fn collection_tileset(
    State(app): State<Shared>,
    caller: Caller,
    Segments((id, set)): Segments<(String, String)>,
    headers: HeaderMap,
) -> Answer<Json<Value>> {
    known(&set)?;
    let collection = visible(&app, &id, &caller)?;
    let path = format!("/ogc/collections/{id}/tiles/{QUAD}");
    let ids = [collection.id.clone()];
    Ok(Json(tileset(&app, &path, &collection.title_uk, &ids, caller.audience(), &origin(&headers))?))
}

/// Which collections a dataset tile holds.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Selection {
    /// Collection ids, comma-separated; all that the caller may see when absent (20-057, clause 11).
    collections: Option<String>,
}

impl Selection {
    fn ids(&self, app: &Shared, audience: Audience) -> Answer<Vec<CollectionId>> {
        if let Some(names) = &self.collections {
            return collection_ids(names);
        }
        app.loaded()?;
        let all = app.atlas.collections().into_iter();
        let seen = all.filter(|one| audience.may_see(one.audience));
        Ok(seen.map(|collection| collection.id.clone()).collect())
    }
}

/// The tileset of all collections together, or of those named.
#[utoipa::path(get, path = "/ogc/tiles/{matrixSet}", tag = "ogc", params(("matrixSet" = String, Path), Selection),
    responses((status = 200, description = "Tileset"), (status = 404, body = Problem)))]
pub async fn dataset_tileset(
    State(app): State<Shared>,
    caller: Caller,
    Segments(set): Segments<String>,
    Params(selection): Params<Selection>,
    headers: HeaderMap,
) -> Answer<Json<Value>> {
    known(&set)?;
    let ids = selection.ids(&app, caller.audience())?;
    let (path, title) = (format!("/ogc/tiles/{QUAD}"), &app.settings.city.name_uk);
    let mut document = tileset(&app, &path, title, &ids, caller.audience(), &origin(&headers))?;
    if let Some(names) = &selection.collections {
        for link in document["links"].as_array_mut().into_iter().flatten().filter(|link| link["rel"] != SCHEME) {
            link["href"] = json!(format!("{}?collections={names}", link["href"].as_str().unwrap_or_default()));
        }
    }
    Ok(Json(document))
}

/// 20-057, table 5 and 17-083r4, 7.3.
fn tileset(
    app: &Shared,
    path: &str,
    title: &str,
    ids: &[CollectionId],
    audience: Audience,
    origin: &str,
) -> Answer<Value> {
    app.loaded_with(ids, audience)?;
    if ids.is_empty() {
        return Err(Problem::not_found("there are no collections, so there are no tiles"));
    }
    let fields = app.atlas.tilejson_fields(ids, audience)?;
    let layers: Vec<Value> = ids.iter().filter_map(|id| layer(&app.atlas, id, audience)).collect();
    let mut tile = link("item", format!("{origin}{path}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"), MVT, "Tiles");
    tile["templated"] = json!(true);
    let mut document = json!({
        "title": title, "dataType": "vector", "crs": CRS, "tileMatrixSetURI": QUAD_URI, "layers": layers,
        "links": [link("self", path, "application/json", "This document"), tile,
                  link(SCHEME, format!("/ogc/tileMatrixSets/{QUAD}"), "application/json", QUAD)],
    });
    if let Some(bounds) = fields.bounds {
        document["boundingBox"] = json!({"crs": CRS84, "lowerLeft": [bounds.west(), bounds.south()],
                                         "upperRight": [bounds.east(), bounds.north()]});
    }
    Ok(document)
}

fn layer(atlas: &Atlas, id: &CollectionId, audience: Audience) -> Option<Value> {
    let collection = atlas.collection(id)?;
    let seen = collection.properties.iter().filter(|p| audience.may_see(p.audience));
    let schema: Map<String, Value> = seen
        .map(|property| {
            let kind = match property.kind {
                PropertyType::Integer => "integer",
                PropertyType::Real => "number",
                PropertyType::Boolean => "boolean",
                PropertyType::Text | PropertyType::Date | PropertyType::DateTime => "string",
            };
            (property.name.clone(), json!({"type": kind}))
        })
        .collect();
    let mut layer = json!({"id": id, "title": collection.title_uk, "description": collection.description,
                           "dataType": "vector", "minTileMatrix": "0", "maxTileMatrix": TileCoord::MAX_ZOOM.to_string(),
                           "propertiesSchema": {"type": "object", "properties": schema}});
    let dimension = match collection.geometry {
        GeometryKind::Point => Some(0),
        GeometryKind::Line => Some(1),
        GeometryKind::Polygon => Some(2),
        GeometryKind::Any => None,
    };
    if let Some(dimension) = dimension {
        layer["geometryDimension"] = json!(dimension);
    }
    Some(layer)
}

/// One tile of one collection.
#[utoipa::path(get, path = "/ogc/collections/{id}/tiles/{matrixSet}/{tileMatrix}/{tileRow}/{tileCol}", tag = "ogc",
    params(("id" = String, Path), ("matrixSet" = String, Path), ("tileMatrix" = u32, Path),
           ("tileRow" = u32, Path), ("tileCol" = u32, Path)),
    responses((status = 200, description = "Mapbox Vector Tile"), (status = 204, description = "Empty"),
              (status = 304, description = "Not modified"), (status = 404, body = Problem)))]
pub async fn collection_tile(
    State(app): State<Shared>,
    caller: Caller,
    Segments((id, set, matrix, row, column)): Segments<(String, String, u32, u32, u32)>,
    Params(NoParams {}): Params<NoParams>,
    headers: HeaderMap,
) -> Answer<Response> {
    let at = place(&set, matrix, row, column)?;
    serve(
        &app,
        vec![super::extract::collection_id(&id)?],
        at,
        caller.audience(),
        &misto_tiles::Selection::default(),
        &headers,
    )
    .await
}

/// One tile of all collections together, or of those named.
#[utoipa::path(get, path = "/ogc/tiles/{matrixSet}/{tileMatrix}/{tileRow}/{tileCol}", tag = "ogc",
    params(("matrixSet" = String, Path), ("tileMatrix" = u32, Path), ("tileRow" = u32, Path),
           ("tileCol" = u32, Path), Selection),
    responses((status = 200, description = "Mapbox Vector Tile"), (status = 204, description = "Empty"),
              (status = 304, description = "Not modified"), (status = 404, body = Problem)))]
pub async fn dataset_tile(
    State(app): State<Shared>,
    caller: Caller,
    Segments((set, matrix, row, column)): Segments<(String, u32, u32, u32)>,
    Params(selection): Params<Selection>,
    headers: HeaderMap,
) -> Answer<Response> {
    let at = place(&set, matrix, row, column)?;
    let ids = selection.ids(&app, caller.audience())?;
    if ids.is_empty() {
        return Err(Problem::not_found("there are no collections, so there are no tiles"));
    }
    serve(&app, ids, at, caller.audience(), &misto_tiles::Selection::default(), &headers).await
}

fn known(set: &str) -> Answer<()> {
    let unknown = || Problem::not_found(format!("tile matrix set {set:?} was not found; there is {QUAD}"));
    if set == QUAD { Ok(()) } else { Err(unknown()) }
}

fn place(set: &str, matrix: u32, row: u32, column: u32) -> Answer<TileCoord> {
    known(set)?;
    TileCoord::new(matrix, column, row).map_err(|wrong| Problem::not_found(wrong.to_string()))
}
