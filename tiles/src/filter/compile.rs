//! An expression checked against a collection and its audience.

use geo::CoordsIter;
use geo_types::Rect;
use misto_model::{Audience, Bbox, Collection, Error, PropertyType, Result};

use super::evaluate::{Extent, Scalar, Test};
use super::expression::{Expression, Operator};
use super::fold::{accenti, casei};
use super::like::Pattern;
use super::number::Number;
use super::spatial::{Fixed, Side, of_bbox};
use super::time::{Instant, Period};
use super::{Filter, invalid, time};
use crate::audience::visible_columns;
use crate::contents::Placed;
use crate::distance::Place;

/// The name of every feature's geometry.
pub(crate) const GEOMETRY: &str = "geometry";
/// The name of every feature's number, unless an attribute has it.
pub(crate) const ID: &str = "id";
/// The function that asks for a distance: `within_distance(geometry, POINT(…), metres)`.
const WITHIN_DISTANCE: &str = "within_distance";
/// Most steps of one question over all its features: some seconds of one processor.
const MOST_STEPS: usize = 200_000_000;

/// A filter bound to a collection.
pub(crate) struct Compiled {
    test: Test,
    steps: usize,
}

impl Compiled {
    pub(crate) fn matches(&self, placed: &Placed) -> bool {
        self.test.of(placed) == Some(true)
    }

    /// The box outside of which nothing matches; `None` when there is none.
    pub(crate) fn bounds(&self) -> Option<Bbox> {
        let rect = bounds_of(&self.test)?;
        let (lon, lat) = (|x: f64| x.clamp(-180.0, 180.0), |y: f64| y.clamp(-90.0, 90.0));
        Bbox::new(lon(rect.min().x), lat(rect.min().y), lon(rect.max().x), lat(rect.max().y)).ok()
    }

    /// # Errors
    /// `Invalid` (`filter`) when asking so many features would take too long.
    pub(crate) fn affordable(&self, features: usize) -> Result<()> {
        if self.steps.saturating_mul(features) > MOST_STEPS {
            return Err(invalid(format!(
                "too much for {features} features; write it shorter, or give a bbox or a smaller area"
            )));
        }
        Ok(())
    }
}

fn bounds_of(test: &Test) -> Option<Rect<f64>> {
    match test {
        // Every part must hold, so the smallest box will do.
        Test::And(all) => {
            let area = |rect: &Rect<f64>| rect.width() * rect.height();
            all.iter().filter_map(bounds_of).min_by(|a, b| area(a).total_cmp(&area(b)))
        }
        Test::Or(all) => all.iter().map(bounds_of).collect::<Option<Vec<_>>>()?.into_iter().reduce(union),
        Test::Spatial(operator, Side::Own, Side::Fixed(fixed))
        | Test::Spatial(operator, Side::Fixed(fixed), Side::Own) => {
            (*operator != Operator::Disjoint).then(|| fixed.bounds())
        }
        Test::Near(place, metres) => place.bounds(*metres),
        _ => None,
    }
}

fn union(a: Rect<f64>, b: Rect<f64>) -> Rect<f64> {
    let (low, high) =
        ((a.min().x.min(b.min().x), a.min().y.min(b.min().y)), (a.max().x.max(b.max().x), a.max().y.max(b.max().y)));
    Rect::new(low, high)
}

/// # Errors
/// `Invalid`, naming the attribute that the audience may not see or that is not what
/// the filter takes it for, or `filter`.
pub(crate) fn compile(filter: &Filter, collection: &Collection, audience: Audience) -> Result<Compiled> {
    let mut compiler = Compiler { collection, audience, steps: 0 };
    let test = compiler.test(&filter.expression)?;
    Ok(Compiled { test, steps: compiler.steps })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Boolean,
    Time,
}

impl Kind {
    fn of(kind: PropertyType) -> Self {
        match kind {
            PropertyType::Text => Self::Text,
            PropertyType::Integer | PropertyType::Real => Self::Number,
            PropertyType::Boolean => Self::Boolean,
            PropertyType::Date | PropertyType::DateTime => Self::Time,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Time => "a date or moment",
        }
    }
}

struct Compiler<'a> {
    collection: &'a Collection,
    audience: Audience,
    steps: usize,
}

impl Compiler<'_> {
    fn test(&mut self, expression: &Expression) -> Result<Test> {
        self.steps += 1;
        match expression {
            Expression::Boolean(value) => Ok(Test::Constant(*value)),
            Expression::Operation(operator, all) => self.operation(*operator, all),
            Expression::Call(name, all) if name.eq_ignore_ascii_case(WITHIN_DISTANCE) => self.near(all),
            Expression::Call(name, _) => Err(unknown_function(name)),
            Expression::Property(_) => {
                let (scalar, kind) = self.scalar(expression)?;
                if kind == Kind::Boolean { Ok(Test::Flag(scalar)) } else { Err(wrong(expression, Kind::Boolean, kind)) }
            }
            _ => Err(invalid("a value alone is neither true nor false")),
        }
    }

    fn operation(&mut self, operator: Operator, all: &[Expression]) -> Result<Test> {
        if operator.is_comparison() {
            let (a, b) = self.alike(&all[0], &all[1])?;
            return Ok(Test::Compare(operator, a, b));
        }
        if operator.is_spatial() {
            return Ok(Test::Spatial(operator, self.side(&all[0])?, self.side(&all[1])?));
        }
        if operator.is_temporal() {
            return Ok(Test::Temporal(operator, self.extent(&all[0])?, self.extent(&all[1])?));
        }
        if operator.is_array() {
            return self.array(operator, all);
        }
        match operator {
            Operator::And => Ok(Test::And(all.iter().map(|one| self.test(one)).collect::<Result<_>>()?)),
            Operator::Or => Ok(Test::Or(all.iter().map(|one| self.test(one)).collect::<Result<_>>()?)),
            Operator::Not => Ok(Test::Not(Box::new(self.test(&all[0])?))),
            Operator::IsNull => self.is_null(&all[0]),
            Operator::Like => self.like(&all[0], &all[1]),
            Operator::In => self.one_of(&all[0], &all[1]),
            Operator::Between => {
                let (value, least) = self.alike(&all[0], &all[1])?;
                let (_, most) = self.alike(&all[0], &all[2])?;
                Ok(Test::Between(Box::new([value, least, most])))
            }
            _ => Err(invalid(format!("{} is no condition; compare it with something", operator.name()))),
        }
    }

    /// Both of one kind; a text beside a time is read as one.
    fn alike(&mut self, a: &Expression, b: &Expression) -> Result<(Scalar, Scalar)> {
        let ((left, kind_a), (right, kind_b)) = (self.scalar(a)?, self.scalar(b)?);
        match (kind_a, kind_b, a, b) {
            (x, y, ..) if x == y => Ok((left, right)),
            (Kind::Time, Kind::Text, _, Expression::Text(text)) => Ok((left, as_time(text)?)),
            (Kind::Text, Kind::Time, Expression::Text(text), _) => Ok((as_time(text)?, right)),
            (_, _, Expression::Property(_), _) => Err(wrong(a, kind_b, kind_a)),
            _ => Err(wrong(b, kind_a, kind_b)),
        }
    }

    fn scalar(&mut self, expression: &Expression) -> Result<(Scalar, Kind)> {
        self.steps += 1;
        Ok(match expression {
            Expression::Property(name) => return self.attribute(name),
            Expression::Text(text) => (Scalar::Text(text.clone()), Kind::Text),
            Expression::Number(number) => (Scalar::Number(*number), Kind::Number),
            Expression::Date(date) => (Scalar::Time(Instant::of_date(*date)), Kind::Time),
            Expression::Timestamp(at) => (Scalar::Time(Instant::of_timestamp(*at)), Kind::Time),
            Expression::Operation(operator, all) if operator.is_arithmetic() => {
                let operands = Box::new([self.number(&all[0])?, self.number(&all[1])?]);
                (Scalar::Arithmetic(*operator, operands), Kind::Number)
            }
            Expression::Operation(operator @ (Operator::Casei | Operator::Accenti), all) => {
                (self.folded(*operator, &all[0])?, Kind::Text)
            }
            Expression::Boolean(_) | Expression::Operation(..) => {
                (Scalar::Truth(Box::new(self.test(expression)?)), Kind::Boolean)
            }
            Expression::Call(name, _) if name.eq_ignore_ascii_case(WITHIN_DISTANCE) => {
                (Scalar::Truth(Box::new(self.test(expression)?)), Kind::Boolean)
            }
            Expression::Call(name, _) => return Err(unknown_function(name)),
            Expression::Interval(_) | Expression::Unbounded => {
                return Err(invalid("an interval belongs into a temporal function such as t_during"));
            }
            Expression::Geometry(_) | Expression::Bbox(_) => {
                return Err(invalid("a geometry belongs into a spatial function such as s_intersects"));
            }
            Expression::List(_) => return Err(invalid("an array has no place here")),
        })
    }

    fn attribute(&self, name: &str) -> Result<(Scalar, Kind)> {
        let found = visible_columns(self.collection, self.audience).find(|(_, property)| property.name == name);
        match found {
            Some((column, property)) => Ok((Scalar::Column(column, property.kind), Kind::of(property.kind))),
            None if name == ID => Ok((Scalar::Id, Kind::Number)),
            None if name == GEOMETRY => {
                Err(Error::invalid(name, "a geometry belongs into a spatial function such as s_intersects"))
            }
            None => Err(unknown_attribute(self.collection, name)),
        }
    }

    fn number(&mut self, expression: &Expression) -> Result<Scalar> {
        match self.scalar(expression)? {
            (scalar, Kind::Number) => Ok(scalar),
            (_, kind) => Err(wrong(expression, Kind::Number, kind)),
        }
    }

    fn text(&mut self, expression: &Expression) -> Result<Scalar> {
        match self.scalar(expression)? {
            (scalar, Kind::Text) => Ok(scalar),
            (_, kind) => Err(wrong(expression, Kind::Text, kind)),
        }
    }

    /// What is written is folded once, here.
    fn folded(&mut self, operator: Operator, inner: &Expression) -> Result<Scalar> {
        let fold = if operator == Operator::Casei { casei } else { accenti };
        Ok(match self.text(inner)? {
            Scalar::Text(text) => Scalar::Text(fold(&text)),
            other if operator == Operator::Casei => Scalar::Casei(Box::new(other)),
            other => Scalar::Accenti(Box::new(other)),
        })
    }

    fn like(&mut self, value: &Expression, pattern: &Expression) -> Result<Test> {
        let value = self.text(value)?;
        let Scalar::Text(pattern) = self.text(pattern)? else {
            return Err(invalid("the pattern of LIKE must be written out"));
        };
        let pattern = Pattern::of(&pattern);
        if pattern.len() > Pattern::MAX_CHARS {
            return Err(invalid(format!("a pattern of LIKE has at most {} characters", Pattern::MAX_CHARS)));
        }
        self.steps += pattern.len();
        Ok(Test::Like(value, pattern))
    }

    fn one_of(&mut self, value: &Expression, list: &Expression) -> Result<Test> {
        let mut scalars = Vec::with_capacity(list.children().len());
        let (mut first, before) = (None, self.steps);
        for one in list.children() {
            let (left, right) = self.alike(value, one)?;
            first.get_or_insert(left);
            scalars.push(right);
        }
        let Some(value) = first else { return Err(invalid("IN needs a list with a value")) };
        if scalars.iter().all(|scalar| matches!(scalar, Scalar::Text(_))) {
            self.steps = before + 2;
            let texts = scalars.into_iter().filter_map(|scalar| match scalar {
                Scalar::Text(text) => Some(text),
                _ => None,
            });
            return Ok(Test::OneOfTexts(value, texts.collect()));
        }
        Ok(Test::OneOf(value, scalars))
    }

    fn is_null(&mut self, operand: &Expression) -> Result<Test> {
        match operand {
            Expression::Property(name) if name == GEOMETRY && self.attribute(name).is_err() => Ok(Test::Unplaced),
            Expression::Geometry(_) | Expression::Bbox(_) | Expression::Interval(_) => Ok(Test::Constant(false)),
            _ => match self.scalar(operand)? {
                (Scalar::Truth(test), _) => Ok(Test::Undecided(test)),
                (scalar, _) => Ok(Test::Unknown(scalar)),
            },
        }
    }

    fn side(&mut self, expression: &Expression) -> Result<Side> {
        let geometry = match expression {
            Expression::Property(name) if name == GEOMETRY => return Ok(Side::Own),
            Expression::Property(name) => {
                // Unknown, or no geometry.
                let (_, kind) = self.attribute(name)?;
                return Err(Error::invalid(short(name), format!("{}, not a geometry", kind.word())));
            }
            Expression::Geometry(geometry) => geometry.clone(),
            // Only now is it known which of the numbers are latitudes.
            Expression::Bbox([_, south, _, north]) if south > north => {
                return Err(invalid("BBOX: its south lies north of its north; write west,south,east,north"));
            }
            Expression::Bbox(edges) => of_bbox(*edges),
            Expression::Call(name, _) => return Err(unknown_function(name)),
            _ => return Err(invalid("a spatial function takes geometries")),
        };
        self.steps += geometry.coords_count();
        Ok(Side::Fixed(Box::new(Fixed::of(&geometry)?)))
    }

    fn near(&mut self, all: &[Expression]) -> Result<Test> {
        let takes = || invalid(format!("{WITHIN_DISTANCE} takes geometry, a geometry written out and metres"));
        let [Expression::Property(own), place, Expression::Number(metres)] = all else { return Err(takes()) };
        let (Side::Own, Side::Fixed(fixed)) = (self.side(&Expression::Property(own.clone()))?, self.side(place)?)
        else {
            return Err(takes());
        };
        let metres = metres.as_f64();
        if !(0.0..=Place::MAX_DISTANCE_M).contains(&metres) {
            return Err(invalid(format!("{WITHIN_DISTANCE} takes 0 to {} metres", Place::MAX_DISTANCE_M)));
        }
        let place = Place::of(fixed.geometry()).ok_or_else(takes)?;
        Ok(Test::Near(Box::new(place), metres))
    }

    fn extent(&mut self, expression: &Expression) -> Result<Extent> {
        let Expression::Interval(ends) = expression else {
            return Ok(match self.moment(expression)? {
                Scalar::Time(instant) => Extent::Fixed(Period::at(instant)),
                scalar => Extent::Moment(scalar),
            });
        };
        let start = self.end_of_interval(&ends[0], Instant::BEGINNING)?;
        let end = self.end_of_interval(&ends[1], Instant::END)?;
        match (start, end) {
            (Scalar::Time(start), Scalar::Time(end)) if end.is_before(start) => {
                Err(invalid("an interval ends before it begins"))
            }
            (Scalar::Time(start), Scalar::Time(end)) => Ok(Extent::Fixed(Period { start, end })),
            (start, end) => Ok(Extent::Between(Box::new([start, end]))),
        }
    }

    fn end_of_interval(&mut self, end: &Expression, unbounded: Instant) -> Result<Scalar> {
        if *end == Expression::Unbounded { Ok(Scalar::Time(unbounded)) } else { self.moment(end) }
    }

    fn moment(&mut self, expression: &Expression) -> Result<Scalar> {
        if let Expression::Text(text) = expression {
            return as_time(text);
        }
        match self.scalar(expression)? {
            (scalar, Kind::Time) => Ok(scalar),
            (_, kind) => Err(wrong(expression, Kind::Time, kind)),
        }
    }

    fn array(&mut self, operator: Operator, all: &[Expression]) -> Result<Test> {
        for operand in all {
            if let Expression::Property(name) = operand {
                let (_, kind) = self.attribute(name)?;
                return Err(Error::invalid(
                    short(name),
                    format!("{}; {} asks of arrays, and no attribute here is one", kind.word(), operator.name()),
                ));
            }
        }
        Err(invalid(format!("{} asks of arrays, and no attribute here is one", operator.name())))
    }
}

fn as_time(text: &str) -> Result<Scalar> {
    Ok(Scalar::Time(match time::interval_end(text)? {
        Expression::Date(date) => Instant::of_date(date),
        Expression::Timestamp(at) => Instant::of_timestamp(at),
        _ => return Err(invalid("'..' is an end of an interval only")),
    }))
}

pub(crate) fn unknown_attribute(collection: &Collection, name: &str) -> Error {
    Error::invalid(short(name), format!("{} has no such attribute", collection.id))
}

fn unknown_function(name: &str) -> Error {
    invalid(format!("there is no function {:?}; there are those of CQL2 and {WITHIN_DISTANCE}", short(name)))
}

fn short(name: &str) -> String {
    name.chars().take(80).collect()
}

fn wrong(expression: &Expression, wanted: Kind, is: Kind) -> Error {
    match expression {
        Expression::Property(name) => {
            Error::invalid(short(name), format!("{}, used as if it were {}", is.word(), wanted.word()))
        }
        Expression::Number(number) => {
            invalid(format!("{}: {}, where {} is needed", Number::to_string(number), is.word(), wanted.word()))
        }
        Expression::Text(text) => invalid(format!("{:?}: a text, where {} is needed", short(text), wanted.word())),
        _ => invalid(format!("{} stands where {} is needed", is.word(), wanted.word())),
    }
}
