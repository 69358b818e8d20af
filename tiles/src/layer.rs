//! One collection on one tile: features → MVT layer bytes, within a budget.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;

use fast_mvt::{MvtFeatureBuilder, MvtGeomType, MvtLayerBuilder, MvtResult, MvtValueRef};
use misto_model::{Error, Feature, Properties, Result};
use serde_json::Value;

use crate::contents::{Entry, Placed};
use crate::draw::{Drawing, Met, Pen};
use crate::grid::{BUFFER, Frame};
use crate::simplify::EDIT_ZOOM;

/// What a layer needs to know of its collection.
pub(crate) struct Schema<'a> {
    /// The layer's name.
    pub(crate) name: &'a str,
    /// The attributes to carry, in order.
    pub(crate) attributes: Vec<&'a str>,
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
    pub(crate) fn encode(schema: &Schema<'_>, frame: &Frame, mut entries: Vec<Entry>, budget: usize) -> Result<Self> {
        let budget = if frame.zoom() < EDIT_ZOOM { budget } else { usize::MAX };
        entries.sort_unstable_by_key(Entry::id);
        let layer = match whole(schema, frame, &entries, budget) {
            Ok(Some(layer)) if layer.bytes.len() <= budget => Ok(layer),
            Ok(_) => foremost(schema, frame, entries, budget),
            Err(cause) => Err(cause),
        };
        layer.map_err(|cause| Error::unavailable("the tile could not be encoded", cause))
    }
}

/// All of it; `None` once it is certain to exceed the budget.
fn whole(schema: &Schema<'_>, frame: &Frame, entries: &[Entry], budget: usize) -> MvtResult<Option<Layer>> {
    let bounds = frame.padded(BUFFER);
    let mut pen = Pen::default();
    let mut writer = Writer::new(schema)?;
    let mut at_least = 0;
    for entry in entries {
        if pen.draw(&entry.placed.shape, frame, bounds.contains(&entry.bounds())) != Met::Outside {
            at_least += LEAST_FEATURE_BYTES + pen.drawing().least_bytes();
            writer = writer.feature(schema, &entry.placed.feature, pen.drawing())?;
        }
        if at_least > budget {
            return Ok(None);
        }
    }
    Ok(Some(Layer { bytes: writer.finish(), thinned: false }))
}

/// As many of the foremost as the budget holds; of specks on one spot only the foremost.
fn foremost(schema: &Schema<'_>, frame: &Frame, mut entries: Vec<Entry>, budget: usize) -> MvtResult<Layer> {
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
        shown.sort_unstable_by_key(|(placed, _)| placed.feature.id);
        let mut writer = Writer::new(schema)?;
        for (placed, drawing) in &shown {
            writer = writer.feature(schema, &placed.feature, drawing)?;
        }
        let (bytes, shown) = (writer.finish(), shown.len());
        let fits = bytes.len() <= budget;
        if (fits && !(room_to_grow && shown == SAMPLE)) || shown <= 1 {
            return Ok(Layer { bytes, thinned: true });
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

struct Writer(MvtLayerBuilder);

impl Writer {
    fn new(schema: &Schema<'_>) -> MvtResult<Self> {
        MvtLayerBuilder::new(schema.name).map(Self)
    }

    /// The bytes; none for a layer without features.
    fn finish(self) -> Vec<u8> {
        if self.0.num_features() == 0 { Vec::new() } else { self.0.encode() }
    }

    /// Adds a feature; one of several kinds of geometry becomes several with its number.
    fn feature(self, schema: &Schema<'_>, feature: &Feature, drawing: &Drawing) -> MvtResult<Self> {
        let mut layer = self.0;
        if !drawing.points.is_empty() {
            let mut points = layer.feature_of(MvtGeomType::Point);
            points.points(drawing.points.iter().copied())?;
            layer = finish(points, schema, feature)?;
        }
        if !drawing.lines.is_empty() {
            let mut lines = layer.feature_of(MvtGeomType::LineString);
            for (line, _) in drawing.lines.iter() {
                lines.line(line.iter().copied())?;
            }
            layer = finish(lines, schema, feature)?;
        }
        if !drawing.rings.is_empty() {
            let mut rings = layer.feature_of(MvtGeomType::Polygon);
            for (ring, shell) in drawing.rings.iter() {
                rings.ring(ring.iter().copied(), shell)?;
            }
            layer = finish(rings, schema, feature)?;
        }
        Ok(Self(layer))
    }
}

fn finish(mut builder: MvtFeatureBuilder, schema: &Schema<'_>, feature: &Feature) -> MvtResult<MvtLayerBuilder> {
    builder.id(u64::try_from(feature.id.0).ok());
    let mut rest = feature.properties.iter();
    for name in &schema.attributes {
        match in_order(&mut rest, &feature.properties, name) {
            None | Some(Value::Null) => {} // unknown: absent
            Some(Value::Bool(value)) => drop(builder.tag_ref(name, MvtValueRef::Bool(*value))?),
            Some(Value::String(value)) => drop(builder.tag_ref(name, MvtValueRef::String(value))?),
            Some(Value::Number(value)) => {
                let value = match (value.as_i64(), value.as_u64(), value.as_f64()) {
                    (Some(whole), _, _) => MvtValueRef::Int(whole),
                    (_, Some(whole), _) => MvtValueRef::UInt(whole),
                    (_, _, Some(real)) => MvtValueRef::Double(real),
                    _ => continue,
                };
                builder.tag_ref(name, value)?;
            }
            Some(nested) => drop(builder.tag_ref(name, MvtValueRef::String(&nested.to_string()))?),
        }
    }
    Ok(builder.end())
}

/// An attribute; those of a feature stand in the order of the schema, so that the next
/// one is nearly always at hand without looking it up by a hash of its name.
fn in_order<'a>(rest: &mut serde_json::map::Iter<'a>, all: &'a Properties, name: &str) -> Option<&'a Value> {
    let mut ahead = rest.clone();
    match ahead.find(|(key, _)| *key == name) {
        Some((_, value)) => {
            *rest = ahead;
            Some(value)
        }
        None => all.get(name),
    }
}
