//! Everything that answers over HTTP: one file per resource, its shapes beside
//! its handlers. The OpenAPI document is made from the same list of routes.

pub mod access;
mod city;
mod collections;
mod dispatch;
mod docs;
mod export;
mod extract;
mod history;
mod items;
mod live;
mod ogc;
mod openapi_3_0;
mod operations;
mod origin;
pub mod page;
mod page_of_features;
mod placing;
mod prefer;
mod range;
mod rendition;
mod saved;
mod schema;
mod sensors;
mod sign_in;
mod tiles;
mod track;
mod transit;
mod vehicles;
mod writing;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Shared;

/// Head of the OpenAPI document.
#[derive(OpenApi)]
#[openapi(info(
    title = "Misto",
    description = "One municipal map: live vehicles, infrastructure layers, accessible venues, sensors. \
                   Errors are RFC 9457 problem details. Absent properties are unknown."
))]
struct Head;

/// What a process answers that serves no map: how it is, what it counts.
pub fn operations_router() -> Router<Shared> {
    OpenApiRouter::new()
        .routes(routes!(operations::healthz))
        .routes(routes!(operations::readyz))
        .routes(routes!(operations::metrics))
        .into()
}

/// All routes with their OpenAPI document, without the layers around them.
pub fn router(app: &Shared) -> Router<Shared> {
    let documented = OpenApiRouter::with_openapi(Head::openapi())
        .routes(routes!(city::city))
        .routes(routes!(vehicles::vehicles))
        .routes(routes!(vehicles::nearest))
        .routes(routes!(vehicles::vehicle))
        .routes(routes!(track::track))
        .routes(routes!(live::live))
        .routes(routes!(sensors::sensors))
        .routes(routes!(transit::stops))
        .routes(routes!(transit::arrivals))
        .routes(routes!(transit::transit_routes))
        .routes(routes!(access::venues, access::venues_for_profile))
        .routes(routes!(access::venue))
        .routes(routes!(ogc::landing))
        .route("/ogc/", axum::routing::get(ogc::landing))
        .routes(routes!(ogc::conformance))
        .routes(routes!(collections::collections))
        .routes(routes!(collections::collection))
        .routes(routes!(schema::schema))
        .routes(routes!(items::items, writing::create, writing::items_options))
        .routes(routes!(items::item, writing::replace, writing::update, writing::delete, writing::item_options))
        .routes(routes!(history::history))
        .routes(routes!(tiles::tile))
        .routes(routes!(tiles::tile_json))
        .routes(routes!(export::export))
        .routes(routes!(dispatch::rejected))
        .routes(routes!(dispatch::events))
        .routes(routes!(sign_in::session))
        .routes(routes!(sign_in::sign_in_link, sign_in::sign_in_with_token))
        .routes(routes!(sign_in::sign_out))
        .routes(routes!(operations::healthz))
        .routes(routes!(operations::readyz))
        .routes(routes!(operations::metrics));
    let (router, document) = documented.split_for_parts();
    router
        .merge(docs::router(&document))
        .merge(page::router())
        .layer(DefaultBodyLimit::max(app.settings.http.max_body_bytes))
}
