//! How sure the predictor may say it is: quantiles of its own past errors.

use serde::{Deserialize, Serialize};

/// Upper ends of the horizons, minutes.
const HORIZONS_MIN: [f32; 5] = [3.0, 6.0, 10.0, 15.0, 30.0];
/// The parts of a range. The middle one leans to the early side: who is told a moment too
/// late misses the vehicle, who is told one too early waits. It costs nothing in accuracy:
/// near the median the mean error hardly depends on where one points.
pub(super) const LEVELS: [f32; 3] = [0.1, 0.45, 0.9];
const NORMAL: [f32; 3] = [-1.281_55, -0.125_66, 1.281_55];

/// For each horizon the standardised errors below which the parts in [`LEVELS`]
/// of the past arrivals stayed: stochastic approximation after Robbins and Monro.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Calibration {
    quantiles: [[f32; 3]; 6],
    counts: [f32; 6],
}

impl Default for Calibration {
    fn default() -> Self {
        Self { quantiles: [NORMAL; 6], counts: [0.0; 6] }
    }
}

impl Calibration {
    pub(super) fn learn(&mut self, horizon_s: f32, z: f32) {
        let class = HORIZONS_MIN.iter().filter(|end| horizon_s >= **end * 60.0).count();
        self.counts[class] += 1.0;
        let step = (4.0 / (self.counts[class] + 40.0)).max(0.002);
        for (quantile, level) in self.quantiles[class].iter_mut().zip(LEVELS) {
            let below = if z < *quantile { 1.0 } else { 0.0 };
            *quantile = (*quantile + step * (level - below)).clamp(-6.0, 6.0);
        }
        self.quantiles[class].sort_by(f32::total_cmp);
    }

    /// Between the middles of two horizons the quantiles go over into each other, so that
    /// one arrival does not jump as it comes nearer.
    pub(super) fn quantiles(&self, horizon_s: f32) -> [f32; 3] {
        const MIDDLES_S: [f32; 6] = [90.0, 270.0, 480.0, 750.0, 1_350.0, 2_700.0];
        let above = MIDDLES_S.iter().position(|middle| *middle > horizon_s);
        match above {
            None => self.quantiles[5],
            Some(0) => self.quantiles[0],
            Some(above) => {
                let (low, high) = (MIDDLES_S[above - 1], MIDDLES_S[above]);
                let part = (horizon_s - low) / (high - low);
                std::array::from_fn(|i| (1.0 - part) * self.quantiles[above - 1][i] + part * self.quantiles[above][i])
            }
        }
    }
}
