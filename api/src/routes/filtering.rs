//! The parameters `filter`, `filter-lang` and `filter-crs` (OGC API Features Part 3, 19-079r2).

use geo_types::{Coord, Geometry, Point};
use misto_ingest::crs::Crs;
use misto_model::Error;
use misto_tiles::Filter;

use crate::problem::{Answer, Problem};

/// Reads a filter; text when `lang` is absent, CRS84 when `crs` is.
///
/// # Errors
/// 400 naming the parameter.
pub fn filter(text: Option<&str>, lang: Option<&str>, crs: Option<&str>) -> Answer<Option<Filter>> {
    let Some(text) = text else {
        return match (lang, crs) {
            (None, None) => Ok(None),
            (Some(_), _) => Err(Problem::invalid("filter-lang", "there is no filter")),
            (_, Some(_)) => Err(Problem::invalid("filter-crs", "there is no filter")),
        };
    };
    let filter = match lang {
        None | Some("cql2-text") => Filter::parse_text(text)?,
        Some("cql2-json") => Filter::parse_json(text)?,
        Some(_) => return Err(Problem::invalid("filter-lang", "expected cql2-text or cql2-json")),
    };
    let crs = crs.map_or(Ok(Crs::default()), Crs::of_name).map_err(|no| Problem::invalid("filter-crs", no))?;
    placed(filter, &crs).map(Some)
}

/// Metres of an edge that may stay straight: in the zones of Ukraine one of a kilometre bends
/// by two centimetres between there and here.
const STRAIGHT_M: f64 = 1_000.0;

/// The filter in longitude and latitude.
fn placed(filter: Filter, crs: &Crs) -> Answer<Filter> {
    let nowhere = |at: Coord<f64>| Error::invalid("filter", format!("{}, {} is no place in {}", at.x, at.y, crs.uri()));
    if crs.is_crs84() || crs.is_wgs84() {
        let filter = if crs.is_wgs84() { filter.exchange_axes() } else { filter };
        // Metres where degrees are meant (19-079r2, Abstract Test 10).
        filter.each_place(&|at| if is_on_earth(at) { Ok(()) } else { Err(nowhere(at)) })?;
        return Ok(filter);
    }
    let place = |at: Coord<f64>| match crs.to_wgs84(Geometry::Point(at.into())) {
        Ok(Geometry::Point(Point(there))) if is_on_earth(there) => Ok(there),
        _ => Err(nowhere(at)),
    };
    Ok(filter.reproject(if crs.is_in_metres() { STRAIGHT_M } else { f64::INFINITY }, &place)?)
}

/// A hair beyond the edge is rounding.
fn is_on_earth(at: Coord<f64>) -> bool {
    at.x.abs() <= 180.000_001 && at.y.abs() <= 90.000_001
}

/// `properties=a,b`.
pub fn names(list: Option<&str>) -> Option<Vec<String>> {
    list.map(|list| list.split(',').map(|name| name.trim().to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_offered_system_is_taken() {
        // A place in Ukraine there, and the same filter in longitude and latitude.
        let here = Geometry::Point(Point::new(24.71, 48.92));
        let systems = misto_ingest::crs::offered();
        assert!(systems.len() >= 40, "{}", systems.len());
        for name in systems {
            let crs = Crs::of_name(&name).unwrap();
            let Ok(Geometry::Point(there)) = crs.from_wgs84(&here) else { continue };
            let text = format!("S_WITHIN(geometry, POINT({:.4} {:.4}))", there.x(), there.y());
            let digits = if crs.is_in_metres() {
                text
            } else {
                format!("S_WITHIN(geometry, POINT({} {}))", there.x(), there.y())
            };
            let placed = filter(Some(&digits), None, Some(&name)).unwrap().unwrap().to_text();
            let numbers: Vec<f64> = placed.split(['(', ')', ' ']).filter_map(|word| word.parse().ok()).collect();
            assert!((numbers[0] - 24.71).abs() < 1e-8 && (numbers[1] - 48.92).abs() < 1e-8, "{name}: {placed}");
        }
    }

    #[test]
    fn a_filter_means_the_same_place_in_each_reference_system() {
        let in_crs = |text: &str, crs: &str| {
            filter(Some(text), None, Some(&format!("http://www.opengis.net/def/crs/{crs}"))).unwrap().unwrap().to_text()
        };
        let plain = in_crs("S_WITHIN(geometry, POINT(24.71 48.92))", "OGC/1.3/CRS84");
        assert_eq!(in_crs("S_WITHIN(geometry, POINT(48.92 24.71))", "EPSG/0/4326"), plain);
        let mercator = in_crs("S_WITHIN(geometry, POINT(2750704.618 6261297.953))", "EPSG/0/3857");
        let numbers: Vec<f64> = mercator.split(['(', ')', ' ']).filter_map(|word| word.parse().ok()).collect();
        assert!((numbers[0] - 24.71).abs() < 1e-6 && (numbers[1] - 48.92).abs() < 1e-6, "{mercator}");
        let box_of_ucs = in_crs("S_WITHIN(geometry, BBOX(5421000, 5284000, 5421500, 5284500))", "EPSG/0/5565");
        assert!(box_of_ucs.contains("POLYGON"), "{box_of_ucs}");
        assert_eq!(
            in_crs("S_WITHIN(geometry, BBOX(-20, 170, -10, -170))", "EPSG/0/4326"),
            in_crs("S_WITHIN(geometry, BBOX(170, -20, -170, -10))", "OGC/1.3/CRS84"),
            "across the antimeridian"
        );
        for (text, lang, crs) in [
            (None, Some("cql2-text"), None),
            (Some("a = 1"), Some("sql"), None),
            (Some("a = 1"), None, Some("EPSG:28992")),
            (Some("S_WITHIN(geometry, POINT(1 1e9))"), None, Some("EPSG:6382")),
            (Some("S_WITHIN(geometry, BBOX(1000000, 1000000, 2000000, 2000000))"), None, None),
            (Some("{\"op\":"), Some("cql2-json"), None),
            (Some("S_WITHIN(geometry, POINT(1e9 1))"), None, Some("http://www.opengis.net/def/crs/EPSG/0/3857")),
        ] {
            assert!(filter(text, lang, crs).is_err(), "{text:?} {lang:?} {crs:?}");
        }
    }
}
