//! A line on the ground measured in metres: where along it a place lies.

use misto_model::Position;

/// Metres of one degree of latitude on the mean sphere (IUGG 1980, R1).
const METRES_PER_DEGREE: f64 = 111_195.08;

/// A polyline with its length so far at every vertex. Plane metres around its first
/// vertex: right to 0.1 % within a city.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    positions: Vec<Position>,
    places: Vec<[f64; 2]>,
    along_m: Vec<f64>,
    origin: Position,
    metres_per_lon: f64,
}

/// Where a place lies beside a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Projected {
    /// Metres from the start of the line.
    pub along_m: f64,
    /// Metres from the line.
    pub off_m: f64,
    /// Direction of the line there, degrees clockwise from north, 0 ≤ b < 360.
    pub bearing_deg: f64,
}

impl Line {
    /// `None` for fewer than two different positions.
    pub fn new(positions: &[Position]) -> Option<Self> {
        let origin = *positions.first()?;
        let metres_per_lon = METRES_PER_DEGREE * origin.lat.degrees().to_radians().cos();
        let mut line = Self { positions: Vec::new(), places: Vec::new(), along_m: Vec::new(), origin, metres_per_lon };
        for &position in positions {
            let place = line.place(position);
            let Some(last) = line.places.last() else {
                line.push(position, place, 0.0);
                continue;
            };
            let step_m = distance(*last, place);
            if step_m > 0.0 {
                let so_far_m = line.length_m();
                line.push(position, place, so_far_m + step_m);
            }
        }
        (line.places.len() > 1).then_some(line)
    }

    fn push(&mut self, position: Position, place: [f64; 2], along_m: f64) {
        self.positions.push(position);
        self.places.push(place);
        self.along_m.push(along_m);
    }

    fn place(&self, position: Position) -> [f64; 2] {
        [
            (position.lon.degrees() - self.origin.lon.degrees()) * self.metres_per_lon,
            (position.lat.degrees() - self.origin.lat.degrees()) * METRES_PER_DEGREE,
        ]
    }

    /// Metres from one end to the other.
    pub fn length_m(&self) -> f64 {
        self.along_m.last().copied().unwrap_or_default()
    }

    /// The vertices; none twice in a row.
    pub fn positions(&self) -> &[Position] {
        &self.positions
    }

    /// The nearest place of the part of the line between two distances from its start;
    /// the first of equally near ones. `None` when no part lies between them.
    pub fn project_between(&self, position: Position, from_m: f64, to_m: f64) -> Option<Projected> {
        let place = self.place(position);
        let first = self.along_m.partition_point(|along| *along <= from_m).max(1) - 1;
        let mut best: Option<Projected> = None;
        for segment in first..self.places.len() - 1 {
            if self.along_m[segment] > to_m {
                break;
            }
            let found = self.project_on(segment, place, from_m, to_m);
            if found.is_some_and(|found| best.is_none_or(|best| found.off_m < best.off_m)) {
                best = found;
            }
        }
        best
    }

    /// The nearest place of the whole line.
    pub fn project(&self, position: Position) -> Projected {
        let start = Projected { along_m: 0.0, off_m: f64::INFINITY, bearing_deg: 0.0 };
        self.project_between(position, 0.0, self.length_m()).unwrap_or(start)
    }

    /// Every place where the line comes near, one for each time it passes within
    /// `within_m`, in the order of the line: a loop passes one stop twice.
    pub fn passes(&self, position: Position, within_m: f64) -> Vec<Projected> {
        let place = self.place(position);
        let mut passes: Vec<Projected> = Vec::new();
        for segment in 0..self.places.len() - 1 {
            let Some(found) = self.project_on(segment, place, 0.0, f64::INFINITY) else { continue };
            if found.off_m > within_m {
                continue;
            }
            // Along one segment the distance has no second minimum: between two passes a
            // vertex is far.
            let goes_on = distance(self.places[segment], place) <= within_m;
            match passes.last_mut().filter(|_| goes_on) {
                Some(last) if found.off_m < last.off_m => *last = found,
                Some(_) => {}
                None => passes.push(found),
            }
        }
        passes
    }

    fn project_on(&self, segment: usize, place: [f64; 2], from_m: f64, to_m: f64) -> Option<Projected> {
        let ([ax, ay], [bx, by]) = (self.places[segment], self.places[segment + 1]);
        let start_m = self.along_m[segment];
        let length_m = self.along_m[segment + 1] - start_m;
        let (dx, dy) = ((bx - ax) / length_m, (by - ay) / length_m);
        let wanted_m = (place[0] - ax) * dx + (place[1] - ay) * dy;
        let (low_m, high_m) = ((from_m - start_m).max(0.0), (to_m - start_m).min(length_m));
        if low_m > high_m {
            return None;
        }
        let step_m = wanted_m.clamp(low_m, high_m);
        let nearest = [ax + dx * step_m, ay + dy * step_m];
        let bearing_deg = dx.atan2(dy).to_degrees().rem_euclid(360.0) % 360.0;
        Some(Projected { along_m: start_m + step_m, off_m: distance(nearest, place), bearing_deg })
    }

    /// The place so many metres from the start; an end when it lies beyond.
    pub fn at(&self, along_m: f64) -> Position {
        let next = self.along_m.partition_point(|so_far| *so_far < along_m).clamp(1, self.places.len() - 1);
        let (a, b) = (self.positions[next - 1], self.positions[next]);
        let part = ((along_m - self.along_m[next - 1]) / (self.along_m[next] - self.along_m[next - 1])).clamp(0.0, 1.0);
        let between = |from: f64, to: f64| from + (to - from) * part;
        Position::new(between(a.lon.degrees(), b.lon.degrees()), between(a.lat.degrees(), b.lat.degrees())).unwrap_or(a)
    }
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lon: f64, lat: f64) -> Position {
        Position::new(lon, lat).unwrap()
    }

    /// East for a kilometre and back on the same street.
    fn there_and_back() -> Line {
        Line::new(&[at(24.70, 48.92), at(24.7137, 48.92), at(24.7137, 48.92), at(24.70, 48.92)]).unwrap()
    }

    #[test]
    fn a_place_lies_along_and_beside() {
        let line = there_and_back();
        assert_eq!(line.positions().len(), 3);
        assert!((line.length_m() - 2_002.0).abs() < 2.0, "{}", line.length_m());
        let found = line.project(at(24.7068, 48.9201));
        assert!((found.along_m - 497.0).abs() < 2.0, "{found:?}");
        assert!((found.off_m - 11.1).abs() < 0.1, "{found:?}");
        assert!((found.bearing_deg - 90.0).abs() < 0.01);
        assert!(line.at(found.along_m).distance_m(at(24.7068, 48.92)) < 0.5);
    }

    #[test]
    fn the_way_back_is_another_part_of_the_line() {
        let line = there_and_back();
        let back = line.project_between(at(24.7068, 48.92), 1_100.0, 2_002.0).unwrap();
        assert!((back.along_m - 1_505.0).abs() < 5.0, "{back:?}");
        assert!((back.bearing_deg - 270.0).abs() < 0.01);
        let passes = line.passes(at(24.7068, 48.92), 20.0);
        assert_eq!(passes.len(), 2, "{passes:?}");
        assert_eq!(line.project_between(at(24.7, 48.92), 3_000.0, 4_000.0), None);
    }

    #[test]
    fn a_point_is_no_line() {
        assert_eq!(Line::new(&[at(24.7, 48.9), at(24.7, 48.9)]), None);
        assert_eq!(Line::new(&[]), None);
    }
}
