//! Whole collections as files.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use misto_ingest::files::write::WriteError;

use super::collections::visible;
use super::extract::Segments;
use super::range;
use crate::app::Shared;
use crate::auth::Caller;
use crate::export::{ExportFormat, Pages, piped, write};
use crate::problem::{Answer, Problem};

/// A whole collection: `.geojson`, `.geojsonl` and `.csv` are written while they are
/// sent, `.fgb`, `.gpkg` and `.shp` (a zip of its parts) are whole files that can be read in ranges.
#[utoipa::path(get, path = "/export/{file}", tag = "ogc",
    params(("file" = String, Path, description = "Collection id with .fgb, .gpkg, .shp, .geojson, .geojsonl or .csv"),
        ("Range" = Option<String>, Header, description = "one range of bytes of .fgb, .gpkg and .shp"),
        ("If-Range" = Option<String>, Header, description = "ETag of the file that the range belongs to")),
    responses((status = 200, description = "The collection"), (status = 206, description = "A range of it"),
              (status = 304, description = "As you have it"), (status = 404, body = Problem),
              (status = 409, body = Problem, description = "The format cannot hold this collection"),
              (status = 416, body = Problem)))]
pub async fn export(
    State(app): State<Shared>,
    caller: Caller,
    Segments(file): Segments<String>,
    headers: HeaderMap,
) -> Answer<Response> {
    let (name, extension) = file.rsplit_once('.').unwrap_or((&file, ""));
    let format = ExportFormat::of_extension(extension).ok_or_else(|| {
        Problem::not_found("a collection is exported as .fgb, .gpkg, .shp, .geojson, .geojsonl or .csv")
    })?;
    let collection = visible(&app, name, &caller)?;
    let audience = caller.audience();
    let mut response = if format.is_indexed() {
        let kept = app.kept_files.get(&app, format, &collection, audience).await.map_err(not_written)?;
        range::answer(&headers, kept)?
    } else {
        let pages = Pages::new(app.clone(), collection.id.clone(), audience);
        piped(move |out| write(out, format, &collection, audience, pages)).into_response()
    };
    let disposition = format!("attachment; filename=\"{name}.{}\"", format.kept_extension());
    let disposition = HeaderValue::from_str(&disposition).map_err(|_| Problem::internal())?;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}

fn not_written(cause: WriteError) -> Problem {
    if let WriteError::Unfit(reason) = cause {
        return Problem::with_status(StatusCode::CONFLICT, reason);
    }
    tracing::error!(%cause, "a collection could not be exported");
    Problem::internal()
}
