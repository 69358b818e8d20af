//! Collections and their schemas (OGC 17-069r4, 7.13; Part 5 for schemas).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use misto_model::{Audience, Collection, CollectionId, GeometryKind, PropertyType, Role};
use serde_json::{Map, Value, json};

use super::extract::{Segments, collection_id};
use super::ogc::link;
use crate::app::{App, Shared};
use crate::auth::Caller;
use crate::problem::{Answer, Problem};

/// The collection, if the caller may see it; otherwise it does not exist.
pub fn visible(app: &App, id: &str, caller: &Caller) -> Answer<Arc<Collection>> {
    let id: CollectionId = collection_id(id)?;
    app.loaded_with(std::slice::from_ref(&id), caller.audience())?;
    app.atlas
        .collection(&id)
        .filter(|collection| caller.audience() == Audience::Staff || collection.audience == Audience::Public)
        .ok_or_else(|| Problem::not_found(format!("collection \"{id}\" was not found")))
}

/// All collections that the caller may see.
#[utoipa::path(get, path = "/ogc/collections", tag = "ogc", responses((status = 200, description = "Collections")))]
pub async fn collections(State(app): State<Shared>, caller: Caller) -> Answer<Json<Value>> {
    app.loaded()?;
    let visible: Vec<Value> = app
        .atlas
        .collections()
        .iter()
        .filter(|collection| caller.audience() == Audience::Staff || collection.audience == Audience::Public)
        .map(|collection| view(&app, collection, &caller))
        .collect();
    Ok(Json(json!({
        "links": [link("self", "/ogc/collections", "application/json", "This document")],
        "collections": visible,
    })))
}

/// One collection.
#[utoipa::path(get, path = "/ogc/collections/{id}", tag = "ogc", params(("id" = String, Path)),
    responses((status = 200, description = "Collection"), (status = 404, body = Problem)))]
pub async fn collection(
    State(app): State<Shared>,
    caller: Caller,
    Segments(id): Segments<String>,
) -> Answer<Json<Value>> {
    let collection = visible(&app, &id, &caller)?;
    Ok(Json(view(&app, &collection, &caller)))
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
        "crs": ["http://www.opengis.net/def/crs/OGC/1.3/CRS84"],
        "audience": collection.audience,
        "sample": collection.sample,
        "geometry": geometry_word(collection.geometry),
        "editable": caller.0.has(Role::Planner),
        "itemCount": app.atlas.count(id),
        "links": [
            link("self", format!("/ogc/collections/{id}"), "application/json", "This collection"),
            link("items", format!("/ogc/collections/{id}/items"), "application/geo+json", "Features"),
            link("http://www.opengis.net/def/rel/ogc/1.0/schema", format!("/ogc/collections/{id}/schema"),
                 "application/schema+json", "Schema"),
            link("http://www.opengis.net/def/rel/ogc/1.0/queryables", format!("/ogc/collections/{id}/queryables"),
                 "application/schema+json", "What filters may name"),
            link("http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", format!("/ogc/collections/{id}/tiles"),
                 "application/json", "Tiles"),
            link("alternate", format!("/tiles/{id}.json"), "application/json", "TileJSON"),
            link("stylesheet", format!("/styles/{id}.json"), "application/vnd.mapbox.style+json", "MapLibre style"),
        ],
    });
    if let Some(extent) = app.atlas.extent(id) {
        value["extent"] = json!({"spatial": {"bbox": [extent]}});
    }
    value
}

fn geometry_word(kind: GeometryKind) -> &'static str {
    match kind {
        GeometryKind::Point => "point",
        GeometryKind::Line => "line",
        GeometryKind::Polygon => "polygon",
        GeometryKind::Any => "any",
    }
}

/// JSON Schema of the features (OGC API Features Part 5).
#[utoipa::path(get, path = "/ogc/collections/{id}/schema", tag = "ogc", params(("id" = String, Path)),
    responses((status = 200, description = "JSON Schema"), (status = 404, body = Problem)))]
pub async fn schema(State(app): State<Shared>, caller: Caller, Segments(id): Segments<String>) -> Answer<Json<Value>> {
    let collection = visible(&app, &id, &caller)?;
    let mut properties = Map::new();
    let format = geometry_format(collection.geometry);
    properties.insert("geometry".to_owned(), json!({"x-ogc-role": "primary-geometry", "format": format}));
    for property in &collection.properties {
        if property.audience == Audience::Staff && caller.audience() == Audience::Public {
            continue;
        }
        let (kind, format) = json_type(property.kind);
        let mut schema = json!({"type": kind});
        if let Some(format) = format {
            schema["format"] = json!(format);
        }
        properties.insert(property.name.clone(), schema);
    }
    Ok(Json(json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("/ogc/collections/{id}/schema"),
        "type": "object",
        "title": collection.title_uk,
        "properties": properties,
    })))
}

/// The format of a geometry (OGC API Features Part 5, 23-058r1, clause 8).
pub fn geometry_format(kind: GeometryKind) -> &'static str {
    match kind {
        GeometryKind::Point => "geometry-point-or-multipoint",
        GeometryKind::Line => "geometry-linestring-or-multilinestring",
        GeometryKind::Polygon => "geometry-polygon-or-multipolygon",
        GeometryKind::Any => "geometry-any",
    }
}

/// Type and format of an attribute in JSON Schema.
pub fn json_type(kind: PropertyType) -> (&'static str, Option<&'static str>) {
    match kind {
        PropertyType::Text => ("string", None),
        PropertyType::Integer => ("integer", None),
        PropertyType::Real => ("number", None),
        PropertyType::Boolean => ("boolean", None),
        PropertyType::Date => ("string", Some("date")),
        PropertyType::DateTime => ("string", Some("date-time")),
    }
}
