//! Coordinate reference systems of files, and the way from them to WGS 84
//! longitude and latitude.
//!
//! Known are WGS 84 and ETRS89 themselves, Web Mercator, UTM on both, the Polish
//! national grid and the Ukrainian UCS-2000 family. A system without a known
//! datum shift is refused: placing it anyway would be wrong by a hundred metres
//! and look right.

use std::sync::Arc;

use geo::MapCoords;
use geo_types::{Coord, Geometry};
use proj4rs::Proj;

use super::shape::Refused;

/// Radius of the sphere of Web Mercator in metres (EPSG:3857).
const MERCATOR_RADIUS_M: f64 = 6_378_137.0;

/// From a file's coordinates to WGS 84 degrees.
#[derive(Clone, Default)]
pub(super) enum Transform {
    /// They are WGS 84 already, longitude first.
    #[default]
    Identity,
    /// Spherical Mercator metres (EPSG:3857).
    WebMercator,
    /// Another system, with WGS 84 as its target.
    Projection { from: Arc<Proj>, wgs84: Arc<Proj> },
}

impl Transform {
    /// By the code of the European Petroleum Survey Group's dataset.
    ///
    /// # Errors
    /// Names the system and the way around it when it is not known.
    pub(super) fn of_epsg(code: i64) -> Result<Self, Refused> {
        match code {
            // ETRS89 (4258) is WGS 84 to less than a metre in Europe.
            4326 | 4979 | 4258 => return Ok(Self::Identity),
            3857 | 3785 | 900_913 => return Ok(Self::WebMercator),
            _ => {}
        }
        let definition = definition(code).ok_or_else(|| unknown(&format!("EPSG:{code}")))?;
        let project = |text: &str| Proj::from_proj_string(text).map(Arc::new).map_err(|e| format!("EPSG:{code}: {e}"));
        Ok(Self::Projection { from: project(&definition)?, wgs84: project("+proj=longlat +datum=WGS84 +no_defs")? })
    }

    /// By any of the names in use: `EPSG:3857`, `urn:ogc:def:crs:EPSG::3857`,
    /// `http://www.opengis.net/def/crs/OGC/1.3/CRS84`.
    ///
    /// # Errors
    /// As [`Transform::of_epsg`].
    pub(super) fn of_name(name: &str) -> Result<Self, Refused> {
        let small = name.trim().to_lowercase();
        if small.ends_with("crs84") || small.ends_with("crs84h") {
            return Ok(Self::Identity);
        }
        let code = small.rsplit([':', '/']).next().and_then(|code| code.parse::<i64>().ok());
        match code {
            Some(code) if small.contains("epsg") => Self::of_epsg(code),
            _ => Err(unknown(name)),
        }
    }

    /// A shape in WGS 84 degrees, longitude first.
    ///
    /// # Errors
    /// When a position lies where the projection has no place on earth.
    pub(super) fn to_wgs84(&self, geometry: Geometry) -> Result<Geometry, Refused> {
        match self {
            Self::Identity => Ok(geometry),
            Self::WebMercator => Ok(geometry.map_coords(|c| Coord {
                x: (c.x / MERCATOR_RADIUS_M).to_degrees(),
                y: (c.y / MERCATOR_RADIUS_M).sinh().atan().to_degrees(),
            })),
            Self::Projection { from, wgs84 } => geometry.try_map_coords(|c| {
                let mut position = (c.x, c.y, 0.0);
                proj4rs::transform::transform(from, wgs84, &mut position)
                    .map_err(|e| format!("{},{} is no place in the file's coordinate system ({e})", c.x, c.y))?;
                Ok(Coord { x: position.0.to_degrees(), y: position.1.to_degrees() })
            }),
        }
    }
}

fn unknown(name: &str) -> Refused {
    let short: String = name.chars().take(120).collect();
    format!(
        "the file is in the coordinate system {short}, which is not known here; convert it first, for example \
         with: ogr2ogr -t_srs EPSG:4326 converted.gpkg FILE"
    )
}

/// Parameters after the EPSG dataset, v11. UCS-2000 → WGS 84: EPSG:5840, 1 m.
fn definition(code: i64) -> Option<String> {
    let utm = |zone: i64, rest: &str| Some(format!("+proj=utm +zone={zone} {rest} +units=m +no_defs"));
    let ucs_2000 = |lon: f64, x: i64| {
        Some(format!(
            "+proj=tmerc +lat_0=0 +lon_0={lon} +k=1 +x_0={x} +y_0=0 +ellps=krass +towgs84=24,-121,-76 +units=m +no_defs"
        ))
    };
    match code {
        32_601..=32_660 => utm(code - 32_600, "+datum=WGS84"),
        32_701..=32_760 => utm(code - 32_700, "+south +datum=WGS84"),
        25_828..=25_838 => utm(code - 25_800, "+ellps=GRS80 +towgs84=0,0,0"),
        2180 => Some(
            "+proj=tmerc +lat_0=0 +lon_0=19 +k=0.9993 +x_0=500000 +y_0=-5300000 +ellps=GRS80 +towgs84=0,0,0 +units=m +no_defs".to_owned(),
        ),
        5561 => Some("+proj=longlat +ellps=krass +towgs84=24,-121,-76 +no_defs".to_owned()),
        // Gauss-Krüger in zones of 6 degrees, with and without the zone before the easting.
        5562..=5565 => ucs_2000((21 + 6 * (code - 5562)) as f64, 500_000 + 1_000_000 * (code - 5558)),
        5566..=5569 => ucs_2000((21 + 6 * (code - 5566)) as f64, 500_000),
        // The same in zones of 3 degrees.
        5570..=5576 => ucs_2000((21 + 3 * (code - 5570)) as f64, 500_000 + 1_000_000 * (code - 5563)),
        5577..=5583 => ucs_2000((21 + 3 * (code - 5577)) as f64, 500_000),
        // Ukraine TM zones 7 to 13.
        6381..=6387 => ucs_2000((21 + 3 * (code - 6381)) as f64, 300_000),
        _ => ucs_2000(local_meridian(code)?, 300_000),
    }
}

/// Central meridian of the local systems of the Ukrainian oblasts and cities, UCS-2000 / LCS.
fn local_meridian(code: i64) -> Option<f64> {
    Some(match code {
        9821 | 9864 => 30.5,
        9831 | 9856 => 34.5,
        9832 => 28.0 + 2.0 / 3.0,
        9833 => 24.0 + 5.0 / 6.0,
        9834 => 35.0,
        9835 => 37.5,
        9836 => 28.5,
        9837 => 23.5,
        9838 => 36.0,
        9839 => 24.75,
        9840 | 9863 => 32.0,
        9841 => 39.0,
        9851 => 24.0,
        9852 => 31.0 + 5.0 / 6.0,
        9853 => 30.0,
        9854 => 33.0 + 5.0 / 6.0,
        9855 | 9860 => 27.0,
        9857 => 25.5,
        9858 => 36.5,
        9859 => 33.5,
        9861 => 31.5,
        9862 => 26.0,
        9865 => 33.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::point;

    /// Expected numbers: gdaltransform of GDAL 3.6 with PROJ 9.1.
    #[test]
    fn known_systems_agree_with_proj() {
        for (code, x, y) in [
            (3857, 2_749_591.422_593_86, 6_257_910.488_744_54),
            (32_635, 331_441.764_573_866, 5_418_889.435_117_17),
            (6382, 351_443.123_009_978, 5_418_865.067_170_88),
        ] {
            let there = Transform::of_epsg(code).unwrap().to_wgs84(point! { x: x, y: y }.into()).unwrap();
            let Geometry::Point(there) = there else { panic!("{there:?}") };
            assert!((there.x() - 24.7).abs() < 2e-6 && (there.y() - 48.9).abs() < 2e-6, "{code}: {there:?}");
        }
    }

    #[test]
    fn names_in_use_are_understood_and_others_are_named_in_the_refusal() {
        for name in [
            "EPSG:4326",
            "urn:ogc:def:crs:OGC:1.3:CRS84",
            "urn:ogc:def:crs:EPSG::3857",
            "http://www.opengis.net/def/crs/EPSG/0/4326",
            "epsg:32635",
        ] {
            assert!(Transform::of_name(name).is_ok(), "{name}");
        }
        for name in ["EPSG:28992", "urn:ogc:def:crs:EPSG::27700", "local", ""] {
            let refused = Transform::of_name(name).err().unwrap();
            assert!(refused.contains("ogr2ogr"), "{refused}");
        }
        assert!(Transform::of_epsg(28_992).err().unwrap().contains("EPSG:28992"));
    }
}
