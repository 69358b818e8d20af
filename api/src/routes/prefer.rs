//! `Prefer: return=minimal` and `return=representation` (RFC 7240, 4.2).

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;

const PREFER: HeaderName = HeaderName::from_static("prefer");
const APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// What a save is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return {
    /// The feature as it stands now; also when nobody asked.
    Representation,
    /// Address and ETag only.
    Minimal,
}

/// What the caller prefers, and whether they said so.
#[derive(Debug, Clone, Copy)]
pub struct Preferred {
    /// The answer.
    pub answer: Return,
    said: bool,
}

/// From the header; the first preference for `return` counts.
pub fn preferred(headers: &HeaderMap) -> Preferred {
    let values = headers.get_all(PREFER).iter().filter_map(|value| value.to_str().ok());
    let mut words = values.flat_map(|value| value.split([',', ';'])).map(str::trim);
    let found = words.find_map(|word| match word.strip_prefix("return=")?.trim_matches('"') {
        "minimal" => Some(Return::Minimal),
        "representation" => Some(Return::Representation),
        _ => None,
    });
    Preferred { answer: found.unwrap_or(Return::Representation), said: found.is_some() }
}

impl Preferred {
    /// Says in the answer that the preference was followed.
    pub fn applied(self, mut response: Response) -> Response {
        if self.said {
            let word = match self.answer {
                Return::Representation => "return=representation",
                Return::Minimal => "return=minimal",
            };
            response.headers_mut().insert(APPLIED, HeaderValue::from_static(word));
        }
        response
    }
}
