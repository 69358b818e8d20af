//! Extractors whose refusals are problem details that name the field.

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Json, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use misto_model::{Bbox, CollectionId};
use serde::de::DeserializeOwned;

use crate::problem::{Answer, Problem};

/// Query parameters.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(value) = Query::from_request_parts(parts, state).await.map_err(|refused| {
            let text = refused.body_text();
            let text = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text);
            let (field, reason) = text.split_once(": ").unwrap_or(("query", text));
            Problem::invalid(field, reason)
        })?;
        Ok(Self(value))
    }
}

/// For routes that take no parameter: one that is sent would be answered as if it
/// had been heard.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoParams {}

/// Parts of the path.
pub struct Segments<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Segments<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(value) = Path::from_request_parts(parts, state)
            .await
            .map_err(|refused| Problem::invalid("path", refused.body_text()))?;
        Ok(Self(value))
    }
}

/// A JSON body; any content type that ends in json.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match Json::from_request(request, state).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(JsonRejection::BytesRejection(refused)) if refused.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(Problem::too_large("the body is larger than this server takes (http.max_body_bytes)"))
            }
            Err(JsonRejection::MissingJsonContentType(_)) => Err(Problem::with_status(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "send the body with Content-Type: application/json or application/geo+json",
            )),
            Err(refused) => Err(Problem::invalid("body", refused.body_text())),
        }
    }
}

/// A `bbox=` parameter.
pub fn bbox(text: Option<&str>) -> Answer<Option<Bbox>> {
    text.map(|text| text.parse::<Bbox>().map_err(|wrong| Problem::invalid("bbox", wrong))).transpose()
}

/// A collection's name in a path: one that cannot exist does not exist.
pub fn collection_id(text: &str) -> Answer<CollectionId> {
    text.parse().map_err(|_| Problem::not_found(format!("collection {text:?} was not found")))
}

/// A longitude and latitude from two parameters.
pub fn position(lon: f64, lat: f64, field: &str) -> Answer<misto_model::Position> {
    misto_model::Position::new(lon, lat).map_err(|wrong| Problem::invalid(field, wrong))
}
