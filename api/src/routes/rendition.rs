//! In which form a resource is answered: by `f=`, else by the Accept header
//! (RFC 9110, 12.5.1), else as JSON.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use crate::problem::{Answer, Problem};

/// A form of answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rendition {
    /// JSON.
    Json,
    /// GeoJSON (RFC 7946).
    GeoJson,
    /// GeoJSON text sequence (RFC 8142).
    GeoJsonSeq,
    /// A page to read.
    Html,
    /// Delimited text (RFC 4180).
    Csv,
    /// FlatGeobuf 3.
    FlatGeobuf,
    /// OGC GeoPackage.
    GeoPackage,
}

/// Forms of documents about the features.
pub const DOCUMENT: [Rendition; 2] = [Rendition::Json, Rendition::Html];
/// Forms of one feature.
pub const FEATURE: [Rendition; 2] = [Rendition::GeoJson, Rendition::Html];
/// Forms of features.
pub const FEATURES: [Rendition; 6] = [
    Rendition::GeoJson,
    Rendition::Html,
    Rendition::GeoJsonSeq,
    Rendition::Csv,
    Rendition::FlatGeobuf,
    Rendition::GeoPackage,
];

impl Rendition {
    /// What `f=` calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::GeoJson => "geojson",
            Self::GeoJsonSeq => "geojsonseq",
            Self::Html => "html",
            Self::Csv => "csv",
            Self::FlatGeobuf => "fgb",
            Self::GeoPackage => "gpkg",
        }
    }

    /// Media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::GeoJson => "application/geo+json",
            Self::GeoJsonSeq => "application/geo+json-seq",
            Self::Html => "text/html; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8",
            Self::FlatGeobuf => "application/vnd.flatgeobuf",
            Self::GeoPackage => "application/geopackage+sqlite3",
        }
    }

    /// Media type without parameters, as links and Accept name it.
    pub fn bare_media_type(self) -> &'static str {
        self.media_type().split(';').next().unwrap_or_default()
    }

    fn is_named(self, name: &str) -> bool {
        match self {
            Self::GeoJson => matches!(name, "geojson" | "json"),
            Self::GeoJsonSeq => matches!(name, "geojsonseq" | "geojsonl"),
            Self::FlatGeobuf => matches!(name, "fgb" | "flatgeobuf"),
            other => name == other.name(),
        }
    }
}

/// What the caller said about form and language.
#[derive(Debug, Clone)]
pub struct Wish {
    query: String,
    accept: String,
    language: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Wish {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default().to_owned();
        Ok(Self {
            query,
            accept: text(&parts.headers, header::ACCEPT),
            language: text(&parts.headers, header::ACCEPT_LANGUAGE),
        })
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> String {
    let values: Vec<&str> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    values.join(",")
}

impl Wish {
    /// The value of a query parameter, decoded.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let (_, value) = self.query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name)?;
        let spaced = value.replace('+', " ");
        Some(percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned())
    }

    /// The query without `f=`, for links to the other forms.
    pub fn query_without_form(&self) -> String {
        let kept: Vec<&str> =
            self.query.split('&').filter(|pair| !pair.is_empty() && pair.split('=').next() != Some("f")).collect();
        kept.join("&")
    }

    /// The query as it was sent.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// Refuses parameters that the resource does not know (OGC 17-069r4, 7.5.1).
    ///
    /// # Errors
    /// Names the first one.
    pub fn only(&self, known: &[&str]) -> Answer<()> {
        let names =
            self.query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split('=').next().unwrap_or(pair));
        match names.into_iter().find(|name| !known.contains(name)) {
            None => Ok(()),
            Some(name) => {
                let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
                let name: String = name.chars().take(80).collect();
                Err(Problem::invalid(name, format!("no such parameter; this resource knows {}", known.join(", "))))
            }
        }
    }

    /// One of the forms offered; the first when the caller has no wish that can be met.
    ///
    /// # Errors
    /// When `f=` names another form.
    pub fn form(&self, offered: &[Rendition]) -> Answer<Rendition> {
        if let Some(name) = self.parameter("f") {
            return offered.iter().copied().find(|form| form.is_named(&name)).ok_or_else(|| {
                let names: Vec<&str> = offered.iter().map(|form| form.name()).collect();
                Problem::invalid("f", format!("expected one of {}", names.join(", ")))
            });
        }
        let mut best = (0.0, offered[0]);
        for form in offered {
            let quality = quality(&self.accept, *form);
            if quality > best.0 {
                best = (quality, *form);
            }
        }
        Ok(best.1)
    }

    /// Whether the caller would rather read English than Ukrainian.
    pub fn english(&self) -> bool {
        let wanted = |language: &str| {
            let ranges = self.language.split(',').filter_map(range);
            let fitting = ranges.filter(|(name, _)| {
                name.split('-').next().is_some_and(|primary| primary.eq_ignore_ascii_case(language))
            });
            fitting.map(|(_, quality)| quality).fold(0.0, f64::max)
        };
        wanted("en") > wanted("uk")
    }
}

/// How much the form is wanted, 0 to 1: what the most precise range says that covers it.
fn quality(accept: &str, form: Rendition) -> f64 {
    let own = form.bare_media_type();
    let precision = |name: &str| match name {
        "*/*" => Some(1),
        _ if name.eq_ignore_ascii_case(own) => Some(3),
        "application/json" if form == Rendition::GeoJson => Some(3),
        _ => {
            let (major, minor) = name.split_once('/')?;
            (minor == "*" && own.split('/').next() == Some(major)).then_some(2)
        }
    };
    let covering = accept.split(',').filter_map(range).filter_map(|(name, quality)| Some((precision(name)?, quality)));
    let best = covering.fold(
        (0, 0.0),
        |best: (i32, f64), one| {
            if one.0 > best.0 || (one.0 == best.0 && one.1 > best.1) { one } else { best }
        },
    );
    best.1
}

/// A range with its weight.
fn range(text: &str) -> Option<(&str, f64)> {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty())?;
    let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
    let weight = weight.map_or(Some(1.0), |weight| weight.parse::<f64>().ok())?;
    (0.0..=1.0).contains(&weight).then_some((name, weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(query: &str, accept: &str, language: &str) -> Wish {
        Wish { query: query.to_owned(), accept: accept.to_owned(), language: language.to_owned() }
    }

    #[test]
    fn the_form_is_what_the_caller_wants_most() {
        let form = |query, accept| wish(query, accept, "").form(&FEATURES).map_err(|problem| problem.detail);
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert_eq!(form("", browser), Ok(Rendition::Html));
        assert_eq!(form("", ""), Ok(Rendition::GeoJson));
        assert_eq!(form("", "*/*"), Ok(Rendition::GeoJson));
        assert_eq!(form("", "application/geo+json, application/json"), Ok(Rendition::GeoJson));
        assert_eq!(form("", "text/csv, */*;q=0.1"), Ok(Rendition::Csv));
        assert_eq!(form("", "text/html;q=0, */*"), Ok(Rendition::GeoJson));
        assert_eq!(form("", "image/png"), Ok(Rendition::GeoJson));
        assert_eq!(form("limit=1&f=fgb", browser), Ok(Rendition::FlatGeobuf));
        assert_eq!(form("f=json", browser), Ok(Rendition::GeoJson));
        assert!(form("f=exe", "").unwrap_err().contains("geojsonseq"));
    }

    #[test]
    fn ukrainian_comes_first_unless_english_is_preferred() {
        assert!(!wish("", "", "").english());
        assert!(!wish("", "", "uk,en;q=0.8").english());
        assert!(!wish("", "", "pl").english());
        assert!(wish("", "", "en-GB,en;q=0.9,uk;q=0.5").english());
    }

    #[test]
    fn a_parameter_that_is_not_known_is_named() {
        assert!(wish("f=json", "", "").only(&["f"]).is_ok());
        assert!(wish("f=json&%D1%8F=1", "", "").only(&["f"]).unwrap_err().detail.starts_with("я:"));
        assert_eq!(wish("a=1&f=html&b=2", "", "").query_without_form(), "a=1&b=2");
    }
}
