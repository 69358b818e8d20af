//! What pages of other origins may read (Fetch Standard, 3.2): the city's public data, with GET,
//! without credentials. `*` never goes with a cookie, and `Authorization` is not among the
//! headers that may be sent, so no page of another origin acts for somebody who is signed in.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// What the paths of public data begin with.
const OPEN: [&str; 6] = ["/tiles/", "/ogc", "/export/", "/gtfs/", "/gtfs-rt/", "/styles"];

const ANY: HeaderValue = HeaderValue::from_static("*");
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD");
/// Beside those that need no leave.
const REQUEST_HEADERS: HeaderValue =
    HeaderValue::from_static("accept, accept-language, if-none-match, if-modified-since, range, if-range");
const ANSWER_HEADERS: HeaderValue = HeaderValue::from_static(
    "etag, last-modified, link, content-crs, content-range, accept-ranges, content-disposition, retry-after",
);
/// Seconds for which a browser need not ask again.
const MAX_AGE: HeaderValue = HeaderValue::from_static("86400");

/// Whether pages of any origin may read the answer.
pub fn is_open(method: &Method, path: &str) -> bool {
    let read = *method == Method::GET || *method == Method::HEAD;
    read && OPEN.iter().any(|begin| path.starts_with(begin))
}

/// The answer to a browser that asks before it reads; `None` when the question is another
/// (a plain OPTIONS, or leave to write), which the route answers.
pub fn preflight(method: &Method, path: &str, headers: &HeaderMap) -> Option<Response> {
    if *method != Method::OPTIONS || !headers.contains_key(header::ORIGIN) {
        return None;
    }
    let wanted = headers.get(header::ACCESS_CONTROL_REQUEST_METHOD)?.as_bytes();
    let wanted = Method::from_bytes(wanted).ok()?;
    is_open(&wanted, path).then(|| {
        let granted: [(HeaderName, HeaderValue); 4] = [
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY),
            (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS),
            (header::ACCESS_CONTROL_MAX_AGE, MAX_AGE),
        ];
        (StatusCode::NO_CONTENT, granted).into_response()
    })
}

/// Marks an answer that pages of any origin may read.
pub fn open(headers: &mut HeaderMap) {
    headers.entry(header::ACCESS_CONTROL_ALLOW_ORIGIN).or_insert(ANY);
    headers.entry(header::ACCESS_CONTROL_EXPOSE_HEADERS).or_insert(ANSWER_HEADERS);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: &str, path: &str, wanted: &str) -> Option<u16> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ORIGIN, HeaderValue::from_static("https://else.example"));
        headers.insert(header::ACCESS_CONTROL_REQUEST_METHOD, wanted.parse().unwrap());
        preflight(&method.parse().unwrap(), path, &headers).map(|answer| answer.status().as_u16())
    }

    #[test]
    fn leave_is_given_to_read_public_data_and_for_nothing_else() {
        assert_eq!(asked("OPTIONS", "/tiles/roads/14/1/1", "GET"), Some(204));
        assert_eq!(asked("OPTIONS", "/ogc/collections", "HEAD"), Some(204));
        for (method, path, wanted) in [
            ("OPTIONS", "/ogc/collections/roads/items", "POST"),
            ("OPTIONS", "/auth/session", "GET"),
            ("OPTIONS", "/vehicles", "GET"),
            ("GET", "/tiles/roads/14/1/1", "GET"),
        ] {
            assert_eq!(asked(method, path, wanted), None, "{method} {path} {wanted}");
        }
        assert!(preflight(&Method::OPTIONS, "/ogc/collections/roads/items", &HeaderMap::new()).is_none());
    }
}
