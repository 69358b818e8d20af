//! Whole collections as files.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::collections::visible;
use super::extract::Segments;
use crate::app::Shared;
use crate::auth::Caller;
use crate::export::{ExportFormat, write};
use crate::problem::{Answer, Problem};

/// A whole collection: `.geojson`, `.fgb` or `.csv`.
#[utoipa::path(get, path = "/export/{file}", tag = "ogc",
    params(("file" = String, Path, description = "Collection id with .geojson, .fgb or .csv")),
    responses((status = 200, description = "The collection"), (status = 404, body = Problem)))]
pub async fn export(State(app): State<Shared>, caller: Caller, Segments(file): Segments<String>) -> Answer<Response> {
    let (name, extension) = file.rsplit_once('.').unwrap_or((&file, ""));
    let format = ExportFormat::of_extension(extension)
        .ok_or_else(|| Problem::not_found("a collection is exported as .geojson, .fgb or .csv"))?;
    let collection = visible(&app, name, &caller)?;
    let audience = caller.audience();
    let features = app.atlas.each(&collection.id, None, audience)?;
    let bytes = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        write(&mut bytes, format, &collection, audience, features.iter().map(|feature| feature.as_ref().clone()))
            .map(|_| bytes)
    })
    .await
    .map_err(|_| Problem::internal())?
    .map_err(|cause| {
        tracing::error!(%cause, "a collection could not be exported");
        Problem::internal()
    })?;
    let disposition = format!("attachment; filename=\"{name}.{extension}\"");
    let disposition = HeaderValue::from_str(&disposition).map_err(|_| Problem::internal())?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.media_type())),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, bytes).into_response())
}
