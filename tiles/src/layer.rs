//! One collection on one tile: features → MVT layer bytes, within a budget.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;

use crate::contents::{Entry, Placed};
use crate::draw::{Drawing, Met, Pen};
use crate::grid::{BUFFER, Frame};
use crate::mvt::LayerWriter;
use crate::simplify::EDIT_ZOOM;

/// What a layer needs to know of its collection.
pub(crate) struct Schema<'a> {
    /// The layer's name.
    pub(crate) name: &'a str,
    /// The attributes to carry, in order, with their columns.
    pub(crate) attributes: Vec<(&'a str, usize)>,
}

/// An encoded layer: the bytes of a tile that holds nothing else. Tiles of several
/// layers are these one after the other (protobuf joins repeated fields).
#[derive(Default)]
pub(crate) struct Layer {
    pub(crate) bytes: Vec<u8>,
    pub(crate) thinned: bool,
}

/// Bytes of a feature with nothing but a number and a type: its header, 2; number, 2;
/// type, 2; header of the geometry, 2; its first command, 1.
const LEAST_FEATURE_BYTES: usize = 9;
/// How many of the foremost features are encoded to learn what a feature takes.
const SAMPLE: usize = 1000;

impl Layer {
    /// Draws the entries and encodes them in the order of their numbers. Below
    /// [`EDIT_ZOOM`] the bytes stay within `budget`: first specks on one
    /// spot become one, then the smallest features are left out, points by their `rank`
    /// (1 stays longest) and a fixed lot, but never the last one.
    pub(crate) fn encode(schema: &Schema<'_>, frame: &Frame, mut entries: Vec<Entry>, budget: usize) -> Self {
        let budget = if frame.zoom() < EDIT_ZOOM { budget } else { usize::MAX };
        entries.sort_unstable_by_key(Entry::id);
        whole(schema, frame, &entries, budget)
            .filter(|layer| layer.bytes.len() <= budget)
            .unwrap_or_else(|| foremost(schema, frame, entries, budget))
    }
}

/// All of it; `None` once it is certain to exceed the budget.
fn whole(schema: &Schema<'_>, frame: &Frame, entries: &[Entry], budget: usize) -> Option<Layer> {
    let bounds = frame.padded(BUFFER);
    let mut pen = Pen::default();
    let mut writer = LayerWriter::new(schema);
    let mut at_least = 0;
    for entry in entries {
        if pen.draw(&entry.placed.shape, frame, bounds.contains(&entry.bounds())) != Met::Outside {
            at_least += LEAST_FEATURE_BYTES + pen.drawing().least_bytes();
            entry.placed.write(&mut writer, pen.drawing());
        }
        if at_least > budget {
            return None;
        }
    }
    Some(Layer { bytes: writer.finish(), thinned: false })
}

/// As many of the foremost as the budget holds; of specks on one spot only the foremost.
fn foremost(schema: &Schema<'_>, frame: &Frame, mut entries: Vec<Entry>, budget: usize) -> Layer {
    entries.sort_by_cached_key(rank);
    let bounds = frame.padded(BUFFER);
    let mut pen = Pen::default();
    let mut rest = entries.iter();
    let mut drawn: Vec<(&Arc<Placed>, Drawing)> = Vec::new();
    let mut spots = HashSet::new();
    let mut count = SAMPLE;
    let mut room_to_grow = true;
    loop {
        while drawn.len() < count {
            let Some(entry) = rest.next() else { break };
            let shown = match pen.draw(&entry.placed.shape, frame, bounds.contains(&entry.bounds())) {
                Met::Drawn => true,
                Met::Speck => pen.drawing().corner().is_some_and(|at| spots.insert(at)),
                Met::Outside => false,
            };
            if shown {
                drawn.push((&entry.placed, pen.drawing().clone()));
            }
        }
        let mut shown: Vec<_> = drawn.iter().take(count).collect();
        shown.sort_unstable_by_key(|(placed, _)| placed.id);
        let mut writer = LayerWriter::new(schema);
        for (placed, drawing) in &shown {
            placed.write(&mut writer, drawing);
        }
        let (bytes, shown) = (writer.finish(), shown.len());
        let fits = bytes.len() <= budget;
        if (fits && !(room_to_grow && shown == SAMPLE)) || shown <= 1 {
            return Layer { bytes, thinned: true };
        }
        // Smaller ones take fewer bytes; a twentieth is left for those that take more.
        room_to_grow = false;
        let fair = (budget as u64).saturating_mul(shown as u64) / bytes.len() as u64;
        count = (fair - fair / 20).max(1) as usize;
    }
}

/// Foremost first: size, then rank, then a lot drawn by number alone, so that what a
/// zoom shows the next one shows too.
fn rank(entry: &Entry) -> (Reverse<u32>, i32, u64, i64) {
    // Sizes are not negative, and the bits of such floats are ordered as they are.
    let id = entry.id().0;
    let lot = (id as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(32).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    (Reverse(entry.size.to_bits()), entry.rank, lot, id)
}

impl Placed {
    fn write(&self, writer: &mut LayerWriter<'_>, drawing: &Drawing) {
        writer.feature(self.id.0, drawing, |column| self.row.cell(column));
    }
}
