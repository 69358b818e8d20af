//! Numbers that nobody can have measured at a door.

use misto_model::Venue;
use serde::Serialize;

/// A number that cannot be meant, and what could be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Implausible {
    /// The attribute of the venue.
    pub attribute: &'static str,
    /// Which of several entrances it is about, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entrance: Option<usize>,
    /// What stands there, in the attribute's unit.
    pub value: f64,
    /// The least that can be meant.
    pub least: f64,
    /// The most that can be meant.
    pub most: f64,
}

/// What cannot be meant among a venue's measurements: a door of 700 m, a slope of 120 %.
///
/// The ranges are Misto's own and wide: they catch a wrong unit, not a bad door.
pub fn implausible(venue: &Venue) -> Vec<Implausible> {
    let mut found = of_one_way_in(venue);
    for (index, entrance) in venue.entrances.iter().enumerate() {
        let there = of_one_way_in(&venue.by_way_of(entrance));
        found.extend(there.into_iter().map(|doubt| Implausible { entrance: Some(index + 1), ..doubt }));
    }
    found
}

fn of_one_way_in(venue: &Venue) -> Vec<Implausible> {
    [
        ("door_width_cm", venue.door_width_cm, 20.0, 1_000.0),
        ("threshold_height_cm", venue.threshold_height_cm, 0.0, 100.0),
        ("entrance_steps", venue.entrance_steps.map(f64::from), 0.0, 500.0),
        ("step_height_cm", venue.step_height_cm, 0.0, 100.0),
        ("ramp_slope_percent", venue.ramp_slope_percent, 0.0, 60.0),
        ("ramp_width_cm", venue.ramp_width_cm, 20.0, 2_000.0),
    ]
    .into_iter()
    .filter_map(|(attribute, value, least, most)| {
        let value = value.filter(|value| !(least..=most).contains(value))?;
        Some(Implausible { attribute, entrance: None, value, least, most })
    })
    .collect()
}
