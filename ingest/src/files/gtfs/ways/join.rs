//! Segments in any order to lines.

use std::collections::{BTreeMap, BTreeSet};

use misto_model::{Position, Shape};

/// A place to the millionth of a degree (a tenth of a metre): segments that meet share it.
fn corner(place: Option<&Position>) -> Option<(i64, i64)> {
    place.map(|at| ((at.lon.degrees() * 1e6).round() as i64, (at.lat.degrees() * 1e6).round() as i64))
}

/// Indices of segments that follow each other, each used once, longest first. Where several could
/// follow, the next of the list does, else the first.
pub(super) fn pieces(segments: &[Shape]) -> Vec<Vec<usize>> {
    let mut beginning: BTreeMap<_, BTreeSet<usize>> = BTreeMap::new();
    let mut ending: BTreeMap<_, BTreeSet<usize>> = BTreeMap::new();
    for (index, segment) in segments.iter().enumerate() {
        beginning.entry(corner(segment.first())).or_default().insert(index);
        ending.entry(corner(segment.last())).or_default().insert(index);
    }
    let mut unused: BTreeSet<usize> = (0..segments.len()).collect();
    let mut pieces = Vec::new();
    while let Some(first) = unused.pop_first() {
        let mut after = vec![first];
        let mut at = first;
        while let Some(next) = choose(beginning.get(&corner(segments[at].last())), &unused, at.checked_add(1)) {
            unused.remove(&next);
            after.push(next);
            at = next;
        }
        let mut before = Vec::new();
        at = first;
        while let Some(previous) = choose(ending.get(&corner(segments[at].first())), &unused, at.checked_sub(1)) {
            unused.remove(&previous);
            before.push(previous);
            at = previous;
        }
        before.reverse();
        pieces.push([before, after].concat());
    }
    pieces.sort_by_key(|piece: &Vec<usize>| std::cmp::Reverse(piece.len()));
    pieces
}

fn choose(candidates: Option<&BTreeSet<usize>>, unused: &BTreeSet<usize>, best: Option<usize>) -> Option<usize> {
    let free = || candidates.into_iter().flatten().copied().filter(|index| unused.contains(index));
    free().find(|index| Some(*index) == best).or_else(|| free().next())
}

/// Where the segments of a piece begin and end, in order.
pub(super) fn ends(piece: &[usize], segments: &[Shape]) -> Vec<Position> {
    let first = piece.first().and_then(|index| segments[*index].first());
    first.into_iter().chain(piece.iter().filter_map(|index| segments[*index].last())).copied().collect()
}

/// The piece as one line.
pub(super) fn line(piece: &[usize], segments: &[Shape]) -> Shape {
    let mut line = Shape::new();
    for index in piece {
        let meets = corner(line.last()) == corner(segments[*index].first());
        line.extend(segments[*index].iter().skip(usize::from(meets)));
    }
    line
}
