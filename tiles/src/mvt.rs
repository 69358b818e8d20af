//! Writes one layer of a vector tile (Mapbox Vector Tile Specification 2.1) feature by feature.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use geo_types::Coord;

use crate::attributes::Cell;
use crate::draw::{Drawing, doubled_area};
use crate::grid::EXTENT;
use crate::layer::Schema;

/// A place in whole tile units.
pub(crate) type Spot = Coord<i32>;

/// Wire types of protobuf.
const VARINT: u8 = 0;
const FIXED64: u8 = 1;
const BYTES: u8 = 2;

/// Field numbers of `Tile`, `Layer`, `Feature` and `Value` (vector_tile.proto 2.1).
const TILE_LAYER: u8 = 3;
const LAYER_NAME: u8 = 1;
const LAYER_FEATURE: u8 = 2;
const LAYER_KEY: u8 = 3;
const LAYER_VALUE: u8 = 4;
const LAYER_EXTENT: u8 = 5;
const LAYER_VERSION: u8 = 15;
const FEATURE_ID: u8 = 1;
const FEATURE_TAGS: u8 = 2;
const FEATURE_TYPE: u8 = 3;
const FEATURE_GEOMETRY: u8 = 4;
const VALUE_STRING: u8 = 1;
const VALUE_DOUBLE: u8 = 3;
const VALUE_INT: u8 = 4;
const VALUE_UINT: u8 = 5;
const VALUE_BOOL: u8 = 7;

/// 4.3.4: types of geometry.
#[derive(Clone, Copy)]
enum Kind {
    Point = 1,
    Line = 2,
    Polygon = 3,
}

/// 4.3.1: commands.
const MOVE_TO: u64 = 1;
const LINE_TO: u64 = 2;
const CLOSE_PATH: u64 = 7;

/// What tells two values apart: their type and bits; texts of a collection that are alike
/// have one address.
#[derive(PartialEq, Eq, Hash)]
enum Same {
    Bool(bool),
    Whole(i64),
    Large(u64),
    Real(u64),
    Text(usize),
}

/// A layer that grows.
pub(crate) struct LayerWriter<'s> {
    schema: &'s Schema<'s>,
    /// The number of each attribute's key, once a feature has it.
    key_of: Vec<Option<u32>>,
    /// Attributes in the order of their keys.
    keys: Vec<usize>,
    numbers: HashMap<Same, u32, RandomState>,
    value_count: u32,
    values: Vec<u8>,
    features: Vec<u8>,
    tags: Vec<u8>,
    geometry: Vec<u8>,
}

impl<'s> LayerWriter<'s> {
    pub(crate) fn new(schema: &'s Schema<'s>) -> Self {
        Self {
            schema,
            key_of: vec![None; schema.attributes.len()],
            keys: Vec::new(),
            numbers: HashMap::default(),
            value_count: 0,
            values: Vec::new(),
            features: Vec::new(),
            tags: Vec::new(),
            geometry: Vec::new(),
        }
    }

    /// Adds a feature; one of several kinds of geometry becomes several with its number.
    /// `cell` gives the value in a column.
    pub(crate) fn feature<'c>(&mut self, id: i64, drawing: &Drawing, cell: impl Fn(usize) -> &'c Cell) {
        self.tag(cell);
        if !drawing.points.is_empty() {
            self.geometry.clear();
            command(&mut self.geometry, MOVE_TO, drawing.points.len());
            let mut from = Spot::default();
            for at in &drawing.points {
                step(&mut self.geometry, &mut from, *at);
            }
            self.end(id, Kind::Point);
        }
        if !drawing.lines.is_empty() {
            self.geometry.clear();
            let mut from = Spot::default();
            for (line, _) in drawing.lines.iter() {
                run(&mut self.geometry, &mut from, line.iter().copied());
            }
            self.end(id, Kind::Line);
        }
        if !drawing.rings.is_empty() {
            self.geometry.clear();
            let mut from = Spot::default();
            for (ring, shell) in drawing.rings.iter() {
                // 4.3.4.4: seen with y downwards, a shell has a positive area, a hole a negative one.
                if (doubled_area(ring) > 0) == shell {
                    run(&mut self.geometry, &mut from, ring.iter().copied());
                } else {
                    run(&mut self.geometry, &mut from, ring.iter().rev().copied());
                }
                command(&mut self.geometry, CLOSE_PATH, 1);
            }
            self.end(id, Kind::Polygon);
        }
    }

    /// The tags of a feature; the unknown has none.
    fn tag<'c>(&mut self, cell: impl Fn(usize) -> &'c Cell) {
        self.tags.clear();
        let schema = self.schema;
        for (at, (_, column)) in schema.attributes.iter().enumerate() {
            let Some(value) = self.value(cell(*column)) else { continue };
            let key = *self.key_of[at].get_or_insert_with(|| {
                self.keys.push(at);
                self.keys.len() as u32 - 1
            });
            varint(&mut self.tags, key.into());
            varint(&mut self.tags, value.into());
        }
    }

    /// The number of a value; `None` of the unknown.
    fn value(&mut self, cell: &Cell) -> Option<u32> {
        let same = match cell {
            Cell::Absent | Cell::Null => return None,
            Cell::Bool(value) => Same::Bool(*value),
            Cell::Whole(value) => Same::Whole(*value),
            Cell::Large(value) => Same::Large(*value),
            Cell::Real(value) => Same::Real(value.to_bits()),
            Cell::Text(text) => Same::Text(text.as_str().as_ptr().addr()),
            Cell::Nested(value) => return Some(self.add_value(|out| text(out, VALUE_STRING, &value.to_string()))),
        };
        if let Some(number) = self.numbers.get(&same) {
            return Some(*number);
        }
        let number = self.add_value(|out| write_value(out, cell));
        self.numbers.insert(same, number);
        Some(number)
    }

    fn add_value(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> u32 {
        // `geometry` is free between features.
        self.geometry.clear();
        write(&mut self.geometry);
        bytes(&mut self.values, LAYER_VALUE, &self.geometry);
        self.value_count += 1;
        self.value_count - 1
    }

    fn end(&mut self, id: i64, kind: Kind) {
        let (tags, geometry) = (self.tags.len(), self.geometry.len());
        let id = u64::try_from(id).ok();
        let of_id = id.map_or(0, |id| 1 + varint_len(id));
        let of_tags = if tags == 0 { 0 } else { 1 + varint_len(tags as u64) + tags };
        let len = of_id + of_tags + 2 + 1 + varint_len(geometry as u64) + geometry;
        let out = &mut self.features;
        out.push(header(LAYER_FEATURE, BYTES));
        varint(out, len as u64);
        if let Some(id) = id {
            number(out, FEATURE_ID, id);
        }
        if tags > 0 {
            bytes(out, FEATURE_TAGS, &self.tags);
        }
        number(out, FEATURE_TYPE, kind as u64);
        bytes(out, FEATURE_GEOMETRY, &self.geometry);
    }

    /// The bytes of a tile with this layer alone; none for a layer without features.
    pub(crate) fn finish(self) -> Vec<u8> {
        if self.features.is_empty() {
            return Vec::new();
        }
        let names = self.keys.iter().map(|&at| self.schema.attributes[at].0);
        let mut head = Vec::new();
        text(&mut head, LAYER_NAME, self.schema.name);
        let mut tail = Vec::new();
        names.for_each(|name| text(&mut tail, LAYER_KEY, name));
        tail.extend_from_slice(&self.values);
        number(&mut tail, LAYER_EXTENT, EXTENT as u64);
        number(&mut tail, LAYER_VERSION, 2);
        let len = head.len() + self.features.len() + tail.len();
        let mut out = Vec::with_capacity(len + 1 + varint_len(len as u64));
        out.push(header(TILE_LAYER, BYTES));
        varint(&mut out, len as u64);
        for part in [head, self.features, tail] {
            out.extend_from_slice(&part);
        }
        out
    }
}

fn write_value(out: &mut Vec<u8>, cell: &Cell) {
    match cell {
        Cell::Absent | Cell::Null => {}
        Cell::Bool(value) => number(out, VALUE_BOOL, (*value).into()),
        Cell::Whole(value) => number(out, VALUE_INT, value.cast_unsigned()),
        Cell::Large(value) => number(out, VALUE_UINT, *value),
        Cell::Real(value) => {
            out.push(header(VALUE_DOUBLE, FIXED64));
            out.extend_from_slice(&value.to_le_bytes());
        }
        Cell::Text(value) => text(out, VALUE_STRING, value),
        Cell::Nested(value) => text(out, VALUE_STRING, &value.to_string()),
    }
}

/// A line, or a ring without its end.
fn run(out: &mut Vec<u8>, from: &mut Spot, places: impl ExactSizeIterator<Item = Spot>) {
    let rest = places.len().saturating_sub(1);
    for (n, at) in places.enumerate() {
        match n {
            0 => command(out, MOVE_TO, 1),
            1 => command(out, LINE_TO, rest),
            _ => {}
        }
        step(out, from, at);
    }
}

fn command(out: &mut Vec<u8>, command: u64, count: usize) {
    varint(out, (count as u64) << 3 | command);
}

fn step(out: &mut Vec<u8>, from: &mut Spot, at: Spot) {
    for delta in [at.x - from.x, at.y - from.y] {
        varint(out, ((delta << 1) ^ (delta >> 31)).cast_unsigned().into());
    }
    *from = at;
}

const fn header(field: u8, wire: u8) -> u8 {
    field << 3 | wire
}

fn number(out: &mut Vec<u8>, field: u8, value: u64) {
    out.push(header(field, VARINT));
    varint(out, value);
}

fn text(out: &mut Vec<u8>, field: u8, value: &str) {
    bytes(out, field, value.as_bytes());
}

fn bytes(out: &mut Vec<u8>, field: u8, value: &[u8]) {
    out.push(header(field, BYTES));
    varint(out, value.len() as u64);
    out.extend_from_slice(value);
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn varint_len(value: u64) -> usize {
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_those_that_are_written() {
        for value in (0..64).flat_map(|bits| [(1u64 << bits) - 1, 1 << bits]).chain([u64::MAX]) {
            let mut out = Vec::new();
            varint(&mut out, value);
            assert_eq!(out.len(), varint_len(value), "{value}");
        }
    }

    #[test]
    fn commands_are_those_of_the_specification() {
        // 4.3.5: the example of a line string.
        let mut out = Vec::new();
        let line = [(2, 2), (2, 10), (10, 10)].map(|(x, y)| Spot { x, y });
        run(&mut out, &mut Spot::default(), line.into_iter());
        assert_eq!(out, [9, 4, 4, 18, 0, 16, 16, 0]);
    }
}
