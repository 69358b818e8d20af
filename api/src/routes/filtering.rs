//! The parameters `filter`, `filter-lang` and `filter-crs` (OGC API Features Part 3, 19-079r2).

use geo_types::Coord;
use misto_model::{Error, Result};
use misto_tiles::Filter;

use crate::problem::{Answer, Problem};

/// Metres of half the world on the sphere of EPSG:3857.
const HALF_WORLD_M: f64 = std::f64::consts::PI * 6_378_137.0;

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
    Ok(Some(match place_in(crs)? {
        None => filter,
        Some(place) => filter.reproject(&place)?,
    }))
}

type Place = fn(Coord<f64>) -> Result<Coord<f64>>;

/// How coordinates of a reference system become longitude and latitude; `None` when they are that.
fn place_in(crs: Option<&str>) -> Answer<Option<Place>> {
    match crs {
        None | Some("http://www.opengis.net/def/crs/OGC/1.3/CRS84") => Ok(None),
        Some("http://www.opengis.net/def/crs/EPSG/0/4326") => Ok(Some(latitude_first)),
        Some("http://www.opengis.net/def/crs/EPSG/0/3857") => Ok(Some(web_mercator)),
        Some(_) => Err(Problem::invalid(
            "filter-crs",
            "expected http://www.opengis.net/def/crs/OGC/1.3/CRS84, …/EPSG/0/4326 or …/EPSG/0/3857",
        )),
    }
}

fn latitude_first(at: Coord<f64>) -> Result<Coord<f64>> {
    Ok(Coord { x: at.y, y: at.x })
}

fn web_mercator(at: Coord<f64>) -> Result<Coord<f64>> {
    if at.x.abs() > HALF_WORLD_M * 1.000_001 || at.y.abs() > HALF_WORLD_M * 1.000_001 {
        return Err(Error::invalid("filter", "a place of it lies outside of EPSG:3857, which is in metres"));
    }
    let latitude = (at.y / HALF_WORLD_M * std::f64::consts::PI).sinh().atan().to_degrees();
    Ok(Coord { x: at.x / HALF_WORLD_M * 180.0, y: latitude })
}

/// `properties=a,b`.
pub fn names(list: Option<&str>) -> Option<Vec<String>> {
    list.map(|list| list.split(',').map(|name| name.trim().to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

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
        for (text, lang, crs) in [
            (None, Some("cql2-text"), None),
            (Some("a = 1"), Some("sql"), None),
            (Some("a = 1"), None, Some("EPSG:4326")),
            (Some("{\"op\":"), Some("cql2-json"), None),
            (Some("S_WITHIN(geometry, POINT(1e9 1))"), None, Some("http://www.opengis.net/def/crs/EPSG/0/3857")),
        ] {
            assert!(filter(text, lang, crs).is_err(), "{text:?} {lang:?} {crs:?}");
        }
    }
}
