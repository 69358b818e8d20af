//! What one stream asked for.

use std::collections::HashSet;

use misto_model::{Bbox, Position};

/// Cells to a degree: some 1.7 km from south to north.
const CELLS: f64 = 64.0;
/// A box of more cells is compared with every position instead.
const MOST_CELLS: usize = 1_024;

/// One square of the map.
pub type Cell = (i32, i32);

/// The square of a place.
pub fn cell(position: Position) -> Cell {
    (whole(position.lon.degrees()), whole(position.lat.degrees()))
}

fn whole(degrees: f64) -> i32 {
    // In range: a degree is at most 180.
    (degrees * CELLS).floor() as i32
}

/// Which events a stream is for.
#[derive(Debug, Default)]
pub struct Filter {
    /// Where; anywhere when absent.
    pub within: Option<Bbox>,
    /// Routes as passengers know them; all vehicles when absent.
    pub routes: Option<HashSet<String>>,
    /// Whether vehicles are wanted.
    pub vehicles: bool,
    /// Whether readings are wanted.
    pub readings: bool,
    /// Whether changes of tiles are wanted.
    pub tiles: bool,
    /// Whether changes of stops' boards are wanted.
    pub arrivals: bool,
    /// Whether changes of notices are wanted.
    pub alerts: bool,
}

impl Filter {
    /// Whether the place is asked for.
    pub fn holds(&self, position: Position) -> bool {
        self.within.is_none_or(|bbox| bbox.contains(position))
    }

    /// Whether vehicles on this route are asked for; one without a route is on none.
    pub fn follows(&self, route: Option<&str>) -> bool {
        self.routes.as_ref().is_none_or(|routes| route.is_some_and(|route| routes.contains(route)))
    }

    /// Whether a vehicle there on this route is asked for.
    pub fn takes(&self, position: Position, route: Option<&str>) -> bool {
        self.holds(position) && self.follows(route)
    }

    /// Whether every vehicle is asked for.
    pub fn takes_all(&self) -> bool {
        self.within.is_none() && self.routes.is_none()
    }

    /// The cells of its box; `None` when there is no box or it has too many.
    pub fn cells(&self) -> Option<Vec<Cell>> {
        let bbox = self.within?;
        let columns = whole(bbox.west())..=whole(bbox.east());
        let rows = whole(bbox.south())..=whole(bbox.north());
        let count = columns.clone().count().saturating_mul(rows.clone().count());
        (count <= MOST_CELLS).then(|| columns.flat_map(|x| rows.clone().map(move |y| (x, y))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_has_the_cells_of_all_places_in_it() {
        let bbox = Bbox::new(-0.01, 48.90, 0.02, 48.93).unwrap();
        let cells = Filter { within: Some(bbox), ..Filter::default() }.cells().unwrap();
        for (lon, lat) in [(-0.01, 48.90), (0.02, 48.93), (0.0, 48.91), (-0.0001, 48.9299)] {
            assert!(cells.contains(&cell(Position::new(lon, lat).unwrap())), "{lon} {lat}");
        }
        let country = Bbox::new(22.0, 44.0, 40.0, 52.0).unwrap();
        assert_eq!(Filter { within: Some(country), ..Filter::default() }.cells(), None);
    }
}
