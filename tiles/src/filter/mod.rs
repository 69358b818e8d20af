//! Filters in CQL2 (OGC 21-065r2): text and JSON become one expression, the expression
//! is checked against a collection, and what comes of it is asked of every feature.
//!
//! The parser is our own: the crate that exists brings a JSON Schema validator and a
//! SQL parser that cannot be left out.
//!
//! What must stay true:
//! * every step is bounded: bytes, nesting and operators of a filter; no pattern or
//!   list makes it worse than its length times that of the values it meets;
//! * an attribute that the audience may not see does not exist for its filters;
//! * unknown stays unknown: a comparison with it is neither true nor false (5.3, 6.3).

mod compile;
mod evaluate;
mod expression;
mod fold;
mod json;
mod lexer;
mod like;
mod number;
mod spatial;
mod spelling;
mod text;
mod time;
mod wkt;

use geo_types::{Coord, Geometry};
use misto_model::{Error, Result};
use serde_json::Value;

pub(crate) use compile::{Compiled, ID, compile, unknown_attribute};
pub(crate) use evaluate::{Known, known};
use expression::Expression;
pub use time::Period;

/// A filter: one parsed expression, not yet bound to a collection.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    expression: Expression,
}

impl Filter {
    /// Most bytes of a filter: a polygon of about a thousand vertices.
    pub const MAX_BYTES: usize = 32 * 1024;
    /// Most brackets, functions and objects within each other.
    pub const MAX_DEPTH: usize = 64;
    /// Most operators and functions, counted once each.
    pub const MAX_OPERATORS: usize = 1_000;

    /// Most parts into which the edges of one geometry are divided when it is moved.
    pub const MOST_PARTS: usize = 1_000;

    /// Reads CQL2 text (Annex B).
    ///
    /// # Errors
    /// `Invalid` (`filter`): too long, too deep, or what was expected at which character.
    pub fn parse_text(filter: &str) -> Result<Self> {
        bounded(filter)?;
        Self::checked(text::parse(filter)?)
    }

    /// Reads CQL2 JSON (Annex C).
    ///
    /// # Errors
    /// `Invalid` (`filter`): too long, too deep, or what was expected.
    pub fn parse_json(filter: &str) -> Result<Self> {
        bounded(filter)?;
        let value: Value = serde_json::from_str(filter).map_err(|wrong| invalid(format!("it is not JSON: {wrong}")))?;
        Self::checked(json::read(&value)?)
    }

    fn checked(expression: Expression) -> Result<Self> {
        let operators = expression.operators();
        if operators > Self::MAX_OPERATORS {
            return Err(invalid(format!("{operators} operators; at most {} are taken", Self::MAX_OPERATORS)));
        }
        Ok(Self { expression })
    }

    /// CQL2 JSON; two spellings of one filter give the same.
    pub fn to_json(&self) -> Value {
        json::write(&self.expression)
    }

    /// CQL2 text. (A text value with a backslash before a quote or at its end has no
    /// spelling there; it reads back as another.)
    pub fn to_text(&self) -> String {
        spelling::write(&self.expression)
    }

    /// The filter with every coordinate moved, for one written in another reference system.
    /// A straight edge there is bent here, so edges longer than `step` (in units of that system)
    /// are divided first, a geometry into [`Filter::MOST_PARTS`] at most.
    ///
    /// # Errors
    /// Those of `place`.
    pub fn reproject(mut self, step: f64, place: &dyn Fn(Coord<f64>) -> Result<Coord<f64>>) -> Result<Self> {
        self.expression.reproject(step, place)?;
        Ok(self)
    }

    /// Looks at every coordinate.
    ///
    /// # Errors
    /// Those of `look`.
    pub fn each_place(&self, look: &dyn Fn(Coord<f64>) -> Result<()>) -> Result<()> {
        self.expression.each_place(look)
    }

    /// The filter with both axes exchanged, for one that gives latitudes first.
    #[must_use]
    pub fn exchange_axes(mut self) -> Self {
        self.expression.exchange_axes();
        self
    }
}

/// Reads a geometry in well-known text, as filters and spatial questions take it: longitude,
/// latitude; heights are read and left out.
///
/// # Errors
/// `Invalid` (`field`): too long, or what was expected at which character.
pub fn parse_wkt(field: &str, text: &str) -> Result<Geometry<f64>> {
    let named = |wrong| match wrong {
        Error::Invalid { reason, .. } => Error::invalid(field, reason),
        other => other,
    };
    bounded(text).map_err(named)?;
    text::parse_geometry(text).map_err(named)
}

fn bounded(filter: &str) -> Result<()> {
    if filter.len() > Filter::MAX_BYTES {
        return Err(invalid(format!("{} bytes; at most {} are taken", filter.len(), Filter::MAX_BYTES)));
    }
    Ok(())
}

fn invalid(reason: impl Into<String>) -> Error {
    Error::invalid("filter", reason)
}

fn too_deep() -> Error {
    invalid(format!("nested deeper than {}", Filter::MAX_DEPTH))
}
