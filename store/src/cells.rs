//! Cells of the map, by which both stores find positions in a box.

use misto_model::Bbox;

/// Cells in a degree.
const PER_DEGREE: f64 = 400.0;
/// Distance between the numbers of neighbours from west to east: more than there are
/// cells from pole to pole.
const COLUMN: i64 = 131_072;
/// Most cells of a box that is looked up by them. A larger one holds much of any city:
/// there all that happened in its stretch of time is read.
const MOST: i64 = 4_096;

/// The cell of a place, a four-hundredth of a degree wide and high: at 49° north
/// 182 m by 278 m. The numbers are part of the stores' format.
pub(crate) fn cell(lon: f64, lat: f64) -> i64 {
    column(lon) * COLUMN + row(lat)
}

/// [`cell`] of the columns `lon` and `lat`, for PostgreSQL.
pub(crate) const CELL: &str = "((floor((lon + 180) * 400))::bigint * 131072 + (floor((lat + 90) * 400))::bigint)";

/// All cells of a box, `None` when they are too many.
pub(crate) fn cover(bbox: &Bbox) -> Option<Vec<i64>> {
    let (columns, rows) = (column(bbox.west())..=column(bbox.east()), row(bbox.south())..=row(bbox.north()));
    let count = |range: &std::ops::RangeInclusive<i64>| (range.end() - range.start() + 1).max(0);
    if count(&columns).saturating_mul(count(&rows)) > MOST {
        return None;
    }
    Some(columns.flat_map(|column| rows.clone().map(move |row| column * COLUMN + row)).collect())
}

fn column(lon: f64) -> i64 {
    ((lon + 180.0) * PER_DEGREE).floor() as i64
}

fn row(lat: f64) -> i64 {
    ((lat + 90.0) * PER_DEGREE).floor() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_covered_by_the_cells_of_its_places() {
        let bbox = Bbox::new(-0.004, 48.9, 0.0025, 48.9031).unwrap();
        let cells = cover(&bbox).unwrap();
        assert_eq!(cells.len(), 4 * 2);
        for (lon, lat) in [(-0.004, 48.9), (0.0025, 48.9031), (0.0, 48.902), (-0.000_001, 48.901)] {
            assert!(cells.contains(&cell(lon, lat)), "{lon} {lat}");
        }
        assert!(!cells.contains(&cell(0.005, 48.9)));
        assert_eq!(cover(&Bbox::new(24.0, 48.0, 25.0, 49.0).unwrap()), None);
        // Kept in every store: these numbers may never change.
        assert_eq!([cell(-180.0, -90.0), cell(24.71, 48.92), cell(180.0, 90.0)], [0, 10_732_755_216, 18_874_440_000]);
    }
}
