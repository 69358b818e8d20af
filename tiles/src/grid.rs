//! The world grid: Web Mercator in whole cells, 2^32 across.
//!
//! One cell is one tile unit at zoom 20: 9.3 mm on the equator, 6.1 mm at 49° N.
//! Rows grow southwards, as tile rows do; 0,0 is where the equator meets Greenwich.
//! Projection: OGC 17-083r4, Annex D.1 (WebMercatorQuad, sphere of EPSG:3857).

use misto_model::{Bbox, Position, TileCoord};

/// Tile units across a tile (the MVT `extent`).
pub(crate) const EXTENT: i32 = 4096;
/// Tile units drawn beyond each edge, so that strokes and labels meet their neighbours.
pub(crate) const BUFFER: i32 = 64;
/// Zoom at which a tile unit is a cell.
const CELL_ZOOM: u8 = 20;
/// Where the square world ends, degrees.
pub(crate) const MAX_LATITUDE: f64 = 85.051_128_779_806_6;
const HALF_WORLD: f64 = 2_147_483_648.0;

/// Column of a longitude; what lies outside the world is moved to its edge.
pub(crate) fn column(lon: f64) -> i32 {
    (lon / 180.0 * HALF_WORLD).round() as i32
}

/// Row of a latitude; what lies outside the square world is moved to its edge.
pub(crate) fn row(lat: f64) -> i32 {
    let sin = lat.clamp(-MAX_LATITUDE, MAX_LATITUDE).to_radians().sin();
    let north = ((1.0 + sin) / (1.0 - sin)).ln() / std::f64::consts::TAU;
    (-north * HALF_WORLD).round() as i32
}

/// Longitude of a column.
pub(crate) fn longitude(column: f64) -> f64 {
    (column / HALF_WORLD * 180.0).clamp(-180.0, 180.0)
}

/// Latitude of a row.
pub(crate) fn latitude(row: f64) -> f64 {
    (-row / HALF_WORLD * std::f64::consts::PI).sinh().atan().to_degrees().clamp(-90.0, 90.0)
}

/// The place at a grid point.
pub(crate) fn place([x, y]: [f64; 2]) -> Option<Position> {
    Position::new(longitude(x), latitude(y)).ok()
}

/// A box of grid cells; edges belong to it. Wider than `i32`, so that a buffer may
/// reach beyond the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GridBox {
    pub(crate) west: i64,
    pub(crate) north: i64,
    pub(crate) east: i64,
    pub(crate) south: i64,
}

impl GridBox {
    /// The cells of a box in degrees, one cell wider, so that rounding loses nothing.
    pub(crate) fn around(bbox: &Bbox) -> Self {
        Self {
            west: i64::from(column(bbox.west())) - 1,
            north: i64::from(row(bbox.north())) - 1,
            east: i64::from(column(bbox.east())) + 1,
            south: i64::from(row(bbox.south())) + 1,
        }
    }

    pub(crate) fn contains(&self, other: &Self) -> bool {
        self.west <= other.west && other.east <= self.east && self.north <= other.north && other.south <= self.south
    }

    pub(crate) fn union(&self, other: &Self) -> Self {
        Self {
            west: self.west.min(other.west),
            north: self.north.min(other.north),
            east: self.east.max(other.east),
            south: self.south.max(other.south),
        }
    }

    /// In degrees.
    pub(crate) fn degrees(&self) -> Option<Bbox> {
        let (west, east) = (longitude(self.west as f64), longitude(self.east as f64));
        Bbox::new(west, latitude(self.south as f64), east, latitude(self.north as f64)).ok()
    }
}

/// One tile laid on the grid.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    zoom: u8,
    west: i64,
    north: i64,
    /// Cells across the tile.
    width: i64,
    units_per_cell: f64,
}

impl Frame {
    pub(crate) fn of(at: TileCoord) -> Self {
        let width = 1i64 << (32 - at.z());
        Self {
            zoom: at.z(),
            west: i64::from(at.x()) * width - (1 << 31),
            north: i64::from(at.y()) * width - (1 << 31),
            width,
            units_per_cell: f64::from(EXTENT) / width as f64,
        }
    }

    pub(crate) fn zoom(&self) -> u8 {
        self.zoom
    }

    /// The tile with `units` tile units around it.
    pub(crate) fn padded(&self, units: i32) -> GridBox {
        let cells = (f64::from(units) / self.units_per_cell).ceil() as i64;
        GridBox {
            west: self.west - cells,
            north: self.north - cells,
            east: self.west + self.width + cells,
            south: self.north + self.width + cells,
        }
    }

    /// A grid point in tile units; exact, since both fit the 53 bits of a double.
    pub(crate) fn local(&self, x: i32, y: i32) -> [f64; 2] {
        [
            (i64::from(x) - self.west) as f64 * self.units_per_cell,
            (i64::from(y) - self.north) as f64 * self.units_per_cell,
        ]
    }
}

/// Cells per tile unit at a zoom.
pub(crate) fn cells_per_unit(zoom: u8) -> f64 {
    f64::from(CELL_ZOOM as i8 - zoom as i8).exp2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_within_a_cell() {
        for (lon, lat) in [(24.7231, 48.9226), (-179.99, -85.0), (0.0, 0.0), (179.9, 84.9)] {
            assert!((longitude(f64::from(column(lon))) - lon).abs() < 1e-7);
            assert!((latitude(f64::from(row(lat))) - lat).abs() < 1e-7);
        }
    }

    #[test]
    fn the_edge_of_the_world_is_its_edge() {
        assert_eq!((column(-180.0), row(90.0)), (i32::MIN, i32::MIN));
        assert_eq!((column(180.0), row(-90.0)), (i32::MAX, i32::MAX));
        assert_eq!((column(1e300), row(f64::INFINITY)), (i32::MAX, i32::MIN));
    }

    #[test]
    fn a_tile_and_its_degrees_agree() {
        let at = TileCoord::new(14, 9317, 5617).unwrap();
        let corner = Frame::of(at).local(column(at.bbox().west()), row(at.bbox().north()));
        assert!(corner.iter().all(|units| units.abs() < 0.02), "{corner:?}");
    }
}
