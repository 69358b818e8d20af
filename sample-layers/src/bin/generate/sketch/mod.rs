//! What was drawn by hand: control points typed in from general knowledge of the
//! city. An approximate sketch, traced from no map; places are right to some
//! hundred metres, shapes are impressions.

pub mod green;
pub mod landmarks;
pub mod places;
pub mod rail;
pub mod routes;
pub mod streets;
pub mod venues;
pub mod water;
pub mod zones;

use crate::plane::{self, Point};

/// Longitude and latitude in degrees, as typed.
pub type LonLat = (f64, f64);

/// Typed control points on the board.
pub fn on_board(typed: &[LonLat]) -> Vec<Point> {
    typed.iter().map(|&(lon, lat)| plane::board(lon, lat)).collect()
}
