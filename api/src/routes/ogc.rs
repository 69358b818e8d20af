//! OGC API landing page and conformance (OGC 17-069r4, 7.2 and 7.4).

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Value, json};

use super::origin::Origin;
use super::rendition::{DOCUMENT, Rendition, Wish};
use crate::app::Shared;
use crate::problem::Answer;
use crate::view::html::{self, Language};

/// Classes of requirements that are met, and no others.
pub const CONFORMANCE: &[&str] = &[
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/create-replace-delete",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/update",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/optimistic-locking-etags",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/features",
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/schemas",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/accent-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions-plus",
    "http://www.opengis.net/spec/cql2/1.0/conf/spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/temporal-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/property-property",
    "http://www.opengis.net/spec/cql2/1.0/conf/arithmetic",
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/core-roles-features",
];

/// A link as OGC API writes it.
pub fn link(rel: &str, href: impl Into<String>, media_type: &str, title: &str) -> Value {
    json!({"rel": rel, "href": href.into(), "type": media_type, "title": title})
}

/// A document with links that lead where the caller came from.
pub fn document(origin: &Origin, mut value: Value) -> Response {
    absolute(origin, &mut value);
    answered(Json(value).into_response())
}

/// A page to read.
pub fn page(language: Language, page: Html<String>) -> Response {
    let mut response = answered(page.into_response());
    response.headers_mut().insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.code()));
    response
}

/// The same address is answered in other forms and languages to others.
pub fn answered(mut response: Response) -> Response {
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept, Accept-Language"));
    response
}

/// In which language a page is wanted.
pub fn language(wish: &Wish) -> Language {
    if wish.english() { Language::En } else { Language::Uk }
}

/// Makes every link in `links` of the value and what it holds absolute.
pub fn absolute(origin: &Origin, value: &mut Value) {
    match value {
        Value::Array(members) => members.iter_mut().for_each(|member| absolute(origin, member)),
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), &*member) {
                    ("href", Value::String(path)) if path.starts_with('/') => *member = origin.href(path).into(),
                    _ => absolute(origin, member),
                }
            }
        }
        _ => {}
    }
}

/// Where to begin.
#[utoipa::path(get, path = "/ogc", tag = "ogc",
    params(("f" = Option<String>, Query, description = "json or html; by default what Accept wants")),
    responses((status = 200, description = "Landing page")))]
pub async fn landing(State(app): State<Shared>, origin: Origin, wish: Wish) -> Answer<Response> {
    wish.only(&["f"])?;
    let city = &app.settings.city;
    if wish.form(&DOCUMENT)? == Rendition::Html {
        let language = language(&wish);
        return Ok(page(language, html::landing(language, language.pick(&city.name_uk, &city.name_en))));
    }
    Ok(document(
        &origin,
        json!({
            "title": "Misto",
            "description": "Collections of the city's features",
            "links": [
                link("self", "/ogc", "application/json", "This document"),
                link("alternate", "/ogc?f=html", "text/html", "This document to read"),
                link("service-desc", "/ogc/api", "application/vnd.oai.openapi+json;version=3.0", "The API of the collections"),
                link("service-desc", "/openapi.json", "application/vnd.oai.openapi+json;version=3.1", "The whole API"),
                link("service-doc", "/docs", "text/html", "The API to read"),
                link("conformance", "/ogc/conformance", "application/json", "Conformance"),
                link("data", "/ogc/collections", "application/json", "Collections"),
                link("http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", "/ogc/tiles", "application/json", "Tiles"),
                link("http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes", "/ogc/tileMatrixSets", "application/json",
                     "Tile matrix sets"),
            ],
        }),
    ))
}

/// What is conformed to.
#[utoipa::path(get, path = "/ogc/conformance", tag = "ogc",
    params(("f" = Option<String>, Query, description = "json or html; by default what Accept wants")),
    responses((status = 200, description = "Conformance classes")))]
pub async fn conformance(origin: Origin, wish: Wish) -> Answer<Response> {
    wish.only(&["f"])?;
    let classes: Vec<&str> = CONFORMANCE.iter().copied().chain(super::ogc_tiles::CONFORMANCE).collect();
    if wish.form(&DOCUMENT)? == Rendition::Html {
        let language = language(&wish);
        return Ok(page(language, html::conformance(language, &classes)));
    }
    Ok(document(&origin, json!({"conformsTo": classes})))
}
