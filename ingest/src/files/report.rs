//! What a reading found.

use misto_model::{GeometryKind, Property};

/// One row that was not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Which, counted from 1 (the header line of a CSV is not counted).
    pub row: u64,
    /// The attribute at fault; `None` when it is the geometry or the row as a whole.
    pub field: Option<String>,
    /// Why, and what would be right.
    pub reason: String,
}

/// Refused rows: all are counted, the first [`Refusals::KEPT`] are kept with their reasons.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refusals {
    /// How many rows were refused.
    pub total: u64,
    /// The first of them.
    pub first: Vec<Refusal>,
}

impl Refusals {
    /// How many are kept with their reasons.
    pub const KEPT: usize = 1_000;

    pub(super) fn add(&mut self, refusal: Refusal) {
        self.total += 1;
        if self.first.len() < Self::KEPT {
            self.first.push(refusal);
        }
    }
}

/// What a reading found. `read == kept + refused.total`.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Rows in the file (of the chosen layer, or that fit the filter).
    pub read: u64,
    /// Rows that can be used.
    pub kept: u64,
    /// Rows that cannot.
    pub refused: Refusals,
    /// Tables of the file that hold no features (rasters, tiles), with their kind.
    pub skipped_layers: Vec<String>,
    /// What was changed on the way: renamed attributes, dropped heights, types that became text.
    pub notes: Vec<String>,
    /// Attributes in the file's order, none narrower than the collection they go to.
    pub schema: Vec<Property>,
    /// Shapes of the kept rows; `Any` when they differ or there are none.
    pub geometry: GeometryKind,
    /// How many of the kept rows have no place.
    pub without_geometry: u64,
}
