//! From which zoom on a vertex is needed.
//!
//! Douglas–Peucker, run once for all zooms: each vertex learns the distance at which
//! it would be left out, and from it the first zoom at which that distance shows.

use crate::grid::cells_per_unit;

/// From this zoom on people edit: every vertex is drawn and no feature is left out.
pub(crate) const EDIT_ZOOM: u8 = 14;
/// How far, in tile units, a drawn line may lie from the true one below [`EDIT_ZOOM`]:
/// an eighth of a pixel of a 256-pixel tile.
pub(crate) const TOLERANCE: i32 = 2;
/// A longer line is looked at in pieces, whose ends always stay: the worst case grows
/// with the square of the piece, not of the line.
const PIECE: usize = 1024;

/// The first zoom of each vertex of an open line. The ends have 0.
pub(crate) fn levels_of_line(line: &[[i32; 2]]) -> Vec<u8> {
    let mut levels = vec![EDIT_ZOOM; line.len()];
    let Some(last) = line.len().checked_sub(1) else { return levels };
    levels[0] = 0;
    let mut start = 0;
    while start < last {
        let end = (start + PIECE).min(last);
        levels[end] = 0;
        mark(line, start, end, &mut levels);
        start = end;
    }
    levels
}

/// The first zoom of each vertex of a ring that does not repeat its first vertex. The
/// first vertex and the one farthest from it have 0.
pub(crate) fn levels_of_ring(ring: &[[i32; 2]]) -> Vec<u8> {
    let Some(&first) = ring.first() else { return Vec::new() };
    let far = (0..ring.len()).max_by_key(|&i| squared(first, ring[i])).unwrap_or(0);
    let mut closed = Vec::with_capacity(ring.len() + 1);
    closed.extend_from_slice(&ring[..=far]);
    let mut levels = levels_of_line(&closed);
    closed.clear();
    closed.extend_from_slice(&ring[far..]);
    closed.push(first);
    let rest = levels_of_line(&closed);
    levels.extend_from_slice(&rest[1..rest.len() - 1]);
    levels
}

fn mark(line: &[[i32; 2]], start: usize, end: usize, levels: &mut [u8]) {
    // A vertex is never needed earlier than the ones it stands between.
    let mut open = vec![(start, end, 0)];
    while let Some((start, end, floor)) = open.pop() {
        let mut farthest = (0.0, start);
        for i in start + 1..end {
            let distance = squared_distance_to_segment(line[i], line[start], line[end]);
            if distance > farthest.0 {
                farthest = (distance, i);
            }
        }
        let (distance, at) = farthest;
        if at == start {
            continue; // all of them lie on the line
        }
        let level = first_zoom(distance.sqrt()).max(floor);
        levels[at] = level;
        if level < EDIT_ZOOM {
            open.extend([(start, at, level), (at, end, level)]);
        }
    }
}

fn first_zoom(distance_cells: f64) -> u8 {
    let shows = |zoom: &u8| distance_cells > f64::from(TOLERANCE) * cells_per_unit(*zoom);
    (0..EDIT_ZOOM).find(shows).unwrap_or(EDIT_ZOOM)
}

fn squared(a: [i32; 2], b: [i32; 2]) -> u128 {
    let (dx, dy) = ((i128::from(a[0]) - i128::from(b[0])), (i128::from(a[1]) - i128::from(b[1])));
    (dx * dx + dy * dy).unsigned_abs()
}

fn squared_distance_to_segment(p: [i32; 2], a: [i32; 2], b: [i32; 2]) -> f64 {
    let near = closest_on_segment(p.map(f64::from), a.map(f64::from), b.map(f64::from));
    (near[0] - f64::from(p[0])).powi(2) + (near[1] - f64::from(p[1])).powi(2)
}

/// The point of segment `a`–`b` that is closest to `p`.
pub(crate) fn closest_on_segment(p: [f64; 2], a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length = dx * dx + dy * dy;
    if length == 0.0 {
        return a;
    }
    let t = (((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length).clamp(0.0, 1.0);
    [a[0] + t * dx, a[1] + t * dy]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vertex_on_the_line_waits_and_a_corner_shows_at_once() {
        let line = [[0, 0], [1 << 20, 0], [1 << 24, 1 << 24], [1 << 25, 0]];
        // 741 455 cells beside the line: more than two units of zoom 2 (524 288 cells).
        assert_eq!(levels_of_line(&line), [0, 2, 0, 0]);
        assert_eq!(levels_of_line(&[[0, 0], [5, 5], [10, 10]]), [0, EDIT_ZOOM, 0]);
    }

    #[test]
    fn what_is_left_lies_within_the_tolerance() {
        let line: Vec<[i32; 2]> =
            (0..5000).map(|i| [i * 900, (f64::from(i) / 40.0).sin().mul_add(40_000.0, 3.0) as i32]).collect();
        let levels = levels_of_line(&line);
        for zoom in 0..EDIT_ZOOM {
            let kept: Vec<_> = (0..line.len()).filter(|&i| levels[i] <= zoom).collect();
            for pair in kept.windows(2) {
                for p in &line[pair[0]..pair[1]] {
                    let off = squared_distance_to_segment(*p, line[pair[0]], line[pair[1]]).sqrt();
                    assert!(off <= 2.0 * cells_per_unit(zoom), "zoom {zoom}: {off}");
                }
            }
        }
    }

    #[test]
    fn a_hostile_zigzag_ends() {
        let line: Vec<[i32; 2]> = (0..50_000).map(|i| [i, if i % 2 == 0 { i } else { -i }]).collect();
        assert_eq!(levels_of_line(&line).len(), line.len());
        assert_eq!(levels_of_ring(&line).len(), line.len());
    }

    #[test]
    fn rings_of_few_vertices_are_no_trouble() {
        assert!(levels_of_ring(&[]).is_empty());
        assert_eq!(levels_of_ring(&[[3, 3]]), [0]);
        assert_eq!(levels_of_ring(&[[3, 3], [3, 3]]).len(), 2);
    }
}
