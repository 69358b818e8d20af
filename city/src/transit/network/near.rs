//! Which patterns pass near a place: a grid of square cells over all lines.

use std::collections::HashMap;

use misto_model::Position;

use super::{Pattern, PatternIndex};

/// Side of a cell in degrees of latitude, about 220 m.
const CELL_DEG: f64 = 0.002;
/// A line is listed in the cells up to so far beside it, metres.
const BESIDE_M: f64 = 100.0;
/// Lines are walked in steps of this, metres.
const STEP_M: f64 = 40.0;

/// A part of a pattern's line that passes through a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// Whose.
    pub pattern: PatternIndex,
    /// Metres from the start of the line to the beginning of the part.
    pub from_m: f64,
    /// Metres from the start of the line to the end of the part.
    pub to_m: f64,
}

/// The parts of all lines by cell.
#[derive(Debug, Default)]
pub(super) struct Grid {
    cells: HashMap<(i32, i32), Vec<Part>>,
    lon_deg: f64,
}

impl Grid {
    pub(super) fn new(patterns: &[Pattern]) -> Self {
        let Some(first) = patterns.first().and_then(|pattern| pattern.line.positions().first()) else {
            return Self::default();
        };
        // Cells are as wide as high where the network is.
        let lon_deg = CELL_DEG / first.lat.degrees().to_radians().cos().max(0.01);
        let mut grid = Self { cells: HashMap::new(), lon_deg };
        for (number, pattern) in patterns.iter().enumerate() {
            grid.add(PatternIndex(number as u32), pattern);
        }
        grid
    }

    fn add(&mut self, index: PatternIndex, pattern: &Pattern) {
        let line = &pattern.line;
        let steps = (line.length_m() / STEP_M).ceil() as usize;
        for step in 0..=steps {
            let along_m = (step as f64 * STEP_M).min(line.length_m());
            for cell in self.around(line.at(along_m)) {
                let parts = self.cells.entry(cell).or_default();
                // A part that ended within two steps goes on; a line that comes back later is another.
                match parts.last_mut().filter(|part| part.pattern == index && along_m - part.to_m <= 2.0 * STEP_M) {
                    Some(part) => part.to_m = along_m,
                    None => parts.push(Part { pattern: index, from_m: (along_m - STEP_M).max(0.0), to_m: along_m }),
                }
            }
        }
    }

    fn cell(&self, lon: f64, lat: f64) -> (i32, i32) {
        ((lon / self.lon_deg).floor() as i32, (lat / CELL_DEG).floor() as i32)
    }

    /// The cells that a circle of [`BESIDE_M`] touches, by its bounding box.
    fn around(&self, at: Position) -> impl Iterator<Item = (i32, i32)> + use<> {
        let beside_deg = CELL_DEG * BESIDE_M / (CELL_DEG * 111_195.08);
        let beside_lon = beside_deg * self.lon_deg / CELL_DEG;
        let (lon, lat) = (at.lon.degrees(), at.lat.degrees());
        let (west, south) = self.cell(lon - beside_lon, lat - beside_deg);
        let (east, north) = self.cell(lon + beside_lon, lat + beside_deg);
        (west..=east).flat_map(move |x| (south..=north).map(move |y| (x, y)))
    }

    pub(super) fn near(&self, at: Position) -> &[Part] {
        if self.lon_deg == 0.0 {
            return &[];
        }
        let cell = self.cell(at.lon.degrees(), at.lat.degrees());
        self.cells.get(&cell).map(Vec::as_slice).unwrap_or_default()
    }
}
