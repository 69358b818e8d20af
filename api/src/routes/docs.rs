//! The OpenAPI 3.1 document and a page to read it without any script.

use axum::Router;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use serde_json::Value;
use utoipa::openapi::OpenApi;

use super::openapi_3_0;
use crate::app::Shared;

/// `/openapi.json`, `/ogc/api` and `/docs`.
pub fn router(document: &OpenApi) -> Router<Shared> {
    let json = document.to_json().unwrap_or_else(|cause| {
        tracing::error!(%cause, "the OpenAPI document cannot be written");
        "{}".to_owned()
    });
    let value = serde_json::from_str(&json).unwrap_or(Value::Null);
    let page = page(&value);
    let collections = openapi_3_0::of(&value).to_string();
    let older = "application/vnd.oai.openapi+json;version=3.0";
    let media_type = "application/vnd.oai.openapi+json;version=3.1";
    Router::new()
        .route("/openapi.json", get(async move || ([(header::CONTENT_TYPE, media_type)], json.clone()).into_response()))
        .route("/ogc/api", get(async move || ([(header::CONTENT_TYPE, older)], collections.clone()).into_response()))
        .route("/docs", get(async move || Html(page.clone())))
}

const HEAD: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Misto API</title><style>\
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
code{font-size:.95em}h2{margin-top:2.5rem;border-bottom:1px solid}h3{margin:1.6rem 0 .2rem;font-size:1rem}\
table{border-collapse:collapse;margin:.4rem 0}td,th{padding:.15rem .9rem .15rem 0;text-align:left;vertical-align:top}\
p{margin:.2rem 0}</style></head><body><main>";

/// The document as HTML: by tag, each operation with its parameters and answers.
fn page(document: &Value) -> String {
    let mut out = String::from(HEAD);
    out.push_str(&format!(
        "<h1>{} API</h1><p>{}</p><p><a href=\"/openapi.json\">OpenAPI 3.1 document</a></p>",
        escape(&document["info"]["title"]),
        escape(&document["info"]["description"])
    ));
    let mut operations: Vec<(&str, &str, &str, &Value)> = Vec::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            operations.push((operation["tags"][0].as_str().unwrap_or("other"), path, method, operation));
        }
    }
    operations.sort_by_key(|(tag, path, method, _)| (*tag, *path, *method));
    let mut section = "";
    for (tag, path, method, operation) in operations {
        if tag != section {
            out.push_str(&format!("<h2>{tag}</h2>"));
            section = tag;
        }
        out.push_str(&describe(path, method, operation));
    }
    out.push_str("</main></body></html>");
    out
}

fn describe(path: &str, method: &str, operation: &Value) -> String {
    let mut out = format!("<h3><code>{} {path}</code></h3><p>{}", method.to_uppercase(), escape(&operation["summary"]));
    if operation["description"].is_string() {
        out.push_str(&format!(" {}", escape(&operation["description"])));
    }
    out.push_str("</p><table>");
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        out.push_str(&format!(
            "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
            escape(&parameter["name"]),
            escape(&parameter["in"]),
            escape(&parameter["description"])
        ));
    }
    for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
        let described = escape(&answer["description"]);
        out.push_str(&format!("<tr><td>{status}</td><td>answer</td><td>{described}</td></tr>"));
    }
    out.push_str("</table>");
    out
}

fn escape(value: &Value) -> String {
    value.as_str().unwrap_or("").replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
