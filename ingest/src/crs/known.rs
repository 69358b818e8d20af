//! The systems that features are answered and taken in, by the names that OGC
//! gives them, with the axes in the order of their definition.

use geo::MapCoords;
use geo_types::{Coord, Geometry};

use super::definition::LOCAL;
use super::transform::Transform;

/// WGS 84, longitude first: the system of everything that does not say otherwise
/// (OGC 17-069r4, 7.12).
pub const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

/// What the names of the EPSG dataset's systems begin with.
const EPSG: &str = "http://www.opengis.net/def/crs/EPSG/0/";

/// A tenth of a millimetre: what lies beyond is rounding, not place.
const METRES_KEPT: f64 = 1e4;

/// A name that is none of [`offered`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no coordinate reference system of this server: expected one that the collection lists, for example \
     {CRS84} or http://www.opengis.net/def/crs/EPSG/0/6382"
)]
pub struct UnknownCrs(String);

/// A coordinate reference system with its axes in the order of its definition.
#[derive(Clone, Default)]
pub struct Crs {
    /// EPSG code; `None` for CRS84.
    code: Option<i64>,
    transform: Transform,
}

impl Crs {
    /// By its address (`http://www.opengis.net/def/crs/EPSG/0/6382`), as a URN or
    /// as `EPSG:6382`; brackets around it are the form of a header (OGC 18-058r1, 7.6).
    ///
    /// # Errors
    /// When it is none of [`offered`].
    pub fn of_name(name: &str) -> Result<Self, UnknownCrs> {
        let unknown = || UnknownCrs(name.chars().take(120).collect());
        let plain = name.trim();
        let plain = plain.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(plain);
        let plain = plain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(plain);
        if plain == CRS84 || plain == "urn:ogc:def:crs:OGC:1.3:CRS84" || plain == "OGC:CRS84" {
            return Ok(Self::default());
        }
        let begins = [EPSG, "https://www.opengis.net/def/crs/EPSG/0/", "urn:ogc:def:crs:EPSG::", "EPSG:"];
        let code = begins.iter().find_map(|begin| plain.strip_prefix(begin)?.parse::<i64>().ok());
        let code = code.filter(|code| codes().any(|known| known == *code)).ok_or_else(unknown)?;
        let transform = Transform::of_epsg(code).map_err(|_| unknown())?;
        Ok(Self { code: Some(code), transform })
    }

    /// Its address.
    pub fn uri(&self) -> String {
        self.code.map_or_else(|| CRS84.to_owned(), |code| format!("{EPSG}{code}"))
    }

    /// Whether it is WGS 84, longitude first: nothing is converted.
    pub fn is_crs84(&self) -> bool {
        self.code.is_none()
    }

    /// Whether it is WGS 84, latitude first.
    pub fn is_wgs84(&self) -> bool {
        self.code == Some(4326)
    }

    /// Whether its coordinates are metres in a plane, not degrees.
    pub fn is_in_metres(&self) -> bool {
        self.code.is_some_and(|code| !matches!(code, 4326 | 5561))
    }

    /// Whether the first number is a latitude or a northing. So do WGS 84, UCS-2000
    /// and all its zones define it; UTM and Web Mercator begin with the easting (EPSG v11).
    fn northing_first(&self) -> bool {
        self.code.is_some_and(|code| !matches!(code, 3857 | 32_634..=32_637))
    }

    /// A shape of this system in WGS 84 degrees, longitude first.
    ///
    /// # Errors
    /// When a position is no place in this system, in words.
    pub fn to_wgs84(&self, geometry: Geometry) -> Result<Geometry, String> {
        self.transform.to_wgs84(if self.northing_first() { swapped(&geometry) } else { geometry })
    }

    /// A shape given in WGS 84 degrees, longitude first, in this system; metres to a tenth of a millimetre.
    ///
    /// # Errors
    /// When a position has no place in this system, in words.
    pub fn from_wgs84(&self, geometry: &Geometry) -> Result<Geometry, String> {
        let there = self.transform.from_wgs84(geometry)?;
        let there = match self.code {
            Some(_) if self.is_in_metres() => there.map_coords(|c| Coord { x: settled(c.x), y: settled(c.y) }),
            _ => there,
        };
        Ok(if self.northing_first() { swapped(&there) } else { there })
    }
}

fn settled(metres: f64) -> f64 {
    (metres * METRES_KEPT).round() / METRES_KEPT
}

fn swapped(geometry: &Geometry) -> Geometry {
    geometry.map_coords(|c| Coord { x: c.y, y: c.x })
}

/// The addresses of all systems that features are answered in, CRS84 first.
pub fn offered() -> Vec<String> {
    std::iter::once(CRS84.to_owned()).chain(codes().map(|code| format!("{EPSG}{code}"))).collect()
}

/// WGS 84, Web Mercator, the UTM zones of Ukraine, UCS-2000 itself, its zones of 6 degrees
/// with and without the zone before the easting, its TM zones of 3 degrees, and the local
/// systems of oblasts and cities. EPSG withdrew the older zones of 3 degrees (5570 to 5583).
fn codes() -> impl Iterator<Item = i64> {
    [4326, 3857]
        .into_iter()
        .chain(32_634..=32_637)
        .chain(5561..=5569)
        .chain(6381..=6387)
        .chain(LOCAL.iter().map(|(code, _)| *code))
}

#[cfg(test)]
mod tests {
    use geo_types::point;

    use super::*;

    /// Code, longitude and latitude in WGS 84, first and second coordinate.
    /// Computed with PROJ 9.5.1 and EPSG v11 (`pyproj.Transformer.from_crs(4326, code)`):
    /// near each zone's middle, and at its edge or beyond.
    const REFERENCES: &[(i64, f64, f64, f64, f64)] = &[
        (4326, 24.710_6, 48.922_6, 48.922_600, 24.710_600),
        (4326, 21.6, 50.45, 50.450_000, 21.600_000),
        (3857, 24.710_6, 48.922_6, 2_750_771.409_196, 6_261_738.423_431),
        (3857, 21.6, 50.45, 2_404_501.001_135, 6_524_575.739_101),
        (32_634, 21.710_6, 48.922_6, 552_055.386_084, 5_419_094.990_980),
        (32_634, 18.6, 50.45, 329_619.197_167, 5_591_417.960_930),
        (32_635, 27.710_6, 48.922_6, 552_055.386_084, 5_419_094.990_980),
        (32_635, 24.6, 50.45, 329_619.197_167, 5_591_417.960_930),
        (32_636, 33.710_6, 48.922_6, 552_055.386_084, 5_419_094.990_980),
        (32_636, 30.6, 50.45, 329_619.197_167, 5_591_417.960_930),
        (32_637, 39.710_6, 48.922_6, 552_055.386_084, 5_419_094.990_980),
        (32_637, 36.6, 50.45, 329_619.197_167, 5_591_417.960_930),
        (5562, 21.710_6, 48.922_6, 5_421_390.340_107, 4_552_198.094_880),
        (5562, 18.6, 50.45, 5_593_783.305_737, 4_329_671.578_657),
        (5563, 27.710_6, 48.922_6, 5_421_380.847_178, 5_552_195.170_785),
        (5563, 24.6, 50.45, 5_593_773.589_354, 5_329_668.935_744),
        (5564, 33.710_6, 48.922_6, 5_421_371.631_374, 6_552_190.948_080),
        (5564, 30.6, 50.45, 5_593_764.156_619, 6_329_664.986_011),
        (5565, 39.710_6, 48.922_6, 5_421_362.793_662, 7_552_185.473_034),
        (5565, 36.6, 50.45, 5_593_755.110_876, 7_329_659.772_737),
        (5566, 21.710_6, 48.922_6, 5_421_390.340_107, 552_198.094_880),
        (5566, 18.6, 50.45, 5_593_783.305_737, 329_671.578_657),
        (5567, 27.710_6, 48.922_6, 5_421_380.847_178, 552_195.170_785),
        (5567, 24.6, 50.45, 5_593_773.589_354, 329_668.935_744),
        (5568, 33.710_6, 48.922_6, 5_421_371.631_374, 552_190.948_080),
        (5568, 30.6, 50.45, 5_593_764.156_619, 329_664.986_011),
        (5569, 39.710_6, 48.922_6, 5_421_362.793_662, 552_185.473_034),
        (5569, 36.6, 50.45, 5_593_755.110_876, 329_659.772_737),
        (6381, 21.710_6, 48.922_6, 5_421_390.340_107, 352_198.094_880),
        (6381, 18.6, 50.45, 5_593_783.305_737, 129_671.578_657),
        (6382, 24.710_6, 48.922_6, 5_421_385.565_444, 352_196.797_500),
        (6382, 21.6, 50.45, 5_593_778.418_684, 129_670.422_703),
        (6383, 27.710_6, 48.922_6, 5_421_380.847_178, 352_195.170_785),
        (6383, 24.6, 50.45, 5_593_773.589_354, 129_668.935_744),
        (6384, 30.710_6, 48.922_6, 5_421_376.198_241, 352_193.219_195),
        (6384, 27.6, 50.45, 5_593_768.830_986, 129_667.121_856),
        (6385, 33.710_6, 48.922_6, 5_421_371.631_374, 352_190.948_080),
        (6385, 30.6, 50.45, 5_593_764.156_619, 129_664.986_011),
        (6386, 36.710_6, 48.922_6, 5_421_367.159_095, 352_188.363_665),
        (6386, 33.6, 50.45, 5_593_759.579_067, 129_662.534_065),
        (6387, 39.710_6, 48.922_6, 5_421_362.793_662, 352_185.473_034),
        (6387, 36.6, 50.45, 5_593_755.110_876, 129_659.772_737),
        (9821, 31.210_6, 48.922_6, 5_421_375.431_056, 352_192.862_707),
        (9821, 28.1, 50.45, 5_593_768.045_742, 129_666.788_093),
        (9839, 25.460_6, 48.922_6, 5_421_384.380_083, 352_196.421_537),
        (9839, 22.35, 50.45, 5_593_777.205_420, 129_670.081_851),
        (5561, 24.710_6, 48.922_6, 48.922_829_846_88, 24.712_236_787_60),
        (5561, 21.6, 50.45, 50.450_257_054_86, 21.601_708_390_62),
    ];

    #[test]
    fn every_system_agrees_with_proj_to_a_millimetre_both_ways() {
        for (code, lon, lat, first, second) in REFERENCES {
            let crs = Crs::of_name(&format!("EPSG:{code}")).unwrap();
            let there = crs.from_wgs84(&point!(x: *lon, y: *lat).into()).unwrap();
            let Geometry::Point(there) = there else { panic!("{there:?}") };
            let tolerance = if matches!(code, 4326 | 5561) { 1e-8 } else { 1e-3 };
            let off = (there.x() - first).abs().max((there.y() - second).abs());
            assert!(off <= tolerance, "{code} at {lon},{lat}: {there:?} is off by {off}");
            let back = crs.to_wgs84(point!(x: *first, y: *second).into()).unwrap();
            let Geometry::Point(back) = back else { panic!("{back:?}") };
            // A millimetre in degrees.
            let off = (back.x() - lon).abs().max((back.y() - lat).abs());
            assert!(off <= 1.2e-8, "{code}: {back:?} is off by {off} degrees");
        }
    }

    #[test]
    fn every_system_offered_is_known_by_its_address() {
        let offered = offered();
        assert_eq!(offered[0], CRS84);
        for uri in &offered {
            assert_eq!(Crs::of_name(uri).unwrap().uri(), *uri);
            assert_eq!(Crs::of_name(&format!("<{uri}>")).unwrap().uri(), *uri);
        }
    }

    #[test]
    fn other_systems_and_other_authorities_are_refused() {
        for name in ["", "EPSG:28992", "http://www.opengis.net/def/crs/EPSG/0/2180", "CRS84; drop", "EPSG:5570"] {
            let refused = Crs::of_name(name).err().unwrap().to_string();
            assert!(refused.contains("6382"), "{refused}");
        }
    }

    #[test]
    fn what_has_no_place_in_a_system_is_said() {
        let pole: Geometry = point!(x: 24.0, y: 90.0).into();
        assert!(Crs::of_name("EPSG:3857").unwrap().from_wgs84(&pole).is_err());
        let nowhere: Geometry = point!(x: f64::NAN, y: 1e300).into();
        assert!(Crs::of_name("EPSG:6382").unwrap().to_wgs84(nowhere).is_err());
    }
}
