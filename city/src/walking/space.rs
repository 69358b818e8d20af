//! Degrees to metres and back, for one city.

/// Longitude and latitude, degrees, WGS 84.
pub type Place = [f64; 2];
/// Longitude and latitude in ten-millionths of a degree: 1 cm.
pub(super) type Fixed = [i32; 2];

/// Degrees in a [`Fixed`].
const STEPS: f64 = 1e7;
/// Metres of one degree on the mean sphere.
const DEGREE_M: f64 = 111_195.08;

/// A flat picture of the city around its first place. Distances are right to 0.1 % within
/// about ten kilometres north or south of it and to 1 % within a hundred.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    origin: Place,
    east_m: f64,
}

impl Frame {
    pub fn around(origin: Place) -> Self {
        Self { origin, east_m: DEGREE_M * origin[1].to_radians().cos() }
    }

    /// Metres east and north of the origin.
    pub fn metres(&self, place: Place) -> [f64; 2] {
        [(place[0] - self.origin[0]) * self.east_m, (place[1] - self.origin[1]) * DEGREE_M]
    }

    /// Back to degrees.
    pub fn place(&self, metres: [f64; 2]) -> Place {
        [self.origin[0] + metres[0] / self.east_m, self.origin[1] + metres[1] / DEGREE_M]
    }

    pub fn of_fixed(&self, fixed: Fixed) -> [f64; 2] {
        self.metres(degrees(fixed))
    }

    pub fn distance_m(&self, a: Place, b: Place) -> f64 {
        between(self.metres(a), self.metres(b))
    }
}

pub(super) fn between(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

pub(super) fn fixed(place: Place) -> Fixed {
    place.map(|degrees| (degrees * STEPS).round() as i32)
}

pub(super) fn degrees(fixed: Fixed) -> Place {
    fixed.map(|steps| f64::from(steps) / STEPS)
}

/// Whether it is a place on earth, and not 0,0 where lost places lie.
pub(super) fn is_place(place: Place) -> bool {
    (-180.0..=180.0).contains(&place[0]) && (-90.0..=90.0).contains(&place[1]) && place != [0.0, 0.0]
}

/// Compass bearing from one place in metres to another, degrees; `None` where they are one.
pub(super) fn bearing(from: [f64; 2], to: [f64; 2]) -> Option<f64> {
    if between(from, to) < 0.05 {
        return None;
    }
    Some((to[0] - from[0]).atan2(to[1] - from[1]).to_degrees().rem_euclid(360.0))
}

/// The nearest place of the piece `a`–`b`, the share of the piece before it, and how far it is.
pub(super) fn nearest_on(a: [f64; 2], b: [f64; 2], to: [f64; 2]) -> ([f64; 2], f64, f64) {
    let along = [b[0] - a[0], b[1] - a[1]];
    let square = along[0] * along[0] + along[1] * along[1];
    let share = if square == 0.0 {
        0.0
    } else {
        (((to[0] - a[0]) * along[0] + (to[1] - a[1]) * along[1]) / square).clamp(0.0, 1.0)
    };
    let found = [a[0] + share * along[0], a[1] + share * along[1]];
    (found, share, between(found, to))
}

/// Numbers that lie near each other for places that lie near each other (Morton order).
pub(super) fn order(fixed: Fixed) -> u64 {
    let spread = |value: i32| {
        let mut bits = u64::from(value as u32 ^ 0x8000_0000);
        for (shift, mask) in [
            (16, 0x0000_FFFF_0000_FFFF_u64),
            (8, 0x00FF_00FF_00FF_00FF),
            (4, 0x0F0F_0F0F_0F0F_0F0F),
            (2, 0x3333_3333_3333_3333),
            (1, 0x5555_5555_5555_5555),
        ] {
            bits = (bits | (bits << shift)) & mask;
        }
        bits
    };
    spread(fixed[0]) | (spread(fixed[1]) << 1)
}
