//! Venues with what was measured at their doors, and what a person needs.

use serde::{Deserialize, Serialize};

/// What was measured at a venue. Lengths in centimetres, slopes in percent, as
/// measured; `None` means that nobody measured it. The names are the attribute
/// names of a collection of venues.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Venue {
    /// Clear width of the entrance door.
    pub door_width_cm: Option<f64>,
    /// Height of the door's threshold.
    pub threshold_height_cm: Option<f64>,
    /// Steps between the pavement and the door; 0 is a level way.
    pub entrance_steps: Option<u32>,
    /// Height of the highest of these steps.
    pub step_height_cm: Option<f64>,
    /// Whether there is a ramp.
    pub has_ramp: Option<bool>,
    /// Steepest slope of the ramp.
    pub ramp_slope_percent: Option<f64>,
    /// Width of the ramp.
    pub ramp_width_cm: Option<f64>,
    /// Whether the ramp has handrails.
    pub ramp_handrails: Option<bool>,
    /// Whether staff can be called to the door (button, telephone).
    pub help_can_be_called: Option<bool>,
    /// Spaces for holders of a disability card near the entrance; 0 means none.
    pub accessible_parking_spaces: Option<u32>,
    /// Whether a wheelchair user can use a toilet here.
    pub accessible_toilet: Option<bool>,
    /// Information that can be heard (loop, announcements).
    pub audio_information: Option<bool>,
    /// Information that can be read from afar (large print, boards).
    pub visual_information: Option<bool>,
    /// Information that can be touched (strips, braille).
    pub tactile_information: Option<bool>,
}

/// How many steps a person can take at an entrance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepsAllowed {
    /// None: level or by a ramp.
    None,
    /// One.
    One,
    /// Any number.
    #[default]
    Any,
}

/// What a person needs. It is never stored and never logged.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AccessProfile {
    /// Width of the chair, centimetres.
    pub chair_width_cm: Option<f64>,
    /// Steepest slope the person can climb, percent.
    pub max_slope_percent: Option<f64>,
    /// Steps at the entrance.
    pub steps: StepsAllowed,
    /// Needs somebody to help at the door.
    pub needs_help: bool,
    /// Needs information to hear.
    pub needs_audio: bool,
    /// Needs information to see.
    pub needs_visual: bool,
    /// Needs information to touch.
    pub needs_tactile: bool,
    /// Needs a toilet for wheelchair users.
    pub needs_toilet: bool,
    /// Needs a parking space for holders of a disability card.
    pub needs_parking: bool,
}
