//! A line in degrees that can be walked in metres.

/// Longitude and latitude, degrees.
pub type Place = (f64, f64);

/// Metres in a degree of longitude and of latitude at the demo city, WGS 84.
const LON_M: f64 = 73_295.0;
const LAT_M: f64 = 111_220.0;

/// Metres between two places of the city (flat; good to a centimetre over 100 m).
pub fn metres(a: Place, b: Place) -> f64 {
    let (x, y) = ((b.0 - a.0) * LON_M, (b.1 - a.1) * LAT_M);
    (x * x + y * y).sqrt()
}

/// The place moved by metres east and north.
pub fn moved(p: Place, east: f64, north: f64) -> Place {
    (p.0 + east / LON_M, p.1 + north / LAT_M)
}

/// Degrees clockwise from north, 0 ≤ b < 360.
pub fn bearing(a: Place, b: Place) -> f64 {
    let degrees = ((b.0 - a.0) * LON_M).atan2((b.1 - a.1) * LAT_M).to_degrees();
    if degrees < 0.0 { degrees + 360.0 } else { degrees }
}

/// A line with the metres from its start to each vertex.
#[derive(Debug, Clone, Default)]
pub struct Polyline {
    places: Vec<Place>,
    from_start: Vec<f64>,
}

impl Polyline {
    pub fn new(places: Vec<Place>) -> Self {
        let mut from_start = Vec::with_capacity(places.len());
        let mut walked = 0.0;
        for (i, &p) in places.iter().enumerate() {
            if i > 0 {
                walked += metres(places[i - 1], p);
            }
            from_start.push(walked);
        }
        Self { places, from_start }
    }

    pub fn length_m(&self) -> f64 {
        self.from_start.last().copied().unwrap_or(0.0)
    }

    /// Place and bearing at a distance from the start; before and beyond, the ends.
    pub fn at(&self, distance_m: f64) -> Option<(Place, f64)> {
        if self.places.len() < 2 {
            return None;
        }
        let after = self.from_start.partition_point(|&m| m <= distance_m).clamp(1, self.places.len() - 1);
        let (a, b) = (self.places[after - 1], self.places[after]);
        let long = (self.from_start[after] - self.from_start[after - 1]).max(1e-9);
        let share = ((distance_m - self.from_start[after - 1]) / long).clamp(0.0, 1.0);
        Some(((a.0 + (b.0 - a.0) * share, a.1 + (b.1 - a.1) * share), bearing(a, b)))
    }

    /// Distance from the start to the place nearest to `p` that lies beyond `from_m`,
    /// looking no farther than `reach_m`.
    pub fn locate(&self, p: Place, from_m: f64, reach_m: f64) -> f64 {
        let (mut best, mut here) = ((from_m, f64::INFINITY), from_m);
        while here <= (from_m + reach_m).min(self.length_m()) {
            if let Some((q, _)) = self.at(here) {
                let off = metres(p, q);
                if off < best.1 {
                    best = (here, off);
                }
            }
            here += 2.0;
        }
        best.0
    }
}
