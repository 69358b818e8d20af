//! Numbers that nobody can have measured at a door.

use misto_model::{Venue, WayIn};
use serde::Serialize;

use crate::plausible::plausible;

/// A number that cannot be meant, and what could be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Implausible {
    /// The attribute of the venue.
    pub attribute: &'static str,
    /// Which of several entrances or lifts it is about, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entrance: Option<usize>,
    /// What stands there, in the attribute's unit.
    pub value: f64,
    /// The least that can be meant.
    pub least: f64,
    /// The most that can be meant.
    pub most: f64,
}

/// A number as the rules may use it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Reading {
    /// Nobody measured.
    Absent,
    /// What stands there cannot be meant; it counts as not measured and is named.
    Doubtful(f64),
    /// Measured.
    Is(f64),
}

/// Reads one number of an attribute.
pub(super) fn read(attribute: &str, value: Option<f64>) -> Reading {
    match value {
        None => Reading::Absent,
        Some(value) => match plausible(attribute) {
            Some((least, most)) if !(least..=most).contains(&value) => Reading::Doubtful(value),
            _ => Reading::Is(value),
        },
    }
}

/// What cannot be meant among a venue's measurements: a door of 700 m, a slope of 120 %.
pub fn implausible(venue: &Venue) -> Vec<Implausible> {
    let mut found = doubtful(&of_way_in(&venue.way_in), None);
    found.extend(doubtful(&of_venue(venue), None));
    for (index, entrance) in venue.entrances.iter().enumerate() {
        found.extend(doubtful(&of_way_in(&entrance.way_in), Some(index + 1)));
    }
    for (index, lift) in venue.lifts.iter().enumerate() {
        let measured = [
            ("lift_door_width_cm", lift.lift_door_width_cm),
            ("car_width_cm", lift.car_width_cm),
            ("car_depth_cm", lift.car_depth_cm),
        ];
        found.extend(doubtful(&measured, Some(index + 1)));
    }
    found
}

fn doubtful(measured: &[(&'static str, Option<f64>)], entrance: Option<usize>) -> Vec<Implausible> {
    let doubt = |&(attribute, value): &(&'static str, Option<f64>)| {
        let Reading::Doubtful(value) = read(attribute, value) else { return None };
        let (least, most) = plausible(attribute)?;
        Some(Implausible { attribute, entrance, value, least, most })
    };
    measured.iter().filter_map(doubt).collect()
}

fn of_way_in(way: &WayIn) -> [(&'static str, Option<f64>); 9] {
    [
        ("door_width_cm", way.door_width_cm),
        ("threshold_height_cm", way.threshold_height_cm),
        ("door_turning_space_cm", way.door_turning_space_cm),
        ("entrance_steps", way.entrance_steps.map(f64::from)),
        ("step_height_cm", way.step_height_cm),
        ("ramp_slope_percent", way.ramp_slope_percent),
        ("ramp_length_cm", way.ramp_length_cm),
        ("ramp_width_cm", way.ramp_width_cm),
        ("bell_height_cm", way.bell_height_cm),
    ]
}

fn of_venue(venue: &Venue) -> [(&'static str, Option<f64>); 9] {
    let (parking, toilet) = (&venue.parking, &venue.toilet);
    [
        ("accessible_parking_spaces", parking.accessible_parking_spaces.map(f64::from)),
        ("parking_distance_m", parking.parking_distance_m),
        ("parking_width_cm", parking.parking_width_cm),
        ("parking_length_cm", parking.parking_length_cm),
        ("parking_max_height_cm", parking.parking_max_height_cm),
        ("toilet_door_width_cm", toilet.toilet_door_width_cm),
        ("toilet_turning_space_cm", toilet.toilet_turning_space_cm),
        ("toilet_seat_height_cm", toilet.toilet_seat_height_cm),
        ("washbasin_height_cm", toilet.washbasin_height_cm),
    ]
}
