//! Venues for other programs of accessible places.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::collections::visible;
use super::extract::{NoParams, Params};
use crate::access::venues_id;
use crate::app::Shared;
use crate::auth::Caller;
use crate::export::{ExportFormat, Pages, PartsOfVenues, piped, write_places};
use crate::problem::{Answer, Problem};

/// All venues as A11yJSON 31, written while they are sent: a FeatureCollection of `PlaceInfo`s.
/// What A11yJSON cannot say of an attribute stands in `tags` under `misto:`.
#[utoipa::path(get, path = "/access/venues.a11yjson", tag = "access",
    responses((status = 200, description = "A11yJSON, which is GeoJSON too"), (status = 404, body = Problem)))]
pub async fn venues_a11yjson(
    State(app): State<Shared>,
    caller: Caller,
    Params(NoParams {}): Params<NoParams>,
) -> Answer<Response> {
    let collection = visible(&app, venues_id().as_str(), &caller)?;
    let audience = caller.audience();
    let pages = Pages::new(app.clone(), collection.id.clone(), audience);
    let body = piped(move |out| {
        let parts = PartsOfVenues::of(&app.atlas, audience);
        write_places(out, ExportFormat::A11yjson, &collection, audience, pages, &parts)
    });
    let mut response = body.into_response();
    let kind = HeaderValue::from_static(ExportFormat::A11yjson.media_type());
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    let name = HeaderValue::from_static("attachment; filename=\"venues.a11y.json\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}
