//! The pieces of a way, one an edge, as they are walked.

use super::super::compact::Arc;
use super::super::network::Network;
use super::super::search::{Found, Piece};
use super::super::space::between;

/// An edge or a piece of it.
#[derive(Debug, Clone)]
pub(in super::super) struct Leg {
    pub arc: Arc,
    pub cm: f64,
    /// In metres, in the direction walked; at least two places.
    pub line: Vec<[f64; 2]>,
    /// Nothing is walked: both ends are here.
    pub is_still: bool,
}

impl Network {
    pub(super) fn legs(&self, found: &Found) -> Vec<Leg> {
        found.pieces.iter().map(|piece| self.leg(piece)).collect()
    }

    fn leg(&self, piece: &Piece) -> Leg {
        let arc = piece.arc;
        let mut line = self.drawn(arc.edge());
        if arc.against() {
            line.reverse();
        }
        let line = cut(&line, piece.from, piece.to);
        let ends = (line[0], line[line.len() - 1]);
        let cm = self.piece_cm(arc.edge(), (piece.to - piece.from).max(0.0), ends.0, ends.1);
        Leg { arc, cm, line, is_still: piece.is_still() }
    }
}

/// The part of a line between two shares of its length.
fn cut(line: &[[f64; 2]], from: f64, to: f64) -> Vec<[f64; 2]> {
    let total: f64 = line.windows(2).map(|pair| between(pair[0], pair[1])).sum();
    let (start, end) = (from * total, to * total);
    let mut part = vec![at(line, start)];
    let mut before = 0.0;
    for pair in line.windows(2) {
        before += between(pair[0], pair[1]);
        if before > start + 1e-6 && before < end - 1e-6 {
            part.push(pair[1]);
        }
    }
    part.push(at(line, end));
    part
}

fn at(line: &[[f64; 2]], along: f64) -> [f64; 2] {
    let mut before = 0.0;
    for pair in line.windows(2) {
        let long = between(pair[0], pair[1]);
        if before + long >= along && long > 0.0 {
            let share = ((along - before) / long).clamp(0.0, 1.0);
            return [pair[0][0] + share * (pair[1][0] - pair[0][0]), pair[0][1] + share * (pair[1][1] - pair[0][1])];
        }
        before += long;
    }
    line[line.len() - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_line_keeps_its_bends() {
        let line = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]];
        assert_eq!(cut(&line, 0.25, 0.75), [[5.0, 0.0], [10.0, 0.0], [10.0, 5.0]]);
        assert_eq!(cut(&line, 0.5, 0.5), [[10.0, 0.0], [10.0, 0.0]]);
        assert_eq!(cut(&[[1.0, 1.0], [1.0, 1.0]], 0.0, 1.0), [[1.0, 1.0], [1.0, 1.0]]);
    }
}
