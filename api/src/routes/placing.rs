//! `crs=`, `bbox-crs=` and `Content-Crs`: coordinates in another system than
//! WGS 84 longitude and latitude (OGC 18-058r1).

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use geo_types::{Coord, Geometry, LineString, Polygon};
use misto_ingest::crs::Crs;
use misto_model::{Bbox, Position};

use super::rendition::Wish;
use crate::problem::{Answer, Problem};

/// Name of the header that tells the system of a body.
pub const CONTENT_CRS: HeaderName = HeaderName::from_static("content-crs");

/// Parts into which an edge of a box is divided before it is bent into another
/// system: over a city's width the edge is then right to a centimetre.
const EDGE_PARTS: u32 = 32;

/// The system in which the caller wants coordinates.
///
/// # Errors
/// 400 naming `crs` when it is not offered.
pub fn wanted(wish: &Wish) -> Answer<Crs> {
    named(wish, "crs")
}

fn named(wish: &Wish, field: &str) -> Answer<Crs> {
    match wish.parameter(field) {
        None => Ok(Crs::default()),
        Some(name) => Crs::of_name(&name).map_err(|unknown| Problem::invalid(field, unknown)),
    }
}

/// The system in which a body's coordinates are.
///
/// # Errors
/// 400 naming the header.
pub fn sent(headers: &HeaderMap) -> Answer<Crs> {
    match headers.get(CONTENT_CRS) {
        None => Ok(Crs::default()),
        Some(value) => {
            Crs::of_name(value.to_str().unwrap_or_default()).map_err(|unknown| Problem::invalid("Content-Crs", unknown))
        }
    }
}

/// The header's value for an answer.
pub fn header_value(crs: &Crs) -> HeaderValue {
    HeaderValue::from_str(&format!("<{}>", crs.uri())).unwrap_or(HeaderValue::from_static(""))
}

/// Where features are asked for.
#[derive(Debug, Clone, Default)]
pub struct Area {
    /// The box around it, WGS 84.
    pub bbox: Option<Bbox>,
    /// Its outline where that is no box of longitudes and latitudes.
    pub outline: Option<Polygon>,
}

/// `bbox=` in the system of `bbox-crs=`; of six numbers the heights are left out,
/// since features lie in the plane (OGC 17-069r4, 7.15.3).
///
/// # Errors
/// 400 naming `bbox` or `bbox-crs`.
pub fn area(wish: &Wish) -> Answer<Area> {
    let crs = named(wish, "bbox-crs")?;
    let Some(text) = wish.parameter("bbox") else {
        return match wish.parameter("bbox-crs") {
            Some(_) => Err(Problem::invalid("bbox-crs", "goes with bbox, which is missing")),
            None => Ok(Area::default()),
        };
    };
    let [first, second, third, fourth] = corners(&text)?;
    if crs.is_crs84() {
        let bbox = Bbox::new(first, second, third, fourth).map_err(|wrong| Problem::invalid("bbox", wrong))?;
        return Ok(Area { bbox: Some(bbox), outline: None });
    }
    if first > third || second > fourth {
        return Err(Problem::invalid(
            "bbox",
            "the first corner lies beyond the second: the order is least first, least second, greatest first, greatest second coordinate",
        ));
    }
    let ring = ring([first, second, third, fourth]);
    let there = crs
        .to_wgs84(Geometry::Polygon(Polygon::new(ring, Vec::new())))
        .map_err(|nowhere| Problem::invalid("bbox", nowhere))?;
    let Geometry::Polygon(outline) = there else { return Err(Problem::internal()) };
    Ok(Area { bbox: Some(around(&outline)?), outline: Some(outline) })
}

fn corners(text: &str) -> Answer<[f64; 4]> {
    let numbers: Option<Vec<f64>> =
        text.split(',').map(|part| part.trim().parse().ok().filter(|number: &f64| number.is_finite())).collect();
    match numbers.as_deref() {
        Some([a, b, c, d]) | Some([a, b, _, c, d, _]) => Ok([*a, *b, *c, *d]),
        _ => {
            let text: String = text.chars().take(80).collect();
            Err(Problem::invalid("bbox", format!("expected four numbers west,south,east,north but got {text:?}")))
        }
    }
}

/// The edge of the box, each side in many parts.
fn ring([x0, y0, x1, y1]: [f64; 4]) -> LineString {
    let turns = [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)];
    let mut positions = Vec::new();
    for pair in turns.windows(2) {
        for part in 0..EDGE_PARTS {
            let share = f64::from(part) / f64::from(EDGE_PARTS);
            let between = |from: f64, to: f64| from + (to - from) * share;
            positions.push(Coord { x: between(pair[0].0, pair[1].0), y: between(pair[0].1, pair[1].1) });
        }
    }
    positions.push(Coord { x: x0, y: y0 });
    LineString::new(positions)
}

fn around(outline: &Polygon) -> Answer<Bbox> {
    let mut found: Option<Bbox> = None;
    for at in &outline.exterior().0 {
        let nowhere =
            |wrong: &dyn std::fmt::Display| Problem::invalid("bbox", format!("a corner is no place on earth: {wrong}"));
        Position::new(at.x, at.y).map_err(|wrong| nowhere(&wrong))?;
        let one = Bbox::new(at.x, at.y, at.x, at.y).map_err(|wrong| nowhere(&wrong))?;
        found = Some(found.map_or(one, |known| known.union(&one)));
    }
    found.ok_or_else(Problem::internal)
}
