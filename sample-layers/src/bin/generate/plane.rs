//! The drawing board: metres east and north of the board's origin, and the few
//! shapes drawn on it. Only + − × ÷ and square roots are used, which IEEE 754
//! rounds alike on every machine.

use geo::BooleanOps;
use geo_types::{Coord, LineString, MultiPolygon, Polygon};

/// A place on the board, metres.
pub type Point = Coord<f64>;

const ORIGIN_LON: f64 = 24.71;
const ORIGIN_LAT: f64 = 48.92;
/// Metres in a degree of longitude at 48.92° N, WGS 84.
const LON_M: f64 = 73_295.0;
/// Metres in a degree of latitude at 48.92° N, WGS 84.
const LAT_M: f64 = 111_220.0;

/// Board place of a longitude and latitude in degrees.
pub fn board(lon: f64, lat: f64) -> Point {
    snap(Point { x: (lon - ORIGIN_LON) * LON_M, y: (lat - ORIGIN_LAT) * LAT_M })
}

/// Longitude and latitude in degrees, rounded to a millionth (7 cm).
pub fn degrees(p: Point) -> Coord<f64> {
    let round = |v: f64| (v * 1e6).round() / 1e6;
    Coord { x: round(ORIGIN_LON + p.x / LON_M), y: round(ORIGIN_LAT + p.y / LAT_M) }
}

/// Rounded to a centimetre, so that equal places are equal numbers.
pub fn snap(p: Point) -> Point {
    Point { x: (p.x * 100.0).round() / 100.0, y: (p.y * 100.0).round() / 100.0 }
}

/// Whole centimetres: a key for maps.
pub fn key(p: Point) -> (i64, i64) {
    ((p.x * 100.0).round() as i64, (p.y * 100.0).round() as i64)
}

/// Metres between two places.
pub fn distance(a: Point, b: Point) -> f64 {
    length(b - a)
}

/// Metres of a vector.
pub fn length(v: Point) -> f64 {
    (v.x * v.x + v.y * v.y).sqrt()
}

/// The vector of length one; east for a vector of no length.
pub fn unit(v: Point) -> Point {
    let l = length(v);
    if l < 1e-9 { Point { x: 1.0, y: 0.0 } } else { v / l }
}

/// Turned a quarter to the left.
pub fn left(v: Point) -> Point {
    Point { x: -v.y, y: v.x }
}

/// Dot product.
pub fn dot(a: Point, b: Point) -> f64 {
    a.x * b.x + a.y * b.y
}

/// Cross product: positive when `b` lies to the left of `a`.
pub fn cross(a: Point, b: Point) -> f64 {
    a.x * b.y - a.y * b.x
}

/// Share of the way from `a` to `b`.
pub fn along(a: Point, b: Point, share: f64) -> Point {
    a + (b - a) * share
}

/// Where on the segment `a`–`b` the nearest place to `p` lies (share 0…1), and how far it is.
pub fn nearest_on(p: Point, a: Point, b: Point) -> (f64, f64) {
    let d = b - a;
    let l2 = dot(d, d);
    let share = if l2 < 1e-12 { 0.0 } else { (dot(p - a, d) / l2).clamp(0.0, 1.0) };
    (share, distance(p, along(a, b, share)))
}

/// Where the segments cross: shares on the first and the second.
pub fn crossing(a: (Point, Point), b: (Point, Point)) -> Option<(f64, f64)> {
    let (d, e) = (a.1 - a.0, b.1 - b.0);
    let area = cross(d, e);
    if area.abs() < 1e-9 {
        return None;
    }
    let gap = b.0 - a.0;
    let (s, t) = (cross(gap, e) / area, cross(gap, d) / area);
    ((0.0..=1.0).contains(&s) && (0.0..=1.0).contains(&t)).then_some((s, t))
}

/// Metres of a line.
pub fn line_length(line: &[Point]) -> f64 {
    line.windows(2).map(|w| distance(w[0], w[1])).sum()
}

/// Place and direction `metres` from the start of a line; ends are kept.
pub fn at(line: &[Point], metres: f64) -> (Point, Point) {
    let mut left_over = metres.max(0.0);
    for w in line.windows(2) {
        let l = distance(w[0], w[1]);
        if left_over <= l && l > 0.0 {
            return (along(w[0], w[1], left_over / l), unit(w[1] - w[0]));
        }
        left_over -= l;
    }
    let n = line.len();
    (line[n - 1], unit(line[n - 1] - line[n - 2]))
}

/// Nearest place of a line: metres from its start, and the distance to it.
pub fn locate(line: &[Point], p: Point) -> (f64, f64) {
    let (mut best, mut walked) = ((0.0, f64::INFINITY), 0.0);
    for w in line.windows(2) {
        let (share, d) = nearest_on(p, w[0], w[1]);
        let l = distance(w[0], w[1]);
        if d < best.1 {
            best = (walked + share * l, d);
        }
        walked += l;
    }
    best
}

/// A smooth line through the control points (cubic Hermite over chord length), a vertex each `step` metres.
pub fn smooth(control: &[Point], step: f64) -> Vec<Point> {
    let n = control.len();
    if n < 3 {
        return control.to_vec();
    }
    let chord: Vec<f64> = control.windows(2).map(|w| distance(w[0], w[1]).max(0.01)).collect();
    let slope = |i: usize| (control[i + 1] - control[i]) / chord[i];
    let tangent: Vec<Point> = (0..n)
        .map(|i| match i {
            0 => slope(0),
            i if i == n - 1 => slope(n - 2),
            i => (slope(i) * chord[i - 1] + slope(i - 1) * chord[i]) / (chord[i] + chord[i - 1]),
        })
        .collect();
    let mut out = vec![control[0]];
    for i in 0..n - 1 {
        let pieces = (chord[i] / step).ceil().max(1.0) as usize;
        for k in 1..=pieces {
            let t = k as f64 / pieces as f64;
            let (t2, t3) = (t * t, t * t * t);
            out.push(
                control[i] * (2.0 * t3 - 3.0 * t2 + 1.0)
                    + tangent[i] * (chord[i] * (t3 - 2.0 * t2 + t))
                    + control[i + 1] * (3.0 * t2 - 2.0 * t3)
                    + tangent[i + 1] * (chord[i] * (t3 - t2)),
            );
        }
    }
    out.into_iter().map(snap).collect()
}

/// Vertices that matter by more than `tolerance` metres (Ramer, Douglas, Peucker).
pub fn thin(line: &[Point], tolerance: f64) -> Vec<Point> {
    if line.len() < 3 {
        return line.to_vec();
    }
    let (a, b) = (line[0], line[line.len() - 1]);
    let far = |p: Point| nearest_on(p, a, b).1;
    let (mut index, mut most) = (0, 0.0);
    for (i, &p) in line.iter().enumerate().take(line.len() - 1).skip(1) {
        if far(p) > most {
            (index, most) = (i, far(p));
        }
    }
    if most <= tolerance {
        return vec![a, b];
    }
    let mut first = thin(&line[..=index], tolerance);
    first.pop();
    first.extend(thin(&line[index..], tolerance));
    first
}

/// [`thin`] for a closed ring, which has no ends of its own.
pub fn thin_ring(ring: &[Point], tolerance: f64) -> Vec<Point> {
    let half = ring.len() / 2;
    let mut out = thin(&ring[..=half], tolerance);
    out.pop();
    out.extend(thin(&ring[half..], tolerance));
    out
}

/// Twice the area inside the corners, positive when they run to the left.
pub fn turn(corners: &[Point]) -> f64 {
    (0..corners.len()).map(|i| cross(corners[i], corners[(i + 1) % corners.len()])).sum()
}

/// A closed polygon of these corners, its outline running to the left (as the
/// overlay rules of `geo` expect).
pub fn polygon(mut corners: Vec<Point>) -> Polygon<f64> {
    if turn(&corners) < 0.0 {
        corners.reverse();
    }
    if let (Some(&first), Some(&last)) = (corners.first(), corners.last())
        && first != last
    {
        corners.push(first);
    }
    Polygon::new(LineString(corners), vec![])
}

/// A rectangle: centre, direction of its length, half length, half width.
pub fn rectangle(centre: Point, direction: Point, half_length: f64, half_width: f64) -> Polygon<f64> {
    let (u, v) = (direction * half_length, left(direction) * half_width);
    polygon(vec![centre - u - v, centre + u - v, centre + u + v, centre - u + v])
}

/// Everything within `half` metres of a line, with cut corners at its joints.
pub fn corridor(line: &[Point], half: f64) -> MultiPolygon<f64> {
    const CUT: f64 = 0.414_213_562_373_095_1;
    let mut parts = Vec::new();
    for w in line.windows(2) {
        let l = distance(w[0], w[1]);
        if l > 0.0 {
            parts.push(rectangle(along(w[0], w[1], 0.5), (w[1] - w[0]) / l, l / 2.0, half));
        }
    }
    for &p in line {
        let c = half * CUT;
        let corner = |x: f64, y: f64| Point { x: p.x + x, y: p.y + y };
        parts.push(polygon(vec![
            corner(half, -c),
            corner(half, c),
            corner(c, half),
            corner(-c, half),
            corner(-half, c),
            corner(-half, -c),
            corner(-c, -half),
            corner(c, -half),
        ]));
    }
    geo::unary_union(&parts)
}

/// What is left of `from` without `cut`.
pub fn without(from: &MultiPolygon<f64>, cut: &MultiPolygon<f64>) -> MultiPolygon<f64> {
    from.difference(cut)
}
