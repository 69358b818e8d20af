//! Everything that answers over HTTP: one file per resource, its shapes beside
//! its handlers. The OpenAPI document is made from the same list of routes.

mod a11yjson;
pub mod access;
mod alerts;
mod city;
mod collections;
mod dispatch;
mod docs;
mod duplicates;
mod export;
mod extract;
mod filtering;
mod gtfs;
mod history;
mod items;
mod journeys;
mod live;
mod ogc;
mod ogc_tiles;
mod openapi_3_0;
mod operations;
mod origin;
pub mod page;
mod page_of_features;
mod person;
mod placing;
mod prefer;
mod queryables;
mod questions;
mod range;
mod refinement;
mod rendition;
mod report_desk;
mod reports;
mod saved;
mod schema;
mod sensors;
mod sign_in;
mod styles;
pub mod surveys;
mod tile_answer;
mod tiles;
mod track;
pub mod transit;
mod vehicles;
mod writing;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use utoipa::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

use crate::app::Shared;
use crate::layers::compression;
pub use writing::followed;

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
        .layer(compression())
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
        .routes(routes!(transit::transit_route))
        .routes(routes!(transit::headways))
        .routes(routes!(transit::vehicles))
        .routes(routes!(transit::report))
        .routes(routes!(transit::report_table))
        .route("/stops/{id}", axum::routing::get(transit::stop_page))
        .routes(routes!(gtfs::realtime))
        .routes(routes!(gtfs::schedule))
        .routes(routes!(alerts::alerts))
        .routes(routes!(alerts::every_alert, alerts::create_alert))
        .routes(routes!(alerts::replace_alert, alerts::delete_alert))
        .routes(routes!(access::venues, access::venues_for_profile))
        .routes(routes!(access::rules))
        .routes(routes!(journeys::journeys, journeys::journeys_for_profile))
        .routes(routes!(access::venue))
        .routes(
            routes!(reports::venue_reports, reports::create_report)
                .layer(DefaultBodyLimit::max(reports::MAX_REPORT_BYTES)),
        )
        .routes(routes!(reports::confirm_report).layer(DefaultBodyLimit::max(reports::MAX_REPORT_BYTES)))
        .routes(routes!(reports::create_photo).layer(DefaultBodyLimit::max(app.settings.reports.max_photo_bytes)))
        .routes(routes!(reports::show_photo))
        .routes(routes!(surveys::surveys))
        .routes(routes!(surveys::keep_survey))
        .route("/access/venues/{id}/survey", axum::routing::get(surveys::survey_page))
        .routes(routes!(report_desk::report_desk))
        .routes(routes!(report_desk::accept_report))
        .routes(routes!(report_desk::refuse_report))
        .routes(routes!(a11yjson::venues_a11yjson))
        .routes(routes!(duplicates::duplicates))
        .routes(routes!(ogc::landing))
        .route("/ogc/", axum::routing::get(ogc::landing))
        .routes(routes!(ogc::conformance))
        .routes(routes!(collections::collections))
        .routes(routes!(collections::collection))
        .routes(routes!(queryables::queryables))
        .routes(routes!(questions::nearest))
        .routes(routes!(questions::within))
        .routes(routes!(questions::intersecting))
        .routes(routes!(schema::schema))
        .routes(routes!(items::items, writing::create, writing::items_options))
        .routes(routes!(items::item, writing::replace, writing::update, writing::delete, writing::item_options))
        .routes(routes!(history::history))
        .routes(routes!(tiles::tile_json))
        .routes(routes!(styles::styles))
        .routes(routes!(styles::style))
        .routes(routes!(ogc_tiles::matrix_sets))
        .routes(routes!(ogc_tiles::matrix_set))
        .routes(routes!(ogc_tiles::dataset_tilesets))
        .routes(routes!(ogc_tiles::dataset_tileset))
        .routes(routes!(ogc_tiles::collection_tilesets))
        .routes(routes!(ogc_tiles::collection_tileset))
        .routes(routes!(export::export))
        .routes(routes!(dispatch::rejected))
        .routes(routes!(dispatch::events))
        .routes(routes!(sign_in::session))
        .routes(routes!(sign_in::sign_in_link, sign_in::sign_in_with_token))
        .routes(routes!(sign_in::sign_out))
        .routes(routes!(operations::healthz))
        .routes(routes!(operations::readyz))
        .routes(routes!(operations::metrics));
    let (router, mut document) = documented.split_for_parts();
    // Tiles come compressed: nothing that compresses lies around them.
    let (tiles, of_tiles) = OpenApiRouter::new()
        .routes(routes!(tiles::tile))
        .routes(routes!(ogc_tiles::collection_tile))
        .routes(routes!(ogc_tiles::dataset_tile))
        .split_for_parts();
    document.merge(of_tiles);
    router
        .merge(docs::router(&document))
        .merge(page::router())
        .layer(compression())
        .merge(tiles)
        .layer(DefaultBodyLimit::max(app.settings.http.max_body_bytes))
}
