//! Zones cut into blocks by streets that the generator lays.

use geo::{Area, BooleanOps, BoundingRect};
use geo_types::{LineString, MultiLineString, MultiPolygon, Polygon};

use crate::network::Line;
use crate::plane::{self, Point};
use crate::sketch::streets::Class;
use crate::sketch::zones::{Built, Zone};
use crate::sketch::{on_board, zones::ZONES};
use misto_sample_layers::Chance;

/// Ground between streets, to the kerb line.
pub struct Block {
    pub built: Built,
    pub shape: Polygon<f64>,
}

/// How large blocks grow and what street divides them.
struct Measure {
    longest_m: f64,
    widest_m: f64,
    class: Class,
}

fn measure(built: Built) -> Measure {
    let (longest_m, widest_m, class) = match built {
        Built::Perimeter => (150.0, 125.0, Class::Residential),
        Built::Villas => (230.0, 135.0, Class::Residential),
        Built::Slabs => (300.0, 230.0, Class::Residential),
        Built::Industry => (330.0, 240.0, Class::Service),
        Built::Houses => (470.0, 200.0, Class::Residential),
        Built::Village => (620.0, 400.0, Class::Residential),
    };
    Measure { longest_m, widest_m, class }
}

/// Cuts all zones; `kept_free` is water, railway, parks and the corridors of drawn
/// streets. New streets are added to `lines`.
pub fn lay_out(kept_free: &MultiPolygon<f64>, lines: &mut Vec<Line>) -> Vec<Block> {
    let mut taken = kept_free.clone();
    let mut blocks = Vec::new();
    for (number, zone) in ZONES.iter().enumerate() {
        let outline = MultiPolygon(vec![plane::polygon(on_board(zone.outline))]);
        let free = plane::without(&outline, &taken);
        taken = taken.union(&outline);
        let mut chance = Chance::new(&format!("blocks of zone {number}"));
        for part in free {
            cut(part, zone, &mut chance, lines, &mut blocks);
        }
    }
    blocks
}

fn cut(part: Polygon<f64>, zone: &Zone, chance: &mut Chance, lines: &mut Vec<Line>, blocks: &mut Vec<Block>) {
    let area = part.unsigned_area();
    if area < 500.0 {
        return;
    }
    let measure = measure(zone.built);
    let frame = Frame::around(&part);
    let across_long = frame.length > measure.longest_m;
    if !across_long && frame.width <= measure.widest_m {
        blocks.push(Block { built: zone.built, shape: part });
        return;
    }
    let (direction, extent) =
        if across_long { (frame.axis, frame.length) } else { (plane::left(frame.axis), frame.width) };
    let middle = frame.centre + direction * (extent * chance.between(-0.07, 0.07));
    let across = plane::left(direction);
    let reach = frame.length + frame.width;
    let line = [middle - across * reach, middle + across * reach];
    let half = measure.class.half_corridor_m();
    let strip = MultiPolygon(vec![plane::rectangle(middle, across, reach, half)]);
    let pieces = MultiPolygon(vec![part.clone()]).difference(&strip);
    if pieces.0.len() < 2 {
        blocks.push(Block { built: zone.built, shape: part });
        return;
    }
    let clipped = part.clip(&MultiLineString(vec![LineString(line.to_vec())]), false);
    for piece in clipped {
        let mut points: Vec<Point> = piece.0.into_iter().map(plane::snap).collect();
        points.dedup();
        if points.len() > 1 && plane::line_length(&points) > 25.0 {
            let ends = vec![points[0], points[points.len() - 1]];
            lines.push(Line { name: "", name_en: "", class: measure.class, points: ends, drawn: false });
        }
    }
    for piece in pieces {
        cut(piece, zone, chance, lines, blocks);
    }
}

/// The smallest rectangle around a shape, found over the directions of its hull.
pub struct Frame {
    pub centre: Point,
    /// Direction of the long side.
    pub axis: Point,
    pub length: f64,
    pub width: f64,
}

impl Frame {
    pub fn around(shape: &Polygon<f64>) -> Self {
        use geo::ConvexHull;
        let hull = shape.convex_hull();
        let ring = &hull.exterior().0;
        let bounds = shape.bounding_rect();
        let mut best: Option<(f64, Self)> = None;
        for w in ring.windows(2) {
            let u = plane::unit(w[1] - w[0]);
            let v = plane::left(u);
            let span = |d: Point| {
                ring.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &p| {
                    let x = plane::dot(p, d);
                    (low.min(x), high.max(x))
                })
            };
            let ((u0, u1), (v0, v1)) = (span(u), span(v));
            let (lu, lv) = (u1 - u0, v1 - v0);
            let centre = u * (u0 + u1) / 2.0 + v * (v0 + v1) / 2.0;
            let frame = if lu >= lv {
                Self { centre, axis: u, length: lu, width: lv }
            } else {
                Self { centre, axis: v, length: lv, width: lu }
            };
            if best.as_ref().is_none_or(|(area, _)| lu * lv < *area - 1e-6) {
                best = Some((lu * lv, frame));
            }
        }
        best.map(|(_, frame)| frame).unwrap_or_else(|| {
            let centre = bounds.map(|b| b.center()).unwrap_or_default();
            Self { centre, axis: Point { x: 1.0, y: 0.0 }, length: 0.0, width: 0.0 }
        })
    }
}
