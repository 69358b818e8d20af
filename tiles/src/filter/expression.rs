//! What a filter says, the same for text and JSON.

use std::cell::RefCell;

use geo::{CoordsIter, Densify, Euclidean, Length, LinesIter, MapCoords};
use geo_types::{Coord, Geometry};
use jiff::Timestamp;
use jiff::civil::Date;
use misto_model::Result;

use super::Filter;
use super::number::Number;
use super::spatial::of_bbox;

/// An expression as it was written, without types.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    Operation(Operator, Vec<Expression>),
    /// A function that CQL2 does not know.
    Call(String, Vec<Expression>),
    Property(String),
    Text(String),
    Number(Number),
    Boolean(bool),
    Date(Date),
    Timestamp(Timestamp),
    Interval(Box<[Expression; 2]>),
    /// `..`, an end of an interval that is not there.
    Unbounded,
    Geometry(Geometry<f64>),
    /// West, south, east, north; heights are left out.
    Bbox([f64; 4]),
    List(Vec<Expression>),
}

macro_rules! operators {
    ($($name:ident $spelling:literal),* $(,)?) => {
        /// What CQL2 defines, by its spelling in JSON.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Operator { $($name),* }

        impl Operator {
            pub(crate) const ALL: &[Self] = &[$(Self::$name),*];

            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$name => $spelling),* }
            }
        }
    };
}

operators! {
    And "and", Or "or", Not "not",
    Equal "=", NotEqual "<>", Less "<", Greater ">", LessOrEqual "<=", GreaterOrEqual ">=",
    Like "like", Between "between", In "in", IsNull "isNull",
    Plus "+", Minus "-", Times "*", Divided "/", Remainder "%", Div "div", Power "^",
    Casei "casei", Accenti "accenti",
    Intersects "s_intersects", EqualShape "s_equals", Disjoint "s_disjoint", Touches "s_touches",
    Within "s_within", Overlaps "s_overlaps", Crosses "s_crosses", Contains "s_contains",
    After "t_after", Before "t_before", TimeContains "t_contains", TimeDisjoint "t_disjoint", During "t_during",
    TimeEquals "t_equals", FinishedBy "t_finishedBy", Finishes "t_finishes", TimeIntersects "t_intersects",
    Meets "t_meets", MetBy "t_metBy", OverlappedBy "t_overlappedBy", TimeOverlaps "t_overlaps",
    StartedBy "t_startedBy", Starts "t_starts",
    ArrayEquals "a_equals", ArrayContains "a_contains", ContainedBy "a_containedBy", ArrayOverlaps "a_overlaps",
}

impl Operator {
    /// The function of this name, in any case; not an operator that is written between its operands.
    pub(crate) fn function(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|op| op.is_function() && op.name().eq_ignore_ascii_case(name))
    }

    /// What JSON calls so.
    pub(crate) fn in_json(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|op| op.name().eq_ignore_ascii_case(name))
    }

    pub(crate) fn is_function(self) -> bool {
        matches!(self, Self::Casei | Self::Accenti) || self.is_spatial() || self.is_temporal() || self.is_array()
    }

    pub(crate) fn is_spatial(self) -> bool {
        self.name().starts_with("s_")
    }

    pub(crate) fn is_temporal(self) -> bool {
        self.name().starts_with("t_")
    }

    pub(crate) fn is_array(self) -> bool {
        self.name().starts_with("a_")
    }

    pub(crate) fn is_comparison(self) -> bool {
        use Operator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        matches!(self, Equal | NotEqual | Less | Greater | LessOrEqual | GreaterOrEqual)
    }

    pub(crate) fn is_arithmetic(self) -> bool {
        use Operator::{Div, Divided, Minus, Plus, Power, Remainder, Times};
        matches!(self, Plus | Minus | Times | Divided | Remainder | Div | Power)
    }

    /// How many operands it takes.
    pub(crate) fn operands(self) -> std::ops::RangeInclusive<usize> {
        match self {
            Self::And | Self::Or => 2..=usize::MAX,
            Self::Not | Self::IsNull | Self::Casei | Self::Accenti => 1..=1,
            Self::Between => 3..=3,
            _ => 2..=2,
        }
    }
}

impl Expression {
    /// `and` or `or`; what is nested in its like becomes part of it, since the order of
    /// brackets means nothing there.
    pub(crate) fn joined(operator: Operator, operands: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(operands.len());
        for operand in operands {
            match operand {
                Self::Operation(inner, of_inner) if inner == operator => flat.extend(of_inner),
                other => flat.push(other),
            }
        }
        Self::Operation(operator, flat)
    }

    pub(crate) fn not(self) -> Self {
        Self::Operation(Operator::Not, vec![self])
    }

    pub(crate) fn children(&self) -> &[Self] {
        match self {
            Self::Operation(_, all) | Self::Call(_, all) | Self::List(all) => all,
            Self::Interval(ends) => ends.as_slice(),
            _ => &[],
        }
    }

    fn children_mut(&mut self) -> &mut [Self] {
        match self {
            Self::Operation(_, all) | Self::Call(_, all) | Self::List(all) => all,
            Self::Interval(ends) => ends.as_mut_slice(),
            _ => &mut [],
        }
    }

    pub(crate) fn operators(&self) -> usize {
        let own = usize::from(matches!(self, Self::Operation(..) | Self::Call(..)));
        own + self.children().iter().map(Self::operators).sum::<usize>()
    }

    pub(crate) fn reproject(&mut self, step: f64, place: &dyn Fn(Coord<f64>) -> Result<Coord<f64>>) -> Result<()> {
        match self {
            Self::Geometry(geometry) => *geometry = moved(&divided(geometry, step), place)?,
            Self::Bbox(edges) => *self = Self::Geometry(moved(&divided(&of_bbox(*edges), step), place)?),
            _ => self.children_mut().iter_mut().try_for_each(|child| child.reproject(step, place))?,
        }
        Ok(())
    }

    pub(crate) fn each_place(&self, look: &dyn Fn(Coord<f64>) -> Result<()>) -> Result<()> {
        match self {
            Self::Geometry(geometry) => geometry.coords_iter().try_for_each(look),
            Self::Bbox([west, south, east, north]) => {
                [(*west, *south), (*east, *north)].into_iter().try_for_each(|corner| look(corner.into()))
            }
            _ => self.children().iter().try_for_each(|child| child.each_place(look)),
        }
    }

    pub(crate) fn exchange_axes(&mut self) {
        match self {
            Self::Geometry(geometry) => *geometry = geometry.map_coords(|at| Coord { x: at.y, y: at.x }),
            Self::Bbox([a, b, c, d]) => (*a, *b, *c, *d) = (*b, *a, *d, *c),
            _ => self.children_mut().iter_mut().for_each(Self::exchange_axes),
        }
    }
}

/// The geometry with no edge longer than `step`, unless that would make too many of them.
fn divided(geometry: &Geometry<f64>, step: f64) -> Geometry<f64> {
    match geometry {
        Geometry::LineString(line) => Euclidean.densify(line, fair(line, step)).into(),
        Geometry::MultiLineString(lines) => Euclidean.densify(lines, fair(lines, step)).into(),
        Geometry::Polygon(polygon) => Euclidean.densify(polygon, fair(polygon, step)).into(),
        Geometry::MultiPolygon(polygons) => Euclidean.densify(polygons, fair(polygons, step)).into(),
        Geometry::GeometryCollection(all) => {
            Geometry::GeometryCollection(all.iter().map(|one| divided(one, step)).collect())
        }
        other => other.clone(),
    }
}

fn fair<'a>(shape: &'a impl LinesIter<'a, Scalar = f64>, step: f64) -> f64 {
    let length: f64 = shape.lines_iter().map(|edge| Euclidean.length(&edge)).sum();
    step.max(length / Filter::MOST_PARTS as f64)
}

/// The geometry with every place moved, or what the first place that cannot be says.
fn moved(geometry: &Geometry<f64>, place: &dyn Fn(Coord<f64>) -> Result<Coord<f64>>) -> Result<Geometry<f64>> {
    let failed = RefCell::new(None);
    let moved = geometry.map_coords(|at| {
        place(at).unwrap_or_else(|wrong| {
            failed.borrow_mut().get_or_insert(wrong);
            at
        })
    });
    failed.into_inner().map_or(Ok(moved), Err)
}
