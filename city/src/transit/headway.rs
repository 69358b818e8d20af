//! How regular a route is: intervals now, and the report of a day.
//!
//! Headway is the time between successive vehicles at a stop, direction by direction.

use serde::{Deserialize, Serialize};

pub mod live;
pub mod report;
pub mod tides;

pub use live::{Follower, LineHeadways, PlannedHeadway, live};
pub use report::{DayReport, DayVisits, LineReport, StopReport, report};
pub use tides::{StopVisitRow, TripPerformed};

/// Below this part of the plan vehicles are bunched.
pub const BUNCHED: f64 = 0.25;
/// Above this part of the plan there is a gap.
pub const GAP: f64 = 1.5;
/// Seconds after plan within which a departure is on time: one minute early to five late.
pub const ON_TIME_S: std::ops::RangeInclusive<f64> = -60.0..=300.0;
/// Departures an hour from which on passengers come without looking at the timetable.
pub const HIGH_FREQUENCY_PER_H: f64 = 6.0;

/// An interval against the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Regularity {
    /// Under a quarter of the plan.
    Bunched,
    /// As planned, or near it.
    Regular,
    /// Over one and a half times the plan.
    Gap,
}

impl Regularity {
    /// Both in seconds; `None` when no interval is planned.
    pub fn of(headway_s: f64, planned_s: f64) -> Option<Self> {
        if planned_s <= 0.0 {
            return None;
        }
        Some(match headway_s / planned_s {
            part if part < BUNCHED => Self::Bunched,
            part if part > GAP => Self::Gap,
            _ => Self::Regular,
        })
    }
}

/// Mean wait of passengers who come at any moment, Σh²/(2Σh), in the unit of the
/// intervals; `None` without intervals.
pub fn average_wait(headways: &[f64]) -> Option<f64> {
    let sum: f64 = headways.iter().sum();
    (sum > 0.0).then(|| headways.iter().map(|h| h * h).sum::<f64>() / (2.0 * sum))
}

/// What passengers wait longer than planned: actual less scheduled average wait.
pub fn excess_wait(actual: &[f64], planned: &[f64]) -> Option<f64> {
    Some(average_wait(actual)? - average_wait(planned)?)
}

/// The middle value, of an even number the upper of the two; `None` without values. Sorts them.
pub fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests;
