//! Tile coordinates of the WebMercatorQuad tile matrix set (OGC 17-083r4, Annex D.1).

use crate::geometry::Bbox;

/// A tile that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("tile {z}/{x}/{y} does not exist: z is 0 to {max}, x and y are 0 to 2^z - 1", max = TileCoord::MAX_ZOOM)]
pub struct InvalidTile {
    z: u32,
    x: u32,
    y: u32,
}

/// One tile: zoom, column from the west, row from the north.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileCoord {
    z: u8,
    x: u32,
    y: u32,
}

impl TileCoord {
    /// Deepest zoom served.
    pub const MAX_ZOOM: u8 = 24;

    /// # Errors
    /// When there is no such tile.
    pub fn new(z: u32, x: u32, y: u32) -> Result<Self, InvalidTile> {
        let exists = z <= u32::from(Self::MAX_ZOOM) && x < (1 << z) && y < (1 << z);
        if exists { Ok(Self { z: z as u8, x, y }) } else { Err(InvalidTile { z, x, y }) }
    }

    /// Zoom.
    pub fn z(self) -> u8 {
        self.z
    }
    /// Column, from the west.
    pub fn x(self) -> u32 {
        self.x
    }
    /// Row, from the north.
    pub fn y(self) -> u32 {
        self.y
    }

    /// The tile's own extent in degrees, without a buffer.
    pub fn bbox(self) -> Bbox {
        let n = f64::from(1u32 << self.z);
        let lon = |x: f64| x / n * 360.0 - 180.0;
        let lat = |y: f64| (std::f64::consts::PI * (1.0 - 2.0 * y / n)).sinh().atan().to_degrees();
        Bbox::new(
            lon(f64::from(self.x)),
            lat(f64::from(self.y) + 1.0),
            lon(f64::from(self.x) + 1.0),
            lat(f64::from(self.y)),
        )
        .expect("a tile that exists has an extent in range")
    }
}

impl std::fmt::Display for TileCoord {
    /// `z/x/y`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.z, self.x, self.y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_existing_tiles_can_be_named() {
        assert!(TileCoord::new(0, 0, 0).is_ok());
        assert!(TileCoord::new(1, 2, 0).is_err());
        assert!(TileCoord::new(25, 0, 0).is_err());
        assert!(TileCoord::new(32, 0, 0).is_err());
        assert!(TileCoord::new(u32::MAX, 0, 0).is_err());
    }

    #[test]
    fn the_extent_covers_the_city() {
        // z14 tile of Ivano-Frankivsk's railway station
        let b = TileCoord::new(14, 9317, 5632).unwrap().bbox();
        assert!(b.west() < 24.7231 && b.east() > 24.7231, "{b:?}");
    }
}
