//! Spatial predicates (OGC 21-065r2, 7.3 and 7.8), on longitude and latitude as a plane.

use geo::{BoundingRect, Intersects, PreparedGeometry, Relate, Validation};
use geo_types::{Coord, Geometry, Rect};
use misto_model::Result;

use super::expression::Operator;
use super::invalid;

/// A geometry that the filter names.
pub(crate) struct Fixed {
    prepared: PreparedGeometry<'static, Geometry<f64>>,
    bounds: Rect<f64>,
}

impl Fixed {
    /// # Errors
    /// `Invalid` (`filter`) for a geometry that crosses itself or is empty: nothing can be said of it.
    pub(crate) fn of(geometry: &Geometry<f64>) -> Result<Self> {
        if let Err(wrong) = geometry.check_validation() {
            return Err(invalid(format!("a geometry in it is not valid: {wrong}")));
        }
        let bounds = geometry.bounding_rect().ok_or_else(|| invalid("a geometry in it is empty"))?;
        Ok(Self { prepared: PreparedGeometry::from(geometry.clone()), bounds })
    }

    pub(crate) fn bounds(&self) -> Rect<f64> {
        self.bounds
    }

    pub(crate) fn geometry(&self) -> &Geometry<f64> {
        self.prepared.geometry()
    }
}

/// The geometry of the feature or one that the filter names.
pub(crate) enum Side {
    Own,
    Fixed(Box<Fixed>),
}

/// Whether the relation holds; unknown for a feature without geometry, and, but for
/// intersection, for one whose geometry crosses itself.
pub(crate) fn relation(operator: Operator, left: &Side, right: &Side, own: Option<&Geometry<f64>>) -> Option<bool> {
    match (left, right) {
        (Side::Own, Side::Fixed(fixed)) => with_fixed(operator, own?, fixed),
        (Side::Fixed(fixed), Side::Own) => with_fixed(turned(operator), own?, fixed),
        (Side::Own, Side::Own) => {
            let own = own?;
            between(operator, own, own)
        }
        (Side::Fixed(left), Side::Fixed(right)) => between(operator, left.geometry(), right.geometry()),
    }
}

fn with_fixed(operator: Operator, own: &Geometry<f64>, fixed: &Fixed) -> Option<bool> {
    let near = own.bounding_rect()?.intersects(&fixed.bounds);
    match operator {
        Operator::Disjoint => Some(!near || !own.intersects(fixed.geometry())),
        _ if !near => Some(false),
        Operator::Intersects => Some(own.intersects(fixed.geometry())),
        // The matrix is told from the side of the named geometry.
        _ => own.is_valid().then(|| holds(turned(operator), &fixed.prepared.relate(own))),
    }
}

fn between(operator: Operator, left: &Geometry<f64>, right: &Geometry<f64>) -> Option<bool> {
    match operator {
        Operator::Intersects => Some(left.intersects(right)),
        Operator::Disjoint => Some(!left.intersects(right)),
        _ => (left.is_valid() && right.is_valid()).then(|| holds(operator, &left.relate(right))),
    }
}

fn holds(operator: Operator, matrix: &geo::relate::IntersectionMatrix) -> bool {
    match operator {
        Operator::EqualShape => matrix.is_equal_topo(),
        Operator::Touches => matrix.is_touches(),
        Operator::Within => matrix.is_within(),
        Operator::Contains => matrix.is_contains(),
        Operator::Overlaps => matrix.is_overlaps(),
        Operator::Crosses => matrix.is_crosses(),
        Operator::Disjoint => matrix.is_disjoint(),
        _ => matrix.is_intersects(),
    }
}

/// The same said from the other side.
fn turned(operator: Operator) -> Operator {
    match operator {
        Operator::Within => Operator::Contains,
        Operator::Contains => Operator::Within,
        same => same,
    }
}

/// A box as a geometry; one whose west lies east of its east crosses the antimeridian
/// and is two.
pub(crate) fn of_bbox([west, south, east, north]: [f64; 4]) -> Geometry<f64> {
    let rect = |west: f64, east: f64| Rect::new(Coord { x: west, y: south }, Coord { x: east, y: north });
    if south == north || west == east {
        // No area: a polygon of it would cross itself.
        let ends = vec![Coord { x: west, y: south }, Coord { x: east, y: north }];
        if ends[0] == ends[1] {
            return geo_types::Point(ends[0]).into();
        }
        return geo_types::LineString(ends).into();
    }
    if west <= east {
        return rect(west, east).to_polygon().into();
    }
    geo_types::MultiPolygon(vec![rect(west, 180.0).to_polygon(), rect(-180.0, east).to_polygon()]).into()
}
