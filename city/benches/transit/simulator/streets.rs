//! Streets of the simulated city: a crooked grid, in metres around its middle.

use std::collections::HashMap;

use misto_model::Position;

use super::noise;
use super::random::Random;

/// Middle of the city, degrees north and east.
const MIDDLE: (f64, f64) = (48.92, 24.71);
/// Metres of one degree of latitude on the mean sphere (IUGG 1980, R1).
const METRES_PER_DEGREE: f64 = 111_195.08;
/// Metres between crossings.
const BLOCK_M: f64 = 430.0;

/// One direction of a street between two crossings.
pub struct Link {
    pub from: usize,
    pub to: usize,
    pub length_m: f64,
    pub free_m_s: f64,
    /// Where its stop is, metres from its start.
    pub stop_m: f64,
    /// The street and direction that it is part of.
    pub street: usize,
    /// How much longer it takes at the height of the peak, morning and afternoon.
    pub peak: [f64; 2],
}

/// A traffic light: green for east–west from `offset_s` on.
pub struct Light {
    offset_s: f64,
    /// Seconds that east–west has green.
    green_s: f64,
}

pub struct Streets {
    pub side: usize,
    pub nodes: Vec<[f64; 2]>,
    pub links: Vec<Link>,
    by_ends: HashMap<(usize, usize), usize>,
    lights: Vec<Option<Light>>,
}

/// Every third street is a main street.
fn is_main(line: usize) -> bool {
    line % 3 == 1
}

impl Streets {
    pub fn new(side: usize, random: &mut Random) -> Self {
        let half = (side - 1) as f64 / 2.0;
        let node = |i: usize, half: f64, random: &mut Random| {
            let (column, row) = ((i % side) as f64, (i / side) as f64);
            let crooked = (-55.0, 55.0);
            [(column - half) * BLOCK_M + random.between(crooked), (row - half) * BLOCK_M + random.between(crooked)]
        };
        let nodes: Vec<[f64; 2]> = (0..side * side).map(|i| node(i, half, random)).collect();
        let lights = (0..side * side).map(|i| light(is_main(i % side), is_main(i / side), random)).collect();
        let mut streets = Self { side, nodes, links: Vec::new(), by_ends: HashMap::new(), lights };
        for from in 0..side * side {
            let (column, row) = (from % side, from / side);
            for (to, inside) in [(from + 1, column + 1 < side), (from + side, row + 1 < side)] {
                if inside {
                    streets.pave(from, to, random);
                    streets.pave(to, from, random);
                }
            }
        }
        streets
    }

    fn pave(&mut self, from: usize, to: usize, random: &mut Random) {
        let (a, b) = (self.nodes[from], self.nodes[to]);
        let length_m = (a[0] - b[0]).hypot(a[1] - b[1]);
        let horizontal = from / self.side == to / self.side;
        let line = if horizontal { from / self.side } else { from % self.side };
        let street = (line * 2 + usize::from(horizontal)) * 2 + usize::from(from < to);
        // Traffic goes inwards in the morning and outwards in the afternoon.
        let inwards = b[0].hypot(b[1]) < a[0].hypot(a[1]);
        let (full, less) = (random.between(noise::PEAK_EXTRA), random.between(noise::PEAK_EXTRA) * 0.6);
        let peak = if inwards { [full, less] } else { [less, full] };
        self.by_ends.insert((from, to), self.links.len());
        self.links.push(Link {
            from,
            to,
            length_m,
            free_m_s: random.between(noise::FREE_SPEED_M_S) * if is_main(line) { 1.1 } else { 0.95 },
            stop_m: length_m * random.between((0.35, 0.65)),
            street,
            peak,
        });
    }

    pub fn node_at(&self, column: usize, row: usize) -> usize {
        row * self.side + column
    }

    /// The main street nearest to a place between 0 and 1 of the city's side.
    pub fn main_near(&self, part: f64) -> usize {
        let wanted = part * (self.side - 1) as f64;
        let off = |line: &usize| (*line as f64 - wanted).abs();
        (0..self.side).filter(|line| is_main(*line)).min_by(|a, b| off(a).total_cmp(&off(b))).unwrap_or(0)
    }

    /// Links through waypoints, each reached along its column or row first.
    pub fn path(&self, waypoints: &[usize]) -> Vec<usize> {
        let mut links = Vec::new();
        for pair in waypoints.windows(2) {
            let (mut here, end) = (pair[0], pair[1]);
            while here != end {
                let (column, row) = (here % self.side, here / self.side);
                let (to_column, to_row) = (end % self.side, end / self.side);
                let next = match (column.cmp(&to_column), row.cmp(&to_row)) {
                    (_, std::cmp::Ordering::Less) => here + self.side,
                    (_, std::cmp::Ordering::Greater) => here - self.side,
                    (std::cmp::Ordering::Less, _) => here + 1,
                    _ => here - 1,
                };
                links.push(self.by_ends[&(here, next)]);
                here = next;
            }
        }
        links
    }

    /// The same street the other way.
    pub fn opposite(&self, link: usize) -> usize {
        self.by_ends[&(self.links[link].to, self.links[link].from)]
    }

    /// Place on a link.
    pub fn place(&self, link: usize, along_m: f64) -> [f64; 2] {
        let link = &self.links[link];
        let (a, b, part) = (self.nodes[link.from], self.nodes[link.to], along_m / link.length_m);
        [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part]
    }

    /// Seconds that a vehicle waits at the end of a link when it comes there.
    pub fn wait_s(&self, link: usize, at_s: f64) -> f64 {
        let link = &self.links[link];
        let Some(light) = &self.lights[link.to] else { return 0.0 };
        let (start_s, green_s) = light.green(link.from / self.side == link.to / self.side);
        let in_cycle_s = (at_s - start_s).rem_euclid(noise::LIGHT_CYCLE_S);
        if in_cycle_s < green_s { 0.0 } else { noise::LIGHT_CYCLE_S - in_cycle_s }
    }

    /// What [`Self::wait_s`] is on average.
    pub fn mean_wait_s(&self, link: usize) -> f64 {
        let link = &self.links[link];
        let Some(light) = &self.lights[link.to] else { return 0.0 };
        let (_, green_s) = light.green(link.from / self.side == link.to / self.side);
        (noise::LIGHT_CYCLE_S - green_s).powi(2) / (2.0 * noise::LIGHT_CYCLE_S)
    }
}

impl Light {
    /// Begin and length of green for one of the two directions; five seconds between them clear the crossing.
    fn green(&self, horizontal: bool) -> (f64, f64) {
        if horizontal {
            (self.offset_s, self.green_s)
        } else {
            (self.offset_s + self.green_s + 5.0, noise::LIGHT_CYCLE_S - self.green_s - 10.0)
        }
    }
}

fn light(main_column: bool, main_row: bool, random: &mut Random) -> Option<Light> {
    let share = if main_column || main_row { noise::LIGHTS.0 } else { noise::LIGHTS.1 };
    let green_s = match (main_column, main_row) {
        (false, true) => noise::LIGHT_GREEN_S.0,
        (true, false) => noise::LIGHT_GREEN_S.1,
        _ => (noise::LIGHT_CYCLE_S - 10.0) / 2.0,
    };
    let offset_s = random.uniform() * noise::LIGHT_CYCLE_S;
    random.chance(share).then_some(Light { offset_s, green_s })
}

/// Degrees of a place in metres.
pub fn position([x, y]: [f64; 2]) -> Position {
    let metres_per_lon = METRES_PER_DEGREE * MIDDLE.0.to_radians().cos();
    Position::new(MIDDLE.1 + x / metres_per_lon, MIDDLE.0 + y / METRES_PER_DEGREE).expect("within the city")
}
