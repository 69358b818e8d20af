//! The ways between a coordinate reference system and WGS 84 longitude and latitude.
//!
//! Known are WGS 84 and ETRS89 themselves, Web Mercator, UTM on both, the Polish
//! national grid and the Ukrainian UCS-2000 family. A system without a known
//! datum shift is refused: placing it anyway would be wrong by a hundred metres
//! and look right.

use std::sync::Arc;

use geo::MapCoords;
use geo_types::{Coord, Geometry};
use proj4rs::Proj;

use super::definition::definition;

/// Radius of the sphere of Web Mercator in metres (EPSG:3857).
const MERCATOR_RADIUS_M: f64 = 6_378_137.0;

/// From the coordinates of a system, easting or longitude first, to WGS 84 degrees and back.
#[derive(Clone, Default)]
pub enum Transform {
    /// They are WGS 84 already, longitude first.
    #[default]
    Identity,
    /// Spherical Mercator metres (EPSG:3857).
    WebMercator,
    /// Another system, with WGS 84 as its target.
    Projection {
        /// The system.
        system: Arc<Proj>,
        /// WGS 84 degrees.
        wgs84: Arc<Proj>,
    },
}

impl Transform {
    /// By the code of the European Petroleum Survey Group's dataset.
    ///
    /// # Errors
    /// Names the system and the way around it when it is not known.
    pub fn of_epsg(code: i64) -> Result<Self, String> {
        match code {
            // ETRS89 (4258) is WGS 84 to less than a metre in Europe.
            4326 | 4979 | 4258 => return Ok(Self::Identity),
            3857 | 3785 | 900_913 => return Ok(Self::WebMercator),
            _ => {}
        }
        let definition = definition(code).ok_or_else(|| unknown(&format!("EPSG:{code}")))?;
        let project = |text: &str| Proj::from_proj_string(text).map(Arc::new).map_err(|e| format!("EPSG:{code}: {e}"));
        Ok(Self::Projection { system: project(&definition)?, wgs84: project("+proj=longlat +datum=WGS84 +no_defs")? })
    }

    /// By any of the names in use: `EPSG:3857`, `urn:ogc:def:crs:EPSG::3857`,
    /// `http://www.opengis.net/def/crs/OGC/1.3/CRS84`.
    ///
    /// # Errors
    /// As [`Transform::of_epsg`].
    pub fn of_name(name: &str) -> Result<Self, String> {
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
    pub fn to_wgs84(&self, geometry: Geometry) -> Result<Geometry, String> {
        match self {
            Self::Identity => Ok(geometry),
            Self::WebMercator => Ok(geometry.map_coords(|c| Coord {
                x: (c.x / MERCATOR_RADIUS_M).to_degrees(),
                y: (c.y / MERCATOR_RADIUS_M).sinh().atan().to_degrees(),
            })),
            Self::Projection { system, wgs84 } => geometry.try_map_coords(|c| moved(c, system, wgs84)),
        }
    }

    /// A shape given in WGS 84 degrees, longitude first, in this system.
    ///
    /// # Errors
    /// When a position lies where the projection does not reach.
    pub fn from_wgs84(&self, geometry: &Geometry) -> Result<Geometry, String> {
        match self {
            Self::Identity => Ok(geometry.clone()),
            Self::WebMercator => geometry.try_map_coords(|c| {
                let y = MERCATOR_RADIUS_M * c.y.to_radians().tan().asinh();
                // The poles lie infinitely far away; the tangent of a rounded right angle is merely large.
                if c.y.abs() >= 90.0 || !y.is_finite() {
                    return Err(format!("{},{} lies outside Web Mercator", c.x, c.y));
                }
                Ok(Coord { x: MERCATOR_RADIUS_M * c.x.to_radians(), y })
            }),
            Self::Projection { system, wgs84 } => geometry.try_map_coords(|c| moved(c, wgs84, system)),
        }
    }
}

/// One position from one system to another; degrees where a system has them.
fn moved(c: Coord, from: &Proj, to: &Proj) -> Result<Coord, String> {
    let mut position = if from.is_latlong() { (c.x.to_radians(), c.y.to_radians(), 0.0) } else { (c.x, c.y, 0.0) };
    let nowhere =
        |cause: &dyn std::fmt::Display| format!("{},{} is no place in the coordinate system ({cause})", c.x, c.y);
    proj4rs::transform::transform(from, to, &mut position).map_err(|cause| nowhere(&cause))?;
    let there = Coord { x: position.0, y: position.1 };
    if !there.x.is_finite() || !there.y.is_finite() {
        return Err(nowhere(&"not a number"));
    }
    Ok(if to.is_latlong() { Coord { x: there.x.to_degrees(), y: there.y.to_degrees() } } else { there })
}

fn unknown(name: &str) -> String {
    let short: String = name.chars().take(120).collect();
    format!(
        "the file is in the coordinate system {short}, which is not known here; convert it first, for example \
         with: ogr2ogr -t_srs EPSG:4326 converted.gpkg FILE"
    )
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
