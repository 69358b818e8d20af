//! Errors outside: RFC 9457 problem details. Handlers return [`Problem`]; the
//! cause stays in the log, with the request's id.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use misto_model::Error;
use serde::Serialize;

/// One error as the caller reads it (RFC 9457).
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Stable name of the kind of error, a relative reference.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The kind in words.
    pub title: &'static str,
    /// HTTP status.
    pub status: u16,
    /// What happened here and what would be right.
    pub detail: String,
    /// The field that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// For a conflict: the feature as it stands now, `null` when it was deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub current: Option<Box<serde_json::Value>>,
    /// For a conflict: its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_version: Option<i64>,
}

/// What handlers return.
pub type Answer<T> = Result<T, Problem>;

impl Problem {
    fn new(status: StatusCode, kind: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind,
            title,
            status: status.as_u16(),
            detail: detail.into(),
            field: None,
            current: None,
            current_version: None,
        }
    }

    /// 404.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "/problems/not-found", "Not found", detail)
    }

    /// 400, naming the field.
    pub fn invalid(field: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        let field = field.into();
        let detail = format!("{field}: {reason}");
        let problem = Self::new(StatusCode::BAD_REQUEST, "/problems/invalid", "The input cannot be used", detail);
        Self { field: Some(field), ..problem }
    }

    /// The same, of a part of what was sent: the field is named from the whole.
    #[must_use]
    pub fn within(mut self, part: &str) -> Self {
        if let Some(field) = self.field.take() {
            self.detail = format!("{part}.{}", self.detail);
            self.field = Some(format!("{part}.{field}"));
        }
        self
    }

    /// 401.
    pub fn sign_in(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "/problems/sign-in", "Signing in is needed", detail)
    }

    /// 403.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "/problems/forbidden", "Not allowed", detail)
    }

    /// 428 (RFC 6585): a save without If-Match.
    pub fn precondition_required() -> Self {
        let detail = "send If-Match with the ETag of the version you saw, so that nobody's work is lost";
        Self::new(StatusCode::PRECONDITION_REQUIRED, "/problems/if-match-required", "If-Match is needed", detail)
    }

    /// 413.
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "/problems/too-large", "The request is too large", detail)
    }

    /// 415: a body in a form that is not known here.
    pub fn unsupported(detail: impl Into<String>) -> Self {
        let kind = "/problems/unsupported-form";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, kind, "This form is not known here", detail)
    }

    /// 429 (RFC 6585): later again.
    pub fn too_many(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "/problems/too-many", "Too many at once", detail)
    }

    /// 503; the cause goes to the log.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "/problems/unavailable", "Not available now", detail)
    }

    /// 500; the cause goes to the log.
    pub fn internal() -> Self {
        let detail = "this is a fault of the server; it was written to its log";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "/problems/internal", "Internal error", detail)
    }

    /// Any other status with the common shape.
    pub fn with_status(status: StatusCode, detail: impl Into<String>) -> Self {
        Self::new(status, "about:blank", status.canonical_reason().unwrap_or("Error"), detail)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound { .. } => Self::not_found(error.to_string()),
            Error::Invalid { field, reason } => Self::invalid(field, reason),
            Error::Forbidden { reason } => Self::forbidden(reason),
            Error::Conflict { ref current, .. } => {
                let title = "Somebody else changed it first";
                let problem =
                    Self::new(StatusCode::PRECONDITION_FAILED, "/problems/conflict", title, error.to_string());
                let current_version = current.as_ref().map(|feature| feature.version.0);
                let current = match current {
                    Some(feature) => crate::view::feature::geojson(feature),
                    None => serde_json::Value::Null,
                };
                Self { current: Some(Box::new(current)), current_version, ..problem }
            }
            Error::Unavailable { reason, cause } => {
                tracing::error!(%reason, %cause, "unavailable");
                Self::unavailable(reason)
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("900"));
        }
        response
    }
}
