//! What a page needs to know of the city before it draws.

use axum::Json;
use axum::extract::State;
use misto_city::publication::UTILITY_DELAY_S;
use misto_model::Bbox;
use serde::Serialize;

use crate::app::Shared;

/// The city as configured.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CityView {
    name_uk: String,
    name_en: String,
    /// Whether the contents are invented sample data.
    sample: bool,
    /// Longitude, latitude.
    center: [f64; 2],
    /// West, south, east, north.
    #[schema(value_type = Vec<f64>)]
    bounds: Bbox,
    time_zone: String,
    /// Where people write or call who cannot use the map; absent when the city named nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<String>,
    /// The public sees utility vehicles so many seconds late.
    delay_utility_s: u32,
    /// Up to this age a fix is live.
    stale_after_s: f64,
    /// Up to this age it is stale, beyond it lost.
    lost_after_s: f64,
    /// `connected`, `connecting` or `lost`: the connection to the vehicles.
    mqtt: &'static str,
    /// Version of the server.
    version: &'static str,
}

/// The city as configured.
#[utoipa::path(get, path = "/api/city", tag = "city", responses((status = 200, body = CityView)))]
pub async fn city(State(app): State<Shared>) -> Json<CityView> {
    let city = &app.settings.city;
    Json(CityView {
        name_uk: city.name_uk.clone(),
        name_en: city.name_en.clone(),
        sample: city.sample,
        center: city.center,
        bounds: city.bounds,
        time_zone: city.time_zone.clone(),
        contact: city.contact.clone(),
        delay_utility_s: UTILITY_DELAY_S,
        stale_after_s: city.stale_after_s,
        lost_after_s: city.lost_after_s,
        mqtt: app.link().as_str(),
        version: env!("CARGO_PKG_VERSION"),
    })
}
