//! Plain MapLibre styles of the collections, for maps other than Misto's own
//! (MapLibre Style Specification, version 8).

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use misto_model::{Collection, GeometryKind};
use serde_json::{Value, json};

use super::collections::visible;
use super::extract::Segments;
use super::ogc::link;
use super::tiles::{MAX_COLLECTIONS, origin};
use crate::app::Shared;
use crate::auth::Caller;
use crate::problem::{Answer, Problem};

/// The style that shows everything.
const WHOLE: &str = "city";
const MEDIA_TYPE: &str = "application/vnd.mapbox.style+json";

/// The styles that the caller may use: the whole city and each collection.
#[utoipa::path(get, path = "/styles", tag = "tiles", responses((status = 200, description = "Styles")))]
pub async fn styles(State(app): State<Shared>, caller: Caller, headers: HeaderMap) -> Answer<Json<Value>> {
    app.loaded()?;
    let origin = origin(&headers);
    let entry = |id: &str, title: &str| {
        let href = format!("{origin}/styles/{id}.json");
        json!({"id": id, "title": title, "links": [link("stylesheet", href, MEDIA_TYPE, title)]})
    };
    let each = seen(&app, &caller);
    let all = std::iter::once(entry(WHOLE, &app.settings.city.name_uk));
    let each = each.iter().map(|collection| entry(collection.id.as_str(), &collection.title_uk));
    Ok(Json(json!({"default": WHOLE, "styles": all.chain(each).collect::<Vec<_>>()})))
}

/// A style: `city.json`, or a collection's id and `.json`.
#[utoipa::path(get, path = "/styles/{style_json}", tag = "tiles",
    params(("style_json" = String, Path, description = "city.json, or a collection's id and .json")),
    responses((status = 200, description = "MapLibre style"), (status = 404, body = Problem)))]
pub async fn style(
    State(app): State<Shared>,
    caller: Caller,
    Segments(name): Segments<String>,
    headers: HeaderMap,
) -> Answer<Json<Value>> {
    let id = name.strip_suffix(".json").ok_or_else(|| Problem::not_found("styles lie at /styles/{id}.json"))?;
    let (title, collections) = if id == WHOLE {
        app.loaded()?;
        let all = seen(&app, &caller).iter().map(|collection| collection.as_ref().clone()).collect();
        (app.settings.city.name_uk.clone(), all)
    } else {
        let collection = visible(&app, id, &caller)?;
        (collection.title_uk.clone(), vec![collection.as_ref().clone()])
    };
    let [west, south, east, north] = {
        let bounds = &app.settings.city.bounds;
        [bounds.west(), bounds.south(), bounds.east(), bounds.north()]
    };
    let mut document = written(&title, &collections, &origin(&headers));
    document["center"] = json!([(west + east) / 2.0, (south + north) / 2.0]);
    document["zoom"] = json!(12);
    Ok(Json(document))
}

fn seen(app: &Shared, caller: &Caller) -> Vec<std::sync::Arc<Collection>> {
    let mut all = app.atlas.collections();
    all.retain(|collection| caller.audience().may_see(collection.audience));
    all
}

/// Areas below lines below points; collections of any geometry take part in all three.
fn written(title: &str, collections: &[Collection], origin: &str) -> Value {
    let mut sources = serde_json::Map::new();
    for (number, together) in collections.chunks(MAX_COLLECTIONS).enumerate() {
        let ids: Vec<&str> = together.iter().map(|collection| collection.id.as_str()).collect();
        let url = format!("{origin}/tiles/{}.json", ids.join(","));
        sources.insert(format!("misto-{number}"), json!({"type": "vector", "url": url}));
    }
    let source_of = |at: usize| format!("misto-{}", at / MAX_COLLECTIONS);
    let mut layers = vec![json!({"id": "ground", "type": "background", "paint": {"background-color": "#f4f2ec"}})];
    for kind in [GeometryKind::Polygon, GeometryKind::Line, GeometryKind::Point] {
        for (at, collection) in collections.iter().enumerate() {
            if collection.geometry == kind || collection.geometry == GeometryKind::Any {
                layers.extend(layers_of(collection, kind, &source_of(at)));
            }
        }
    }
    json!({"version": 8, "name": title, "sources": sources, "layers": layers})
}

fn layers_of(collection: &Collection, kind: GeometryKind, source: &str) -> Vec<Value> {
    let id = collection.id.as_str();
    let colour = colour(id);
    let layer = |part: &str, form: &str, only: &str, paint: Value| {
        json!({"id": format!("{id}-{part}"), "type": form, "source": source, "source-layer": id,
               "filter": ["==", ["geometry-type"], only], "paint": paint})
    };
    let widths = json!(["interpolate", ["exponential", 1.5], ["zoom"], 10, 0.6, 14, 1.6, 18, 6]);
    match kind {
        GeometryKind::Polygon => vec![
            layer("area", "fill", "Polygon", json!({"fill-color": colour, "fill-opacity": 0.55})),
            layer("edge", "line", "Polygon", json!({"line-color": colour, "line-width": 0.8})),
        ],
        GeometryKind::Line => {
            vec![layer("line", "line", "LineString", json!({"line-color": colour, "line-width": widths}))]
        }
        GeometryKind::Point | GeometryKind::Any => {
            let radius = json!(["interpolate", ["linear"], ["zoom"], 10, 1.5, 16, 5]);
            let paint = json!({"circle-color": colour, "circle-radius": radius,
                               "circle-stroke-color": "#ffffff", "circle-stroke-width": 1});
            vec![layer("point", "circle", "Point", paint)]
        }
    }
}

/// Colours that people expect of some layers; any other name has its own, always the same.
fn colour(id: &str) -> String {
    let known = match id {
        "water_bodies" => "#9cc4dd",
        "green" => "#b9d6a3",
        "buildings" => "#cfc6ba",
        "roads" => "#8d8a86",
        "railway" => "#5f5f6b",
        "water_network" => "#2f7fc1",
        "sewer_network" => "#7a6248",
        "heat_network" => "#c8452f",
        "power_network" => "#d9a021",
        "transit_stops" | "transit_routes" => "#245fa8",
        "venues" | "entrances" | "lifts" => "#7b3fa0",
        _ => {
            let sum = id.bytes().fold(0u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
            return format!("hsl({}, 45%, 45%)", sum % 360);
        }
    };
    known.to_owned()
}
