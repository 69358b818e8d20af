//! A file, or one range of its bytes (RFC 9110, 14).

use std::io::{Error, ErrorKind};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use misto_ingest::files::write::WriteError;

use super::page_of_features::unchanged;
use crate::export::{Kept, piped};
use crate::problem::{Answer, Problem};

/// Bytes read at once.
const BLOCK: u64 = 64 << 10;

/// The file as the headers ask for it: whole, one range, or nothing new. Several
/// ranges at once, or a range of another file than this (If-Range), give the whole.
///
/// # Errors
/// 416 when the range begins beyond the end.
pub fn answer(headers: &HeaderMap, kept: Kept) -> Answer<Response> {
    if unchanged(headers, &kept.etag) {
        return Ok(marked(StatusCode::NOT_MODIFIED.into_response(), &kept));
    }
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let same_file = text(header::IF_RANGE).is_none_or(|tag| tag == kept.etag);
    let wanted = text(header::RANGE).filter(|_| same_file).map_or(Wanted::Whole, |range| parse(range, kept.len));
    match wanted {
        Wanted::Whole => Ok(part(kept, 0, None)),
        Wanted::Part { first, last } => Ok(part(kept, first, Some(last))),
        Wanted::Beyond => {
            let detail = format!("the file has {} bytes", kept.len);
            let problem = Problem::with_status(StatusCode::RANGE_NOT_SATISFIABLE, detail);
            let mut response = problem.into_response();
            let range = HeaderValue::from_str(&format!("bytes */{}", kept.len)).map_err(|_| Problem::internal())?;
            response.headers_mut().insert(header::CONTENT_RANGE, range);
            Ok(response)
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Whole,
    /// Both ends belong to it.
    Part {
        first: u64,
        last: u64,
    },
    Beyond,
}

fn parse(text: &str, len: u64) -> Wanted {
    let Some((from, to)) = text.strip_prefix("bytes=").and_then(|range| range.trim().split_once('-')) else {
        return Wanted::Whole;
    };
    let (first, last) = match (from.parse::<u64>(), to.parse::<u64>()) {
        // Without a beginning it counts from the end.
        (Err(_), Ok(count)) if from.is_empty() => (len.saturating_sub(count), len.saturating_sub(1)),
        (Ok(first), Ok(last)) if first <= last => (first, last.min(len.saturating_sub(1))),
        (Ok(first), Err(_)) if to.is_empty() => (first, len.saturating_sub(1)),
        _ => return Wanted::Whole,
    };
    if first >= len || (from.is_empty() && to == "0") { Wanted::Beyond } else { Wanted::Part { first, last } }
}

fn part(kept: Kept, first: u64, last: Option<u64>) -> Response {
    let end = last.map_or(kept.len, |last| last + 1);
    let file = Arc::clone(&kept.file);
    let body = piped(move |out| {
        let mut block = vec![0; BLOCK as usize];
        let mut at = first;
        while at < end {
            let wanted = (end - at).min(BLOCK) as usize;
            match file.read_at(&mut block[..wanted], at)? {
                0 => return Err(WriteError::Io(Error::from(ErrorKind::UnexpectedEof))),
                read => {
                    out.write_all(&block[..read])?;
                    at += read as u64;
                }
            }
        }
        Ok(end - first)
    });
    let mut response = marked(body.into_response(), &kept);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(end - first));
    if let Some(last) = last {
        let range = format!("bytes {first}-{last}/{}", kept.len);
        headers.extend(HeaderValue::from_str(&range).ok().map(|range| (header::CONTENT_RANGE, range)));
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    response
}

fn marked(mut response: Response, kept: &Kept) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.extend(HeaderValue::from_str(&kept.etag).ok().map(|tag| (header::ETAG, tag)));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_rfc_9110_says() {
        assert_eq!(parse("bytes=0-99", 1_000), Wanted::Part { first: 0, last: 99 });
        assert_eq!(parse("bytes=900-", 1_000), Wanted::Part { first: 900, last: 999 });
        assert_eq!(parse("bytes=-100", 1_000), Wanted::Part { first: 900, last: 999 });
        assert_eq!(parse("bytes=0-5000", 1_000), Wanted::Part { first: 0, last: 999 });
        assert_eq!(parse("bytes=-5000", 1_000), Wanted::Part { first: 0, last: 999 });
        assert_eq!(parse("bytes=1000-", 1_000), Wanted::Beyond);
        assert_eq!(parse("bytes=-0", 1_000), Wanted::Beyond);
        assert_eq!(parse("bytes=5-4", 1_000), Wanted::Whole);
        assert_eq!(parse("bytes=0-1,5-6", 1_000), Wanted::Whole);
        assert_eq!(parse("lines=0-1", 1_000), Wanted::Whole);
        assert_eq!(parse("bytes=a-b", 1_000), Wanted::Whole);
    }
}
