//! A late vehicle finds more people at the stops, the one close behind it fewer: how
//! much a dwell grows with the interval before the vehicle. Newell and Potts (1964)
//! take the growth as proportional; the slope is learnt.

use serde::{Deserialize, Serialize};

/// Regression through the origin of dwell ÷ usual dwell − 1 on interval ÷ plan − 1.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Crowding {
    products: f32,
    squares: f32,
}

/// Squares that "no difference" is worth.
const WORTH: f32 = 100.0;
/// Sums are forgotten with this factor at each observation.
const KEPT: f32 = 1.0 - 1e-5;

impl Crowding {
    /// The interval ÷ its plan − 1, within what is believed.
    pub(super) fn gap(interval_s: f64, planned_s: f64) -> Option<f32> {
        (interval_s >= 0.0 && planned_s >= 60.0).then(|| (interval_s / planned_s - 1.0).clamp(-1.0, 1.5) as f32)
    }

    pub(super) fn learn(&mut self, gap: f32, dwell_s: f32, usual_s: f32) {
        if usual_s >= 3.0 {
            let grown = (dwell_s / usual_s - 1.0).min(3.0);
            self.products = self.products * KEPT + gap * grown;
            self.squares = self.squares * KEPT + gap * gap;
        }
    }

    /// By which a usual dwell is multiplied.
    pub(super) fn factor(self, gap: f32) -> f32 {
        let slope = (self.products / (self.squares + WORTH)).clamp(0.0, 1.5);
        (1.0 + slope * gap).max(0.1)
    }
}
