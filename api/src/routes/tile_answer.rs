//! How a tile is answered: in which coding, with which headers.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use misto_model::Audience;
use misto_tiles::{Encoding, Tile};

/// Says that features which lie in the tile were left out.
const THINNED: HeaderName = HeaderName::from_static("misto-thinned");
/// Of codings that a client takes equally gladly, the one that is made fastest and is smallest first.
const PREFERENCE: [(Encoding, &str); 4] =
    [(Encoding::Zstd, "zstd"), (Encoding::Brotli, "br"), (Encoding::Gzip, "gzip"), (Encoding::Identity, "identity")];

/// The coding to answer in (RFC 9110, 12.5.3): the one with the highest weight. When
/// nothing is acceptable the bytes go as they are, as that clause asks.
pub fn negotiated(headers: &HeaderMap) -> Encoding {
    let mut named: [Option<u16>; PREFERENCE.len()] = [None; PREFERENCE.len()];
    let mut any = None;
    let texts = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    for coding in texts.flat_map(|text| text.split(',')) {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or("");
        let weight = parts.find_map(weight).unwrap_or(1_000);
        if name == "*" {
            any = Some(weight);
        } else if let Some(at) = PREFERENCE.iter().position(|(_, known)| name.eq_ignore_ascii_case(known)) {
            named[at] = Some(weight);
        }
    }
    let weight_of = |at: usize| {
        // As they are is acceptable unless refused, and less welcome than what is named.
        let unnamed = if PREFERENCE[at].0 == Encoding::Identity {
            any.map_or(1, |weight| weight.min(1))
        } else {
            any.unwrap_or(0)
        };
        named[at].unwrap_or(unnamed)
    };
    let best = (0..PREFERENCE.len()).rev().max_by_key(|&at| weight_of(at));
    best.filter(|&at| weight_of(at) > 0).map_or(Encoding::Identity, |at| PREFERENCE[at].0)
}

/// `q=0.5` in thousandths; a weight that cannot be read is none.
fn weight(parameter: &str) -> Option<u16> {
    let (name, value) = parameter.split_once('=')?;
    let weight: f32 = value.trim().parse().ok().filter(|weight| (0.0..=1.0).contains(weight))?;
    name.trim().eq_ignore_ascii_case("q").then_some((weight * 1_000.0) as u16)
}

/// 200 with the tile, 304 when the client holds it, 204 when nothing is there.
pub fn answer(found: Option<Tile>, headers: &HeaderMap, audience: Audience) -> Response {
    let Some(tile) = found else {
        let mut response = StatusCode::NO_CONTENT.into_response();
        policy(response.headers_mut(), audience);
        return response;
    };
    let mut response = if is_held(headers, &tile.etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Response::new(tile.bytes.into());
        let out = response.headers_mut();
        out.reserve(12);
        out.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/vnd.mapbox-vector-tile"));
        if let Some(name) = tile.encoding.name() {
            out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        response
    };
    let out = response.headers_mut();
    policy(out, audience);
    if let Ok(etag) = HeaderValue::from_str(&tile.etag) {
        out.insert(header::ETAG, etag);
    }
    if tile.thinned {
        out.insert(THINNED, HeaderValue::from_static("true"));
    }
    response
}

/// Every collection can be edited: a browser asks each time and gets 304. What staff
/// see no cache may keep.
fn policy(out: &mut HeaderMap, audience: Audience) {
    let control = match audience {
        Audience::Public => "no-cache",
        Audience::Staff => "private, no-store",
    };
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(control));
    out.insert(header::VARY, HeaderValue::from_static("Accept-Encoding, Authorization, Cookie"));
}

/// RFC 9110, 13.1.2, with weak comparison.
pub(super) fn is_held(headers: &HeaderMap, etag: &str) -> bool {
    let sent = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    sent.flat_map(|text| text.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/"))
        .any(|tag| tag == "*" || tag == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coding_with_the_highest_weight_is_taken() {
        for (sent, expected) in [
            ("gzip, deflate, br, zstd", Encoding::Zstd),
            ("gzip, deflate, br", Encoding::Brotli),
            ("br;q=0.5, GZIP;q=1.0", Encoding::Gzip),
            ("gzip;q=0.5, zstd;q=0.4", Encoding::Gzip),
            ("gzip; q=0.8, br; Q=0.9", Encoding::Brotli),
            ("gzip;q=0", Encoding::Identity),
            ("gzip;q=0, *", Encoding::Zstd),
            ("*;q=0", Encoding::Identity),
            ("identity, gzip;q=0.5", Encoding::Identity),
            ("identity;q=0, gzip;q=0.001", Encoding::Gzip),
            ("deflate, compress", Encoding::Identity),
            ("gzip;q=nonsense", Encoding::Gzip),
            ("", Encoding::Identity),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, sent.parse().unwrap())]);
            assert_eq!(negotiated(&headers), expected, "{sent:?}");
        }
        assert_eq!(negotiated(&HeaderMap::new()), Encoding::Identity);
    }

    #[test]
    fn a_tag_is_found_among_several() {
        let held =
            |sent: &str| is_held(&HeaderMap::from_iter([(header::IF_NONE_MATCH, sent.parse().unwrap())]), "\"a\"");
        assert!(held("\"b\", W/\"a\"") && held("*") && !held("\"b\""));
    }
}
