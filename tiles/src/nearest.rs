//! The features nearest to a place.

use std::sync::Arc;

use misto_model::Position;

use crate::contents::{Contents, Placed};
use crate::distance::{crosses, edges};
use crate::grid;
use crate::shape::{Part, Shape};
use crate::simplify::closest_on_segment;

/// Metres across a cell at the equator, on the sphere of [`Position::distance_m`].
const CELL_M: f64 = std::f64::consts::TAU * 6_371_008.8 / 4_294_967_296.0;

/// The `limit` nearest features within `max_distance_m`, nearest first, with metres:
/// 0 inside a polygon. Exact to a grid cell; the closest spot of a geometry is found in
/// Web Mercator, which is conformal, so this holds for distances of a city and a
/// region. Does not look across the antimeridian.
pub(crate) fn nearest(
    contents: &Contents,
    from: Position,
    limit: usize,
    max_distance_m: f64,
) -> Vec<(f64, Arc<Placed>)> {
    let at = [f64::from(grid::column(from.lon.degrees())), f64::from(grid::row(from.lat.degrees()))];
    let mut found: Vec<(f64, Arc<Placed>)> = Vec::new();
    if limit == 0 {
        return found;
    }
    let order = |a: &(f64, Arc<Placed>), b: &(f64, Arc<Placed>)| a.0.total_cmp(&b.0).then_with(|| a.1.id.cmp(&b.1.id));
    for (cells, entry) in contents.nearest_first(at) {
        let farthest = if found.len() < limit { max_distance_m } else { found[limit - 1].0 };
        if least_metres(at, cells) > farthest {
            break;
        }
        let Some(metres) = distance_m(from, at, &entry.placed.shape) else { continue };
        if metres <= farthest {
            let candidate = (metres, Arc::clone(&entry.placed));
            let place = found.partition_point(|other| order(other, &candidate).is_lt());
            found.insert(place, candidate);
            found.truncate(limit);
        }
    }
    found
}

/// What so many cells away is at least so many metres away: cells shrink towards the poles.
fn least_metres(at: [f64; 2], cells: f64) -> f64 {
    let polewards = grid::latitude(at[1].abs() + cells).abs();
    // Two cells less, for rounding on both sides.
    (cells - 2.0).max(0.0) * CELL_M * polewards.to_radians().cos()
}

fn distance_m(from: Position, at: [f64; 2], shape: &Shape) -> Option<f64> {
    let mut best: Option<(f64, [f64; 2])> = None;
    let mut inside = false;
    for (part, vertices) in shape.parts() {
        let ring = matches!(part, Part::Shell | Part::Hole);
        if part == Part::Shell && inside {
            return Some(0.0);
        }
        if ring {
            // Even-odd: a shell turns it on, a hole off again.
            inside ^= edges(vertices, true).filter(|(a, b)| crosses(at, *a, *b)).count() % 2 == 1;
        }
        for (a, b) in edges(vertices, ring) {
            let near = closest_on_segment(at, a, b);
            let squared = (near[0] - at[0]).powi(2) + (near[1] - at[1]).powi(2);
            if best.is_none_or(|(least, _)| squared < least) {
                best = Some((squared, near));
            }
        }
    }
    if inside {
        return Some(0.0);
    }
    best.and_then(|(_, near)| Some(from.distance_m(grid::place(near)?)))
}
