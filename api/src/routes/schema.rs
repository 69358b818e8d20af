//! JSON Schema of a collection's features (OGC API Features Part 5, 23-058).

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use misto_city::editing::MAX_TEXT;
use misto_city::plausible::plausible;
use misto_model::{Audience, Collection, GeometryKind, Property, PropertyType};
use serde_json::{Map, Value, json};

use super::collections::visible;
use super::extract::Segments;
use super::origin::Origin;
use super::rendition::Wish;
use crate::app::Shared;
use crate::auth::Caller;
use crate::problem::{Answer, Problem};

/// JSON Schema of the features: types, formats and limits that a save is held against.
/// Nothing is required but what a feature always has: an attribute left out is unknown.
#[utoipa::path(get, path = "/ogc/collections/{id}/schema", tag = "ogc", params(("id" = String, Path),
    ("f" = Option<String>, Query, description = "json")),
    responses((status = 200, description = "JSON Schema", content_type = "application/schema+json"),
              (status = 404, body = Problem)))]
pub async fn schema(
    State(app): State<Shared>,
    caller: Caller,
    origin: Origin,
    wish: Wish,
    Segments(id): Segments<String>,
) -> Answer<Response> {
    wish.only(&["f"])?;
    let collection = visible(&app, &id, &caller)?;
    let own = origin.href(&format!("/ogc/collections/{id}/schema"));
    let body = of(&collection, caller.audience(), &own).to_string();
    Ok(([(header::CONTENT_TYPE, "application/schema+json")], body).into_response())
}

fn of(collection: &Collection, audience: Audience, own: &str) -> Value {
    let mut properties = Map::new();
    let id = json!({"title": "№", "type": "integer", "readOnly": true, "x-ogc-role": "id", "x-ogc-propertySeq": 1});
    properties.insert("fid".to_owned(), id);
    let shape = json!({"title": "Geometry", "x-ogc-role": "primary-geometry", "format": geometry_format(collection.geometry),
        "x-ogc-propertySeq": 2});
    properties.insert("geometry".to_owned(), shape);
    let seen = collection.properties.iter().filter(|p| audience.may_see(p.audience));
    for (property, sequence) in seen.zip(3..) {
        properties.insert(property.name.clone(), attribute(property, sequence));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": own,
        "type": "object",
        "title": collection.title_uk,
        "description": collection.description,
        "required": ["fid"],
        "properties": properties,
        "additionalProperties": false,
    })
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

fn attribute(property: &Property, sequence: u32) -> Value {
    let (kind, format) = json_type(property.kind);
    let mut schema = json!({"title": property.name, "type": kind, "x-ogc-propertySeq": sequence});
    match (format, property.kind, plausible(&property.name)) {
        (Some(format), _, _) => schema["format"] = format.into(),
        (None, PropertyType::Text, _) => schema["maxLength"] = MAX_TEXT.into(),
        (None, PropertyType::Integer | PropertyType::Real, Some((least, most))) => {
            schema["minimum"] = least.into();
            schema["maximum"] = most.into();
        }
        _ => {}
    }
    schema
}
