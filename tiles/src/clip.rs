//! Cutting at the edges of a square, in tile units.

use crate::grid::{BUFFER, EXTENT};

const LOW: f64 = -(BUFFER as f64);
const HIGH: f64 = (EXTENT + BUFFER) as f64;

/// A place in tile units.
pub(crate) type At = [f64; 2];

/// Whether a place lies in the buffered tile or on its edge.
pub(crate) fn holds(at: At) -> bool {
    at.iter().all(|v| (LOW..=HIGH).contains(v))
}

/// The share of segment `a`–`b` between `low` and `high` corners, as two fractions of
/// its length (Liang and Barsky 1984); `None` when it passes by.
pub(crate) fn cut(a: At, b: At, low: At, high: At) -> Option<(f64, f64)> {
    let (mut enter, mut leave) = (0.0f64, 1.0f64);
    for axis in 0..2 {
        let step = b[axis] - a[axis];
        if step == 0.0 {
            if a[axis] < low[axis] || a[axis] > high[axis] {
                return None;
            }
            continue;
        }
        let (to_low, to_high) = ((low[axis] - a[axis]) / step, (high[axis] - a[axis]) / step);
        enter = enter.max(to_low.min(to_high));
        leave = leave.min(to_low.max(to_high));
    }
    (enter <= leave).then_some((enter, leave))
}

/// Gives the pieces of a line inside the buffered tile, one after the other.
pub(crate) fn line(line: &[At], piece: &mut Vec<At>, mut emit: impl FnMut(&[At])) {
    piece.clear();
    for pair in line.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let Some((enter, leave)) = cut(a, b, [LOW; 2], [HIGH; 2]) else { continue };
        if piece.is_empty() {
            piece.push(between(a, b, enter));
        }
        piece.push(between(a, b, leave));
        if leave < 1.0 {
            emit(piece);
            piece.clear();
        }
    }
    if !piece.is_empty() {
        emit(piece);
        piece.clear();
    }
}

/// Cuts an open ring to the buffered tile (Sutherland and Hodgman 1974). Where the
/// ring leaves and comes back it runs along the edge, out of sight in the buffer.
pub(crate) fn ring(ring: &mut Vec<At>, spare: &mut Vec<At>) {
    for axis in 0..2 {
        for (edge, inward) in [(LOW, 1.0), (HIGH, -1.0)] {
            spare.clear();
            let depth = |at: At| (at[axis] - edge) * inward;
            let mut previous = match ring.last() {
                Some(&last) => last,
                None => return,
            };
            for &at in ring.iter() {
                if (depth(previous) >= 0.0) != (depth(at) >= 0.0) {
                    let t = depth(previous) / (depth(previous) - depth(at));
                    let mut crossing = between(previous, at, t);
                    crossing[axis] = edge;
                    spare.push(crossing);
                }
                if depth(at) >= 0.0 {
                    spare.push(at);
                }
                previous = at;
            }
            std::mem::swap(ring, spare);
        }
    }
}

fn between(a: At, b: At, t: f64) -> At {
    if t >= 1.0 {
        return b;
    }
    [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(points: &[At]) -> Vec<Vec<At>> {
        let mut all = Vec::new();
        line(points, &mut Vec::new(), |piece| all.push(piece.to_vec()));
        all
    }

    #[test]
    fn a_line_that_comes_back_gives_two_pieces() {
        let there = [[-100.0, 10.0], [100.0, 10.0], [5000.0, 10.0], [5000.0, 20.0], [0.0, 20.0]];
        let expected = vec![vec![[-64.0, 10.0], [100.0, 10.0], [4160.0, 10.0]], vec![[4160.0, 20.0], [0.0, 20.0]]];
        assert_eq!(pieces(&there), expected);
    }

    #[test]
    fn a_line_around_the_tile_gives_nothing() {
        assert!(pieces(&[[-100.0, -100.0], [-100.0, 9000.0], [9000.0, 9000.0]]).is_empty());
    }

    #[test]
    fn a_ring_around_the_tile_becomes_the_buffered_tile() {
        let mut around = vec![[-1e6, -1e6], [1e6, -1e6], [1e6, 1e6], [-1e6, 1e6]];
        ring(&mut around, &mut Vec::new());
        assert_eq!(around.len(), 4);
        assert!(around.iter().all(|&at| holds(at) && at.iter().all(|v| *v == LOW || *v == HIGH)));
    }

    #[test]
    fn a_ring_elsewhere_vanishes() {
        let mut elsewhere = vec![[5000.0, 0.0], [6000.0, 0.0], [6000.0, 10.0]];
        ring(&mut elsewhere, &mut Vec::new());
        assert!(elsewhere.is_empty());
    }
}
