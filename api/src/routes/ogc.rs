//! OGC API landing page and conformance (OGC 17-069r4, 7.2 and 7.4).

use axum::Json;
use serde_json::{Value, json};

/// Classes of requirements that are met, and no others.
pub const CONFORMANCE: &[&str] = &[
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
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
];

/// A link as OGC API writes it.
pub fn link(rel: &str, href: impl Into<String>, media_type: &str, title: &str) -> Value {
    json!({"rel": rel, "href": href.into(), "type": media_type, "title": title})
}

/// Where to begin.
#[utoipa::path(get, path = "/ogc", tag = "ogc", responses((status = 200, description = "Landing page")))]
pub async fn landing() -> Json<Value> {
    Json(json!({
        "title": "Misto",
        "description": "Collections of the city's features",
        "links": [
            link("self", "/ogc", "application/json", "This document"),
            link("service-desc", "/openapi.json", "application/vnd.oai.openapi+json;version=3.1", "The API"),
            link("service-doc", "/docs", "text/html", "The API to read"),
            link("conformance", "/ogc/conformance", "application/json", "Conformance"),
            link("data", "/ogc/collections", "application/json", "Collections"),
            link("http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", "/ogc/tiles", "application/json", "Tiles"),
            link("http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes", "/ogc/tileMatrixSets", "application/json",
                 "Tile matrix sets"),
        ],
    }))
}

/// What is conformed to.
#[utoipa::path(get, path = "/ogc/conformance", tag = "ogc", responses((status = 200, description = "Conformance classes")))]
pub async fn conformance() -> Json<Value> {
    let classes: Vec<&str> = CONFORMANCE.into_iter().chain(super::ogc_tiles::CONFORMANCE).collect();
    Json(json!({"conformsTo": classes}))
}
