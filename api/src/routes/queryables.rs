//! What filters and orders may name (OGC API Features Part 3, 19-079r2, clause 6).

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use misto_model::{Property, PropertyType};
use serde_json::{Map, Value, json};

use super::collections::visible;
use super::extract::{NoParams, Params, Segments};
use super::schema::{geometry_format, json_type};
use crate::app::Shared;
use crate::auth::Caller;
use crate::problem::{Answer, Problem};

/// Attributes that a filter may name, as this caller may see them.
#[utoipa::path(get, path = "/ogc/collections/{id}/queryables", tag = "ogc", params(("id" = String, Path)),
    responses((status = 200, description = "JSON Schema", content_type = "application/schema+json"),
              (status = 404, body = Problem)))]
pub async fn queryables(
    State(app): State<Shared>,
    caller: Caller,
    Segments(id): Segments<String>,
    Params(NoParams {}): Params<NoParams>,
) -> Answer<Response> {
    let collection = visible(&app, &id, &caller)?;
    let seen: Vec<&Property> =
        collection.properties.iter().filter(|property| caller.audience().may_see(property.audience)).collect();
    let is_time = |property: &&&Property| matches!(property.kind, PropertyType::Date | PropertyType::DateTime);
    let only_time = seen.iter().filter(is_time).count() == 1;
    let mut properties = Map::new();
    properties.insert("id".to_owned(), json!({"title": "id", "type": "integer", "x-ogc-role": "id"}));
    properties.insert(
        "geometry".to_owned(),
        json!({"title": "geometry", "x-ogc-role": "primary-geometry", "format": geometry_format(collection.geometry)}),
    );
    for property in &seen {
        let mut schema = described(property);
        if only_time && is_time(&property) {
            schema["x-ogc-role"] = json!("primary-instant");
        }
        properties.insert(property.name.clone(), schema);
    }
    let document = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("/ogc/collections/{id}/queryables"),
        "type": "object",
        "title": collection.title_uk,
        "properties": properties,
        "additionalProperties": false,
    });
    Ok(([(header::CONTENT_TYPE, "application/schema+json")], document.to_string()).into_response())
}

fn described(property: &Property) -> Value {
    let (kind, format) = json_type(property.kind);
    let mut schema = json!({"title": property.name, "type": kind});
    if let Some(format) = format {
        schema["format"] = json!(format);
    }
    schema
}
