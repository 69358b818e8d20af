//! Two buildings that everybody looks for, as plain shapes at about their places.

use crate::buildings::{Building, box_around};
use crate::plane::{self, Point};

/// The town hall with its cross-shaped plan, and the station beside the tracks.
pub fn buildings() -> Vec<Building> {
    let hall = plane::board(24.71056, 48.92262);
    let at = |x: f64, y: f64| hall + Point { x, y };
    let (arm, half) = (17.0, 6.0);
    let cross = vec![
        at(-half, -arm),
        at(half, -arm),
        at(half, -half),
        at(arm, -half),
        at(arm, half),
        at(half, half),
        at(half, arm),
        at(-half, arm),
        at(-half, half),
        at(-arm, half),
        at(-arm, -half),
        at(-half, -half),
    ];
    let tracks = plane::unit(plane::board(24.7272, 48.9198) - plane::board(24.7231, 48.9245));
    let station = plane::board(24.7231, 48.9245) - plane::left(tracks) * 38.0;
    vec![
        Building { corners: cross, kind: "public", levels: 4, year: 1935, block: None },
        Building {
            corners: box_around(station, tracks, 120.0, 20.0),
            kind: "public",
            levels: 2,
            year: 1908,
            block: None,
        },
    ]
}
