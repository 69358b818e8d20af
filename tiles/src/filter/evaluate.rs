//! What a filter says of one feature: true, false or unknown (three-valued logic).

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashSet;

use misto_model::{FeatureId, PropertyType};

use super::expression::Operator;
use super::fold::{accenti, casei};
use super::like::Pattern;
use super::number::Number;
use super::spatial::{self, Side};
use super::time::{Instant, Period, instant_of_date, instant_of_timestamp};
use crate::attributes::Attribute;
use crate::contents::Placed;
use crate::distance::Place;

/// Something that is true, false or unknown.
pub(crate) enum Test {
    Constant(bool),
    And(Vec<Test>),
    Or(Vec<Test>),
    Not(Box<Test>),
    /// A boolean attribute or the like.
    Flag(Scalar),
    Compare(Operator, Scalar, Scalar),
    Between(Box<[Scalar; 3]>),
    OneOf(Scalar, Vec<Scalar>),
    OneOfTexts(Scalar, HashSet<String>),
    Like(Scalar, Pattern),
    Unknown(Scalar),
    Unplaced,
    /// Whether an expression is unknown.
    Undecided(Box<Test>),
    Spatial(Operator, Side, Side),
    /// Within so many metres of a place.
    Near(Box<Place>, f64),
    Temporal(Operator, Extent, Extent),
}

pub(crate) enum Scalar {
    /// The value in a column.
    Column(usize, PropertyType),
    Id,
    Text(String),
    Number(Number),
    Time(Instant),
    Arithmetic(Operator, Box<[Scalar; 2]>),
    Casei(Box<Scalar>),
    Accenti(Box<Scalar>),
    Truth(Box<Test>),
}

/// A moment or a period.
pub(crate) enum Extent {
    Fixed(Period),
    Moment(Scalar),
    Between(Box<[Scalar; 2]>),
}

pub(crate) enum Known<'a> {
    Text(Cow<'a, str>),
    Number(Number),
    Boolean(bool),
    Time(Instant),
}

impl Known<'_> {
    pub(crate) fn of_id(id: FeatureId) -> Self {
        Self::Number(Number::Whole(id.0))
    }
}

impl Test {
    pub(crate) fn of(&self, placed: &Placed) -> Option<bool> {
        match self {
            Self::Constant(value) => Some(*value),
            Self::And(all) => all_of(all, placed, false),
            Self::Or(all) => all_of(all, placed, true),
            Self::Not(one) => one.of(placed).map(|value| !value),
            Self::Flag(scalar) => match scalar.of(placed)? {
                Known::Boolean(value) => Some(value),
                _ => None,
            },
            Self::Compare(operator, a, b) => compare(*operator, &a.of(placed)?, &b.of(placed)?),
            Self::Between(operands) => {
                let [value, least, most] = operands.each_ref().map(|operand| operand.of(placed));
                let value = value?;
                let holds = |operator, bound: Option<Known>| bound.and_then(|bound| compare(operator, &value, &bound));
                both(holds(Operator::GreaterOrEqual, least), holds(Operator::LessOrEqual, most))
            }
            Self::OneOf(value, list) => {
                let value = value.of(placed)?;
                let mut unknown = false;
                for one in list {
                    match one.of(placed).and_then(|one| compare(Operator::Equal, &value, &one)) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => unknown = true,
                    }
                }
                (!unknown).then_some(false)
            }
            Self::OneOfTexts(value, texts) => match value.of(placed)? {
                Known::Text(text) => Some(texts.contains(&*text)),
                _ => None,
            },
            Self::Like(value, pattern) => match value.of(placed)? {
                Known::Text(text) => Some(pattern.matches(&text)),
                _ => None,
            },
            Self::Unknown(value) => Some(value.of(placed).is_none()),
            Self::Unplaced => Some(placed.geometry.is_none()),
            Self::Undecided(test) => Some(test.of(placed).is_none()),
            Self::Spatial(operator, left, right) => spatial::relation(*operator, left, right, placed.geometry.as_ref()),
            Self::Near(place, metres) => {
                placed.geometry.as_ref()?;
                Some(place.distance_m(&placed.shape, *metres).is_some_and(|found| found <= *metres))
            }
            Self::Temporal(operator, a, b) => Some(temporal(*operator, a.of(placed)?, b.of(placed)?)),
        }
    }
}

/// `decisive` once one of them is that; unknown when that remains possible.
fn all_of(all: &[Test], placed: &Placed, decisive: bool) -> Option<bool> {
    let mut unknown = false;
    for test in all {
        match test.of(placed) {
            Some(value) if value == decisive => return Some(decisive),
            Some(_) => {}
            None => unknown = true,
        }
    }
    (!unknown).then_some(!decisive)
}

fn both(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

impl Scalar {
    pub(crate) fn of<'a>(&'a self, placed: &'a Placed) -> Option<Known<'a>> {
        match self {
            Self::Column(column, kind) => known(placed.row.get(*column)?, *kind),
            Self::Id => Some(Known::of_id(placed.id)),
            Self::Text(text) => Some(Known::Text(Cow::Borrowed(text))),
            Self::Number(number) => Some(Known::Number(*number)),
            Self::Time(instant) => Some(Known::Time(*instant)),
            Self::Arithmetic(operator, operands) => match (operands[0].of(placed)?, operands[1].of(placed)?) {
                (Known::Number(a), Known::Number(b)) => arithmetic(*operator, a, b).map(Known::Number),
                _ => None,
            },
            Self::Casei(inner) => folded(inner.of(placed)?, casei),
            Self::Accenti(inner) => folded(inner.of(placed)?, accenti),
            Self::Truth(test) => test.of(placed).map(Known::Boolean),
        }
    }
}

/// A stored value as its declared type; what is not of it is unknown.
pub(crate) fn known(value: Attribute<'_>, kind: PropertyType) -> Option<Known<'_>> {
    match (kind, value) {
        (PropertyType::Text, Attribute::Text(text)) => Some(Known::Text(Cow::Borrowed(text))),
        (PropertyType::Integer | PropertyType::Real, Attribute::Whole(whole)) => {
            Some(Known::Number(Number::Whole(whole)))
        }
        (PropertyType::Integer | PropertyType::Real, value) => Number::real(value.as_f64()?).map(Known::Number),
        (PropertyType::Boolean, Attribute::Bool(value)) => Some(Known::Boolean(value)),
        (PropertyType::Date, Attribute::Text(text)) => instant_of_date(text).map(Known::Time),
        (PropertyType::DateTime, Attribute::Text(text)) => instant_of_timestamp(text).map(Known::Time),
        _ => None,
    }
}

fn folded<'a>(value: Known<'_>, fold: fn(&str) -> String) -> Option<Known<'a>> {
    match value {
        Known::Text(text) => Some(Known::Text(Cow::Owned(fold(&text)))),
        _ => None,
    }
}

fn compare(operator: Operator, a: &Known<'_>, b: &Known<'_>) -> Option<bool> {
    let order = match (a, b) {
        (Known::Text(a), Known::Text(b)) => a.cmp(b),
        (Known::Number(a), Known::Number(b)) => a.order(*b),
        (Known::Boolean(a), Known::Boolean(b)) => a.cmp(b),
        // A date is its day: a moment within it is neither before nor after it.
        (Known::Time(a), Known::Time(b)) if a.is_before(*b) => Ordering::Less,
        (Known::Time(a), Known::Time(b)) if b.is_before(*a) => Ordering::Greater,
        (Known::Time(_), Known::Time(_)) => Ordering::Equal,
        _ => return None,
    };
    Some(match operator {
        Operator::Equal => order.is_eq(),
        Operator::NotEqual => order.is_ne(),
        Operator::Less => order.is_lt(),
        Operator::Greater => order.is_gt(),
        Operator::LessOrEqual => order.is_le(),
        Operator::GreaterOrEqual => order.is_ge(),
        _ => return None,
    })
}

/// Whole numbers stay whole where the result is; what has no finite result is unknown.
fn arithmetic(operator: Operator, a: Number, b: Number) -> Option<Number> {
    if let (Number::Whole(a), Number::Whole(b)) = (a, b) {
        let whole = match operator {
            Operator::Plus => a.checked_add(b),
            Operator::Minus => a.checked_sub(b),
            Operator::Times => a.checked_mul(b),
            Operator::Remainder => return a.checked_rem(b).map(Number::Whole),
            Operator::Div => return a.checked_div(b).map(Number::Whole),
            _ => None,
        };
        if let Some(whole) = whole {
            return Some(Number::Whole(whole));
        }
    }
    let (a, b) = (a.as_f64(), b.as_f64());
    Number::real(match operator {
        Operator::Plus => a + b,
        Operator::Minus => a - b,
        Operator::Times => a * b,
        Operator::Divided => a / b,
        Operator::Remainder => a % b,
        Operator::Div => (a / b).trunc(),
        Operator::Power => a.powf(b),
        _ => return None,
    })
}

impl Extent {
    fn of(&self, placed: &Placed) -> Option<Period> {
        let instant = |scalar: &Scalar| match scalar.of(placed)? {
            Known::Time(instant) => Some(instant),
            _ => None,
        };
        match self {
            Self::Fixed(period) => Some(*period),
            Self::Moment(scalar) => instant(scalar).map(Period::at),
            Self::Between(ends) => Some(Period { start: instant(&ends[0])?, end: instant(&ends[1])? }),
        }
    }
}

/// The relations of 7.4, Table 12.
fn temporal(operator: Operator, a: Period, b: Period) -> bool {
    let before = Instant::is_before;
    match operator {
        Operator::After => before(b.end, a.start),
        Operator::Before => before(a.end, b.start),
        Operator::TimeDisjoint => !a.intersects(b),
        Operator::TimeEquals => a.start.is(b.start) && a.end.is(b.end),
        Operator::TimeContains => before(a.start, b.start) && before(b.end, a.end),
        Operator::During => before(b.start, a.start) && before(a.end, b.end),
        Operator::FinishedBy => before(a.start, b.start) && a.end.is(b.end),
        Operator::Finishes => before(b.start, a.start) && a.end.is(b.end),
        Operator::Meets => a.end.is(b.start),
        Operator::MetBy => a.start.is(b.end),
        Operator::OverlappedBy => before(b.start, a.start) && before(a.start, b.end) && before(b.end, a.end),
        Operator::TimeOverlaps => before(a.start, b.start) && before(b.start, a.end) && before(a.end, b.end),
        Operator::StartedBy => a.start.is(b.start) && before(b.end, a.end),
        Operator::Starts => a.start.is(b.start) && before(a.end, b.end),
        _ => a.intersects(b),
    }
}
