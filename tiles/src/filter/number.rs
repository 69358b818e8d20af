//! Numbers as filters see them: whole ones stay exact.

use std::cmp::Ordering;

use serde_json::Value;

/// A finite number. What is whole and within 2^53 is kept whole, so that 5 and 5.0 are one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    Whole(i64),
    Real(f64),
}

impl Number {
    /// `None` for what is no finite number.
    pub(crate) fn real(value: f64) -> Option<Self> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        match value {
            _ if !value.is_finite() => None,
            _ if value.fract() == 0.0 && value.abs() <= EXACT => Some(Self::Whole(value as i64)),
            _ => Some(Self::Real(value)),
        }
    }

    pub(crate) fn of(value: &Value) -> Option<Self> {
        value.as_i64().map(Self::Whole).or_else(|| Self::real(value.as_f64()?))
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self::Whole).or_else(|| Self::real(text.parse().ok()?))
    }

    pub(crate) fn as_f64(self) -> f64 {
        match self {
            Self::Whole(value) => value as f64,
            Self::Real(value) => value,
        }
    }

    pub(crate) fn to_json(self) -> Value {
        match self {
            Self::Whole(value) => value.into(),
            Self::Real(value) => value.into(),
        }
    }

    pub(crate) fn order(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => a.cmp(&b),
            (a, b) => a.as_f64().total_cmp(&b.as_f64()),
        }
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Whole(value) => value.fmt(f),
            Self::Real(value) => value.fmt(f),
        }
    }
}
