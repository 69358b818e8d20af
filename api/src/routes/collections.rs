//! Collections (OGC 17-069r4, 7.13).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use misto_ingest::crs;
use misto_model::{Collection, CollectionId, GeometryKind, Role};
use serde_json::{Value, json};

use super::extract::{Segments, collection_id};
use super::ogc::{document, language, link, page};
use super::origin::Origin;
use super::rendition::{DOCUMENT, FEATURES, Rendition, Wish};
use crate::app::{App, Shared};
use crate::auth::Caller;
use crate::export::ExportFormat;
use crate::problem::{Answer, Problem};
use crate::view::html;

/// The collection, if the caller may see it; otherwise it does not exist.
pub fn visible(app: &App, id: &str, caller: &Caller) -> Answer<Arc<Collection>> {
    let id: CollectionId = collection_id(id)?;
    app.loaded_with(std::slice::from_ref(&id), caller.audience())?;
    app.atlas
        .collection(&id)
        .filter(|collection| caller.audience().may_see(collection.audience))
        .ok_or_else(|| Problem::not_found(format!("collection \"{id}\" was not found")))
}

/// All collections that the caller may see.
#[utoipa::path(get, path = "/ogc/collections", tag = "ogc",
    params(("f" = Option<String>, Query, description = "json or html; by default what Accept wants")),
    responses((status = 200, description = "Collections")))]
pub async fn collections(State(app): State<Shared>, caller: Caller, origin: Origin, wish: Wish) -> Answer<Response> {
    wish.only(&["f"])?;
    app.loaded()?;
    let mut visible = app.atlas.collections();
    visible.retain(|collection| caller.audience().may_see(collection.audience));
    if wish.form(&DOCUMENT)? == Rendition::Html {
        let counted: Vec<(&Collection, u64)> =
            visible.iter().map(|one| (one.as_ref(), app.atlas.count(&one.id).unwrap_or(0))).collect();
        return Ok(page(language(&wish), html::collections(language(&wish), &counted)));
    }
    let views: Vec<Value> = visible.iter().map(|collection| view(&app, collection, &caller)).collect();
    Ok(document(
        &origin,
        json!({
            "links": [
                link("self", "/ogc/collections", "application/json", "This document"),
                link("alternate", "/ogc/collections?f=html", "text/html", "This document to read"),
            ],
            "collections": views,
        }),
    ))
}

/// One collection.
#[utoipa::path(get, path = "/ogc/collections/{id}", tag = "ogc", params(("id" = String, Path),
    ("f" = Option<String>, Query, description = "json or html; by default what Accept wants")),
    responses((status = 200, description = "Collection"), (status = 404, body = Problem)))]
pub async fn collection(
    State(app): State<Shared>,
    caller: Caller,
    origin: Origin,
    wish: Wish,
    Segments(id): Segments<String>,
) -> Answer<Response> {
    wish.only(&["f"])?;
    let collection = visible(&app, &id, &caller)?;
    if wish.form(&DOCUMENT)? == Rendition::Html {
        let (count, extent) = (app.atlas.count(&collection.id).unwrap_or(0), app.atlas.extent(&collection.id));
        let shown = html::collection(language(&wish), &collection, caller.audience(), count, extent, &crs::offered());
        return Ok(page(language(&wish), shown));
    }
    Ok(document(&origin, view(&app, &collection, &caller)))
}

fn view(app: &App, collection: &Collection, caller: &Caller) -> Value {
    let id = &collection.id;
    let mut value = json!({
        "id": id,
        "title": collection.title_uk,
        "title_uk": collection.title_uk,
        "title_en": collection.title_en,
        "description": collection.description,
        "itemType": "feature",
        "crs": crs::offered(),
        "storageCrs": crs::CRS84,
        "audience": collection.audience,
        "sample": collection.sample,
        "geometry": geometry_word(collection.geometry),
        "editable": caller.0.has(Role::Planner),
        "itemCount": app.atlas.count(id),
        "links": links(id),
    });
    if let Some(extent) = app.atlas.extent(id) {
        value["extent"] = json!({"spatial": {"bbox": [extent], "crs": crs::CRS84}});
    }
    value
}

fn links(id: &CollectionId) -> Vec<Value> {
    let mut links = vec![
        link("self", format!("/ogc/collections/{id}"), "application/json", "This collection"),
        link("alternate", format!("/ogc/collections/{id}?f=html"), "text/html", "This collection to read"),
        link(
            "http://www.opengis.net/def/rel/ogc/1.0/schema",
            format!("/ogc/collections/{id}/schema"),
            "application/schema+json",
            "Schema",
        ),
        link(
            "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector",
            format!("/ogc/collections/{id}/tiles"),
            "application/json",
            "Tiles",
        ),
        link(
            "http://www.opengis.net/def/rel/ogc/1.0/queryables",
            format!("/ogc/collections/{id}/queryables"),
            "application/schema+json",
            "What filters may name",
        ),
        link("alternate", format!("/tiles/{id}.json"), "application/json", "TileJSON"),
        link("stylesheet", format!("/styles/{id}.json"), "application/vnd.mapbox.style+json", "MapLibre style"),
    ];
    for form in FEATURES {
        let (media_type, title) = (form.bare_media_type(), format!("Features as {}", form.name()));
        let form = if form == Rendition::GeoJson { String::new() } else { format!("?f={}", form.name()) };
        links.push(link("items", format!("/ogc/collections/{id}/items{form}"), media_type, &title));
    }
    for format in ExportFormat::ALL {
        let href = format!("/export/{id}.{}", format.extension());
        links.push(link("enclosure", href, format.bare_media_type(), "The whole collection"));
    }
    links
}

fn geometry_word(kind: GeometryKind) -> &'static str {
    match kind {
        GeometryKind::Point => "point",
        GeometryKind::Line => "line",
        GeometryKind::Polygon => "polygon",
        GeometryKind::Any => "any",
    }
}
