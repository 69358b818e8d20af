//! Milliseconds, counted in tenths.

/// Tenths of a millisecond that are told apart; what is later counts as the last.
const MOST: usize = 100_000;

/// How many took how long.
pub struct Spread {
    tenths: Vec<u64>,
    count: u64,
}

impl Default for Spread {
    fn default() -> Self {
        Self { tenths: vec![0; MOST + 1], count: 0 }
    }
}

impl Spread {
    /// Counts one.
    pub fn add(&mut self, micros: i64) {
        let tenths = usize::try_from(micros / 100).unwrap_or(0).min(MOST);
        self.tenths[tenths] += 1;
        self.count += 1;
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Milliseconds within which this part of all arrived.
    pub fn part(&self, part: f64) -> f64 {
        let wanted = (self.count as f64 * part).ceil().max(1.0) as u64;
        let mut so_far = 0;
        let reached = self.tenths.iter().position(|count| {
            so_far += count;
            so_far >= wanted
        });
        reached.map_or(f64::NAN, |tenths| tenths as f64 / 10.0)
    }
}
