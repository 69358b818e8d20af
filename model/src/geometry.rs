//! Coordinates that are in range and boxes that are not inverted.

use serde::{Deserialize, Serialize};

/// A coordinate that is no place on earth.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InvalidCoordinate {
    /// Not a finite number, or outside −180…180.
    #[error("longitude {0} is not a number of degrees from -180 to 180")]
    Longitude(f64),
    /// Not a finite number, or outside −90…90.
    #[error("latitude {0} is not a number of degrees from -90 to 90")]
    Latitude(f64),
}

/// Degrees east of Greenwich, WGS 84, −180…180.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Longitude(f64);

/// Degrees north of the equator, WGS 84, −90…90.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Latitude(f64);

impl Longitude {
    /// Degrees.
    pub fn degrees(self) -> f64 {
        self.0
    }
}

impl Latitude {
    /// Degrees.
    pub fn degrees(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Longitude {
    type Error = InvalidCoordinate;
    fn try_from(degrees: f64) -> Result<Self, InvalidCoordinate> {
        // NaN fails the comparison, so it is refused too.
        if (-180.0..=180.0).contains(&degrees) { Ok(Self(degrees)) } else { Err(InvalidCoordinate::Longitude(degrees)) }
    }
}

impl TryFrom<f64> for Latitude {
    type Error = InvalidCoordinate;
    fn try_from(degrees: f64) -> Result<Self, InvalidCoordinate> {
        if (-90.0..=90.0).contains(&degrees) { Ok(Self(degrees)) } else { Err(InvalidCoordinate::Latitude(degrees)) }
    }
}

impl From<Longitude> for f64 {
    fn from(value: Longitude) -> f64 {
        value.0
    }
}

impl From<Latitude> for f64 {
    fn from(value: Latitude) -> f64 {
        value.0
    }
}

/// A place on earth, WGS 84.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Degrees east.
    pub lon: Longitude,
    /// Degrees north.
    pub lat: Latitude,
}

/// Mean radius of the earth in metres (IUGG 1980, R1).
const EARTH_RADIUS_M: f64 = 6_371_008.8;

impl Position {
    /// From degrees, longitude first.
    ///
    /// # Errors
    /// When one of them is not a finite number in range.
    pub fn new(lon: f64, lat: f64) -> Result<Self, InvalidCoordinate> {
        Ok(Self { lon: lon.try_into()?, lat: lat.try_into()? })
    }

    /// Exactly 0,0: where trackers put a lost fix.
    pub fn is_null_island(self) -> bool {
        self.lon.0 == 0.0 && self.lat.0 == 0.0
    }

    /// Great-circle distance in metres (haversine on the mean sphere; 0.5 % of the ellipsoid).
    pub fn distance_m(self, other: Self) -> f64 {
        let (lat_a, lat_b) = (self.lat.0.to_radians(), other.lat.0.to_radians());
        let half_lat = (lat_b - lat_a) / 2.0;
        let half_lon = (other.lon.0 - self.lon.0).to_radians() / 2.0;
        let h = half_lat.sin().powi(2) + lat_a.cos() * lat_b.cos() * half_lon.sin().powi(2);
        2.0 * EARTH_RADIUS_M * h.sqrt().min(1.0).asin()
    }
}

/// Why four numbers are no box.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InvalidBbox {
    /// Not four numbers.
    #[error("expected four numbers west,south,east,north but got {0:?}")]
    Shape(String),
    /// A number is out of range.
    #[error(transparent)]
    Coordinate(#[from] InvalidCoordinate),
    /// West lies east of east, or south north of north.
    #[error("{0} lies beyond {1}: the order is west,south,east,north")]
    Inverted(&'static str, &'static str),
}

/// A box in WGS 84 degrees that does not cross the antimeridian; edges belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "[f64; 4]", into = "[f64; 4]")]
pub struct Bbox {
    west: f64,
    south: f64,
    east: f64,
    north: f64,
}

impl Bbox {
    /// From west, south, east, north.
    ///
    /// # Errors
    /// When a number is out of range or the box is inverted.
    pub fn new(west: f64, south: f64, east: f64, north: f64) -> Result<Self, InvalidBbox> {
        Longitude::try_from(west)?;
        Longitude::try_from(east)?;
        Latitude::try_from(south)?;
        Latitude::try_from(north)?;
        if west > east {
            return Err(InvalidBbox::Inverted("west", "east"));
        }
        if south > north {
            return Err(InvalidBbox::Inverted("south", "north"));
        }
        Ok(Self { west, south, east, north })
    }

    /// West edge, degrees.
    pub fn west(&self) -> f64 {
        self.west
    }
    /// South edge, degrees.
    pub fn south(&self) -> f64 {
        self.south
    }
    /// East edge, degrees.
    pub fn east(&self) -> f64 {
        self.east
    }
    /// North edge, degrees.
    pub fn north(&self) -> f64 {
        self.north
    }

    /// Whether the place lies in the box or on its edge.
    pub fn contains(&self, place: Position) -> bool {
        (self.west..=self.east).contains(&place.lon.0) && (self.south..=self.north).contains(&place.lat.0)
    }

    /// Whether the two boxes share at least a point.
    pub fn intersects(&self, other: &Self) -> bool {
        self.west <= other.east && other.west <= self.east && self.south <= other.north && other.south <= self.north
    }

    /// The smallest box around both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self {
            west: self.west.min(other.west),
            south: self.south.min(other.south),
            east: self.east.max(other.east),
            north: self.north.max(other.north),
        }
    }
}

impl TryFrom<[f64; 4]> for Bbox {
    type Error = InvalidBbox;
    fn try_from([west, south, east, north]: [f64; 4]) -> Result<Self, InvalidBbox> {
        Self::new(west, south, east, north)
    }
}

impl From<Bbox> for [f64; 4] {
    fn from(b: Bbox) -> [f64; 4] {
        [b.west, b.south, b.east, b.north]
    }
}

impl std::str::FromStr for Bbox {
    type Err = InvalidBbox;
    /// `west,south,east,north` (OGC API Features Part 1, 7.15.3).
    fn from_str(text: &str) -> Result<Self, InvalidBbox> {
        let numbers: Vec<f64> = text
            .split(',')
            .map(|part| part.trim().parse::<f64>())
            .collect::<Result<_, _>>()
            .map_err(|_| InvalidBbox::Shape(text.chars().take(80).collect()))?;
        let four: [f64; 4] = numbers.try_into().map_err(|_| InvalidBbox::Shape(text.chars().take(80).collect()))?;
        four.try_into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_coordinates_are_refused() {
        for (lon, lat) in [(f64::NAN, 0.0), (0.0, f64::INFINITY), (181.0, 0.0), (0.0, -90.1)] {
            assert!(Position::new(lon, lat).is_err(), "{lon},{lat}");
        }
    }

    #[test]
    fn distance_across_the_market_square_is_right() {
        let a = Position::new(24.7106, 48.9226).unwrap();
        let b = Position::new(24.7116, 48.9226).unwrap();
        assert!((a.distance_m(b) - 73.1).abs() < 0.2, "{}", a.distance_m(b));
    }

    #[test]
    fn a_box_says_what_is_wrong_with_it() {
        assert_eq!("24.6,48.8,24.8,49.0".parse::<Bbox>().unwrap().north(), 49.0);
        assert!("24.8,48.8,24.6,49".parse::<Bbox>().unwrap_err().to_string().contains("west lies beyond east"));
        assert!("1,2,3".parse::<Bbox>().unwrap_err().to_string().contains("four numbers"));
        assert!("a,b,c,d".parse::<Bbox>().is_err());
        assert!("nan,0,1,1".parse::<Bbox>().is_err());
    }
}
